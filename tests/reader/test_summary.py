from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.reader import collect_evidence, summarize_readings
from agent.reader.aggregate import follow
from agent.reader.reader import harmonize
from tools.preferences import CATEGORIES, NOT_AVAILABLE, FrameReading, Promotion, SeenProduct


def seen(title: str, price: str | None = None, **more: Any) -> SeenProduct:
    amount = Decimal(price) if price else None
    return SeenProduct(title=title, price=amount, currency="GBP" if price else None, **more)


def frame(*products: SeenProduct, **more: Any) -> FrameReading:
    return FrameReading(digest="0" * 64, products=products, currency="GBP", **more)


LISTING = frame(
    seen("Chiffon maxi dress in emerald", "76", brand="Calderby", color="green", category="dress"),
    seen("Striped mini dress", "28", brand="Tamsel", color="blue", category="dress"),
    seen("Denim jacket", "54", brand="Ortelle", color="blue", category="jacket"),
    kind="listing", search_query="summer dress",
)  # fmt: skip
OPENED = frame(
    seen("Chiffon maxi dress in emerald", "76", brand="Calderby", color="green", category="dress",
         opened=True, rating=4.3, reviews=61),
    kind="detail",
)  # fmt: skip
BASKET = frame(
    seen("Chiffon maxi dress in emerald", "76", color="green", in_basket=True, sizes=("12",)),
    kind="cart", promotions=(Promotion(text="25% off", percent=25),),
)  # fmt: skip


def test_nothing_read_is_not_available() -> None:
    summary = summarize_readings([FrameReading(digest="0" * 64)])
    assert [c.text for _, c in summary.items()] == [NOT_AVAILABLE] * len(CATEGORIES)
    assert collect_evidence([]).brands == ()


def test_one_product_is_followed_over_frames() -> None:
    products = follow([LISTING, OPENED, BASKET])
    assert len(products) == 3
    assert products[0].title == "Chiffon maxi dress in emerald"
    assert products[0].frames == (0, 1, 2)
    assert products[0].opened
    assert products[0].in_basket


def test_interest_grows_from_listed_to_opened_to_basket() -> None:
    shares = [
        next(v.weight for v in collect_evidence(readings).brands if v.value == "Calderby")
        for readings in ([LISTING], [LISTING, OPENED], [LISTING, OPENED, BASKET])
    ]
    assert shares == sorted(shares)
    assert len(set(shares)) == 3


def test_recent_frames_weigh_more() -> None:
    shoes = frame(seen("Red running shoes", "60", color="red", category="sneakers"))
    coat = frame(seen("Black wool coat", "90", color="black", category="jacket"))
    filler = [frame() for _ in range(4)]
    assert collect_evidence([shoes, *filler, coat]).colors[0].value == "black"
    assert collect_evidence([coat, *filler, shoes]).colors[0].value == "red"


def test_the_price_range_leaves_cut_entries_and_other_currencies_out() -> None:
    extra = frame(
        seen("Cut at the fold", "3", clipped=True),
        SeenProduct(title="Imported", price=Decimal(999), currency="USD"),
    )
    evidence = collect_evidence([LISTING, extra])
    assert evidence.price_lower == 28
    assert evidence.price_upper == 76
    assert evidence.currency == "GBP"
    assert evidence.other_currencies == ("USD",)


def test_the_summary_says_what_a_person_would() -> None:
    summary = summarize_readings([LISTING, OPENED, BASKET])
    assert "dress" in summary.product_characteristics.text
    assert "summer dress" in summary.product_characteristics.text
    assert summary.lowest_price.values == ("28", "GBP")
    assert "£28" in summary.lowest_price.text
    assert summary.highest_price.values == ("76", "GBP")
    assert summary.highest_price.frames == (0, 1, 2)
    assert summary.brand_preference.values[0] == "Calderby"
    assert "4.3 of 5 stars" in summary.user_reviews.text
    assert summary.user_reviews.frames == (0, 1, 2)
    assert "25 % off" in summary.promotions.text
    assert summary.promotions.frames == (2,)
    assert "size 12" in summary.product_specifications.text.casefold()
    assert summary.comparisons.available


