"""Facts under a filter: the catalogue's arrays beside SQLite and DuckDB, in one run.

Every side counts the products of two kinds below a price and gives their price range and median,
the ten cheapest, and brands and colours with counts. Median CPU milliseconds over filters of
different width; answers are compared.

    python benchmarks/catalog_facts.py [--rows 100000]
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from catalog_shop import products

from tools.catalog.arrays import ColumnWriter
from tools.catalog.facts import price_facts, value_facts
from tools.catalog.vocabulary import Vocabulary

KINDS = ("Lamps", "Rugs")
LIMITS = (20, 100, 250, 500)
Facts = tuple[int, float, float, float, list[float], dict[str, int], dict[str, int]]
_WHERE = "FROM items WHERE price <= ? AND kind IN ('Lamps', 'Rugs')"


def with_sql(run: Callable[[str, list[Any]], list[Any]], median: bool) -> Callable[[float], Facts]:
    """The same questions in SQL; without a median function, by an offset."""

    def facts(limit: float) -> Facts:
        count, low, high = run(f"SELECT count(*), min(price), max(price) {_WHERE}", [limit])[0]
        if median:
            middle = run(f"SELECT median(price) {_WHERE}", [limit])[0][0]
        else:
            part = f"SELECT price {_WHERE} ORDER BY price LIMIT {2 - count % 2} "
            both = run(part + f"OFFSET {(count - 1) // 2}", [limit])
            middle = sum(p for (p,) in both) / len(both)
        cheapest = run(f"SELECT price {_WHERE} ORDER BY price LIMIT 10", [limit])
        brands = run(f"SELECT brand, count(*) {_WHERE} GROUP BY brand", [limit])
        colors = run(f"SELECT color, count(*) {_WHERE} GROUP BY color", [limit])
        return count, low, high, middle, [p for (p,) in cheapest], dict(brands), dict(colors)

    return facts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    gathered, lines = ColumnWriter(), []
    for line, product, _ in products(options.rows):
        gathered.add(product)
        lines.append((line[2], line[3], line[5], line[6]))
    columns, words = gathered.columns(), Vocabulary(gathered.counts(), {}, [])
    kinds = columns.members["category"].any_of(
        [words.values("category").index(kind) for kind in KINDS], len(words.values("category"))
    )

    def ours(limit: float) -> Facts:
        mask = (columns.price <= limit) & kinds
        rows = np.flatnonzero(mask)
        figures, cheapest, _ = price_facts(columns, rows)
        values = value_facts(columns, words, mask)
        ends = (float(figures[f"price_{end}"]) for end in ("lower", "upper", "median"))
        low, high, middle = ends
        return (
            len(rows),
            low,
            high,
            middle,
            columns.price[cheapest].tolist(),
            {v.value: v.count for v in values["brands"]},
            {v.value: v.count for v in values["colors"]},
        )

    lite = sqlite3.connect(":memory:")
    schema = "CREATE TABLE items (brand TEXT, price REAL, color TEXT, kind TEXT)"
    lite.execute(schema)
    lite.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", lines)
    plain = with_sql(lambda q, p: lite.execute(q, p).fetchall(), False)
    sides: dict[str, Callable[[float], Facts]] = {"arrays (ours)": ours, "SQLite": plain}
    covered = sqlite3.connect(":memory:")
    covered.execute(schema)
    covered.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", lines)
    covered.execute("CREATE INDEX by_price ON items (price, kind, brand, color)")
    sides["SQLite, indexed"] = with_sql(lambda q, p: covered.execute(q, p).fetchall(), False)
    if find_spec("duckdb") is None:
        print("duckdb is not installed; it is not measured")
    else:
        import duckdb
        import pyarrow as pa

        duck = duckdb.connect(":memory:")
        duck.execute("SET threads = 1")
        names = ("brand", "price", "color", "kind")
        held = pa.table(dict(zip(names, map(list, zip(*lines, strict=True)), strict=True)))
        duck.register("held", held)
        duck.execute("CREATE TABLE items AS SELECT * FROM held")
        sides["DuckDB"] = with_sql(lambda q, p: duck.execute(q, p).fetchall(), True)
    print(f"{options.rows} products; CPU ms, median of 15")
    print(f"{'':16s}" + "".join(f"{f'<= {limit}':>10}" for limit in LIMITS))
    right = [ours(limit) for limit in LIMITS]
    print(f"{'products':16s}" + "".join(f"{facts[0]:10d}" for facts in right))
    for name, side in sides.items():
        shown = []
        for limit, expected in zip(LIMITS, right, strict=True):
            spent = []
            for _ in range(15):
                start = time.process_time()
                found = side(limit)
                spent.append(time.process_time() - start)
            assert found[:3] == expected[:3]
            assert abs(found[3] - expected[3]) < 0.01
            assert found[4] == expected[4]
            # Ours stops at the fifty most frequent brands.
            assert expected[5].items() <= found[5].items()
            assert found[6] == expected[6]
            shown.append(float(np.median(spent)) * 1e3)
        print(f"{name:16s}" + "".join(f"{ms:10.2f}" for ms in shown), flush=True)


if __name__ == "__main__":
    main()
