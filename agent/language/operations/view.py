"""A turn as the classifier sees it: its words with amounts, percentages and values masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.language.symbols import Symbol
from agent.language.wordsets import words

FIELDS = ("brands", "colors", "sizes")
_STANDS_FOR = {"brands": "Nike", "colors": "blue", "sizes": "medium"}
_WINDOW = 12
_CLAUSE = 3
"""Symbols before an amount from which on a clause is long enough to stand alone."""
_JOINING = words(
    "to and or up until till through at the its low lowest lower high highest end minimum least "
    "most maximum bottom top but stopping stop ending going all way as far - –"
)
"""Words between the two ends of a range, of which only one may name its currency."""


@dataclass(frozen=True, slots=True)
class View:
    """One turn, masked."""

    words: tuple[str, ...]
    """Lower-case words; `<n>` for an amount, `<p>` for a percentage, `<brands>` and so on."""
    plain: str
    """The same as a sentence that an encoder can read, with one amount, brand, colour and size."""
    amounts: tuple[Symbol, ...]
    percents: tuple[Symbol, ...]
    values: Mapping[str, tuple[str, ...]]
    """The values named, by field, in the shopper's words."""


def view_turn(symbols: Sequence[Symbol]) -> View:
    """The whole of a turn."""
    masked: list[str] = []
    plain: list[str] = []
    values: dict[str, list[str]] = {field: [] for field in FIELDS}
    for symbol in symbols:
        field = _field(symbol)
        if field:
            masked.append(f"<{field}>")
            plain.append(_STANDS_FOR[field])
            if symbol.text not in values[field]:
                values[field].append(symbol.text)
        elif _is_amount(symbol):
            masked.append("<n>")
            plain.append("60 pounds")
        elif symbol.kind == "percent":
            masked.append("<p>")
            plain.append("20 percent")
        else:
            masked += symbol.low.split()
            plain.append(symbol.text)
    return View(
        words=tuple(masked),
        plain=" ".join(plain),
        amounts=tuple(s for s in symbols if _is_amount(s)),
        percents=tuple(s for s in symbols if s.kind == "percent" and s.number is not None),
        values={field: tuple(found) for field, found in values.items()},
    )


def view_amounts(symbols: Sequence[Symbol]) -> View | None:
    """What stands around the amounts of a first request; None without any, or with many.

    The thing that is wished for fills such a turn; what is said of money stands near the money.
    """
    amounts = [k for k, s in enumerate(symbols) if _is_amount(s)]
    money = [k for k in amounts if symbols[k].kind == "money"]
    places = [k for k in amounts if any(_joined(symbols, k, m) for m in money)] or amounts
    if not 1 <= len(places) <= 2:
        return None
    first, last = places[0], places[-1]
    start, end = first, last
    while start and first - start < _WINDOW:
        if symbols[start - 1].kind == "stop" and first - start >= _CLAUSE:
            break
        start -= 1
    while end + 1 < len(symbols) and end - last < _WINDOW and symbols[end + 1].kind != "stop":
        end += 1
    near = symbols[start : end + 1]
    view = view_turn(near)
    chosen = tuple(symbols[k] for k in places)
    return View(view.words, view.plain, chosen, view.percents, view.values)


def _joined(symbols: Sequence[Symbol], k: int, m: int) -> bool:
    between = symbols[min(k, m) + 1 : max(k, m)]
    return len(between) <= _WINDOW and all(
        word in _JOINING for symbol in between for word in symbol.low.split()
    )


def _field(symbol: Symbol) -> str:
    if symbol.kind == "size":
        return "sizes"
    if symbol.kind == "value" and symbol.values and symbol.values[0].field in FIELDS:
        return symbol.values[0].field
    return ""


def _is_amount(symbol: Symbol) -> bool:
    return (
        symbol.kind in ("money", "number")
        and symbol.number is not None
        and not symbol.counted
        and not symbol.quantity
    )
