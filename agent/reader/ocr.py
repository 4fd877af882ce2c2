"""Text lines of a picture, by RapidOCR with the PP-OCRv6 models inside its wheel (no network).

Detection finds the lines, recognition reads the crop of each; a crop read before in the session
is not read again. Recognition is about three quarters of the cost, detection the rest; a page that
was scrolled or changed in part costs what its new pixels cost.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.reader.changes import CELL, Pixels, find_scroll, new_areas, unchanged_cells

TILE_HEIGHT = 1600
"""Taller pictures are read in tiles of this height, so that their text is not shrunk."""
TILE_OVERLAP = 96
LONGEST_SIDE = 2000
SHORTEST_SIDE = 736
MIN_SIDE = 16
"""Nothing legible fits into a picture with a shorter side."""
MIN_SCORE = 0.5
MOST_KEPT = 5000
"""Crops remembered at most, some 15 kB each."""


@dataclass(frozen=True)
class Line:
    """One recognised line of text in picture pixels, origin at the top left."""

    text: str
    left: int
    top: int
    right: int
    bottom: int
    score: float = 1.0
    """Mean character confidence, 0 to 1."""
    centers: tuple[float, ...] = ()
    """Horizontal centre of every character that is not white space, in order."""

    @property
    def height(self) -> int:
        """Height of the detected box; the type is about two thirds of it."""
        return self.bottom - self.top


Span = tuple[int, int, int, int]
"""left, top, right, bottom in picture pixels."""


class LineReader:
    """Finds and reads text lines of the pictures of one session.

    It keeps what it has read: a crop with known pixels is not recognised again, and of a picture
    that continues the one before it (a scroll, a changed part) only the new pixels are searched.
    """

    def __init__(self) -> None:
        self._engine: Any = None
        self._known: dict[tuple[int, int], list[tuple[Pixels, _Read]]] = {}
        self._last: tuple[Pixels, list[tuple[Span, _Read]]] | None = None
        self.recognised = 0
        """Crops that went through the recognition model."""
        self.reused = 0
        """Crops whose text was known from the same pixels."""
        self.searched = 0
        """Pixels that went through the detection model."""

    def forget(self) -> None:
        """Starts a new session with the models that are loaded: no picture was read before."""
        self._known.clear()
        self._last = None

    def read(self, rgb: Pixels) -> list[Line]:
        """The lines of a picture of shape (height, width, 3), from top to bottom.

        A picture too small to hold text gives none.
        """
        height, width = rgb.shape[:2]
        if min(height, width) < MIN_SIDE:
            return []
        carried, areas = self._carry_over(rgb)
        scale = detection_scale(min(height, TILE_HEIGHT), width)
        boxes: list[Span] = []
        for area in areas:
            boxes.extend(self._search(rgb, area, scale))
        found = self._recognise_boxes(rgb, boxes)
        kept = [c for c in carried if not any(_overlap(c[0], box) > 0.3 for box in boxes)]
        self.reused += len(kept)
        read = [*kept, *zip(boxes, found, strict=True)]
        self._last = (rgb, read)
        lines = [_line(box, text) for box, text in read if text.score >= MIN_SCORE]
        return sorted((line for line in lines if line.text), key=lambda line: (line.top, line.left))

    def read_part(self, rgb: Pixels, scale: float = 1.0) -> list[Line]:
        """The lines of a part of a page, or of pictures on one sheet, searched at this scale.

        Known crops are not read again; nothing is carried over from, or to, other pictures.
        """
        if min(rgb.shape[:2]) < MIN_SIDE:
            return []
        boxes = self._search(rgb, (0, 0, rgb.shape[1], rgb.shape[0]), scale)
        read = zip(boxes, self._recognise_boxes(rgb, boxes), strict=True)
        lines = [_line(box, text) for box, text in read if text.score >= MIN_SCORE]
        return sorted((line for line in lines if line.text), key=lambda line: (line.top, line.left))

    def _carry_over(self, rgb: Pixels) -> tuple[list[tuple[Span, _Read]], list[Span]]:
        """Lines that the picture before showed on the same pixels, and the areas that are new."""
        height, width = rgb.shape[:2]
        everything = [(0, 0, width, height)]
        if self._last is None or self._last[0].shape != rgb.shape:
            return [], everything
        before, lines = self._last
        same = unchanged_cells(before, rgb, 0)
        sources = [(0, same)]
        shift = find_scroll(before, rgb)
        if shift:
            moved = unchanged_cells(before, rgb, shift)
            sources.append((shift, moved))
            same = same | moved
        if same.mean() < 0.2:
            return [], everything
        areas = new_areas(same, height, width)
        carried: list[tuple[Span, _Read]] = []
        for down, cells in sources:
            for (left, top, right, bottom), read in lines:
                box = (left, top + down, right, bottom + down)
                if box[1] >= 0 and box[3] <= height and _all_set(cells, box):
                    carried.append((box, read))
        distinct: list[tuple[Span, _Read]] = []
        for box, read in carried:
            if not any(_overlap(box, other) > 0.5 for other, _ in distinct):
                distinct.append((box, read))
        return distinct, areas

    def _search(self, rgb: Pixels, area: Span, scale: float) -> list[Span]:
        """The text boxes inside an area, tall areas in tiles."""
        left, top, right, bottom = area
        found: list[Span] = []
        for first, last in _tiles(bottom - top):
            tile = rgb[top + first : top + last, left:right]
            for a, b, c, d in self._detect(tile, scale):
                if _belongs_to_tile(b + first, d + first, first, last, bottom - top):
                    found.append((a + left, b + first + top, c + left, d + first + top))
        return found

    def _recognise_boxes(self, rgb: Pixels, boxes: Sequence[Span]) -> list[_Read]:
        crops = [rgb[top:bottom, left:right] for left, top, right, bottom in boxes]
        reads: list[_Read | None] = [self._remembered(crop) for crop in crops]
        unknown = [i for i, read in enumerate(reads) if read is None]
        self.reused += len(crops) - len(unknown)
        self.recognised += len(unknown)
        fresh = self._recognise([crops[i] for i in unknown])
        for i, new in zip(unknown, fresh, strict=True):
            reads[i] = new
            height, width = crops[i].shape[:2]
            self._known.setdefault((height, width), []).append((crops[i].copy(), new))
        if sum(map(len, self._known.values())) > MOST_KEPT:
            # A session this long has moved on; its first pages will hardly come back.
            self._known.clear()
        return [read for read in reads if read is not None]

    def _remembered(self, crop: Pixels) -> _Read | None:
        height, width = crop.shape[:2]
        for pixels, read in self._known.get((height, width), ()):
            if _same_pixels(pixels, crop):
                return read
        return None

    def _detect(self, rgb: Pixels, scale: float) -> Iterable[Span]:
        import cv2

        height, width = rgb.shape[:2]
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        if min(size) < MIN_SIDE:
            return
        self.searched += height * width
        # The models were trained on BGR, as OpenCV loads it.
        picture = np.ascontiguousarray(rgb[:, :, ::-1])
        if size != (width, height):
            picture = np.asarray(cv2.resize(picture, size), np.uint8)
        result = self._model()(picture, use_det=True, use_cls=False, use_rec=False)
        if getattr(result, "boxes", None) is None:
            return
        for quad in result.boxes:
            left, top = np.floor(quad.min(axis=0) / scale).astype(int)
            right, bottom = np.ceil(quad.max(axis=0) / scale).astype(int)
            left, top = max(0, int(left)), max(0, int(top))
            right, bottom = min(width, int(right)), min(height, int(bottom))
            # Upright strips are rotated text (side tabs); they hold no product data.
            if right - left >= 4 and 5 <= bottom - top <= 3 * (right - left):
                yield left, top, right, bottom

    def _recognise(self, crops: Sequence[Pixels]) -> list[_Read]:
        if not crops:
            return []
        model = self._model()
        model.update_params(return_word_box=True)
        result = model.recognize_txt([np.ascontiguousarray(crop[:, :, ::-1]) for crop in crops])
        reads = []
        for text, score, info in zip(result.txts, result.scores, result.word_results, strict=True):
            columns = [c for word in info.word_cols for c in word] if text else []
            length = max(float(info.line_txt_len), 1.0)
            reads.append(_Read(text, float(score), tuple((c + 0.5) / length for c in columns)))
        return reads

    def _model(self) -> Any:
        if self._engine is None:
            self._engine = _load_model()
        return self._engine


@dataclass(frozen=True)
class _Read:
    text: str
    score: float
    centers: tuple[float, ...]
    """Character centres as shares of the crop's width."""


