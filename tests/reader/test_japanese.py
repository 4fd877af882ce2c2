"""A page in Japanese, as Chromium shows it: `pages/japanese.png` is `pages/japanese.html`.

The picture is kept because no font of the machines that run the tests has the characters.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from agent.capture.gate import admit
from agent.reader import EmbeddedReader, collect_evidence, summarize_readings
from tools.preferences import FrameReading

PICTURE = Path(__file__).parent / "pages" / "japanese.png"


@pytest.fixture(scope="module")
def reading() -> FrameReading:
    return EmbeddedReader().read([admit(PICTURE.read_bytes(), PICTURE.name)])[0]


def test_titles_prices_and_old_prices_are_read(reading: FrameReading) -> None:
    found = [
        (p.title.replace(" ", ""), p.price, p.list_price, p.currency) for p in reading.products
    ]
    assert found == [
        ("リネンシャツ半袖ブルー", Decimal(3980), Decimal(4980), "JPY"),
        ("コットンワンピース緑", Decimal(6500), None, "JPY"),
        ("ワイヤレスイヤホン黒", Decimal(12800), None, "JPY"),
        ("本革ショルダーバッグ", Decimal(18700), None, "JPY"),
    ]
    assert Decimal(65) not in [p.price for p in reading.products], "points are no price"


def test_ratings_colours_kinds_and_offers_are_read(reading: FrameReading) -> None:
    assert [(p.rating, p.reviews) for p in reading.products] == [
        (4.3, 128), (3.9, 41), (4.6, 1024), (None, None),
    ]  # fmt: skip
    assert [p.color for p in reading.products] == ["blue", "green", "black", "brown"]
    assert [p.category for p in reading.products] == ["shirt", "dress", "earbuds", "bag"]
    assert any("20%OFF" in p.text.replace(" ", "") for p in reading.promotions)
    assert any("送料無料" in p.text for p in reading.promotions)


def test_its_summary_names_the_price_range(reading: FrameReading) -> None:
    summary = summarize_readings([reading], collect_evidence([reading]))
    assert "¥3,980" in summary.lowest_price.text
    assert "¥18,700" in summary.highest_price.text
