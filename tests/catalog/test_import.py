"""What comes in: formats, columns, prices, and every bad row into the quarantine."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.conftest import Importer, write_jsonl
from tools.catalog import update_catalog
from tools.catalog.columns import guess_columns
from tools.catalog.values import Unusable, clean, parse_amount
from tools.domain import Constraints, Quantity
from tools.errors import CatalogError


def test_a_csv_comes_in_with_every_field(importer: Importer) -> None:
    report = importer.text(
        "Product ID,Name,Brand,Price,Was Price,Colour,Category,Size,Rating,Review Count,Stock,"
        "Storage\n"
        'a1,"Phone, blue",Kestrel,"£1,299.00",£1399,Blue,Electronics > Phones,,4.5 out of 5,'
        '"1,204",in stock,128 GB\n'
    )
    assert (report.kept, report.quarantined, report.currency) == (1, 0, "GBP")
    with importer.open() as catalog:
        product = catalog.product(0)
    assert product.id == "a1"
    assert product.price is not None
    assert str(product.price) == "£1,299"
    assert product.on_sale
    assert product.colors == ("Blue",)
    assert product.categories == ("Electronics", "Phones")
    assert (product.rating, product.reviews, product.stock) == (4.5, 1204, None)
    assert product.attributes == {"Storage": Quantity(number=128, unit="GB")}


def test_bad_rows_are_quarantined_with_line_and_reason(importer: Importer) -> None:
    report = importer.text(
        "id,title,price,currency\n"
        "1,good,10,GBP\n"
        "2,not a number,NaN,GBP\n"
        "3,negative,-4,GBP\n"
        "4,missing,,GBP\n"
        "1,again,12,GBP\n"
        "6,zero,0,GBP\n"
        "7,huge,1e308,GBP\n"
        "8,text,cheap,GBP\n"
        "9,foreign,5,EUR\n"
        "10,unknown,5,XQZ\n"
        ",no id,5,GBP\n"
        "12,,5,GBP\n"
        "13,too,many,fields,here\n"
        "../../etc/passwd,path,5,GBP\n"
        "a\x00b,nul,5,GBP\n"
        "16,range,10-20,GBP\n"
    )
    assert report.kept == 1
    found = {entry["line"]: entry["reason"] for entry in importer.quarantine()}
    assert found == {
        3: "the price is NaN",
        4: "the price '-4' is not above zero",
        5: "no price",
        6: "duplicate id '1', first on line 2",
        7: "the price '0' is not above zero",
        8: "the price '1e308' is beyond a billion",
        9: "the price 'cheap' is not an amount",
        10: "a price in EUR in a catalogue in GBP",
        11: "unknown currency 'XQZ'",
        12: "no id",
        13: "no title",
        14: "5 fields under a header of 4",
        15: "an id that reads like a path",
        16: "an id with control characters",
        17: "the price '10-20' is a range",
    }
    assert report.quarantined == sum(report.reasons.values()) == len(found)
    assert report.quarantine_path == importer.out / "quarantine.jsonl"


def test_json_rows_that_look_like_objects_are_never_taken(importer: Importer) -> None:
    good = {"id": "1", "title": "lamp", "price": 5, "currency": "GBP"}
    rows: list[dict[str, Any]] = [
        good,
        {**good, "id": "2", "lc": 1, "type": "constructor", "kwargs": {}},
        {**good, "id": "3", "attributes": {"deep": {"__class__": "os.system"}}},
        {**good, "id": "4", "attributes": json.dumps({"py/object": "os.system"})},
        {**good, "id": "5", "price": float("nan")},
    ]
    text = "".join(json.dumps(r) + "\n" for r in rows) + "{broken\n[1, 2]\n\n" + "[" * 5000 + "\n"
    report = importer.text(text, "shop.jsonl")
    assert report.kept == 1
    reasons = [entry["reason"] for entry in importer.quarantine()]
    assert reasons[:3] == [
        "the key 'lc' is not allowed in a product",
        "the key '__class__' is not allowed in a product",
        "the key 'py/object' is not allowed in a product",
    ]
    assert reasons[3] == "the price is NaN"
    assert len(reasons) == 7


def test_html_becomes_plain_text(importer: Importer) -> None:
    importer.text(
        "id,title,price,currency,description\n"
        '1,"<b>Desk</b> lamp &amp; bulb<script>alert(1)</script>",5,GBP,'
        '"<p>Bright &lt;img src=x onerror=alert(1)&gt; light</p>"\n'
        "2,<br/>,5,GBP,\n"
    )
    with importer.open() as catalog:
        product = catalog.product(0)
    assert product.title == "Desk lamp & bulb"
    assert product.description == "Bright light"
    assert importer.quarantine()[0]["reason"] == "no title"


def test_a_comparison_sign_is_not_a_tag() -> None:
    assert clean("screens < 15 in and > 10 in") == "screens < 15 in and > 10 in"


@pytest.mark.parametrize(
    "text", ["id,title\n1,lamp\n2,rug\n", "id,title,price\n1,lamp,\n2,rug,NaN\n"]
)
def test_a_file_without_prices_makes_a_catalogue_without_prices(
    importer: Importer, text: str
) -> None:
    report = importer.text(text)
    assert (report.kept, report.priced, report.currency) == (2, False, None)
    assert any("no prices" in w for w in report.warnings)
    with importer.open() as catalog:
        limits = Constraints.of("said", price_upper=5, currency="GBP")
        found = catalog.search("lamp", limits)
        assert [hit.id for hit in found.hits] == ["1", "2"]
        assert found.warnings
        assert catalog.facts().price_lower is None


def test_some_prices_missing_is_not_no_prices(importer: Importer) -> None:
    report = importer.text("id,title,price,currency\n1,lamp,\n2,rug,5,GBP\n")
    assert (report.kept, report.quarantined) == (1, 1)


def test_prices_without_a_currency_are_taken_for_dollars_aloud(importer: Importer) -> None:
    report = importer.text("id,title,price\n1,lamp,5\n")
    assert report.currency == "USD"
    assert any("no currency" in w for w in report.warnings)
    assert importer.text("id,title,price\n1,lamp,5\n", currency="inr").currency == "INR"
    with pytest.raises(CatalogError, match="XQZ"):
        importer.text("id,title,price\n1,lamp,5\n", currency="XQZ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"id,title,price\n", "no products"),
        (b"id,price\n1,2\n", "title"),
        (b"id,title,price,currency\n1,lamp,-1,GBP\n", "no usable product"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "PNG"),
        (b"\xff\xfei\x00d\x00", "UTF-16"),
        (b"\x1f\x8b\x08\x00broken", "gzip"),
        (b"id,title\r1,lamp\r", "not readable as CSV"),
        (b"a" * 200_000, "title|not readable as CSV"),
        (bytes(range(128, 200)) + b"\r,x\n1,2\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_shop_is_one_clear_error(
    importer: Importer, content: bytes, message: str
) -> None:
    importer.text("id,title,price,currency\n1,lamp,5,GBP\n")
    before = importer.open().version
    with pytest.raises(CatalogError, match=message):
        importer.text(content)
    assert importer.open().version == before, "the catalogue in force stays"
    assert [p.name for p in importer.out.glob("v*")] == ["v000001"], "nothing half-made stays"


def test_a_zip_renamed_csv_is_refused(importer: Importer) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(1 << 22))
    with pytest.raises(CatalogError, match="zip archive"):
        importer.text(packed.getvalue())


def test_a_gzip_bomb_is_refused(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.catalog.rows._FREE_BYTES", 1 << 20)
    content = gzip.compress(b"id,title\n" + b"1,lamp" + b" " * (8 << 20))
    with pytest.raises(CatalogError, match="unpacks"):
        importer.text(content, "shop.csv.gz")


def test_missing_files_and_foreign_folders(importer: Importer, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no file"):
        importer.file(tmp_path / "absent.csv")
    importer.out.mkdir()
    (importer.out / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(CatalogError, match=r"holiday\.jpg"):
        importer.text("id,title\n1,lamp\n")
    assert (importer.out / "holiday.jpg").exists()


def test_gzip_semicolons_and_a_byte_order_mark(importer: Importer) -> None:
    content = "\ufeffid;title;price;currency\n1;Lamp;12,50;EUR\n".encode()
    report = importer.text(gzip.compress(content), "shop.csv.gz")
    assert report.kept == 1
    with importer.open() as catalog:
        assert catalog.prices.tolist() == [12.5]
        assert catalog.currency == "EUR"


def test_a_line_that_is_not_utf8_costs_only_itself(importer: Importer) -> None:
    report = importer.text(b"id,title\n1,caf\xe9\n2,lamp\n")
    assert report.kept == 1
    assert importer.quarantine() == [{"line": 2, "reason": "not UTF-8 text"}]


def test_an_enormous_description_costs_only_its_row(importer: Importer) -> None:
    report = importer.text("id,title,description\n1,lamp," + "x" * 5_000_000 + "\n2,rug,short\n")
    assert (report.kept, report.quarantined) == (1, 1)
    assert "5000000 characters" in importer.quarantine()[0]["reason"]


def test_an_override_beats_the_guess(importer: Importer) -> None:
    text = "id,title,price,cost,currency\n1,lamp,9,5,GBP\n"
    importer.text(text, columns={"price": "cost"})
    assert importer.open().prices.tolist() == [5]
    assert not importer.text(text, columns={"price": None}).priced
    with pytest.raises(CatalogError, match="no column 'nope'"):
        importer.text(text, columns={"price": "nope"})
    with pytest.raises(CatalogError, match="'prize' is not a field"):
        importer.text(text, columns={"prize": "cost"})


def test_a_feeds_regular_price_stands_behind_its_sale_price() -> None:
    mapping = guess_columns(["id", "title", "price", "sale_price"])
    assert (mapping["price"], mapping["list_price"]) == ("sale_price", "price")


@given(st.decimals("0.01", "999999", places=2), st.sampled_from(["£{}", "{} €", "₹ {}", "{}"]))
def test_amounts_are_read_as_written(amount: Decimal, form: str) -> None:
    parsed = parse_amount(form.format(amount))
    assert parsed is not None
    assert parsed[0] == amount


@given(st.text(max_size=40))
def test_no_text_breaks_the_price_reader(text: str) -> None:
    try:
        parsed = parse_amount(text)
    except Unusable:
        return
    assert parsed is None or 0 < parsed[0] <= Decimal("1e9")


@given(st.text(max_size=300))
def test_clean_text_has_no_markup_and_stays_clean(text: str) -> None:
    once = clean(text)
    assert "\x00" not in once
    assert "<script" not in once.lower()
    assert once == once.strip()


def test_transactions_are_handed_to_the_fit(importer: Importer, tmp_path: Path) -> None:
    import numpy as np

    sales = tmp_path / "sales.csv"
    sales.write_text("item\n")
    asked: list[tuple[Path, tuple[str, ...]]] = []

    def fit(path: Path, ids: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
        asked.append((path, ids))
        return np.array([-np.inf, 1.5]), {"n_obs": 9}

    text = "id,title,price,currency\nb,lamp,5,GBP\na,rug,6,GBP\n"
    report = importer.text(text, transactions=sales, fit_utilities=fit)
    assert report.utility_source == "transactions"
    assert asked == [(sales, ("b", "a"))]
    with importer.open() as catalog:
        assert catalog.utility_source == "transactions"
        assert catalog.utilities.tolist() == [-np.inf, 1.5]
        assert catalog.weights().tolist() == pytest.approx([0, np.exp(1.5)])
        assert catalog.utility_meta["n_obs"] == 9
    with pytest.raises(CatalogError, match="no file"):
        importer.text(text, transactions=tmp_path / "absent.csv", fit_utilities=fit)


def test_ratings_or_nothing_stand_in_for_transactions(importer: Importer) -> None:
    assert importer.text("id,title\n1,lamp\n").utility_source == "equal"
    assert importer.open().utilities.tolist() == [0]
    text = "id,title,rating,reviews\n1,lamp,4.5,900\n2,rug,4.5,9\n3,bed,1.5,900\n"
    assert importer.text(text).utility_source == "ratings"
    lamp, rug, bed = importer.open().utilities
    assert lamp > rug
    assert lamp > bed


def test_a_thousand_equal_rows_encode_once(importer: Importer) -> None:
    rows = [{"id": str(i), "title": "one and the same lamp"} for i in range(1000)]
    report = importer.file(write_jsonl(importer.folder / "same.jsonl", rows))
    assert report.kept == 1000
    assert report.encoded <= 1
    found = importer.open().search("lamp", k=5)
    assert len({hit.id for hit in found.hits}) == 5


def test_the_same_texts_encode_nothing_twice(importer: Importer) -> None:
    rows = [{"id": str(i), "title": f"a lamp never seen before {i}"} for i in range(50)]
    path = write_jsonl(importer.folder / "new.jsonl", rows)
    assert importer.file(path).encoded == 50
    assert importer.file(path).encoded == 0


def test_quoted_line_breaks_keep_the_line_numbers_right(importer: Importer) -> None:
    path = importer.folder / "shop.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([["id", "title", "description"], ["1", "lamp", "two\nlines"]])
        writer.writerow(["1", "again", ""])
    importer.file(path)
    assert importer.quarantine()[0]["line"] == 4


def test_a_shops_own_synonyms_are_kept(importer: Importer, tmp_path: Path) -> None:
    synonyms = tmp_path / "synonyms.txt"
    synonyms.write_text("# ours\nkicks, sneakers  # slang\n\nNimbus, The Cloud People\n")
    text = "id,title,brand,category\n1,Air,Nimbus,Sneakers\n2,Rug,Fjordal,Rugs\n"
    importer.text(text, synonyms=synonyms)
    words = importer.open().vocabulary()
    assert words.match("category", "kicks") == ("Sneakers",)
    assert words.match("brand", "the cloud people") == ("Nimbus",)
    changes = tmp_path / "changes.csv"
    changes.write_text("id,title\n2,Runner\n")
    update_catalog(importer.out, upsert=changes, home=importer.home)
    assert importer.open().vocabulary().match("category", "kicks") == ("Sneakers",)
    synonyms.write_text("lonely\n")
    with pytest.raises(CatalogError, match="line 1"):
        importer.text(text, synonyms=synonyms)


def test_titles_without_a_letter(importer: Importer) -> None:
    importer.text("id,title\n1,!!!\n2,???\n")
    catalog = importer.open()
    assert len(catalog.search("anything", k=5).hits) == 2
    assert len(catalog.search("!!!", k=5).hits) == 2
    assert catalog.search("anything", mode="lexical").hits == ()
    assert catalog.facts().count == 2


def test_the_worst_rows_of_a_shop_cost_only_themselves(importer: Importer) -> None:
    """Titles with markup come in clean; keys of serialised objects are no attributes."""
    importer.text("id,title\nstands,A lamp\n")
    before = importer.open().version
    rows: list[dict[str, Any]] = [
        {"id": "1", "title": "<b>Bold</b> lamp<script>alert(1)</script>"},
        {"id": "2", "title": "rug", "lc": 1},
        {"id": "3", "title": "rug", "__class__": "os"},
        {"id": "..", "title": "rug"},
        {"id": "a/../../b", "title": "rug"},
    ]
    report = importer.file(write_jsonl(importer.folder / "rows.jsonl", rows))
    assert report.kept == 1
    assert report.attribute_columns == ()
    assert importer.open().product(0).title == "Bold lamp"
    assert report.reasons == {
        "the key is not allowed in a product": 2,
        "an id that reads like a path": 2,
    }
    assert importer.open().version != before


def test_a_reason_keeps_its_words(importer: Importer) -> None:
    report = importer.text(b"id,title,price,currency\n1,caf\xe9,5,GBP\n2,x,1e308,GBP\n3,y,5,GBP\n")
    assert report.reasons == {"not UTF-8 text": 1, "the price is beyond a billion": 1}


def test_queries_of_any_length_and_kind(importer: Importer) -> None:
    importer.text("id,title\n1,A lamp\n2,A rug\n")
    with importer.open() as catalog:
        for query in ("lamp " * 4000, "x" * 20_000, "\x00", "\ud800", "((((", "%", "lamp\n" * 9):
            assert len(catalog.search(query, k=5).hits) == 2


def test_a_build_that_was_interrupted_goes_on_where_it_stopped(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools.text import HashingEncoder

    rows = [{"id": str(i), "title": f"interrupted thing {i}"} for i in range(120)]
    path = write_jsonl(importer.folder / "long.jsonl", rows)
    importer.text("id,title\nstands,A lamp\n")
    before = importer.open().version
    monkeypatch.setattr("tools.catalog.embedding._CHUNK", 50)
    whole, calls = HashingEncoder.encode, 0

    def interrupted(self: HashingEncoder, texts: Any, progress: Any = None) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return whole(self, texts, progress)

    monkeypatch.setattr(HashingEncoder, "encode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        importer.file(path)
    assert importer.open().version == before, "the catalogue in force stays"
    assert len(list(importer.out.glob("v*"))) == 1, "nothing half-made stays"
    report = importer.file(path)
    assert (report.kept, report.encoded) == (120, 20), "two chunks of fifty were kept"
