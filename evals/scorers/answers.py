"""One whole answer: the tools called, their arguments, and whether every statement is grounded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from evals.cases import AnswerGold, GoldCall
from evals.scorers.base import Figure, Judgement, Scorer
from evals.scorers.summary import read_numbers
from evals.scorers.words import fold
from evals.traces import AnswerTrace, Call
from tools.domain import Product
from tools.money import Money

_QUOTED = re.compile(r"[\"“«]([^\"”»\n]{3,}?)[\"”»]|\*\*([^*\n]{3,}?)\*\*")
_MONEY = re.compile(
    r"(?:[$€£¥₹₺₩₽฿]|\b[A-Z]{3}|R\$|Rs\.?|kr)\s?(\d[\d.,]*\d|\d)"
    r"|(\d[\d.,]*\d|\d)\s?(?:[€£¥₹₺₩₽฿]|[A-Z]{3}\b|kr\b|zł)"
)
_LIST_MARK = re.compile(r"(?m)^\s*(?:\d+[.)]|[-*•])\s+")


def _judge_calls(gold: AnswerGold, trace: AnswerTrace) -> Judgement:
    found = Judgement()
    if gold.calls is None:
        return found
    wanted, made = Counter(c.name for c in gold.calls), Counter(c.name for c in trace.calls)
    right = wanted == made
    # A system that did nothing must not score where no tool was needed: it has to answer.
    answered = bool(trace.message or trace.calls)
    found.check(
        "tool_choice" if gold.calls else "no_tool",
        right and answered,
        f"called {_names(made)}, needed {_names(wanted)}" if answered else "no answer at all",
    )
    hits = 0
    for call, mate in _paired(gold.calls, trace.calls):
        faults = ["not called"] if mate is None else _faults(call, mate)
        hits += not faults
        found.misses += [f"{call.name}: {fault}" for fault in faults]
    found.add("arguments", hits, len(gold.calls))
    return found


def _names(calls: Counter[str]) -> str:
    return ", ".join(sorted(calls.elements())) or "no tool"


def _paired(
    wanted: Sequence[GoldCall], made: Sequence[Call]
) -> Iterator[tuple[GoldCall, Call | None]]:
    """Each wanted call with the made call of its name that fits best, one to one."""
    left = list(made)
    for call in wanted:
        fitting = [m for m in left if m.name == call.name]
        mate = min(fitting, key=lambda m: len(_faults(call, m)), default=None)
        if mate is not None:
            left.remove(mate)
        yield call, mate


def _faults(gold: GoldCall, call: Call) -> list[str]:
    faults = []
    for name, allowed in gold.arguments.items():
        if name not in call.arguments:
            faults.append(f"{name} is missing")
        elif not _allowed(call.arguments[name], allowed):
            faults.append(f"{name} is {call.arguments[name]!r}, not {_either(allowed)}")
    for name, value in call.arguments.items():
        if name in gold.arguments or (gold.loose and name not in gold.optional):
            continue
        if name not in gold.optional:
            faults.append(f"{name} is one argument too many")
        elif not _allowed(value, gold.optional[name]):
            faults.append(f"{name} is {value!r}, not {_either(gold.optional[name])}")
    return faults


def _either(allowed: Sequence[Any]) -> str:
    return " or ".join(repr(a) for a in allowed)


def _allowed(value: Any, allowed: Sequence[Any]) -> bool:
    return any(_plain(value) == _plain(a) for a in allowed)


def _plain(value: Any) -> Any:
    """A value without differences that mean nothing: case, 5 against 5.0, order of a list."""
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return ("number", Decimal(str(value)).normalize())
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return sorted((_plain(part) for part in value), key=repr)
    return value


calls = Scorer(
    "calls",
    AnswerGold,
    AnswerTrace,
    _judge_calls,
    {
        "tool_choice": Figure("tools: the right ones called", 0.95),
        "no_tool": Figure("tools: none called where none is needed", 0.95),
        "arguments": Figure("tool arguments right", 0.90),
    },
)


class _Facts:
    """Everything that an answer may repeat: what tools returned and what the shopper said."""

    def __init__(self, trace: AnswerTrace) -> None:
        self.records = [r for c in trace.calls for r in _records(c.result)]
        leaves = [leaf for c in trace.calls for leaf in _leaves(c.result)]
        leaves += _leaves(trace.known)
        self.strings = [fold(leaf) for leaf in leaves if isinstance(leaf, str)]
        texts = [*trace.texts, *(leaf for leaf in leaves if isinstance(leaf, str))]
        self.exact = {n for text in texts for n in read_numbers(text)}
        self.said = [fold(text) for text in trace.texts]
        self.numbers = [
            Decimal(str(leaf))
            for leaf in leaves
            if isinstance(leaf, int | float) and not isinstance(leaf, bool)
        ]
        self.count = len(trace.items)

    def holds_number(self, number: Decimal, percent: bool) -> bool:
        """Whether the number is a result, rounded at most to the decimals in which it is shown."""
        if number in self.exact or (not percent and number == self.count):
            return True
        step = Decimal(1).scaleb(int(number.as_tuple().exponent))
        shown = [n * 100 for n in self.numbers] if percent else []
        return any(abs(n - number) <= step / 2 for n in [*self.numbers, *shown])

    def holds_name(self, name: str) -> bool:
        """Whether the name stands in a result, or in what the shopper said."""
        clean = fold(name)
        return any(clean in text for text in (*self.strings, *self.said))


def _leaves(value: Any) -> Iterator[Any]:
    """The values of a JSON tree that hold no other."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        if value is not None:
            yield value
        return
    for part in value:
        yield from _leaves(part)


