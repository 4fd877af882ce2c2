from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evals.cases import Case, GoldProduct, PictureGold
from evals.scorers import SCORERS, figures, judge_case, scorers_for
from evals.scorers.products import pair_by_title, title_likeness
from evals.traces import PictureTrace
from tools.preferences import FrameReading, Promotion, SeenProduct

GOLD = PictureGold(
    currency="EUR",
    products=(
        GoldProduct(
            title="Alpine Trail Jacket", brand="Nordweg", price=Decimal("89.90"),
            old_price=Decimal("119.00"), color="green", rating=4.5, reviews=120,
        ),
        GoldProduct(
            title="Alpine Trail Jacket (long)", brand="Nordweg", price=Decimal("89.90"),
            color="blue", rating=4.0, reviews=8,
        ),
        GoldProduct(title="Wool Cap", brand="Fjell", price=Decimal("19.90"), color="gray"),
        GoldProduct(title="Hiking Socks", price=None, color="black", rating=3.5, reviews=44),
    ),
    clipped=(GoldProduct(title="Rain Poncho", price=Decimal("35.00")),),
    other_amounts=(Decimal(50), Decimal("4.99")),
    promotions=("-25 %", "Free delivery over €50"),
)  # fmt: skip
CASE = Case(id="p1", frames=("p1.png",), gold=GOLD)
PICTURE_SCORERS = ("prices", "joined", "brands", "colors", "ratings", "promotions")


def perfect() -> list[dict[str, Any]]:
    return [
        {
            "title": g.title, "brand": g.brand, "price": g.price, "list_price": g.old_price,
            "color": g.color, "rating": g.rating, "reviews": g.reviews, "currency": "EUR",
        }
        for g in GOLD.products
    ]  # fmt: skip


def trace(
    products: list[dict[str, Any]],
    currency: str | None = "EUR",
    promotions: tuple[str, ...] = GOLD.promotions,
    case: str = "p1",
) -> PictureTrace:
    reading = FrameReading(
        digest="0" * 64,
        currency=currency,
        products=tuple(SeenProduct(**p) for p in products),
        promotions=tuple(Promotion(text=text) for text in promotions),
    )
    return PictureTrace(case=case, reading=reading)


def scores(made: PictureTrace, gold: PictureGold = GOLD) -> dict[str, float]:
    return {k: v for name in PICTURE_SCORERS for k, v in SCORERS[name](gold, made).items()}


def test_a_perfect_reading_scores_one_with_two_equal_prices_on_the_page() -> None:
    meaning = figures(SCORERS[name] for name in PICTURE_SCORERS)
    found = scores(trace(perfect()))
    assert set(meaning) - set(found) == {"promotions_invented"}
    for name, value in found.items():
        assert value == (0.0 if meaning[name].low_is_good else 1.0), name
    assert judge_case(scorers_for(CASE), CASE, trace(perfect())).misses == []


@pytest.mark.parametrize(
    "empty", [PictureTrace(case="p1"), trace([], currency=None, promotions=())]
)
def test_an_empty_reading_scores_zero(empty: PictureTrace) -> None:
    found = scores(empty)
    assert set(found.values()) == {0.0}
    for name in ("price_recall", "both_ends_exact", "currency", "joined_of_all", "page_brand_f1"):
        assert name in found
    assert {"color_exact", "rating_exact", "promotions_any", "entries_found"} <= set(found)


def swapped(first: int, second: int, key: str) -> list[dict[str, Any]]:
    products = perfect()
    products[first][key], products[second][key] = products[second][key], products[first][key]
    return products


def changed(row: int, **fields: Any) -> list[dict[str, Any]]:
    products = perfect()
    products[row] |= fields
    return products


PLANTED = {
    "old price for new": (trace(changed(0, price=Decimal("119.00"))), "old_price_taken", 1.0),
    "total for price": (trace(changed(2, price=Decimal("50"))), "price_precision", 2 / 3),
    "price lost": (trace(changed(2, price=None)), "price_recall", 2 / 3),
    "cents lost": (trace(changed(2, price=Decimal("1990"))), "highest_exact", 0.0),
    "currency wrong": (trace(perfect(), currency="USD"), "currency", 0.0),
    "prices swapped": (trace(swapped(0, 2, "price")), "joined", 1 / 3),
    "brand wrong": (trace(changed(2, brand="Nordweg")), "page_brand_f1", 2 / 3),
    "colour off by a neighbour": (trace(changed(2, color="black")), "color_exact", 3 / 4),
    "rating off by a tenth": (trace(changed(0, rating=4.4)), "rating_exact", 2 / 3),
    "rating from nowhere": (trace(changed(2, rating=5.0)), "rating_invented", 1.0),
    "offers not read": (trace(perfect(), promotions=()), "promotions_any", 0.0),
    "entry cut by the edge counted": (
        trace([*perfect(), {"title": "Rain Poncho", "price": Decimal(35)}]),
        "price_precision", 3 / 4,
    ),
    "one title for all": (
        trace([p | {"title": "Alpine"} for p in perfect()]), "joined", 0.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("error", PLANTED)
def test_planted_errors_are_seen(error: str) -> None:
    made, figure, expected = PLANTED[error]
    assert scores(made)[figure] == pytest.approx(expected)
    assert scores(made)[figure] != scores(trace(perfect()))[figure]
    assert judge_case(scorers_for(CASE), CASE, made).misses


def test_equal_prices_are_counted_one_by_one() -> None:
    once = [p for i, p in enumerate(perfect()) if i != 1]
    assert scores(trace(once))["price_recall"] == pytest.approx(2 / 3)


def test_a_page_without_prices_has_no_price_figures_but_still_sees_an_invented_one() -> None:
    gold = PictureGold(products=(GoldProduct(title="Graphics card"),))
    assert "price_recall" not in scores(trace([], promotions=()), gold)
    made = trace([{"title": "Graphics card", "price": Decimal(5)}], promotions=("Sale",))
    found = scores(made, gold)
    assert (found["price_precision"], found["promotions_invented"]) == (0.0, 1.0)


def test_titles_survive_cuts_and_slips_and_prefer_the_exact_one() -> None:
    long = "vivo T3 Lite 5G (Vibrant Green, 128 GB) (6 GB RAM)"
    assert title_likeness("vivo T3 Lite 5G (Vibrant Gre...", long)[0] > 70
    assert title_likeness("vivoT3Lite5G(VibrantGreen,128GB)", long)[0] > 70
    assert title_likeness("Apple iPhone 15", long)[0] < 70
    gold = [GoldProduct(title="Smart Folio", price=Decimal(79)),
            GoldProduct(title="Smart Folio (10th generation)", price=Decimal(99))]  # fmt: skip
    said = [SeenProduct(title="Smart Folio (10th generation)"), SeenProduct(title="Smart Folio")]
    assert sorted(pair_by_title(gold, said)) == [(0, 1), (1, 0)]


def test_no_two_scorers_share_the_name_of_a_figure() -> None:
    names = [name for scorer in SCORERS.values() for name in scorer.figures]
    assert len(names) == len(set(names))
