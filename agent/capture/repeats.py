"""Pictures that show nothing new are dropped before anything expensive looks at them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent.capture.frames import FORMATS, Frame

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CELL = 8
"""Side of a cell, pixels: small enough that one digit of small print shows in its mean."""
GREY_STEP = 2
"""A cell has changed when its mean grey differs by more than this (of 255); the same page coded
as JPEG at quality 60 and as PNG stays within it."""


CODING_STEP = 12
"""A JPEG decoded at an eighth leaves out that white is cut off at 255 around letters; coded anew,
the same page may then differ by half of this. Up to here the pixels themselves are compared."""


def cell_means(frame: Frame, *, exact: bool = False) -> npt.NDArray[np.int16]:
    """Mean grey of every whole 8-pixel cell, shape (height // 8, width // 8), 0 to 255.

    Args:
        frame: a picture.
        exact: decode every pixel; else a JPEG gives its means at a third of the cost.
    """
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(frame.data), formats=FORMATS) as picture:
        if not exact:
            # A JPEG decodes at an eighth of its size at a third of the cost: each block's mean.
            picture.draft("L", (-(-frame.width // CELL), -(-frame.height // CELL)))
        done = max(1, round(frame.width / picture.width))
        means = np.asarray(picture.convert("L").reduce(max(1, CELL // done)), dtype=np.int16)
    return means[: frame.height // CELL, : frame.width // CELL]


def changed_cells(
    one: npt.NDArray[np.int16], other: npt.NDArray[np.int16]
) -> npt.NDArray[np.bool_]:
    """Where two pictures of one size differ; same shape as `cell_means` gives."""
    changed: npt.NDArray[np.bool_] = abs(one - other) > GREY_STEP
    return changed


def drop_duplicates(frames: Iterable[Frame]) -> tuple[list[Frame], list[Frame]]:
    """(frames that show something new, frames dropped), both in order.

    Dropped are exact repeats of any earlier frame, and frames that look like the last kept one:
    the same size and not one cell changed. A single changed price keeps a frame, since two
    variants of one product can differ in nothing else.
    """
    kept: list[Frame] = []
    dropped: list[Frame] = []
    seen: set[str] = set()
    last: tuple[Frame, npt.NDArray[np.int16]] | None = None
    for frame in frames:
        if frame.digest in seen:
            dropped.append(frame)
            continue
        seen.add(frame.digest)
        cells = cell_means(frame)
        if last and _shows_the_same(last, (frame, cells)):
            dropped.append(frame)
            continue
        last = frame, cells
        kept.append(frame)
    return kept, dropped


def _shows_the_same(
    one: tuple[Frame, npt.NDArray[np.int16]], other: tuple[Frame, npt.NDArray[np.int16]]
) -> bool:
    """Whether two frames with their cell means look alike; too small to compare is not alike."""
    if one[1].shape != other[1].shape or not one[1].size:
        return False
    if (one[0].width, one[0].height) != (other[0].width, other[0].height):
        return False
    if not changed_cells(one[1], other[1]).any():
        return True
    if int(abs(one[1] - other[1]).max()) > CODING_STEP:
        return False
    exact = [cell_means(frame, exact=True) for frame, _ in (one, other)]
    return not changed_cells(exact[0], exact[1]).any()
