"""Sessions as arrays: what a shopper viewed, oldest first, and the item that came next.

Items are integers, the index into `SessionData.item_ids`. The vocabulary is ordered: items seen in
the training sessions come first (index < `n_train_items`), then items that only validation
sessions or the products file name. A model of ids has no opinion (-inf) about the later ones; text
can score them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.errors import SessionError

if TYPE_CHECKING:
    from tools.sessions.products import Products

Ints = NDArray[np.int32]
Offsets = NDArray[np.int64]

UNKNOWN = -1
"""The target of a row whose next item is not known, or not in the vocabulary."""


def picked(offsets: Offsets, index: Offsets) -> tuple[Offsets, Offsets]:
    """Rows taken out of a compressed form.

    Args:
        offsets: int64, length rows + 1; row i is the entries `offsets[i]` to `offsets[i + 1] - 1`.
        index: int64, the rows that are taken, in their new order.

    Returns:
        The offsets of the taken rows, and the place of each of their entries in the old form.
    """
    starts, lengths = offsets[index], offsets[index + 1] - offsets[index]
    new = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    within = np.arange(new[-1]) - np.repeat(new[:-1], lengths)
    return new, np.repeat(starts, lengths) + within


@dataclass(frozen=True)
class Turns:
    """What was said in a chat beside the views of each row, in compressed form.

    Attributes:
        steps: int64 [turns], how many of the row's items had been viewed before.
        vectors: float32 [turns, dimension], what was said.
        offsets: int64, length rows + 1; row i has turns offsets[i] to offsets[i + 1] - 1.
    """

    steps: Offsets
    vectors: NDArray[np.float32]
    offsets: Offsets

    @classmethod
    def of(
        cls,
        row: Sequence[int] | Offsets,
        step: Sequence[int] | Offsets,
        vectors: NDArray[np.float32],
        rows: int,
    ) -> Turns:
        """From the row and the step of every turn; turns of a row keep their order.

        Raises:
            SessionError: a turn belongs to no row.
        """
        owner = np.asarray(row, np.int64)
        if len(owner) and (owner.min() < 0 or owner.max() >= rows):
            raise SessionError(f"a turn belongs to session {int(owner.max())} of {rows}")
        order = np.argsort(owner, kind="stable")
        offsets = np.searchsorted(owner[order], np.arange(rows + 1)).astype(np.int64)
        return cls(np.asarray(step, np.int64)[order], vectors[order], offsets)

    @property
    def row_of(self) -> Offsets:
        """For every turn the row it belongs to, int64."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def take(self, index: Offsets) -> Turns:
        """The turns of the named rows, in that order."""
        offsets, places = picked(self.offsets, index)
        return Turns(self.steps[places], self.vectors[places], offsets)


