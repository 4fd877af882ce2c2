"""A simulated shopper's visit played in a real browser, photographed, and read by OCR."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import TypeAdapter

from tools.preferences import FrameReading

if TYPE_CHECKING:
    from agent.models.vision import EmbeddedVision
    from evals.shoppers import Shopper

Read = tuple[tuple[FrameReading, ...], frozenset[str]]
"""The readings of a visit, and the ids of the products that stood on its screens."""


def read_rendered(
    shopper: Shopper, brands: Sequence[str], kept: Path, *, fresh: bool = False
) -> Read:
    """What the reader reads of a visit; a visit that was read before is taken from `kept`.

    Args:
        shopper: whose steps are played.
        brands: the names that the reader is told of.
        kept: folder with a file per visit; the file's name holds the digest of shop and steps.
        fresh: play and read again.

    Raises:
        MissingExtra: playwright is not installed.
    """
    script = _script(shopper)
    file = kept / f"{shopper.name}-{sha256(script.encode()).hexdigest()[:16]}.json"
    if file.is_file() and not fresh:
        held = json.loads(file.read_text("utf-8"))
        readings = _READINGS.validate_python(held["readings"])
        return readings, frozenset(held["shown"])
    readings, shown = _play(shopper, script, brands)
    found = {"readings": _READINGS.dump_python(readings, mode="json"), "shown": sorted(shown)}
    kept.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return readings, shown


_READINGS: TypeAdapter[tuple[FrameReading, ...]] = TypeAdapter(tuple[FrameReading, ...])


def _script(shopper: Shopper) -> str:
    from agent.demo.shop import VERSION

    told: dict[str, Any] = {
        "title": f"{shopper.name}, shop {VERSION}",
        "shopper": "simulated",
        "currency": shopper.taste.currency,
        "steps": [dict(step) for step in shopper.steps],
        "gold": {},
    }
    return yaml.safe_dump(told)


def _play(shopper: Shopper, script: str, brands: Sequence[str]) -> Read:
    from agent.capture.take import take
    from agent.demo.record import record

    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "script.yaml").write_text(script, encoding="utf-8")
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
