"""What is said of all products of a catalogue on a server, worked out there after a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tools.catalog.units import to_base
from tools.catalog.vocabulary import AttributeSummary, ValueCount

if TYPE_CHECKING:
    from tools.catalog.postgres_schema import Cursor

_MAX_ATTRIBUTES = 1000


def utility_meaning(cursor: Cursor, meaning: Mapping[str, Any]) -> dict[str, Any]:
    """What the utilities of the products in force rest on (`tools.catalog.utilities`).

    The same figures as there, from the server: the median number of reviews, the weighted mean of
    the ratings, and whether the shop counts reviews at all.
    """
    if meaning["source"] == "transactions":
        return dict(meaning)
    row = cursor.execute(
        "SELECT count(reviews), count(*) FILTER (WHERE rating > 0), "
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY reviews) FROM products WHERE died IS NULL"
    ).fetchone()
    assert row is not None
    counted, rated, median = int(row[0]), int(row[1]), float(row[2] or 0.0)
    if not counted and not rated:
        return {
            "source": "equal",
            "formula": "u = 0 for every item: neither transactions nor ratings are known",
        }
    prior = max(median, 1.0)
    mean = 1.0
    if rated:
        row = cursor.execute(
            "SELECT sum(rating * w) / sum(w) FROM (SELECT rating, "
            "greatest(coalesce(reviews, %s::float8), 1e-9) AS w FROM products "
            "WHERE died IS NULL AND rating > 0) r",
            (prior,),
        ).fetchone()
        assert row is not None
        mean = float(row[0])
    return {
        "source": "ratings",
        "formula": "u = 0.236 ln((1+n)/(1+median n)) + 0.417 ln(r/mean r), r a Bayesian average "
        "(elasticities: You, Vadakkepatt and Joshi 2015)",
        "median_reviews": median,
        "mean_rating": round(mean, 4) if rated else None,
        "median": median,
        "prior": prior,
        "mean": mean,
        "counted": bool(counted),
    }


def attribute_summaries(cursor: Cursor) -> dict[str, AttributeSummary]:
    """What is known of the attributes of the products in force (`store.ProductWriter`)."""
    source = "FROM attributes a JOIN products p ON p.attrs = a.attrs WHERE p.died IS NULL "
    counts = cursor.execute(
        f"SELECT a.name, count(DISTINCT p.key) AS n {source} GROUP BY a.name "
        'ORDER BY n DESC, a.name COLLATE "C" LIMIT %s',
        (_MAX_ATTRIBUTES,),
    ).fetchall()
    found = {}
    for name, count in counts:
        values = cursor.execute(
            f"SELECT a.text, count(*) AS n {source} AND a.name = %s AND a.text IS NOT NULL "
            'GROUP BY a.text ORDER BY n DESC, a.text COLLATE "C" LIMIT 200',
            (name,),
        ).fetchall()
        shown = tuple(ValueCount(value=v, count=n) for v, n in values)
        row = cursor.execute(
            f"SELECT a.unit, a.kind, count(*) AS n {source} AND a.name = %s AND a.text IS NULL "
            'GROUP BY a.unit, a.kind ORDER BY n DESC, a.unit COLLATE "C" LIMIT 1',
            (name,),
        ).fetchone()
        if row is None:
            found[name] = AttributeSummary(name=name, count=count, values=shown)
            continue
        unit, kind, _ = row
        ends = cursor.execute(
            f"SELECT min(a.number), max(a.number) {source} AND a.name = %s AND a.kind = %s",
            (name, kind),
        ).fetchone()
        assert ends is not None
        factor = to_base(unit)[1]
        found[name] = AttributeSummary(
            name=name, count=count, values=shown, lower=ends[0] / factor, upper=ends[1] / factor,
            unit=unit,
        )  # fmt: skip
    return found
