from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from evals.cases import (
    DialogueGold,
    GoldProduct,
    LimitsGold,
    PictureGold,
    PriceLimits,
    RequestGold,
    SeenLimits,
    SessionGold,
)
from evals.scorers import SCORERS
from evals.scorers.base import Figure
from evals.scorers.summary import read_numbers
from evals.scorers.words import close_kinds, close_names, same_size
from evals.traces import AskedRange, DialogueTrace, LimitsTrace, RequestTrace, SessionTrace
from tools.domain import AttributeLimit, Constraints
from tools.preferences import Category, PreferenceSummary

said = Constraints.of


def assert_perfect(name: str, found: dict[str, float]) -> None:
    for figure, value in found.items():
        bad = SCORERS[name].figures.get(figure, Figure("")).low_is_good
        assert value == (0.0 if bad else 1.0), figure


# --- sessions ---------------------------------------------------------------------------------

SESSION = SessionGold(
    summary={
        "product_characteristics": "Green trail jackets; one is opened and put in the cart",
        "lowest_price": "€19.90",
        "highest_price": "€89.90",
        "brand_preference": "Nordweg (opened); Fjell shown",
        "product_specifications": "waterproof, 3 layers, 450 g",
        "user_reviews": "4.5 stars, 1,120 ratings",
        "comparisons": "Two jackets in one list",
        "promotions": "-25 %, free delivery over €50",
    },
    limits=SeenLimits(
        lowest=(Decimal("19.90"),),
        highest=(Decimal("89.90"),),
        currency=("EUR",),
        colors=("green",),
        brands=("Nordweg",),
        categories=("jacket",),
    ),
    pictures=(
        PictureGold(
            products=(
                GoldProduct(title="Trail Jacket", brand="Nordweg", price=Decimal("89.90")),
                GoldProduct(title="Wool Cap", brand="Fjell", price=Decimal("19.90")),
            )
        ),
    ),
)
TEXTS = {
    "product_characteristics": ("Trail jackets in green, one in the cart", ()),
    "lowest_price": ("€19.90", ("19.90",)),
    "highest_price": ("€89.90", ("89.90",)),
    "brand_preference": ("Nordweg, then Fjell", ("Nordweg", "Fjell")),
    "product_specifications": ("Waterproof with 3 layers; 450 g", ()),
    "user_reviews": ("4.5 stars from 1120 ratings", ()),
    "comparisons": ("Two jackets side by side", ()),
    "promotions": ("25% off and free delivery over 50 euros", ()),
}
SEEN = said("seen", price_lower=19.9, price_upper=89.9, currency="EUR", colors=["green"],
            brands=["Nordweg"], categories=["Jackets"])  # fmt: skip


def summarised(**changes: tuple[str, tuple[str, ...]] | None) -> PreferenceSummary:
    parts = {
        key: Category(text=value[0], values=value[1], confidence=1)
        for key, value in (TEXTS | changes).items()
        if value is not None
    }
    return PreferenceSummary(**parts)


def test_a_session_understood_scores_one() -> None:
    trace = SessionTrace(case="s", summary=summarised(), constraints=SEEN)
    assert_perfect("summary", SCORERS["summary"](SESSION, trace))
    assert_perfect("seen_limits", SCORERS["seen_limits"](SESSION, trace))


def test_an_empty_session_scores_zero() -> None:
    empty = SessionTrace(case="s")
    for name in ("summary", "seen_limits"):
        found = SCORERS[name](SESSION, empty)
        assert found
        assert set(found.values()) == {0.0}
    silent = SessionTrace(case="s", summary=PreferenceSummary(), constraints=Constraints())
    assert SCORERS["summary"](SESSION, silent)["facts_right"] == 0.0
    assert SCORERS["seen_limits"](SESSION, silent)["seen_brand"] == 0.0


