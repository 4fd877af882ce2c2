"""Selling prices read from one picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from evals.cases import PictureGold
from evals.scorers.base import Figure, Judgement, Scorer
from evals.traces import PictureTrace
from tools.preferences import SeenProduct


def said_products(trace: PictureTrace) -> list[SeenProduct]:
    """The entries that the reader holds for fully visible."""
    return [p for p in trace.reading.products if not p.clipped] if trace.reading else []


def said_currency(trace: PictureTrace) -> str | None:
    """The currency of the picture, or the one most of its products carry."""
    if trace.reading is None:
        return None
    if trace.reading.currency:
        return trace.reading.currency
    votes = Counter(p.currency for p in trace.reading.products if p.currency)
    return votes.most_common(1)[0][0] if votes else None


def _show(amounts: Iterable[Decimal]) -> str:
    return ", ".join(f"{a.normalize():f}" for a in sorted(amounts))


def _judge(gold: PictureGold, trace: PictureTrace) -> Judgement:
    found = Judgement()
    # Multisets: two entries at one price are two prices.
    wanted = Counter(gold.prices)
    said = Counter(p.price for p in said_products(trace) if p.price is not None)
    hits = (wanted & said).total()
    found.add("price_recall", hits, wanted.total())
    found.add("price_precision", hits, said.total())
    found.add("price_f1", 2 * hits, wanted.total() + said.total())
    if missed := wanted - said:
        found.misses.append(f"price not read: {_show(missed.elements())}")
    entries = (*gold.products, *gold.clipped)
    old = Counter(p.old_price for p in entries if p.old_price is not None)
    wrong = said - wanted
    taken = wrong & old
    found.add("old_price_taken", taken.total(), old.total())
    found.add("old_price_among_said", taken.total(), said.total())
    if taken:
        found.misses.append(f"old price taken for new: {_show(taken.elements())}")
    other = (wrong - taken) & Counter(gold.other_amounts)
    if other:
        found.misses.append(f"other amount taken for a price: {_show(other.elements())}")
    if unknown := wrong - taken - other:
        found.misses.append(f"price not on the page: {_show(unknown.elements())}")
    if wanted:
        _extremes(found, sorted(wanted), sorted(said))
        if gold.currency is not None:
            currency = said_currency(trace)
            found.check(
                "currency",
                currency == gold.currency,
                f"currency {currency or 'not said'}, not {gold.currency}",
            )
    return found


def _extremes(found: Judgement, wanted: list[Decimal], said: list[Decimal]) -> None:
    ends = {"lowest": 0, "highest": -1}
    exact = {name: bool(said) and said[end] == wanted[end] for name, end in ends.items()}
    close = [
        bool(said) and abs(said[end] - wanted[end]) <= wanted[end] / 100 for end in ends.values()
    ]
    for name, end in ends.items():
        got = f"{said[end].normalize():f}" if said else "none"
        found.check(
            f"{name}_exact", exact[name], f"{name} price {got}, not {wanted[end].normalize():f}"
        )
    found.check("both_ends_exact", all(exact.values()))
    found.check("both_ends_within_1pc", all(close))


prices = Scorer(
    "prices",
    PictureGold,
    PictureTrace,
    _judge,
    {
        "price_recall": Figure("selling prices: recall", 0.90),
        "price_precision": Figure("selling prices: precision", 0.92),
        "price_f1": Figure("selling prices: F1"),
        "currency": Figure("currency of the page right", 0.90),
        "old_price_taken": Figure("old price taken for new, of old prices", 0.03, low_is_good=True),
        "old_price_among_said": Figure("old price taken for new, of prices said", low_is_good=True),
        "lowest_exact": Figure("lowest price exact"),
        "highest_exact": Figure("highest price exact"),
        "both_ends_exact": Figure("lowest and highest exact", 0.80),
        "both_ends_within_1pc": Figure("lowest and highest within 1 %"),
    },
)
