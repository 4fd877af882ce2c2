"""From what was read to what the shopper seemed to like, in the words of this shop."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from agent.matching import SAME_PRODUCT, titled
from agent.reader.aggregate import Followed, follow, session_currency
from tools.domain import Constraints, Words
from tools.liking import Liking, of_kinds
from tools.preferences import FrameReading

if TYPE_CHECKING:
    from tools.catalog import Catalog

MOST = 12
"""Products looked up in the catalogue, those of most interest first."""
KIND_SHOWS = 0.15
"""Share of the interest from which a kind counts as looked at."""
SPREAD = 0.35
"""Least spread of ln price: what was opened stands for what costs up to some 40 % more or less."""


def liking_of(readings: Sequence[FrameReading], catalog: Catalog, wish: str) -> Liking:
    """The leanings that the readings of a session show.

    Brands, colours and prices count only where a product's own page was opened or where it went
    into the basket: what a page lists was chosen by the shop.

    Args:
        readings: the session so far.
        catalog: of the shop; products seen there are looked up by their titles.
        wish: what is wanted, in words.
    """
    products = follow(readings)
    weights = {id(f): f.interest(len(readings)) for f in products}
    chosen = [f for f in products if f.opened or f.in_basket]
    currency, _ = session_currency(readings)
    prices = [
        (math.log(price), weights[id(f)])
        for f in chosen
        if isinstance(price := f.latest("price"), Decimal) and price > 0
    ]
    total = sum(weight for _, weight in prices)
    mean = sum(price * weight for price, weight in prices) / total if prices else None
    spread = SPREAD
    if mean is not None:
        variance = sum(weight * (price - mean) ** 2 for price, weight in prices) / total
        spread = max(SPREAD, math.sqrt(variance))
    kinds = kinds_of(chosen or products, weights, catalog)
    return Liking(
        wish=wish,
        kinds=tuple(path for path, share in kinds.items() if share >= KIND_SHOWS),
        brands=_shares((f.latest("brand"), weights[id(f)]) for f in chosen),
        colors=_shares((f.latest("color"), weights[id(f)]) for f in chosen),
        price=None if mean is None else math.exp(mean),
        currency=currency,
        spread=spread,
    )


def _shares(votes: Iterable[tuple[object, float]]) -> Mapping[str, float]:
    tally: dict[str, float] = defaultdict(float)
    for value, weight in votes:
        if isinstance(value, str):
            tally[value] += weight
    most = max(tally.values(), default=1.0)
    return {value: weight / most for value, weight in tally.items()}


def kinds_of(
    products: Sequence[Followed], weights: Mapping[int, float], catalog: Catalog
) -> dict[Words, float]:
    """Category path -> its share of the interest, of those products that this shop sells.

    Empty unless most of the interest lies in products whose titles the catalogue holds: screens
    of another shop say nothing about how this one sorts its shelves.
    """
    tally: dict[Words, float] = defaultdict(float)
    looked_up = [f for f in products if f.title][:MOST]
    for followed in looked_up:
        for found, alike in titled(followed.title, catalog)[:1]:
            if found.categories and alike >= SAME_PRODUCT:
                tally[found.categories] += weights[id(followed)]
    total = sum(weights[id(f)] for f in looked_up)
    if sum(tally.values()) <= 0.5 * total:
        return {}
    return {path: w / total for path, w in sorted(tally.items(), key=lambda kv: -kv[1])}


def in_shop_words(limits: Constraints, liking: Liking, catalog: Catalog) -> Constraints:
    """The limits with a seen category in the shop's own word, where that says it better.

    A word read off a screen may mean more than what was looked at ("shirt" in a shop that has
    blouses and T-shirts too) or something else; where one kind of this shop alone was
    looked at and its name selects it more narrowly, the name takes the word's place.
    """
    import numpy as np

    origin = limits.provenance.get("categories")
    if origin is None or origin.source == "said" or len(liking.kinds) != 1:
        return limits
    name = liking.kinds[0][-1]
    kind, meant = of_kinds(catalog, liking), np.zeros(len(catalog), bool)
    for word in limits.categories:
        meant |= catalog.group("category", word)
    if not (kind & ~meant).any() and meant.sum() <= catalog.group("category", name).sum():
        return limits
    return limits.replace({"categories": (name,)}, {"categories": origin})
