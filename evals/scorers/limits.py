"""Limits: those that browsing suggests, and those that one sentence or request names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from evals.cases import (
    LimitsGold,
    PriceLimits,
    RequestGold,
    SessionGold,
)
from evals.scorers.base import Figure, Judgement, Scorer, Tally
from evals.scorers.words import close_kinds, close_names, fold, same_color, same_name, same_size
from evals.traces import AskedRange, LimitsTrace, RequestTrace, SessionTrace
from tools.colors import are_neighbours, basic_color
from tools.domain import AttributeLimit, Constraints


def _accepted_ends(amounts: Sequence[Decimal], widening: Decimal) -> set[Decimal]:
    return {amount * widening for amount in amounts} | set(amounts)


def _judge_seen(gold: SessionGold, trace: SessionTrace) -> Judgement:
    found = Judgement()
    limits = gold.limits
    said = trace.constraints
    if said is None:
        for name in ("seen_price", "seen_currency", "seen_color", "seen_brand", "seen_category"):
            found.check(name, False, f"{name}: no limits were drawn")
        return found
    # A thin range may be widened by a quarter, provided that this is disclosed in a note.
    widened = bool(said.provenance.get("price_upper") and said.provenance["price_upper"].note)
    low = _accepted_ends(limits.lowest, Decimal("0.75") if widened else Decimal(1))
    high = _accepted_ends(limits.highest, Decimal("1.25") if widened else Decimal(1))
    found.check(
        "seen_price",
        said.price_lower in low and said.price_upper in high,
        f"price {said.price_lower} to {said.price_upper}, accepted from "
        f"{listed(limits.lowest)} to {listed(limits.highest)}",
    )
    found.check(
        "seen_currency",
        said.currency in limits.currency,
        f"currency {said.currency}, accepted {listed(limits.currency)}",
    )
    _check_first(found, "seen_color", said.colors, limits.colors, _same_basic)
    _check_first(found, "seen_brand", said.brands, limits.brands, close_names)
    _check_first(found, "seen_category", said.categories, limits.categories, close_kinds)
    return found


def _same_basic(one: str, other: str) -> bool:
    return (basic_color(one) or one) == (basic_color(other) or other)


def listed(values: Sequence[Any]) -> str:
    """Values for a reason: "a or b", or "none"."""
    return " or ".join(str(v) for v in values) or "none"


def _check_first(
    found: Judgement,
    name: str,
    said: Sequence[str],
    accepted: Sequence[str],
    same: Callable[[str, str], bool],
) -> None:
    """The strongest value said (the first) is an accepted one; none is said where none is gold."""
    right = any(same(said[0], a) for a in accepted) if said else not accepted
    found.check(
        name, right, f"{name.removeprefix('seen_')} {listed(said)}, accepted {listed(accepted)}"
    )


seen_limits = Scorer(
    "seen_limits",
    SessionGold,
    SessionTrace,
    _judge_seen,
    {
        "seen_price": Figure("session: price limits acceptable", 0.8),
        "seen_brand": Figure("session: brand", 0.8),
        "seen_color": Figure("session: colour", 0.7),
        "seen_category": Figure("session: category", 0.8),
        "seen_currency": Figure("session: currency"),
    },
)


# --- one sentence ---------------------------------------------------------------------------


def _amount(limit: AttributeLimit) -> list[str]:
    """A limit on an attribute as sizes: "40 inch" of the range 40 to 40 in inches."""
    ends = {end for end in (limit.lower, limit.upper) if end is not None}
    if ends:
        return [f"{end:g} {limit.unit}".strip() for end in sorted(ends)]
    return [v for v in limit.values if any(c.isdigit() for c in v)]


def said_sizes(constraints: Constraints) -> list[str]:
    """Sizes in one spelling, attribute limits with a number among them."""
    named = [*constraints.sizes, *(s for a in constraints.attributes for s in _amount(a))]
    return list(dict.fromkeys(same_size(s) for s in named))


def _slot(found: Judgement, name: str, wanted: Sequence[str], said: Sequence[str]) -> None:
    gold, got = Counter(wanted), Counter(said)
    hits = (gold & got).total()
    found.add(f"{name}_f1", 2 * hits, gold.total() + got.total())
    found.add(f"{name}_recall", hits, gold.total())
    found.add(f"{name}_precision", hits, got.total())
    if missed := gold - got:
        found.misses.append(f"{name} not understood: {', '.join(missed.elements())}")
    if extra := got - gold:
        found.misses.append(f"{name} not meant: {', '.join(extra.elements())}")


def _judge_limits(gold: LimitsGold, trace: LimitsTrace) -> Judgement:
    found = Judgement()
    said = trace.constraints or Constraints()
    named = gold.price_lower is not None or gold.price_upper is not None
    ends = (said.price_lower, said.price_upper)
    right = ends == (gold.price_lower, gold.price_upper)
    if named:
        found.check(
            "price_exact",
            right,
            f"price {ends[0]} to {ends[1]}, not {gold.price_lower} to {gold.price_upper}",
        )
        if gold.currency is not None and trace.constraints is not None:
            found.check("price_currency", said.currency in (gold.currency, None))
    colors = [same_color(c) for c in said.colors]
    _slot(found, "color", [same_color(c) for c in gold.colors], colors)
    # "10 count" may be held as a size; what the labeller calls a quantity is no error of size.
    other = {same_size(q) for q in gold.quantities} - {same_size(s) for s in gold.sizes}
    sizes = [size for size in said_sizes(said) if size not in other]
    _slot(found, "size", list(dict.fromkeys(same_size(s) for s in gold.sizes)), sizes)
    _slot(found, "brand", [same_name(b) for b in gold.brands], [same_name(b) for b in said.brands])
    _slot(
        found,
        "category",
        [fold(c) for c in gold.categories],
        [fold(c) for c in said.categories],
    )
    found.add("color_loose", *_loose_colors(gold.colors, said.colors))
    invented = _invented(gold, said)
    found.misses += [f"invented: {reason}" for reason in invented]
    found.add("invented", bool(invented), 1)
    slots = {
        "colour": bool(said.colors) and not gold.colors,
        "size": bool(sizes) and not gold.sizes,
        "price": ends != (None, None) and not named,
    }
    found.add("over_constrained", any(slots.values()), 1)
    return found


def _loose_colors(wanted: Sequence[str], said: Sequence[str]) -> Tally:
    """As colour F1, with equal or neighbouring basic terms counted as equal."""
    left = [basic_color(s) or same_color(s) for s in said]
    hits = 0
    for color in wanted:
        want = basic_color(color) or same_color(color)
        match = next((s for s in left if s == want or are_neighbours(s, want)), None)
        if match is not None:
            left.remove(match)
            hits += 1
    return Tally(2 * hits, len(wanted) + len(said))


def _invented(gold: LimitsGold, said: Constraints) -> list[str]:
    """Numeric limits that the sentence does not name.

    A value set under the wrong field is an error of that field, and is counted there.
    """
    reasons = []
    for end in ("price_lower", "price_upper"):
        value = getattr(said, end)
        if value is not None and getattr(gold, end) is None:
            reasons.append(f"{end} {value}")
    if said.min_rating is not None:
        reasons.append(f"min_rating {said.min_rating}")
    if not gold.quantities and (said.count_min is not None or said.count_max is not None):
        reasons.append(f"count {said.count_min} to {said.count_max}")
    if said.on_sale is not None and not gold.price_named:
        reasons.append("on_sale")
    return reasons


limits = Scorer(
    "limits",
    LimitsGold,
    LimitsTrace,
    _judge_limits,
    {
        "color_f1": Figure("colour F1", 0.85),
        "size_f1": Figure("size F1", 0.75),
        "price_exact": Figure("price limits exact where one is named", 1.0),
        "invented": Figure("queries with an invented limit", 0.02, low_is_good=True),
        "over_constrained": Figure(
            "queries with a colour, size or price too many", low_is_good=True
        ),
        "color_precision": Figure("colour precision"),
        "color_recall": Figure("colour recall"),
        "color_loose": Figure("colour F1, basic terms and neighbours"),
        "size_precision": Figure("size precision"),
        "size_recall": Figure("size recall"),
        "brand_f1": Figure("brand F1"),
        "brand_precision": Figure("brand precision"),
        "brand_recall": Figure("brand recall"),
        "category_f1": Figure("product type F1"),
        "category_precision": Figure("product type precision"),
        "category_recall": Figure("product type recall"),
        "price_currency": Figure("currency of a named price"),
    },
)


# --- a request for several items --------------------------------------------------------------


def _range(asked: AskedRange) -> PriceLimits | None:
    if asked.lower is None and asked.upper is None:
        return None
    # A negative amount equals no gold; it must not stop the scoring.
    return PriceLimits.model_construct(lower=asked.lower, upper=asked.upper)


def _judge_request(gold: RequestGold, trace: RequestTrace) -> Judgement:
    found = Judgement()
    # What counts is which ranges were asked, not how many items had none.
    wanted = Counter(item for item in gold.items if item.standing)
    said = Counter(r for asked in trace.items if (r := _range(asked)) is not None)
    budget = None if trace.budget is None else trace.budget.upper
    if gold.budget is not None and trace.budget is None and len(trace.items) == 1:
        # One set of limits for the whole request: its upper end is the budget.
        whole = trace.items[0]
        budget, rest = whole.upper, _range(AskedRange(lower=whole.lower))
        said = Counter([rest] if rest else [])
    hits = (wanted & said).total()
    exact = bool(trace.items) and wanted == said and budget == gold.budget
    if not exact:
        found.misses.append(
            f"asked {_ranges(wanted)}, budget {gold.budget}; "
            f"understood {_ranges(said)}, budget {budget}"
        )
    kind = "several" if len(gold.items) > 1 else "one"
    found.add("request_exact", exact, 1)
    found.add(f"request_exact_{'budget' if gold.budget is not None else kind}", exact, 1)
    found.add("range_recall", hits, wanted.total())
    found.add("range_precision", hits, said.total())
    if gold.budget is not None:
        found.add("budget_exact", budget == gold.budget, 1)
    if not wanted and gold.budget is None:
        found.add("range_invented", bool(said) or budget is not None, 1)
    if gold.currency is not None and (wanted or gold.budget is not None):
        asked = [*trace.items, *([trace.budget] if trace.budget else [])]
        heard = {a.currency for a in asked if _range(a) is not None}
        # A budget may be a bare number, and then no currency is right too.
        found.add("range_currency", heard <= {gold.currency, None} and bool(heard), 1)
    return found


def _ranges(ranges: Counter[PriceLimits]) -> str:
    return ", ".join(f"{r.lower}-{r.upper}" for r in ranges.elements()) or "no range"


requests = Scorer(
    "requests",
    RequestGold,
    RequestTrace,
    _judge_request,
    {
        "request_exact": Figure("price limits exact, whole request", 0.97),
        "request_exact_one": Figure("  one item"),
        "request_exact_several": Figure("  several items of one shop"),
        "request_exact_budget": Figure("  with a budget and a voucher"),
        "range_recall": Figure("ranges of items: recall"),
        "range_precision": Figure("ranges of items: precision"),
        "budget_exact": Figure("budget exact"),
        "range_invented": Figure("a limit claimed where none is", low_is_good=True),
        "range_currency": Figure("currency of the ranges not wrong"),
    },
)