@pytest.mark.parametrize(
    ("category", "text", "values", "figure"),
    [
        ("lowest_price", "€9.90", ("9.90",), "facts_lowest_price"),
        ("brand_preference", "Acme", ("Acme",), "facts_invented"),
        ("highest_price", "€999", ("999",), "facts_invented"),
        ("user_reviews", "3.2 stars from 1120 ratings", (), "facts_invented"),
        ("promotions", "70% off", (), "facts_invented"),
        (
            "product_specifications",
            "waterproof, 5 layers, 450 g",
            (),
            "facts_product_specifications",
        ),
        ("product_characteristics", "Red evening dresses", (), "facts_product_characteristics"),
    ],
)
def test_wrong_facts_are_seen(
    category: str, text: str, values: tuple[str, ...], figure: str
) -> None:
    right = SessionTrace(case="s", summary=summarised())
    wrong = SessionTrace(case="s", summary=summarised(**{category: (text, values)}))
    found, before = SCORERS["summary"](SESSION, wrong), SCORERS["summary"](SESSION, right)
    assert found[figure] != before[figure]
    assert found["facts_right"] < 1.0


def test_speaking_where_nothing_is_known_is_wrong() -> None:
    gold = SESSION.model_copy(
        update={"summary": dict(SESSION.summary) | {"promotions": "not available"}}
    )
    trace = SessionTrace(case="s", summary=summarised())
    assert SCORERS["summary"](gold, trace)["facts_promotions"] == 0.0
    assert SCORERS["summary"](gold, trace)["false_fill"] == 1.0
    quiet = SessionTrace(case="s", summary=summarised(promotions=None))
    assert SCORERS["summary"](gold, quiet)["facts_promotions"] == 1.0


@pytest.mark.parametrize(
    ("changes", "figure"),
    [
        ({"price_upper": 119}, "seen_price"),
        ({"price_lower": 14.925}, "seen_price"),
        ({"currency": "USD"}, "seen_currency"),
        ({"colors": ["red", "green"]}, "seen_color"),
        ({"brands": []}, "seen_brand"),
        ({"categories": ["shoes"]}, "seen_category"),
    ],
)
def test_wrong_seen_limits_are_seen(changes: dict[str, Any], figure: str) -> None:
    fields: dict[str, Any] = {
        "price_lower": 19.9, "price_upper": 89.9, "currency": "EUR", "colors": ["green"],
        "brands": ["Nordweg"], "categories": ["Jackets"],
    }  # fmt: skip
    trace = SessionTrace(case="s", constraints=said("seen", **(fields | changes)))
    assert SCORERS["seen_limits"](SESSION, trace)[figure] == 0.0


def test_no_preference_is_met_only_by_no_claim() -> None:
    gold = SESSION.model_copy(update={"limits": SESSION.limits.model_copy(update={"brands": ()})})
    claimed = SessionTrace(case="s", constraints=SEEN)
    assert SCORERS["seen_limits"](gold, claimed)["seen_brand"] == 0.0
    unclaimed = SessionTrace(case="s", constraints=SEEN.only("price_lower", "colors"))
    assert SCORERS["seen_limits"](gold, unclaimed)["seen_brand"] == 1.0


# --- one sentence -----------------------------------------------------------------------------

QUERY = LimitsGold(
    price_upper=Decimal(30), price_named=True, currency="USD", colors=("navy blue",),
    sizes=("size 12", "10 oz"), brands=("Nike",), categories=("running shoes",),
)  # fmt: skip
HEARD: dict[str, Any] = {
    "price_upper": 30, "currency": "USD", "colors": ["Navy Blue"], "sizes": ["12"],
    "attributes": [AttributeLimit(name="weight", lower=10, upper=10, unit="oz")],
    "brands": ["nike"], "categories": ["Running Shoes"],
}  # fmt: skip


def limits_of(gold: LimitsGold = QUERY, **changes: Any) -> dict[str, float]:
    trace = LimitsTrace(case="q", constraints=said("said", **(HEARD | changes)))
    return SCORERS["limits"](gold, trace)


def test_a_sentence_understood_scores_one_and_an_empty_answer_zero() -> None:
    assert_perfect("limits", limits_of())
    found = SCORERS["limits"](QUERY, LimitsTrace(case="q"))
    assert {"price_exact", "color_f1", "size_f1", "brand_f1", "category_f1"} <= set(found)
    assert set(found.values()) == {0.0}


