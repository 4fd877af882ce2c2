"""What a picture costs in tokens before it is sent, by the rules that providers publish.

Two rules are in use (OpenAI, "Images and vision", sections "Model sizing behavior" and "Calculating
costs", developers.openai.com, read as of summer 2026): older models cut a picture into tiles of 512
pixels, newer and small ones into patches of 32. Servers of one's own count in their own ways; they
are taken for the commonest rule, and the true usage is shown after the call.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

Detail = Literal["low", "high", "auto"]

TILE, LONGEST_SIDE, SHORT_SIDE = 512, 2048, 768
PATCH = 32


class ImageRule(Protocol):
    """How one family of models counts a picture."""

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Tokens of a picture of so many pixels."""


@dataclass(frozen=True)
class Tiles:
    """`low` costs `base`; else the picture is fitted into a square of 2048 pixels, its shorter side
    brought down to 768, and each tile of 512 costs `tile` on top. Nothing is enlarged."""

    base: int = 85
    tile: int = 170

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """See ImageRule; `auto` is counted as `high`, which servers take for screenshots."""
        if detail == "low":
            return self.base
        # As exact fractions: 1229 x 768 must not become three rows of tiles by a rounded side.
        scale = min(1.0, LONGEST_SIDE / max(width, height))
        scale = min(scale, SHORT_SIDE / min(width, height))
        columns, rows = (math.ceil(side * scale / TILE - 1e-9) for side in (width, height))
        return self.base + self.tile * columns * rows


@dataclass(frozen=True)
class Patches:
    """Patches of 32 pixels, each `factor` tokens; a picture of more than `most` is scaled down
    until it fits. With `detail` low or auto another number may hold; None: the same.

    That some models also scale a side of more than 2,048 pixels down is left out: it only saves.
    """

    factor: float = 1.0
    most: int = 1536
    most_low: int | None = None
    most_auto: int | None = None

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """See ImageRule."""
        most = {"low": self.most_low, "auto": self.most_auto}.get(detail) or self.most
        return math.ceil(_patches(width, height, most) * self.factor)


def _patches(width: int, height: int, most: int) -> int:
    patches = math.ceil(width / PATCH) * math.ceil(height / PATCH)
    if patches <= most:
        return patches
    scale = math.sqrt(PATCH**2 * most / (width * height))
    across, down = width * scale / PATCH, height * scale / PATCH
    scale *= min(math.floor(across) / across, math.floor(down) / down)
    fitted = round(width * scale / PATCH) * math.ceil(height * scale / PATCH - 1e-9)
    return min(fitted, most)


_LARGE = 2500
_SMALL_SQUARE = (512 // PATCH) ** 2
"""Patches of the picture of 512 by 512 pixels that `low` makes of any."""

# The first name that a model's begins with counts, so the longer ones stand in front. Factors of
# the small models are the page's table. Two users who took bills apart found less than that (1.2
# for gpt-5-mini, 1.5 for gpt-5-nano: community.openai.com/t/1344040); the published ones err on the
# safe side. As read, the page gives gpt-5.2 to gpt-5.5 no factor; programs that follow its later
# versions count 1.2, and so do bills of gpt-6.
_RULES: tuple[tuple[str, ImageRule], ...] = (
    ("gpt-4.1-mini", Patches(1.62)),
    ("gpt-4.1-nano", Patches(2.46)),
    ("gpt-5-mini", Patches(1.62)),
    ("gpt-5-nano", Patches(2.46)),
    ("gpt-5.4-mini", Patches(1.62)),
    ("gpt-5.4-nano", Patches(2.46)),
    ("o4-mini", Patches(1.72)),
    ("gpt-5-codex-mini", Patches()),
    ("gpt-5.1-codex-mini", Patches()),
    ("gpt-5.2", Patches(1.2)),
    ("gpt-5.3", Patches(1.2)),
    ("gpt-5.4", Patches(1.2, _LARGE, most_low=_SMALL_SQUARE)),
    ("gpt-5.5", Patches(1.2, _LARGE, most_low=_SMALL_SQUARE, most_auto=10_000)),
    # With `auto` not scaled at all; more than 30,000 patches are refused.
    ("gpt-5.6", Patches(1.2, _LARGE, most_low=_SMALL_SQUARE, most_auto=30_000)),
    ("gpt-6", Patches(1.2, _LARGE, most_low=_SMALL_SQUARE, most_auto=30_000)),
    ("gpt-4o-mini", Tiles(2833, 5667)),
    ("gpt-5", Tiles(70, 140)),
    ("o1", Tiles(75, 150)),
    ("o3", Tiles(75, 150)),
    ("computer-use-preview", Tiles(65, 129)),
)


def rule_of(model: str) -> ImageRule:
    """How the model of that name counts pictures; all others as GPT-4o does (85 + 170 a tile)."""
    known = (rule for start, rule in _RULES if model.casefold().startswith(start))
    return next(known, Tiles())
