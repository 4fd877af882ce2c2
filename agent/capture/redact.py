"""Solid boxes over what is personal, drawn into the picture before anything keeps or sends it.

A blur can be undone and a box drawn at display time can be forgotten, so the pixels themselves are
overwritten; text is read again from the covered picture, never carried over from the uncovered one.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.capture.container import only_pixels
from agent.capture.frames import FORMATS, Box, Frame
from agent.capture.personal import Piece, find_personal
from agent.capture.text_like import may_hold_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from agent.reader.ocr import Line, LineReader

COLOR = (0, 0, 0)
QUALITY = 90
_ROUNDS = 3
"""A covered picture is read again; what only then shows is covered, too, this often at most."""


def redact_picture(frame: Frame, reader: LineReader) -> Frame:
    """The frame with everything personal that OCR finds on it covered, and its lines of text.

    Args:
        frame: an admitted picture.
        reader: reads the lines; one reader for a session makes repeats cheap.
    """
    rgb = frame.rgb()
    lines = reader.read(rgb)
    for _ in range(_ROUNDS):
        boxes = personal_boxes(lines)
        if not boxes:
            break
        frame = cover(frame, boxes)
        lines = reader.read(frame.rgb())
    return replace(frame, lines=tuple(lines), checked=True)


def personal_boxes(lines: Sequence[Line], at: tuple[int, int] = (0, 0)) -> list[Box]:
    """Boxes over what is personal in lines of text; `at` is added to every place."""
    pieces = [Piece(line.text, line.left, line.top, line.right, line.bottom) for line in lines]
    boxes = []
    for found in find_personal(pieces):
        left, top, right, bottom = _stretch(lines[found.piece], found.start, found.end)
        boxes.append(Box(left + at[0], top + at[1], right + at[0], bottom + at[1], found.kind))
    return boxes


def _stretch(line: Line, start: int, end: int) -> tuple[int, int, int, int]:
    """The box of some characters of a line; the whole line where most of it is meant."""
    text = line.text
    before = sum(not c.isspace() for c in text[:start])
    inside = sum(not c.isspace() for c in text[start:end])
    total = sum(not c.isspace() for c in text)
    pad = max(2, round(0.12 * line.height))
    left, right = float(line.left - pad), float(line.right + pad)
    if inside < 0.7 * total and len(line.centers) == total and inside:
        wide = (line.right - line.left) / max(1, len(text))
        # Half a character beyond the outer ones, and a little: centres are those of a grid.
        if before:
            left = line.centers[before] - 1.3 * wide
        if before + inside < total:
            right = line.centers[before + inside - 1] + 1.3 * wide
    return round(left), line.top - pad, round(right), line.bottom + pad


def cover(frame: Frame, boxes: Iterable[Box]) -> Frame:
    """The frame with the boxes filled, written anew in its own format; itself without boxes."""
    from PIL import Image, ImageDraw

    inside = [box for box in (_clipped(box, frame) for box in boxes) if box is not None]
    if not inside:
        return frame
    with Image.open(io.BytesIO(frame.data), formats=FORMATS) as opened:
        picture = opened.convert("RGB")
    draw = ImageDraw.Draw(picture)
    for box in inside:
        draw.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), fill=COLOR)
    data = encode(picture, frame.media_type)
    digest = hashlib.sha256(data).hexdigest()
    return replace(frame, digest=digest, data=data, boxes=(*frame.boxes, *inside), lines=None)


def encode(picture: object, media_type: str) -> bytes:
    """A Pillow picture as PNG, JPEG or WebP without metadata."""
    from PIL import Image

    if not isinstance(picture, Image.Image):
        raise TypeError("a Pillow picture is wanted")
    out = io.BytesIO()
    kind = media_type.removeprefix("image/").upper()
    if kind == "PNG":
        picture.save(out, "PNG", compress_level=3)
    elif kind == "JPEG":
        picture.save(out, "JPEG", quality=QUALITY)
    else:
        picture.save(out, "WEBP", quality=QUALITY, method=2)
    return only_pixels(out.getvalue(), kind)


@dataclass(frozen=True)
class Area:
    """A picture on a page, which no DOM tells the text of."""

    left: int
    top: int
    right: int
    bottom: int
    name: str = ""
    """Names what it shows, so that it need not be read twice; empty where that may change."""


class AreaReader:
    """Looks for personal text inside the pictures of pages; one seen before costs nothing."""

    MOST_KEPT = 20_000

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader
        self._known: dict[object, list[Box]] = {}
        self.read_pixels = 0
        """Pixels that went through OCR."""

    def boxes(self, rgb: npt.NDArray[np.uint8], areas: Sequence[Area]) -> list[Box]:
        """Boxes on the picture, in its pixels."""
        found: list[Box] = []
        fresh: list[tuple[object, int, int, npt.NDArray[np.uint8]]] = []
        if len(self._known) > self.MOST_KEPT:
            self._known.clear()
        for area in areas:
            left, top, right, bottom = _inside(
                (area.left, area.top, area.right, area.bottom), rgb.shape[1], rgb.shape[0]
            )
            if right - left < 24 or bottom - top < 8:
                continue
            crop = rgb[top:bottom, left:right]
            size = (area.right - area.left, area.bottom - area.top)
            part = (left - area.left, top - area.top, right - left, bottom - top)
            key: object = (area.name, size, part)
            if not area.name:
                key = hashlib.sha256(repr(crop.shape).encode() + crop.tobytes()).digest()
            # Of a picture that was seen in full, every part is known.
            whole = self._known.get((area.name, size, (0, 0, *size))) if area.name else None
            if whole is not None:
                found += [_moved(box, area.left, area.top) for box in whole]
            elif key in self._known:
                found += [_moved(box, left, top) for box in self._known[key]]
            elif crop[..., 1].std() < 2 or not may_hold_text(crop):
                self._known[key] = []
            else:
                fresh.append((key, left, top, crop))
        for (key, left, top, _), boxes in zip(
            fresh, self._read([f[3] for f in fresh]), strict=True
        ):
            self._known[key] = boxes
            found += [_moved(box, left, top) for box in boxes]
        return found

    def _read(self, crops: Sequence[npt.NDArray[np.uint8]]) -> list[list[Box]]:
        """What is personal in each crop; all are searched on one sheet, which is much cheaper."""
        if not crops:
            return []
        sheet, places = _sheet(crops)
        self.read_pixels += sheet.shape[0] * sheet.shape[1]
        lines = self._reader.read_part(sheet)
        found = []
        for (left, top), crop in zip(places, crops, strict=True):
            right, bottom = left + crop.shape[1], top + crop.shape[0]
            own = [
                line
                for line in lines
                if left - _RIM <= (line.left + line.right) / 2 <= right + _RIM
                and top - _RIM <= (line.top + line.bottom) / 2 <= bottom + _RIM
            ]
            found.append(personal_boxes(own, at=(-left, -top)))
        return found


_RIM = 10
_SHEET = 1280


def _sheet(
    crops: Sequence[npt.NDArray[np.uint8]],
) -> tuple[npt.NDArray[np.uint8], list[tuple[int, int]]]:
    """The crops in rows on one picture, each with a rim of its own edge, and where each begins.

    Text that touches an edge is not found without a rim.
    """
    import numpy as np

    width = max(_SHEET, max(crop.shape[1] for crop in crops) + 2 * _RIM)
    places: list[tuple[int, int]] = []
    left, top, row = 0, 0, 0
    for crop in crops:
        if left + crop.shape[1] + 2 * _RIM > width:
            left, top, row = 0, top + row, 0
        places.append((left + _RIM, top + _RIM))
        left += crop.shape[1] + 2 * _RIM
        row = max(row, crop.shape[0] + 2 * _RIM)
    used = max(x + c.shape[1] + _RIM for (x, _), c in zip(places, crops, strict=True))
    sheet = np.full((top + row, used, 3), 255, np.uint8)
    for (x, y), crop in zip(places, crops, strict=True):
        rimmed = np.pad(crop, ((_RIM, _RIM), (_RIM, _RIM), (0, 0)), mode="edge")
        sheet[y - _RIM : y - _RIM + rimmed.shape[0], x - _RIM : x - _RIM + rimmed.shape[1]] = rimmed
    return sheet, places


def _inside(area: tuple[int, int, int, int], width: int, height: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = area
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def _moved(box: Box, right: int, down: int) -> Box:
    return Box(box.left + right, box.top + down, box.right + right, box.bottom + down, box.kind)


def _clipped(box: Box, frame: Frame) -> Box | None:
    left, top, right, bottom = _inside(
        (box.left, box.top, box.right, box.bottom), frame.width, frame.height
    )
    if left >= right or top >= bottom:
        return None
    return Box(left, top, right, bottom, box.kind)
