"""Facts of what is sold under some limits: counts, price range, cheapest, dearest, values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Columns
from tools.catalog.search import top_k
from tools.catalog.vocabulary import FIELDS, Field, ValueCount, Vocabulary
from tools.domain import Amount, CurrencyCode, Frozen

TOP = 50
PLURAL: Mapping[Field, str] = {
    "brand": "brands", "color": "colors", "category": "categories", "size": "sizes",
}  # fmt: skip


class CatalogFacts(Frozen):
    """What is sold, in figures; every one of them counted, none estimated."""

    catalog: str
    count: int
    """Products in stock that meet the limits."""
    out_of_stock: int = 0
    """Products that meet the limits and are sold out."""
    currency: CurrencyCode | None = None
    price_lower: Amount | None = None
    price_upper: Amount | None = None
    price_median: Amount | None = None
    cheapest: tuple[str, ...] = ()
    """Ids of the products at the lowest prices, cheapest first, at most ten."""
    dearest: tuple[str, ...] = ()
    on_sale: int = 0
    rated: int = 0
    mean_rating: float | None = None
    brands: tuple[ValueCount, ...] = ()
    """With counts, most frequent first, at most fifty, as are the others."""
    colors: tuple[ValueCount, ...] = ()
    categories: tuple[ValueCount, ...] = ()
    sizes: tuple[ValueCount, ...] = ()
    brand_count: int = 0
    """Distinct brands in all; the lists stop at fifty."""
    color_count: int = 0
    category_count: int = 0
    size_count: int = 0
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form of the command line: plain numbers."""
        plain = self.model_dump(mode="json")
        for key in ("price_lower", "price_upper", "price_median"):
            value = getattr(self, key)
            plain[key] = None if value is None else float(value)
        return plain


def price_facts(
    columns: Columns, rows: NDArray[np.int64], top: int = 10
) -> tuple[dict[str, Any], NDArray[np.int64], NDArray[np.int64]]:
    """Price range and median of some rows, and the rows of the cheapest and the dearest."""
    prices = columns.price[rows]
    known = np.isfinite(prices)
    rows, prices = rows[known], prices[known]
    if not len(rows):
        return {}, rows, rows
    figures = {
        "price_lower": Decimal(str(prices.min())),
        "price_upper": Decimal(str(prices.max())),
        "price_median": Decimal(str(round(float(np.median(prices)), 2))),
    }
    return figures, rows[top_k(-prices, top)], rows[top_k(prices, top)]


def value_facts(
    columns: Columns, vocabulary: Vocabulary, mask: NDArray[np.bool_]
) -> dict[str, Any]:
    """Values with counts of every field, among the rows of a mask."""
    found: dict[str, Any] = {}
    for field in FIELDS:
        counts = count_values(columns, field, mask, len(vocabulary.values(field)))
        values = vocabulary.values(field)
        carried = np.flatnonzero(counts)
        order = sorted(carried.tolist(), key=lambda c: (-counts[c], values[c]))
        found[PLURAL[field]] = tuple(
            ValueCount(value=values[c], count=int(counts[c])) for c in order[:TOP]
        )
        found[f"{field}_count"] = len(carried)
    return found


def count_values(
    columns: Columns, field: Field, mask: NDArray[np.bool_], values: int
) -> NDArray[np.int64]:
    """Number of rows of a mask that carry each value of a field, shape (values,)."""
    members = columns.members[field]
    carried = members.codes[np.repeat(mask, np.diff(members.starts))]
    return np.bincount(carried, minlength=values).astype(np.int64)
