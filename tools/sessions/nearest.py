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
`benchmarks/session_texts.py`."""
EXACT = 2_000
"""Up to so many texts are all compared exactly."""
_TRIED = 100
"""Items whose nearest, as many again, are looked for to choose the codes."""
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
        self.known = np.flatnonzero(self.vectors.any(axis=1))
        self.index: Any = None
        if len(self.known) > EXACT:
            self.index = self._kept(first_pass or {})
            if self.index is None:
                self._choose()

    def _kept(self, arrays: dict[str, NDArray[Any]]) -> Any:
        """The index that was kept, None where there is none for these vectors."""
        import faiss

        if "nearest" not in arrays:
            return None
        try:
            index = faiss.deserialize_index(arrays["nearest"])
        except RuntimeError:
            return None  # Another release of faiss may have written it.
        fits = (
            index.ntotal == len(self.known) and 0 <= index.d - self.vectors.shape[1] < PER_CODE[0]
        )
        return index if fits else None

    def _choose(self) -> None:
        rng = np.random.default_rng(0)
        drawn = rng.choice(len(self.known), min(len(self.known), _MOST_ROWS), replace=False)
        some = self.known[np.sort(drawn)]
        asked = self.vectors[rng.permutation(some)[:_TRIED]]
        exact = asked @ self.vectors.T
        # Of equal ones, any counts.
        edges = np.partition(exact, exact.shape[1] - _TRIED, axis=1)[:, -_TRIED] - 1e-6
        for size in PER_CODE:
            self._code(self.vectors[some], size)
            found = [
                min(_TRIED, int((cosines[short] >= edge).sum()))
                for cosines, edge, short in zip(
                    exact, edges, self._shortlists(asked, _TRIED), strict=True
                )
            ]
            if np.mean(found) >= FOUND * _TRIED:
                return

    def _code(self, learned: Vectors, size: int) -> None:
        import faiss

        codes = -(-self.vectors.shape[1] // size)
        self.index = faiss.IndexPQFastScan(codes * size, codes, 4, faiss.METRIC_INNER_PRODUCT)
        with _one_thread():
            self.index.train(self._filled(learned))
            self.index.add(self._filled(self.vectors[self.known]))

    def _filled(self, vectors: Vectors) -> Vectors:
        """With zeros up to a whole number of codes."""
        missing = self.index.d - vectors.shape[1]
        return np.pad(vectors, ((0, 0), (0, missing))) if missing else vectors

    def _shortlists(self, queries: Floats, k: int) -> list[Index]:
        """Items to be compared exactly with every query, rising."""
        if self.index is None or len(self.known) <= SHORTLIST * k:
            return [self.known] * len(queries)
        with _one_thread():
            places: Index = self.index.search(self._filled(queries), SHORTLIST * k)[1]
        places.sort(axis=1)
        # Where most texts are equal, faiss leaves out those of the lowest score and gives -1.
        return [self.known if own[0] < 0 else self.known[own] for own in places]

    def first(self, queries: Floats, k: int) -> list[Index]:
        """The k items nearest to every query; of equal ones at the end, any.

        Args:
            queries: float32 [queries, dimension], of length 1; a zero vector is near to nothing.
            k: fewer come where fewer items have a text.

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
