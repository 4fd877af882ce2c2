"""The products of one version of a catalogue, in SQLite; and its vocabulary, in JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from tools.catalog.embedding import product_text, text_hash
from tools.catalog.units import to_base
from tools.catalog.vocabulary import AttributeSummary, ValueCount, Vocabulary
from tools.domain import Product, Quantity

PRODUCTS = "products.sqlite"
COLUMNS = "columns.npz"
VOCABULARY = "vocabulary.json"

_SCHEMA = """
CREATE TABLE products (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, data TEXT NOT NULL,
  text TEXT NOT NULL, text_hash BLOB NOT NULL
);
CREATE TABLE attributes (
  name TEXT NOT NULL, row INTEGER NOT NULL, nth INTEGER NOT NULL,
  text TEXT, number REAL, kind TEXT, unit TEXT, PRIMARY KEY (name, row, nth)
) WITHOUT ROWID;
"""
_BATCH = 2000
_MAX_ATTRIBUTES = 1000

T = TypeVar("T")


class ProductWriter:
    """Writes the products of a version that nobody reads yet.

    Args:
        path: a fresh file, or the copy of an older version's file.
    """

    def __init__(self, path: Path) -> None:
        fresh = not path.exists()
        self.db = sqlite3.connect(path, isolation_level=None)
        # The file is in force only after the manifest names it, so a crash costs nothing.
        self.db.execute("PRAGMA journal_mode=OFF")
        self.db.execute("PRAGMA synchronous=OFF")
        if fresh:
            self.db.executescript(_SCHEMA)
        self.db.execute("BEGIN")
        self._products: list[tuple[object, ...]] = []
        self._attributes: list[tuple[object, ...]] = []
        self.rows = int(self.db.execute("SELECT count(*) FROM products").fetchone()[0])

    def add(self, product: Product) -> None:
        """The next row."""
        self._put(self.rows, product)
        self.rows += 1
        if len(self._products) >= _BATCH:
            self._write()

    def replace(self, row: int, old: Product, product: Product) -> None:
        """Another product in the place of an old one."""
        self._forget(row, old)
        self._put(row, product)
        self._write()

    def remove(self, row: int, old: Product, last: Product) -> None:
        """Take a row out; the last row moves into its place."""
        self._forget(row, old)
        self.rows -= 1
        if row != self.rows:
            self._forget(self.rows, last)
            self._put(row, last)
            self._write()

    def _put(self, row: int, product: Product) -> None:
        text = product_text(product)
        data = product.model_dump_json(exclude_defaults=True)
        self._products.append((row, product.id, product.title, data, text, text_hash(text)))
        for name, value in product.attributes.items():
            for nth, member in enumerate(value if isinstance(value, tuple) else (value,)):
                self._attributes.append((name, row, nth, *entry(member)))

    def _forget(self, row: int, product: Product) -> None:
        self.db.execute("DELETE FROM products WHERE row = ?", (row,))
        self.db.executemany(
            "DELETE FROM attributes WHERE name = ? AND row = ?",
            [(name, row) for name in product.attributes],
        )

    def _write(self) -> None:
        self.db.executemany("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?)", self._products)
        self.db.executemany("INSERT INTO attributes VALUES (?, ?, ?, ?, ?, ?, ?)", self._attributes)
        self._products, self._attributes = [], []

    def finish(self) -> None:
        """Write what is left."""
        self._write()
        self.db.execute("COMMIT")

    def attributes(self) -> dict[str, AttributeSummary]:
        """What is known of the attributes, the most frequent ones first, at most a thousand."""
        counts = self.db.execute(
            "SELECT name, count(DISTINCT row) AS n FROM attributes GROUP BY name "
            "ORDER BY n DESC, name LIMIT ?",
            (_MAX_ATTRIBUTES,),
        ).fetchall()
        return {name: self._summary(name, count) for name, count in counts}

    def _summary(self, name: str, count: int) -> AttributeSummary:
        values = self.db.execute(
            "SELECT text, count(*) AS n FROM attributes WHERE name = ? AND text IS NOT NULL "
            "GROUP BY text ORDER BY n DESC, text LIMIT 200",
            (name,),
        ).fetchall()
        shown = tuple(ValueCount(value=v, count=n) for v, n in values)
        units = self.db.execute(
            "SELECT unit, kind, count(*) AS n FROM attributes WHERE name = ? AND text IS NULL "
            "GROUP BY unit, kind ORDER BY n DESC, unit LIMIT 1",
            (name,),
        ).fetchone()
        if units is None:
            return AttributeSummary(name=name, count=count, values=shown)
        unit, kind, _ = units
        low, high = self.db.execute(
            "SELECT min(number), max(number) FROM attributes WHERE name = ? AND kind = ?",
            (name, kind),
        ).fetchone()
        factor = to_base(unit)[1]
        return AttributeSummary(
            name=name,
            count=count,
            values=shown,
            lower=low / factor,
            upper=high / factor,
            unit=unit,
        )

    def hashes(self) -> list[bytes]:
        """The text hash of every row."""
        return [h for (h,) in self.db.execute("SELECT text_hash FROM products ORDER BY row")]

    def texts(self, hashes: Sequence[bytes]) -> dict[bytes, str]:
        """Text hash -> text."""
        self.db.execute("CREATE INDEX IF NOT EXISTS by_text ON products (text_hash)")
        query = "SELECT text FROM products WHERE text_hash = ? LIMIT 1"
        return {key: self.db.execute(query, (key,)).fetchone()[0] for key in set(hashes)}

    def texts_of(self, rows: Sequence[int]) -> list[str]:
        """The texts of some rows, in the order asked."""
        query = "SELECT text FROM products WHERE row = ?"
        return [self.db.execute(query, (int(row),)).fetchone()[0] for row in rows]

    def close(self) -> None:
        """Close the file."""
        self.db.execute("DROP INDEX IF EXISTS by_text")
        self.db.close()


def entry(value: str | Quantity) -> tuple[str | None, float | None, str | None, str | None]:
    """One value of an attribute: its text, or number in base units, kind and unit as written."""
    if isinstance(value, str):
        return value, None, None, None
    kind, factor = to_base(value.unit)
    return None, value.number * factor, kind, value.unit


class ProductReader:
    """Reads products from a finished SQLite file that nobody writes any more."""

    def __init__(self, path: Path) -> None:
        # immutable: no lock and no journal is looked for, since a version never changes.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Id -> row, for those that are there."""
        found: dict[str, int] = {}
        for part in _parts(list(dict.fromkeys(ids))):
            marks = ",".join("?" * len(part))
            found.update(
                self._db.execute(f"SELECT id, row FROM products WHERE id IN ({marks})", part)
            )
        return found

    def products(self, rows: Sequence[int]) -> list[Product]:
        """The products of some rows, in the order asked."""
        held: dict[int, Product] = {}
        for part in _parts([int(r) for r in dict.fromkeys(rows)]):
            marks = ",".join("?" * len(part))
            query = f"SELECT row, data FROM products WHERE row IN ({marks})"
            for row, data in self._db.execute(query, part):
                held[row] = Product.model_validate_json(data)
        return [held[int(row)] for row in rows]

    def ids(self) -> tuple[str, ...]:
        """All ids in row order."""
        return tuple(i for (i,) in self._db.execute("SELECT id FROM products ORDER BY row"))

    def ids_of(self, rows: Sequence[int]) -> list[str]:
        """The ids of some rows, in the order asked."""
        held: dict[int, str] = {}
        for part in _parts(list(rows)):
            marks = ",".join("?" * len(part))
            query = f"SELECT row, id FROM products WHERE row IN ({marks})"
            held.update(self._db.execute(query, part))
        return [held[row] for row in rows]

    def titles_of(self, rows: Sequence[int]) -> list[str]:
        """The titles of some rows, in the order asked."""
        held: dict[int, str] = {}
        for part in _parts(list(rows)):
            marks = ",".join("?" * len(part))
            query = f"SELECT row, title FROM products WHERE row IN ({marks})"
            held.update(self._db.execute(query, part))
        return [held[row] for row in rows]

    def titles(self) -> Iterator[str]:
        """All titles in row order."""
        return (t for (t,) in self._db.execute("SELECT title FROM products ORDER BY row"))

    def attribute(self, name: str) -> Iterator[tuple[int, str | None, float | None, str | None]]:
        """(row, text, number in base units, kind of unit) of every entry of one attribute."""
        query = "SELECT row, text, number, kind FROM attributes WHERE name = ? ORDER BY row, nth"
        yield from self._db.execute(query, (name,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _parts(members: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(members), 500):
        yield members[start : start + 500]


def save_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write a vocabulary as JSON."""
    path.write_text(json.dumps(vocabulary.to_json(), ensure_ascii=False), "utf-8")


def load_vocabulary(path: Path) -> Vocabulary:
    """Read what `save_vocabulary` wrote."""
    return Vocabulary.from_json(json.loads(path.read_text("utf-8")))