@dataclass(frozen=True)
class Sessions:
    """Rows of viewed items in compressed form; row i is `items[offsets[i]:offsets[i + 1]]`.

    Attributes:
        items: int32, item indices, oldest view first within a row; a row may be empty.
        offsets: int64, length rows + 1, starts at 0.
        targets: int32, length rows: the item that came next, `UNKNOWN` where there is none.
        said: the chat beside the views, None where none was read; rows that are made from others
            (`latest`, `sequences`, `prefixes`) are without it.
    """

    items: Ints
    offsets: Offsets
    targets: Ints
    said: Turns | None = None

    @classmethod
    def from_rows(
        cls, rows: Iterable[Sequence[int]], targets: Sequence[int] | None = None
    ) -> Sessions:
        """From lists of item indices; targets are `UNKNOWN` when not given."""
        kept = [np.asarray(row, np.int32) for row in rows]
        offsets = np.zeros(len(kept) + 1, np.int64)
        np.cumsum([len(row) for row in kept], out=offsets[1:])
        items = np.concatenate(kept) if kept else np.empty(0, np.int32)
        if targets is None:
            targets = [UNKNOWN] * len(kept)
        if len(targets) != len(kept):
            raise ValueError(f"{len(kept)} rows but {len(targets)} targets")
        return cls(items.astype(np.int32), offsets, np.asarray(targets, np.int32))

    def __len__(self) -> int:
        return len(self.targets)

    def __iter__(self) -> Iterator[Ints]:
        for start, end in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            yield self.items[start:end]

    @property
    def lengths(self) -> Offsets:
        """Number of viewed items per row, int64 [rows]."""
        return np.diff(self.offsets)

    @property
    def row_of(self) -> Offsets:
        """For every entry of `items` the row it belongs to, int64."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def row(self, i: int) -> Ints:
        """The viewed items of one row, oldest first."""
        return self.items[self.offsets[i] : self.offsets[i + 1]]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Sessions:
        """The named rows (indices or a mask), in that order."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else np.asarray(rows, np.int64)
        offsets, places = picked(self.offsets, index)
        said = self.said.take(index) if self.said else None
        return Sessions(self.items[places], offsets, self.targets[index], said)

    def batches(self, size: int) -> Iterator[Sessions]:
        """Consecutive slices of at most `size` rows."""
        for start in range(0, len(self), size):
            yield self.slice(start, min(start + size, len(self)))

    def slice(self, start: int, end: int) -> Sessions:
        """Rows start to end - 1, without copying the items."""
        low, high = self.offsets[start], self.offsets[end]
        offsets = self.offsets[start : end + 1] - low
        said = self.said.take(np.arange(start, end)) if self.said else None
        return Sessions(self.items[low:high], offsets, self.targets[start:end], said)

    def latest(self, count: int) -> Sessions:
        """Only the last `count` views of every row."""
        lengths = np.minimum(self.lengths, count)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        items = self.items[np.repeat(self.offsets[1:] - lengths, lengths) + within]
        return Sessions(items, offsets, self.targets)

    def sequences(self) -> Sessions:
        """Every row with its target appended (where known): the whole of what was viewed."""
        known = self.targets >= 0
        lengths = self.lengths + known
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        items = np.empty(offsets[-1], np.int32)
        ends = offsets[1:][known] - 1
        kept = np.ones(offsets[-1], bool)
        kept[ends] = False
        items[kept] = self.items
        items[ends] = self.targets[known]
        return Sessions(items, offsets, np.full(len(self), UNKNOWN, np.int32))

    def prefixes(self, longest: int | None = None) -> Sessions:
        """Prefix expansion: a, b, c, d gives a -> b; a, b -> c; a, b, c -> d.

        Tan, Xu and Liu, "Improved recurrent neural networks for session-based recommendations",
        DLRS 2016. The row's own target is the last of them. Rows stand grouped by session, the
        shortest first.

        Args:
            longest: keep only the last so many views of every prefix.
        """
        whole = self.sequences()
        counts = np.maximum(whole.lengths - 1, 0)
        session = np.repeat(np.arange(len(whole)), counts)
        start = np.concatenate([[0], np.cumsum(counts)])[:-1]
        size = np.arange(counts.sum()) - np.repeat(start, counts) + 1
        first = whole.offsets[session]
        targets = whole.items[first + size]
        if longest is not None:
            first = first + np.maximum(size - longest, 0)
            size = np.minimum(size, longest)
        offsets = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], size)
        return Sessions(whole.items[np.repeat(first, size) + within], offsets, targets)

    def padded(self, length: int, fill: int = UNKNOWN) -> Ints:
        """The last `length` views as a matrix [rows, length], filled on the left."""
        last = self.latest(length)
        matrix = np.full((len(self), length), fill, np.int32)
        within = np.arange(len(last.items)) - np.repeat(last.offsets[:-1], last.lengths)
        column = length - np.repeat(last.lengths, last.lengths) + within
        matrix[last.row_of, column] = last.items
        return matrix

    def mapped(self, table: Ints) -> Sessions:
        """Items renumbered by `table`; views that map to `UNKNOWN` are dropped."""
        targets = np.where(self.targets >= 0, table[self.targets], UNKNOWN).astype(np.int32)
        whole = replace(self, items=table[self.items], targets=targets)
        return whole.without_unknown()

    def without_unknown(self) -> Sessions:
        """The rows without views of `UNKNOWN` items."""
        kept = self.items >= 0
        if kept.all():
            return self
        before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        offsets = before[self.offsets]
        said = self.said
        if said is not None:
            first = self.offsets[:-1][said.row_of]
            place = first + np.minimum(said.steps, self.lengths[said.row_of])
            said = replace(said, steps=before[place] - before[first])
        return Sessions(self.items[kept], offsets, self.targets, said)


