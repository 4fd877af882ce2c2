"""Feeds of other programs, brought to products: dialects, variants, broken documents."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tools.catalog import BuildReport, Catalog, build_catalog
from tools.catalog.rows import RawRow, kind_of, read_rows
from tools.domain import Product
from tools.errors import CatalogError


@pytest.fixture
def bring(tmp_path: Path, home: Path) -> Any:
    def run(content: str | bytes, name: str, **more: Any) -> tuple[BuildReport, dict[str, Product]]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        out = tmp_path / "catalog"
        report = build_catalog(path, out, encoder="hashing", home=home, progress=False, **more)
        with Catalog.open(out) as catalog:
            return report, {p.id: p for p in catalog.products(range(len(catalog)))}

    return run


GOOGLE = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>A shop</title><link>https://shop.example</link>
<item><g:id>TS-S</g:id><g:title>Organic tee - S</g:title><g:price>20.00 EUR</g:price>
 <g:sale_price>15.00 EUR</g:sale_price><g:brand>Nimbus</g:brand><g:color>Navy</g:color>
 <g:size>S</g:size><g:item_group_id>TS</g:item_group_id><g:availability>out_of_stock</g:availability>
 <g:product_type>Fashion &gt; T-Shirts</g:product_type>
 <g:shipping><g:country>DE</g:country><g:price>4.99 EUR</g:price></g:shipping>
 <g:product_detail><g:section_name>General</g:section_name>
 <g:attribute_name>Fabric</g:attribute_name><g:attribute_value>cotton</g:attribute_value>
 </g:product_detail></item>
<item><g:id>TS-M</g:id><g:title>Organic tee - M</g:title><g:price>20.00 EUR</g:price>
 <g:sale_price>15.00 EUR</g:sale_price><g:color>Navy</g:color><g:size>M</g:size>
 <g:item_group_id>TS</g:item_group_id><g:availability>in_stock</g:availability></item>
<item><g:id>TS-R</g:id><g:title>Organic tee - M red</g:title><g:price>20.00 EUR</g:price>
 <g:color>Red</g:color><g:size>M</g:size><g:item_group_id>TS</g:item_group_id></item>
<item><g:id>MUG</g:id><g:title>Mug</g:title><g:price>-3 EUR</g:price></item>
</channel></rss>
"""


def test_a_google_merchant_feed_in_xml(bring: Any) -> None:
    report, products = bring(GOOGLE, "feed.xml")
    assert (report.format, report.currency) == ("xml", "EUR")
    assert (report.rows, report.kept, report.folded, report.quarantined) == (4, 2, 1, 1)
    tee = products["TS-S"]
    assert tee.title == "Organic tee"
    assert tee.sizes == ("S", "M")
    assert tee.price is not None
    assert tee.price.amount == Decimal("15.00")
    assert tee.on_sale
    assert tee.stock is None, "one size can be had"
    assert tee.categories == ("Fashion", "T-Shirts")
    assert tee.attributes == {"Fabric": "cotton"}
    assert products["TS-R"].colors == ("Red",)


def test_a_google_merchant_feed_in_tsv(bring: Any) -> None:
    text = (
        "id\ttitle\tprice\tavailability\tlink\timage_link\tproduct type\titem group id\tsize\n"
        "1\tOak shelf\t49.90 GBP\tin stock\thttps://s.example/1\tjavascript:alert(1)\tHome\t\t\n"
        "2\tBoot 41\t80 GBP\tout of stock\thttps://s.example/2\t\tShoes\tB\t41\n"
        "3\tBoot 42\t80 GBP\tout of stock\thttps://s.example/3\t\tShoes\tB\t42\n"
    )
    report, products = bring(text, "feed.tsv")
    assert (report.kept, report.folded) == (2, 1)
    assert products["1"].url == "https://s.example/1"
    assert products["1"].image is None, "an address that could run something is not kept"
    assert products["2"].sizes == ("41", "42")
    assert products["2"].stock == 0, "no size can be had"


SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,"
    "Image Src,Status\n"
    "tee,Organic Tee,<p>Soft</p>,Nimbus,T-Shirts,true,Color,Navy,Size,S,T1,3,15.00,20.00,"
    "https://cdn.example/1.jpg,active\n"
    "tee,,,,,,,Navy,,M,T2,2,15.00,20.00,,\n"
    "tee,,,,,,,Red,,M,T3,0,15.00,20.00,,\n"
    "tee,,,,,,,,,,,,,,https://cdn.example/2.jpg,\n"
    "mug,Mug,,Nimbus,Mugs,true,Title,Default Title,,,M1,5,8.00,,,active\n"
    "old,Old thing,,Nimbus,Mugs,true,Title,Default Title,,,O1,5,8.00,,,draft\n"
)


def test_a_shopify_export_folds_its_variants(bring: Any) -> None:
    report, products = bring(SHOPIFY, "products_export.csv", currency="GBP")
    assert report.format == "shopify"
    assert set(products) == {"tee-navy", "tee-red", "mug"}
    navy = products["tee-navy"]
    assert (navy.sizes, navy.stock, navy.brand) == (("S", "M"), 5, "Nimbus")
    assert navy.on_sale
    assert navy.description == "Soft"
    assert products["tee-red"].stock == 0
    assert products["mug"].attributes == {}
    assert (report.folded, report.skipped, report.quarantined) == (1, 1, 0)


def test_a_feed_of_the_agentic_commerce_protocol(bring: Any) -> None:
    rows: list[dict[str, Any]] = [
        {
            "item_id": f"K-{size}", "title": f"Rain jacket, {size}", "description": "Dry",
            "url": "https://s.example/k", "brand": "Kestrel", "price": "79.99 USD",
            "sale_price": "59.99 USD", "availability": "in_stock", "group_id": "K",
            "listing_has_variations": True, "variant_dict": {"size": size}, "color": "Green",
            "size": size, "product_category": "Apparel > Jackets", "star_rating": "4.6",
            "review_count": 254, "is_eligible_search": True, "image_url": "https://s.example/k.jpg",
        }
        for size in ("S", "M")
    ]  # fmt: skip
    rows.append({**rows[0], "item_id": "P", "group_id": "", "price": {"amount": "12.50",
                 "currency": "USD"}, "sale_price": None})  # fmt: skip
    _, products = bring("".join(json.dumps(r) + "\n" for r in rows), "feed.jsonl.gz")
    assert set(products) == {"K-S", "P"}
    jacket = products["K-S"]
    assert (jacket.title, jacket.sizes) == ("Rain jacket", ("S", "M"))
    assert str(jacket.price) == "$59.99"
    assert jacket.on_sale
    assert (jacket.rating, jacket.reviews) == (4.6, 254)
    assert "S, M" not in str(jacket.attributes)


def test_amazon_m2_takes_one_locale(bring: Any) -> None:
    text = (
        "id,locale,title,price,brand,color,size,model,material,author,desc\n"
        "B1,UK,Desk lamp,19.99,Nimbus,Black,,X1,Metal,,A lamp\n"
        "B1,DE,Schreibtischlampe,24.5,Nimbus,Schwarz,,X1,Metall,,Eine Lampe\n"
        "B2,UK,Rug,40000000.07,Fjordal,,,,,,\n"
        "B3,JP,灯,3000.0,,,,,,,\n"
    )
    report, products = bring(text, "products_train.csv", where={"locale": "UK"})
    assert (report.format, report.currency, report.skipped) == ("amazon-m2", "GBP", 2)
    assert set(products) == {"B1"}
    assert products["B1"].attributes == {"locale": "UK", "model": "X1", "material": "Metal"}
    assert report.reasons == {"no price": 1}
    with pytest.raises(CatalogError, match="'land'"):
        bring(text, "products_train.csv", where={"land": "UK"})


