"""The items whose texts are nearest to a query, over the whole catalogue."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.single import first_of, largest
from tools.text import Vectors

Index = NDArray[np.int64]
Floats = NDArray[np.float32]

SHORTLIST = 5
"""Items compared exactly for every one that is asked for."""
DIRECTIONS = (64, 128, 192, 256, 384, 512)
"""Dimensions of the first pass that are tried, up to the vectors' own: whole vector registers."""
FOUND = 0.8
"""Share of the nearest 100 that the first pass must keep. What it loses stands at their end: with
.78 of them found, 2 in 1,000 targets fewer were candidates on a set of 12,000 items."""
_TRIED = 100
_MOST_ROWS = 20_000


class Nearest:
    """Nearest items by cosine, in two passes.

    The first compares the query with every item along a few principal axes of the vectors (the
    closest that so few dimensions come to all products: Eckart and Young 1936), in whole numbers
    of 8 bits. What it puts first is compared again, exactly. As many axes are taken as it needs to
    keep `FOUND` of the nearest 100 of randomly drawn items.

    Args:
        vectors: unit vectors of the items, float32 [items, dimension]; zero without a text.
        first_pass: what `arrays` gave, None to make it anew.
    """

    def __init__(self, vectors: Vectors, first_pass: dict[str, NDArray[Any]] | None = None) -> None:
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        if first_pass is None:
            self._choose()
        else:
            self.axes, self.codes = first_pass["axes"], first_pass["codes"]

    def _choose(self) -> None:
        rng = np.random.default_rng(0)
        rows = np.flatnonzero(self.vectors.any(axis=1))
        some = rows[np.sort(rng.choice(len(rows), min(len(rows), _MOST_ROWS), replace=False))]
        drawn = self.vectors[some]
        axes = np.linalg.eigh(drawn.T @ drawn)[1][:, ::-1].T
        asked = self.vectors[some[rng.permutation(len(some))[:_TRIED]]]
        exact = asked @ self.vectors.T
        for size in [d for d in DIRECTIONS if d < len(axes)] + [min(len(axes), DIRECTIONS[-1])]:
            self._code(axes[:size])
            if self._found(asked, exact) >= FOUND:
                return

    def _code(self, axes: NDArray[Any]) -> None:
        turned = self.vectors @ axes.T
        reach = np.maximum(np.abs(turned).max(axis=0, initial=0), 1e-12)
        self.codes = np.rint(127 * turned / reach).astype(np.int8)
        self.axes = (axes * reach[:, None]).astype(np.float32)

    def _found(self, asked: Vectors, exact: Floats, k: int = 100) -> float:
        """Share of the k nearest of every query that the first pass finds; of ties, any."""
        n = len(self.vectors)
        if n <= SHORTLIST * k:
            return 1.0
        edges = np.partition(exact, n - k, axis=1)[:, n - k] - 1e-6
        found = 0
        for query, cosines, edge in zip(asked, exact, edges, strict=True):
            # One at a time: all at once would take as much room as `exact` again.
            [short] = self._shortlists(query[None], k)
            found += min(k, int((cosines[short] >= edge).sum()))
        return found / (k * max(1, len(asked)))

    def _shortlists(self, queries: Floats, k: int) -> list[Index]:
        from tools.sessions.kernels import scan

        if len(self.vectors) <= SHORTLIST * k:
            return [np.arange(len(self.vectors))] * len(queries)
        turned = queries @ self.axes.T
        turned *= 32767 / np.maximum(np.abs(turned).max(axis=1, keepdims=True), 1e-12)
        told = np.empty((len(queries), len(self.codes)), np.int32)
        scan(self.codes, np.rint(turned).astype(np.int16), told)
        return [first_of(one, SHORTLIST * k) for one in told]

    def first(self, queries: Floats, k: int) -> list[Index]:
        """The k items nearest to every query, equal ones in the order of the index.

        Args:
            queries: float32 [queries, dimension], of length 1; a zero vector is near to nothing.
            k: fewer come where the catalogue is smaller.

        Returns:
            For every query item indices in no particular order, int64 [at most k].
        """
        found = [np.empty(0, np.int64)] * len(queries)
        asked = np.flatnonzero(queries.any(axis=1))
        if len(asked):
            for row, short in zip(asked, self._shortlists(queries[asked], k), strict=True):
                found[row] = self._first(queries[row], np.sort(short), k)
        return found

    def _first(self, query: Floats, short: Index, k: int) -> Index:
        if len(short) <= k:
            return short
        return short[largest(self.cosines(query[None], short)[0], k)]

    def cosines(self, queries: Floats, items: Index) -> Floats:
        """The cosine of every query with the named items, float32 [queries, items]."""
        from tools.sessions.kernels import products

        told = np.empty((len(queries), len(items)), np.float32)
        products(self.vectors, items, queries, told)
        return told

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The first pass, to be kept."""
        return {"axes": self.axes, "codes": self.codes}
