"""Typed changes: what each does to the limits, and the laws of going back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tools.changes import (
    FAMILY_FIELDS,
    RECENT,
    Change,
    ChangeList,
    CountItems,
    DropValues,
    ExcludeValues,
    LimitAttribute,
    LimitGroup,
    MinimumRating,
    OnlyValues,
    OnSale,
    RequireItems,
    Reset,
    Restore,
    SetPrice,
    ShiftPrice,
    SwapItem,
    WantValues,
    apply_changes,
    change_schema,
    remembered,
)
from tools.domain import FAMILIES, Constraints, GroupLimit
from tools.errors import CurrencyMismatch, InputError

SEEN = Constraints.of(
    "seen", price_lower=18, price_upper=144, currency="GBP", colors=["green"], brands=["Puma"]
)


def after(current: Constraints, *changes: Change, turn: int = 1, **more: Any) -> Constraints:
    return apply_changes(current, changes, turn=turn, **more)


def test_a_new_budget_changes_the_upper_limit_only() -> None:
    first = after(Constraints(), SetPrice(lower=20, upper=80, currency="EUR"))  # type: ignore[arg-type]
    second = after(first, SetPrice(upper=Decimal(120)), turn=2)
    assert [second.price_lower, second.price_upper, second.currency] == [20, 120, "EUR"]
    assert second.provenance["price_upper"].turn == 2
    assert second.provenance["price_lower"].turn == 1


def test_what_is_said_of_a_family_ends_what_was_seen_of_it() -> None:
    limits = after(SEEN, SetPrice(upper=Decimal(50)))
    assert [limits.price_lower, limits.price_upper] == [None, 50]
    assert limits.colors == ("green",)
    assert after(SEEN, ExcludeValues(field="colors", values=("red",))).colors == ()


def test_shifts_build_on_what_stands() -> None:
    limits = after(SEEN, ShiftPrice(direction="up", percent=Decimal(25)))
    assert limits.price_upper == 180
    assert after(limits, ShiftPrice(direction="down", amount=Decimal(30))).price_upper == 150
    third = ShiftPrice(direction="up", percent=Decimal("33.333333"))
    assert after(after(SEEN, SetPrice(upper=Decimal(80))), third).price_upper == Decimal("106.67")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([SetPrice(upper=Decimal(-5))], "cannot be negative"),
        ([SetPrice(lower=Decimal(90), upper=Decimal(50))], "£90, would be above"),
        ([ShiftPrice(direction="down", amount=Decimal(500))], "below zero"),
        ([Reset(family="price"), ShiftPrice(direction="up", amount=Decimal(5))], "no price limit"),
        ([MinimumRating(stars=7)], "min_rating"),
        ([CountItems(minimum=5, maximum=2)], "count"),
        ([WantValues(field="colors", values=())], "no value"),
    ],
)
def test_impossible_changes_are_refused_in_one_sentence(changes: list[Change], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        apply_changes(SEEN, changes, turn=1)
    assert "\n" not in str(caught.value)


def test_amounts_of_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatch):
        after(SEEN, ShiftPrice(direction="up", amount=Decimal(5), currency="USD"))
    said = after(SEEN, SetPrice(lower=Decimal(20)))
    other = after(said, SetPrice(upper=Decimal(90), currency="EUR"), turn=2)
    assert [other.price_lower, other.price_upper, other.currency] == [None, 90, "EUR"]
    assert "GBP" in other.provenance["price_upper"].note


def test_a_range_may_pass_through_an_impossible_state() -> None:
    low = after(Constraints(), SetPrice(lower=Decimal(20), upper=Decimal(40)))
    high = after(low, SetPrice(lower=Decimal(60)), SetPrice(upper=Decimal(90)))
    assert [high.price_lower, high.price_upper] == [60, 90]


def test_values_replace_add_exclude_and_drop() -> None:
    red = after(SEEN, WantValues(field="colors", values=("red",)))
    assert red.colors == ("red",)
    both = after(red, WantValues(field="colors", values=("blue",), add=True))
    assert both.colors == ("red", "blue")
    no_red = after(both, ExcludeValues(field="colors", values=("Red",)))
    assert [no_red.colors, no_red.exclude.colors] == [("blue",), ("Red",)]
    assert no_red.provenance["colors"].turn == 1
    again = after(no_red, WantValues(field="colors", values=("red",)))
    assert [again.colors, again.exclude.colors] == [("red",), ()]
    assert after(both, DropValues(field="colors", values=("red",))).colors == ("blue",)
    assert after(no_red, DropValues(field="colors")).standing() == (
        "price_lower", "price_upper", "currency", "brands",
    )  # fmt: skip


def test_soft_wishes_are_soft_and_only_is_hard() -> None:
    soft = after(Constraints(), WantValues(field="colors", values=("red",), soft=True))
    assert soft.provenance["colors"].strength == "soft"
    hard = after(soft, OnlyValues(field="colors", values=("red",)))
    assert hard.provenance["colors"].strength == "hard"


def test_the_shopper_s_word_is_kept_beside_what_it_matches() -> None:
    def match(field: str, word: str) -> tuple[str, ...]:
        return ("Navy Blue",) if (field, word) == ("colors", "navy") else ()

    limits = after(Constraints(), WantValues(field="colors", values=("navy", "puce")), match=match)
    assert limits.colors == ("navy", "puce")
    assert limits.provenance["colors"].matched == {"navy": ("Navy Blue",), "puce": ()}


def test_attributes_ratings_sale_count_groups_and_items() -> None:
    limits = after(
        Constraints(),
        LimitAttribute(name="storage", lower=128, unit="GB"),
        LimitAttribute(name="storage", lower=256, unit="GB"),
        LimitAttribute(name="material", values=("leather",), exclude=True),
        MinimumRating(stars=4),
        OnSale(value=True),
        CountItems(minimum=3, maximum=3),
        LimitGroup(attribute="color", value="blue", minimum=2),
        LimitGroup(attribute="color", value="blue", minimum=1),
        RequireItems(items=("a", "b")),
        SwapItem(item="b"),
    )
    assert [(a.name, a.lower) for a in limits.attributes] == [("storage", 256)]
    assert [a.name for a in limits.exclude.attributes] == ["material"]
    assert [limits.min_rating, limits.on_sale] == [4, True]
    assert [limits.count_min, limits.count_max] == [3, 3]
    assert limits.group_limits == (GroupLimit(attribute="color", value="blue", minimum=1),)
    assert [limits.must_include, limits.must_exclude] == [("a",), ("b",)]
    assert after(limits, DropValues(field="attributes", values=("storage",))).attributes == ()
    assert after(limits, Reset()).standing() == ()


def test_a_reset_of_the_price_keeps_the_currency() -> None:
    assert after(SEEN, Reset(family="price")).standing() == ("currency", "colors", "brands")
    assert after(SEEN, Reset(family="price_lower")).price_upper == 144


def test_back_to_the_first_means_the_first_that_was_said() -> None:
    one = after(SEEN, SetPrice(upper=Decimal(50)))
    two = after(one, SetPrice(lower=Decimal(10), upper=Decimal(90)), turn=2)
    three = after(two, OnlyValues(field="brands", values=("Nike",)), turn=3)
    back = after(three, Restore(to="first", family="price"), turn=4, history=[one, two, three])
    assert [back.price_lower, back.price_upper, back.brands] == [None, 50, ("Nike",)]
    assert back.provenance["price_upper"].turn == 4
    everything = after(three, Restore(to="first"), turn=4, history=[one, two, three])
    assert everything.brands == ("Puma",)


def test_undo_before_anything_was_said_leaves_what_was_seen() -> None:
    one = after(SEEN, WantValues(field="sizes", values=("M",)))
    assert after(one, Restore(to="undo"), turn=2, history=[one]) == SEEN


PRICES = st.integers(1, 500).map(lambda n: SetPrice(upper=Decimal(n)))
COLORS = st.sampled_from(["red", "blue", "navy", "black"]).flatmap(
    lambda c: st.sampled_from(
        [
            WantValues(field="colors", values=(c,)),
            WantValues(field="colors", values=(c,), add=True),
            ExcludeValues(field="colors", values=(c,)),
            DropValues(field="colors"),
        ]
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(PRICES, COLORS), min_size=1, max_size=8))
def test_undoing_every_turn_walks_all_the_way_back(changes: list[Change]) -> None:
    state, history, path = SEEN, [SEEN], [SEEN]
    for turn, change in enumerate(changes, start=1):
        state = after(state, change, turn=turn, history=history)
        history.append(state)
        if _values(state) == _values(path[-1]):
            path[-1] = state
            continue
        # A turn that leads back to the very limits said earlier closes the detour it ends; what
        # is said anew is a step of its own.
        known = [n for n, past in enumerate(path) if _said(past) == _said(state)]
        path = [*path[: known[0]], state] if known else [*path, state]
    for past in reversed(path[:-1]):
        state = after(state, Restore(to="undo"), turn=len(history), history=history)
        history.append(state)
        assert _values(state) == _values(past)


@pytest.mark.parametrize(("steps", "upper"), [(1, 90), (2, 80), (3, 70)])
def test_several_steps_are_undone_at_once(steps: int, upper: int) -> None:
    states: list[Constraints] = []
    state = SEEN
    for turn, price in enumerate((70, 80, 90, 100), start=1):
        state = after(state, SetPrice(upper=Decimal(price)), turn=turn, history=states)
        states.append(state)
    back = after(state, Restore(to="undo", steps=steps), turn=5, history=states)
    assert back.price_upper == upper


def test_going_back_to_the_first_limits_can_be_undone() -> None:
    one = after(SEEN, SetPrice(upper=Decimal(60)), turn=1)
    two = after(one, Reset(family="price"), turn=2, history=[one])
    three = after(two, Restore(to="first", family="price"), turn=3, history=[one, two])
    assert three.price_upper == 60
    four = after(three, Restore(to="undo"), turn=4, history=[one, two, three])
    assert four.price_upper is None


def _said(limits: Constraints) -> tuple[dict[str, Any], dict[str, int]]:
    return _values(limits), {f: p.turn for f, p in limits.provenance.items()}


def _values(limits: Constraints) -> dict[str, Any]:
    return limits.model_dump(exclude={"provenance"})


def test_every_limit_belongs_to_a_family() -> None:
    assert {f for fields in FAMILY_FIELDS.values() for f in fields} >= set(FAMILIES)


def _objects(node: Any) -> list[dict[str, Any]]:
    found = [node] if isinstance(node, dict) and node.get("type") == "object" else []
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return found + [o for part in inner for o in _objects(part)]


def test_the_schema_is_strict() -> None:
    schema = change_schema()
    text = json.dumps(schema)
    assert "$ref" not in text
    assert "oneOf" not in text
    objects = _objects(schema)
    assert len(objects) == 16
    for node in objects:
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(PRICES, COLORS), max_size=4))
def test_changes_survive_json(changes: list[Change]) -> None:
    adapter = TypeAdapter(ChangeList)
    whole = ChangeList(changes=tuple(changes))
    assert adapter.validate_json(adapter.dump_json(whole)) == whole


def test_what_is_remembered_stays_small_and_keeps_what_was_said_first() -> None:
    history: list[Constraints] = []
    state = Constraints()
    for turn in range(1, 301):
        change: Change = SetPrice(upper=Decimal(20 + turn))
        if turn == 5:
            change = WantValues(field="colors", values=("red",))
        if turn == 150:
            change = WantValues(field="colors", values=("blue",))
        state = after(state, change, turn=turn, history=history)
        history = remembered(history, state)
    assert len(history) < RECENT + 15
    first = after(state, Restore(to="first", family="price"), turn=301, history=history)
    assert first.price_upper == 21
    red = after(state, Restore(to="first", family="colors"), turn=301, history=history)
    assert red.colors == ("red",)
    undone = after(state, Restore(to="undo", steps=3), turn=301, history=history)
    assert undone.price_upper == 20 + 297
    assert remembered(history, state) == history, "a turn that changes nothing adds nothing"
