"""Variants far apart, nested variants, and files larger than the memory that they are given."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tools.catalog import Catalog, build_catalog
from tools.catalog.rows import BadRow, RawRow
from tools.catalog.variants import fold_variants, gathered
from tools.domain import Product


def _built(path: Path, home: Path, **more: Any) -> tuple[Any, dict[str, Product]]:
    out = path.parent / "catalog"
    report = build_catalog(path, out, encoder="hashing", home=home, progress=False, **more)
    with Catalog.open(out) as catalog:
        return report, {p.id: p for p in catalog.products(range(len(catalog)))}


def test_variants_are_folded_wherever_they_stand(tmp_path: Path, home: Path) -> None:
    lines = [
        f"{shirt}-{size},{shirt},Fine shirt {shirt},{10 + shirt},GBP,{size}"
        for shirt in range(40)
        for size in ("S", "M", "L")
    ]
    random.Random(5).shuffle(lines)
    path = tmp_path / "shop.csv"
    path.write_text("id,item_group_id,title,price,currency,size\n" + "\n".join(lines) + "\n")
    report, products = _built(path, home)
    assert (report.kept, report.folded) == (40, 80)
    assert all(sorted(p.sizes) == ["L", "M", "S"] for p in products.values())


def test_a_shopify_export_that_was_sorted_by_price(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "products_export.csv"
    path.write_text(
        "Handle,Title,Vendor,Option1 Name,Option1 Value,Variant Price,Status\n"
        "tee,Tee,Nimbus,Size,S,15.00,active\nmug,Mug,Nimbus,Title,Default Title,8.00,active\n"
        "tee,,,,M,15.00,\n"
    )
    report, products = _built(path, home, currency="GBP")
    assert set(products) == {"tee", "mug"}
    assert products["tee"].sizes == ("S", "M")
    assert report.quarantined == 0


def test_the_nested_variants_of_the_agentic_commerce_protocol(tmp_path: Path, home: Path) -> None:
    def variant(number: int, color: str, size: str, **more: Any) -> dict[str, Any]:
        return {
            "id": f"sku{number}",
            "title": f"Classic Tee - {color} / {size}",
            "price": {"amount": 1999, "currency": "USD"},
            "availability": {"available": True, "status": "in_stock"},
            "variant_options": [{"name": "Color", "value": color}, {"name": "Size", "value": size}],
            **more,
        }

    tee = {
        "id": "tee",
        "title": "Classic Tee",
        "brand": "Nimbus",
        "description": {"plain": "A soft tee."},
        "media": [{"type": "image", "url": "https://cdn.example/tee.jpg"}],
        "url": "https://shop.example/tee",
        "variants": [
            variant(1, "Red", "S"),
            variant(2, "Blue", "S"),
            variant(3, "Red", "M", list_price={"amount": 1999, "currency": "USD"}),
            variant(4, "Green", "S", availability={"available": False, "status": "out_of_stock"}),
            variant(5, "Black", "S", price={"amount": 1999.5, "currency": "USD"}),
        ],
    }
    yen = {"id": "cup", "title": "Cup", "variants": [
        {"id": "cup-1", "title": "Cup of clay", "price": {"amount": 1200, "currency": "JPY"}},
    ]}  # fmt: skip
    bad = {"id": "bad", "title": "Bad", "variants": [{"id": "b", "title": "B", "__class__": "os"}]}
    path = tmp_path / "feed.json"
    path.write_text(json.dumps({"products": [tee, yen, bad, {**tee, "variants": []}]}))
    report, products = _built(path, home)
    assert report.format == "acp"
    assert set(products) == {"sku1", "sku2", "sku3", "sku4", "sku5"}
    red = products["sku1"]
    assert str(red.price) == "$19.99"
    assert (red.colors, red.brand, red.description) == (("Red",), "Nimbus", "A soft tee.")
    assert red.image == "https://cdn.example/tee.jpg"
    assert products["sku4"].stock == 0
    assert str(products["sku5"].price) == "$1,999.50", "not a whole amount, so not a minor unit"
    reasons = report.reasons
    assert any("__class__" in r or "is not allowed" in r for r in reasons)
    assert any("a price in JPY" in r or "in a catalogue" in r for r in reasons)
    assert any("no variant" in r for r in reasons)
    single = tmp_path / "yen" / "feed.json"
    single.parent.mkdir()
    single.write_text(json.dumps({"products": [yen]}))
    assert str(_built(single, home)[1]["cup-1"].price) == "¥1,200", "the yen has no minor unit"


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", "", None]), st.integers(0, 5)), max_size=30)
)
def test_gathering_loses_nothing_and_keeps_first_appearance(
    pairs: list[tuple[str | None, int]],
) -> None:
    rows = [RawRow(n, {"g": key, "n": n, "v": v}) for n, (key, v) in enumerate(pairs)]
    found = list(gathered([*rows, BadRow(99, "x")], lambda r: r.fields["g"]))
    plain = [r for r in found if isinstance(r, RawRow)]
    assert sorted(r.line for r in plain) == list(range(len(rows)))
    assert len(found) == len(rows) + 1
    keys = [r.fields["g"] for r in plain if r.fields["g"]]
    runs = [k for i, k in enumerate(keys) if i == 0 or keys[i - 1] != k]
    assert len(runs) == len(set(runs)), "rows of one key are next to each other"
    assert runs == list(dict.fromkeys(k for k, _ in pairs if k))
    folded = list(fold_variants(rows, {"group": "g", "sizes": "v"}))
    assert sum(count for _, count in folded) == len(rows)


_STREAMED = """
import resource, sys
from pathlib import Path
from tools.catalog.source import open_source
from tools.catalog.variants import fold_variants
source = open_source(Path(sys.argv[1]))
list(zip(range(10), source.rows()))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
folded = sum(1 for _ in fold_variants(source.rows(), {"group": "item_group_id", "sizes": "size"}))
print(folded, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_file_is_read_and_gathered_in_little_memory(tmp_path: Path) -> None:
    """Forty megabytes, every group torn apart, in a tenth of that: memory does not follow size."""
    assert resource.getpagesize() > 0
    path, groups, words = tmp_path / "shop.csv", 13_000, "word " * 200
    with path.open("w") as stream:
        stream.write("id,item_group_id,title,size,description\n")
        for size in ("S", "M", "L"):
            for group in range(groups):
                stream.write(f"{group}-{size},{group},shirt {group},{size},{words}\n")
    assert path.stat().st_size > 35 << 20
    done = subprocess.run(
        [sys.executable, "-c", _STREAMED, str(path)], capture_output=True, text=True, check=True
    )
    folded, kilobytes = map(int, done.stdout.split())
    assert folded == groups
    assert kilobytes < 8 << 10, f"{kilobytes} kB on top for a file of 40 MB"
