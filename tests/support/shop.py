"""A small shop, frames without pixels worth reading, a reader that reads them anyway, and a run.

Whoever writes tests of turns starts at `shop_context`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from agent.capture.frames import Frame
from agent.capture.gate import admit
from agent.capture.store import FrameStore
from agent.context import Context
from agent.language.operations import find_encoder
from agent.models.embedded import EmbeddedChatModel
from agent.models.vision import VisionResult
from agent.reader import collect_evidence, summarize_readings
from tools.catalog import Catalog, build_catalog
from tools.preferences import FrameReading, PreferenceSummary, SeenProduct

COLORS = ("green", "red", "blue", "black")
KINDS = {"Dresses": 40, "Shirts": 25, "Phones": 300}
BRANDS = ("Aster", "Birch", "Clover")


def rows() -> list[dict[str, object]]:
    """Thirty-six products: three kinds, four colours, three brands, prices that differ."""
    made: list[dict[str, object]] = []
    for (kind, base), color, (b, brand) in product(KINDS.items(), COLORS, enumerate(BRANDS)):
        number = len(made)
        made.append(
            {
                "id": f"p{number}",
                "title": f"{brand} {color} {kind[:-1].lower()}",
                "brand": brand,
                "price": base + 7 * b + COLORS.index(color),
                "currency": "GBP",
                "colors": [color],
                "categories": [kind],
                "sizes": ["S", "M", "L"] if kind != "Phones" else [],
                "rating": 3.5 + 0.5 * b,
                "reviews": 10 + number,
                "stock": 5,
            }
        )
    return made


def small_catalog(folder: Path, **changes: object) -> Catalog:
    """A catalogue of `rows`, with a field replaced in every row where asked."""
    return catalog_of((row | changes for row in rows()), folder, name="small shop")


def catalog_of(
    products: Iterable[Mapping[str, object]], folder: Path, name: str = "shop"
) -> Catalog:
    """A catalogue of these rows, in `folder/catalog`."""
    source = folder / "products.jsonl"
    with source.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in products)
    target = folder / "catalog"
    build_catalog(source, target, encoder="hashing", progress=False, name=name, home=folder)
    return Catalog.open(target)


def frame(number: int) -> Frame:
    """A picture that differs from every other number's."""
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (16, 16), (number % 256, number // 256, 7)).save(data, "PNG")
    return admit(data.getvalue(), f"frame{number}.png")


class PreparedVision:
    """Reads every frame as the same products."""

    name = "prepared"

    def __init__(self, *products: SeenProduct, failing: Exception | None = None) -> None:
        self.products = products
        self.failing = failing
        self.batches: list[int] = []

    def read(
        self,
        frames: Sequence[Frame],
        *,
        before: Sequence[FrameReading],
        running: PreferenceSummary | None,
        prompts: Path | None = None,
    ) -> VisionResult:
        """Reads a batch without looking."""
        if self.failing:
            raise self.failing
        self.batches.append(len(frames))
        readings = [
            FrameReading(
                digest=f.digest,
                kind="listing",
                products=self.products,
                currency=next((p.currency for p in self.products), None),
            )
            for f in frames
        ]
        whole = [*before, *readings]
        evidence = collect_evidence(whole)
        return VisionResult(readings, summarize_readings(whole, evidence), evidence)


def shop_context(
    catalog: Catalog, folder: Path, vision: PreparedVision | None = None, **changes: Any
) -> Context:
    """What a turn runs with over a shop when no model is configured.

    Args:
        folder: where frames are kept.
        vision: reads the frames; none: one that sees no products.
        changes: fields of the context that are not as usual.
    """
    market = catalog.currency or ""
    eyes = vision or PreparedVision()
    chat = EmbeddedChatModel(
        vocabularies={market: catalog.vocabulary()}, encode=find_encoder([catalog])
    )
    context = Context(
        markets={market: catalog},
        frames=FrameStore(folder / "frames.sqlite"),
        vision=eyes,
        chat=chat,
        embedded_vision=eyes,
        embedded_chat=chat,
    )
    return replace(context, **changes)
