"""The eight-category summary, written from typed facts; each sentence names its frames."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from agent.reader.aggregate import Followed, collect_evidence, follow
from agent.reader.brands import fold
from tools.money import show_money
from tools.preferences import (
    Category,
    Evidence,
    FrameReading,
    PreferenceSummary,
    SeenProduct,
    Vote,
)

LEADS = 0.2
"""A value with less than this share of the interest is not named as a preference."""


def summarize_readings(
    readings: Sequence[FrameReading], evidence: Evidence | None = None
) -> PreferenceSummary:
    """The summary of a session; what nothing was read about stays "not available".

    Args:
        readings: all readings so far, oldest first.
        evidence: their evidence, when it was collected already.
    """
    facts = evidence if evidence is not None else collect_evidence(readings)
    products = follow(readings)
    return PreferenceSummary(
        product_characteristics=_characteristics(readings, facts, products),
        lowest_price=_price(readings, facts, products, lowest=True),
        highest_price=_price(readings, facts, products, lowest=False),
        brand_preference=_brands(facts, products),
        product_specifications=_specifications(readings, facts),
        user_reviews=_reviews(products),
        comparisons=_comparisons(readings, facts, products),
        promotions=_promotions(readings),
    )


def _shorten(title: str, length: int = 60) -> str:
    if len(title) <= length:
        return title
    return title[: length - 1].rsplit(" ", 1)[0].rstrip(" ,-|(") + "…"


def _listed(parts: Sequence[str], last: str = "and") -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def _leading(votes: Sequence[Vote], most: int) -> list[Vote]:
    return [v for v in votes if v.weight >= LEADS or v.opened or v.in_basket][:most] or list(
        votes[:1]
    )


def _frames_of(products: Sequence[Followed]) -> tuple[int, ...]:
    return tuple(sorted({i for f in products for i in f.frames}))


def _characteristics(
    readings: Sequence[FrameReading], facts: Evidence, products: Sequence[Followed]
) -> Category:
    if not products and not facts.search_queries:
        return Category()
    categories = [v.value for v in facts.categories[:2] if v.weight >= LEADS]
    colors = [v.value for v in _leading(facts.colors, 2) if v.weight >= LEADS]
    opened = [f for f in products if f.opened and f.title]
    basket = [f for f in products if f.in_basket and f.title]
    parts = []
    if categories:
        parts.append(f"Looking at {_listed(categories)}")
    elif products:
        parts.append(
            f"Looking at {_listed([_shorten(f.title, 40) for f in products[:3] if f.title])}"
        )
    if facts.search_queries:
        parts.append(f"searched for “{facts.search_queries[0]}”")
    if colors:
        parts.append(f"mostly {_listed(colors)}")
    if opened:
        parts.append(f"opened {_listed([_shorten(f.title) for f in opened[:2]])}")
    if basket:
        parts.append(f"put {_listed([_shorten(f.title) for f in basket[:3]])} in the cart")
    text = "; ".join(p for p in parts if p.strip())
    if not text:
        return Category()
    searched = tuple(i for i, r in enumerate(readings) if r.search_query)
    return Category(
        text=text[0].upper() + text[1:] + ".",
        values=(*categories, *colors),
        confidence=_share(0.5 + 0.1 * len(products) + (0.2 if opened or basket else 0)),
        frames=tuple(sorted({*_frames_of(products), *searched})),
    )


def _share(value: float) -> float:
    return round(max(0.0, min(0.95, value)), 2)


def _price(
    readings: Sequence[FrameReading], facts: Evidence, products: Sequence[Followed], *, lowest: bool
) -> Category:
    bound = facts.price_lower if lowest else facts.price_upper
    if bound is None:
        return Category()
    holder = next(
        (
            f
            for f in products
            for _, p in f.sightings
            if _paid(p, facts.currency) == bound and not p.clipped
        ),
        None,
    )
    shown = show_money(bound, facts.currency)
    name = f" ({_shorten(holder.title)})" if holder is not None and holder.title else ""
    word = "lowest" if lowest else "highest"
    text = f"The {word} price seen is {shown}{name}."
    chosen = sorted(
        price
        for f in products
        for _, p in f.sightings
        if (p.in_basket or p.opened) and (price := _paid(p, facts.currency)) is not None
    )
    if chosen and bound not in chosen:
        text = text[:-1] + (f"; what was opened or chosen costs {_range(chosen, facts.currency)}.")
    if lowest and facts.other_currencies:
        text += f" Prices in {_listed(facts.other_currencies)} were seen too and are left out."
    frames = tuple(
        i
        for i, r in enumerate(readings)
        if any(_paid(p, facts.currency) == bound for p in r.products)
    )
    certain = 0.55 + 0.1 * min(3, facts.priced_products) + (0.1 if facts.currency else 0)
    return Category(
        text=text,
        values=(f"{bound.normalize():f}", *((facts.currency,) if facts.currency else ())),
        confidence=_share(certain),
        frames=frames,
    )


def _paid(product: SeenProduct, currency: str | None) -> Decimal | None:
    """Its price, unless that is in another currency than the session's."""
    return product.price if product.currency in (currency, None) else None


