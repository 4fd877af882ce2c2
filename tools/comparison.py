"""Two to five products side by side: what differs, what is alike, and which limits each meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from tools.domain import AttributeValue, Constraints, Frozen, Money, Product, Quantity, Words
from tools.errors import CatalogError, InputError
from tools.scenario import Engine

MOST = 5
"""Products in one comparison."""
_FIELDS = ("brand", "categories", "colors", "sizes")
_NAMES = {"brand": "brand", "categories": "kind", "colors": "colour", "sizes": "sizes"}


class Compared(Frozen):
    """One side of a comparison; every figure is the catalogue's own."""

    id: str
    title: str
    price: Money | None = None
    list_price: Money | None = None
    rating: float | None = None
    reviews: int | None = None
    attraction: float | None = Field(default=None, ge=0, le=1)
    """How attractive the choice model holds it for this shopper, the best of these being 1."""
    offered: bool = False
    """Whether it is in the recommendation in force."""
    broken: tuple[str, ...] = ()
    """Limits in force that it does not meet, as paths; "stock" when it is sold out."""


class FieldDifference(Frozen):
    """A field in which the products differ, with a value for each of them in their order."""

    name: str
    values: Words


class Comparison(Frozen):
    """The products in the order asked, and what tells them apart."""

    products: tuple[Compared, ...]
    differs: tuple[FieldDifference, ...] = ()
    shared: Mapping[str, str] = Field(default_factory=dict)
    """Field -> the value that all of them have."""
    price_gap: Money | None = None
    """Dearest less cheapest; None without prices."""


def compare_products(
    engine: Engine,
    limits: Constraints,
    wish: str,
    ids: Sequence[str],
    *,
    offered: Sequence[str] = (),
) -> Comparison:
    """Products side by side under the limits in force.

    Args:
        engine: the optimiser over the shop's catalogue, for this shopper.
        limits: the limits in force.
        wish: what is wanted, in words; drives attraction.
        ids: two to five product ids; repeats count once.
        offered: ids of the recommendation in force.

    Raises:
        InputError: fewer than two products, or more than five.
        CatalogError: the shop has no product of such an id.
    """
    ids = tuple(dict.fromkeys(ids))
    if not 2 <= len(ids) <= MOST:
        raise InputError(f"a comparison takes two to {MOST} different products, not {len(ids)}")
    catalog = engine.catalog
    products = catalog.get(ids)
    rows = [_row(engine, product.id) for product in products]
    applied, _ = engine.applicable(limits)
    masks = {path: engine.meets(applied, path) for path in engine.hard_filters(applied)}
    attraction = engine.attraction(applied, wish, rows) if catalog.priced else [None] * len(rows)
    compared = tuple(
        Compared(
            id=product.id,
            title=product.title,
            price=product.price,
            list_price=product.list_price,
            rating=product.rating,
            reviews=product.reviews,
            attraction=share,
            offered=product.id in offered,
            broken=(
                *(path for path, mask in masks.items() if not mask[row]),
                *(() if catalog.available[row] else ("stock",)),
            ),
        )
        for product, row, share in zip(products, rows, attraction, strict=True)
    )
    table = {name: tuple(_show(_value(p, name)) for p in products) for name in _names(products)}
    prices = [p.price for p in products if p.price is not None]
    return Comparison(
        products=compared,
        differs=tuple(
            FieldDifference(name=_NAMES.get(name, name), values=values)
            for name, values in table.items()
            if len(set(values)) > 1
        ),
        shared={
            _NAMES.get(name, name): values[0]
            for name, values in table.items()
            if len(set(values)) == 1 and values[0]
        },
        price_gap=max(prices) - min(prices) if len(prices) == len(products) else None,
    )


def _row(engine: Engine, product_id: str) -> int:
    row = engine.catalog.row_of(product_id)
    if row is None:
        raise CatalogError(f"this shop has no product {product_id!r}")
    return row


def _names(products: Sequence[Product]) -> tuple[str, ...]:
    attributes = dict.fromkeys(name for p in products for name in p.attributes)
    return (*_FIELDS, *attributes)


def _value(product: Product, name: str) -> AttributeValue | Words | None:
    return getattr(product, name) if name in _FIELDS else product.attributes.get(name)


def _show(value: AttributeValue | Words | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Quantity):
        return f"{value.number:g} {value.unit}".strip()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
