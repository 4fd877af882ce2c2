"""Candidates of a session, and what every part of the hybrid thinks of each of them.

Candidates are the union of the first places of several parts: session-kNN near and far, item-kNN,
rules, popularity, the text score over the whole catalogue, and any other model that is passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import (
    Counting,
    ItemKNN,
    SequentialRules,
    ages,
    csr_arrays,
    csr_from,
    view_weights,
)
from tools.sessions.data import Ints, Sessions
from tools.sessions.neighbours import VSKNN, over_best
from tools.sessions.protocol import Scores, SessionModel, sparse_top_k, top_k
from tools.sessions.single import (
    OneRow,
    Views,
    Words,
    first_of,
    item_columns,
    model_first,
    sparse_columns,
    text_columns,
    text_query,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from tools.text import Vectors

Floats = NDArray[np.float32]

TEXT_KINDS = {"recent": 0.7, "last": 0.0, "mean": 1.0}
"""Text queries and the weight of a view against the one after it in each."""
WORD_KINDS = {"words": 0.7, "words last": 0.0}
PROPOSING = ("knn", "knn far", "knn near", "itemknn", "rules", "knn+rules")
"""Counting parts whose first places become candidates."""
TEXT_PROPOSING = ("text recent", "text last", "words")


@dataclass(frozen=True)
class Candidates:
    """Pairs of session and item, grouped by session, with what the parts think of them.

    Attributes:
        offsets: int64 [sessions + 1]; the candidates of session i stand at offsets[i] to
            offsets[i + 1].
        items: int32 [pairs], item indices, rising within a session.
        features: float32 [pairs, features].
    """

    offsets: NDArray[np.int64]
    items: Ints
    features: Floats

    @property
    def rows(self) -> NDArray[np.int64]:
        """The session of every pair."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


