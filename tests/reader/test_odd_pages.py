"""Pages that are no ordinary listing: nothing is invented from them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agent.reader import EmbeddedReader, collect_evidence, summarize_readings
from tests.reader.drawn import Page
from tools.preferences import NOT_AVAILABLE


@pytest.fixture(scope="module")
def reader() -> EmbeddedReader:
    return EmbeddedReader()


def test_a_video_page_has_no_products(reader: EmbeddedReader) -> None:
    page = Page(1280, 760, "#0f0f0f")
    page.pen.rectangle((40, 70, 880, 540), fill="#333333")
    page.text(60, 500, "3:14 / 12:59", fill="white")
    page.text(40, 560, "How to repot a monstera without killing it", 26, "white")
    page.text(40, 610, "Green Fingers   1.2M subscribers   Subscribe", fill="#cccccc")
    page.text(40, 650, "482,113 views   3 weeks ago   12K likes   1,024 comments", fill="#cccccc")
    for row in range(4):
        page.pen.rectangle((920, 80 + 150 * row, 1080, 170 + 150 * row), fill="#555555")
        page.text(1090, 80 + 150 * row, f"Part {row + 2}: watering", 16, "white")
        page.text(1090, 110 + 150 * row, f"{row + 1}87K views", 14, "#aaaaaa")
    (reading,) = reader.read([page.frame()])
    assert [p.price for p in reading.products if p.price is not None] == []
    summary = summarize_readings([reading], collect_evidence([reading]))
    assert summary.lowest_price.text == NOT_AVAILABLE
    assert summary.highest_price.text == NOT_AVAILABLE
    assert summary.promotions.text == NOT_AVAILABLE


def test_a_page_without_products_says_not_available(reader: EmbeddedReader) -> None:
    page = Page(1000, 700)
    page.text(60, 60, "Terms and conditions", 30)
    for row in range(12):
        page.text(
            60, 130 + 40 * row, f"{row + 1}. The parties agree that section {row + 3} applies."
        )
    (reading,) = reader.read([page.frame()])
    assert [p for p in reading.products if p.price is not None] == []
    summary = summarize_readings([reading], collect_evidence([reading]))
    assert summary.lowest_price.text == NOT_AVAILABLE
    assert summary.brand_preference.text == NOT_AVAILABLE


def test_a_phone_page_is_read_like_any_other(reader: EmbeddedReader) -> None:
    page = Page(400, 800)
    page.text(20, 16, "Corner Shop", 22)
    goods = [
        ("Linen shirt in blue", "$24.00", "#1e50b4"),
        ("Wool scarf in red", "$18.50", "#c8141e"),
    ]
    for row, (title, price, color) in enumerate(goods):
        page.shirt(20, 70 + 350 * row, 240, color)
        page.text(20, 320 + 350 * row, title, 20)
        page.text(20, 350 + 350 * row, price, 22)
    (reading,) = reader.read([page.frame()])
    found = {p.title: p.price for p in reading.products}
    assert found == {"Linen shirt in blue": Decimal("24.00"), "Wool scarf in red": Decimal("18.50")}
    assert reading.currency == "USD"


def test_prices_of_two_shops_keep_their_currencies(reader: EmbeddedReader) -> None:
    pages = []
    for sign, color in (("USD ", "#1e50b4"), ("EUR ", "#2e7d32")):
        page = Page(700, 500)
        page.shirt(60, 60, 220, color)
        page.text(60, 300, "Cotton shirt", 22)
        page.text(60, 340, f"{sign}45.00", 24)
        pages.append(page.frame())
    readings = reader.read(pages)
    evidence = collect_evidence(readings)
    said = {p.currency for r in readings for p in r.products if p.price is not None}
    assert said == {"USD", "EUR"}
    assert {evidence.currency, *evidence.other_currencies} == said
    assert evidence.priced_products == 1, "only prices of one currency make up the range"
