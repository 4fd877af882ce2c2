"""One session at a time: what `Parts.candidates` gives for a row, without building matrices.

A warm answer to one shopper spends most of its time on making sparse matrices of one row, not on
the arithmetic. Here the same sums are taken in the same order and precision straight from the
arrays of the learned matrices, so that the features are equal bit by bit to those of a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import ItemKNN, SequentialRules, ages, last_views
from tools.sessions.data import Ints, Sessions
from tools.sessions.neighbours import VSKNN
from tools.sessions.protocol import top_k

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
        scale = 1 / (best if best > 0 else np.float32(1))
        return Row(self.items, (self.values * scale).astype(np.float32))

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


def largest(values: NDArray[Any], k: int, *, late: bool = False) -> Index:
    """Places of the k largest of more than k values; of equal ones the first, or the last."""
    edge = np.partition(values, len(values) - k)[len(values) - k]
    above = np.flatnonzero(values > edge)
    level = np.flatnonzero(values == edge)
    short = k - len(above)
    return np.concatenate([above, level[len(level) - short :] if late else level[:short]])


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

    def weighted(self, rows: Index, weights: Floats, scratch: Floats) -> Row:
        """The sum of the rows, each times its weight.

        Args:
            rows: rising, as a sparse product meets them.
            weights: one per row.
            scratch: zeros, one per column; zeros again afterwards.
        """
        if not len(rows):
            return NOTHING
        if len(rows) == 1:
            part = slice(self.starts[rows[0]], self.starts[rows[0] + 1])
            return Row(self.columns[part].astype(np.int64), weights[0] * self.data[part])
        places, sizes = self.gather(rows)
        columns = self.columns[places].astype(np.int64)
        return summed(columns, weights.repeat(sizes) * self.data[places], scratch)


def summed(columns: Index, values: Floats, scratch: Floats) -> Row:
    """Values of equal columns added up, in their order and in single precision."""
    if not len(columns):
        return NOTHING
    np.add.at(scratch, columns, values)
    ordered = np.sort(columns)
    fresh = np.empty(len(ordered), bool)
    fresh[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    items = ordered[fresh]
    total = scratch[items]
    scratch[items] = 0
    return Row(items, total)


class Views:
    """The views of one session: each item once, by its last view.

    Attributes:
        items: int64, rising.
        age: how many views came after, int64.
    """

    def __init__(self, session: Sessions) -> None:
        if len(session) != 1:
            raise ValueError(f"one session is asked at a time, not {len(session)}")
        if len(session.items) < 2:
            items, age = session.items.astype(np.int64), np.zeros(len(session.items), np.int64)
        else:
            fresh = last_views(session)
            items, age = session.items[fresh].astype(np.int64), ages(session)[fresh]
            order = np.argsort(items)
            items, age = items[order], age[order]
        self.items, self.age = items, age
        self._weights: dict[float, tuple[Index, Floats]] = {}

    def weights(self, decay: float) -> tuple[Index, Floats]:
        """Items and their weights, as `tools.sessions.counting.view_weights` gives them."""
        if decay not in self._weights:
            if decay == 0:
                kept = self.age == 0
                weight = np.ones(kept.sum(), np.float32)
            else:
                grown = decay**self.age
                kept = grown > 1e-6
                weight = grown[kept].astype(np.float32)
            self._weights[decay] = self.items[kept], weight
        return self._weights[decay]


class Neighbours:
    """Several `VSKNN` over the same training sessions, asked together.

    Args:
        models: by name, all fitted on the same sequences.
    """

    def __init__(self, models: dict[str, VSKNN]) -> None:
        self.models = models
        some = next(iter(models.values()))
        self.held = Csr(some.held)
        self.by_item = Csr(some._by_item)

    def rows(self, views: Views, scratch: Floats) -> dict[str, Row]:
        """The scores of each model."""
        near = views.age < 1000
        items, age = (
            (views.items, views.age) if near.all() else (views.items[near], views.age[near])
        )
        places, sizes = self.by_item.gather(items)
        if not len(places):
            return dict.fromkeys(self.models, NOTHING)
        sessions, own = self.by_item.columns[places], None
        if len(items) > 1:
            sessions, own = np.unique(sessions, return_inverse=True)

        def like(weight: NDArray[Any]) -> NDArray[np.float64]:
            spread: NDArray[np.float64] = weight.repeat(sizes)
            return spread if own is None else np.bincount(own, spread).astype(np.float64)

        last = 1 - np.frexp(like(2.0**-age))[1]
        found = {}
        for name, model in self.models.items():
            value = like(model.similarity_decay**age) * model._scale[sessions]
            voters, back = sessions, last
            if len(value) > model.neighbours:
                kept = np.sort(largest(value, model.neighbours, late=True))
                value, voters, back = value[kept], sessions[kept], last[kept]
            vote = (value * model.vote_decay**back).astype(np.float32)
            entries, counts = self.held.gather(voters)
            columns = self.held.columns[entries].astype(np.int64)
            row = summed(columns, vote.repeat(counts), scratch)
            found[name] = Row(row.items, row.values * model._idf[row.items])
        return found


def first_of(told: NDArray[Any], k: int) -> Index:
    """The k items a score over the whole catalogue puts first, equal ones by index."""
    from tools.sessions.kernels import block_best

    if len(told) <= k:
        return np.arange(len(told))
    size = len(told) // (10 * k)
    if size < 2:
        return largest(told, k)
    # The best of each of many blocks: the k-th of them is no larger than the k-th of all.
    blocks = np.empty(len(told) // size, told.dtype)
    block_best(told, size, blocks)
    floor = np.partition(blocks, len(blocks) - k)[len(blocks) - k]
    above = np.flatnonzero(told > floor)
    if len(above) > k:
        return above[largest(told[above], k)]
    return np.concatenate([above, np.flatnonzero(told == floor)[: k - len(above)]])


class OneRow:
    """The counting parts of a hybrid, asked about one session.

    Args:
        counters: session-kNN, item-kNN and rules by name, fitted on the same sequences.
        back: the transpose of the rules.
    """

    def __init__(self, counters: dict[str, Any], back: csr_array) -> None:
        knn = {name: c for name, c in counters.items() if isinstance(c, VSKNN)}
        self.neighbours = Neighbours(knn)
        self.products: dict[str, tuple[Csr, float]] = {}
        for name, counter in counters.items():
            if isinstance(counter, ItemKNN):
                self.products[name] = Csr(counter.similar), counter.decay
            elif isinstance(counter, SequentialRules):
                self.products[name] = Csr(counter.rules), counter.decay
        self.order = [*counters, "back"]
        self.products["back"] = Csr(back), 0.6
        self.n_items = self.products["back"][0].width

    def rows(self, views: Views) -> dict[str, Row]:
        """Each part's scores, in the order of the features, with "knn+rules" at the end."""
        scratch = np.zeros(self.n_items, np.float32)
        found = self.neighbours.rows(views, scratch)
        for name, (matrix, decay) in self.products.items():
            found[name] = matrix.weighted(*views.weights(decay), scratch)
        knn, rules = found["knn"].over_best(), found["rules last"].over_best()
        both = summed(
            np.concatenate([knn.items, rules.items]),
            np.concatenate([knn.values, np.float32(0.5) * rules.values]),
            scratch,
        )
        return {name: found[name] for name in self.order} | {"knn+rules": both}