class Parts:
    """Everything that proposes or judges candidates, fitted on one data set.

    Args:
        width: places of each part that become candidates.
        others: further models, fitted elsewhere on the same data, by name.
        vectors: unit text vectors of the items, or None.
        words: tf-idf of the items' words, or None.
    """

    def __init__(
        self,
        width: int = 100,
        others: dict[str, SessionModel] | None = None,
        vectors: Vectors | None = None,
        words: csr_array | None = None,
    ) -> None:
        self.width = width
        self.others = others or {}
        self.vectors = vectors
        self.words = words
        self.counters: dict[str, Counting] = {
            "knn": VSKNN(idf_power=1.0),
            "knn far": VSKNN(1500, 1.0, 1.0, idf_power=1.0),
            "knn near": VSKNN(100, 0.6, 0.4),
            "itemknn": ItemKNN(0.7),
            "itemknn last": ItemKNN(0.0),
            "rules": SequentialRules(decay=0.6),
            "rules last": SequentialRules(),
        }

    def learn(self, sequences: Sessions, n_items: int) -> None:
        """Count over whole training sequences."""

        for counter in self.counters.values():
            counter.n_items = n_items
            counter.learn(sequences)
        self.counts = np.bincount(sequences.items, minlength=n_items).astype(np.float32)
        self._index()

    def _index(self) -> None:
        self.n_items = len(self.counts)
        rules = self.counters["rules"]
        assert isinstance(rules, SequentialRules)
        self.back = rules.rules.T.tocsr()
        self.popular = np.argsort(-self.counts, kind="stable")[: self.width]
        self.popular = self.popular[self.counts[self.popular] > 0]
        self._one: OneRow | None = None
        self._words: Words | None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was learned and given, under names of their own."""
        kept: dict[str, NDArray[Any]] = {"counts": self.counts}
        for name, counter in self.counters.items():
            kept.update({f"{name}/{k}": v for k, v in counter.arrays().items()})
        if self.vectors is not None:
            kept["vectors"] = self.vectors
        if self.words is not None:
            kept.update(csr_arrays("words", self.words))
            kept["words.width"] = np.array([self.words.shape[1]])
        return kept

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take back what `arrays` gave."""
        self.counts = arrays["counts"]
        for name, counter in self.counters.items():
            counter.n_items = len(self.counts)
            start = f"{name}/"
            own = {k[len(start) :]: v for k, v in arrays.items() if k.startswith(start)}
            counter.restore(own)
        self.vectors = arrays.get("vectors")
        if "words.width" in arrays:
            self.words = csr_from("words", arrays, int(arrays["words.width"][0]))
        self._index()

    @property
    def feature_names(self) -> list[str]:
        """The columns of `Candidates.features`."""
        names = []
        for part in [*self.counters, "back", "knn+rules"]:
            names += [f"{part}: of best", f"{part}: log", f"{part}: place"]
        for other in self.others:
            names += [f"{other}: z", f"{other}: below best", f"{other}: place"]
        names += ["popularity", "cold", "viewed", "viewed how often", "viewed how lately"]
        if self.vectors is not None:
            for kind in TEXT_KINDS:
                names += [f"text {kind}", f"text {kind}: below best", f"text {kind}: place"]
        if self.words is not None:
            for kind in WORD_KINDS:
                names += [kind, f"{kind}: below best", f"{kind}: place"]
        return names

    def candidates(self, sessions: Sessions, given: NDArray[np.int64] | None = None) -> Candidates:
        """Candidates and features of every session.

        Args:
            sessions: rows over the vocabulary of the fit.
            given: judge these pairs and no others, each as row * n_items + item, rising.
        """
        if len(sessions) == 1:
            return self._of_one(sessions, given)
        return self._of_many(sessions, given)

    def _of_many(self, sessions: Sessions, given: NDArray[np.int64] | None) -> Candidates:
        n = self.n_items
        found = {name: c.sparse_scores(sessions) for name, c in self.counters.items()}
        found["back"] = (view_weights(sessions, n, 0.6) @ self.back).tocsr()
        both = over_best(found["knn"]) + 0.5 * over_best(found["rules last"])
        found["knn+rules"] = both.tocsr()
        dense: dict[str, Scores] = {k: m.scores(sessions) for k, m in self.others.items()}
        queries = self._queries(sessions)
        similar: dict[str, Scores] = {}
        if given is None:
            similar = {
                name: _all_items(query, over)
                for name, (query, over) in queries.items()
                if name in TEXT_PROPOSING or name in WORD_KINDS
            }
            key = self._proposed(len(sessions), found, dense, similar)
        else:
            key = given
        rows, items = key // n, (key % n).astype(np.int32)
        offsets = np.searchsorted(rows, np.arange(len(sessions) + 1))
        columns: list[Floats] = []
        for matrix in found.values():
            columns += _sparse_features(matrix, rows, key, offsets)
        for scores in dense.values():
            columns += _model_features(scores, rows, items, offsets)
        columns += self._item_features(sessions, items, key)
        for name, (query, over) in queries.items():
            # Dense products differ in the last bit with the size of the batch; pairs do not.
            whole = similar.get(name) if name in WORD_KINDS else None
            value = _pairs(query, over, rows, items) if whole is None else whole[rows, items]
            best = group_max(value, offsets)[rows]
            columns += [value, value - best, place_score(value, rows, offsets)]
        return Candidates(offsets, items, np.column_stack(columns).astype(np.float32))

    def _of_one(self, session: Sessions, given: NDArray[np.int64] | None) -> Candidates:
        """What `_of_many` gives for a single row."""
        if self._one is None:
            self._one = OneRow(self.counters, self.back)
            self._words = Words(self.words) if self.words is not None else None
        views = Views(session)
        found = self._one.rows(views)
        dense = {name: model.scores(session) for name, model in self.others.items()}
        texts: dict[str, Floats] = {}
        if self.vectors is not None:
            for kind, decay in TEXT_KINDS.items():
                texts[f"text {kind}"] = text_query(*views.weights(decay), self.vectors)
        words = {}
        if self._words is not None:
            for kind, decay in WORD_KINDS.items():
                words[kind] = self._words.query(*views.weights(decay))
        similar: dict[str, Floats] = {}
        if given is None:
            if self.vectors is not None:
                # One pass over the vectors for all queries; the pass is what takes the time.
                names = [name for name in TEXT_PROPOSING if name in texts]
                asked = [texts[name] for name in names]
                if np.array_equal(asked[0], asked[-1]):
                    asked = asked[:1]
                told = np.ascontiguousarray((self.vectors @ np.stack(asked, axis=1)).T)
                told = np.broadcast_to(_even(told), (len(names), self.n_items))
                similar = dict(zip(names, told, strict=True))
            if self._words is not None:
                similar |= {name: self._words.everywhere(q) for name, q in words.items()}
            chosen = [self.popular, *(found[name].first(self.width) for name in PROPOSING)]
            chosen += [model_first(scores, self.width) for scores in dense.values()]
            chosen += [first_of(similar[n], self.width) for n in TEXT_PROPOSING if n in similar]
            items = np.unique(np.concatenate(chosen)).astype(np.int64)
        else:
            items = given
        rows, offsets = np.zeros(len(items), np.int64), np.array([0, len(items)])
        short = items.astype(np.int32)
        columns = [sparse_columns(list(found.values()), items)]
        for scores in dense.values():
            columns.append(np.column_stack(_model_features(scores, rows, short, offsets)))
        columns.append(item_columns(views, session, self.counts, items))
        values: list[Floats] = []
        for query in texts.values():
            values.append(_pairs(query[None], self.vectors, rows, short))
        for name, row in words.items():
            assert self._words is not None
            known = similar.get(name)
            values.append(self._words.among(row, items) if known is None else known[items])
        if values:
            columns.append(text_columns(values))
        return Candidates(offsets, short, np.concatenate(columns, axis=1))

    def _queries(self, sessions: Sessions) -> dict[str, tuple[Any, Any]]:
        """By name, what the session viewed as vectors and the items to compare it with."""
        queries: dict[str, tuple[Any, Any]] = {}
        n = self.n_items
        if self.vectors is not None:
            for kind, decay in TEXT_KINDS.items():
                query = view_weights(sessions, n, decay) @ self.vectors
                query /= np.maximum(np.linalg.norm(query, axis=1, keepdims=True), 1e-12)
                queries[f"text {kind}"] = query.astype(np.float32), self.vectors
        if self.words is not None:
            for kind, decay in WORD_KINDS.items():
                weights = view_weights(sessions, n, decay)
                total = np.maximum(np.asarray(weights.sum(axis=1)).ravel(), 1e-12)
                weights.data /= np.repeat(total, np.diff(weights.indptr)).astype(np.float32)
                query = (weights @ self.words).tocsr()
                query.sort_indices()
                queries[kind] = query, self.words
        return queries

    def _proposed(
        self,
        rows: int,
        found: dict[str, csr_array],
        dense: dict[str, Scores],
        similar: dict[str, Scores],
    ) -> NDArray[np.int64]:
        n = self.n_items
        keys = [(np.arange(rows)[:, None] * n + self.popular[None, :]).ravel()]
        for name in PROPOSING:
            keys.append(_keys(sparse_top_k(found[name], self.width).ids, n))
        for scores in dense.values():
            keys.append(_keys(top_k(scores, self.width).ids, n))
        for name in TEXT_PROPOSING:
            if name in similar:
                # A session without any word is near to nothing.
                told = similar[name]
                told = np.where(told.any(axis=1, keepdims=True), told, np.float32(-np.inf))
                keys.append(_keys(top_k(told, self.width).ids, n))
        return np.unique(np.concatenate(keys))

    def _item_features(
        self, sessions: Sessions, items: Ints, key: NDArray[np.int64]
    ) -> list[Floats]:
        viewed = sessions.row_of * self.n_items + sessions.items
        unique, often = np.unique(viewed, return_counts=True)
        age = np.full(len(unique), np.iinfo(np.int64).max)
        np.minimum.at(age, np.searchsorted(unique, viewed), ages(sessions))
        place = np.minimum(np.searchsorted(unique, key), max(0, len(unique) - 1))
        hit = unique[place] == key if len(unique) else np.zeros(len(key), bool)
        count = self.counts[items]
        if not len(unique):
            nothing = np.zeros(len(key), np.float32)
            cold = (count == 0).astype(np.float32)
            return [np.log1p(count).astype(np.float32), cold, nothing, nothing, nothing]
        return [
            np.log1p(count).astype(np.float32),
            (count == 0).astype(np.float32),
            hit.astype(np.float32),
            np.where(hit, np.log1p(often[place]), 0).astype(np.float32),
            np.where(hit, 1 / (1.0 + age[place]), 0).astype(np.float32),
        ]


