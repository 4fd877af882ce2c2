"""Where one statement of a turn ends and the next begins, and which negation reaches how far."""

from __future__ import annotations

from collections.abc import Sequence

from agent.language.symbols import Symbol

REACH = 30
"""How many symbols a word may govern; it keeps the reading of a long turn linear."""
_HARD_STOPS = frozenset(".!?;\n")


def is_hard_stop(symbol: Symbol) -> bool:
    """Whether nothing said before reaches beyond this symbol."""
    return symbol.kind == "stop" and symbol.low in _HARD_STOPS


def left_of(symbols: Sequence[Symbol], place: int) -> list[int]:
    """Places before `place` in its clause, nearest first."""
    out = []
    for k in range(place - 1, max(-1, place - 1 - REACH), -1):
        if is_hard_stop(symbols[k]):
            break
        out.append(k)
        if symbols[k].kind == "phrase" and symbols[k].has("BUT") and not symbols[k].has("ADD"):
            break
    return out


def right_of(symbols: Sequence[Symbol], place: int) -> list[int]:
    """Places after `place` in its clause, nearest first."""
    out = []
    for k in range(place + 1, min(len(symbols), place + 1 + REACH)):
        if is_hard_stop(symbols[k]) or (symbols[k].kind == "phrase" and symbols[k].has("BUT")):
            break
        out.append(k)
    return out


def negated(symbols: Sequence[Symbol], place: int, reach: int = 7) -> bool:
    """Whether a negation before `place` in the same clause governs it."""
    for k in left_of(symbols, place)[:reach]:
        symbol = symbols[k]
        if symbol.has("ALLOW"):
            return False
        if symbol.has("NEG", "NO") and not symbol.has("UPPER", "LOWER", "ADD"):
            return True
        if symbol.kind in ("money", "percent", "value", "size") or symbol.has("AND"):
            return False
        if symbol.kind == "stop" and symbol.low in ",:":
            return False
    return False
