"""Models that count: popularity, sequential rules, item-kNN. No training, nothing random."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tools.sessions.data import UNKNOWN, SessionData, Sessions
from tools.sessions.protocol import FitReport, Ranking, Scores, TopK, sparse_top_k, top_k
from tools.sessions.storage import read_model, write_model

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Model = TypeVar("Model", bound="Counting")


class Counting(Ranking):
    """What the counting models share: timing of the fit, saving, dense scores from sparse ones."""

    name = "counting"

    def __init__(self) -> None:
        self.n_items = 0

    def fit(self, data: SessionData, *, seed: int = 0, progress: bool = False) -> FitReport:
        """Count over `data.train`; see `SessionModel.fit`."""
        begun = time.perf_counter()
        self.n_items = data.n_items
        self.learn(data.train.sequences())
        seconds = time.perf_counter() - begun
        return FitReport(seconds, seconds)

    def learn(self, sequences: Sessions) -> None:
        """Count over whole sequences."""
        raise NotImplementedError

    def sparse_scores(self, sessions: Sessions) -> csr_array:
        """Positive scores only, CSR [sessions, n_items]; an absent entry is no opinion."""
        raise NotImplementedError

    def scores(self, sessions: Sessions) -> Scores:
        """See `SessionModel.scores`; items without a positive score are at -inf."""
        dense = self.sparse_scores(sessions).toarray().astype(np.float32)
        dense[dense <= 0] = -np.inf
        return dense

    def score(self, sessions: Sessions, k: int, *, remove_viewed: bool = False) -> TopK:
        """See `SessionModel.score`; never makes the scores dense."""
        found = self.sparse_scores(sessions)
        return sparse_top_k(found, k, sessions if remove_viewed else None)

    def settings(self) -> dict[str, Any]:
        """Arguments of the constructor, as JSON values."""
        return {}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was learned."""
        raise NotImplementedError

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take back what `arrays` gave."""
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """See `SessionModel.save`."""
        kept = {"n_items": self.n_items, "arguments": self.settings()}
        write_model(folder, self.name, kept, self.arrays())

    @classmethod
    def load(cls: type[Model], folder: Path) -> Model:
        """See `SessionModel.load`."""
        kept, arrays, _ = read_model(folder)
        model = cls(**kept["arguments"])
        model.n_items = int(kept["n_items"])
        model.restore(arrays)
        return model


class Popularity(Counting):
    """The items most often viewed in training, for every session alike."""

    name = "popularity"

    def learn(self, sequences: Sessions) -> None:
        """Count views."""
        self.counts = np.bincount(sequences.items, minlength=self.n_items).astype(np.float32)

    def scores(self, sessions: Sessions) -> Scores:
        """Number of training views, [sessions, n_items]."""
        row = np.where(self.counts > 0, self.counts, -np.inf).astype(np.float32)
        return np.broadcast_to(row, (len(sessions), self.n_items))

    def score(self, sessions: Sessions, k: int, *, remove_viewed: bool = False) -> TopK:
        """The same list for every session, but for what it viewed."""
        if remove_viewed:
            return Ranking.score(self, sessions, k, remove_viewed=True)
        best = top_k(self.scores(sessions.slice(0, min(1, len(sessions)))), k)
        return TopK(
            np.repeat(best.ids, len(sessions), axis=0)[: len(sessions)],
            np.repeat(best.scores, len(sessions), axis=0)[: len(sessions)],
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The counts."""
        return {"counts": self.counts}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take the counts back."""
        self.counts = arrays["counts"]


class SequentialRules(Counting):
    """What followed the last viewed items, weighted by how soon.

    Kamehkhosh, Jannach and Ludewig, "A comparison of frequent pattern techniques and a deep
    learning method for session-based recommendation" (2017): a rule i -> j gains 1 / distance
    whenever j came at most `steps` views after i.

    Args:
        steps: the longest distance that makes a rule.
        decay: weight of an earlier view against the one after it; 0 uses the last view alone.
    """

    name = "rules"

    def __init__(self, steps: int = 10, decay: float = 0.0) -> None:
        super().__init__()
        self.steps = steps
        self.decay = decay

    def settings(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"steps": self.steps, "decay": self.decay}

    def learn(self, sequences: Sessions) -> None:
        """Count the rules."""
        self.rules = pairs_at_distance(sequences, self.n_items, self.steps)

    def sparse_scores(self, sessions: Sessions) -> csr_array:
        """See `Counting.sparse_scores`."""
        found: csr_array = view_weights(sessions, self.n_items, self.decay) @ self.rules
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The rules."""
        return csr_arrays("rules", self.rules)

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take the rules back."""
        self.rules = csr_from("rules", arrays, self.n_items)


class ItemKNN(Counting):
    """Items by the cosine of the sets of sessions they occur in (Sarwar et al., WWW 2001).

    Args:
        decay: weight of an earlier view of the session against the one after it.
        shrink: added to the product of the norms, so that rare pairs weigh less.
    """

    name = "itemknn"

    def __init__(self, decay: float = 0.7, shrink: float = 0.0) -> None:
        super().__init__()
        self.decay = decay
        self.shrink = shrink

    def settings(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"decay": self.decay, "shrink": self.shrink}

    def learn(self, sequences: Sessions) -> None:
        """Count in how many sessions two items meet."""
        self.take(item_cosines(sequences, self.n_items, self.shrink))

    def take(self, cosines: csr_array) -> None:
        """Learn from what `item_cosines` gave."""
        self.similar = cosines

    def sparse_scores(self, sessions: Sessions) -> csr_array:
        """See `Counting.sparse_scores`."""
        found: csr_array = view_weights(sessions, self.n_items, self.decay) @ self.similar
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The similarities."""
        return csr_arrays("similar", self.similar)

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take the similarities back."""
        self.similar = csr_from("similar", arrays, self.n_items)


class ItemWalk(ItemKNN):
    """Items two steps away: what is like that which is like the viewed items.

    A walk over the items, each step to one of the `near` most similar, by its share of their
    cosines (after Cooper et al., "Random walks in recommender systems", WWW 2014). It reaches
    items that never met the viewed ones in a session.

    Args:
        decay: weight of an earlier view of the session against the one after it.
        near: items that a step may lead to.
        kept: of the items reached from each.
    """

    name = "itemwalk"

    def __init__(self, decay: float = 0.7, near: int = 30, kept: int = 100) -> None:
        super().__init__(decay)
        self.near = near
        self.kept = kept

    def settings(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"decay": self.decay, "near": self.near, "kept": self.kept}

    def take(self, cosines: csr_array) -> None:
        """Walk two steps from every item."""
        from scipy.sparse import csr_array

        from tools.sessions.kernels import row_best, two_steps

        size = cosines.shape[0]
        cosines.sort_indices()
        items = np.full((size, self.near), UNKNOWN, np.int32)
        shares = np.zeros((size, self.near), np.float32)
        row_best(cosines.indptr.astype(np.int64), cosines.indices, cosines.data, items, shares)
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), np.float32(1e-12))
        reached = np.full((size, self.kept), UNKNOWN, np.int32)
        chance = np.zeros((size, self.kept), np.float32)
        two_steps(items, shares, reached, chance)
        row, place = np.nonzero(reached != UNKNOWN)
        found = (chance[row, place], (row, reached[row, place]))
        self.similar = csr_array(found, shape=cosines.shape)


def item_cosines(sequences: Sessions, n_items: int, shrink: float = 0.0) -> csr_array:
    """Cosines of the sets of sessions that two items occur in, CSR [n_items, n_items].

    The diagonal is empty; `shrink` is added to the product of the norms.
    """
    from scipy.sparse import csr_array

    seen = session_matrix(sequences, n_items)
    norms = np.sqrt(np.asarray(seen.sum(axis=0)).ravel())
    met = (seen.T @ seen).tocoo()
    apart = met.row != met.col
    row, col = met.row[apart], met.col[apart]
    cosine = met.data[apart] / (norms[row] * norms[col] + shrink)
    return csr_array((cosine.astype(np.float32), (row, col)), shape=(n_items, n_items))


def session_matrix(sequences: Sessions, n_items: int) -> csr_array:
    """Which items a session holds, as ones, CSR [sessions, n_items]."""
    from scipy.sparse import csr_array

    # Copies, since summing duplicates happens in place.
    parts = (
        np.ones(len(sequences.items), np.float32),
        sequences.items.copy(),
        sequences.offsets.copy(),
    )
    matrix = csr_array(parts, shape=(len(sequences), n_items))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def view_weights(sessions: Sessions, n_items: int, decay: float) -> csr_array:
    """Weight of every viewed item by its age, decay ** age, CSR [sessions, n_items].

    An item that was viewed several times has the weight of its last view.
    """
    from scipy.sparse import csr_array

    rows, age = sessions.row_of, ages(sessions)
    if decay == 0:
        last = age == 0
        rows, items, weights = rows[last], sessions.items[last], np.ones(last.sum(), np.float32)
    else:
        fresh = last_views(sessions)
        # Beyond some age a weight is no number any more, only slow arithmetic.
        kept = fresh & (decay**age > 1e-6)
        rows, items = rows[kept], sessions.items[kept]
        weights = (decay ** age[kept]).astype(np.float32)
    return csr_array((weights, (rows, items)), shape=(len(sessions), n_items))


def ages(sessions: Sessions) -> NDArray[np.int64]:
    """How many views came after each view: 0 for the last of its row."""
    ends = np.repeat(sessions.offsets[1:], sessions.lengths)
    return ends - 1 - np.arange(len(sessions.items))


def last_views(sessions: Sessions) -> NDArray[np.bool_]:
    """Mask over the views: the last one of its item in its row."""
    if not len(sessions.items):
        return np.zeros(0, bool)
    width = int(sessions.items.max()) + 1
    key = sessions.row_of * width + sessions.items
    # The first occurrence from behind is the last view.
    first = np.unique(key[::-1], return_index=True)[1]
    mask = np.zeros(len(key), bool)
    mask[len(key) - 1 - first] = True
    return mask


def pairs_at_distance(sequences: Sessions, n_items: int, steps: int) -> csr_array:
    """Rules i -> j with the sum of 1 / distance over training, CSR [n_items, n_items]."""
    from scipy.sparse import csr_array

    rows = sequences.row_of
    items = sequences.items
    before, after, weight = [], [], []
    for distance in range(1, steps + 1):
        same = rows[distance:] == rows[:-distance]
        i, j = items[:-distance][same], items[distance:][same]
        apart = i != j
        before.append(i[apart])
        after.append(j[apart])
        weight.append(np.full(int(apart.sum()), 1 / distance, np.float32))
    index = (np.concatenate(before), np.concatenate(after))
    return csr_array((np.concatenate(weight), index), shape=(n_items, n_items))


def csr_arrays(name: str, matrix: csr_array) -> dict[str, NDArray[Any]]:
    """The parts of a CSR matrix under names of their own."""
    return {
        f"{name}.data": matrix.data,
        f"{name}.indices": matrix.indices,
        f"{name}.indptr": matrix.indptr,
    }


def csr_from(name: str, arrays: dict[str, NDArray[Any]], n_cols: int) -> csr_array:
    """The CSR matrix whose parts `csr_arrays` gave."""
    from scipy.sparse import csr_array

    data, indices, indptr = (arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
    return csr_array((data, indices, indptr), shape=(len(indptr) - 1, n_cols))