def _latest_price(followed: Followed, currency: str | None) -> Decimal | None:
    price = followed.latest("price")
    mine = any(_paid(p, currency) == price for _, p in followed.sightings)
    return price if isinstance(price, Decimal) and mine else None


def _range(prices: Sequence[Decimal], currency: str | None) -> str:
    low, high = show_money(min(prices), currency), show_money(max(prices), currency)
    return low if low == high else f"{low} to {high}"


def _brands(facts: Evidence, products: Sequence[Followed]) -> Category:
    if not facts.brands:
        return Category()
    leading = facts.brands[0]
    chosen = [v.value for v in facts.brands if v.opened or v.in_basket][:3]
    others = [v.value for v in facts.brands if v.value not in chosen][:6]
    if chosen:
        text = f"{_listed(chosen)} (opened or chosen)"
        if others:
            text += f"; also shown: {_listed(others)}"
    else:
        text = f"Shown: {_listed(others)}"
        if leading.weight >= 0.5 and len(facts.brands) > 1:
            text = f"Mostly {leading.value}; also {_listed(others[1:] or others)}"
    keys = {fold(v.value) for v in facts.brands[:6]}
    holders = [
        f for f in products if any(p.brand and fold(p.brand) in keys for _, p in f.sightings)
    ]
    return Category(
        text=text + ".",
        values=(*chosen, *others),
        confidence=_share(0.4 + 0.5 * leading.weight),
        frames=_frames_of(holders),
    )


def _specifications(readings: Sequence[FrameReading], facts: Evidence) -> Category:
    chosen = [f for f in facts.active_filters if ":" in f][:3]
    said = " ".join([*facts.specifications, *chosen]).casefold()
    sizes = [f"size {v.value}" for v in facts.sizes[:2] if v.value.casefold() not in said]
    values = list(dict.fromkeys([*facts.specifications[:8], *chosen, *sizes]))
    if not values:
        return Category()
    frames = tuple(
        i for i, r in enumerate(readings)
        if r.specifications or r.active_filters or any(p.sizes for p in r.products)
    )  # fmt: skip
    text = _listed(values) + "."
    return Category(
        text=text[0].upper() + text[1:], values=tuple(values), confidence=0.6, frames=frames
    )


def _reviews(products: Sequence[Followed]) -> Category:
    rated = [
        (f, rating, f.latest("reviews"))
        for f in products
        if isinstance(rating := f.latest("rating"), float)
    ]
    counted = [(f, f.latest("reviews")) for f in products if isinstance(f.latest("reviews"), int)]
    if not rated and not counted:
        return Category()
    parts = []
    for followed, rating, reviews in [r for r in rated if r[0].opened or r[0].in_basket][:2]:
        count = f" from {reviews:,} reviews" if isinstance(reviews, int) else ""
        parts.append(f"{rating:g} of 5 stars{count} ({_shorten(followed.title, 40)})")
    values = [f"{rating:g}" for _, rating, _ in rated]
    if len(rated) > len(parts):
        low, high = min(r[1] for r in rated), max(r[1] for r in rated)
        most = max((r[2] for r in rated if isinstance(r[2], int)), default=None)
        span = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        parts.append(
            f"products seen have {span} of 5 stars"
            + (f", up to {most:,} reviews" if most is not None else "")
        )
    if not rated:
        most = max(int(c) for _, c in counted if isinstance(c, int))
        parts.append(f"up to {most:,} reviews; no star value readable")
        values = [str(most)]
    text = "; ".join(parts) + "."
    return Category(
        text=text[0].upper() + text[1:],
        values=tuple(values),
        confidence=_share(0.5 + 0.08 * len(rated)),
        frames=_frames_of([*(f for f, _, _ in rated), *(f for f, _ in counted)]),
    )


