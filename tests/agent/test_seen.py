from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.seen import limits_from, propose, wish_from
from tools.errors import InputError
from tools.preferences import Evidence, PreferenceSummary, Vote


def vote(value: str, weight: float, opened_products: int = 0) -> Vote:
    return Vote(value=value, weight=weight, products=4, opened_products=opened_products)


def evidence(**more: object) -> Evidence:
    given = {
        "currency": "GBP",
        "price_lower": Decimal(18),
        "price_upper": Decimal(144),
        "priced_products": 9,
        "categories": (vote("dress", 0.9),),
    } | more
    return Evidence.model_validate(given)


def test_range_and_category_are_hard() -> None:
    limits = limits_from(propose(evidence()), evidence())
    assert (limits.price_lower, limits.price_upper) == (Decimal(18), Decimal(144))
    assert {p.strength for p in limits.provenance.values()} == {"hard"}
    assert {p.source for p in limits.provenance.values()} == {"seen"}


@pytest.mark.parametrize(
    ("votes", "expected", "strength"),
    [
        ((vote("green", 0.7, opened_products=3), vote("red", 0.3)), ("green",), "hard"),
        ((vote("green", 0.7, opened_products=2), vote("red", 0.3)), ("green",), "soft"),
        ((vote("green", 0.7), vote("red", 0.3)), ("green",), "soft"),
        ((vote("green", 0.45, opened_products=4), vote("red", 0.4)), ("green",), "soft"),
        ((vote("green", 0.2, opened_products=4), vote("red", 0.2)), (), None),
        ((), (), None),
    ],
)
def test_a_colour_is_hard_only_where_it_clearly_leads_what_was_opened(
    votes: tuple[Vote, ...], expected: tuple[str, ...], strength: str | None
) -> None:
    known = evidence(colors=votes)
    limits = limits_from(propose(known), known)
    assert limits.colors == expected
    if strength:
        assert limits.provenance["colors"].strength == strength


def test_a_filter_that_was_set_makes_a_leading_colour_hard() -> None:
    known = evidence(colors=(vote("green", 0.7),), active_filters=("Sage green",))
    assert limits_from(propose(known), known).provenance["colors"].strength == "hard"


def test_a_range_from_few_products_is_widened_and_says_so() -> None:
    known = evidence(priced_products=2, price_lower=Decimal(100), price_upper=Decimal(101))
    limits = limits_from(propose(known), known)
    assert (limits.price_lower, limits.price_upper) == (Decimal(75), Decimal("126.25"))
    assert "widened by a quarter" in limits.provenance["price_upper"].note


def test_a_price_that_the_evidence_does_not_bear_out_is_replaced() -> None:
    draft = propose(evidence()).model_copy(update={"price_lower": 1.0, "price_upper": 9999.0})
    limits = limits_from(draft, evidence())
    assert (limits.price_lower, limits.price_upper) == (Decimal(18), Decimal(144))


def test_nothing_seen_gives_no_limits_and_no_wish() -> None:
    assert limits_from(propose(Evidence()), Evidence()).standing() == ()
    assert wish_from(PreferenceSummary(), Evidence()) == ""


def test_an_unknown_currency_from_a_model_is_refused() -> None:
    draft = propose(evidence()).model_copy(update={"currency": "BEANS"})
    with pytest.raises(InputError, match="ISO 4217"):
        limits_from(draft, evidence(currency=None))


@given(
    st.decimals(0, 10_000, places=2),
    st.decimals(0, 10_000, places=2),
    st.integers(0, 5),
)
def test_the_limits_always_hold_what_was_seen(one: Decimal, two: Decimal, count: int) -> None:
    low, high = sorted((one, two))
    known = evidence(price_lower=low, price_upper=high, priced_products=count)
    limits = limits_from(propose(known), known)
    assert limits.price_lower is not None
    assert limits.price_upper is not None
    assert limits.price_lower <= low <= high <= limits.price_upper


@pytest.mark.parametrize("shown", ["6 GB RAM + 128 GB Storage", "One size", "único"])
def test_what_is_no_size_gives_no_limit(shown: str) -> None:
    known = evidence(sizes=(vote(shown, 0.9), vote("12", 0.1)))
    assert limits_from(propose(known), known).sizes == ("12",)
