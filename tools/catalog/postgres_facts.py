"""Facts of what a server sells under some limits, counted there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tools.catalog.facts import PLURAL, TOP
from tools.catalog.postgres_filters import AVAILABLE, Part, opposite
from tools.catalog.postgres_schema import folded
from tools.catalog.vocabulary import FIELDS, Field, ValueCount, Vocabulary

if TYPE_CHECKING:
    from tools.catalog.postgres_schema import Cursor
    from tools.catalog.postgres_server import Snapshot

_UNNESTED: Mapping[Field, str] = {
    "brand": "SELECT p.brand, count(*) FROM products p WHERE p.brand IS NOT NULL AND ",
    "color": "SELECT v, count(*) FROM products p, unnest(p.colors) v WHERE ",
    "category": "SELECT v, count(*) FROM products p, unnest(p.categories) v WHERE ",
    "size": "SELECT v, count(*) FROM products p, unnest(p.sizes) v WHERE ",
}


def count_products(cursor: Cursor, where: Part) -> int:
    """How many products meet a condition."""
    row = cursor.execute(f"SELECT count(*) FROM products p WHERE {where[0]}", where[1]).fetchone()
    return int(row[0]) if row else 0


def figures(snapshot: Snapshot, limits: Part, vocabulary: Vocabulary) -> dict[str, Any]:
    """Fields of `CatalogFacts`: counts, price range, cheapest, dearest and values.

    Args:
        snapshot: the version.
        limits: the condition that they are counted under, stock aside.
        vocabulary: how the catalogue spells its values.
    """
    where = snapshot.where(AVAILABLE, limits)
    with snapshot.reading() as cursor:
        found = _prices(cursor, where)
        for field in FIELDS:
            counts = _values(cursor, where, field, vocabulary)
            found[PLURAL[field]] = counts[:TOP]
            found[f"{field}_count"] = len(counts)
        found["out_of_stock"] = count_products(cursor, snapshot.where(opposite(AVAILABLE), limits))
    return found


def _prices(cursor: Cursor, where: Part) -> dict[str, Any]:
    row = cursor.execute(
        "SELECT count(*), min(p.price), max(p.price), "
        "percentile_disc(0.5) WITHIN GROUP (ORDER BY p.price), "
        "percentile_disc(0.5) WITHIN GROUP (ORDER BY p.price DESC), "
        "count(*) FILTER (WHERE p.list_price > p.price), count(p.rating), avg(p.rating) "
        f"FROM products p WHERE {where[0]}",
        where[1],
    ).fetchone()
    assert row is not None
    count, low, high, below, above, on_sale, rated, mean = row
    found = {
        "count": count,
        "on_sale": on_sale,
        "rated": rated,
        "mean_rating": None if mean is None else round(float(mean), 3),
    }
    if low is None:
        return found
    return found | {
        "price_lower": Decimal(str(low)),
        "price_upper": Decimal(str(high)),
        "price_median": Decimal(str(round((below + above) / 2, 2))),
        "cheapest": _ids(cursor, where, "p.price ASC, p.place"),
        "dearest": _ids(cursor, where, "p.price DESC, p.place"),
    }


def _values(
    cursor: Cursor, where: Part, field: Field, vocabulary: Vocabulary
) -> tuple[ValueCount, ...]:
    known = {folded(v): v for v in vocabulary.values(field)}
    found = cursor.execute(f"{_UNNESTED[field]}{where[0]} GROUP BY 1", where[1])
    counts = sorted(((known[v], n) for v, n in found), key=lambda p: (-p[1], p[0]))
    return tuple(ValueCount(value=v, count=n) for v, n in counts)


def _ids(cursor: Cursor, where: Part, order: str) -> tuple[str, ...]:
    rows = cursor.execute(
        f"SELECT p.id FROM products p WHERE {where[0]} AND p.price IS NOT NULL "
        f"ORDER BY {order} LIMIT 10",
        where[1],
    )
    return tuple(i for (i,) in rows)
