"""From a text and a mask of allowed rows to ranked rows: by words, by meaning, by both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Columns
from tools.catalog.lexical import Lexicon
from tools.catalog.search import (
    GATHER_SHARE,
    POOL,
    Mode,
    Wanted,
    diverse,
    fuse,
    ordered,
    sort_keys,
    top_k,
)
from tools.catalog.vectors import Rows, Vectors, VectorTable

# Titles that say the same differ in length, and so a little in BM25.
FITTING = 0.75
# Diversity may go further from the best, but not to what is hardly asked for.
AKIN = 0.5

Mask = NDArray[np.bool_]
Ranked = tuple[Rows, NDArray[np.float32], bool]
"""Rows, their scores, best first, and whether nothing better can have been passed over."""


class Ranker:
    """Ranks the rows of one catalogue.

    Args:
        vectors: of all rows.
        lexicon: their words.
        columns: what other orders read.
        encode: text -> unit vector.
    """

    def __init__(
        self,
        vectors: VectorTable,
        lexicon: Lexicon,
        columns: Columns,
        encode: Callable[[str], Vectors],
    ) -> None:
        self.vectors = vectors
        self.lexicon = lexicon
        self.columns = columns
        self._encode = encode

    def page(self, text: str, mask: Mask, wanted: Wanted, *, approximate: bool) -> Ranked:
        """One page of results.

        Args:
            text: what is asked, plain; empty for the rows of the highest utility.
            mask: allowed rows (n,).
            wanted: which page, compared by what and in which order.
            approximate: whether the index may be used.
        """
        mode, sort, pool = wanted.mode, wanted.sort, wanted.end
        if sort != "relevance" or wanted.diversity:
            pool = max(pool, POOL) if text else len(mask)
        rows, scores, exact = self.best(text, pool, mask, mode, approximate=approximate)
        if sort != "relevance":
            if text and len(rows):
                rows, scores = self._fitting(text, mask, mode, rows, scores)
            columns = self.columns
            order = ordered(
                sort_keys(sort, columns.price[rows], columns.list_price[rows], columns.rating[rows])
            )
            rows, scores = rows[order], scores[order]
        elif wanted.diversity and len(rows):
            near = slice(akin(scores, wanted.end))
            candidates = self.vectors.take(rows[near])
            order = diverse(candidates, scores[near], wanted.end, wanted.diversity)
            rows, scores = rows[order], scores[order]
        return rows[wanted.page], scores[wanted.page], exact

    def _fitting(
        self, text: str, mask: Mask, mode: Mode, rows: Rows, scores: NDArray[np.float32]
    ) -> tuple[Rows, NDArray[np.float32]]:
        """Whatever suits nearly as well as the best of some rows, among them or not.

        The cheapest lamp is wanted of all lamps, not of the two hundred that suit best; and of
        lamps alone, not of whatever comes near them.
        """
        if mode != "dense":
            words = self.lexicon.scores(text)
            saying = np.flatnonzero(mask & (words >= FITTING * words[mask].max()) & (words > 0))
            others = np.setdiff1d(saying, rows, assume_unique=True)
            more = words[others]
            if mode == "hybrid":
                more = fuse(more, self.vectors.products_of(others, self._encode(text)))
            rows, scores = np.concatenate([rows, others]), np.concatenate([scores, more])
        fitting = scores >= FITTING * scores.max()
        return rows[fitting], scores[fitting]

    def best(self, text: str, k: int, mask: Mask, mode: Mode, *, approximate: bool) -> Ranked:
        """The k best rows of a mask; see `page`."""
        if not text:
            allowed = np.flatnonzero(mask)
            rows = allowed[top_k(self.columns.utility[allowed], k)]
            return rows, np.zeros(len(rows), np.float32), True
        if mode == "dense":
            return self.vectors.top(self._encode(text), k, mask, approximate=approximate)
        words = self.lexicon.scores(text)
        if mode == "lexical":
            allowed = np.flatnonzero(mask & (words > 0))
            rows = allowed[top_k(words[allowed], k)]
            return rows, words[rows], True
        return fused_top(self.vectors, self._encode(text), words, k, mask, approximate=approximate)


def akin(scores: NDArray[np.float32], end: int) -> int:
    """How many of the best rows a diverse choice of `end` may be made from.

    Not so unlike the others that a row is unlike what was asked.
    """
    fitting = int(np.count_nonzero(scores >= AKIN * scores[0]))
    return min(POOL, max(fitting, end))


def fused_top(
    vectors: VectorTable,
    query: Vectors,
    lexical: NDArray[np.float32],
    k: int,
    mask: Mask,
    *,
    approximate: bool = False,
) -> Ranked:
    """The k best allowed rows by (BM25 + 0.4 cosine) / 1.4.

    Args:
        vectors: of all rows.
        query: the query's vector (d,).
        lexical: BM25 of every row as a share of its ideal, shape (n,).
        k: how many.
        mask: allowed rows (n,).
        approximate: whether the index may say which rows are near; else all are scored.
    """
    n, allowed = len(vectors), int(np.count_nonzero(mask))
    k = min(k, allowed)
    if k == 0:
        return np.empty(0, np.int64), np.empty(0, np.float32), True
    if allowed <= GATHER_SHARE * n:
        rows = np.flatnonzero(mask)
        scores = fuse(lexical[rows], vectors.take(rows) @ query)
        best = top_k(scores, k)
        return rows[best], scores[best], True
    if approximate and vectors.index is not None:
        found = _from_candidates(vectors, query, lexical, k, mask)
        if found is not None:
            return found
    scores = fuse(lexical, vectors.products(query))
    scores[~mask] = -np.inf
    best = top_k(scores, k)
    return best, scores[best], True


def _from_candidates(
    vectors: VectorTable, query: Vectors, lexical: NDArray[np.float32], k: int, mask: Mask
) -> Ranked | None:
    """What `fused_top` gives, without scoring all rows; None where that would be no less work.

    A row that holds no word of the query can only be among the k best if it is among the k
    nearest; one that does, only if its words and the largest cosine together reach the k-th score
    found so far (the threshold algorithm of Fagin, Lotem and Naor, 2003). So nothing is passed
    over but what the index misses.
    """
    everything = None if mask.all() else mask
    near, cosine, exact = vectors.top(query, k, everything, approximate=True)
    if exact or not len(near):
        return None
    held = np.flatnonzero((lexical > 0) & mask)
    first = held[top_k(lexical[held], 2 * k + POOL)]
    rows = np.union1d(near, first)
    scores = fuse(lexical[rows], vectors.take(rows) @ query)
    least = -np.inf if len(rows) < k else np.partition(scores, len(rows) - k)[len(rows) - k]
    # What the index misses may be a little nearer than what it found.
    reach = fuse(lexical[held], np.float32(min(1.0, float(cosine[0]) + 0.02)))
    rest = np.setdiff1d(held[reach >= least], rows, assume_unique=True)
    if len(rest) > GATHER_SHARE * len(lexical):
        return None
    if len(rest):
        rows = np.concatenate([rows, rest])
        scores = np.concatenate([scores, fuse(lexical[rest], vectors.take(rest) @ query)])
        order = np.argsort(rows)
        rows, scores = rows[order], scores[order]
    best = top_k(scores, k)
    return rows[best], scores[best], False
