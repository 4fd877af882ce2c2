"""What is new on a picture that continues the one before it, and how far it scrolled."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Cells = npt.NDArray[np.bool_]

CELL = 8
"""Side of the squares that are compared, pixels."""
NOISE = 5.0
"""Mean difference up to which a cell counts as the same, of 255; JPEG noise stays below."""
MARGIN = 16
"""Pixels around a new area that are searched with it, so that no line is cut in two."""
_BANDS, _BLOCKS, _ROWS = 3, 10, 64


def unchanged_cells(before: Pixels, after: Pixels, shift: int) -> Cells:
    """Where a picture equals the one before it moved down by `shift` pixels (up if negative).

    Args:
        before: the earlier picture, shape (height, width, 3).
        after: the later one, of the same shape.
        shift: pixels that the content moved down.

    Returns:
        Shape (ceil(height / CELL), ceil(width / CELL)); cells with no counterpart are changed.
    """
    height, width = after.shape[:2]
    difference = np.full((height, width), 255, np.uint8)
    top, bottom = max(0, shift), min(height, height + shift)
    if top < bottom:
        one, other = before[top - shift : bottom - shift], after[top:bottom]
        difference[top:bottom] = np.maximum(
            np.where(one > other, one - other, other - one)[..., 1],
            np.where(one > other, one - other, other - one)[..., 2],
        )
    rows, columns = -(-height // CELL), -(-width // CELL)
    padded = np.zeros((rows * CELL, columns * CELL), np.uint8)
    padded[:height, :width] = difference
    means = padded.reshape(rows, CELL, columns, CELL).mean(axis=(1, 3))
    unchanged: Cells = means <= NOISE
    return unchanged


def find_scroll(before: Pixels, after: Pixels) -> int:
    """How many pixels the content moved down (negative: up); 0 where it did not scroll.

    Rows of the later picture are looked up among those of the earlier one by their coarse
    brightness, in three bands of columns, since side bars and heads stay; the commonest offset
    wins if enough rows agree.
    """
    height, width = after.shape[:2]
    if height < 64 or width < 3 * _BLOCKS * 4:
        return 0
    old, new = _profiles(before), _profiles(after)
    votes: Counter[int] = Counter()
    asked = 0
    for band in range(_BANDS):
        a, b = old[:, band], new[:, band]
        moved = np.flatnonzero((np.abs(a - b).max(axis=1) > 4) & (b.std(axis=1) > 3))
        if moved.size < 8:
            continue
        for row in moved[:: max(1, moved.size // _ROWS)]:
            matches = np.flatnonzero(np.abs(a - b[row]).max(axis=1) < 2)
            asked += 1
            if 0 < matches.size <= 3:
                votes.update(int(row - m) for m in matches)
    if not votes:
        return 0
    shift, count = votes.most_common(1)[0]
    return shift if count >= 6 and count >= 0.12 * asked and abs(shift) < height - 32 else 0


def _profiles(picture: Pixels) -> npt.NDArray[np.float32]:
    """Mean brightness of the blocks of every row, shape (height, bands, blocks)."""
    height, width = picture.shape[:2]
    side = width // (_BANDS * _BLOCKS)
    used = picture[:, : side * _BANDS * _BLOCKS, 1].astype(np.float32)
    return np.asarray(used.reshape(height, _BANDS, _BLOCKS, side).mean(axis=3), np.float32)


def new_areas(same: Cells, height: int, width: int) -> list[tuple[int, int, int, int]]:
    """Rectangles (left, top, right, bottom) that cover all changed cells, with a margin.

    They span the whole width, since a new line may begin with the same pixels as the line that
    stood there before. Changed rows that are less than 64 pixels apart share a rectangle.
    """
    changed = ~same
    rows = np.flatnonzero(changed.any(axis=1))
    if not rows.size:
        return []
    bands: list[list[int]] = []
    for row in rows:
        if bands and row - bands[-1][1] <= 64 // CELL:
            bands[-1][1] = int(row) + 1
        else:
            bands.append([int(row), int(row) + 1])
    return [
        (0, max(0, first * CELL - MARGIN), width, min(height, last * CELL + MARGIN))
        for first, last in bands
    ]