@pytest.mark.parametrize(
    ("changes", "figure", "expected"),
    [
        ({"price_upper": 31}, "price_exact", 0.0),
        ({"price_lower": 5}, "invented", 1.0),
        ({"min_rating": 4}, "invented", 1.0),
        ({"count_max": 2}, "invented", 1.0),
        ({"colors": ["blue"]}, "color_f1", 0.0),
        ({"colors": ["navy blue", "red"]}, "color_precision", 0.5),
        ({"sizes": ["11"]}, "size_f1", 0.5),
        ({"brands": ["adidas"]}, "brand_recall", 0.0),
        ({"categories": ["shoes"]}, "category_f1", 0.0),
        ({"currency": "EUR"}, "price_currency", 0.0),
    ],
)
def test_planted_misunderstandings_are_seen(
    changes: dict[str, Any], figure: str, expected: float
) -> None:
    assert limits_of(**changes)[figure] == expected


def test_a_quantity_held_as_a_size_is_no_error_of_size() -> None:
    gold = LimitsGold(quantities=("10 ct",))
    trace = LimitsTrace(case="q", constraints=said("said", sizes=["10 count"]))
    found = SCORERS["limits"](gold, trace)
    assert "size_precision" not in found
    assert found["over_constrained"] == 0.0


def test_a_limit_in_a_query_that_names_none_is_over_constraining() -> None:
    found = limits_of(LimitsGold(), brands=[], categories=[])
    assert (found["invented"], found["over_constrained"]) == (1.0, 1.0)
    assert (
        limits_of(LimitsGold(price_named=True), on_sale=True, price_upper=None)["invented"] == 0.0
    )


# --- several items ----------------------------------------------------------------------------

REQUEST = RequestGold(
    currency="PHP",
    items=(
        PriceLimits(),
        PriceLimits(lower=Decimal(75), upper=Decimal(95)),
        PriceLimits(lower=Decimal(3)),
    ),
)


def asked(lower: Any = None, upper: Any = None) -> AskedRange:
    return AskedRange(lower=lower, upper=upper, currency="PHP")


def test_requests_count_ranges_and_budgets() -> None:
    scorer = SCORERS["requests"]
    parts = (asked(75, 95), asked(3), asked())
    assert_perfect("requests", scorer(REQUEST, RequestTrace(case="r", items=parts)))
    assert set(scorer(REQUEST, RequestTrace(case="r")).values()) == {0.0}
    merged = RequestTrace(case="r", items=(asked(3, 95),))
    assert scorer(REQUEST, merged)["request_exact"] == 0.0
    crossed = RequestTrace(case="r", items=(asked(3, 95), asked(75)))
    assert scorer(REQUEST, crossed)["range_recall"] == 0.0
    budgeted = RequestGold(currency="PHP", items=(PriceLimits(),), budget=Decimal(425))
    whole = RequestTrace(case="r", items=(asked(upper=425),))
    assert_perfect("requests", scorer(budgeted, whole))
    apart = RequestTrace(case="r", items=(asked(),), budget=asked(upper=425))
    assert_perfect("requests", scorer(budgeted, apart))
    found = scorer(budgeted, RequestTrace(case="r", items=(asked(170, 425),)))
    assert (found["request_exact"], found["budget_exact"]) == (0.0, 1.0)
    unlimited = RequestGold(currency="PHP", items=(PriceLimits(),))
    assert scorer(unlimited, whole)["range_invented"] == 1.0
    other = RequestTrace(case="r", items=(AskedRange(upper=Decimal(425), currency="USD"),))
    assert scorer(budgeted, other)["range_currency"] == 0.0


# --- dialogues --------------------------------------------------------------------------------

