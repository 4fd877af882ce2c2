"""Exact nearest vectors under any filter: the allowed rows first, then only those are scored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

# Below this share of allowed rows, gathering them costs less than passing over the rest
# (measured at 1e5 rows of 384 numbers: 0.06 against 0.37 ms at 0.5 %, 2.2 against 2.5 at 5 %).
GATHER_SHARE = 0.05


def top_k(scores: NDArray[np.floating[Any]], k: int) -> NDArray[np.int64]:
    """Positions of the k largest scores, largest first, equal ones in order of position."""
    n = len(scores)
    if k >= n:
        return np.argsort(-scores, kind="stable")
    threshold = np.partition(scores, n - k)[n - k]
    above = np.flatnonzero(scores > threshold)
    equal = np.flatnonzero(scores == threshold)[: k - len(above)]
    found = np.sort(np.concatenate([above, equal]))
    return np.asarray(found[np.argsort(-scores[found], kind="stable")])


def exact_top(
    vectors: Vectors, query: NDArray[np.float32], k: int, mask: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k rows of the largest inner product with a query, among the allowed ones, exact.

    Args:
        vectors: (n, d), C-contiguous.
        query: (d,).
        k: how many; fewer come back when fewer are allowed.
        mask: allowed rows (n,), or None for all.

    Returns:
        Row numbers and scores, best first.
    """
    n = len(vectors)
    allowed = n if mask is None else int(np.count_nonzero(mask))
    k = min(k, allowed)
    if k <= 0:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    if mask is not None and allowed <= GATHER_SHARE * n:
        rows = np.flatnonzero(mask)
        scores = vectors[rows] @ query
        best = top_k(scores, k)
        return rows[best], scores[best]
    return _flat(vectors, query, k, None if allowed == n else mask)


def _flat(
    vectors: Vectors, query: NDArray[np.float32], k: int, mask: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    # FAISS on the memory map itself: no second copy of the vectors, no index to build.
    import faiss

    query = np.ascontiguousarray(query, np.float32)
    scores = np.empty((1, k), np.float32)
    rows = np.empty((1, k), np.int64)
    selector = None
    if mask is not None:
        bits = np.packbits(mask, bitorder="little")
        selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
    faiss.knn_inner_product(
        faiss.swig_ptr(query),
        faiss.swig_ptr(vectors),
        vectors.shape[1],
        1,
        len(vectors),
        k,
        faiss.swig_ptr(scores),
        faiss.swig_ptr(rows),
        selector,
    )
    order = np.lexsort((rows[0], -scores[0]))
    return rows[0][order], scores[0][order]
