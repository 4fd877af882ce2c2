"""Frames from files and folders, in the order in which a person would show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from agent.capture.container import kind_of
from agent.capture.frames import FORMATS, Frame, Refusal
from agent.capture.gate import MAX_BYTES, admit
from tools.errors import FrameRefused, InputError

# A file of a folder that looks like a picture by its name is tried, so that a broken one is named.
_PICTURE_SUFFIXES = {
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"),
    *(".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif", ".svg"),
}


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which `shot 2` comes before `shot 10`: digits count as numbers.

    Letters compare without case; every run of digits or of other characters is one element.
    """
    return tuple(
        (0, int(run), run) if run.isdecimal() else (1, 0, run.casefold())
        for run in re.findall(r"\d+|\D+", name)
    )


def pictures_in(folder: Path) -> list[Path]:
    """The picture files directly in a folder, in natural order of their names.

    Hidden files and sub-folders are passed over. A file counts when its suffix is that of a
    picture, or when its first bytes are those of a PNG, JPEG or WebP.
    """
    found = [p for p in folder.iterdir() if not p.name.startswith(".") and p.is_file()]
    return sorted(
        (p for p in found if p.suffix.casefold() in _PICTURE_SUFFIXES or _starts_as_picture(p)),
        key=lambda p: (natural_key(p.name), p.name),
    )


def collect(
    paths: Sequence[Path], let_in: Callable[[bytes, str], Frame] = admit
) -> tuple[list[Frame], list[Refusal]]:
    """Let in the pictures of files and folders: (frames in order, the files refused and why).

    `let_in` gives the frame of a picture's bytes and name, or raises FrameRefused. Files stand in
    the order given; a folder gives its pictures in natural order at its place.

    Raises InputError for a path that does not exist, is neither file nor folder, or is a folder
    without pictures: that is a slip in the request, not a bad picture.
    """
    frames: list[Frame] = []
    refused: list[Refusal] = []
    # The same bytes again need no second look: only the name differs.
    known: dict[bytes, Frame] = {}
    for file in _files(paths):
        try:
            data = read_picture(file)
            mark = sha256(data).digest()
            if mark in known:
                frames.append(replace(known[mark], name=str(file)))
            else:
                known[mark] = let_in(data, str(file))
                frames.append(known[mark])
        except FrameRefused as error:
            refused.append(Refusal(str(file), error.code, str(error)))
    return frames, refused


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        try:
            if path.is_dir():
                inside = pictures_in(path)
                if not inside:
                    raise InputError(f"the folder {path} holds no pictures")
                files.extend(inside)
            elif path.is_file():
                files.append(path)
            elif path.exists():
                raise InputError(f"{path} is neither a file nor a folder")
            else:
                raise InputError(f"there is no file {path}")
        except (OSError, ValueError) as error:  # no permission, a name too long, a NUL in it
            raise InputError(f"{str(path)!r} cannot be opened: {_why(error)}") from None
    return files


def read_picture(file: Path) -> bytes:
    """The bytes of a file that could be a picture.

    Raises FrameRefused with code `too_large` or `unreadable`.
    """
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:  # refused before a byte of it is in memory
            raise FrameRefused(
                "too_large",
                f"{file} has {size / 2**20:,.0f} MiB; at most {MAX_BYTES // 2**20} are read",
            )
        return file.read_bytes()
    except OSError as error:
        raise FrameRefused("unreadable", f"{file} cannot be read: {_why(error)}") from None


def _starts_as_picture(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return kind_of(stream.read(64)) in FORMATS
    except OSError:
        return False


def _why(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
