"""Writing and reading one version of a catalogue: products in SQLite, filter columns in numpy."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tools.catalog.embedding import product_text, text_hash
from tools.catalog.units import to_base
from tools.catalog.vocabulary import FIELDS, AttributeSummary, Field, ValueCount, Vocabulary
from tools.domain import Product, Quantity
from tools.errors import CatalogError

PRODUCTS = "products.sqlite"
COLUMNS = "columns.npz"
VOCABULARY = "vocabulary.json"
EMBEDDINGS = "embeddings.npy"

_SCHEMA = """
CREATE TABLE products (
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, data TEXT NOT NULL,
  text TEXT NOT NULL, text_hash BLOB NOT NULL
);
CREATE TABLE attributes (
  name TEXT NOT NULL, row INTEGER NOT NULL, text TEXT, number REAL, unit TEXT
);
"""
_INDEXES = "CREATE INDEX attributes_by_name ON attributes (name);"
_BATCH = 2000


@dataclass(frozen=True)
class Members:
    """Which values of a field each row carries, in compressed rows (CSR).

    Row i carries the value codes `codes[starts[i]:starts[i + 1]]`, in the product's own order.
    """

    starts: NDArray[np.int64]
    codes: NDArray[np.int32]

    def of(self, row: int) -> NDArray[np.int32]:
        """The value codes of one row."""
        return self.codes[self.starts[row] : self.starts[row + 1]]

    def any_of(self, wanted: Iterable[int], values: int) -> NDArray[np.bool_]:
        """Mask of the rows that carry at least one of some codes (of `values` in all)."""
        table = np.zeros(values + 1, bool)
        table[list(wanted)] = True
        return self._rows_where(table[self.codes])

    def only_of(self, wanted: Iterable[int], values: int) -> NDArray[np.bool_]:
        """Mask of the rows that carry something, and nothing but some codes."""
        table = np.ones(values + 1, bool)
        table[list(wanted)] = False
        return (np.diff(self.starts) > 0) & ~self._rows_where(table[self.codes])

    def _rows_where(self, hits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        mask = np.zeros(len(self.starts) - 1, bool)
        positions = np.flatnonzero(hits)
        if len(positions) == len(self.codes) and len(positions):
            return np.diff(self.starts) > 0
        mask[np.searchsorted(self.starts, positions, side="right") - 1] = True
        return mask

    def first(self) -> NDArray[np.int32]:
        """The first code of every row, -1 where it has none."""
        return self._edge(self.starts[:-1])

    def last(self) -> NDArray[np.int32]:
        """The last code of every row (the narrowest category), -1 where it has none."""
        return self._edge(self.starts[1:] - 1)

    def _edge(self, positions: NDArray[np.int64]) -> NDArray[np.int32]:
        found = np.full(len(positions), -1, np.int32)
        has = np.diff(self.starts) > 0
        found[has] = self.codes[positions[has]]
        return found


@dataclass(frozen=True)
class Columns:
    """The columns that filters read, one entry a row."""

    price: NDArray[np.float64]
    """NaN in a catalogue without prices."""
    list_price: NDArray[np.float64]
    """NaN where there is none."""
    rating: NDArray[np.float64]
    """0 to 5, NaN where there is none."""
    reviews: NDArray[np.int64]
    """-1 where not known."""
    stock: NDArray[np.int64]
    """Pieces left, -1 where not known."""
    utility: NDArray[np.float64]
    """u_i of the choice model."""
    members: dict[Field, Members]


class ColumnWriter:
    """Gathers the columns of products as they come, in little memory."""

    def __init__(self) -> None:
        self._floats = {name: array("d") for name in ("price", "list_price", "rating")}
        self._ints = {name: array("q") for name in ("reviews", "stock")}
        self._codes: dict[Field, dict[str, int]] = {f: {} for f in FIELDS}
        self._names: dict[Field, list[str]] = {f: [] for f in FIELDS}
        self._counts: dict[Field, array[int]] = {f: array("q") for f in FIELDS}
        self._starts = {f: array("q", [0]) for f in FIELDS}
        self._members = {f: array("i") for f in FIELDS}
        self.rows = 0

    def add(self, product: Product) -> None:
        """The next row."""
        nan = float("nan")
        price, listed = product.price, product.list_price
        self._floats["price"].append(float(price.amount) if price else nan)
        self._floats["list_price"].append(float(listed.amount) if listed else nan)
        self._floats["rating"].append(nan if product.rating is None else product.rating)
        self._ints["reviews"].append(-1 if product.reviews is None else product.reviews)
        self._ints["stock"].append(-1 if product.stock is None else product.stock)
        values: dict[Field, Sequence[str]] = {
            "brand": (product.brand,) if product.brand else (),
            "color": product.colors,
            "category": product.categories,
            "size": product.sizes,
        }
        for field in FIELDS:
            codes = self._codes[field]
            for value in values[field]:
                code = codes.setdefault(value.casefold(), len(codes))
                if code == len(self._names[field]):
                    self._names[field].append(value)
                    self._counts[field].append(0)
                self._counts[field][code] += 1
                self._members[field].append(code)
            self._starts[field].append(len(self._members[field]))
        self.rows += 1

    def counts(self) -> dict[Field, list[tuple[str, int]]]:
        """Field -> values with counts, in code order."""
        return {f: list(zip(self._names[f], self._counts[f], strict=True)) for f in FIELDS}

    def columns(self, utility: NDArray[np.float64] | None = None) -> Columns:
        """What was gathered; `utility` defaults to zeros."""
        floats = {n: np.array(a, np.float64) for n, a in self._floats.items()}
        ints = {n: np.array(a, np.int64) for n, a in self._ints.items()}
        members = {
            f: Members(np.array(self._starts[f], np.int64), np.array(self._members[f], np.int32))
            for f in FIELDS
        }
        held = np.zeros(self.rows) if utility is None else np.asarray(utility, np.float64)
        return Columns(
            price=floats["price"],
            list_price=floats["list_price"],
            rating=floats["rating"],
            reviews=ints["reviews"],
            stock=ints["stock"],
            utility=held,
            members=members,
        )


def save_columns(columns: Columns, path: Path) -> None:
    """Write columns as an uncompressed .npz."""
    arrays = {
        name: getattr(columns, name)
        for name in ("price", "list_price", "rating", "reviews", "stock", "utility")
    }
    for field, members in columns.members.items():
        arrays[f"{field}_starts"], arrays[f"{field}_codes"] = members.starts, members.codes
    with path.open("wb") as stream:
        np.savez(stream, **arrays)


def load_columns(path: Path, rows: int) -> Columns:
    """Read what `save_columns` wrote.

    Raises:
        CatalogError: an array is missing or of another length.
    """
    with np.load(path, allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    try:
        members = {f: Members(arrays[f"{f}_starts"], arrays[f"{f}_codes"]) for f in FIELDS}
        plain = {
            name: arrays[name]
            for name in ("price", "list_price", "rating", "reviews", "stock", "utility")
        }
    except KeyError as missing:
        raise CatalogError(f"{path} lacks the column {missing}") from None
    if any(len(a) != rows for a in plain.values()):
        raise CatalogError(f"{path} does not have {rows} rows")
    return Columns(**plain, members=members)


class ProductWriter:
    """Writes products into a fresh SQLite file, in row order."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=OFF")
        self.db.execute("PRAGMA synchronous=OFF")
        self.db.executescript(_SCHEMA)
        self.db.execute("BEGIN")
        self._products: list[tuple[object, ...]] = []
        self._attributes: list[tuple[object, ...]] = []
        self._summaries: dict[str, _AttributeTally] = {}
        self.rows = 0

    def add(self, product: Product) -> None:
        """The next row."""
        text = product_text(product)
        self._products.append(
            (
                self.rows,
                product.id,
                product.title,
                product.model_dump_json(exclude_defaults=True),
                text,
                text_hash(text),
            )
        )
        for name, value in product.attributes.items():
            tally = self._summaries.setdefault(name, _AttributeTally())
            tally.count += 1
            for member in value if isinstance(value, tuple) else (value,):
                self._attributes.append((name, self.rows, *tally.take(member)))
        self.rows += 1
        if len(self._products) >= _BATCH:
            self._write()

    def _write(self) -> None:
        self.db.executemany("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?)", self._products)
        self.db.executemany("INSERT INTO attributes VALUES (?, ?, ?, ?, ?)", self._attributes)
        self._products, self._attributes = [], []

    def finish(self) -> dict[str, AttributeSummary]:
        """Write what is left and give what is known of the attributes, most frequent first."""
        self._write()
        self.db.execute("COMMIT")
        self.db.executescript(_INDEXES)
        ordered = sorted(self._summaries.items(), key=lambda p: (-p[1].count, p[0]))
        return {name: tally.summary(name) for name, tally in ordered[:1000]}

    def hashes(self) -> list[bytes]:
        """The text hash of every row."""
        return [h for (h,) in self.db.execute("SELECT text_hash FROM products ORDER BY row")]

    def texts(self, hashes: Sequence[bytes]) -> dict[bytes, str]:
        """Text hash -> text."""
        wanted = set(hashes)
        found: dict[bytes, str] = {}
        self.db.execute("CREATE INDEX IF NOT EXISTS by_text ON products (text_hash)")
        for key in wanted:
            row = self.db.execute(
                "SELECT text FROM products WHERE text_hash = ? LIMIT 1", (key,)
            ).fetchone()
            found[key] = row[0]
        return found

    def close(self) -> None:
        """Close the file."""
        self.db.execute("DROP INDEX IF EXISTS by_text")
        self.db.close()


