"""What of each frame is sent to a model: the part that is new, as small as still can be read.

A batch of screens repeats itself: heads, side bars and lists stay while one thing changes. Each
frame after the first is cut to the pixels that no earlier frame of the batch shows, in place or
scrolled, and what is left is scaled down as far as a budget of tokens asks, never further than
small print stays legible. Where nothing has to give, the frame goes out byte for byte.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agent.models.image_tokens import Detail, ImageRule

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from agent.capture.frames import Frame

SMALLEST_SCALE = 0.64
"""No frame is scaled further down: the smallest at which OCR still reads every price of the shipped
screens that it reads at full size (`benchmarks/image_tokens.py --legibility`)."""
OVERLAP = 160
"""Pixels above a new part that are sent with it where the page scrolled: the height of a card's
title, price and stars, so that no card is torn in two."""
MARGIN = 16
"""Pixels kept around a new part."""
WORTH_CUTTING = 0.95
"""A frame whose new part is larger than this share of it goes out uncut."""
QUALITY = 90
"""JPEG quality of pictures that are encoded anew, in full colour resolution, for letters."""
_STEPS = 100


@dataclass(frozen=True)
class Cut:
    """The part of a frame that is sent, and how large."""

    left: int
    top: int
    right: int
    bottom: int
    scale: float
    """Pixels sent per pixel of the frame, at most 1."""
    tokens: int
    """Our estimate of what it costs."""
    like: int | None = None
    """The earlier frame of the batch that shows the rest; None: the frame is whole."""
    scrolled: int = 0
    """Pixels that the page moved up since that frame; negative: down."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture that is sent."""
        return _scaled(self.right - self.left, self.bottom - self.top, self.scale)


@dataclass(frozen=True)
class Plan:
    """What is sent of a batch."""

    cuts: tuple[Cut, ...]
    full_size: int
    """Tokens of the whole frames, untouched."""
    budget: int

    @property
    def tokens(self) -> int:
        """Tokens of what is sent, by our estimate."""
        return sum(cut.tokens for cut in self.cuts)

    @property
    def over_budget(self) -> bool:
        """Whether the budget cannot be met without making small print illegible."""
        return self.tokens > self.budget


def plan(frames: Sequence[Frame], rule: ImageRule, detail: Detail, budget: int) -> Plan:
    """How a batch is cut and scaled to cost at most `budget` tokens if that can be.

    Every frame starts at its cheapest legible size; what the budget leaves goes, step by step, to
    the frame that is scaled down most. The same frames always give the same plan.
    """
    full = sum(rule.tokens(f.width, f.height, detail) for f in frames)
    if detail == "low" or full <= budget:
        cuts = [_whole(f, rule, detail) for f in frames]
        return Plan(tuple(cuts), full, budget)
    parts = _new_parts(frames)
    choices = [_choices(part, rule, detail) for part in parts]
    chosen = [0] * len(frames)
    left = budget - sum(options[0].tokens for options in choices)
    while True:
        steps = [
            (options[at].scale, number)
            for number, (options, at) in enumerate(zip(choices, chosen, strict=True))
            if at + 1 < len(options) and options[at + 1].tokens - options[at].tokens <= left
        ]
        if not steps:
            break
        _, number = min(steps)
        options, at = choices[number], chosen[number]
        left -= options[at + 1].tokens - options[at].tokens
        chosen[number] += 1
    return Plan(tuple(o[at] for o, at in zip(choices, chosen, strict=True)), full, budget)