def _records(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON tree."""
    if isinstance(value, dict):
        yield value
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for part in value:
        if isinstance(part, dict | list | tuple):
            yield from _records(part)


def _item_faults(item: Product, facts: _Facts) -> list[str]:
    records = [r for r in facts.records if str(r.get("id", "")) == item.id]
    if not records:
        return [f"item {item.id!r} is in no tool result"]
    faults = []
    if not any(fold(str(r.get("title", ""))) == fold(item.title) for r in records):
        faults.append(f"item {item.id!r} has another title in the tool result")
    if item.price is not None and not any(_same_price(r, item.price) for r in records):
        faults.append(f"item {item.id!r} does not cost {item.price} in the tool result")
    # A result that tells no rating leaves none to claim; one in the message is a number to ground.
    rated = [r["rating"] for r in records if r.get("rating") is not None]
    if item.rating is not None and rated and item.rating not in rated:
        faults.append(f"item {item.id!r} is not rated {item.rating} in the tool result")
    return faults


def _same_price(record: Mapping[str, Any], price: Money) -> bool:
    found: Any = record.get("price")
    currency: Any = record.get("currency")
    if isinstance(found, Mapping):
        found, currency = found.get("amount"), found.get("currency")
    if not isinstance(found, int | float | str | Decimal) or isinstance(found, bool):
        return False
    amounts = [Decimal(str(found))] if not isinstance(found, str) else read_numbers(found)
    return price.amount in amounts and currency in (None, price.currency)


def _told_prices(trace: AnswerTrace) -> list[str]:
    """Items whose first price after their title in the message is not theirs."""
    places: dict[tuple[int, int], list[Product]] = {}
    for item in trace.items:
        for match in re.finditer(_loosely(fold(item.title)), trace.message, re.IGNORECASE):
            places.setdefault(match.span(), []).append(item)
    # A title may stand inside a longer one; products of one name share every place of it.
    spans = sorted(
        span
        for span in places
        if not any(o[0] <= span[0] and span[1] <= o[1] and o != span for o in places)
    )
    faults = []
    for number, span in enumerate(spans, start=1):
        stop = spans[number][0] if number < len(spans) else None
        rest = trace.message[span[1] : stop].partition("\n")[0]
        told = _MONEY.search(rest)
        items = places[span]
        own = {m.amount for i in items for m in (i.price, i.list_price) if m is not None}
        if told and own and read_numbers(told.group(1) or told.group(2))[0] not in own:
            costs = " or ".join(str(item.price) for item in items)
            faults.append(f"{items[0].title!r} is said to cost {told.group()}, it costs {costs}")
    return faults


def judge_grounding(gold: AnswerGold, trace: AnswerTrace) -> Judgement:
    """Whether every item, name, price and number of an answer stands in what it may repeat."""
    found = Judgement()
    facts = _Facts(trace)
    of_items = [_item_faults(item, facts) for item in trace.items]
    faults = [fault for of_item in of_items for fault in of_item]
    message = _LIST_MARK.sub("", trace.message)
    claims = len(trace.items)
    wrong = sum(bool(of_item) for of_item in of_items)
    mistold = _told_prices(trace)
    faults += mistold
    wrong = min(len(trace.items), wrong + len(mistold))
    names = [one or other for one, other in _QUOTED.findall(message)]
    for name in names:
        if not read_numbers(name) or re.search(r"[^\W\d]", name):
            claims += 1
            if not facts.holds_name(name):
                wrong += 1
                faults.append(f"{name!r} is named and stands in no tool result")
    # Digits inside a name that a tool returned are part of it ("iPhone 15"), not figures.
    spelt = f" {fold(message)} "
    for text in sorted({s for s in facts.strings if any(c.isdigit() for c in s)}, key=len)[::-1]:
        if f" {text} " in spelt and re.search(r"[^\W\d]", text):
            message = re.sub(_loosely(text), " ", message, flags=re.IGNORECASE)
    for match in re.finditer(r"(\d[\d.,'\u00a0\u202f]*\d|\d)(\s?%)?", message):
        claims += 1
        number = read_numbers(match.group(1))[0]
        if not facts.holds_number(number, bool(match.group(2))):
            wrong += 1
            faults.append(f"the number {match.group().strip()} comes from no tool result")
    spoken = bool(trace.message or trace.items)
    found.check("grounded", spoken and not faults, "" if spoken else "no answer at all")
    found.add("claims_grounded", claims - wrong, claims)
    found.misses += faults
    return found


def _loosely(folded: str) -> str:
    return r"\b" + r"[\W_]+".join(re.escape(word) for word in folded.split()) + r"\b"


grounding = Scorer(
    "grounding",
    AnswerGold,
    AnswerTrace,
    judge_grounding,
    {
        "grounded": Figure("every item, price and number grounded", 1.0, hard=True),
        "claims_grounded": Figure("claims grounded"),
    },
)