def _all_items(query: Any, over: Any) -> Scores:
    product = query @ over.T
    if isinstance(product, np.ndarray):
        return _even(product)
    dense: Scores = product.toarray()
    return dense.astype(np.float32, copy=False)


def _even(cosines: Scores) -> Scores:
    """Cosines in steps of 2 ** -17, in place: items of the same text then tie exactly.

    The last bits of a dense product differ with the shape of the matrices.
    """
    cosines += np.float32(64)
    cosines -= np.float32(64)
    return cosines


def _pairs(query: Any, over: Any, rows: NDArray[np.int64], items: Ints) -> Floats:
    value: Floats
    if isinstance(query, np.ndarray):
        value = np.einsum("ij,ij->i", query[rows], over[items])
    else:
        value = np.asarray(query[rows].multiply(over[items]).sum(axis=1)).ravel()
    return value.astype(np.float32)


def _keys(ids: Ints, n_items: int) -> NDArray[np.int64]:
    rows, places = np.nonzero(ids >= 0)
    return rows * np.int64(n_items) + ids[rows, places]


def _sparse_features(
    matrix: csr_array, rows: NDArray[np.int64], key: NDArray[np.int64], offsets: NDArray[np.int64]
) -> list[Floats]:
    matrix.sort_indices()
    n = matrix.shape[1]
    have = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)) * n + matrix.indices
    value = np.zeros(len(key), np.float32)
    if len(have):
        place = np.minimum(np.searchsorted(have, key), len(have) - 1)
        value = np.where(have[place] == key, matrix.data[place], 0).astype(np.float32)
    best = group_max(value, offsets)[rows]
    relative = (value / np.maximum(best, np.float32(1e-12))).astype(np.float32)
    logged = (np.log(relative + 1e-3) / 6.9 + 1).astype(np.float32)
    return [relative, logged, place_score(value, rows, offsets)]


