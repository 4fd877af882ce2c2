"""Price statements of one turn put together: ranges, corrections, and several things at once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from agent.language.clauses import left_of
from agent.language.model import Wish
from agent.language.prices import PriceReading
from agent.language.symbols import Symbol
from agent.language.tokens import Token
from tools.changes import Change, SetPrice

_TOGETHER = frozenset(("total", "altogether", "all in", "overall", "in total", "in all"))


def settle_prices(
    readings: Sequence[PriceReading], symbols: Sequence[Symbol], text: str, tokens: Sequence[Token]
) -> tuple[list[tuple[int, Change]], tuple[Wish, ...], Decimal | None]:
    """(changes with their places, separate wishes, amount for everything together).

    Two limits on the same end are a correction when the words between them say so, else they
    belong to two things asked for at once; then the limits in force span all of them.
    """
    changes: list[tuple[int, Change]] = []
    groups: list[list[PriceReading]] = []
    for reading in readings:
        if reading.change is None:
            continue
        if not isinstance(reading.change, SetPrice):
            changes.append((reading.first, reading.change))
            continue
        if groups and not _clash(groups[-1], reading.change):
            groups[-1].append(reading)
        elif (
            groups
            and not _of_everything(reading, symbols)
            and (
                _corrects(symbols, groups[-1][-1], reading)
                or not _content(symbols, groups[-1][-1], reading)
            )
        ):
            groups[-1] = [r for r in groups[-1] if not _same_end(r.change, reading.change)]
            groups[-1].append(reading)
        else:
            groups.append([reading])
    if not groups:
        return changes, (), None
    total, single = _total(groups, symbols)
    if len(single) < 2:
        # One thing with two limits on one end: the later one counts.
        changes += [(r.first, r.change) for group in groups for r in group if r.change]
        return changes, (), None
    wishes = _wishes(single, symbols, text, tokens)
    lows = [w.price_lower for w in wishes]
    highs = [w.price_upper for w in wishes]
    lower = min(x for x in lows if x is not None) if None not in lows else None
    upper = max(x for x in highs if x is not None) if None not in highs else None
    upper = total if upper is None else upper
    if lower is not None or upper is not None:
        currency = next((w.currency for w in wishes if w.currency), None)
        note = "several things were asked for; the limits span them"
        span = SetPrice(lower=lower, upper=upper, currency=currency, note=note)
        changes.append((groups[0][0].first, span))
    return changes, wishes, total


def _total(
    groups: Sequence[Sequence[PriceReading]], symbols: Sequence[Symbol]
) -> tuple[Decimal | None, list[Sequence[PriceReading]]]:
    """(an amount said of everything together, the statements about single things)."""
    for place, group in enumerate(groups):
        reading = group[0]
        change = reading.change
        if len(group) > 1 or not isinstance(change, SetPrice) or change.upper is None:
            continue
        if _of_everything(reading, symbols):
            return change.upper, [*groups[:place], *groups[place + 1 :]]
    return None, list(groups)


def _of_everything(reading: PriceReading, symbols: Sequence[Symbol]) -> bool:
    """Whether a statement is about the budget for all things together."""
    statement = [*left_of(symbols, reading.first), *range(reading.first, reading.last + 1)]
    said = [symbols[k].low for k in statement]
    return any("budget" in low or low in _TOGETHER for low in said)


def _ends(change: object) -> set[str]:
    if not isinstance(change, SetPrice):
        return set()
    return {n for n in ("lower", "upper") if getattr(change, n) is not None}


def _same_end(one: object, other: object) -> bool:
    return bool(_ends(one) & _ends(other))


def _clash(group: Sequence[PriceReading], change: SetPrice) -> bool:
    return any(_same_end(r.change, change) for r in group)


def _corrects(symbols: Sequence[Symbol], one: PriceReading, two: PriceReading) -> bool:
    between = symbols[one.last + 1 : two.last]
    if sum(s.kind in ("word", "value", "size") for s in between) > 2:
        return False
    return any(
        s.has("CORRECT", "INSTEAD_OF", "HYPOTHETICAL", "UNDO") or s.low in ("no", "make it")
        for s in between
    )


def _content(symbols: Sequence[Symbol], one: PriceReading, two: PriceReading) -> bool:
    """Whether words for another product stand between two limits."""
    between = symbols[one.last + 1 : two.first]
    return any(s.kind in ("word", "value", "size", "number") for s in between)


def _wishes(
    groups: Sequence[Sequence[PriceReading]],
    symbols: Sequence[Symbol],
    text: str,
    tokens: Sequence[Token],
) -> tuple[Wish, ...]:
    out: list[Wish] = []
    start = 0
    for group in groups:
        last = max(r.last for r in group)
        end = tokens[symbols[last].end - 1].end
        fields: dict[str, object] = {}
        for reading in group:
            change = reading.change
            if isinstance(change, SetPrice):
                for name in ("lower", "upper"):
                    value = getattr(change, name)
                    if value is not None:
                        fields[f"price_{name}"] = value
                if change.currency:
                    fields["currency"] = change.currency
        out.append(Wish.model_validate({"text": " ".join(text[start:end].split()), **fields}))
        start = end
    return tuple(out)
