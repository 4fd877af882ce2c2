"""Text lines of a picture, by RapidOCR with the PP-OCRv6 models inside its wheel (no network).

Detection finds the lines, recognition reads the crop of each; a crop read before in the session
is not read again. Recognition is about three quarters of the cost, so this cache is the saving
that counts when a page is scrolled.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

TILE_HEIGHT = 1600
"""Taller pictures are read in tiles of this height, so that their text is not shrunk."""
TILE_OVERLAP = 96
MIN_SIDE = 16
"""Nothing legible fits into a picture with a shorter side."""
MIN_SCORE = 0.5


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


class LineReader:
    """Finds and reads text lines; keeps what it has read, by pixels, as long as it lives."""

    def __init__(self) -> None:
        self._engine: Any = None
        self._known: dict[tuple[int, int], list[tuple[Pixels, _Read]]] = {}
        self.recognised = 0
        """Crops that went through the recognition model."""
        self.reused = 0
        """Crops whose text was known from the same pixels."""

    def read(self, rgb: Pixels) -> list[Line]:
        """The lines of a picture of shape (height, width, 3), from top to bottom.

        A picture too small to hold text gives none.
        """
        height, width = rgb.shape[:2]
        if min(height, width) < MIN_SIDE:
            return []
        boxes: list[tuple[int, int, int, int]] = []
        for top, bottom in _tiles(height):
            found = self._detect(rgb[top:bottom])
            boxes.extend(
                (left, upper + top, right, lower + top)
                for left, upper, right, lower in found
                if _belongs_to_tile(upper + top, lower + top, top, bottom, height)
            )
        return self.recognise(rgb, boxes)

    def recognise(self, rgb: Pixels, boxes: Sequence[tuple[int, int, int, int]]) -> list[Line]:
        """Read the given (left, top, right, bottom) boxes; illegible ones are left out."""
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
        lines = []
        for (left, top, right, bottom), read in zip(boxes, reads, strict=True):
            if read is None or not read.text.strip() or read.score < MIN_SCORE:
                continue
            centers = tuple(left + share * (right - left) for share in read.centers)
            lines.append(Line(read.text.strip(), left, top, right, bottom, read.score, centers))
        return sorted(lines, key=lambda line: (line.top, line.left))

    def _remembered(self, crop: Pixels) -> _Read | None:
        height, width = crop.shape[:2]
        for pixels, read in self._known.get((height, width), ()):
            if _same_pixels(pixels, crop):
                return read
        return None

    def _detect(self, rgb: Pixels) -> Iterable[tuple[int, int, int, int]]:
        # The models were trained on BGR, as OpenCV loads it.
        result = self._model()(
            np.ascontiguousarray(rgb[:, :, ::-1]), use_det=True, use_cls=False, use_rec=False
        )
        if getattr(result, "boxes", None) is None:
            return
        height, width = rgb.shape[:2]
        for quad in result.boxes:
            left, top = np.floor(quad.min(axis=0)).astype(int)
            right, bottom = np.ceil(quad.max(axis=0)).astype(int)
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


def _load_model() -> Any:
    # RapidOCR logs to the console on import and on use; its own handler stays quiet here.
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    from rapidocr import RapidOCR

    model = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
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
