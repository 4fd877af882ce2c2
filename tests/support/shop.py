"""A small shop, frames without pixels worth reading, and a vision reader that reads them anyway."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from agent.capture.frames import Frame
from agent.capture.gate import admit
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
    source = folder / "products.jsonl"
    source.write_text("".join(json.dumps(row | changes) + "\n" for row in rows()), encoding="utf-8")
    build_catalog(
        source,
        folder / "catalog",
        encoder="hashing",
        progress=False,
        name="small shop",
        home=folder,
    )
    return Catalog.open(folder / "catalog")


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
