"""Features of candidates: what the parts think of many pairs of session and item at once.

Every value enters with its distance from the session's best and its place, so that sessions of
different certainty can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import ages
from tools.sessions.data import Ints, Sessions
from tools.sessions.protocol import Scores

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float32]


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


def sparse_features(
    matrix: csr_array, rows: NDArray[np.int64], key: NDArray[np.int64], offsets: NDArray[np.int64]
) -> list[Floats]:
    """Score over the best, its logarithm, place; each [pairs]."""
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


def model_features(
    scores: Scores, rows: NDArray[np.int64], items: Ints, offsets: NDArray[np.int64]
) -> list[Floats]:
    """Standard score over the catalogue, distance from the best, place; each [pairs]."""
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


def item_features(
    sessions: Sessions, counts: Floats, items: Ints, key: NDArray[np.int64]
) -> list[Floats]:
    """Popularity, cold, viewed, how often, how lately; each [pairs]."""
    viewed = sessions.row_of * len(counts) + sessions.items
    unique, often = np.unique(viewed, return_counts=True)
    age = np.full(len(unique), np.iinfo(np.int64).max)
    np.minimum.at(age, np.searchsorted(unique, viewed), ages(sessions))
    place = np.minimum(np.searchsorted(unique, key), max(0, len(unique) - 1))
    hit = unique[place] == key if len(unique) else np.zeros(len(key), bool)
    count = counts[items]
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


def with_target(
    found: Candidates, targets: Ints
) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """Only the sessions whose target is among the candidates: features, offsets, hits."""
    rows = found.rows
    hit = found.items == targets[rows]
    held = np.bincount(rows, hit, minlength=len(targets)) > 0
    kept = held[rows]
    sizes = np.diff(found.offsets)[held]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return found.features[kept], offsets, hit[kept]


def within_session(score: Floats, found: Candidates) -> Floats:
    """Scores with mean 0 and spread 1 over the candidates of each session."""
    rows = found.rows
    n = len(found.offsets) - 1
    size = np.maximum(np.diff(found.offsets), 1)
    mean = np.bincount(rows, score, minlength=n) / size
    apart = score - mean[rows]
    spread = np.sqrt(np.bincount(rows, apart**2, minlength=n) / size)
    return (apart / np.maximum(spread[rows], 1e-9)).astype(np.float32)