def test_parquet(bring: Any, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    table = pa.table(
        {
            "id": [1, 2, 3],
            "title": ["lamp", "rug", None],
            "price": [Decimal("5.50"), Decimal("-1"), Decimal("2")],
            "currency": ["GBP"] * 3,
            "colors": [["Red", "Blue"], [], []],
            "weight_kg": [1.5, float("nan"), 2.0],
        }
    )
    path = tmp_path / "shop.parquet"
    pq.write_table(table, path)
    report, products = bring(path.read_bytes(), "again.parquet")
    assert (report.format, report.kept, report.quarantined) == ("parquet", 1, 2)
    assert products["1"].colors == ("Red", "Blue")
    with pytest.raises(CatalogError, match="Parquet"):
        bring(path.read_bytes()[:200], "cut.parquet")


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": "1", "title": "lamp"}, {"id": "2", "title": "rug"}]',
        '{"feed_id": "x",\n "products": [\n  {"id": "1", "title": "lamp"},\n'
        '  {"id": "2", "title": "rug"}\n]}',
        '{"products": [{"id": "1", "title": "lamp"}, {"id": "2", "title": "rug"}]}',
    ],
)
def test_json_documents(bring: Any, text: str) -> None:
    report, products = bring(text, "shop.json")
    assert report.format == "json"
    assert {p.title for p in products.values()} == {"lamp", "rug"}


def test_a_json_document_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [{"id": str(i), "title": "lamp " * (i % 7), "price": i * 1000} for i in range(50)]
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(records, indent=2))
    for size in (1, 3, 17, 4096):
        monkeypatch.setattr("tools.catalog.feeds._CHUNK", size)
        rows = list(read_rows(path))
        assert [r.fields for r in rows if isinstance(r, RawRow)] == records
        assert rows[1].line == 7


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xml", "<rss><channel><item><id>1</id>", "not well-formed"),
        ("b.xml", '<!DOCTYPE r [<!ENTITY a "x">]><rss><item><id>&a;</id></item></rss>', "type"),
        ("c.xml", "<rss>" + "<a>" * 200, "deeply"),
        ("d.xml", "<html><body>hello</body></html>", "title"),
        ("e.json", '[{"id": "1", "title": "lamp"}', "ends in the middle|not readable"),
        ("f.json", '{"id":\n "1"}', "no list"),
        ("g.json", "[" * 100_000, "deeply|not readable"),
        ("h.parquet", "PAR1" + "x" * 100, "Parquet"),
    ],
)
def test_broken_documents_are_one_clear_error(
    bring: Any, name: str, content: str, message: str
) -> None:
    with pytest.raises(CatalogError, match=message):
        bring(content, name)


def test_kinds_are_told_by_content(tmp_path: Path) -> None:
    cases = {
        "a.csv": (b'{"id": 1}\n{"id": 2}\n', "jsonl"),
        "b.txt": (b"\xef\xbb\xbf<rss/>", "xml"),
        "c.txt": (gzip.compress(b"id,title\n"), "csv"),
        "d": (b" [1]", "json"),
    }
    for name, (content, kind) in cases.items():
        (tmp_path / name).write_bytes(content)
        assert kind_of(tmp_path / name) == kind


def test_the_kind_stands_in_whichever_column_names_it(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "feed.tsv"
    path.write_text(
        "id\ttitle\tprice\tproduct type\tgoogle product category\n"
        "1\tLamp\t5 GBP\tLighting > Lamps\tHome\n2\tRug\t6 GBP\t\tHome > Rugs\n"
        "3\tBed\t7 GBP\t\t1604\n"
    )
    build_catalog(path, tmp_path / "c", encoder="hashing", home=home, progress=False)
    with Catalog.open(tmp_path / "c") as catalog:
        kinds = [p.categories for p in catalog.products(range(3))]
    assert kinds == [("Lighting", "Lamps"), ("Home", "Rugs"), ()]


def test_a_path_of_categories_in_the_protocols_feed(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "feed.jsonl"
    price = {"amount": 2500, "currency": "USD"}
    variant = {"id": "t-1", "title": "Torch", "price": price,
               "categories": [{"value": "Outdoor > Torches"}]}  # fmt: skip
    path.write_text(json.dumps({"id": "t", "title": "Torch", "variants": [variant]}))
    build_catalog(path, tmp_path / "c", encoder="hashing", home=home, progress=False)
    with Catalog.open(tmp_path / "c") as catalog:
        assert catalog.product(0).categories == ("Outdoor", "Torches")
