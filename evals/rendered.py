"""A simulated shopper's visit played in a real browser, photographed, and read by OCR."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from agent.models.vision import EmbeddedVision
    from evals.shoppers import Shopper
    from tools.preferences import FrameReading


def read_rendered(
    shopper: Shopper, brands: Sequence[str]
) -> tuple[tuple[FrameReading, ...], frozenset[str]]:
    """What the reader reads of a visit, and the ids of the products that stood on its screens.

    Args:
        shopper: whose steps are played.
        brands: the names that the reader is told of.

    Raises:
        MissingExtra: playwright is not installed.
    """
    from agent.capture.take import take
    from agent.demo.record import record

    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        script = {
            "title": shopper.name,
            "shopper": "simulated",
            "currency": shopper.taste.currency,
            "steps": [dict(step) for step in shopper.steps],
            "gold": {},
        }
        (folder / "script.yaml").write_text(yaml.safe_dump(script), encoding="utf-8")
        record(shopper.name, folder)
        story = json.loads((folder / "session.json").read_text("utf-8"))
        frames = take([folder]).kept
        read = _reader(tuple(brands)).read(frames, before=(), running=None)
    shown = frozenset(p["id"] for frame in story["frames"] for p in frame["products"])
    return tuple(read.readings), shown


@cache
def _reader(brands: tuple[str, ...]) -> EmbeddedVision:
    from agent.models.vision import EmbeddedVision

    return EmbeddedVision(brands)
