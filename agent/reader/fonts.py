"""Type for drawing text of any script: the fonts of this machine, found through fontconfig.

Pillow draws with one font at a time and its own knows Latin letters alone, so a text is cut into
stretches that one installed font covers. Without fontconfig, or where no font has a character,
Pillow's own font draws a question mark.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

_FORMAT = "%{file}\t%{index}\t%{charset}"


@dataclass(frozen=True)
class Face:
    """A font file and the characters that it has; without a file it is Pillow's own font."""

    file: str | None
    index: int = 0
    ranges: tuple[tuple[int, int], ...] = field(default=((0x20, 0xFF),))
    """First and last code point of each stretch."""

    def has(self, character: str) -> bool:
        """Whether the font can draw a character."""
        return any(first <= ord(character) <= last for first, last in self.ranges)


OWN = Face(None)


def text_width(text: str, size: int) -> float:
    """How wide `draw_text` draws a text, in pixels."""
    return float(sum(_font(face, size).getlength(part) for face, part in stretches(text)))


def draw_text(pen: Any, place: tuple[float, float], text: str, size: int, fill: Any) -> None:
    """Draw a text, its ascenders' top left at `place`; `pen` is a PIL.ImageDraw."""
    left, top = place
    for face, part in stretches(text):
        font = _font(face, size)
        # On one baseline, though the fonts differ in height.
        pen.text((left, top + 0.93 * size), part, font=font, fill=fill, anchor="ls")
        left += font.getlength(part)


def stretches(text: str) -> list[tuple[Face, str]]:
    """The text cut where another font is needed, in order; together they are as long as it."""
    faces = [face_of(c) for c in text]
    found = []
    for face, group in groupby(zip(faces, text, strict=True), key=lambda pair: pair[0]):
        part = "".join(c for _, c in group)
        found.append((face, part if face.file else _own(part)))
    return found


@cache
def face_of(character: str) -> Face:
    """A font of this machine that has a character; Pillow's own where there is none."""
    usual = _matched("sans-serif")
    for face in ([usual] if usual is not None else []) + _others():
        if face.has(character):
            return face
    found = _matched(f"sans-serif:charset={ord(character):x}")
    if found is None or not found.has(character):
        return OWN
    _others().append(found)
    return found


@cache
def _others() -> list[Face]:
    """The fonts that other characters have needed so far: the next ones need them too."""
    return []


@cache
def _matched(pattern: str) -> Face | None:
    program = shutil.which("fc-match")
    if program is None:
        return None
    told = subprocess.run(
        [program, "-f", _FORMAT, pattern], capture_output=True, check=False, timeout=20
    )
    parts = told.stdout.decode("utf-8", "replace").split("\t")
    if told.returncode or len(parts) != 3 or not parts[0]:
        return None
    file, index, charset = parts
    ranges = []
    for stretch in charset.split():
        first, _, last = stretch.partition("-")
        ranges.append((int(first, 16), int(last or first, 16)))
    # The upper half of fontconfig's index numbers an instance of a variable font.
    return Face(file, int(index or 0) & 0xFFFF, tuple(ranges))


@cache
def _font(face: Face, size: int) -> Any:
    from PIL import ImageFont

    if face.file is None:
        return ImageFont.load_default(size)
    return ImageFont.truetype(face.file, size, index=face.index)


def _own(text: str) -> str:
    """The text with what Pillow's own font lacks shown as a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
