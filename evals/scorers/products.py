"""Product entries of one picture: price beside the right title, brand, colour, rating, offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evals.cases import GoldProduct, PictureGold
from evals.scorers.base import Figure, Judgement, Scorer
from evals.scorers.prices import said_products
from evals.scorers.words import close_names, fold
from evals.traces import PictureTrace
from tools.colors import are_neighbours, basic_color
from tools.preferences import SeenProduct

_SAME_TITLE = 70.0  # of 100; two OCR slips in a short word, or a title cut to its first line
_NEARLY_WHOLE = 85.0


@lru_cache(maxsize=50_000)
def title_likeness(one: str, other: str) -> tuple[float, float]:
    """(whether it may be the same title, how closely), both 0 to 100.

    The first forgives what a card cuts off or an OCR reader glues together; the second does not,
    so that "Smart Folio" prefers "Smart Folio" to "Smart Folio (10th generation)".
    """
    from rapidfuzz import fuzz

    a, b = fold(one), fold(other)
    if len(a) < 2 or len(b) < 2:
        return (100.0, 100.0) if a and a == b else (0.0, 0.0)
    loose = fuzz.token_set_ratio(a, b)
    if min(len(a), len(b)) >= 6:
        loose = max(loose, fuzz.partial_ratio(a.replace(" ", ""), b.replace(" ", "")))
    return float(loose), float((loose + fuzz.ratio(a, b)) / 2)


def _assigned(value: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The one-to-one pairs of highest total value; a pair worth nothing is no pair."""
    from scipy.optimize import linear_sum_assignment

    if 0 in value.shape:
        return []
    rows, columns = linear_sum_assignment(value, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if value[r, c] > 0]


def pair_by_title(
    gold: Sequence[GoldProduct], said: Sequence[SeenProduct]
) -> list[tuple[int, int]]:
    """Pairs (gold, said) joined by their titles alone, one to one.

    A said title that fits two different titles of the page alike identifies neither. Among
    entries that print the same title, equal prices are preferred, because nothing else could
    tell them apart.
    """
    titles = sorted({fold(g.title) for g in gold if fold(g.title)})
    value = np.zeros((len(gold), len(said)))
    for column, product in enumerate(said):
        likeness = {t: title_likeness(product.title, t) for t in titles}
        close = sorted((pair for pair in likeness.values() if pair[0] >= _SAME_TITLE), reverse=True)
        if not close:
            continue
        best = max(closeness for _, closeness in close)
        # Words common to two titles ("Alpine" for both jackets) identify neither.
        if len(close) > 1 and close[0][0] == close[1][0] and best < _NEARLY_WHOLE:
            continue
        for row, entry in enumerate(gold):
            loose, closeness = likeness.get(fold(entry.title), (0.0, 0.0))
            if loose >= _SAME_TITLE:
                lead = 1000.0 if closeness == best else 0.0
                same_price = entry.price is not None and entry.price == product.price
                value[row, column] = lead + closeness + (0.5 if same_price else 0.0)
    return _assigned(value)


def pair_entries(gold: Sequence[GoldProduct], said: Sequence[SeenProduct]) -> list[tuple[int, int]]:
    """Pairs (gold, said) by title and price together, one to one: the same entry of the page."""
    value = np.zeros((len(gold), len(said)))
    for row, entry in enumerate(gold):
        for column, product in enumerate(said):
            loose, closeness = title_likeness(product.title, entry.title)
            same_price = entry.price is not None and entry.price == product.price
            if loose >= _SAME_TITLE or same_price:
                value[row, column] = closeness + (60.0 if same_price else 0.0)
    return _assigned(value)


def _judge_joined(gold: PictureGold, trace: PictureTrace) -> Judgement:
    found = Judgement()
    said = [p for p in said_products(trace) if p.price is not None]
    priced = [g for g in gold.products if g.price is not None and fold(g.title)]
    pairs = pair_by_title(gold.products, said)
    partner = {id(gold.products[row]): said[column] for row, column in pairs}
    joined = 0
    for entry in priced:
        mate = partner.get(id(entry))
        if mate is not None and mate.price == entry.price:
            joined += 1
            continue
        how = "no title" if mate is None else f"price {mate.price}"
        found.misses.append(f"{entry.title[:40]!r} at {entry.price} joined to {how}")
    read = Counter(g.price for g in priced) & Counter(p.price for p in said)
    found.add("joined", joined, read.total())
    found.add("joined_of_all", joined, len(priced))
    titled = {row for row, _ in pair_entries(gold.products, said_products(trace))}
    found.add("entries_found", len(titled), len(gold.products))
    return found


def _judge_brands(gold: PictureGold, trace: PictureTrace) -> Judgement:
    found = Judgement()
    wanted = _distinct([g.brand for g in gold.products if g.brand])
    said = _distinct([p.brand for p in said_products(trace) if p.brand])
    left = list(said)
    hits = 0
    for brand in wanted:
        match = next((s for s in left if close_names(s, brand)), None)
        if match is None:
            found.misses.append(f"brand not read: {brand}")
        else:
            left.remove(match)
            hits += 1
    if left:
        found.misses.append(f"brand not on the page: {', '.join(left)}")
    found.add("page_brand_recall", hits, len(wanted))
    found.add("page_brand_precision", hits, len(said))
    found.add("page_brand_f1", 2 * hits, len(wanted) + len(said))
    return found


