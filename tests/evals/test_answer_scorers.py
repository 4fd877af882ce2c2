from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.cases import AnswerGold, GoldCall, Instance
from evals.scorers import SCORERS
from evals.scorers.assortment import broken_limits, enumerate_optimum, revenue_of
from evals.traces import AnswerTrace, Call
from tools.domain import AttributeLimit, Constraints, GroupLimit, Product, Quantity
from tools.money import Money


def euro(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


JACKET = Product(
    id="a1", title="Trail Jacket 3L", price=euro("89.90"), list_price=euro("119"), brand="Nordweg",
    colors=("forest green",), categories=("Clothing", "Jackets"), sizes=("M", "L"), rating=4.5,
    attributes={"weight": Quantity(number=450, unit="g"), "material": "nylon"},
)  # fmt: skip
CAP = Product(id="b2", title="Wool Cap", price=euro("19.90"), brand="Fjell", colors=("gray",),
              categories=("Clothing", "Hats"))  # fmt: skip
ROWS = [
    {"id": "a1", "title": "Trail Jacket 3L", "price": 89.9, "currency": "EUR", "rating": 4.5},
    {"id": "b2", "title": "Wool Cap", "price": {"amount": "19.90", "currency": "EUR"}},
]
GOLD = AnswerGold(
    calls=(
        GoldCall(name="search_catalog", arguments={"query": ("jacket", "trail jacket")}),
        GoldCall(
            name="optimize_assortment",
            arguments={"count_max": (2,)},
            optional={"objective": ("revenue",)},
        ),
    ),
    limits=Constraints.of("said", price_upper=100, currency="EUR", count_max=2),
    instance=Instance(
        ids=("a1", "b2", "c3"), prices=(89.9, 19.9, 5), attractions=(0.5, 1, 2), count_max=2
    ),
)


def answer(**changes: Any) -> AnswerTrace:
    fields: dict[str, Any] = {
        "case": "x",
        "texts": ("a jacket under 100 euros",),
        "message": "Within your €100: 1. **Trail Jacket 3L** for €89.90 (4.5 stars), and "
        "2. “Wool Cap” for €19.90. Expected revenue €29.97, bought with 33 %.",
        "calls": (
            Call(name="search_catalog", arguments={"query": "Jacket"}, result=ROWS),
            Call(
                name="optimize_assortment",
                arguments={"count_max": 2.0},
                result={"items": ["a1"], "value": 29.96667, "probability": 0.3333},
            ),
        ),
        "items": (JACKET, CAP),
        "value": revenue_of(GOLD.instance, {"a1", "b2"}) if GOLD.instance else None,
    }
    return AnswerTrace(**(fields | changes))


def scores(trace: AnswerTrace, gold: AnswerGold = GOLD) -> dict[str, float]:
    names = ("calls", "grounding", "satisfaction", "optimality")
    return {k: v for name in names for k, v in SCORERS[name](gold, trace).items()}


BEST = answer(items=(JACKET,), value=29.966666666666665)


def test_a_perfect_answer_scores_one() -> None:
    assert set(scores(BEST).values()) == {1.0}
    assert SCORERS["grounding"](GOLD, answer()) == {"grounded": 1.0, "claims_grounded": 1.0}


def test_no_answer_scores_zero() -> None:
    found = scores(AnswerTrace(case="x"))
    assert {"tool_choice", "arguments", "grounded", "satisfied", "optimal"} <= set(found)
    assert set(found.values()) == {0.0}
    quiet = AnswerGold(calls=())
    assert scores(AnswerTrace(case="x"), quiet)["no_tool"] == 0.0
    assert scores(AnswerTrace(case="x", message="Hello!"), quiet)["no_tool"] == 1.0
    assert scores(answer(), quiet)["no_tool"] == 0.0


SEARCH, SOLVE = BEST.calls


def test_the_price_told_beside_a_title_is_that_of_the_item() -> None:
    score = SCORERS["grounding"]
    right = answer(message="Trail Jacket 3L at €89.90, was €119.\nWool Cap: 19.90 EUR")
    assert "119" in score.judge(GOLD, right).misses[0]  # no tool returned the old price
    told = answer(message="Trail Jacket 3L at €89.90 and Wool Cap: 19.90 EUR")
    assert score(GOLD, told)["grounded"] == 1.0
    swapped = answer(message="Trail Jacket 3L at €19.90 and Wool Cap: 89.90 EUR")
    assert score(GOLD, swapped)["grounded"] == 0.0
    assert len(score.judge(GOLD, swapped).misses) == 2


PLANTED: dict[str, tuple[dict[str, Any], str]] = {
    "wrong tool": (
        {"calls": (SEARCH, SOLVE.model_copy(update={"name": "what_if"}))},
        "tool_choice",
    ),
    "tool called twice": ({"calls": (SEARCH, SEARCH, SOLVE)}, "tool_choice"),
    "argument wrong": (
        {"calls": (SEARCH.model_copy(update={"arguments": {"query": "shoes"}}), SOLVE)},
        "arguments",
    ),
    "argument too many": (
        {"calls": (SEARCH, SOLVE.model_copy(update={"arguments": {"count_max": 2, "x": 1}}))},
        "arguments",
    ),
    "argument missing": (
        {"calls": (SEARCH, SOLVE.model_copy(update={"arguments": {}}))},
        "arguments",
    ),
    "price invented": ({"message": "Trail Jacket 3L for €79.90"}, "grounded"),
    "percentage invented": ({"message": "Trail Jacket 3L, 25 % off"}, "grounded"),
    "item invented in words": ({"message": "Take the “Summit Parka” as well"}, "grounded"),
    "item from nowhere": ({"items": (JACKET.model_copy(update={"id": "zz"}),)}, "grounded"),
    "price of the item changed": (
        {"items": (JACKET.model_copy(update={"price": euro("85")}),)},
        "grounded",
    ),
    "currency of the item changed": (
        {
            "items": (
                JACKET.model_copy(update={"price": Money(amount=Decimal("89.9"), currency="USD")}),
            )
        },
        "grounded",
    ),
    "title of the item changed": (
        {"items": (JACKET.model_copy(update={"title": "Summit Parka"}),)},
        "grounded",
    ),
    "limit ignored": (
        {"items": (JACKET.model_copy(update={"price": euro("100.01")}),)},
        "satisfied",
    ),
    "one item twice": ({"items": (JACKET, JACKET)}, "satisfied"),
    "second best set": ({"items": (CAP,), "value": 9.95}, "optimal"),
    "set too large": (
        {"items": (JACKET, CAP, CAP.model_copy(update={"id": "c3"}))},
        "optimal",
    ),
    "value overstated": ({"value": 31.0}, "value_right"),
    "value not stated": ({"value": None}, "value_right"),
}


@pytest.mark.parametrize("error", PLANTED)
def test_planted_errors_are_seen(error: str) -> None:
    changes, figure = PLANTED[error]
    wrong = BEST.model_copy(update=changes)
    assert scores(wrong)[figure] < 1.0
    name = next(n for n, s in SCORERS.items() if figure in s.figures)
    assert SCORERS[name].judge(GOLD, wrong).misses


def test_an_infeasible_request_must_be_said_to_be_so() -> None:
    gold = AnswerGold(feasible=False)
    score = SCORERS["satisfaction"]
    said = AnswerTrace(case="x", message="Nothing fits.", infeasible=True)
    assert score(gold, said) == {"infeasible_said": 1.0}
    assert score(gold, answer()) == {"infeasible_said": 0.0}
    assert score(gold, AnswerTrace(case="x")) == {"infeasible_said": 0.0}


@pytest.mark.parametrize(
    ("limits", "broken"),
    [
        ({"price_lower": 90}, "price_lower"),
        ({"price_upper": 89}, "price_upper"),
        ({"currency": "USD"}, "currency"),
        ({"colors": ["blue"]}, "colors"),
        ({"exclude": {"colors": ["green"]}}, "exclude.colors"),
        ({"brands": ["Fjell"]}, "brands"),
        ({"exclude": {"brands": ["nordweg"]}}, "exclude.brands"),
        ({"categories": ["shoes"]}, "categories"),
        ({"exclude": {"categories": ["jacket"]}}, "exclude.categories"),
        ({"sizes": ["S"]}, "sizes"),
        ({"min_rating": 4.6}, "min_rating"),
        ({"on_sale": False}, "on_sale"),
        ({"must_exclude": ["a1"]}, "must_exclude"),
        ({"attributes": [AttributeLimit(name="weight", upper=400, unit="g")]}, "attributes"),
        ({"attributes": [AttributeLimit(name="material", values=("wool",))]}, "attributes"),
        ({"attributes": [AttributeLimit(name="screen", lower=5)]}, "attributes"),
    ],
)
def test_every_kind_of_limit_is_checked(limits: dict[str, Any], broken: str) -> None:
    assert broken_limits(JACKET, Constraints.of("said", **limits)) == [broken]
    assert broken_limits(JACKET, Constraints.of("said", "soft", **limits)) == []


def test_limits_that_hold_break_nothing() -> None:
    limits = Constraints.of(
        "said", price_lower=89.9, price_upper=89.9, currency="EUR", colors=["green"],
        brands=["NORDWEG"], categories=["jacket"], sizes=["Large"], min_rating=4.5, on_sale=True,
        attributes=[AttributeLimit(name="Weight", lower=400, upper=500, unit="g")],
        exclude={"colors": ["red"], "brands": ["Fjell"], "sizes": ["XL"]},
    )  # fmt: skip
    assert broken_limits(JACKET, limits) == []


@pytest.mark.parametrize(
    "limits",
    [
        {"count_min": 3},
        {"count_max": 1},
        {"must_include": ["zz"]},
        {"group_limits": [GroupLimit(attribute="category", value="Clothing", maximum=1)]},
        {"group_limits": [GroupLimit(attribute="brand", value="Nordweg", minimum=2)]},
        {"group_limits": [GroupLimit(attribute="category", maximum=1)]},
    ],
)
def test_limits_on_the_whole_set_are_checked(limits: dict[str, Any]) -> None:
    gold = AnswerGold(limits=Constraints.of("said", **limits))
    assert SCORERS["satisfaction"](gold, answer())["satisfied"] == 0.0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(1, 500), st.floats(0.01, 5)), min_size=1, max_size=8))