def _comparisons(
    readings: Sequence[FrameReading], facts: Evidence, products: Sequence[Followed]
) -> Category:
    """Products of one kind side by side, or variants of one product; a mixed page compares none."""
    named = [f for f in products if f.title]
    groups: Counter[str] = Counter(str(c) for f in named if (c := f.latest("category")) is not None)
    best = groups.most_common(1)
    searched = [f for f in named if any(readings[i].search_query for i in f.frames)]
    if best and best[0][1] >= 2 and best[0][1] >= 0.3 * len(named):
        kind = best[0][0]
        alike = [f for f in named if f.latest("category") == kind]
        what = f"{len(alike)} products of the kind “{kind}”"
    elif len(searched) >= 2:
        alike = searched
        what = f"{len(alike)} results of one search"
    else:
        return _variants(facts, named)
    prices = [p for f in alike if (p := _latest_price(f, facts.currency)) is not None]
    names = [_shorten(f.title, 40) for f in alike[:4]]
    more = [f"{len(alike) - 4} more"] if len(alike) > 4 else []
    text = f"{what} side by side: {_listed([*names, *more])}"
    if len(prices) >= 2:
        text += f", for {_range(prices, facts.currency)}"
    return Category(
        text=text + ".",
        values=tuple(_shorten(f.title) for f in alike[:6]),
        confidence=0.5 if len(alike) == 2 else 0.65,
        frames=_frames_of(alike),
    )


def _variants(facts: Evidence, products: Sequence[Followed]) -> Category:
    """One product seen in several colours or at several prices."""
    for followed in products:
        opened = [p for _, p in followed.sightings if p.opened]
        colors = list(dict.fromkeys(p.color for p in opened if p.color))
        paid = (_paid(p, facts.currency) for p in opened)
        prices = list(dict.fromkeys(price for price in paid if price is not None))
        if len(opened) >= 2 and (len(colors) > 1 or len(prices) > 1):
            parts = [f"in {_listed(colors)}"] if len(colors) > 1 else []
            if len(prices) > 1:
                parts.append(f"for {_range(prices, facts.currency)}")
            return Category(
                text=f"Variants of {_shorten(followed.title)} {_listed(parts)}.",
                values=tuple(colors),
                confidence=0.5,
                frames=followed.frames,
            )
    return Category()


def _promotions(readings: Sequence[FrameReading]) -> Category:
    offers: dict[str, str] = {}
    frames = []
    shares = []
    for position, reading in reversed(list(enumerate(readings))):
        for offer in reading.promotions:
            offers.setdefault(offer.text.casefold(), offer.text)
            if offer.percent is not None:
                shares.append(offer.percent)
        if reading.promotions:
            frames.append(position)
    if not offers:
        return Category()
    # Offers that say more than a share come first; plain shares are folded into a range.
    telling = sorted(
        offers.values(), key=lambda t: bool(re.fullmatch(r"[\W\d]*(off)?\W*", t, re.I))
    )
    parts = []
    if shares:
        low, high = min(shares), max(shares)
        parts.append(f"{low:g} % off" if low == high else f"{low:g} to {high:g} % off")
    parts.extend(_shorten(t, 60) for t in telling if re.search(r"[^\W\d]{3,}", t))
    text = "; ".join(parts[:6] or telling[:3])
    return Category(
        text=text[0].upper() + text[1:] + ".",
        values=tuple(telling[:12]),
        confidence=0.7,
        frames=tuple(sorted(frames)),
    )
