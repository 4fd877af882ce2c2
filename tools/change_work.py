"""Limits while typed changes are being applied to them, one by one (`tools.changes`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tools.change_types import (
    Change,
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
)
from tools.domain import FIELDS, AttributeLimit, Constraints, GroupLimit, Provenance, Words, build
from tools.errors import CurrencyMismatch, InputError
from tools.money import show_money

Match = Callable[[str, str], tuple[str, ...]]
"""(field, the shopper's word) -> the catalogue values it stands for; empty: not carried."""

FAMILY_FIELDS: dict[str, tuple[str, ...]] = {
    "price": ("price_lower", "price_upper", "currency"),
    "price_lower": ("price_lower",),
    "price_upper": ("price_upper",),
    **{
        name: (name, f"exclude.{name}")
        for name in ("colors", "brands", "categories", "sizes", "attributes")
    },
    "rating": ("min_rating",),
    "sale": ("on_sale",),
    "count": ("count_min", "count_max"),
    "groups": ("group_limits",),
    "items": ("must_include", "must_exclude"),
}
"""Family -> the limits it holds, as paths of `tools.domain.FIELDS`."""


class Work:
    """The limits while changes are being applied to them."""

    def __init__(
        self,
        state: Constraints,
        turn: int,
        history: tuple[Constraints, ...],
        currency: str | None,
        match: Match | None,
    ) -> None:
        self.state = state
        self.turn = turn
        self.history = history
        self.currency = currency
        self.match = match

    def apply(self, change: Change) -> None:
        """Apply one change to `state`.

        Raises:
            InputError: it is impossible; `state` is as it was before.
        """
        match change:
            case SetPrice():
                self._set_price(change)
            case ShiftPrice():
                self._shift_price(change)
            case WantValues():
                self._want(change.field, change.values, add=change.add, soft=change.soft)
            case OnlyValues():
                self._want(change.field, change.values, add=False, soft=False)
            case ExcludeValues():
                self._exclude(change)
            case DropValues():
                self._drop(change)
            case LimitAttribute():
                self._attribute(change)
            case MinimumRating():
                self._set({"min_rating": change.stars}, soft=change.soft)
            case OnSale():
                self._set({"on_sale": change.value or None}, soft=change.soft)
            case CountItems():
                self._set({"count_min": change.minimum, "count_max": change.maximum})
            case LimitGroup():
                self._group(change)
            case SwapItem():
                self._swap(change)
            case RequireItems():
                self._require(change)
            case Reset():
                self._reset(change)
            case Restore():
                self._restore(change)

    # -- how a limit comes to stand ---------------------------------------------------------

    def _set(
        self,
        fields: dict[str, Any],
        *,
        soft: bool = False,
        note: str = "",
        matched: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        """Set or clear fields by the merging rules: said beats seen, family by family."""
        origin = Provenance(
            source="said",
            strength="soft" if soft else "hard",
            turn=self.turn,
            note=note,
            matched=matched or {},
        )
        values = {f: v for f, v in fields.items() if v not in (None, (), [])}
        cleared = self.state.replace(dict.fromkeys(fields), {})
        overlay = Constraints().replace(values, dict.fromkeys(values, origin))
        self.state = cleared.merged_with(overlay)

    def _matched(self, field: str, values: Sequence[str]) -> dict[str, tuple[str, ...]]:
        if self.match is None:
            return {}
        return {value: self.match(field, value) for value in values}

    # -- price ------------------------------------------------------------------------------

    def _set_price(self, change: SetPrice) -> None:
        for name, value in (("lower", change.lower), ("upper", change.upper)):
            if value is not None and value < 0:
                raise InputError(
                    f"a price cannot be negative, and {value:f} was named as {name} limit"
                )
        state = self.state
        fields: dict[str, Any] = {}
        note = change.note
        money = change.currency or state.currency or self.currency
        if change.currency and state.currency and change.currency != state.currency:
            # Amounts of two currencies never compare: the other end cannot stay.
            for name in ("price_lower", "price_upper"):
                if state.value(name) is not None:
                    fields[name] = None
                    note = note or f"the earlier limits were in {state.currency}"
        if change.lower is not None:
            fields["price_lower"] = change.lower
        if change.upper is not None:
            fields["price_upper"] = change.upper
        lower = fields.get("price_lower", self._said("price_lower"))
        upper = fields.get("price_upper", self._said("price_upper"))
        if lower is not None and upper is not None and lower > upper:
            raise InputError(
                f"the least to pay, {show_money(lower, money)}, would be above the most to pay, "
                f"{show_money(upper, money)}"
            )
        if money is not None and money != state.currency:
            fields["currency"] = money
        self._set(fields, soft=change.soft, note=note)

    def _said(self, field: str) -> Any:
        """The value of a field if the shopper said it; what was seen yields to what is said."""
        origin = self.state.provenance.get(field)
        return self.state.value(field) if origin and origin.source == "said" else None

    def _shift_price(self, change: ShiftPrice) -> None:
        field = f"price_{change.bound}"
        base = self.state.value(field)
        word = "most" if change.bound == "upper" else "least"
        if base is None:
            raise InputError(f"no price limit stands yet for the {word} to pay, so none can move")
        if change.currency and self.state.currency and change.currency != self.state.currency:
            raise CurrencyMismatch(change.currency, self.state.currency)
        if change.amount is not None:
            step = change.amount
        else:
            step = base * (change.percent or Decimal(0)) / 100
        value = base + step if change.direction == "up" else base - step
        value = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        value = value.to_integral_value() if value == value.to_integral_value() else value
        if value < 0:
            raise InputError(
                f"that would bring the {word} to pay below zero; it stands at "
                f"{show_money(base, self.state.currency)}"
            )
        strength = self.state.provenance[field].strength
        setting = {change.bound: value, "currency": None, "soft": strength == "soft"}
        self._set_price(build(SetPrice, setting))

    # -- values -----------------------------------------------------------------------------

    def _want(self, field: str, values: Words, *, add: bool, soft: bool) -> None:
        if not values:
            raise InputError(f"no value was named for {field}")
        if field == "attributes":
            limits = tuple(AttributeLimit(name=value, values=(value,)) for value in values)
            held = self.state.attributes if add else self._other_attributes(values)
            self._set({"attributes": (*held, *limits)}, soft=soft)
            return
        refused = _without(self.state.value(f"exclude.{field}"), values)
        earlier = self._said(field) or () if add else ()
        wanted = _union(earlier, values)
        fields: dict[str, Any] = {field: wanted}
        if refused != self.state.value(f"exclude.{field}"):
            fields[f"exclude.{field}"] = refused
        self._set(fields, soft=soft, matched=self._matched(field, wanted))

    def _exclude(self, change: ExcludeValues) -> None:
        field, values = change.field, change.values
        if not values:
            raise InputError(f"no value was named for {field}")
        path = f"exclude.{field}"
        if field == "attributes":
            limits = tuple(AttributeLimit(name=value, values=(value,)) for value in values)
            self._set({path: (*self.state.exclude.attributes, *limits)}, soft=change.soft)
            return
        refused = _union(self._said(path) or (), values)
        fields: dict[str, Any] = {path: refused}
        if left := self._said(field):
            kept = _without(left, values)
            if kept != left:
                fields[field] = kept
        # The wish that stays keeps its own provenance; only the refusal is new.
        matched = self._matched(field, refused)
        if fields.get(field):
            self.state = self.state.replace({field: fields.pop(field)}, {})
        self._set(fields, soft=change.soft, matched=matched)

    def _drop(self, change: DropValues) -> None:
        field = change.field
        path = f"exclude.{field}"
        if not change.values:
            self._clear(field, path)
            return
        if field == "attributes":
            gone = {v.casefold() for v in change.values}
            left: dict[str, Any] = {
                p: tuple(a for a in self.state.value(p) if not _about(a, gone))
                for p in (field, path)
            }
        else:
            left = {p: _without(self.state.value(p), change.values) for p in (field, path)}
        self.state = self.state.replace(left, {})

    def _other_attributes(self, names: Sequence[str]) -> tuple[AttributeLimit, ...]:
        gone = {name.casefold() for name in names}
        return tuple(a for a in self.state.attributes if a.name.casefold() not in gone)

    def _attribute(self, change: LimitAttribute) -> None:
        data = change.model_dump(include={"name", "values", "lower", "upper", "unit"})
        limit = build(AttributeLimit, data)
        path = "exclude.attributes" if change.exclude else "attributes"
        same = change.name.casefold()
        held = tuple(a for a in self.state.value(path) if a.name.casefold() != same)
        self._set({path: (*held, limit)}, soft=change.soft)

    # -- the set and its items --------------------------------------------------------------

    def _group(self, change: LimitGroup) -> None:
        data = change.model_dump(exclude={"op"})
        limit = build(GroupLimit, data)
        key = (limit.attribute, (limit.value or "").casefold())
        held = tuple(
            g for g in self.state.group_limits if (g.attribute, (g.value or "").casefold()) != key
        )
        self._set({"group_limits": (*held, limit)})

    def _swap(self, change: SwapItem) -> None:
        item = (change.item,)
        self._set(
            {
                "must_exclude": _union(self.state.must_exclude, item),
                "must_include": _without(self.state.must_include, item),
            },
            note=change.reason,
        )

    def _require(self, change: RequireItems) -> None:
        self._set(
            {
                "must_include": _union(self.state.must_include, change.items),
                "must_exclude": _without(self.state.must_exclude, change.items),
            }
        )

    # -- going back -------------------------------------------------------------------------

    def _clear(self, *fields: str) -> None:
        self.state = self.state.replace(dict.fromkeys(fields), {})

    def _reset(self, change: Reset) -> None:
        if change.family is None:
            # The currency is a fact about the shop, not a wish.
            self._clear(*(f for f in self.state.standing() if f != "currency"))
        else:
            self._clear(*(f for f in FAMILY_FIELDS[change.family] if f != "currency"))

    def _restore(self, change: Restore) -> None:
        fields = FAMILY_FIELDS[change.family] if change.family else None
        again = change.to == "first"
        earlier = self._first(fields) if again else self._before(fields, change.steps)
        kept = fields or earlier.standing()
        # Said again, or as it was: an undo must be able to tell its own steps from new ones.
        turn = {"turn": self.turn} if again else {}
        origins = {
            f: earlier.provenance[f].model_copy(update=turn)
            for f in kept
            if f in earlier.provenance
        }
        base = self.state if fields else earlier
        self.state = base.replace({f: earlier.value(f) for f in kept}, origins)

    def _first(self, fields: tuple[str, ...] | None) -> Constraints:
        """The earliest limits in which these fields were said; else the earliest of all."""
        states = (*self.history, self.state)
        for wanted_source in (("said",), ("said", "seen", "assumed")):
            for state in states:
                for field in fields or state.standing():
                    origin = state.provenance.get(field)
                    if origin and origin.source in wanted_source and field != "currency":
                        return state
        return states[0]

    def _before(self, fields: tuple[str, ...] | None, steps: int) -> Constraints:
        """The limits before the last changes (of these fields).

        A state that an earlier undo brought back closes the detour it ended, so that undo twice
        goes back two steps instead of to and fro.
        """
        states = (*self.history, self.state)
        path: list[int] = []
        known: dict[Any, int] = {}
        values = [_values(state, fields) for state in states]
        turns = [_turns(state, fields) for state in states]
        for number in range(len(states)):
            if path and values[path[-1]] == values[number]:
                path[-1] = number
            elif (depth := known.get((values[number], turns[number]))) is not None:
                del path[depth:]
                path.append(number)
            else:
                path.append(number)
            known = {k: d for k, d in known.items() if d < len(path)}
            known.setdefault((values[path[-1]], turns[path[-1]]), len(path) - 1)
        if len(path) > steps:
            return states[path[-1 - steps]]
        unsaid = [f for f, p in self.state.provenance.items() if p.source != "said"]
        return self.state.only(*unsaid) if unsaid else Constraints()


def _values(state: Constraints, fields: tuple[str, ...] | None) -> tuple[Any, ...]:
    """The values of some limits (all when none is named), without where they came from."""
    return tuple(state.value(f) for f in fields or FIELDS)


def _turns(state: Constraints, fields: tuple[str, ...] | None) -> tuple[tuple[str, int], ...]:
    """In which turns limits were said; alike only in a state that an undo brought back."""
    kept = state.provenance if fields is None else fields
    return tuple((f, state.provenance[f].turn) for f in kept if f in state.provenance)


def _union(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    have = {v.casefold() for v in one}
    return (*one, *(v for v in other if v.casefold() not in have))


def _without(values: Sequence[str], gone: Sequence[str]) -> tuple[str, ...]:
    drop = {v.casefold() for v in gone}
    return tuple(v for v in values if v.casefold() not in drop)


def _about(limit: AttributeLimit, words: set[str]) -> bool:
    """Whether an attribute limit is about one of these words, by name or by value."""
    return limit.name.casefold() in words or any(v.casefold() in words for v in limit.values)