def test_departments_lead_when_no_kind_does() -> None:
    mixed = frame(
        seen("Oak stool", "60", category="stool"), seen("Wool rug", "80", category="rug"),
        seen("Side table", "90", category="table"), seen("Desk lamp", "30", category="lamp"),
    )  # fmt: skip
    assert collect_evidence([mixed]).categories[0].value == "furniture"
    sofas = [seen(f"Sofa {i}", "90", category="sofa") for i in range(4)]
    rest = [seen("Rug", "80", category="rug"), seen("Lamp", "30", category="lamp")]
    alike = frame(*sofas, *rest)
    assert collect_evidence([alike]).categories[0].value == "sofa"


def test_frames_of_a_session_help_each_other() -> None:
    unsigned = SeenProduct(title="Chiffon maxi dress in emerald", price=Decimal(76))
    bare = FrameReading(digest="1" * 64, products=(unsigned,))
    whole = harmonize([LISTING, bare])
    assert whole[1].products[0].currency == "GBP"
    assert whole[1].products[0].brand == "Calderby"
    assert whole[1].currency == "GBP"


def test_what_an_earlier_batch_knew_still_holds() -> None:
    unsigned = SeenProduct(title="Chiffon maxi dress in emerald", price=Decimal(76))
    bare = FrameReading(digest="1" * 64, products=(unsigned,))
    (alone,) = harmonize([bare])
    assert alone.currency is None
    (later,) = harmonize([bare], before=[LISTING])
    assert later.currency == "GBP"
    assert later.products[0].currency == "GBP"
    assert later.products[0].brand == "Calderby"


def test_a_later_batch_in_another_currency_keeps_it() -> None:
    abroad = seen("Chiffon maxi dress", "76").model_copy(update={"currency": "EUR"})
    there = frame(abroad).model_copy(update={"currency": "EUR"})
    (later,) = harmonize([there], before=[LISTING])
    assert later.currency == "EUR"
    assert later.products[0].currency == "EUR"


def test_a_japanese_page_keeps_its_yen_beside_rupees() -> None:
    rupees = frame(*(seen(f"Cotton kurta {i}", "499") for i in range(6)))
    rupees = rupees.model_copy(
        update={
            "currency": "INR",
            "products": tuple(p.model_copy(update={"currency": "INR"}) for p in rupees.products),
        }
    )
    yen = [
        FrameReading(
            digest="3" * 64,
            products=(SeenProduct(title=title, price=Decimal(600), currency="JPY"),),
            currency="JPY",
        )
        for title in ("グリーンスムージー", "Wedding saree")
    ]
    whole = harmonize([rupees, *yen])
    assert [r.currency for r in whole] == ["INR", "JPY", "INR"]


PRODUCTS = st.builds(
    SeenProduct,
    title=st.text(max_size=30),
    price=st.none() | st.decimals(0, 10_000, places=2),
    currency=st.sampled_from(["GBP", "USD", None]),
    brand=st.none() | st.sampled_from(["A", "B"]),
    color=st.none() | st.sampled_from(["red", "blue"]),
    category=st.none() | st.sampled_from(["dress", "sofa"]),
    rating=st.none() | st.floats(0, 5),
    reviews=st.none() | st.integers(0, 10**6),
    opened=st.booleans(),
    in_basket=st.booleans(),
    clipped=st.booleans(),
)


@given(st.lists(st.lists(PRODUCTS, max_size=5), max_size=5))
def test_any_readings_give_consistent_evidence(pages: list[list[SeenProduct]]) -> None:
    readings = [FrameReading(digest="2" * 64, products=tuple(p)) for p in pages]
    evidence = collect_evidence(readings)
    for votes in (evidence.brands, evidence.colors, evidence.categories):
        weights = [v.weight for v in votes]
        assert weights == sorted(weights, reverse=True)
        assert all(0 <= w <= 1 for w in weights)
    if evidence.price_lower is not None and evidence.price_upper is not None:
        assert evidence.price_lower <= evidence.price_upper
    summary = summarize_readings(readings, evidence)
    for _, category in summary.items():
        assert category.available == bool(category.frames) or category.text != NOT_AVAILABLE
        assert all(0 <= f < len(readings) for f in category.frames)
