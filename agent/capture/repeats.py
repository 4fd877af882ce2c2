"""Pictures that show nothing new are dropped before anything expensive looks at them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent.capture.frames import FORMATS, Frame

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

TILE = 32
"""Side of a tile, pixels."""
GREY_STEP = 6
"""A tile has changed when its mean grey differs by more than this (of 255)."""
CHANGED_SHARE = 0.05
"""A picture is new when more than this share of its tiles has changed."""


def tile_means(frame: Frame) -> npt.NDArray[np.int16]:
    """Mean grey of every 32-pixel tile, shape (ceil(height / 32), ceil(width / 32)), 0 to 255."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(frame.data), formats=FORMATS) as picture:
        # A JPEG can be decoded at an eighth of its size, at a third of the time.
        picture.draft("L", (-(-frame.width // 8), -(-frame.height // 8)))
        scale = max(1, round(frame.width / picture.width))
        return np.asarray(picture.convert("L").reduce(TILE // scale), dtype=np.int16)


def changed_share(one: npt.NDArray[np.int16], other: npt.NDArray[np.int16]) -> float:
    """The share of tiles, 0 to 1, whose mean grey changed; 1 when the pictures differ in size."""
    if one.shape != other.shape:
        return 1.0
    return float((abs(one - other) > GREY_STEP).mean())


def drop_duplicates(frames: Iterable[Frame]) -> tuple[list[Frame], list[Frame]]:
    """(frames that show something new, frames dropped), both in order.

    Dropped are exact repeats of any earlier frame, and frames that differ from the last kept one
    in at most 5 % of their tiles: an idle second, a blinking banner. A scroll by 40 pixels
    already changes most tiles.
    """
    kept: list[Frame] = []
    dropped: list[Frame] = []
    seen: set[str] = set()
    last: tuple[tuple[int, int], npt.NDArray[np.int16]] | None = None
    for frame in frames:
        if frame.digest in seen:
            dropped.append(frame)
            continue
        seen.add(frame.digest)
        size, tiles = (frame.width, frame.height), tile_means(frame)
        if last and last[0] == size and changed_share(last[1], tiles) <= CHANGED_SHARE:
            dropped.append(frame)
            continue
        last = size, tiles
        kept.append(frame)
    return kept, dropped
