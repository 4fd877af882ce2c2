"""Readings of a session into typed evidence: who saw what, how often, and with how much interest.

A product that is only listed counts once. One whose page was opened counts more, more again for
every further frame on it (dwelling) and for coming back to it; what lies in the basket counts
most. Recent frames weigh more than old ones, as the paper found useful (arXiv 2403.00822, 2024).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from agent.reader.brands import fold
from agent.reader.categories import (
    categories_in,
    category_of_title,
    department_of,
    departments,
)
from tools.preferences import Evidence, FrameReading, SeenProduct, Vote

HALF_LIFE = 6
"""After this many further frames a sighting counts half."""
PRESENT, OPENED, DWELT, RETURNED, BASKET = 1.0, 4.0, 1.5, 2.0, 6.0
SAME_TITLE = 90
"""rapidfuzz partial ratio from which two titles name one product."""


@dataclass
class Followed:
    """One product followed through the session."""

    sightings: list[tuple[int, SeenProduct]] = field(default_factory=list)
    """(frame position, as seen there)."""

    @property
    def title(self) -> str:
        """The longest title seen, which is the least cut one."""
        return max((p.title for _, p in self.sightings), key=len)

    @property
    def opened(self) -> bool:
        """Whether its own page was shown."""
        return any(p.opened for _, p in self.sightings)

    @property
    def in_basket(self) -> bool:
        """Whether it was seen in the basket."""
        return any(p.in_basket for _, p in self.sightings)

    @property
    def frames(self) -> tuple[int, ...]:
        """Positions of the frames that show it."""
        return tuple(dict.fromkeys(i for i, _ in self.sightings))

    def latest(self, attribute: str) -> object | None:
        """The last value of a field that was seen; sightings on its own page come first."""
        ranked = sorted(self.sightings, key=lambda s: (s[1].opened, s[0]), reverse=True)
        return next((v for _, p in ranked if (v := getattr(p, attribute)) is not None), None)

    def interest(self, frames: int) -> float:
        """How much attention it got, recent frames weighing more."""
        weight = PRESENT * _recency(self.frames[-1], frames)
        opened = [i for i, p in self.sightings if p.opened]
        if opened:
            weight += OPENED * _recency(opened[-1], frames)
            weight += DWELT * (len(opened) - 1)
            # Came back: its page again after another page in between.
            weight += RETURNED * sum(b - a > 1 for a, b in pairwise(opened))
        basket = [i for i, p in self.sightings if p.in_basket]
        if basket:
            weight += BASKET * _recency(basket[-1], frames)
        return weight


def _recency(position: int, frames: int) -> float:
    return float(0.5 ** ((frames - 1 - position) / HALF_LIFE))


def follow(readings: Sequence[FrameReading]) -> list[Followed]:
    """The distinct products of a session, most interesting first."""
    found: list[Followed] = []
    for position, reading in enumerate(readings):
        for product in reading.products:
            known = next((f for f in found if _same(f, product, position)), None)
            if known is None:
                known = Followed()
                found.append(known)
            known.sightings.append((position, product))
    return sorted(found, key=lambda f: -f.interest(len(readings)))


def _same(followed: Followed, product: SeenProduct, position: int) -> bool:
    from rapidfuzz import fuzz

    if not product.title:
        return any(
            not p.title and p.price == product.price and i != position
            for i, p in followed.sightings
        )
    for i, seen in followed.sightings:
        # Two entries of one page are two products, even when they carry one name.
        if i == position or not seen.title:
            if i == position:
                return False
            continue
        one, other = fold(seen.title).rstrip(" .…"), fold(product.title).rstrip(" .…")
        short, long = sorted((one, other), key=len)
        if short == long or (len(short) >= 12 and long.startswith(short)):
            return True
        if (
            len(short) >= 10
            and len(short) > 0.6 * len(long)
            and fuzz.ratio(one, other) >= SAME_TITLE
        ):
            return _digits(one) == _digits(other)
    return False


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def collect_evidence(readings: Sequence[FrameReading]) -> Evidence:
    """The typed facts of a session so far; works on readings of any reader."""
    products = follow(readings)
    frames = len(readings)
    currency, others = session_currency(readings)
    prices = _prices(products, currency)
    weights = {id(f): f.interest(frames) for f in products}

    def votes(values: Callable[[Followed], Iterable[str]]) -> tuple[Vote, ...]:
        return _votes(products, weights, values)

    queries = [r.search_query for r in reversed(readings) if r.search_query]
    return Evidence(
        currency=currency,
        other_currencies=tuple(others),
        price_lower=min(prices, default=None),
        price_upper=max(prices, default=None),
        priced_products=len(prices),
        brands=votes(lambda f: _one(_common_brand(f))),
        colors=votes(_colors),
        categories=_category_votes(readings, products, weights),
        sizes=votes(lambda f: {s for _, p in f.sightings for s in p.sizes}),
        search_queries=tuple(queries),
        active_filters=tuple(v for r in reversed(readings) for v in r.active_filters),
        titles=tuple(f.title for f in products if f.title)[:12],
        specifications=tuple(v for r in reversed(readings) for v in r.specifications)[:16],
    )


def session_currency(readings: Sequence[FrameReading]) -> tuple[str | None, list[str]]:
    """The currency that most prices of the session are in, and the others seen."""
    seen: Counter[str] = Counter()
    for reading in readings:
        for product in reading.products:
            if product.price is not None and product.currency:
                seen[product.currency] += 1
        if reading.currency:
            seen[reading.currency] += 1
    ranked = [code for code, _ in seen.most_common()]
    return (ranked[0], ranked[1:]) if ranked else (None, [])


def _prices(products: Sequence[Followed], currency: str | None) -> list[Decimal]:
    """Every selling price of whole entries in the session's currency, one or more per product."""
    found: list[Decimal] = []
    for followed in products:
        mine = {
            p.price
            for _, p in followed.sightings
            if p.price is not None and not p.clipped and p.currency in (currency, None)
        }
        found.extend(mine)
    return found


