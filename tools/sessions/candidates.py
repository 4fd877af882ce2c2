"""Candidates of a session, and what every part of the hybrid thinks of each of them.

Candidates are the union of the first places of several parts: session-kNN near and far, item-kNN,
rules, popularity, the text score over the whole catalogue, and any other model that is passed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import (
    Counting,
    ItemKNN,
    ItemWalk,
    SequentialRules,
    item_cosines,
    view_weights,
)
from tools.sessions.data import Ints, Sessions
from tools.sessions.features import (
    Candidates,
    Floats,
    item_features,
    model_features,
    sparse_features,
)
from tools.sessions.neighbours import VSKNN, over_best
from tools.sessions.protocol import Scores, SessionModel, sparse_top_k, top_k
from tools.sessions.single import OneRow, Views, item_columns, model_first, sparse_columns
from tools.sessions.text_parts import Asked, TextParts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PROPOSING = ("knn", "knn far", "knn near", "itemknn", "itemwalk", "rules", "knn+rules")
"""Counting parts whose first places become candidates."""


class Parts:
    """Everything that proposes or judges candidates, fitted on one data set.

    Args:
        width: places of each part that become candidates.
        others: further models, fitted elsewhere on the same data, by name.
        texts: of the items, or None.
    """

    def __init__(
        self,
        width: int = 100,
        others: dict[str, SessionModel] | None = None,
        texts: TextParts | None = None,
    ) -> None:
        self.width = width
        self.others = others or {}
        self.texts = texts
        self.counters: dict[str, Counting] = {
            "knn": VSKNN(idf_power=1.0),
            "knn far": VSKNN(1500, 1.0, 1.0, idf_power=1.0),
            "knn near": VSKNN(100, 0.6, 0.4),
            "itemknn": ItemKNN(0.7),
            "itemknn last": ItemKNN(0.0),
            "itemwalk": ItemWalk(0.7),
            "rules": SequentialRules(decay=0.6),
            "rules last": SequentialRules(),
        }

    def learn(self, sequences: Sessions, n_items: int) -> None:
        """Count over whole training sequences."""
        cosines = item_cosines(sequences, n_items)
        for counter in self.counters.values():
            counter.n_items = n_items
            if isinstance(counter, ItemKNN):
                counter.take(cosines)
            else:
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

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was learned and given, under names of their own."""
        kept: dict[str, NDArray[Any]] = {"counts": self.counts}
        for name, counter in self.counters.items():
            kept.update({f"{name}/{k}": v for k, v in counter.arrays().items()})
        if self.texts is not None:
            kept |= {f"texts/{k}": v for k, v in self.texts.arrays().items()}
        return kept

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take back what `arrays` gave."""
        self.counts = arrays["counts"]
        for name, counter in self.counters.items():
            counter.n_items = len(self.counts)
            counter.restore(under(f"{name}/", arrays))
        texts = under("texts/", arrays)
        self.texts = TextParts.restored(texts) if texts else None
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
        return names + (self.texts.feature_names if self.texts else [])

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
        asked = []
        if self.texts is not None:
            asked = [self.texts.asked(Views(session)) for session in sessions.batches(1)]
        key = self._proposed(len(sessions), found, dense, asked) if given is None else given
        rows, items = key // n, (key % n).astype(np.int32)
        offsets = np.searchsorted(rows, np.arange(len(sessions) + 1))
        columns: list[Floats] = []
        for matrix in found.values():
            columns += sparse_features(matrix, rows, key, offsets)
        for scores in dense.values():
            columns += model_features(scores, rows, items, offsets)
        columns += item_features(sessions, self.counts, items, key)
        features = np.column_stack(columns).astype(np.float32)
        if self.texts is not None:
            told = np.empty((len(key), len(self.texts.feature_names)), np.float32)
            for one, start, end in zip(asked, offsets[:-1], offsets[1:], strict=True):
                told[start:end] = self.texts.columns(one, key[start:end] % n).T
            features = np.concatenate([features, told], axis=1)
        return Candidates(offsets, items, features)

    def _of_one(self, session: Sessions, given: NDArray[np.int64] | None) -> Candidates:
        """What `_of_many` gives for a single row."""
        if self._one is None:
            self._one = OneRow(self.counters, self.back)
        views = Views(session)
        found = self._one.rows(views)
        dense = {name: model.scores(session) for name, model in self.others.items()}
        asked = self.texts.asked(views) if self.texts else None
        if given is None:
            chosen = [self.popular, *(found[name].first(self.width) for name in PROPOSING)]
            chosen += [model_first(scores, self.width) for scores in dense.values()]
            if self.texts is not None and asked is not None:
                chosen.append(self.texts.first(asked, self.width))
            items = np.unique(np.concatenate(chosen)).astype(np.int64)
        else:
            items = given
        rows, offsets = np.zeros(len(items), np.int64), np.array([0, len(items)])
        short = items.astype(np.int32)
        columns = [sparse_columns(list(found.values()), items)]
        for scores in dense.values():
            columns.append(np.stack(model_features(scores, rows, short, offsets)))
        columns.append(item_columns(views, session, self.counts, items))
        if self.texts is not None and asked is not None:
            columns.append(self.texts.columns(asked, items))
        return Candidates(offsets, short, np.concatenate(columns).T)

    def _proposed(
        self,
        rows: int,
        found: dict[str, csr_array],
        dense: dict[str, Scores],
        asked: list[Asked],
    ) -> NDArray[np.int64]:
        n = self.n_items
        keys = [(np.arange(rows)[:, None] * n + self.popular[None, :]).ravel()]
        for name in PROPOSING:
            keys.append(_keys(sparse_top_k(found[name], self.width).ids, n))
        for scores in dense.values():
            keys.append(_keys(top_k(scores, self.width).ids, n))
        for row, one in enumerate(asked):
            assert self.texts is not None
            keys.append(row * n + self.texts.first(one, self.width))
        return np.unique(np.concatenate(keys))


def _keys(ids: Ints, n_items: int) -> NDArray[np.int64]:
    rows, places = np.nonzero(ids >= 0)
    return rows * np.int64(n_items) + ids[rows, places]


def under(start: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays whose names begin so, under the rest of their names."""
    return {k[len(start) :]: v for k, v in arrays.items() if k.startswith(start)}
