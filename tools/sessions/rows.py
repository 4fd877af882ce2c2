"""Single rows of sparse matrices, and the largest of many values.

An answer to one shopper would spend most of its time on making sparse matrices of one row; these
are the same sums taken straight from the arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float32]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """One row of a sparse matrix.

    Attributes:
        items: int64, rising.
        values: float32.
    """

    items: Index
    values: Floats

    def over_best(self) -> Row:
        """Every value divided by the largest."""
        best = self.values.max(initial=0)
        return Row(self.items, self.values / best if best > 0 else self.values)

    def plus(self, other: Row, weight: float) -> Row:
        """The sum of this row and `weight` times another."""
        from tools.sessions.kernels import merged

        size = len(self.items) + len(other.items)
        items, values = np.empty(size, np.int64), np.empty(size, np.float32)
        scaled = np.float32(weight) * other.values
        count = merged(self.items, self.values, other.items, scaled, items, values)
        return Row(items[:count], values[:count])

    def first(self, k: int) -> Index:
        """Items of the k largest positive values; equal ones in the order of the index."""
        kept = self.values > 0
        items, values = (
            (self.items, self.values) if kept.all() else (self.items[kept], self.values[kept])
        )
        if len(items) <= k:
            return items
        return items[largest(values, k)]


NOTHING = Row(np.empty(0, np.int64), np.empty(0, np.float32))


class Sums:
    """Room to add up sparse rows of one width; empty again after each use, for one thread."""

    def __init__(self, width: int) -> None:
        self.value = np.zeros(width, np.float32)
        self.seen = np.zeros(width, bool)
        self.touched = np.empty(width, np.int64)

    def take(self, count: int) -> Row:
        """The first `count` columns touched with their sums, and empty the room."""
        items = np.sort(self.touched[:count])
        row = Row(items, self.value[items])
        self.value[items] = 0
        self.seen[items] = False
        return row


class Csr:
    """The arrays of a CSR matrix, ready to be indexed by row."""

    def __init__(self, matrix: csr_array) -> None:
        matrix.sort_indices()
        self.starts = matrix.indptr.astype(np.int64)
        self.columns = matrix.indices
        self.data = matrix.data
        self.width = matrix.shape[1]

    def gather(self, rows: NDArray[np.integer[Any]]) -> tuple[Index, Index]:
        """Where the entries of the rows stand, row after row, and how many each has."""
        starts = self.starts[rows]
        sizes = self.starts[rows + 1] - starts
        ends = sizes.cumsum()
        total = int(ends[-1]) if len(ends) else 0
        return np.arange(total) + (starts - ends + sizes).repeat(sizes), sizes

    def weighted(self, rows: NDArray[np.integer[Any]], weights: Floats, room: Sums) -> Row:
        """The sum of the rows, each times its weight."""
        from tools.sessions.kernels import gather_rows

        if len(rows) == 1:
            part = slice(self.starts[rows[0]], self.starts[rows[0] + 1])
            return Row(self.columns[part].astype(np.int64), weights[0] * self.data[part])
        held = self.starts, self.columns, self.data
        return room.take(gather_rows(*held, rows, weights, room.value, room.seen, room.touched))


def largest(values: NDArray[Any], k: int, *, late: bool = False) -> Index:
    """Places of the k largest of more than k values; of equal ones the first, or the last."""
    edge = np.partition(values, len(values) - k)[len(values) - k]
    above = np.flatnonzero(values > edge)
    level = np.flatnonzero(values == edge)
    short = k - len(above)
    return np.concatenate([above, level[len(level) - short :] if late else level[:short]])


def first_of(told: NDArray[Any], k: int) -> Index:
    """The k items a score over the whole catalogue puts first, equal ones by index."""
    if len(told) <= k:
        return np.arange(len(told))
    size = len(told) // (10 * k)
    if size < 2:
        return largest(told, k)
    # The best of each of many groups: the k-th of them is no larger than the k-th of all.
    groups = len(told) // size
    table = told[: size * groups].reshape(size, groups)
    best = table.max(axis=0)
    floor = np.partition(best, groups - k)[groups - k]
    near = np.flatnonzero(best >= floor)
    places = np.flatnonzero(table[:, near] >= floor)
    items = places // len(near) * groups + near[places % len(near)]
    tail = size * groups + np.flatnonzero(told[size * groups :] >= floor)
    items = np.concatenate([items, tail])
    return items[largest(told[items], k)] if len(items) > k else items
