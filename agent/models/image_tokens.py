"""What a picture costs in tokens before it is sent, by the rules that providers publish.

Two rules are in use (OpenAI, "Images and vision", section "Calculating costs"): older models cut a
picture into tiles of 512 pixels, newer small ones into patches of 32. Servers of one's own count in
their own ways; they are taken for the commonest rule, and the true usage is shown after the call.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

Detail = Literal["low", "high", "auto"]

TILE, LONGEST_SIDE, SHORT_SIDE = 512, 2048, 768
PATCH, MOST_PATCHES = 32, 1536


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
    """Patches of 32 pixels, at most 1,536: a larger picture is scaled down until it fits. Each
    costs `factor` tokens; `detail` changes nothing."""

    factor: float = 1.0

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """See ImageRule."""
        patches = math.ceil(width / PATCH) * math.ceil(height / PATCH)
        if patches > MOST_PATCHES:
            scale = math.sqrt(PATCH**2 * MOST_PATCHES / (width * height))
            across, down = width * scale / PATCH, height * scale / PATCH
            scale *= min(math.floor(across) / across, math.floor(down) / down)
            patches = round(width * scale / PATCH) * math.ceil(height * scale / PATCH - 1e-9)
            patches = min(patches, MOST_PATCHES)
        return math.ceil(patches * self.factor)


# Longest beginning of a model's name first, as the page lists them.
_RULES: tuple[tuple[str, ImageRule], ...] = (
    ("gpt-4.1-mini", Patches(1.62)),
    ("gpt-4.1-nano", Patches(2.46)),
    ("gpt-5-mini", Patches(1.62)),
    ("gpt-5-nano", Patches(2.46)),
    ("o4-mini", Patches(1.72)),
    ("gpt-4o-mini", Tiles(2833, 5667)),
    ("gpt-5", Tiles(70, 140)),
    ("o1", Tiles(75, 150)),
    ("o3", Tiles(75, 150)),
)


def rule_of(model: str) -> ImageRule:
    """How the model of that name counts pictures; unknown ones as GPT-4o does (85 + 170 a tile)."""
    known = (rule for start, rule in _RULES if model.casefold().startswith(start))
    return next(known, Tiles())
