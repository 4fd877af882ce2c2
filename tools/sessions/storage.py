"""A model on disk: arrays as safetensors, settings as JSON, and a digest for every file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import MissingExtra, SessionError

MANIFEST = "manifest.json"
ARRAYS = "arrays.safetensors"
ITEMS = "items.json"
FORMAT = "interarec-session-model"
VERSION = 2


def write_model(
    folder: Path,
    name: str,
    settings: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    item_ids: Sequence[str] | None = None,
) -> None:
    """Write a model; the manifest comes last, so that a broken-off write is noticed.

    Args:
        folder: made if it does not stand yet.
        name: of the model in `tools.sessions.registry`.
        settings: JSON values that `load` needs.
        arrays: name to array; bool, int and float types.
        item_ids: the vocabulary, when the model keeps its own.
    """
    try:
        from safetensors.numpy import save
    except ImportError as error:
        raise MissingExtra("saving a session model", "models") from error

    folder.mkdir(parents=True, exist_ok=True)
    contents = {ARRAYS: save({k: np.ascontiguousarray(v) for k, v in arrays.items()})}
    if item_ids is not None:
        contents[ITEMS] = json.dumps(list(item_ids), ensure_ascii=True).encode()
    files = {}
    for file, content in contents.items():
        _replace(folder / file, content)
        files[file] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "model": name,
        "settings": dict(settings),
        "files": files,
    }
    _replace(folder / MANIFEST, json.dumps(manifest, indent=1).encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a saved model.

    Raises:
        SessionError: the folder holds no session model, or one of a later version.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise SessionError(f"{folder} holds no session model (no {MANIFEST})") from None
    except (OSError, ValueError) as error:
        raise SessionError(f"{path} cannot be read: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise SessionError(f"{path} does not describe a session model")
    if manifest.get("version") != VERSION:
        raise SessionError(f"{path} is of version {manifest.get('version')}, not {VERSION}")
    return manifest


def read_model(
    folder: Path,
) -> tuple[dict[str, Any], dict[str, NDArray[Any]], list[str] | None]:
    """Settings, arrays and vocabulary of a saved model, after every digest was checked.

    Raises:
        SessionError: a file is missing, altered or cut short.
    """
    try:
        from safetensors.numpy import load
    except ImportError as error:
        raise MissingExtra("reading a session model", "models") from error

    manifest = read_manifest(folder)
    contents: dict[str, bytes] = {}
    for file, told in manifest["files"].items():
        try:
            content = (folder / Path(file).name).read_bytes()
        except OSError as error:
            raise SessionError(f"{folder / file} cannot be read: {error}") from None
        if hashlib.sha256(content).hexdigest() != told["sha256"]:
            raise SessionError(
                f"{folder / file} is not the file that was saved: {len(content)} of "
                f"{told['bytes']} bytes, or altered (its digest differs)"
            )
        contents[file] = content
    items = json.loads(contents[ITEMS]) if ITEMS in contents else None
    # Copies lie on their own at aligned addresses; in the file's bytes compiled loops are slow.
    arrays = {name: array.copy() for name, array in load(contents[ARRAYS]).items()}
    return manifest["settings"], arrays, items


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_bytes(content)
    os.replace(temporary, path)
