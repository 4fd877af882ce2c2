"""The columns of a catalogue as numpy arrays: what filters read, one entry a row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.catalog.vocabulary import FIELDS, Field
from tools.domain import Product
from tools.errors import CatalogError

_PLAIN = ("price", "list_price", "rating", "reviews", "stock", "utility")


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

    def counts(self, values: int) -> NDArray[np.int64]:
        """Number of rows that carry each code, shape (values,)."""
        return np.bincount(self.codes, minlength=values).astype(np.int64)

    def followed_by(self, other: Members) -> Members:
        """These rows, then the others; the codes must mean the same."""
        starts = np.concatenate([self.starts, other.starts[1:] + self.starts[-1]])
        return Members(starts, np.concatenate([self.codes, other.codes]))

    def take(self, rows: NDArray[np.int64]) -> Members:
        """Some rows, in the order asked."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        offsets = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        return Members(starts, self.codes[np.repeat(self.starts[:-1][rows], lengths) + offsets])

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

    def followed_by(self, other: Columns) -> Columns:
        """These rows, then the others."""
        plain = {n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in _PLAIN}
        members = {f: self.members[f].followed_by(other.members[f]) for f in FIELDS}
        return Columns(**plain, members=members)

    def take(self, rows: NDArray[np.int64]) -> Columns:
        """Some rows, in the order asked."""
        plain = {name: getattr(self, name)[rows] for name in _PLAIN}
        return Columns(**plain, members={f: self.members[f].take(rows) for f in FIELDS})


class ColumnWriter:
    """Gathers the columns of products as they come, in little memory.

    Args:
        names: values that have codes already, in code order; new ones come after them.
    """

    def __init__(self, names: Mapping[Field, Sequence[str]] | None = None) -> None:
        self._floats = {name: array("d") for name in ("price", "list_price", "rating")}
        self._ints = {name: array("q") for name in ("reviews", "stock")}
        self._codes: dict[Field, dict[str, int]] = {f: {} for f in FIELDS}
        self._names: dict[Field, list[str]] = {f: [] for f in FIELDS}
        self._counts: dict[Field, array[int]] = {f: array("q") for f in FIELDS}
        for field, values in (names or {}).items():
            self._names[field] = list(values)
            self._codes[field] = {value.casefold(): code for code, value in enumerate(values)}
            self._counts[field] = array("q", bytes(8 * len(values)))
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

    @property
    def names(self) -> dict[Field, list[str]]:
        """Field -> values in code order."""
        return self._names

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
    arrays = {name: getattr(columns, name) for name in _PLAIN}
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
        plain = {name: arrays[name] for name in _PLAIN}
    except KeyError as missing:
        raise CatalogError(f"{path} lacks the column {missing}") from None
    if any(len(a) != rows for a in plain.values()):
        raise CatalogError(f"{path} does not have {rows} rows")
    return Columns(**plain, members=members)
