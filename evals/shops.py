"""Small shops of suites: a file of products, made into a catalogue once."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import CaseError

if TYPE_CHECKING:
    from tools.catalog import Catalog


@lru_cache(maxsize=8)
def shop(rows: Path, home: Path) -> Catalog:
    """The catalogue of a file of products; built where it is not there yet.

    Words are hashed rather than embedded, so that no model is needed.

    Args:
        rows: products, one JSON object a line.
        home: the catalogue is kept below it, under the digest of the rows.

    Raises:
        CaseError: the file is missing.
        CatalogError: it holds no usable catalogue.
    """
    from tools.catalog import Catalog, build_catalog
    from tools.catalog.layout import FORMAT

    try:
        data = rows.read_bytes()
    except OSError as error:
        raise CaseError(f"{rows}: cannot be read: {error.strerror}") from None
    digest = sha256(FORMAT.encode() + data).hexdigest()[:16]
    folder = home / "evals" / "shops" / digest
    if not folder.is_dir():
        build_catalog(rows, folder, encoder="hashing", progress=False, name=rows.stem, home=home)
    return Catalog.open(folder)
