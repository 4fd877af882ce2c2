"""Do the colour, brand and price words of real search queries end up as filters, not as text?

    python benchmarks/query_words.py queries.jsonl

Each line of the file: `text`, and `gold` with `product_type`, `brand_or_creator`, `color` (lists of
spans in the text) and `price_upper`, `price_lower`. The shop sells one product for every query:
called what the query says without its price, of the brand and colour that the gold names. Every
query is then read as `interarec catalog search` reads it. Shares come with Wilson intervals.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from agent.commands.catalog_limits import read_words
from evals.proportions import wilson
from tools.catalog import Catalog, build_catalog
from tools.catalog.words import fold, stems
from tools.colors import basic_color
from tools.domain import Constraints


def product_of(number: int, row: dict[str, Any]) -> dict[str, Any]:
    gold = row["gold"]
    title = row["text"]
    for span in gold.get("price_span") or ():
        title = title.replace(span, " ")
    limit = gold.get("price_upper") or gold.get("price_point")
    return {
        "id": str(number),
        "title": title.strip() or "thing",
        "brand": next(iter(gold.get("brand_or_creator") or ()), None),
        "colors": gold.get("color") or [],
        "categories": gold.get("product_type") or [],
        "price": float(limit or 25) * 0.9,
        "currency": "USD",
    }


def said(span: str, values: tuple[str, ...]) -> bool:
    """Whether a span is among the words of a filter."""
    words = set(stems(span))
    return any(words <= set(stems(v)) or set(stems(v)) <= words for v in values)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("queries", type=Path)
    ask.add_argument("--show", type=int, default=0, help="misses to print of each kind")
    asked = ask.parse_args()
    rows = [json.loads(line) for line in asked.queries.read_text("utf-8").splitlines() if line]
    hits: Counter[str] = Counter()
    trials: Counter[str] = Counter()
    shown: Counter[str] = Counter()

    def count(kind: str, right: bool, row: dict[str, Any], detail: object) -> None:
        trials[kind] += 1
        hits[kind] += right
        if not right and shown[kind] < asked.show:
            shown[kind] += 1
            print(f"  {kind}: {row['text']!r}: {detail}")

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "shop.jsonl"
        records = [product_of(n, row) for n, row in enumerate(rows)]
        source.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
        home = Path(folder) / "home"
        out = Path(folder) / "catalog"
        build_catalog(source, out, encoder="hashing", home=home, progress=False)
        with Catalog.open(out) as shop:
            for row in rows:
                gold = row["gold"]
                text, limits, _ = read_words(shop, row["text"], Constraints())
                left = set(stems(text))
                for span in gold.get("color") or ():
                    # Patterns ("camo", "floral") are no colours that a filter could hold.
                    if basic_color(span):
                        count("colour as filter", said(span, limits.colors), row, limits.colors)
                        count("colour not as text", not set(stems(span)) <= left, row, text)
                for span in gold.get("brand_or_creator") or ():
                    count("brand as filter", said(span, limits.brands), row, limits.brands)
                    count("brand not as text", not set(stems(span)) <= left, row, text)
                if upper := gold.get("price_upper"):
                    right = limits.price_upper is not None and float(limits.price_upper) == upper
                    count("price as filter", right, row, limits.price_upper)
                    bare = not re.search(rf"\b{upper:g}\b", fold(text))
                    count("price not as text", bare, row, text)
                for value in limits.colors:
                    spans = gold.get("color") or ()
                    count("colour filters that are right", any(said(s, (value,)) for s in spans),
                          row, value)  # fmt: skip
                for value in limits.brands:
                    spans = gold.get("brand_or_creator") or ()
                    count("brand filters that are right", any(said(s, (value,)) for s in spans),
                          row, value)  # fmt: skip
                none = limits.price_upper is None and limits.price_lower is None
                if not gold.get("price_span"):
                    count("no price where none is named", none, row, limits.price_upper)
    print(f"{len(rows)} queries")
    for kind, n in trials.items():
        low, high = wilson(hits[kind], n)
        print(f"{kind:32s} {hits[kind] / n:.3f} [{low:.3f}, {high:.3f}]  {hits[kind]} of {n}")


if __name__ == "__main__":
    main()
