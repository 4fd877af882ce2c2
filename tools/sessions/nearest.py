"""The items whose texts are nearest to a query, over the whole catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.rows import Floats, Index, largest
from tools.text import Vectors

SHORTLIST = 4
"""Items compared exactly for every one that is asked for."""
PER_CODE = (8, 4, 2, 1)
"""Dimensions told by one code of 4 bits: the coarsest is tried first."""
FOUND = 0.92
"""Share of the nearest 100 that the first pass must keep; how many targets it loses is printed by
`benchmarks/session_speed.py --data`."""
EXACT = 2_000
"""Catalogues of so many items are compared exactly at once."""
_TRIED = 100
_MOST_ROWS = 20_000


@contextmanager
def _one_thread() -> Iterator[None]:
    """Both to learn and to ask are short loops, where more threads wait longer than they help."""
    import faiss

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


class Nearest:
    """Nearest items by cosine, in two passes.

    The first is faiss's product quantisation (Jégou, Douze and Schmid 2011) with codes of 4 bits,
    compared in the processor's registers (André, Kermarrec and Le Scouarnec 2015). What it puts
    first is compared again, exactly. The codes are the coarsest ones that keep `FOUND` of the
    nearest 100 of randomly drawn items.

    Args:
        vectors: unit vectors of the items, float32 [items, dimension]; zero without a text.
        first_pass: what `arrays` gave, None to make it anew.
    """

    def __init__(self, vectors: Vectors, first_pass: dict[str, NDArray[Any]] | None = None) -> None:
        self.vectors = np.ascontiguousarray(vectors, np.float32)
        self.index: Any = None
        if len(vectors) <= EXACT:
            return
        if first_pass and "nearest" in first_pass:
            import faiss

            self.index = faiss.deserialize_index(first_pass["nearest"])
        else:
            self._choose()

    def _choose(self) -> None:
        rng = np.random.default_rng(0)
        rows = np.flatnonzero(self.vectors.any(axis=1))
        some = rows[np.sort(rng.choice(len(rows), min(len(rows), _MOST_ROWS), replace=False))]
        if len(some) < EXACT:
            return
        asked = self.vectors[some[rng.permutation(len(some))[:_TRIED]]]
        exact = asked @ self.vectors.T
        for size in PER_CODE:
            self._code(self.vectors[some], size)
            if self._found(asked, exact) >= FOUND:
                return

    def _code(self, learned: Vectors, size: int) -> None:
        import faiss

        codes = -(-self.vectors.shape[1] // size)
        self.index = faiss.IndexPQFastScan(codes * size, codes, 4, faiss.METRIC_INNER_PRODUCT)
        with _one_thread():
            self.index.train(self._filled(learned))
            self.index.add(self._filled(self.vectors))

    def _filled(self, vectors: Vectors) -> Vectors:
        """With zeros up to a whole number of codes."""
        missing = self.index.d - vectors.shape[1]
        return np.pad(vectors, ((0, 0), (0, missing))) if missing else vectors

    def _found(self, asked: Vectors, exact: Floats, k: int = 100) -> float:
        """Share of the k nearest of every query that the first pass finds; of ties, any."""
        n = len(self.vectors)
        edges = np.partition(exact, n - k, axis=1)[:, n - k] - 1e-6
        short = self._shortlists(asked, k)
        kept = np.take_along_axis(exact, short, axis=1) >= edges[:, None]
        return float(np.minimum(kept.sum(axis=1), k).mean()) / k

    def _shortlists(self, queries: Floats, k: int) -> Index:
        n = len(self.vectors)
        if self.index is None or n <= SHORTLIST * k:
            return np.tile(np.arange(n), (len(queries), 1))
        with _one_thread():
            items: Index = self.index.search(self._filled(queries), SHORTLIST * k)[1]
        return np.sort(items, axis=1)

    def first(self, queries: Floats, k: int) -> list[Index]:
        """The k items nearest to every query; of equal ones at the end, any.

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
                found[row] = self._first(queries[row], short, k)
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
        """The first pass, to be kept: faiss's own format, as bytes."""
        if self.index is None:
            return {}
        import faiss

        return {"nearest": faiss.serialize_index(self.index)}