DIALOGUE = DialogueGold(
    states=(
        {"currency": "USD", "price_lower": None, "price_upper": 50, "size": "8"},
        {"currency": "USD", "price_lower": None, "price_upper": 50, "size": "8", "brand": ["Nike"]},
        {"currency": "USD", "price_lower": None, "price_upper": 70, "color": ["grey"]},
        {"currency": "USD", "price_lower": None, "price_upper": 70, "color": None},
    ),
    operations=("new", "set_brand", "raise_upper", "reset_color"),
)


def states(*changes: dict[str, Any]) -> DialogueTrace:
    right: list[dict[str, Any]] = [
        {"price_upper": 50, "sizes": ["8"]},
        {"price_upper": 50, "sizes": ["8"], "brands": ["NIKE"]},
        {"price_upper": 70, "sizes": ["8"], "brands": ["Nike"], "colors": ["gray"]},
        {"price_upper": 70, "sizes": ["8"], "brands": ["Nike"]},
    ]
    for turn, change in enumerate(changes):
        right[turn] |= change
    made = tuple(said("said", **({"currency": "USD"} | state)) for state in right)
    return DialogueTrace(case="d", states=made)


def test_a_dialogue_followed_scores_one_on_exactly_the_keys_present() -> None:
    found = SCORERS["state"](DIALOGUE, states())
    assert_perfect("state", found)
    assert {"price_dialogue", "set_brand_turn", "drop_turn", "op_raise_upper"} <= set(found)


def test_a_dialogue_ignored_scores_zero() -> None:
    assert set(SCORERS["state"](DIALOGUE, DialogueTrace(case="d")).values()) == {0.0}


@pytest.mark.parametrize(
    ("changes", "figure", "expected"),
    [
        (({}, {}, {"price_upper": 60}), "price_turn", 3 / 4),
        (({}, {}, {"price_upper": 60}), "price_dialogue", 0.0),
        (({"price_lower": 5},), "price_lower_turn", 3 / 4),
        (({"currency": "EUR"},), "currency_turn", 3 / 4),
        (({}, {"brands": []}), "set_brand_turn", 0.0),
        (({}, {"brands": ["Nike", "Puma"]}), "set_brand_turn", 0.0),
        (({}, {}, {"colors": ["red"]}), "color_turn", 1 / 2),
        (({}, {}, {}, {"colors": ["gray"]}), "drop_turn", 0.0),
        (({"sizes": ["9"]},), "size_turn", 1 / 2),
        (({"sizes": ["9"]},), "joint_dialogue", 0.0),
        (({"sizes": ["8 ounce"]},), "size_turn", 1.0),
        (({"sizes": ["8", "9"]},), "size_turn", 1 / 2),
    ],
)
def test_planted_state_errors_are_seen(
    changes: tuple[dict[str, Any], ...], figure: str, expected: float
) -> None:
    assert SCORERS["state"](DIALOGUE, states(*changes))[figure] == pytest.approx(expected)


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [("Size 12", "12"), ("10 oz.", "10 ounces"), ("10oz", "10 oz"), ("Large", "L"),
     ("2XL", "xx-large"), ('12"', "12 inch"), ("6-foot", "6 ft"), ("60W", "60 watt"),
     ("4x6", "4 x 6")],
)  # fmt: skip
def test_sizes_in_other_spellings_are_equal(one: str, other: str) -> None:
    assert same_size(one) == same_size(other)


def test_other_sizes_and_kinds_are_not() -> None:
    assert same_size("12") != same_size("11")
    assert same_size("10 oz") != same_size("10 ml")
    assert close_kinds("mobile phone", "Smartphones")
    assert close_kinds("sofa", "Sleeper sofas")
    assert not close_kinds("tablet case", "phone")
    assert not close_kinds("sofa", "")
    assert close_names("Corrigan Studio", "CorriganStudio")
    assert not close_names("Nike", "Niko")


def test_numbers_in_many_formats() -> None:
    text = "₹12,498 and R$ 60,36, $1,349.99; 1.299,00 EUR, 1,29,900 or 4.5 of 5."
    expected = ["12498", "60.36", "1349.99", "1299.00", "129900", "4.5", "5"]
    assert read_numbers(text) == [Decimal(n) for n in expected]
