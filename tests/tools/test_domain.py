from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain import AttributeLimit, Constraints, GroupLimit, Money, Product, build, show_money
from tools.errors import CurrencyMismatch, InputError
from tools.phrases import phrases


def pounds(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="GBP")


def test_amounts_of_two_currencies_never_compare_or_add() -> None:
    rupees = Money(amount=Decimal(5), currency="INR")
    for operation in (
        lambda: pounds("5") < rupees,
        lambda: pounds("5") >= rupees,
        lambda: pounds("5") + rupees,
        lambda: pounds("5") - rupees,
    ):
        with pytest.raises(CurrencyMismatch):
            operation()


def test_a_float_price_keeps_its_cents() -> None:
    assert Money(amount=0.1, currency="gbp").amount == Decimal("0.1")  # type: ignore[arg-type]
    assert Money(amount=Decimal(1), currency="gbp").currency == "GBP"


@pytest.mark.parametrize("amount", ["nan", "inf", "-inf", "1e400", "abc", None, "1e13"])
def test_what_is_no_amount_is_refused(amount: object) -> None:
    with pytest.raises(InputError, match="amount"):
        build(Money, {"amount": amount, "currency": "GBP"})


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(InputError, match="ISO 4217"):
        build(Money, {"amount": 1, "currency": "QQQ"})


def test_money_is_shown_as_shoppers_read_it() -> None:
    assert show_money(Decimal(1299), "GBP") == "£1,299"
    assert show_money(12.5, "EUR") == "€12.50"
    assert show_money(1500, "JPY") == "¥1,500"


def test_every_limit_needs_a_provenance() -> None:
    with pytest.raises(InputError, match="where it comes from"):
        build(Constraints, {"price_upper": 50})
    with pytest.raises(InputError, match="not a standing limit"):
        build(Constraints, {"provenance": {"price_upper": {"source": "said"}}})


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"price_lower": 10, "price_upper": 5}, "above the upper"),
        ({"price_upper": -1}, "not negative"),
        ({"price_upper": 10, "currency": "XYZW"}, "ISO 4217"),
        ({"min_rating": 6}, "less than or equal to 5"),
        ({"count_min": 4, "count_max": 2}, "above the upper"),
        ({"must_include": ["a"], "must_exclude": ["A"]}, "both demanded and refused"),
        ({"colour": ["red"]}, "Extra inputs"),
    ],
)
def test_impossible_limits_are_refused(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        Constraints.of("said", **fields)


def test_attribute_and_group_limits_have_to_mean_something() -> None:
    with pytest.raises(ValueError, match="neither values nor a range"):
        AttributeLimit(name="storage")
    with pytest.raises(ValueError, match="lower end above"):
        AttributeLimit(name="storage", lower=2, upper=1)
    with pytest.raises(ValueError, match="minimum above"):
        GroupLimit(attribute="brand", value="Aster", minimum=3, maximum=1)
    with pytest.raises(ValueError, match="names the group"):
        GroupLimit(attribute="brand", minimum=1)


def test_said_beats_seen_whatever_the_order() -> None:
    seen = Constraints.of("seen", turn=2, colors=["green"], price_lower=18, price_upper=144)
    said = Constraints.of("said", turn=1, price_upper=50)
    assert said.merged_with(seen).price_upper == 50
    merged = seen.merged_with(said)
    assert merged.price_upper == 50
    assert merged.price_lower is None, "what was seen about the price no longer counts"
    assert merged.colors == ("green",)


def test_later_beats_earlier() -> None:
    first = Constraints.of("said", turn=1, colors=["green"], price_upper=80)
    second = Constraints.of("said", turn=2, colors=["blue"])
    merged = first.merged_with(second)
    assert merged.colors == ("blue",)
    assert merged.price_upper == 80


def test_another_said_category_makes_what_was_seen_soft() -> None:
    seen = Constraints.of("seen", categories=["dresses"], colors=["green"], price_upper=144)
    merged = seen.merged_with(Constraints.of("said", turn=1, categories=["phones"]))
    assert merged.categories == ("phones",)
    assert merged.provenance["colors"].strength == "soft"
    assert merged.provenance["price_upper"].strength == "soft"


def test_merging_two_said_limits_that_exclude_each_other_is_refused() -> None:
    low = Constraints.of("said", turn=1, price_lower=100)
    with pytest.raises(InputError, match="above the upper"):
        low.merged_with(Constraints.of("said", turn=2, price_upper=50))


fields = st.fixed_dictionaries(
    {},
    optional={
        "price_upper": st.decimals(50, 99, places=2),
        "price_lower": st.decimals(1, 49, places=2),
        "colors": st.lists(st.sampled_from(["red", "green", "blue"]), max_size=3),
        "brands": st.lists(st.sampled_from(["Aster", "Birch"]), max_size=2),
        "min_rating": st.floats(0, 5),
        "exclude": st.fixed_dictionaries({}, optional={"colors": st.just(["pink"])}),
    },
)


@given(st.sampled_from(["seen", "said"]), fields, fields)
def test_merging_is_idempotent_and_never_loses_what_was_said(
    source: str, one: dict[str, Any], two: dict[str, Any]
) -> None:
    older = Constraints.of(source, turn=1, **one)  # type: ignore[arg-type]
    newer = Constraints.of("said", turn=2, **two)
    merged = older.merged_with(newer)
    for field in newer.standing():
        assert merged.value(field) == newer.value(field)
    assert merged.merged_with(newer) == merged


@given(fields)
def test_limits_survive_their_json(given_fields: dict[str, Any]) -> None:
    limits = Constraints.of("said", turn=3, **given_fields)
    assert Constraints.model_validate_json(limits.model_dump_json()) == limits


def test_the_json_form_is_that_of_the_command_line() -> None:
    limits = Constraints.of(
        "said", price_upper="49.99", currency="GBP", exclude={"colors": ["red"]}
    )
    shown = limits.to_json()
    assert shown["price_upper"] == 49.99
    assert shown["price_lower"] is None
    assert shown["exclude"]["colors"] == ["red"]
    assert shown["provenance"]["exclude.colors"] == {"source": "said", "strength": "hard"}


def test_words_are_distinct_and_keep_their_case() -> None:
    assert Constraints.of("said", brands=["Nike", " nike ", "", "Puma  Kids"]).brands == (
        "Nike",
        "Puma Kids",
    )


def test_a_product_knows_whether_it_is_on_sale() -> None:
    product = Product(id="1", title="Dress", price=pounds("30"), list_price=pounds("45"))
    assert product.on_sale
    assert not product.model_copy(update={"list_price": None}).on_sale


def test_phrases_join_both_ends_of_a_price_range() -> None:
    limits = Constraints.of(
        "seen", price_lower=18, price_upper=144, currency="GBP", colors=["green"]
    ).as_soft("colors")
    assert phrases(limits) == ["£18 to £144", "in green if possible"]