def test_the_optimum_without_a_size_limit_is_ordered_by_price(
    items: list[tuple[float, float]],
) -> None:
    # Talluri and van Ryzin (2004): under the multinomial logit some prefix by price is optimal.
    prices, attractions = (tuple(column) for column in zip(*items, strict=True))
    ids = tuple(str(i) for i in range(len(items)))
    instance = Instance(ids=ids, prices=prices, attractions=attractions)
    order = np.argsort(prices)[::-1]
    prefixes = [{ids[i] for i in order[:size]} for size in range(1, len(ids) + 1)]
    best = max(revenue_of(instance, prefix) for prefix in prefixes)
    assert enumerate_optimum(instance) == pytest.approx(best)


def test_the_solver_is_held_against_every_set_of_few_candidates() -> None:
    small = Instance(ids=("d1", "b"), prices=(10, 5), attractions=(1, 1), count_max=1)
    laws = SCORERS["answer_laws"]
    for optimum, right in ((5.0, 1.0), (4.9, 0.0)):
        found = laws(AnswerGold(), AnswerTrace(case="x", optimum=optimum, small=small))
        assert found["answer_optimum_exact"] == right
    unknown = AnswerTrace(case="x", optimum=5.0)
    assert "answer_optimum_exact" not in laws(AnswerGold(), unknown)
