"""Stretches of rows or columns that are set, for finding pictures on a page.

Gaps within a picture of a thing are closed; where two pictures meet, they are not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Cover = npt.NDArray[np.float64]
"""How much of each row (or column) is picture, 0 to 1."""


def without(cover: Cover, least: float) -> Cover:
    """The cover, with 0 where it is too little to count."""
    return np.where(cover > least, cover, 0.0)


def is_seam(cover: Cover, last: int, first: int) -> bool:
    """Whether two pictures meet where nothing is set between the rows `last` and `first`.

    A picture on a tile of its own, or a photograph, begins and ends with full rows; the gaps
    within a picture of a thing (straps, legs, a pair of shoes) do not.
    """
    full = 0.8 * float(np.percentile(cover[cover > 0], 90))
    ends = (cover[max(0, last - 1) : last + 1], cover[first : first + 2])
    return first - last > 2 and all(float(end.max()) >= full for end in ends)


def last_run(cover: Cover, gap: int, longest: int) -> tuple[int, int] | None:
    """The last stretch of rows that are set, gaps up to `gap` closed but for seams."""
    true = np.flatnonzero(cover)
    if not true.size:
        return None
    end = int(true[-1]) + 1
    start = end - 1
    for position in true[::-1]:
        if start - position > gap + 1 or end - position > longest:
            break
        if start - position > 1 and is_seam(cover, int(position), start):
            break
        start = int(position)
    return start, end


def runs_of(cover: Cover, gap: int, *, seams: bool = False) -> list[tuple[int, int]]:
    """The stretches that are set as (start, end), gaps up to `gap` closed (but for seams)."""
    found: list[tuple[int, int]] = []
    for position in np.flatnonzero(cover):
        at = int(position)
        closed = bool(found) and at - found[-1][1] <= gap
        if closed and seams and at > found[-1][1] and is_seam(cover, found[-1][1] - 1, at):
            closed = False
        if closed:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found