def drawn_rows(rows: int, most: int, seed: int = 0) -> NDArray[np.int64]:
    """At most so many of the rows, drawn at random, in their order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def stitched(parts: Sequence[Sessions]) -> Sessions:
    """Rows of several sets as training sessions, overlapping rows put together.

    Where rows are growing histories (a row's views are those of an earlier row and its target,
    or the last so many of them), counting each row would count the same views many times. Rows
    are put together when most of the longer rows of the later sets continue a known one;
    otherwise they are different sessions that happen to begin alike, and simply follow.
    """
    rows = joined(parts)
    window = int(rows.lengths.max(initial=0))
    order = np.argsort(rows.lengths, kind="stable")
    tails: dict[bytes, int] = {}
    grown: list[list[int]] = []
    longer = continued = 0
    first = len(parts[0])
    for i in order:
        views, target = rows.row(i), int(rows.targets[i])
        if target < 0:
            continue
        place = tails.pop(views.tobytes(), None)
        if i >= first and len(views) > 1:
            longer += 1
            continued += place is not None
        if place is None:
            place = len(grown)
            grown.append([*views.tolist(), target])
        else:
            grown[place].append(target)
        tails[np.asarray(grown[place][-window:], np.int32).tobytes()] = place
    if continued <= 0.5 * longer:
        return rows
    return Sessions.from_rows([row[:-1] for row in grown], [row[-1] for row in grown])


def joined(parts: Sequence[Sessions]) -> Sessions:
    """The rows of several sets, one after the other."""
    starts = np.cumsum([0, *(len(p.items) for p in parts)])
    offsets = [p.offsets[:-1] + start for p, start in zip(parts, starts, strict=False)]
    return Sessions(
        np.concatenate([p.items for p in parts]),
        np.concatenate([*offsets, starts[-1:]]).astype(np.int64),
        np.concatenate([p.targets for p in parts]),
    )


@dataclass(frozen=True)
class SessionData:
    """A data set of sessions over one vocabulary.

    Attributes:
        item_ids: the shop's ids; an item's index is its place here.
        n_train_items: items below this index occur in `train`; the others are cold.
        train: one row per session; expand with `train.prefixes()`.
        valid: rows to choose settings on and to stop by; each row is scored as it stands.
        test: rows to report on.
        products: texts and attributes in the order of `item_ids`, None when there are none.
        name: of the data, for reports.
        notes: what reading had to decide or leave out, as key and sentence.
        prefix_rows: test rows are prefixes of sessions at every length, not whole ones.
    """

    item_ids: list[str]
    n_train_items: int
    train: Sessions
    valid: Sessions
    test: Sessions
    products: Products | None = None
    name: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    prefix_rows: bool = False

    @property
    def n_items(self) -> int:
        """Size of the vocabulary, cold items included."""
        return len(self.item_ids)

    def index(self) -> dict[str, int]:
        """Item id to index."""
        return {item: i for i, item in enumerate(self.item_ids)}

    def encode(self, rows: Iterable[Sequence[str]]) -> Sessions:
        """Rows of item ids as sessions; ids outside the vocabulary are left out."""
        index = self.index()
        return Sessions.from_rows([[index[i] for i in row if i in index] for row in rows])

    def with_train(self, train: Sessions, valid: Sessions | None = None) -> SessionData:
        """The same data with other training rows (indices as here), vocabulary ordered anew.

        Items keep their relative order; those that no longer occur in training become cold.
        """
        valid = self.valid if valid is None else valid
        seen = np.zeros(self.n_items, bool)
        seen[train.items] = True
        seen[train.targets[train.targets >= 0]] = True
        order = np.argsort(~seen, kind="stable")
        table = np.empty(self.n_items, np.int32)
        table[order] = np.arange(self.n_items, dtype=np.int32)
        return replace(
            self,
            item_ids=[self.item_ids[i] for i in order],
            n_train_items=int(seen.sum()),
            train=train.mapped(table),
            valid=valid.mapped(table),
            test=self.test.mapped(table),
            products=self.products.take(order) if self.products else None,
        )

    def share(self, fraction: float, seed: int = 0) -> SessionData:
        """A random share of what may be learned from: training and validation rows alike.

        Raises:
            SessionError: the fraction is not in (0, 1].
        """
        if not 0 < fraction <= 1:
            raise SessionError(f"the share of training sessions must lie in (0, 1], not {fraction}")
        if fraction == 1:
            return self
        rng = np.random.default_rng(seed)

        def some(rows: Sessions) -> Sessions:
            size = min(len(rows), max(1, round(fraction * len(rows))))
            return rows.take(np.sort(rng.choice(len(rows), size, replace=False)))

        return self.with_train(some(self.train), some(self.valid))

    def some_test_rows(self, most: int, seed: int = 0) -> SessionData:
        """At most so many test rows, drawn at random, in their order; said in `notes`."""
        rows = len(self.test)
        if rows <= most:
            return self
        chosen = drawn_rows(rows, most, seed)
        notes = {**self.notes, "test": f"{most} of {rows} rows, drawn with seed {seed}"}
        return replace(self, test=self.test.take(chosen), notes=notes)
