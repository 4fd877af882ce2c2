"""What every next-item model offers, neural or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tools.sessions.data import UNKNOWN, Ints, SessionData, Sessions

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Scores = NDArray[np.float32]

NO_OPINION = np.float32(-np.inf)
"""The score of an item that the model knows nothing about; it is never ranked."""

BATCH_CELLS = 20_000_000
"""Scores held at once when many sessions are ranked: 80 MB of float32."""


@dataclass(frozen=True)
class FitReport:
    """How a fit went.

    Attributes:
        seconds: wall clock of the fit.
        seconds_per_epoch: mean over the epochs run; for a model without epochs its whole fit.
        epochs: epochs run, 0 for a model without epochs.
        best_epoch: the epoch whose weights were kept, counted from 1.
        metric: the validation metric at that epoch (MRR@20 unless stated), None without one.
        history: per epoch `{"epoch", "loss", "metric", "seconds"}`.
        notes: what else should be known (device, sampled softmax, early stop, …).
    """

    seconds: float
    seconds_per_epoch: float
    epochs: int = 0
    best_epoch: int = 0
    metric: float | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TopK:
    """Ranked lists, best first.

    Attributes:
        ids: int32 [sessions, k], item indices, -1 beyond the end of a list.
        scores: float32 [sessions, k], -inf beyond the end of a list; never rising in a row.
    """

    ids: Ints
    scores: Scores


@runtime_checkable
class SessionModel(Protocol):
    """A next-item model. Same data, settings and seed give the same scores on a CPU."""

    name: str

    def fit(self, data: SessionData, *, seed: int = 0, progress: bool = False) -> FitReport:
        """Learn from `data.train`; `data.valid` only chooses and stops. Never reads `data.test`.

        Args:
            data: sessions over one vocabulary.
            seed: of everything random.
            progress: draw a bar on stderr.
        """
        ...

    def scores(self, sessions: Sessions) -> Scores:
        """Scores of every item, float32 [sessions, n_items]; -inf = no opinion.

        Larger is better; only the order and the spread within one row mean something. `n_items`
        is that of the data the model was fitted on. An empty session is answered too.
        """
        ...

    def score(self, sessions: Sessions, k: int, *, remove_viewed: bool = False) -> TopK:
        """The k best items of every session.

        Args:
            sessions: rows over the vocabulary of the fit.
            k: the length of the lists.
            remove_viewed: leave out what the session holds already.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the model as safetensors and JSON (`tools.sessions.storage`), never pickle."""
        ...

    @classmethod
    def load(cls, folder: Path) -> SessionModel:
        """Read what `save` wrote.

        Raises:
            SessionError: a file is missing, altered or cut short.
        """
        ...


@runtime_checkable
class ReadsChat(Protocol):
    """A model that learns from the chat beside the views, too (`Sessions.said`).

    Attributes:
        chat_encoder: of its texts, see `tools.sessions.text.encoder_named`.
    """

    chat_encoder: str | None


class Ranking:
    """Mixin: `score` from a model's dense `scores`, a bounded number of rows at a time."""

    def scores(self, sessions: Sessions) -> Scores:
        """See `SessionModel.scores`."""
        raise NotImplementedError

    def score(self, sessions: Sessions, k: int, *, remove_viewed: bool = False) -> TopK:
        """See `SessionModel.score`."""
        parts = []
        rows = 256
        start = 0
        while start < len(sessions):
            batch = sessions.slice(start, min(start + rows, len(sessions)))
            dense = self.scores(batch)
            parts.append(top_k(dense, k, batch if remove_viewed else None))
            start += len(batch)
            rows = max(1, min(4096, BATCH_CELLS // max(1, dense.shape[1])))
        return stacked(parts, k)


def top_k(dense: Scores, k: int, viewed: Sessions | None = None) -> TopK:
    """The k best items per row of a dense matrix; equal scores stand in the order of the index.

    Args:
        dense: float32 [rows, items]; not changed.
        k: the length of the lists.
        viewed: rows whose items are left out.
    """
    if viewed is not None and len(viewed.items):
        dense = dense.copy()
        dense[viewed.row_of, viewed.items] = NO_OPINION
    rows, n_items = dense.shape
    width = min(k, n_items)
    ids = np.full((rows, k), UNKNOWN, np.int32)
    best = np.full((rows, k), NO_OPINION, np.float32)
    if width == 0 or rows == 0:
        return TopK(ids, best)
    if width < n_items:
        # Which of several equal items at the edge is taken must not depend on the partition.
        edge = np.partition(dense, n_items - width, axis=1)[:, n_items - width]
        for row in range(rows):
            above = np.flatnonzero(dense[row] > edge[row])
            level = np.flatnonzero(dense[row] == edge[row])[: width - len(above)]
            chosen = np.concatenate([above, level])
            order = np.argsort(-dense[row, chosen], kind="stable")
            ids[row, :width] = chosen[order]
    else:
        ids[:, :width] = np.argsort(-dense, axis=1, kind="stable")
    best[:, :width] = np.take_along_axis(dense, ids[:, :width].astype(np.int64), axis=1)
    ids[best == NO_OPINION] = UNKNOWN
    return TopK(ids, best)


def stacked(parts: list[TopK], k: int) -> TopK:
    """Lists of several batches, one under the other."""
    if not parts:
        return TopK(np.empty((0, k), np.int32), np.empty((0, k), np.float32))
    return TopK(np.concatenate([p.ids for p in parts]), np.concatenate([p.scores for p in parts]))


def sparse_top_k(found: csr_array, k: int, viewed: Sessions | None = None) -> TopK:
    """The k best positive entries per row; equal scores stand in the order of the index.

    Args:
        found: CSR [rows, items].
        k: the length of the lists.
        viewed: rows whose items are left out.
    """
    found = found.tocsr()
    rows = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
    columns, values = found.indices, found.data.astype(np.float32)
    kept = values > 0
    if viewed is not None and len(viewed.items):
        width = found.shape[1]
        seen = viewed.row_of * width + viewed.items
        kept &= ~np.isin(rows * np.int64(width) + columns, seen)
    rows, columns, values = rows[kept], columns[kept], values[kept]
    order = np.lexsort((columns, -values, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    starts = np.searchsorted(rows, np.arange(found.shape[0] + 1))
    place = np.arange(len(rows)) - starts[rows]
    near = place < k
    ids = np.full((found.shape[0], k), UNKNOWN, np.int32)
    best = np.full((found.shape[0], k), NO_OPINION, np.float32)
    ids[rows[near], place[near]] = columns[near]
    best[rows[near], place[near]] = values[near]
    return TopK(ids, best)
