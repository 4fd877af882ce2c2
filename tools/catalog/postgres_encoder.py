"""The query encoder of a catalogue on a server: its files go there and come from there."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.errors import CatalogError

if TYPE_CHECKING:
    from tools.catalog.postgres_schema import Cursor
    from tools.catalog.postgres_server import Snapshot


def store_encoder(cursor: Cursor, folder: Path, digest: str) -> dict[str, str]:
    """Put the query encoder's files on the server; gives name -> SHA-256."""
    files = {}
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        files[path.name] = hashlib.sha256(content).hexdigest()
        cursor.execute(
            "INSERT INTO encoders VALUES (%s, %s, %s, %s) ON CONFLICT (digest, name) "
            "DO UPDATE SET sha256 = excluded.sha256, content = excluded.content",
            (digest, path.name, files[path.name], content),
        )
    return files


def fetch_encoder(snapshot: Snapshot, described: dict[str, Any], home: Path) -> Path:
    """The folder of the query encoder, fetched once and kept under the home folder.

    Args:
        snapshot: of the version.
        described: the manifest's `encoder` entry.
        home: where encoders are kept.

    Raises:
        CatalogError: a file on the server is not the one that the manifest names.
    """
    folder: Path = home / "encoders" / described["digest"][:16] / "served"
    if folder.is_dir():
        return folder
    with snapshot.reading() as cursor:
        files = cursor.execute(
            "SELECT name, content FROM encoders WHERE digest = %s", (described["digest"],)
        ).fetchall()
    expected: dict[str, str] = described["files"]
    got = {name: bytes(content) for name, content in files if name in expected}
    for name, digest in expected.items():
        if hashlib.sha256(got.get(name, b"")).hexdigest() != digest:
            raise CatalogError(
                f"the encoder's file {name!r} on {snapshot.server.address} was altered"
            )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "served"
        made.mkdir()
        for name, content in got.items():
            (made / name).write_bytes(content)
        if not folder.exists():
            shutil.move(made, folder)
    return folder
