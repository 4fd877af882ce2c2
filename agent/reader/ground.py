"""What of a page is ground, text or picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from agent.reader.changes import Pixels
from agent.reader.layout import Piece

STEP = 4
"""The mask of a page is a quarter of its size."""
Mask = npt.NDArray[np.uint8]


def picture_mask(rgb: Pixels, pieces: Sequence[Piece]) -> Mask:
    """1 where the quarter-size page shows neither flat ground nor text, else 0."""
    import cv2

    height, width = rgb.shape[:2]
    small = cv2.resize(
        np.ascontiguousarray(rgb), (max(1, width // STEP), max(1, height // STEP)),
        interpolation=cv2.INTER_AREA,
    )  # fmt: skip
    mask = _not_ground(np.asarray(small, np.uint8))
    # Bars across the whole page (heads, scroll bars, window frames) are no pictures.
    mask[mask.mean(axis=1) > 0.93, :] = 0
    mask[:, mask.mean(axis=0) > 0.97] = 0
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    return _without_text(mask, pieces)


def page_ground(rgb: Pixels) -> tuple[int, int, int]:
    """The commonest colour of a page, which is that of its ground."""
    sample = rgb[::STEP, ::STEP].reshape(-1, 3)
    coarse = sample.astype(np.int32) >> 3
    keys = (coarse[:, 0] << 10) | (coarse[:, 1] << 5) | coarse[:, 2]
    chosen = sample[keys == np.bincount(keys).argmax()]
    red, green, blue = (int(v) for v in np.median(chosen, axis=0))
    return red, green, blue


def _not_ground(small: Pixels) -> Mask:
    """Pixels that differ from every colour that covers a good part of the page evenly."""
    coarse = (small >> 3).astype(np.int32)
    keys = (coarse[..., 0] << 10) | (coarse[..., 1] << 5) | coarse[..., 2]
    values, counts = np.unique(keys, return_counts=True)
    mask = np.ones(small.shape[:2], bool)
    order = np.argsort(-counts)
    for rank, i in enumerate(order[:4]):
        share = counts[i] / keys.size
        if share < 0.06 and rank > 0:
            break
        chosen = keys == values[i]
        # Flat areas only: a dark coat may cover a tenth of the page too, but not evenly.
        # And pale or far-reaching ones: a vivid thing drawn plainly is flat, but in one place.
        color = np.median(small[chosen], axis=0)
        vivid = float(color.max() - color.min()) > 90
        if rank > 0 and not (_is_flat(small, chosen) and (not vivid or _reaches_far(chosen))):
            continue
        mask &= np.abs(small.astype(int) - color).max(axis=2) > (9 if rank == 0 else 5)
    return mask.astype(np.uint8)


def _reaches_far(chosen: npt.NDArray[np.bool_]) -> bool:
    rows, columns = np.nonzero(chosen)
    height, width = chosen.shape
    wide = float(np.percentile(columns, 95) - np.percentile(columns, 5))
    high = float(np.percentile(rows, 95) - np.percentile(rows, 5))
    return bool(wide > 0.45 * width or high > 0.6 * height)


def _is_flat(small: Pixels, chosen: npt.NDArray[np.bool_]) -> bool:
    import cv2

    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = np.abs(cv2.Laplacian(gray, cv2.CV_32F))
    return bool((edges[chosen] < 1.5).mean() > 0.8)


def _without_text(mask: Mask, pieces: Sequence[Piece]) -> Mask:
    mask = mask.copy()
    for p in pieces:
        rows = slice(max(0, int(p.top) // STEP), int(p.bottom) // STEP + 1)
        columns = slice(max(0, int(p.left) // STEP), int(p.right) // STEP + 1)
        # Text printed inside a picture stays part of it.
        around = np.concatenate([
            mask[max(0, rows.start - 3) : rows.start, columns].ravel(),
            mask[rows.stop : rows.stop + 3, columns].ravel(),
            mask[rows, max(0, columns.start - 3) : columns.start].ravel(),
            mask[rows, columns.stop : columns.stop + 3].ravel(),
        ])  # fmt: skip
        if around.size and around.mean() < 0.55:
            mask[rows, columns] = 0
    return mask
