"""The limits in force turn by turn of a dialogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from evals.cases import PRICE_KEYS, DialogueGold, StateKey
from evals.scorers.base import Figure, Judgement, Scorer
from evals.scorers.limits import listed, said_sizes
from evals.scorers.words import same_color, same_kind, same_name, same_size
from evals.traces import DialogueTrace
from tools.domain import Constraints


def _words(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value)


_SAME: Mapping[str, Callable[[str], str]] = {
    "color": same_color,
    "brand": same_name,
    "category": same_kind,
}


def _key_right(key: StateKey, want: Any, said: Constraints) -> bool:
    if key == "currency":
        return bool(said.currency == want)
    if key in ("price_lower", "price_upper", "min_rating"):
        value = getattr(said, key)
        if want is None or value is None:
            return value is None and want is None
        return Decimal(str(value)) == Decimal(str(want))
    if key == "size":
        return _same_sizes(said_sizes(said), [same_size(s) for s in _words(want)])
    values = {"color": said.colors, "brand": said.brands, "category": said.categories}[key]
    same = _SAME[key]
    return {same(v) for v in values} == {same(v) for v in _words(want)}


def _same_sizes(said: Sequence[str], wanted: Sequence[str]) -> bool:
    """Equal as sets; a wanted bare number ("4" of "size 4 ounce") is met with its unit too."""

    def meets(size: str, want: str) -> bool:
        return size == want or (want.replace(".", "").isdigit() and size.startswith(f"{want} "))

    return len(set(said)) == len(set(wanted)) and all(
        any(meets(size, want) for size in said) for want in wanted
    )


def _show_key(key: StateKey, said: Constraints) -> str:
    if key == "size":
        return listed(said_sizes(said))
    field = {"color": "colors", "brand": "brands", "category": "categories"}.get(key, key)
    value = getattr(said, field)
    return listed(value) if isinstance(value, tuple) else str(value)


def _shown(value: Any) -> str:
    return listed(value) if isinstance(value, list | tuple) else str(value)


def wrong_keys(want: Mapping[StateKey, Any], said: Constraints) -> list[str]:
    """The keys of a state that the limits do not show, each with what they show instead."""
    return [
        f"{key} is {_show_key(key, said)}, not {_shown(value)}"
        for key, value in want.items()
        if not _key_right(key, value, said)
    ]


def _changed(before: Mapping[StateKey, Any], after: Mapping[StateKey, Any]) -> list[StateKey]:
    return [key for key in after if key not in before or before[key] != after[key]]


def _judge_state(gold: DialogueGold, trace: DialogueTrace) -> Judgement:
    found = Judgement()
    counts: dict[str, list[float]] = {}

    def count(name: str, right: bool) -> None:
        tally = counts.setdefault(name, [0.0, 0.0])
        tally[0] += right
        tally[1] += 1

    before: Mapping[StateKey, Any] = {}
    all_prices = all_keys = True
    for turn, state in enumerate(gold.states):
        said = trace.states[turn] if turn < len(trace.states) else None
        right = {k: said is not None and _key_right(k, want, said) for k, want in state.items()}
        price = all(right.get(key, True) for key in PRICE_KEYS)
        all_prices, all_keys = all_prices and price, all_keys and all(right.values())
        count("price_turn", price)
        count("joint_turn", all(right.values()))
        for key, hit in right.items():
            count("currency_turn" if key == "currency" else f"{key}_turn", hit)
        operation = gold.operations[turn] if turn < len(gold.operations) else ""
        changed = _changed(before, state)
        if operation:
            count(f"op_{operation}", all(right[key] for key in changed))
        for key in changed:
            if turn and state[key] is None:
                count("drop_turn", right[key])
            elif turn and key == "brand":
                count("set_brand_turn", right[key])
        for key, hit in right.items():
            if not hit:
                got = "nothing" if said is None else _show_key(key, said)
                found.misses.append(f"turn {turn + 1} {operation}: {key} {got}, not {state[key]}")
        before = state
    for name, (hits, chances) in counts.items():
        found.add(name, hits, chances)
    found.add("price_dialogue", all_prices, 1)
    found.add("joint_dialogue", all_keys, 1)
    return found


state = Scorer(
    "state",
    DialogueGold,
    DialogueTrace,
    _judge_state,
    {
        "price_turn": Figure("price state right, per turn", 0.97),
        "price_dialogue": Figure("price state right, whole dialogue", 0.93),
        "set_brand_turn": Figure("brand right where the turn sets it", 0.95),
        "drop_turn": Figure("dropped where the turn drops it", 0.95),
        "joint_turn": Figure("all keys right, per turn"),
        "joint_dialogue": Figure("all keys right, whole dialogue"),
        "currency_turn": Figure("currency, per turn"),
        "price_lower_turn": Figure("lower limit, per turn"),
        "price_upper_turn": Figure("upper limit, per turn"),
        "color_turn": Figure("colour, per turn"),
        "size_turn": Figure("size, per turn"),
        "brand_turn": Figure("brand, per turn"),
        "category_turn": Figure("category, per turn"),
        "min_rating_turn": Figure("lowest rating, per turn"),
    },
)
