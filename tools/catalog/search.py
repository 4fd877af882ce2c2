"""The steps of ranking: the exact nearest under any filter, the fused score, orders, diversity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tools.errors import CatalogError

Vectors = NDArray[np.float32]
Mask = NDArray[np.bool_]
Mode = Literal["hybrid", "dense", "lexical"]
Sort = Literal["relevance", "price", "-price", "rating", "discount"]
SORTS: tuple[Sort, ...] = ("relevance", "price", "-price", "rating", "discount")

# Below this share of allowed rows, gathering them costs less than passing over the rest
# (benchmarks/catalog_search.py prints both).
GATHER_SHARE = 0.03
# From this share on, passing over all rows in one stream costs less than asking a bitmap of each;
# in matrices that fit into the processor's cache it does not.
SCAN_SHARE = 0.25
SCAN_ROWS = 50_000
# What the cosine counts beside BM25 (as a share of its ideal) in the hybrid score. Any value from
# 0.1 to 0.6 finds known items alike (benchmarks/catalog_quality.py); queries whose words no title
# holds are decided by the cosine alone.
DENSE_WEIGHT = 0.4
# How many of the most relevant products another order, or diversity, chooses from.
POOL = 200
MAX_RESULTS = 1000
MAX_OFFSET = 100_000
_STRIPES = 64


@dataclass(frozen=True)
class Wanted:
    """Which results are wanted of a search.

    Raises:
        CatalogError: a number is out of range, or an unknown mode or order.
    """

    k: int
    """Products on the page."""
    offset: int = 0
    """Products before it."""
    mode: Mode = "hybrid"
    """What the query is compared by."""
    sort: Sort = "relevance"
    diversity: float = 0.0
    """0 to 1, how much a product's likeness to better ones counts against it."""
    exact: bool = False
    """Never by an approximate index."""

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MAX_RESULTS:
            raise CatalogError(
                f"between 1 and {MAX_RESULTS} results can be asked for, not {self.k}"
            )
        if not 0 <= self.offset <= MAX_OFFSET:
            raise CatalogError(f"offset is 0 to {MAX_OFFSET}")
        if not 0 <= self.diversity <= 1:
            raise CatalogError("diversity is 0 to 1")
        if self.sort not in SORTS:
            raise CatalogError(f"there is no order {self.sort!r}, only {', '.join(SORTS)}")
        if self.mode not in get_args(Mode):
            raise CatalogError(f"there is no mode {self.mode!r}, only {', '.join(get_args(Mode))}")

    @property
    def end(self) -> int:
        """Products up to the end of the page."""
        return self.k + self.offset

    @property
    def page(self) -> slice:
        """The page among all results."""
        return slice(self.offset, self.end)


def top_k(scores: NDArray[np.floating[Any]], k: int) -> NDArray[np.int64]:
    """Positions of the k largest scores, largest first, equal ones in order of position."""
    n = len(scores)
    if k >= n:
        return np.argsort(-scores, kind="stable")[:k]
    if n >= _STRIPES * max(k, 100):
        # The k-th largest of some maxima is no larger than the k-th largest of all, and little is
        # left above it; a third of the time of a partition of the whole.
        width = n // _STRIPES
        highest = scores[: width * _STRIPES].reshape(_STRIPES, width).max(axis=0)
        likely = np.flatnonzero(scores >= np.partition(highest, width - k)[width - k])
        if len(likely) < n // 4:
            return np.asarray(likely[top_k(scores[likely], k)])
    threshold = np.partition(scores, n - k)[n - k]
    above = np.flatnonzero(scores > threshold)
    equal = np.flatnonzero(scores == threshold)[: k - len(above)]
    found = np.sort(np.concatenate([above, equal]))
    return np.asarray(found[np.argsort(-scores[found], kind="stable")])


def exact_top(
    vectors: Vectors, query: NDArray[np.float32], k: int, mask: Mask | None = None
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
    if n < SCAN_ROWS or (mask is not None and allowed < SCAN_SHARE * n):
        return _by_faiss(vectors, query, k, None if allowed == n else mask)
    scores = inner_products(vectors, query)
    if mask is not None:
        scores[~mask] = -np.inf
    best = top_k(scores, k)
    return best, scores[best]


def inner_products(vectors: Vectors, query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Inner products of all rows with a query, shape (n,).

    By FAISS, whose kernel passes over a matrix of this shape in half the time of a BLAS call
    (5 against 12 ms at 1e5 rows of 384).
    """
    faiss: Any = import_module("faiss")  # Its type stubs do not know the kernel used here.
    query = np.ascontiguousarray(query, np.float32)
    found = np.empty(len(vectors), np.float32)
    faiss.fvec_inner_products_ny(
        faiss.swig_ptr(found),
        faiss.swig_ptr(query),
        faiss.swig_ptr(vectors),
        vectors.shape[1],
        len(vectors),
    )
    return found


def _by_faiss(
    vectors: Vectors, query: NDArray[np.float32], k: int, mask: Mask | None
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


def fuse(lexical: NDArray[np.float32], cosine: NDArray[Any] | np.float32) -> NDArray[np.float32]:
    """The hybrid score: (BM25 as a share of its ideal + 0.4 cosine) / 1.4."""
    return np.asarray((lexical + DENSE_WEIGHT * cosine) / (1 + DENSE_WEIGHT), np.float32)


def diverse(
    candidates: Vectors, scores: NDArray[np.float32], k: int, weight: float
) -> NDArray[np.int64]:
    """Positions of k rows that are good and unlike each other.

    Maximal marginal relevance (Carbonell and Goldstein, 1998): at each step the row with the
    largest (1 - weight) score - weight (largest cosine to what was taken).

    Args:
        candidates: (m, d) unit vectors, best first.
        scores: theirs.
        k: how many.
        weight: 0 (order of score) to 1 (as unlike as possible).
    """
    nearest = np.zeros(len(scores), np.float32)
    left = np.ones(len(scores), bool)
    taken: list[int] = []
    for _ in range(min(k, len(scores))):
        worth = np.where(left, (1 - weight) * scores - weight * nearest, -np.inf)
        best = int(np.argmax(worth))
        taken.append(best)
        left[best] = False
        nearest = np.maximum(nearest, candidates @ candidates[best])
    return np.array(taken, np.int64)


def sort_keys(
    sort: Sort,
    price: NDArray[np.float64],
    list_price: NDArray[np.float64],
    rating: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Keys in which smaller comes first; what is not known comes last."""
    keys: NDArray[np.float64]
    if sort == "price":
        keys = price.copy()
    elif sort == "-price":
        keys = -price
    elif sort == "rating":
        keys = -rating
    else:
        off = 1 - price / list_price
        keys = -np.where(off > 0, off, np.nan)
    keys[np.isnan(keys)] = np.inf
    return keys


def ordered(keys: Sequence[float] | NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions in order of their keys, equal ones as they stand."""
    return np.argsort(np.asarray(keys), kind="stable")
