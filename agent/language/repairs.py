"""Slips that a speaker mends in the same breath: "£80, no, £90", "red, I mean blue".

A repair has three parts: what is withdrawn, a word that says so, and what takes its place
(Shriberg 1994). What is withdrawn goes, and its place in the sentence is taken over, so that
"up to 100 ... make that 110" reads as "up to 110".
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.language.symbols import Symbol
from agent.language.wordsets import words

_AMOUNTS = frozenset(("money", "number", "percent"))
_WEAK = frozenset(("better", "instead", "hmm", "actually", "well actually"))
"""Words of correction that as often mean something else; they count beside another one."""
_AFTERWARDS = ("i mean", "i meant", "sorry", "rather", "i should say", "that is")
_NO = words("no nah nope")
_AGAIN = (
    "SET", "BY", "TO", "UPPER", "LOWER", "OR_LESS", "FILLER", "AND", "CORRECT", "AROUND", "PRICE",
    "SPEND", "CEIL", "F_COLORS", "F_BRANDS", "F_SIZES", "ONLY", "WISH", "BUDGET_OF", "BETWEEN",
)  # fmt: skip
_REACH = 9


def mend(symbols: Sequence[Symbol]) -> list[Symbol]:
    """The symbols without what the speaker took back at once."""
    out = list(symbols)
    j = 1
    while j < len(out):
        found = _withdrawn(out, j) if _kind(out[j]) else None
        if found is None:
            j += 1
            continue
        first, last, marker = found
        if _much_more(out, first, last, j):
            j += 1
            continue
        end = _range_end(out, j) if last > first else j
        taken = out[j : end + 1]
        behind = out[end + 1] if end + 1 < len(out) else None
        if behind is not None and behind.has("MORE", "LESS", "OFF", "OR_LESS", "OR_MORE"):
            marker = last + 1  # what is said anew brings its own sense: "10 off, no, 15 off"
        if out[first].currencies and not taken[0].currencies and taken[0].kind == "number":
            taken[0].currencies, taken[0].kind = out[first].currencies, out[first].kind
        out[first:] = [*taken, *out[last + 1 : marker], *out[end + 1 :]]
        j = first + 1
    return out


def _much_more(symbols: Sequence[Symbol], first: int, last: int, j: int) -> bool:
    """ "2 dollars more, make it 112": the sum is named, nothing is taken back."""
    old, new = symbols[first].number, symbols[j].number
    if old is None or new is None or new < 5 * old:
        return False
    return any(s.has("MORE", "LESS", "OFF") for s in symbols[last + 1 : j])


def _kind(symbol: Symbol) -> str:
    if symbol.kind in _AMOUNTS:
        return "" if symbol.counted == "one" else "amount"
    if symbol.kind == "size":
        return "size"
    if symbol.kind == "value" and symbol.values:
        return symbol.values[0].field
    return ""


def _withdrawn(symbols: Sequence[Symbol], j: int) -> tuple[int, int, int] | None:
    """(first, last symbol withdrawn, where the words of correction begin), or None."""
    kind = _kind(symbols[j])
    marker = -1
    strong, parted = _afterwards(symbols, j), False
    for k in range(j - 1, max(-1, j - 1 - _REACH), -1):
        symbol = symbols[k]
        if _kind(symbol):
            if not strong or _kind(symbol) != kind or symbol.low == symbols[j].low:
                return None
            before = symbols[k - 1] if k else None
            if before is not None and before.has("NO", "NEG", "INSTEAD_OF", "FORGET", "BACK"):
                return None
            first = _range_start(symbols, k) if _range_end(symbols, j) > j else k
            return first, k, marker
        if symbol.kind == "stop":
            parted = True
            marker = k
        elif symbol.kind != "phrase":
            return None
        elif symbol.has("CORRECT") or symbol.low in _NO or _again(symbols, k):
            beside = k + 1 < len(symbols) and (
                symbols[k + 1].kind == "stop" or symbols[k + 1].has("CORRECT")
            )
            weak = symbol.low in _WEAK or (symbol.low in _NO and kind != "amount" and not beside)
            strong = strong or not weak
            marker = k
        elif symbol.has("NO", "NEG") or not symbol.has(*_AGAIN, "MORE", "LESS", "OFF"):
            return None
        elif not parted and not strong:
            marker = k
    return None


def _afterwards(symbols: Sequence[Symbol], j: int) -> bool:
    """ "S, M I mean": the word of correction follows what is meant, and ends the statement."""
    if j + 1 >= len(symbols) or symbols[j + 1].low not in _AFTERWARDS:
        return False
    return j + 2 >= len(symbols) or symbols[j + 2].kind == "stop"


def _again(symbols: Sequence[Symbol], k: int) -> bool:
    """ "... make that 110": the sentence starts anew after a pause."""
    paused = k > 0 and symbols[k - 1].kind == "stop"
    return paused and symbols[k].low in ("make that", "make it", "call it", "lets say", "say")


def _range_end(symbols: Sequence[Symbol], j: int) -> int:
    linked = j + 2 < len(symbols) and symbols[j + 1].low in ("and", "to", "-")
    return j + 2 if linked and symbols[j + 2].kind in _AMOUNTS else j


def _range_start(symbols: Sequence[Symbol], k: int) -> int:
    linked = k >= 2 and symbols[k - 1].low in ("and", "to", "-")
    return k - 2 if linked and symbols[k - 2].kind in _AMOUNTS else k