class _AttributeTally:
    def __init__(self) -> None:
        self.count = 0
        self.texts: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.ranges: dict[str, tuple[float, float]] = {}

    def take(self, value: str | Quantity) -> tuple[str | None, float | None, str | None]:
        if isinstance(value, Quantity):
            kind, factor = to_base(value.unit)
            base = value.number * factor
            self.units[value.unit] += 1
            low, high = self.ranges.get(kind, (base, base))
            self.ranges[kind] = (min(low, base), max(high, base))
            return None, base, kind
        if value in self.texts or len(self.texts) < 5000:
            self.texts[value] += 1
        return value, None, None

    def summary(self, name: str) -> AttributeSummary:
        values = tuple(ValueCount(value=v, count=c) for v, c in self.texts.most_common(200))
        if not self.units:
            return AttributeSummary(name=name, count=self.count, values=values)
        unit = self.units.most_common(1)[0][0]
        kind, factor = to_base(unit)
        low, high = self.ranges[kind]
        return AttributeSummary(
            name=name,
            count=self.count,
            values=values,
            lower=low / factor,
            upper=high / factor,
            unit=unit,
        )


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

    def titles(self) -> Iterator[str]:
        """All titles in row order."""
        return (t for (t,) in self._db.execute("SELECT title FROM products ORDER BY row"))

    def attribute(self, name: str) -> Iterator[tuple[int, str | None, float | None, str | None]]:
        """(row, text, number in base units, kind of unit) of every entry of one attribute."""
        query = "SELECT row, text, number, unit FROM attributes WHERE name = ?"
        yield from self._db.execute(query, (name,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


T = TypeVar("T")


def _parts(members: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(members), 500):
        yield members[start : start + 500]


def save_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write a vocabulary as JSON."""
    path.write_text(json.dumps(vocabulary.to_json(), ensure_ascii=False), "utf-8")


def load_vocabulary(path: Path) -> Vocabulary:
    """Read what `save_vocabulary` wrote."""
    return Vocabulary.from_json(json.loads(path.read_text("utf-8")))


def load_embeddings(path: Path, rows: int, dimension: int) -> NDArray[np.float32]:
    """The vectors of all rows, memory-mapped, read-only.

    Raises:
        CatalogError: the file holds something else.
    """
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise CatalogError(f"{path} cannot be read: {error}") from None
    if matrix.shape != (rows, dimension) or matrix.dtype != np.float32:
        raise CatalogError(f"{path} does not hold {rows} vectors of {dimension} float32 numbers")
    return np.asarray(matrix)
