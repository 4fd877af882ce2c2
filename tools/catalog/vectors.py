"""The vectors of all rows on disk, memory-mapped, and the nearest of them to a query.

::

    embeddings.npy      (m, d) float32: the rows as they were built
    patch.npy           (p, d) float32: vectors that came or changed since
    slots.npy           (n,) int32: row -> its vector, counted through both files
    index.faiss         over embeddings.npy, in catalogues of more than 1e5 rows

An update writes a patch of what changed, not the whole file; when a tenth has changed, the file is
written anew. Filtered search is exact whatever the filter lets through: the allowed rows come
first, gathered when they are few, else passed over by FAISS with a bitmap. Only a search without a
filter may use the index, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.ivf import INDEX, IvfIndex
from tools.catalog.search import GATHER_SHARE, exact_top, inner_products, top_k
from tools.catalog.vector_file import VectorWriter
from tools.errors import CatalogError

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]

EMBEDDINGS = "embeddings.npy"
PATCH = "patch.npy"
SLOTS = "slots.npy"
# A patch beyond this share of the rows costs more in every search than writing the file anew.
PATCH_SHARE = 0.1
# What is out of stock is a filter too; with more than this allowed it is no selective one.
APPROXIMATE_SHARE = 0.5
# A page so far down is asked for by no shopper, and the index would look into all its lists.
_MOST_APPROXIMATE = 500
_BLOCK = 65536


class VectorTable:
    """One unit vector a row.

    Args:
        base: (m, d), C-contiguous.
        patch: (p, d), vectors that came later.
        slots: (n,), row -> position in base and patch together; None: row i is base[i].
        index: over `base`.
    """

    def __init__(
        self,
        base: Vectors,
        patch: Vectors | None = None,
        slots: NDArray[np.int32] | None = None,
        index: IvfIndex | None = None,
    ) -> None:
        self._base = base
        self._patch = np.empty((0, base.shape[1]), np.float32) if patch is None else patch
        self._slots = slots
        self.index = index

    @classmethod
    def open(
        cls, paths: Mapping[str, Path], rows: int, dimension: int, described: Mapping[str, Any]
    ) -> VectorTable:
        """Map the files of a version.

        Args:
            paths: file name -> where it lies.
            rows: of the catalogue.
            dimension: of the vectors.
            described: the manifest's `index` entry.

        Raises:
            CatalogError: a file holds something else.
        """
        base = _mapped(paths[EMBEDDINGS], dimension)
        patch = slots = None
        if SLOTS in paths:
            patch = _mapped(paths[PATCH], dimension)
            slots = np.load(paths[SLOTS], allow_pickle=False)
            if slots.shape != (rows,) or slots.dtype != np.int32:
                raise CatalogError(f"{paths[SLOTS]} does not hold {rows} places")
            if rows and not 0 <= slots.min() <= slots.max() < len(base) + len(patch):
                raise CatalogError(f"{paths[SLOTS]} points outside the vectors")
        elif len(base) != rows:
            raise CatalogError(f"{paths[EMBEDDINGS]} does not hold {rows} vectors")
        index = None
        if described.get("kind") == "ivf-sq8":
            index = IvfIndex.load(paths[INDEX], len(base), dimension, int(described["probes"]))
        return cls(base, patch, slots, index)

    def __len__(self) -> int:
        return len(self._base) if self._slots is None else len(self._slots)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._base.shape[1])

    @property
    def patched(self) -> int:
        """Rows whose vector lies in the patch."""
        return len(self._later)

    def take(self, rows: Rows) -> Vectors:
        """The vectors of some rows, in the order asked, shape (len(rows), d)."""
        if self._slots is None:
            return np.asarray(self._base[rows])
        slots = self._slots[rows]
        found = np.empty((len(slots), self.dimension), np.float32)
        late = slots >= len(self._base)
        found[~late] = self._base[slots[~late]]
        found[late] = self._patch[slots[late] - len(self._base)]
        return found

    def products(self, query: Vectors) -> NDArray[np.float32]:
        """Inner products of all rows with a query, shape (n,)."""
        found = inner_products(self._base, query)
        if self._slots is None:
            return found
        return np.concatenate([found, self._patch @ query])[self._slots]

    def products_of(self, rows: Rows, query: Vectors) -> NDArray[np.float32]:
        """Inner products of some rows with a query, shape (len(rows),)."""
        if len(rows) > GATHER_SHARE * len(self):
            return self.products(query)[rows]
        return np.asarray(self.take(rows) @ query)

    @cached_property
    def _later(self) -> Rows:
        """The rows whose vector lies in the patch."""
        if self._slots is None:
            return np.empty(0, np.int64)
        return np.flatnonzero(self._slots >= len(self._base))

    @cached_property
    def _owner(self) -> NDArray[np.int32]:
        """Position in `base` -> its row, -1 where a vector is no row's any more."""
        assert self._slots is not None
        owner = np.full(len(self._base), -1, np.int32)
        early = np.flatnonzero(self._slots < len(self._base))
        owner[self._slots[early]] = early
        return owner

    def top(
        self,
        query: Vectors,
        k: int,
        mask: NDArray[np.bool_] | None = None,
        *,
        approximate: bool = False,
    ) -> tuple[Rows, NDArray[np.float32], bool]:
        """The k rows of the largest inner product with a query, among the allowed ones.

        Args:
            query: (d,).
            k: how many; fewer come back when fewer are allowed.
            mask: allowed rows (n,), None for all.
            approximate: whether the index may be used, if there is one and most rows are allowed.

        Returns:
            Row numbers, scores, best first, and whether nothing better can have been passed over.
        """
        if self._slots is None and not (approximate and self.index is not None):
            return *exact_top(self._base, query, k, mask), True
        n = len(self)
        allowed = n if mask is None else int(np.count_nonzero(mask))
        k = min(k, allowed)
        if (
            approximate
            and self.index is not None
            and 0 < k <= _MOST_APPROXIMATE
            and allowed >= APPROXIMATE_SHARE * n
        ):
            rows = self._candidates(query, k, None if allowed == n else mask)
            if len(rows) >= k:
                scores = self.take(rows) @ query
                best = top_k(scores, k)
                return rows[best], scores[best], False
        if self._slots is None or k <= 0:
            return *exact_top(self._base, query, k, mask), True
        if mask is not None and allowed <= GATHER_SHARE * n:
            rows = np.flatnonzero(mask)
            scores = self.take(rows) @ query
            best = top_k(scores, k)
            return rows[best], scores[best], True
        places, early = exact_top(self._base, query, k, self._held(mask))
        rows = np.concatenate([self._owner[places], self._late(mask)]).astype(np.int64)
        late = self.take(rows[len(places) :]) @ query
        return *_best(rows, np.concatenate([early, late]), k), True

    def _candidates(self, query: Vectors, k: int, mask: NDArray[np.bool_] | None) -> Rows:
        assert self.index is not None
        if self._slots is None:
            return np.sort(self.index.candidates(query, k, mask))
        places = self.index.candidates(query, k, self._held(mask))
        return np.unique(np.concatenate([self._owner[places], self._late(mask)])).astype(np.int64)

    def _held(self, mask: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
        """Mask over `base` of what belongs to an allowed row."""
        live = self._owner >= 0
        return live if mask is None else live & mask[self._owner]

    def _late(self, mask: NDArray[np.bool_] | None) -> Rows:
        return self._later if mask is None else self._later[mask[self._later]]

    def patch(self, source: Rows, fresh: Vectors, folder: Path) -> bool:
        """Write what a next version needs besides the files of this one.

        Args:
            source: for every new row the row of this version whose vector it keeps, -1 for a
                fresh one.
            fresh: vectors of the fresh ones, in row order.
            folder: where `patch.npy` and `slots.npy` go.

        Returns:
            Whether it was done; False when so much has changed that the whole is to be rewritten.
        """
        m = len(self._base)
        old = np.arange(m, dtype=np.int32) if self._slots is None else self._slots
        new = source < 0
        slots = np.where(new, -1, old[np.maximum(source, 0)]).astype(np.int32)
        later = np.flatnonzero(slots >= m)
        size = len(later) + len(fresh)
        dead = m - int((slots[~new] < m).sum())
        if size + dead > PATCH_SHARE * max(m, 1):
            return False
        stored = np.empty((size, self.dimension), np.float32)
        stored[: len(later)] = self._patch[slots[later] - m]
        stored[len(later) :] = fresh
        slots[later] = m + np.arange(len(later), dtype=np.int32)
        slots[new] = m + len(later) + np.arange(len(fresh), dtype=np.int32)
        np.save(folder / PATCH, stored)
        np.save(folder / SLOTS, slots)
        return True

    def rewrite(self, source: Rows, fresh: Vectors, path: Path) -> None:
        """Write the vectors of a next version whole; arguments as for `patch`."""
        new = source < 0
        number = np.cumsum(new) - 1
        with VectorWriter(path, len(source), self.dimension) as writer:
            for start in range(0, len(source), _BLOCK):
                part = slice(start, start + _BLOCK)
                block = self.take(np.maximum(source[part], 0))
                block[new[part]] = fresh[number[part][new[part]]]
                writer.write(block)


def _best(rows: Rows, scores: NDArray[np.float32], k: int) -> tuple[Rows, NDArray[np.float32]]:
    order = np.lexsort((rows, -scores))[:k]
    return rows[order], scores[order]


def _mapped(path: Path, dimension: int) -> Vectors:
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise CatalogError(f"{path} cannot be read: {error}") from None
    if matrix.ndim != 2 or matrix.shape[1] != dimension or matrix.dtype != np.float32:
        raise CatalogError(f"{path} does not hold vectors of {dimension} float32 numbers")
    return np.asarray(matrix)
