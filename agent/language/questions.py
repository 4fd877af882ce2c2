"""When a turn is vague or contradicts itself: the one question to ask."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median

from agent.language.clauses import negated
from agent.language.model import ShownItem
from agent.language.symbols import Symbol
from tools.changes import (
    Change,
    ExcludeValues,
    OnlyValues,
    Reset,
    Restore,
    SetPrice,
    ShiftPrice,
    SwapItem,
    WantValues,
)
from tools.domain import Constraints
from tools.money import show_money

_UPWARDS = frozenset(("higher", "go higher", "go up", "going up", "going higher"))
_DOWNWARDS = frozenset(("lower", "go lower", "go down", "going down", "going lower"))
_NAMES = {
    "colors": "colour",
    "brands": "brand",
    "categories": "category",
    "sizes": "size",
    "attributes": "feature",
}


def contradiction(
    symbols: Sequence[Symbol], changes: Sequence[Change], current: Constraints
) -> str | None:
    """The question that a self-contradicting turn calls for, or None."""
    if _both_ways(symbols, changes):
        return "Should it be cheaper or more expensive than now?"
    lower = upper = None
    for change in changes:
        if isinstance(change, SetPrice):
            lower = change.lower if change.lower is not None else lower
            upper = change.upper if change.upper is not None else upper
    if lower is not None and upper is not None and lower > upper:
        return "The least that you named is more than the most: which of the two counts?"
    for one in changes:
        if not isinstance(one, ExcludeValues):
            continue
        for other in changes:
            if isinstance(other, WantValues | OnlyValues) and other.field == one.field:
                both = {v.casefold() for v in one.values} & {v.casefold() for v in other.values}
                if both:
                    return f"Do you want the {_NAMES[one.field]} {min(both)} or not?"
    return None


def _both_ways(symbols: Sequence[Symbol], changes: Sequence[Change]) -> bool:
    ways = {c.direction for c in changes if isinstance(c, ShiftPrice) and c.bound == "upper"}
    for k, symbol in enumerate(symbols):
        if symbol.used or symbol.kind != "phrase":
            continue
        if symbol.has("CHEAPER"):
            ways.add("up" if negated(symbols, k, 3) else "down")
        elif symbol.has("PRICIER"):
            ways.add("down" if negated(symbols, k, 3) else "up")
        elif symbol.has("RAISE", "CUT") and not changes and _moves_price(symbols, k):
            ways.add("up" if symbol.has("RAISE") else "down")
    return len(ways) == 2


def vague_price(
    symbols: Sequence[Symbol],
    changes: Sequence[Change],
    current: Constraints,
    shown: Sequence[ShownItem],
    ids: Sequence[str],
) -> tuple[str | None, tuple[Change, ...]]:
    """(question, changes) for a move of the price without a figure.

    "Cheaper" has a meaning when items have been shown: cheaper than the one pointed at, or than
    the middle of those shown last. A move of the budget without a figure is asked back.
    """
    if any(isinstance(c, ShiftPrice | SetPrice) for c in changes):
        shift = next((c for c in changes if isinstance(c, ShiftPrice)), None)
        if shift is not None and current.value(f"price_{shift.bound}") is None:
            has_set = any(isinstance(c, SetPrice) for c in changes)
            if not has_set:
                end = "most" if shift.bound == "upper" else "least"
                return (
                    f"You have not named a budget yet: what is the {end} you would like to pay?",
                    (),
                )
        return None, ()
    freed = {c.family or "price" for c in changes if isinstance(c, Reset | Restore)}
    if any(family.startswith("price") for family in freed):
        return None, ()
    direction = _direction(symbols) or (_compared(symbols) if ids else None)
    if direction is None:
        return None, ()
    prices = [i.price for i in _pointed(shown, ids) if i.price is not None]
    comparing = bool(ids) or _comparing(symbols, direction)
    if prices and comparing and not any(isinstance(c, SwapItem) for c in changes):
        middle = Decimal(median(prices))
        money = next((i.currency for i in shown if i.currency), current.currency)
        cent = Decimal("0.01")
        note = f"compared with {show_money(middle, money)}, the middle of what was shown"
        if ids:
            note = f"compared with {show_money(middle, money)}"
        if direction == "down" and middle > cent:
            return None, (SetPrice(upper=middle - cent, note=note),)
        return None, (SetPrice(lower=middle + cent, note=note),)
    if direction == "down":
        return "How much would you like to spend at most?", ()
    now = current.price_upper
    if now is not None:
        return f"How far above {show_money(now, current.currency)} may it go?", ()
    return "How much would you like to spend at most?", ()


def _direction(symbols: Sequence[Symbol]) -> str | None:
    for k, symbol in enumerate(symbols):
        if symbol.used or symbol.kind != "phrase":
            continue
        if symbol.has("CHEAPER"):
            return "up" if negated(symbols, k, 3) else "down"
        if symbol.has("PRICIER"):
            return "down" if negated(symbols, k, 3) else "up"
        if symbol.low in _UPWARDS:
            return "up"
        if symbol.low in _DOWNWARDS:
            return "down"
        if symbol.has("RAISE", "CUT") and _moves_price(symbols, k):
            return "up" if symbol.has("RAISE") else "down"
    return None


def _compared(symbols: Sequence[Symbol]) -> str | None:
    """ "cheaper than the second one": a comparison whose other side is an item."""
    for symbol in symbols:
        if symbol.used or symbol.kind != "phrase":
            continue
        if symbol.low in ("cheaper than", "less expensive than", "less than", "lower priced than"):
            return "down"
        if symbol.low in ("pricier than", "dearer than", "more expensive than"):
            return "up"
    return None


def _comparing(symbols: Sequence[Symbol], direction: str) -> bool:
    """Whether the talk is of the price of things, not of the budget."""
    if direction == "down":
        return any(s.has("CHEAPER") for s in symbols)
    words = ("expensive", "pricier", "dearer", "end")
    return any(s.has("PRICIER") and any(word in s.low for word in words) for s in symbols)


def _moves_price(symbols: Sequence[Symbol], k: int) -> bool:
    """Whether a verb of moving has the budget as its object: "raise my limit a little"."""
    for symbol in symbols[k + 1 : k + 4]:
        if symbol.has("PRICE", "LIMIT", "CEIL"):
            return True
        if not symbol.has("FILLER", "THIS", "AND", "RAISE", "CUT"):
            return False
    return False


def _pointed(shown: Sequence[ShownItem], ids: Sequence[str]) -> list[ShownItem]:
    if ids:
        return [i for i in shown if i.id in ids]
    newest = max((i.turn for i in shown), default=0)
    return [i for i in shown if i.turn == newest]
