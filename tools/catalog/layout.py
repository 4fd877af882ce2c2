"""How a catalogue lies on disk, and how one version gives way to the next.

::

    CATALOG/
      manifest.json     what is in force: files with SHA-256, counts, encoder, currency
      v000001/          products.sqlite, columns.npz, vocabulary.json, embeddings.npy,
                        lexicon.npz, lexicon_codes.npy, words.json; index.faiss where there are
                        more than 1e5 products; patch.npy and slots.npy after an update
      encoder-3f2a…/    the query encoder: encoder.json, model.onnx, tokenizer.json
      quarantine.jsonl  rows that were not usable, with line and reason

A version is written into a folder of its own; then `manifest.json` is replaced in one step, and
that is the switch. A reader holds the files that it opened, so it goes on undisturbed; a writer
that dies leaves the old manifest, so the old version stays whole. Nothing is ever unpickled.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.errors import CatalogError
from tools.text import file_digest

FORMAT = "interarec-catalog/4"
MANIFEST = "manifest.json"
QUARANTINE = "quarantine.jsonl"
_FILE_NAME = re.compile(r"(v\d{6}|encoder-[0-9a-f]{8,64})/[A-Za-z0-9_-][A-Za-z0-9._-]*")
_REQUIRED = ("name", "rows", "priced", "currency", "dimension", "metric", "index", "encoder",
             "files")  # fmt: skip


def seal(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with `version`: SHA-256 over everything else in it."""
    body = {key: value for key, value in manifest.items() if key != "version"}
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return {**body, "version": hashlib.sha256(canonical.encode()).hexdigest()}


def read_manifest(
    folder: Path, verify: bool = True, verified: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The manifest in force, after every file that it names was checked against its digest.

    Args:
        folder: the catalogue.
        verify: also read every file through (about a second per gigabyte); sizes are checked
            in any case.
        verified: files with digests that were checked before and are not read again.

    Raises:
        CatalogError: no catalogue there, another format, or a file that is missing or altered;
            the message names it.
    """
    path = folder / MANIFEST
    if not folder.is_dir():
        raise CatalogError(f"there is no catalogue folder {folder}")
    if not path.is_file():
        raise CatalogError(f"{folder} is not a catalogue: it has no {MANIFEST}")
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise CatalogError(f"{path} cannot be read as JSON") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise CatalogError(
            f"{path} does not describe a catalogue of the format {FORMAT}; build it again"
        )
    if seal(manifest)["version"] != manifest.get("version"):
        raise CatalogError(f"{path} was altered after it was written")
    if missing := [key for key in _REQUIRED if key not in manifest]:
        raise CatalogError(f"{path} lacks {missing[0]!r}")
    for name, expected in manifest["files"].items():
        if not _FILE_NAME.fullmatch(name):
            raise CatalogError(f"{path} names a file outside the catalogue: {name!r}")
        file = folder / name
        if not file.is_file() or file.is_symlink():
            raise CatalogError(f"{file} is missing from the catalogue")
        if file.stat().st_size != expected["bytes"]:
            raise CatalogError(f"{file} was altered: its size is not what the manifest says")
        if (verified or {}).get(name) == expected:
            continue
        if verify and file_digest(file) != expected["sha256"]:
            raise CatalogError(f"{file} was altered: its digest is not what the manifest says")
    return manifest


def describe_files(folder: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """Name -> digest and size, for the manifest."""
    return {
        name: {"sha256": file_digest(folder / name), "bytes": (folder / name).stat().st_size}
        for name in names
    }


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the catalogue against other writers; readers are not held up.

    Raises:
        CatalogError: the folder holds something else than a catalogue, or another process is
            writing it now.
    """
    if folder.exists() and not folder.is_dir():
        raise CatalogError(f"{folder} is a file, not a folder for a catalogue")
    if folder.is_dir() and not (folder / MANIFEST).exists():
        foreign = [p.name for p in folder.iterdir() if not _ours(p.name)]
        if foreign:
            raise CatalogError(f"{folder} is not empty and not a catalogue (it has {foreign[0]!r})")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(f"{folder} cannot be made: {error.strerror}") from None
    with locked(folder / ".lock", folder):
        yield


@contextmanager
def locked(lock: Path, what: object) -> Iterator[None]:
    """Hold a lock file as long as the block lasts.

    Raises:
        CatalogError: another process holds it; `what` it writes is named.
    """
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CatalogError(f"{what} is being written by another process") from None
        yield


def _ours(name: str) -> bool:
    return name in {".lock", QUARANTINE, MANIFEST, MANIFEST + ".new"} or bool(
        re.fullmatch(r"v\d{6}|encoder-[0-9a-f]+|\.quarantine-\w+", name)
    )


def new_version_folder(folder: Path) -> Path:
    """An empty folder for the next version; what a dead writer left is swept first."""
    held = _named_files(folder)
    numbers = [int(n[1:7]) for n in held if n.startswith("v")]
    _sweep(folder, held)
    made = folder / f"v{max(numbers, default=0) + 1:06d}"
    made.mkdir()
    return made


def named_folders(folder: Path) -> set[str]:
    """Version and encoder folders that the manifest in force or the one before it uses."""
    return {name.partition("/")[0] for name in _named_files(folder)}


def _named_files(folder: Path) -> set[str]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):  # none, or one that nobody can read any more
        return set()
    return {str(n) for n in (*manifest.get("files", {}), *manifest.get("previous_files", []))}


def _sweep(folder: Path, keep: set[str]) -> None:
    folders = {name.partition("/")[0] for name in keep}
    for path in folder.iterdir():
        if not path.is_dir() or not _ours(path.name):
            continue
        if path.name not in folders:
            shutil.rmtree(path)
            continue
        for file in path.iterdir():
            if f"{path.name}/{file.name}" not in keep:
                file.unlink()


def publish(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Put a manifest in force, in one step, and drop what neither it nor its predecessor uses.

    Returns:
        The manifest as written, with its version.
    """
    path = folder / MANIFEST
    try:
        previous = list(json.loads(path.read_text("utf-8"))["files"])
    except (FileNotFoundError, ValueError):  # none, or one that nobody can read any more
        previous = []
    sealed = seal({**manifest, "format": FORMAT, "previous_files": previous})
    fresh = folder / (MANIFEST + ".new")
    with fresh.open("w", encoding="utf-8") as stream:
        json.dump(sealed, stream, indent=1, allow_nan=False)
        stream.flush()
        os.fsync(stream.fileno())
    for name in {str(n).partition("/")[0] for n in sealed["files"]}:
        _sync_folder(folder / name)
    os.replace(fresh, path)
    _sync_folder(folder)
    _sweep(folder, _named_files(folder))
    return sealed


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
