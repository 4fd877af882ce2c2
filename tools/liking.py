"""What a shopper seemed to like of what they looked at, and how well products suit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from tools.domain import Constraints, CurrencyCode, Frozen, Words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tools.catalog import Catalog

    Vector = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]


class Liking(Frozen):
    """Leanings that are too weak for limits: they make products more or less attractive."""

    wish: str = ""
    """The wish in words that it goes with; a shopper who names another thing starts afresh."""
    kinds: tuple[Words, ...] = ()
    """Category paths of this shop, widest first, of what was looked at; empty: not known."""
    brands: Mapping[str, float] = Field(default_factory=dict)
    """Brand -> its share of the interest in opened products, the strongest scaled to 1."""
    colors: Mapping[str, float] = Field(default_factory=dict)
    price: float | None = Field(default=None, gt=0)
    """Geometric mean of the opened products' prices, each weighed by its interest."""
    currency: CurrencyCode | None = None
    spread: float = Field(default=0.35, gt=0)
    """Standard deviation of the logarithm of those prices."""


PRICE_COUNTS = 2.0
"""Weight of the price among the parts of relevance, the others counting 1; chosen on simulated
shoppers (`evals.fit`), none of whom is among those that are reported."""


def suits(catalog: Catalog, limits: Constraints, wish: str, liking: Liking | None = None) -> Vector:
    """How well each product suits the wish, the liking and the soft limits, shape (n,), in [0, 1].

    The weighted mean of the parts that there is something to say about: the cosine to the wish,
    scaled so that the catalogue's median product has 0 and its closest has 1; the liking of its
    brand, and of its colour; how near its price is to what was opened, ``exp(-(ln p - m)^2 /
    2 s^2)``, which counts twice; the share of soft limits met (of colours and brands that were
    only seen, the liking says more). A product of a kind that was not looked at suits in nothing.

    Hard limits take no part, so that widening one cannot make any product less attractive.
    """
    import numpy as np

    liked = liking if liking is not None and liking.wish == wish else None
    parts: list[tuple[Vector, float]] = []
    if wish.strip():
        cosine = catalog.similarity(wish).astype(np.float64)
        middle, top = float(np.median(cosine)), float(cosine.max())
        if top > middle:
            parts.append((np.clip((cosine - middle) / (top - middle), 0.0, 1.0), 1.0))
    if liked:
        parts += _liked(catalog, liked)
        limits = _without_seen(limits, liked)
    if any(p.strength == "soft" for p in limits.provenance.values()):
        parts.append((catalog.soft_relevance(limits).astype(np.float64), 1.0))
    if not parts:
        return np.zeros(len(catalog))
    vectors, weights = zip(*parts, strict=True)
    found: Vector = np.average(vectors, axis=0, weights=weights)
    if liked and liked.kinds:
        found = np.where(of_kinds(catalog, liked), found, 0.0)
    return found


def _liked(catalog: Catalog, liking: Liking) -> list[tuple[Vector, float]]:
    import numpy as np

    parts: list[tuple[Vector, float]] = []
    for field, liked in (("brand", liking.brands), ("color", liking.colors)):
        if liked:
            part = np.zeros(len(catalog))
            for value, weight in liked.items():
                np.maximum(part, weight * catalog.group(field, value), out=part)
            parts.append((part, 1.0))
    if liking.price is not None and liking.currency == catalog.currency and catalog.priced:
        with np.errstate(divide="ignore"):  # a product may be given away
            away = (np.log(catalog.prices) - np.log(liking.price)) / liking.spread
        parts.append((np.exp(-0.5 * away * away), PRICE_COUNTS))
    return parts


def _without_seen(limits: Constraints, liking: Liking) -> Constraints:
    told = {"brands": liking.brands, "colors": liking.colors}
    return limits.replace(
        {
            field: None
            for field, origin in limits.provenance.items()
            if told.get(field) and (origin.source, origin.strength) == ("seen", "soft")
        },
        {},
    )


def of_kinds(catalog: Catalog, liking: Liking) -> Mask:
    """Rows of the kinds that were looked at, shape (n,); none when they are not known."""
    import numpy as np

    codes = catalog.codes("category")
    mask = np.zeros(len(catalog), bool)
    for path in liking.kinds:
        mask |= np.logical_and.reduce([codes.mask([name]) for name in path])
    return mask