def _one(value: object | None) -> tuple[str, ...]:
    return (str(value),) if value is not None else ()


def _common_brand(followed: Followed) -> str | None:
    brands = Counter(p.brand for _, p in followed.sightings if p.brand)
    return brands.most_common(1)[0][0] if brands else None


def _colors(followed: Followed) -> tuple[str, ...]:
    opened = [p.color for _, p in followed.sightings if p.color and (p.opened or p.in_basket)]
    colors = Counter(opened or [p.color for _, p in followed.sightings if p.color])
    return (colors.most_common(1)[0][0],) if colors else ()


def _votes(
    products: Sequence[Followed],
    weights: dict[int, float],
    values: Callable[[Followed], Iterable[str]],
) -> tuple[Vote, ...]:
    tally: dict[str, float] = defaultdict(float)
    holders: dict[str, list[Followed]] = defaultdict(list)
    names: dict[str, str] = {}
    for followed in products:
        for value in values(followed):
            key = fold(value)
            names.setdefault(key, value)
            tally[key] += weights[id(followed)]
            holders[key].append(followed)
    # Of all interest, that in products without a value included: one known maker among nine
    # unknown ones is no preference.
    total = sum(weights[id(f)] for f in products)
    return tuple(
        Vote(
            value=names[key], weight=min(1.0, weight / total), products=len(holders[key]),
            opened=any(f.opened for f in holders[key]),
            in_basket=any(f.in_basket for f in holders[key]),
            opened_products=sum(f.opened or f.in_basket for f in holders[key]),
        )
        for key, weight in sorted(tally.items(), key=lambda kv: -kv[1])
    )  # fmt: skip


def _category_votes(
    readings: Sequence[FrameReading], products: Sequence[Followed], weights: dict[int, float]
) -> tuple[Vote, ...]:
    """Categories by the products' titles, the searches and the trail of departments.

    Where no category leads but most of the interest lies in one department (a rug, a stool and a
    table), the department comes first.
    """
    frames = len(readings)
    tally: dict[str, float] = defaultdict(float)
    holders: dict[str, list[Followed]] = defaultdict(list)
    for followed in products:
        category = followed.latest("category")
        if isinstance(category, str):
            tally[category] += weights[id(followed)]
            holders[category].append(followed)
    for position, reading in enumerate(readings):
        recent = _recency(position, frames)
        if reading.search_query and (category := category_of_title(reading.search_query)):
            tally[category] += 2.5 * recent
        trail = [c for crumb in reading.breadcrumbs for c in categories_in(crumb)]
        for category in trail[-1:]:
            tally[category] += 2.0 * recent
        for heading in reading.headings[:3]:
            for category in categories_in(heading)[-1:]:
                tally[category] += 0.7 * recent
    if not tally:
        return ()
    total = sum(tally.values())
    wider: dict[str, float] = defaultdict(float)
    for category, weight in tally.items():
        wider[department_of(category)] += weight
    ranked = sorted(tally.items(), key=lambda kv: -kv[1])
    leader = ranked[0][0]
    department = max(wider, key=wider.__getitem__)
    spread = [c for c in tally if department_of(c) == department]
    alike = sum(len(holders[c]) for c in spread)
    if (
        wider[department] >= 0.5 * total
        and len(spread) >= 3
        and len(holders[leader]) < 0.5 * alike
        and department in departments()
        and leader != department
    ):
        ranked = [(department, wider[department]), *[r for r in ranked if r[0] != department]]
    return tuple(
        Vote(
            value=category, weight=min(1.0, w / total),
            products=len(holders[category]) or sum(
                len(holders[c]) for c in tally if department_of(c) == category
            ),
            opened=any(f.opened for f in holders[category]),
            in_basket=any(f.in_basket for f in holders[category]),
        )
        for category, w in ranked
    )  # fmt: skip
