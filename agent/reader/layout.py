"""From recognised lines to pieces of text with their type: size, ink colour, weight, strike.

A detected line may run over several columns or hold several prices; it is cut where the gap
between two characters is wide. Pieces of one style that follow each other form a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from agent.reader.changes import Pixels
from agent.reader.ocr import Line

BOLDER = 1.22
"""Strokes this much thicker are another weight; lines of one weight differ by some 4 per cent."""


@dataclass(frozen=True)
class Ink:
    """How a piece of text is drawn, measured on its pixels."""

    height: float
    """Height of the drawn type in pixels, without the margin of the detected box."""
    color: tuple[int, int, int]
    contrast: float
    """Difference in lightness between type and ground, 0 to 255; pale type has little."""
    weight: float
    """Share of the type's rectangle that is covered with ink; bold type has more."""
    top: float
    struck: bool = False
    """A line is drawn through the middle."""
    stroke: float = 0.0
    """Mean thickness of the strokes in pixels: that of bold type is a quarter more, or above."""


@dataclass(frozen=True)
class Piece:
    """A stretch of one line of text without wide gaps."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    centers: tuple[float, ...] = ()
    """Horizontal centre of every character that is not white space."""
    score: float = 1.0
    ink: Ink | None = None
    on_picture: bool = False
    """Its surroundings are not flat: it is printed on a picture."""

    @property
    def height(self) -> float:
        """Height of the detected box."""
        return self.bottom - self.top

    @property
    def size(self) -> float:
        """Height of the type: of the ink where it was measured, else of the box."""
        return self.ink.height if self.ink else 0.68 * self.height

    @property
    def middle(self) -> float:
        """Vertical middle."""
        return (self.top + self.bottom) / 2

    @property
    def center(self) -> float:
        """Horizontal middle."""
        return (self.left + self.right) / 2

    def span(self, start: int, end: int) -> tuple[float, float]:
        """Left and right edge of the characters text[start:end], in picture pixels."""
        skipped = sum(not c.isspace() for c in self.text[:start])
        count = sum(not c.isspace() for c in self.text[start:end])
        inside = self.centers[skipped : skipped + count]
        if not inside or len(self.centers) < 2:
            width = (self.right - self.left) / max(1, len(self.text))
            return self.left + start * width, self.left + end * width
        half = (self.right - self.left) / max(1, len(self.text)) / 2
        return max(self.left, inside[0] - half), min(self.right, inside[-1] + half)


@dataclass(frozen=True)
class Paragraph:
    """Pieces of one style below each other: a title that runs over several lines."""

    pieces: tuple[Piece, ...]
    text: str = field(default="")

    @property
    def left(self) -> float:
        """Left edge."""
        return min(p.left for p in self.pieces)

    @property
    def right(self) -> float:
        """Right edge."""
        return max(p.right for p in self.pieces)

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.pieces[0].top

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.pieces[-1].bottom

    @property
    def center(self) -> float:
        """Horizontal middle."""
        return (self.left + self.right) / 2

    @property
    def size(self) -> float:
        """Height of the type."""
        return float(np.median([p.size for p in self.pieces]))


def pieces_of(lines: Sequence[Line], rgb: Pixels | None = None) -> list[Piece]:
    """The lines cut at wide gaps, with their ink measured where the picture is given."""
    found = [piece for line in lines for piece in _cut(line)]
    if rgb is not None:
        free = np.ones(rgb.shape[:2], bool)
        for p in found:
            free[int(p.top) : int(np.ceil(p.bottom)), int(p.left) : int(np.ceil(p.right))] = False
        found = [
            replace(
                p,
                ink=measure_ink(rgb, p.left, p.top, p.right, p.bottom),
                on_picture=_is_uneven(rgb, free, p),
            )
            for p in found
        ]
    return sorted(found, key=lambda p: (p.top, p.left))


def _cut(line: Line) -> list[Piece]:
    """Cut where two neighbouring characters stand further apart than columns of words do."""
    text, centers = line.text, line.centers
    whole = Piece(text, line.left, line.top, line.right, line.bottom, centers, line.score)
    if len(centers) < 4 or len(centers) != sum(not c.isspace() for c in text):
        return [replace(whole, centers=())] if len(centers) < 4 else [whole]
    positions = [i for i, c in enumerate(text) if not c.isspace()]
    wide = max(1.5 * line.height, 4 * (line.right - line.left) / max(1, len(text)))
    cuts = [0]
    cuts += [k for k in range(1, len(centers)) if centers[k] - centers[k - 1] > wide]
    cuts.append(len(centers))
    if len(cuts) == 2:
        return [whole]
    half = (line.right - line.left) / max(1, len(text)) / 2
    return [
        replace(
            whole,
            text=text[positions[a] : positions[b - 1] + 1],
            left=max(line.left, centers[a] - half),
            right=min(line.right, centers[b - 1] + half),
            centers=centers[a:b],
        )
        for a, b in pairwise(cuts)
    ]


def measure_ink(rgb: Pixels, left: float, top: float, right: float, bottom: float) -> Ink | None:
    """The type inside a rectangle; None where there is no contrast at all."""
    crop = rgb[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))]
    if crop.shape[0] < 4 or crop.shape[1] < 3:
        return None
    light = crop @ np.array([0.299, 0.587, 0.114])
    # The ground is the commonest lightness; type never covers half of its box.
    ground = float(np.median(light))
    apart = np.abs(light - ground)
    contrast = float(np.percentile(apart, 98))
    if contrast < 18:
        return None
    inked = apart > 0.45 * contrast
    rows = inked.mean(axis=1)
    full = np.flatnonzero(rows > 0.02)
    if not full.size:
        return None
    upper, lower = int(full[0]), int(full[-1])
    height = lower - upper + 1
    strong = crop[apart > 0.75 * contrast]
    color = tuple(int(v) for v in np.median(strong, axis=0)) if strong.size else (0, 0, 0)
    body = inked[upper : lower + 1]
    return Ink(
        height=float(height),
        color=(color[0], color[1], color[2]),
        contrast=contrast,
        weight=float(body.mean()),
        top=float(int(top) + upper),
        struck=_struck(apart > 0.3 * contrast, upper, height),
        stroke=_stroke_of(apart, contrast),
    )


def glyphs(
    rgb: Pixels, left: float, top: float, right: float, bottom: float
) -> list[tuple[int, int, int, int]]:
    """The separate drawn shapes inside a rectangle, left to right: (left, right, top, bottom)."""
    crop = rgb[max(0, int(top)) : int(np.ceil(bottom)), max(0, int(left)) : int(np.ceil(right))]
    if min(crop.shape[:2]) < 4:
        return []
    light = crop @ np.array([0.299, 0.587, 0.114])
    apart = np.abs(light - float(np.median(light)))
    inked = apart > 0.45 * float(np.percentile(apart, 98))
    shapes: list[list[int]] = []
    for column in np.flatnonzero(inked.any(axis=0)):
        if shapes and column == shapes[-1][1]:
            shapes[-1][1] = int(column) + 1
        else:
            shapes.append([int(column), int(column) + 1])
    found = []
    for first, last in shapes:
        rows = np.flatnonzero(inked[:, first:last].any(axis=1))
        found.append((first, last, int(rows[0]), int(rows[-1]) + 1))
    return found


def stroke_width(rgb: Pixels, left: float, top: float, right: float, bottom: float) -> float:
    """Mean thickness of the strokes inside a rectangle in pixels: twice the area by the outline.

    Unlike the share of ink it is alike for capitals and small letters of one weight. 0 where
    nothing is drawn.
    """
    crop = rgb[max(0, int(top)) : int(np.ceil(bottom)), max(0, int(left)) : int(np.ceil(right))]
    if min(crop.shape[:2]) < 4:
        return 0.0
    light = crop @ np.array([0.299, 0.587, 0.114])
    apart = np.abs(light - float(np.median(light)))
    contrast = float(np.percentile(apart, 98))
    if contrast < 18:
        return 0.0
    return _stroke_of(apart, contrast)


def _stroke_of(apart: npt.NDArray[np.float64], contrast: float) -> float:
    # Grey edge pixels count by their part, so that thin strokes are not rounded to whole pixels.
    part = np.clip(apart / contrast, 0.0, 1.0)
    outline = float(np.abs(np.diff(part, axis=0)).sum() + np.abs(np.diff(part, axis=1)).sum())
    return 2 * float(part.sum()) / outline if outline else 0.0


def _is_uneven(rgb: Pixels, free: npt.NDArray[np.bool_], piece: Piece) -> bool:
    """Whether the rows just above and below a piece vary as pictures do and flat grounds do not.

    Pixels of other lines are left out; where they are all there is on one side, the strips on the
    left and the right count as well.
    """
    left, right = int(piece.left), int(np.ceil(piece.right))
    top, bottom = int(piece.top), int(np.ceil(piece.bottom))
    above, below = (max(0, top - 3), top, left, right), (bottom, bottom + 3, left, right)
    before, after = (top, bottom, max(0, left - 3), left), (top, bottom, right, right + 3)
    spreads = _spreads(rgb, free, (above, below))
    if len(spreads) < 2:
        spreads += _spreads(rgb, free, (before, after))
    return len(spreads) > 1 and min(spreads) > 9


def _spreads(
    rgb: Pixels, free: npt.NDArray[np.bool_], strips: Sequence[tuple[int, int, int, int]]
) -> list[float]:
    found = []
    for top, bottom, left, right in strips:
        open_part = free[top:bottom, left:right]
        if open_part.size and open_part.mean() > 0.33:
            around = rgb[top:bottom, left:right][open_part]
            found.append(float(around.std(axis=0).max()))
    return found


def _struck(inked: np.ndarray, upper: int, height: int) -> bool:
    """Whether some row near the middle is inked from end to end, gaps between letters too."""
    columns = np.flatnonzero(inked.any(axis=0))
    if height < 6 or columns.size < 2 * height:
        return False
    band = inked[
        upper + int(0.3 * height) : upper + int(np.ceil(0.72 * height)) + 1,
        columns[0] : columns[-1] + 1,
    ]
    return bool(band.size and band.mean(axis=1).max() >= 0.93)


def paragraphs_of(pieces: Sequence[Piece]) -> list[Paragraph]:
    """Join pieces that continue each other: aligned, close, of one size, colour and weight."""
    open_ones: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.top, p.left)):
        best: list[Piece] | None = None
        for group in open_ones:
            if _continues(group[-1], piece) and (best is None or group[-1].top > best[-1].top):
                best = group
        if best is None:
            open_ones.append([piece])
        else:
            best.append(piece)
    return [Paragraph(tuple(g), _joined([p.text for p in g])) for g in open_ones]


def _continues(upper: Piece, lower: Piece) -> bool:
    height = max(upper.height, lower.height)
    gap = lower.top - upper.bottom
    if not -0.5 * height <= gap <= 0.5 * height or lower.middle - upper.middle < 0.5 * height:
        return False
    aligned = abs(upper.left - lower.left) < 0.6 * height
    centred = abs(upper.center - lower.center) < 0.5 * height
    if not (aligned or centred) or min(upper.height, lower.height) < 0.7 * height:
        return False
    one, other = upper.ink, lower.ink
    if one is None or other is None:
        return True
    far = float(np.abs(np.subtract(one.color, other.color)).max())
    bold = max(one.stroke, other.stroke) / max(0.1, min(one.stroke, other.stroke))
    size = max(one.height, other.height) / max(1.0, min(one.height, other.height))
    return far < 60 and size < 1.5 and bold < BOLDER


def _joined(texts: Sequence[str]) -> str:
    joined = ""
    for text in texts:
        if not joined:
            joined = text
        elif re.search(r"[\w]-$", joined) and text[:1].islower():
            joined += text
        else:
            joined += " " + text
    return joined