def _distinct(names: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for name in names:
        if not any(close_names(name, other) for other in kept):
            kept.append(name)
    return kept


def _judge_colors(gold: PictureGold, trace: PictureTrace) -> Judgement:
    found = Judgement()
    said = said_products(trace)
    mates = dict(pair_entries(gold.products, said))
    wanted = [(row, g) for row, g in enumerate(gold.products) if g.color]
    exact = near = claimed = paired = 0
    for row, entry in wanted:
        paired += row in mates
        raw = said[mates[row]].color if row in mates else None
        color = basic_color(raw) if raw else None
        want = basic_color(entry.color or "") or entry.color or ""
        claimed += color is not None
        exact += color == want
        near += color is not None and are_neighbours(color, want)
        if color != want:
            found.misses.append(f"{entry.title[:40]!r} is {want}, read as {color or 'no colour'}")
    found.add("color_exact", exact, len(wanted))
    found.add("color_near", near, len(wanted))
    found.add("color_exact_of_found", exact, paired)
    found.add("color_exact_of_claimed", exact, claimed)
    return found


def _judge_ratings(gold: PictureGold, trace: PictureTrace) -> Judgement:
    found = Judgement()
    said = said_products(trace)
    mates = dict(pair_entries(gold.products, said))
    rated = counted = right = right_counts = invented = unrated = 0
    for row, entry in enumerate(gold.products):
        mate = said[mates[row]] if row in mates else None
        rating = mate.rating if mate else None
        if entry.rating is None:
            unrated += 1
            if rating is not None:
                invented += 1
                found.misses.append(f"{entry.title[:40]!r} has no rating, read as {rating}")
        else:
            rated += 1
            if rating == entry.rating:
                right += 1
            else:
                found.misses.append(
                    f"{entry.title[:40]!r} is rated {entry.rating}, read as {rating}"
                )
        if entry.reviews is not None:
            counted += 1
            right_counts += mate is not None and mate.reviews == entry.reviews
    found.add("rating_exact", right, rated)
    found.add("rating_invented", invented, unrated)
    found.add("reviews_exact", right_counts, counted)
    return found


def _judge_promotions(gold: PictureGold, trace: PictureTrace) -> Judgement:
    from rapidfuzz.fuzz import partial_ratio, token_set_ratio

    found = Judgement()
    said = [p.text for p in trace.reading.promotions] if trace.reading else []
    if not gold.promotions:
        found.check("promotions_invented", bool(said))
        if said:
            found.misses.append(f"no offer on the page, read: {'; '.join(said)[:80]}")
        return found
    found.check("promotions_any", bool(said), "no offer read where some exist")

    def is_like(one: str, other: str) -> bool:
        a, b = fold(one), fold(other)
        return max(token_set_ratio(a, b), partial_ratio(a, b)) >= 80

    matched = [g for g in gold.promotions if any(is_like(g, s) for s in said)]
    found.add("promotions_recall", len(matched), len(gold.promotions))
    if missing := [g for g in gold.promotions if g not in matched]:
        found.misses.append(f"offers not read: {'; '.join(missing)[:120]}")
    return found


joined = Scorer(
    "joined",
    PictureGold,
    PictureTrace,
    _judge_joined,
    {
        "joined": Figure("price joined to the right title, of prices read", 0.88),
        "joined_of_all": Figure("price joined to the right title, of all prices"),
        "entries_found": Figure("product entries found"),
    },
)
brands = Scorer(
    "brands",
    PictureGold,
    PictureTrace,
    _judge_brands,
    {
        "page_brand_recall": Figure("brands of a picture: recall"),
        "page_brand_precision": Figure("brands of a picture: precision"),
        "page_brand_f1": Figure("brands of a picture: F1", 0.80),
    },
)
colors = Scorer(
    "colors",
    PictureGold,
    PictureTrace,
    _judge_colors,
    {
        "color_exact": Figure("colour exact, of all entries", 0.55),
        "color_near": Figure("colour exact or neighbouring, of all entries", 0.76),
        "color_exact_of_found": Figure("colour exact, of entries found"),
        "color_exact_of_claimed": Figure("colour exact, where one is claimed"),
    },
)
ratings = Scorer(
    "ratings",
    PictureGold,
    PictureTrace,
    _judge_ratings,
    {
        "rating_exact": Figure("rating exact", 0.85),
        "rating_invented": Figure("rating claimed where none is", low_is_good=True),
        "reviews_exact": Figure("number of reviews exact"),
    },
)
promotions = Scorer(
    "promotions",
    PictureGold,
    PictureTrace,
    _judge_promotions,
    {
        "promotions_any": Figure("promotions: any found where any exist", 0.85),
        "promotions_recall": Figure("promotions: recall"),
        "promotions_invented": Figure("promotions claimed on pages without", low_is_good=True),
    },
)
