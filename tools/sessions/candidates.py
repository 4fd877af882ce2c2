"""Candidates of a session, and what every part of the hybrid thinks of each of them.

Candidates are the union of the first places of several parts: session-kNN near and far, item-kNN,
rules, popularity, the text score over the whole catalogue, and any other model that is passed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import Counting, ItemKNN, ItemWalk, SequentialRules, item_cosines
from tools.sessions.data import Ints, Sessions
from tools.sessions.features import (
    Candidates,
    item_columns,
    model_columns,
    sparse_columns,
    together,
)
from tools.sessions.neighbours import VSKNN
from tools.sessions.protocol import Scores, SessionModel, top_k
from tools.sessions.rows import Floats, Index
from tools.sessions.single import Counted, Views
from tools.sessions.text_parts import TextParts

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
        self.counted = Counted(self.counters, self.back)

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

    def candidates(self, sessions: Sessions, given: Sequence[Ints] | None = None) -> Candidates:
        """Candidates and features of every session.

        Args:
            sessions: rows over the vocabulary of the fit.
            given: for every session the items to judge, each once, rising; None proposes them.
        """
        dense = [model.scores(sessions) for model in self.others.values()]
        found = []
        asked = [None] * len(sessions) if given is None else given
        for row, (session, own) in enumerate(zip(sessions.batches(1), asked, strict=True)):
            items = None if own is None else own.astype(np.int64)
            found.append(self._of_one(session, [scores[row] for scores in dense], items))
        return together(found, len(self.feature_names))

    def _of_one(self, session: Sessions, dense: list[Floats], items: Index | None) -> Candidates:
        views = Views(session)
        counted = self.counted.rows(views)
        asked = self.texts.asked(views) if self.texts else None
        if items is None:
            chosen = [self.popular, *(counted[name].first(self.width) for name in PROPOSING)]
            chosen += [_first(scores, self.width) for scores in dense]
            if self.texts is not None and asked is not None:
                chosen.append(self.texts.first(asked, self.width))
            items = np.sort(np.concatenate(chosen))
            items = items[np.diff(items, prepend=-1) > 0]
        columns = [sparse_columns(list(counted.values()), items)]
        columns += [model_columns(scores, items) for scores in dense]
        columns.append(item_columns(views, self.counts, items))
        if self.texts is not None and asked is not None:
            columns.append(self.texts.columns(asked, items))
        ends = np.array([0, len(items)])
        return Candidates(ends, items.astype(np.int32), np.concatenate(columns).T)


def _first(scores: Scores, k: int) -> Index:
    """Items a dense model puts first, [n_items] -> at most k."""
    ids: Ints = top_k(scores[None], k).ids[0]
    return ids[ids >= 0].astype(np.int64)


def under(start: str, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays whose names begin so, under the rest of their names."""
    return {k[len(start) :]: v for k, v in arrays.items() if k.startswith(start)}
