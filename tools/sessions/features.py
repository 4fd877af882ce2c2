"""Features of candidates: what the parts think of pairs of session and item.

Every value enters with its distance from the session's best and its place, so that sessions of
different certainty can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.sessions.data import Ints
from tools.sessions.rows import Floats, Index, Row
from tools.sessions.single import Views


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


def together(parts: Sequence[Candidates], width: int) -> Candidates:
    """The sessions of several sets, one after the other; `width` features, should there be none."""
    if len(parts) == 1:
        return parts[0]
    sizes = [np.diff(part.offsets) for part in parts]
    return Candidates(
        np.concatenate([[0], np.cumsum(np.concatenate([[], *sizes]))]).astype(np.int64),
        np.concatenate([np.empty(0, np.int32), *(part.items for part in parts)]),
        np.concatenate([np.empty((0, width), np.float32), *(part.features for part in parts)]),
    )


def sparse_columns(rows: list[Row], items: Index) -> Floats:
    """Features of counting parts: of best, its logarithm and place, [3 * parts, items].

    Args:
        rows: the parts' scores of one session.
        items: rising.
    """
    from tools.sessions.kernels import values_at

    value = np.empty((len(rows), len(items)), np.float32)
    for row, told in zip(rows, value, strict=True):
        values_at(row.items, row.values, items, told)
    best = value.max(axis=1, initial=0, keepdims=True)
    features = np.empty((3 * len(rows), len(items)), np.float32)
    relative = np.divide(value, np.maximum(best, np.float32(1e-12)), out=features[0::3])
    features[1::3] = np.log(relative + 1e-3) / 6.9 + 1
    write_places(value, features[2::3])
    return features


def model_columns(scores: Floats, items: Index) -> Floats:
    """Features of another model: standard score over the catalogue, below best, place, [3, items].

    Args:
        scores: of one session, [n_items]; -inf is no opinion.
        items: what is judged.
    """
    finite = scores[np.isfinite(scores)]
    mean, spread = (finite.mean(), finite.std()) if len(finite) else (0.0, 0.0)
    z = (scores[items] - mean) / max(spread, 1e-9)
    features = np.empty((3, len(items)), np.float32)
    features[0] = np.where(np.isfinite(z), z, -3.0)
    features[1] = features[0] - features[0].max(initial=-np.inf)
    write_places(features[:1], features[2:])
    return features


def item_columns(views: Views, counts: Floats, items: Index) -> Floats:
    """Popularity, cold, viewed, how often, how lately, [5, items].

    Args:
        views: of one session.
        counts: training views by item.
        items: what is judged.
    """
    count = counts[items]
    features = np.zeros((5, len(items)), np.float32)
    features[0] = np.log1p(count)
    features[1] = count == 0
    if len(views.items):
        place = np.minimum(np.searchsorted(views.items, items), len(views.items) - 1)
        hit = np.flatnonzero(views.items[place] == items)
        place = place[hit]
        features[2, hit] = 1
        features[3, hit] = np.log1p(views.often[place])
        features[4, hit] = 1 / (1.0 + views.age[place])
    return features


def write_places(value: Floats, told: Floats) -> None:
    """Write 10 / (9 + place) by falling value within each row; equal ones share the last place."""
    from tools.sessions.kernels import places

    # As whole numbers in the order of the values, with the column in the lower half: numpy sorts
    # these in vector registers, while its argsort is slow where many values are equal.
    bits = value.view(np.int32)
    ordered = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64) << 32
    ordered |= np.arange(value.shape[1])
    ordered.sort(axis=1)
    places(value, ordered & 0xFFFFFFFF, told)


def group_max(value: Floats, offsets: NDArray[np.int64]) -> Floats:
    """The largest value of every group, 0 for an empty one."""
    best = np.zeros(len(offsets) - 1, value.dtype)
    filled = np.diff(offsets) > 0
    if filled.any():
        best[filled] = np.maximum.reduceat(value, offsets[:-1][filled])
    return best


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