def _line(box: Span, read: _Read) -> Line:
    left, top, right, bottom = box
    centers = tuple(left + share * (right - left) for share in read.centers)
    return Line(read.text.strip(), left, top, right, bottom, read.score, centers)


def _overlap(one: Span, other: Span) -> float:
    """Shared area as a part of the smaller box."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)]
    return wide * high / max(1, min(areas))


def detection_scale(height: int, width: int) -> float:
    """The scale at which a page is searched for text: small pages larger, large ones smaller.

    It is one for the whole page, so that a part of it is searched as the whole would be.
    """
    return min(LONGEST_SIDE / max(height, width), max(1.0, SHORTEST_SIDE / min(height, width)))


def _all_set(cells: npt.NDArray[np.bool_], box: Span) -> bool:
    left, top, right, bottom = box
    return bool(cells[top // CELL : -(-bottom // CELL), left // CELL : -(-right // CELL)].all())


def _load_model() -> Any:
    # RapidOCR logs to the console on import and on use; its own handler stays quiet here.
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    from rapidocr import RapidOCR

    model = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            # Pictures come scaled already; the detector is not to enlarge short strips.
            "Det.limit_type": "max",
            "Det.limit_side_len": 2 * LONGEST_SIDE,
            "Global.max_side_len": 2 * LONGEST_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": min(2, os.cpu_count() or 1),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return model


def _tiles(height: int) -> list[tuple[int, int]]:
    if height <= TILE_HEIGHT + 2 * TILE_OVERLAP:
        return [(0, height)]
    starts = range(0, height - TILE_OVERLAP, TILE_HEIGHT - TILE_OVERLAP)
    return [(top, min(height, top + TILE_HEIGHT)) for top in starts]


def _belongs_to_tile(top: int, bottom: int, first: int, last: int, height: int) -> bool:
    """Whether this tile is the one to report a line: each line's middle lies in one core only."""
    middle = (top + bottom) / 2
    start = 0 if first == 0 else first + TILE_OVERLAP / 2
    end = height + 1 if last == height else last - TILE_OVERLAP / 2
    return start <= middle < end


def _same_pixels(one: Pixels, other: Pixels) -> bool:
    """Whether two crops of one shape show the same text.

    JPEG noise moves single pixels by a few levels; another digit moves a whole patch, so patches
    of 4 x 4 pixels are compared.
    """
    if np.array_equal(one, other):
        return True
    difference = np.abs(one.astype(np.int16) - other).mean(axis=2)
    height, width = difference.shape
    difference = difference[: height - height % 4, : width - width % 4]
    if not difference.size:
        return False
    patches = difference.reshape(height // 4, 4, width // 4, 4).mean(axis=(1, 3))
    return bool(patches.max() < 12)
