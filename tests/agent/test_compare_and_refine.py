"""Comparing and rearranging what is shown, by words alone."""

from __future__ import annotations

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agent.context import Context
from agent.graph import make_graph
from agent.session import Session
from agent.state import State
from tests.support.shop import shop_context
from tools.catalog import Catalog
from tools.comparison import compare_products
from tools.domain import Constraints
from tools.errors import CatalogError, InputError
from tools.refining import arranged
from tools.solution import Solution


@pytest.fixture(scope="module")
def context(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Context:
    return shop_context(catalog, tmp_path_factory.mktemp("frames"))


@pytest.fixture
def session(context: Context) -> Session:
    session = Session(context, "t", make_graph(InMemorySaver()))
    session.turn("dresses up to £60")
    return session


def recommended(state: State) -> Solution:
    """The recommendation in force."""
    solution = state["solution"]
    assert solution is not None
    return solution


def used(state: State) -> list[str]:
    return [use.name for use in state["tools_used"]]


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("compare the first two", (0, 1)),
        ("what's the difference between the first and the third?", (0, 2)),
        ("how do the last two compare?", (-2, -1)),
        ("the first one vs the second one", (0, 1)),
    ],
)
def test_words_reach_the_comparison(session: Session, said: str, places: tuple[int, ...]) -> None:
    state = session.turn("dresses up to £60")
    ids = [recommended(state).ids[p] for p in places]
    before = state["limits"]
    state = session.turn(said)
    assert used(state) == ["compare_products"]
    assert state["tools_used"][0].args["ids"] == ids
    assert state["limits"] == before
    for product in session.context.catalog("GBP").get(ids):
        assert product.title in state["message"]
        assert str(product.price) in state["message"]


def test_these_are_all_that_is_shown(session: Session) -> None:
    state = session.turn("what's the difference between these?")
    assert len(state["tools_used"][0].args["ids"]) == len(recommended(state).ids)


def test_a_comparison_states_gap_differences_and_broken_limits(context: Context) -> None:
    engine = context.engine("GBP")
    limits = Constraints.of("said", turn=1, price_upper=50, currency="GBP", colors=("green",))
    found = compare_products(engine, limits, "", ["p0", "p13", "p0"], offered=["p0"])
    one, two = found.products
    assert (one.id, two.id) == ("p0", "p13")
    assert one.offered
    assert not one.broken
    assert not two.offered
    assert "colors" not in two.broken
    assert found.price_gap is not None
    assert found.price_gap.amount == abs(one.price.amount - two.price.amount)  # type: ignore[union-attr]
    assert {d.name for d in found.differs} >= {"brand", "kind"}
    assert max(p.attraction or 0 for p in found.products) == 1


def test_broken_limits_are_named(context: Context) -> None:
    limits = Constraints.of("said", turn=1, colors=("green",))
    found = compare_products(context.engine("GBP"), limits, "", ["p0", "p3"])
    assert [p.broken for p in found.products] == [(), ("colors",)]


@pytest.mark.parametrize("ids", [["p0"], ["p0", "p0"], [f"p{n}" for n in range(6)]])
def test_a_comparison_takes_two_to_five(context: Context, ids: list[str]) -> None:
    with pytest.raises(InputError, match="two to 5"):
        compare_products(context.engine("GBP"), Constraints(), "", ids)


def test_an_unknown_product_is_refused(context: Context) -> None:
    with pytest.raises(CatalogError):
        compare_products(context.engine("GBP"), Constraints(), "", ["p0", "nope"])


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("cheapest first please", "cheapest"), ("sort by price", "cheapest"),
        ("sort these from high to low", "dearest"), ("most expensive first", "dearest"),
        ("order them by rating", "best_rated"), ("best rated first", "best_rated"),
        ("sort by number of reviews", "most_reviewed"),
        ("biggest discount first", "biggest_saving"),
    ],
)  # fmt: skip
def test_words_reach_another_order(session: Session, said: str, order: str) -> None:
    before = session.turn("dresses up to £60")
    state = session.turn(said)
    assert used(state) == ["refine"]
    assert state["tools_used"][0].args["order"] == order
    assert set(recommended(state).ids) == set(recommended(before).ids)
    assert state["limits"] == before["limits"]
    prices = [item.price.amount for item in recommended(state).items]
    if order in ("cheapest", "dearest"):
        assert prices == sorted(prices, reverse=order == "dearest")
    places = [state["message"].index(item.title) for item in recommended(state).items]
    assert places == sorted(places)


def test_the_second_one_counts_in_the_new_order(session: Session) -> None:
    second = recommended(session.turn("cheapest first")).items[1]
    state = session.turn("tell me why the second one")
    assert second.title in state["message"]


def test_more_like_one_keeps_the_limits(session: Session) -> None:
    before = session.turn("dresses up to £60")
    state = session.turn("show me more like the second one")
    assert state["tools_used"][0].args == {
        "order": None, "like": recommended(before).ids[1]
    }  # fmt: skip
    assert state["limits"] == before["limits"]
    assert recommended(state).items
    assert recommended(before).ids[1] in recommended(state).ids


def test_an_order_of_nothing_is_refused(context: Context) -> None:
    engine = context.engine("GBP")
    solution = engine.solve(Constraints.of("said", turn=1, price_upper=1, currency="GBP"))
    assert arranged(solution, "cheapest", engine.catalog).items == ()


def test_a_foreign_amount_does_not_replace_a_limit_that_holds(session: Session) -> None:
    state = session.turn("make it $200")
    assert state["limits"].price_upper == 60
    assert state["limits"].currency == "GBP"
    assert "USD" in state["message"]
    assert "£60" in state["message"]
