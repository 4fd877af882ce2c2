"""Relevance from leanings: what it does to a recommendation, and what it must never do."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.tools import StructuredTool

from agent.liking import in_shop_words, liking_of
from agent.seen import propose
from tests.support.shop import small_catalog
from tools.catalog import Catalog
from tools.desk import Turn
from tools.domain import Constraints
from tools.liking import Liking, suits
from tools.preferences import Evidence, FrameReading, SeenProduct, Vote
from tools.scenario import Engine
from tools.toolset import search_catalog

WISH = "green dress"
LIKING = Liking(
    wish=WISH,
    kinds=(("Dresses",),),
    brands={"Birch": 1.0, "Aster": 0.3},
    colors={"green": 1.0},
    price=45.0,
    currency="GBP",
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return small_catalog(tmp_path_factory.mktemp("shop"))


def within(upper: float) -> Constraints:
    return Constraints.of("said", price_upper=Decimal(str(upper)), currency="GBP")


def test_a_dearer_kind_that_was_not_looked_at_stays_out(catalog: Catalog) -> None:
    for goal in ("balanced", "revenue", "surplus"):
        seen = Constraints.of("seen", categories=("thing",))
        found = Engine(catalog, liking=LIKING).solve(seen.as_soft(), WISH, objective=goal)
        assert {p.categories for p in catalog.get(found.ids)} == {("Dresses",)}


def test_what_was_opened_makes_its_like_relevant(catalog: Catalog) -> None:
    relevance = suits(catalog, Constraints(), WISH, LIKING)
    best = catalog.product(int(np.argmax(relevance)))
    assert (best.brand, best.colors, best.categories) == ("Birch", ("green",), ("Dresses",))
    assert relevance.min() >= 0
    assert relevance.max() <= 1


def test_another_wish_starts_afresh(catalog: Catalog) -> None:
    fresh = suits(catalog, Constraints(), "phone")
    assert np.array_equal(suits(catalog, Constraints(), "phone", LIKING), fresh)
    assert not np.array_equal(suits(catalog, Constraints(), WISH, LIKING), fresh)


@given(
    ends=st.tuples(st.floats(30, 400), st.floats(30, 400)).map(sorted),
    wish=st.sampled_from(["", WISH, "shirt"]),
)
@settings(max_examples=25, deadline=None)
def test_a_wider_budget_never_lowers_the_optimum(
    catalog: Catalog, ends: list[float], wish: str
) -> None:
    engine = Engine(catalog, liking=LIKING)
    narrow, wide = (within(round(end, 2)) for end in ends)
    assert np.array_equal(engine.relevance(narrow, wish), engine.relevance(wide, wish))
    for goal, figure in (("revenue", "expected_revenue"), ("surplus", "surplus")):
        before = engine.solve(narrow, wish, objective=goal)  # type: ignore[arg-type]
        after = engine.solve(wide, wish, objective=goal)  # type: ignore[arg-type]
        if before.items:
            assert getattr(after, figure) >= getattr(before, figure) - 1e-9


def test_search_finds_only_the_kinds_that_were_looked_at(catalog: Catalog) -> None:
    limits = Constraints.of("seen", categories=("Dresses", "Shirts"))
    engine = Engine(catalog, liking=LIKING)
    assert (catalog.matching(limits) & ~engine.matching(limits)).any(), "nothing to narrow"

    class OneShop:
        next_items = None

        def engine(self, market: str, liking: Liking | None = None) -> Engine:
            return Engine(catalog, liking=liking)

        def catalog(self, market: str) -> Catalog:
            return catalog

    turn = Turn(OneShop(), {"market": "GBP", "limits": limits, "liking": LIKING})
    assert isinstance(search_catalog, StructuredTool)
    assert search_catalog.func is not None
    found = json.loads(search_catalog.func("shirt", SimpleNamespace(context=turn), k=50))
    allowed = engine.matching(limits)
    assert found["filtered"] == allowed.sum()
    assert all(allowed[catalog.row_of(item["id"])] for item in found["items"])


def test_what_suits_best_keeps_its_base_attraction(catalog: Catalog) -> None:
    engine = Engine(catalog, liking=LIKING, size=1)
    found = engine.solve(Constraints(), WISH, objective="surplus")
    assert found.purchase_probability is not None
    u = catalog.utilities
    assert found.purchase_probability <= np.exp(u.max()) / (1 + np.exp(u.max())) + 1e-12


def reading(number: int, *products: SeenProduct) -> FrameReading:
    return FrameReading(digest=f"{number:064x}", kind="detail", products=products)


def dress(color: str, brand: str = "Birch", **facts: object) -> SeenProduct:
    return SeenProduct.model_validate(
        {
            "title": f"{brand} {color} dresse",
            "price": 47,
            "currency": "GBP",
            "brand": brand,
            "color": color,
            "category": "thing",
            "opened": True,
        }
        | facts
    )


def test_leanings_come_from_what_was_opened_in_the_shops_words(catalog: Catalog) -> None:
    listed = dress("red", "Clover", opened=False)
    readings = [reading(1, dress("green"), listed), reading(2, dress("blue"))]
    liking = liking_of(readings, catalog, WISH)
    assert liking.kinds == (("Dresses",),)
    assert liking.brands == {"Birch": 1.0}
    assert set(liking.colors) == {"green", "blue"}
    assert liking.price == pytest.approx(47)
    seen = Constraints.of("seen", categories=("thing",))
    assert in_shop_words(seen, liking, catalog).categories == ("Dresses",)
    said = Constraints.of("said", categories=("thing",))
    assert in_shop_words(said, liking, catalog) == said


def test_screens_of_another_shop_name_no_kind_of_this_one(catalog: Catalog, tmp_path: Path) -> None:
    other = dress("green", title="Quilted garden hose reel with brass nozzle, 30 m")
    assert liking_of([reading(1, other)], catalog, WISH).kinds == ()


@pytest.mark.parametrize(
    ("opened", "filters", "lead"), [(2, (), False), (3, (), True), (1, ("Grey",), True)]
)
def test_a_colour_leads_by_a_filter_or_by_several_products(
    opened: int, filters: tuple[str, ...], lead: bool
) -> None:
    vote = Vote(value="gray", weight=0.8, products=4, opened=True, opened_products=opened)
    draft = propose(Evidence(colors=(vote,), active_filters=filters))
    assert (draft.colors, draft.colors_lead) == (["gray"], lead)
