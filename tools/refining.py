"""The recommendation in force, put into another order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from tools.solution import ChosenItem, Solution

if TYPE_CHECKING:
    from tools.catalog import Catalog
    from tools.domain import Product

Order = Literal["cheapest", "dearest", "best_rated", "most_reviewed", "biggest_saving", "likeliest"]
"""What comes first."""

_KEYS: Mapping[Order, Callable[[ChosenItem, Product], float]] = {
    "cheapest": lambda item, _: float(item.price.amount),
    "dearest": lambda item, _: -float(item.price.amount),
    "best_rated": lambda _, product: -(product.rating or 0.0),
    "most_reviewed": lambda _, product: -float(product.reviews or 0),
    "biggest_saving": lambda item, _: (
        -float(item.list_price.amount - item.price.amount) if item.list_price else 0.0
    ),
    "likeliest": lambda item, _: -item.choice_probability,
}


def arranged(solution: Solution, order: Order, catalog: Catalog) -> Solution:
    """The same items in another order; ties keep the order they had.

    Raises:
        CatalogError: an item is no longer in the catalogue.
    """
    products = {p.id: p for p in catalog.get(solution.ids)}
    key = _KEYS[order]
    items = sorted(solution.items, key=lambda item: key(item, products[item.id]))
    return solution.model_copy(update={"items": tuple(items)})
