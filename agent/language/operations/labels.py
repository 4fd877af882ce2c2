"""The operations that are told apart, and which of them the grammar read in a turn."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from agent.language.model import Understanding
from agent.language.operations.view import FIELDS, View
from tools.changes import (
    Change,
    DropValues,
    ExcludeValues,
    OnlyValues,
    Reset,
    Restore,
    SetPrice,
    ShiftPrice,
    WantValues,
)
from tools.domain import Constraints

NONE = "none"
ASKED = "asked"
OTHER = "other"
EITHER = "either"
"""A limit was read as set and as let go, of which one is a mistake: "Sony, no other brands"."""
PRICE = (
    "set_upper", "set_lower", "range", "up", "down", "up_percent", "down_percent", "free",
    "free_upper", "free_lower", "first", "first_all", "undo", NONE,
)  # fmt: skip
"""What a later turn does to the price; `first_all` and `undo` are about every limit."""
WISH = ("set_upper", "set_lower", "range", NONE)
"""What a first request says about the price."""
VALUES = ("want", "free", "refuse", NONE)
"""What a later turn does to the brands, the colours or the sizes."""
SIZES = ("want", "free", NONE)
HEADS = {"price": PRICE, "wish": WISH, "brands": VALUES, "colors": VALUES, "sizes": SIZES}
_READ = (*PRICE, ASKED, OTHER, EITHER)
_VALUES_READ = (*VALUES, OTHER, EITHER)
INTENTS = ("recommend", "what_if", "facts", "details", "explain", "compare", "refine", "search",
           "smalltalk", "other")  # fmt: skip


def price_read(understood: Understanding) -> str:
    """The one operation on the price among the grammar's changes; `other` for several."""
    if understood.question:
        return ASKED
    found = {label for c in understood.changes if (label := _price_label(c))}
    if found == {"set_lower", "set_upper"}:
        return "range"
    if "free" in found and len(found) == 2 and found & {"set_upper", "set_lower", "range"}:
        return EITHER
    return found.pop() if len(found) == 1 else OTHER if found else NONE


def read_by_grammar(head: str, understood: Understanding) -> str:
    """The operation of a head that the grammar read."""
    if head in FIELDS:
        return values_read(understood.changes, head)
    return price_read(understood)


def is_price(change: Change) -> bool:
    """Whether a change concerns the price, or every limit."""
    return bool(_price_label(change))


def _price_label(change: Change) -> str:
    if isinstance(change, SetPrice):
        if change.lower is not None and change.upper is not None:
            return "range"
        return "set_lower" if change.upper is None else "set_upper"
    if isinstance(change, ShiftPrice):
        if change.bound == "lower":
            return OTHER
        return change.direction + ("_percent" if change.percent is not None else "")
    if isinstance(change, Reset):
        named = {None: "free", "price": "free", "price_upper": "free_upper",
                 "price_lower": "free_lower"}  # fmt: skip
        return named.get(change.family, "")
    if isinstance(change, Restore):
        if change.to == "undo":
            return "undo"
        if change.to == "first" and change.family in (None, "price"):
            return "first" if change.family else "first_all"
        return OTHER
    return ""


def values_read(changes: Sequence[Change], field: str) -> str:
    """The one operation on a field of values among the grammar's changes; `other` for several."""
    found = set()
    for change in changes:
        if of_field(change, field):
            found.add(_value_label(change))
    if found == {"want", "free"}:
        return EITHER
    return found.pop() if len(found) == 1 else OTHER if found else NONE


def of_field(change: Change, field: str) -> bool:
    """Whether a change concerns a field of values alone."""
    if isinstance(change, WantValues | OnlyValues | ExcludeValues | DropValues):
        return change.field == field
    return isinstance(change, Reset | Restore) and change.family == field


def _value_label(change: Change) -> str:
    if isinstance(change, WantValues | OnlyValues):
        return "want"
    if isinstance(change, ExcludeValues):
        return "refuse"
    return OTHER if isinstance(change, Restore) else "free"


def possible(head: str, label: str, view: View, current: Constraints, read: str) -> bool:
    """Whether a turn holds what an operation needs, and something stands that it could move.

    What the grammar read is possible: it knows amounts that the view does not ("half of that").
    """
    if label == read:
        return True
    if head in FIELDS:
        if label == "want":
            return bool(view.values[head]) or (head == "sizes" and bool(view.amounts))
        if label == "refuse":
            return bool(view.values[head])
        return True
    if label in ("set_upper", "set_lower"):
        return bool(view.amounts)
    if label == "range":
        return len(view.amounts) > 1
    if label in ("up", "down"):
        return bool(view.amounts) and current.price_upper is not None
    if label in ("up_percent", "down_percent"):
        return bool(view.percents) and current.price_upper is not None
    if label == "free_lower":
        return current.price_lower is not None
    return True


def situation(
    view: View, current: Constraints, understood: Understanding, *, wish: bool
) -> list[float]:
    """Yes-or-no features: what stands, what is named, and what the grammar read."""
    amounts = [s.number for s in view.amounts if s.number is not None]
    upper, lower = current.price_upper, current.price_lower
    ratio = float(amounts[0] / upper) if amounts and upper else 0.0
    bounds = (0.0, 0.3, 0.6, 0.999, 1.001, 1.5, float("inf"))
    facts = [
        not amounts and not view.percents,
        len(amounts) == 1,
        len(amounts) > 1,
        bool(view.percents),
        any(s.kind == "money" for s in view.amounts),
        *(low < ratio <= high for low, high in pairwise(bounds)),
        upper is not None,
        lower is not None,
        bool(amounts and lower is not None and amounts[0] <= lower),
        upper is not None and upper in amounts[1:],
    ]
    for field in FIELDS:
        standing = {str(v).casefold() for v in current.value(field)}
        named = {v.casefold() for v in view.values[field]}
        facts += [bool(standing), bool(named), len(named) > 1, bool(named & standing)]
    read = price_read(understood)
    facts += [read == label for label in _READ]
    for field in FIELDS:
        of_values = values_read(understood.changes, field)
        facts += [of_values == label for label in _VALUES_READ]
    facts += [understood.intent == intent for intent in INTENTS]
    facts.append(wish)
    return [float(fact) for fact in facts]


def newest(amounts: Sequence[Decimal], upper: Decimal | None) -> Decimal:
    """The amount that is meant, where the one in force may be named beside it."""
    others = [a for a in amounts if a != upper]
    return (others or list(amounts))[-1]
