"""V-SKNN: the sessions most like this one vote for the items they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import (
    Counting,
    SequentialRules,
    ages,
    csr_arrays,
    csr_from,
    last_views,
    session_matrix,
)
from tools.sessions.data import SessionData, Sessions
from tools.sessions.metrics import recall, reciprocal_rank, target_ranks
from tools.sessions.protocol import FitReport, sparse_top_k

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class VSKNN(Counting):
    """Vector multiplication session-kNN.

    Ludewig and Jannach, "Evaluation of session-based recommendation algorithms", UMUAI 2018. The
    likeness of a training session is the sum of the weights of the items it shares with the
    current one; recent views weigh more. Each of the nearest sessions then votes for its items,
    the more the later its last shared item was viewed.

    Args:
        neighbours: training sessions that vote.
        similarity_decay: weight of a view against the one after it, in the likeness.
        vote_decay: weight of a neighbour by the age of the last shared item, vote_decay ** age.
        length_power: likeness is divided by (items of the neighbour) ** length_power.
        idf_power: votes are multiplied by log(sessions / sessions with the item) ** idf_power.
    """

    name = "vsknn"

    def __init__(
        self,
        neighbours: int = 500,
        similarity_decay: float = 0.8,
        vote_decay: float = 0.8,
        length_power: float = 0.5,
        idf_power: float = 1.0,
    ) -> None:
        super().__init__()
        self.neighbours = neighbours
        self.similarity_decay = similarity_decay
        self.vote_decay = vote_decay
        self.length_power = length_power
        self.idf_power = idf_power

    def settings(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            "neighbours": self.neighbours,
            "similarity_decay": self.similarity_decay,
            "vote_decay": self.vote_decay,
            "length_power": self.length_power,
            "idf_power": self.idf_power,
        }

    def learn(self, sequences: Sessions) -> None:
        """Keep the sessions, by session and by item."""
        self.held = session_matrix(sequences, self.n_items)
        self._index()

    def _index(self) -> None:
        lengths = np.maximum(np.diff(self.held.indptr), 1)
        self._scale = lengths.astype(np.float32) ** -self.length_power
        self._by_item = self.held.T.tocsr()
        occurs = np.maximum(np.diff(self._by_item.indptr), 1)
        idf = np.maximum(np.log(max(1, self.held.shape[0]) / occurs), 1e-3)
        self._idf = (idf**self.idf_power).astype(np.float32)

    def nearest(self, sessions: Sessions) -> csr_array:
        """The neighbours of every session with the weight of their vote, CSR [rows, training].

        Of equally like sessions those that stand later in the training file come first, as
        Ludewig and Jannach prefer recent ones.
        """
        from scipy.sparse import csr_array

        fresh = last_views(sessions)
        rows, items, age = sessions.row_of[fresh], sessions.items[fresh], ages(sessions)[fresh]
        # 2 ** -age, summed over the shared items, tells the youngest of them by its exponent:
        # ages are distinct, so all older ones together stay below it. A double holds 1000.
        near = age < 1000
        rows, items, age = rows[near], items[near], age[near]
        shape = (len(sessions), self.n_items)
        weight = self.similarity_decay**age
        like = csr_array((weight, (rows, items)), shape=shape) @ self._by_item
        youngest = csr_array((2.0**-age, (rows, items)), shape=shape) @ self._by_item
        # Both come from the same pattern, so their entries stand in the same order.
        value = like.data * self._scale[like.indices]
        row = np.repeat(np.arange(len(sessions)), np.diff(like.indptr))
        counts = np.diff(like.indptr)
        kept = np.ones(len(value), bool)
        if len(counts) and counts.max() > self.neighbours:
            order = np.lexsort((-like.indices, -value, row))
            place = np.arange(len(row)) - like.indptr[row]
            kept[order] = place < self.neighbours
        last = 1 - np.frexp(youngest.data[kept])[1]
        vote = (value[kept] * self.vote_decay**last).astype(np.float32)
        shape = (len(sessions), self.held.shape[0])
        return csr_array((vote, (row[kept], like.indices[kept])), shape=shape)

    def sparse_scores(self, sessions: Sessions) -> csr_array:
        """See `Counting.sparse_scores`."""
        found: csr_array = (self.nearest(sessions) @ self.held).tocsr()
        found.data *= self._idf[found.indices]
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The sessions kept."""
        return csr_arrays("held", self.held)

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take the sessions back."""
        self.held = csr_from("held", arrays, self.n_items)
        self._index()


RULE_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0)


class VSKNNWithRules(Counting):
    """V-SKNN for reach, sequential rules for the first places: a sum of both, each over its best.

    Args:
        rule_weight: of the rules' score, which is divided by its largest in the row as V-SKNN's is;
            None chooses it in the fit, on validation rows where there are any, else 0.5.
        settings: of `VSKNN`.
    """

    name = "vsknn+rules"

    def __init__(self, rule_weight: float | None = None, **settings: Any) -> None:
        super().__init__()
        self.chosen = rule_weight is None
        self.rule_weight = 0.5 if rule_weight is None else rule_weight
        self.knn = VSKNN(**settings)
        self.rules = SequentialRules()

    def settings(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"rule_weight": self.rule_weight, **self.knn.settings()}

    def fit(self, data: SessionData, *, seed: int = 0, progress: bool = False) -> FitReport:
        """See `SessionModel.fit`."""
        report = super().fit(data, seed=seed, progress=progress)
        if self.chosen and len(data.valid):
            self._choose(data.valid.slice(0, min(3000, len(data.valid))))
        return replace(report, notes={"rule_weight": self.rule_weight})

    def _choose(self, valid: Sessions) -> None:
        """The weight with the best product of Recall@50 and MRR@50, viewed items kept or not."""
        knn = over_best(self.knn.sparse_scores(valid))
        rules = over_best(self.rules.sparse_scores(valid))
        quality: dict[float, float] = {}
        for weight in RULE_WEIGHTS:
            found = (knn + weight * rules).tocsr()
            for viewed in (None, valid):
                ranks = target_ranks(sparse_top_k(found, 100, viewed), valid.targets)
                both = recall(ranks, 50).mean() * reciprocal_rank(ranks, 50).mean()
                quality[weight] = max(quality.get(weight, 0.0), float(both))
        self.rule_weight = max(quality, key=lambda w: quality[w])

    def learn(self, sequences: Sessions) -> None:
        """Let both learn."""
        self.knn.n_items = self.rules.n_items = self.n_items
        self.knn.learn(sequences)
        self.rules.learn(sequences)

    def sparse_scores(self, sessions: Sessions) -> csr_array:
        """See `Counting.sparse_scores`."""
        knn = over_best(self.knn.sparse_scores(sessions))
        rules = over_best(self.rules.sparse_scores(sessions))
        found: csr_array = (knn + self.rule_weight * rules).tocsr()
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What both learned."""
        return {**self.knn.arrays(), **self.rules.arrays()}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take back what both learned."""
        self.knn.n_items = self.rules.n_items = self.n_items
        self.knn.restore(arrays)
        self.rules.restore(arrays)


def over_best(found: csr_array) -> csr_array:
    """Every row divided by its largest entry."""
    from scipy.sparse import csr_array

    best = found.max(axis=1).toarray().ravel()
    data = found.data / np.repeat(np.where(best > 0, best, 1), np.diff(found.indptr))
    return csr_array((data.astype(np.float32), found.indices, found.indptr), shape=found.shape)
