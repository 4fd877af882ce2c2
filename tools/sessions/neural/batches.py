"""From sessions to padded batches, without a Python loop over sessions.

A *training pair* is a prefix of a session and the item that came after it. Networks that are
causal learn from all prefixes of a session in one pass (`whole`); a network whose picture of a
prefix cannot be shared with a longer one (SR-GNN) gets every prefix as a row of its own
(`prefixes`). Either way an epoch sees every pair exactly once, and a batch holds about the same
number of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.sessions.data import UNKNOWN, Ints, Sessions

Index = NDArray[np.int64]

# Whole sessions of near-equal length are put together within a pool of this many batches: little
# padding, and still a different mixture in every epoch. A session brings its short prefixes with
# it; rows that are prefixes would make batches of short ones alone, from which SR-GNN learns less.
_POOL = 24


@dataclass(frozen=True)
class Batch:
    """Rows of item indices, padded on the right with 0.

    items: (rows, width) int64.
    lengths: (rows,) int64, at least 1.
    row, step: (n,) int64, where each pair's prefix ends; `items[row, step]` is its last item.
    targets: (n,) int64, the item after each prefix; -1 where it is unknown.
    """

    items: Tensor
    lengths: Tensor
    row: Tensor
    step: Tensor
    targets: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        parts = (self.items, self.lengths, self.row, self.step, self.targets)
        return Batch(*(part.to(device) for part in parts))


@dataclass(frozen=True)
class Corpus:
    """Training sequences, each at least two items long, as one flat array with offsets."""

    items: Ints
    offsets: Index

    @classmethod
    def of(cls, sessions: Sessions) -> Corpus:
        """Sessions with their next items appended; what is shorter than two items is left out."""
        whole = sessions.sequences()
        lengths = whole.lengths
        keep = lengths >= 2
        ends = np.cumsum(lengths[keep])
        return cls(whole.items[np.repeat(keep, lengths)], np.concatenate([[0], ends]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_pairs(self) -> int:
        """Prefix-and-next-item pairs."""
        return len(self.items) - len(self)

    def next_counts(self, n_items: int) -> Tensor:
        """(n_items,) how often each item comes next."""
        first = np.zeros(len(self.items), dtype=bool)
        first[self.offsets[:-1]] = True
        return torch.from_numpy(np.bincount(self.items[~first], minlength=n_items))


def _ragged(starts: Index, lengths: Index, flat: Ints) -> tuple[Index, NDArray[np.bool_]]:
    """Rows `flat[start : start + length]`, padded on the right with 0, and where items stand."""
    width = int(lengths.max())
    column = np.arange(width, dtype=np.int64)
    real = column[None, :] < lengths[:, None]
    where = np.where(real, starts[:, None] + column, 0)
    return np.where(real, flat[where], 0).astype(np.int64), real


def _windows(corpus: Corpus, max_length: int) -> tuple[Index, Index]:
    """Starts and lengths of pieces with at most `max_length` inputs; each pair is in one piece."""
    lengths = np.diff(corpus.offsets)
    pieces = -(-(lengths - 1) // max_length)
    sequence = np.repeat(np.arange(len(corpus)), pieces)
    nth = np.arange(len(sequence)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    starts = corpus.offsets[sequence] + nth * max_length
    # A piece holds its inputs and the one item after them.
    sizes = np.minimum(corpus.offsets[sequence + 1] - starts, max_length + 1)
    return starts.astype(np.int64), sizes.astype(np.int64)


def _pooled(size: Index, batch: int, rng: np.random.Generator) -> list[Index]:
    """Rows of like size in groups that hold about `batch` items in all, in random order."""
    if not len(size):
        return []
    order = rng.permutation(len(size))
    pool = np.cumsum(size[order]) // (batch * _POOL)
    order = order[np.lexsort((size[order], pool))]
    # lexsort is stable, so that the pools stay in place and equal sizes keep their random order.
    group = (np.cumsum(size[order]) - 1) // batch
    groups = np.split(order, np.flatnonzero(np.diff(group)) + 1)
    return [groups[i] for i in rng.permutation(len(groups))]


def whole_batches(
    corpus: Corpus,
    batch: int,
    max_length: int,
    rng: np.random.Generator,
    *,
    rank: int = 0,
    world: int = 1,
) -> Iterator[Batch]:
    """One epoch of whole sequences; every step of a row is a pair, about `batch` pairs a batch.

    Sequences with more than `max_length` inputs are cut into pieces. With `world` > 1 the batches
    are dealt out to the ranks, as many to each; up to `world` - 1 batches are left out.
    """
    starts, sizes = _windows(corpus, max_length)
    for rows in _dealt(_pooled(sizes - 1, batch, rng), rank, world):
        at, inputs = starts[rows], sizes[rows] - 1
        items, real = _ragged(at, inputs, corpus.items)
        row, step = np.nonzero(real)
        targets = corpus.items[at[row] + step + 1].astype(np.int64)
        yield _batch(items, inputs, row, step, targets)


def prefix_batches(
    corpus: Corpus,
    batch: int,
    max_length: int,
    rng: np.random.Generator,
    *,
    rank: int = 0,
    world: int = 1,
) -> Iterator[Batch]:
    """One epoch of prefixes, one pair a row, at most `batch` rows; the last `max_length` items."""
    lengths = np.diff(corpus.offsets)
    first = np.repeat(corpus.offsets[:-1], lengths - 1)
    end = np.ones(len(corpus.items), dtype=bool)
    end[corpus.offsets[:-1]] = False
    ends = np.flatnonzero(end)  # the place of each pair's next item
    starts = np.maximum(first, ends - max_length)
    sizes = ends - starts
    order = rng.permutation(len(sizes))
    groups = [order[at : at + batch] for at in range(0, len(order), batch)]
    for rows in _dealt(groups, rank, world):
        items, _ = _ragged(starts[rows], sizes[rows], corpus.items)
        row = np.arange(len(rows))
        targets = corpus.items[ends[rows]].astype(np.int64)
        yield _batch(items, sizes[rows], row, sizes[rows] - 1, targets)


def _dealt(groups: list[Index], rank: int, world: int) -> list[Index]:
    return groups[: len(groups) // world * world][rank::world] if world > 1 else groups


def _batch(items: Index, lengths: Index, row: Index, step: Index, targets: Index) -> Batch:
    return Batch(*(torch.from_numpy(part) for part in (items, lengths, row, step, targets)))


def warm(sessions: Sessions, n_items: int) -> Sessions:
    """The sessions without the items that training has not seen (index >= n_items).

    A target among those becomes unknown.
    """
    known = sessions.items < n_items
    targets = np.where(sessions.targets < n_items, sessions.targets, UNKNOWN).astype(np.int32)
    if known.all():
        return Sessions(sessions.items, sessions.offsets, targets)
    offsets = np.concatenate([[0], np.cumsum(known)])[sessions.offsets].astype(np.int64)
    return Sessions(sessions.items[known], offsets, targets)


def scoring_batches(
    sessions: Sessions, max_length: int, cells: int = 1 << 15
) -> Iterator[tuple[Index, Batch]]:
    """Sessions to score, shortest first, with the indices of the rows in each batch.

    Only the last `max_length` items count. Sessions without an item are not given out. A batch
    has at most `cells` padded items (and at least one row).
    """
    lengths = np.minimum(sessions.lengths, max_length)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    at = 0
    while at < len(order):
        # The rows are sorted by length: the longest of the next `count` is the last one.
        reach = order[at : at + max(1, cells // int(lengths[order[at]]))]
        fits = np.arange(1, len(reach) + 1) * lengths[reach] <= cells
        rows = reach[: max(1, int(fits.sum()))]
        sizes = lengths[rows]
        padded, _ = _ragged(sessions.offsets[rows + 1] - sizes, sizes, sessions.items)
        targets = sessions.targets[rows].astype(np.int64)
        yield rows, _batch(padded, sizes, np.arange(len(rows)), sizes - 1, targets)
        at += len(rows)