def sparse_columns(rows: list[Row], items: Index) -> Floats:
    """Features of the counting parts: of best, its logarithm and place, [3 * parts, items]."""
    from tools.sessions.kernels import values_at

    value = np.empty((len(rows), len(items)), np.float32)
    for row, told in zip(rows, value, strict=True):
        values_at(row.items, row.values, items, told)
    best = value.max(axis=1, initial=0, keepdims=True)
    features = np.empty((3 * len(rows), len(items)), np.float32)
    relative = np.divide(value, np.maximum(best, np.float32(1e-12)), out=features[0::3])
    features[1::3] = np.log(relative + 1e-3) / 6.9 + 1
    place_scores(value, features[2::3])
    return features


def place_scores(value: Floats, told: Floats) -> None:
    """Write `tools.sessions.features.place_score` of every row of a matrix."""
    from tools.sessions.kernels import places

    # As whole numbers in the order of the values, with the column in the lower half: numpy sorts
    # these in vector registers, while its argsort is slow where many values are equal.
    bits = value.view(np.int32)
    ordered = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64) << 32
    ordered |= np.arange(value.shape[1])
    ordered.sort(axis=1)
    places(value, ordered & 0xFFFFFFFF, told)


def item_columns(views: Views, session: Sessions, counts: Floats, items: Index) -> Floats:
    """Popularity, cold, viewed, how often, how lately, [5, items]."""
    count = counts[items]
    features = np.zeros((5, len(items)), np.float32)
    features[0] = np.log1p(count)
    features[1] = count == 0
    if len(views.items):
        place = np.minimum(np.searchsorted(views.items, items), len(views.items) - 1)
        hit = np.flatnonzero(views.items[place] == items)
        if len(hit):
            often = np.bincount(np.searchsorted(views.items, session.items))
            place = place[hit]
            features[2, hit] = 1
            features[3, hit] = np.log1p(often[place])
            features[4, hit] = 1 / (1.0 + views.age[place])
    return features


def model_first(dense: Floats, k: int) -> Index:
    """Items a dense model puts first, [1, n_items] -> at most k."""
    ids: Ints = top_k(dense, k).ids[0]
    return ids[ids >= 0].astype(np.int64)