def _model_features(
    scores: Scores, rows: NDArray[np.int64], items: Ints, offsets: NDArray[np.int64]
) -> list[Floats]:
    finite = np.isfinite(scores)
    mean = np.where(finite, scores, 0).sum(axis=1) / np.maximum(finite.sum(axis=1), 1)
    spread = np.sqrt(
        np.where(finite, (scores - mean[:, None]) ** 2, 0).sum(axis=1)
        / np.maximum(finite.sum(axis=1), 1)
    )
    z = (scores[rows, items] - mean[rows]) / np.maximum(spread[rows], 1e-9)
    z = np.where(np.isfinite(z), z, -3.0).astype(np.float32)
    return [z, z - group_max(z, offsets)[rows], place_score(z, rows, offsets)]


def group_max(value: Floats, offsets: NDArray[np.int64]) -> Floats:
    """The largest value of every group, 0 for an empty one."""
    best = np.zeros(len(offsets) - 1, value.dtype)
    filled = np.diff(offsets) > 0
    if filled.any():
        best[filled] = np.maximum.reduceat(value, offsets[:-1][filled])
    return best


def place_score(value: Floats, rows: NDArray[np.int64], offsets: NDArray[np.int64]) -> Floats:
    """10 / (9 + place) by falling value within a group; equal values share the last place."""
    order = np.lexsort((-value, rows))
    place = np.empty(len(value), np.float32)
    place[order] = np.arange(len(value)) - offsets[rows[order]]
    ranked = value[order]
    last = np.flatnonzero(np.append((ranked[1:] != ranked[:-1]) | (np.diff(rows[order]) > 0), True))
    run = np.searchsorted(last, np.arange(len(value)))
    place[order] = place[order][last[run]]
    return (10 / (10 + place)).astype(np.float32)