def picture(frame: Frame, cut: Cut) -> tuple[bytes, str]:
    """The bytes that are sent of a frame, and their media type.

    They come from the pixels of the frame as the gate cleared it; an uncut frame at its own size
    is sent as it is.
    """
    if (cut.left, cut.top, *cut.size) == (0, 0, frame.width, frame.height):
        return frame.data, frame.media_type
    from PIL import Image

    shown = Image.fromarray(frame.rgb()[cut.top : cut.bottom, cut.left : cut.right])
    if shown.size != cut.size:
        shown = shown.resize(cut.size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return out.getvalue(), "image/jpeg"


def notes(cuts: Sequence[Cut], first: int) -> str:
    """What a model is told of pictures that are cut; empty where none is.

    Args:
        first: position of the first frame within the session.
    """
    lines = []
    for number, cut in enumerate(cuts, start=first):
        if cut.like is None:
            continue
        moved = f", scrolled by {cut.scrolled} pixels" if cut.scrolled else ""
        lines.append(
            f"Frame {number} is shown in part: what is new since frame {first + cut.like}{moved}; "
            "the rest of that page is as it was there."
        )
    return "\n".join(lines)


class _Screen:
    """A frame with its pixels, decoded once."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    @cached_property
    def rgb(self) -> npt.NDArray[np.uint8]:
        return self.frame.rgb()

    @cached_property
    def cells(self) -> npt.NDArray[np.int16]:
        """Mean grey of cells of eight pixels."""
        from agent.reader.changes import CELL

        height, width = (side // CELL * CELL for side in self.rgb.shape[:2])
        grid = self.rgb[:height, :width, 1].reshape(height // CELL, CELL, width // CELL, CELL)
        means: npt.NDArray[np.int16] = grid.mean(axis=(1, 3)).astype("int16")
        return means


def _new_parts(frames: Sequence[Frame]) -> list[Cut]:
    """Of each frame the part that is new in the batch, at full size and not yet priced."""
    screens = [_Screen(frame) for frame in frames]
    parts: list[Cut] = []
    for number, screen in enumerate(screens):
        frame = screen.frame
        best = Cut(0, 0, frame.width, frame.height, 1.0, 0)
        for earlier in _alike(screens, number):
            found = _new_part(screens[earlier], screen, earlier)
            if found is not None and _area(found) < _area(best):
                best = found
        parts.append(best)
    return parts


def _alike(screens: Sequence[_Screen], number: int) -> list[int]:
    """The frame before this one, and the earlier one that looks most like it in place."""
    screen = screens[number]
    same = [i for i in range(number) if screens[i].rgb.shape == screen.rgb.shape]
    if not same or min(screen.rgb.shape[:2]) < 64:
        return []
    most = max(same, key=lambda i: (int((screens[i].cells == screen.cells).sum()), i))
    return sorted({same[-1], most}, reverse=True)


def _new_part(before: _Screen, after: _Screen, like: int) -> Cut | None:
    """What of a frame an earlier one does not show; None where that is nearly all of it."""
    import numpy as np

    from agent.reader.changes import CELL, find_scroll, unchanged_cells

    shift = find_scroll(before.rgb, after.rgb)
    old = unchanged_cells(before.rgb, after.rgb, 0)
    if shift:
        old |= unchanged_cells(before.rgb, after.rgb, shift)
    rows, columns = np.flatnonzero((~old).any(axis=1)), np.flatnonzero((~old).any(axis=0))
    if not rows.size:
        # Not one cell changed, yet it was kept: something small enough to need every pixel.
        return None
    height, width = after.rgb.shape[:2]
    above = max(MARGIN, OVERLAP if shift < 0 else 0)
    below = max(MARGIN, OVERLAP if shift > 0 else 0)
    part = Cut(
        max(0, int(columns[0]) * CELL - MARGIN),
        max(0, int(rows[0]) * CELL - above),
        min(width, int(columns[-1] + 1) * CELL + MARGIN),
        min(height, int(rows[-1] + 1) * CELL + below),
        1.0,
        0,
        like,
        -shift,
    )
    return part if _area(part) <= WORTH_CUTTING * height * width else None


def _choices(part: Cut, rule: ImageRule, detail: Detail) -> list[Cut]:
    """The part at the largest scale for each price that it can have, cheapest first."""
    from dataclasses import replace

    width, height = part.right - part.left, part.bottom - part.top
    largest: dict[int, float] = {}
    lowest = round(SMALLEST_SCALE * _STEPS)
    for step in range(_STEPS, lowest - 1, -1):
        scale = step / _STEPS
        largest.setdefault(rule.tokens(*_scaled(width, height, scale), detail), scale)
    return [replace(part, scale=s, tokens=t) for t, s in sorted(largest.items())]


def _whole(frame: Frame, rule: ImageRule, detail: Detail) -> Cut:
    tokens = rule.tokens(frame.width, frame.height, detail)
    return Cut(0, 0, frame.width, frame.height, 1.0, tokens)


def _area(cut: Cut) -> int:
    return (cut.right - cut.left) * (cut.bottom - cut.top)


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(1, round(width * scale)), max(1, round(height * scale))
