"""A quick look at whether a picture could hold a line of text, before OCR is asked what it says.

A line of text is a row of marks of like height, close to each other; most product pictures have no
such row. Meant to be wrong on one side only: patterns may pass for text, text not for a pattern.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

ENOUGH = 6
"""Marks in a row; a postcode has six or seven, all else that is personal by itself has more."""
_MOST_MARKS = 2500


def may_hold_text(rgb: npt.NDArray[np.uint8]) -> bool:
    """Whether a picture of shape (height, width, 3) has a row of marks that could be letters."""
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)
    for light in (grey, 255 - grey):
        marks = cv2.adaptiveThreshold(
            light, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12
        )
        _, _, stats, centers = cv2.connectedComponentsWithStats(marks, connectivity=4)
        if _has_row(stats[1:], centers[1:]):
            return True
    return False


def _has_row(stats: npt.NDArray[Any], centers: npt.NDArray[Any]) -> bool:
    width, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    like = (height >= 5) & (height <= 60) & (width <= 5 * height) & (area >= 6)
    if like.sum() < ENOUGH:
        return False
    if like.sum() > _MOST_MARKS:
        return True
    high = height[like].astype(np.float64)
    x, y = centers[like, 0], centers[like, 1]
    # Row by row of the matrix: which marks stand beside this one, as letters of a line do.
    close = (
        (np.abs(y[:, None] - y) < 0.45 * high[:, None])
        & (np.abs(x[:, None] - x) < 5 * high[:, None])
        & (high < 1.9 * high[:, None])
        & (high > 0.5 * high[:, None])
    )
    return bool((close.sum(axis=1) >= ENOUGH).any())
