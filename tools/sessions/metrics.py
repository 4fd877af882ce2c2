"""Recall@k, MRR@k, coverage and popularity lift of ranked lists, with bootstrap intervals.

One rule everywhere: what is not sure does not count. A target that is cold or outside the list is
a miss; among equal scores the target stands last; a list that ends in a tie with the target does
not show how long the tie goes on, so the target counts as missed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.sessions.data import Ints, Sessions
from tools.sessions.protocol import TopK

Floats = NDArray[np.float64]

CUTS = (5, 20, 50, 100)
RESAMPLES = 1000


def target_ranks(lists: TopK, targets: Ints) -> Floats:
    """The place of every target in its list, counted from 1; inf where it is missed.

    Args:
        lists: ranked, best first.
        targets: int32 [rows], -1 where the target is unknown.
    """
    hit = (lists.ids == targets[:, None]) & (targets >= 0)[:, None]
    found = hit.any(axis=1)
    score = np.where(hit, lists.scores, -np.inf).max(axis=1, initial=-np.inf)
    listed = lists.ids >= 0
    rank = ((lists.scores >= score[:, None]) & listed).sum(axis=1).astype(float)
    if lists.ids.shape[1]:
        full = listed[:, -1]
        found &= ~(full & (lists.scores[:, -1] == score) & (lists.ids[:, -1] != targets))
        # A target in the very last place may tie with what the list left out, too.
        last_two = lists.ids.shape[1] > 1
        if last_two:
            found &= ~(full & (lists.scores[:, -1] == score) & (lists.scores[:, -2] == score))
    return np.where(found, rank, np.inf)


def recall(ranks: Floats, k: int) -> Floats:
    """1 where the target is among the first k, else 0; per row."""
    return (ranks <= k).astype(float)


def reciprocal_rank(ranks: Floats, k: int) -> Floats:
    """1 / rank where the target is among the first k, else 0; per row."""
    return np.where(ranks <= k, 1 / ranks, 0.0)


def per_row(ranks: Floats, cuts: Sequence[int] = CUTS) -> dict[str, Floats]:
    """`recall@k` and `mrr@k` of every row at every cut."""
    values: dict[str, Floats] = {}
    for k in cuts:
        values[f"recall@{k}"] = recall(ranks, k)
        values[f"mrr@{k}"] = reciprocal_rank(ranks, k)
    return values


def coverage(lists: TopK, k: int, n_items: int) -> float:
    """Share of the catalogue that stands in at least one list of length k."""
    shown = np.unique(lists.ids[:, :k])
    return float((shown >= 0).sum() / max(1, n_items))


def popularity_lift(lists: TopK, k: int, counts: Floats, sessions: Sessions) -> float:
    """How much more popular the lists are than what the shoppers viewed; 0 is no lift.

    (mean training views of the listed items - that of the viewed items) / that of the viewed
    items: Abdollahpouri, Mansoury, Burke and Mobasher, "The connection between popularity bias,
    calibration, and fairness in recommendation", RecSys 2020.
    """
    shown = lists.ids[:, :k]
    if not len(sessions.items) or not (shown >= 0).any():
        return float("nan")
    viewed = counts[sessions.items].mean()
    return float((counts[shown[shown >= 0]].mean() - viewed) / viewed) if viewed else float("nan")


def chains(sessions: Sessions) -> NDArray[np.int64]:
    """Groups of neighbouring rows that are prefixes of one another: one session, expanded.

    Their errors go together, so intervals resample them together. int64 [rows], from 0.
    """
    group = np.zeros(len(sessions), np.int64)
    rows = [row.tobytes() for row in sessions]
    for i in range(1, len(rows)):
        short, long = sorted((rows[i - 1], rows[i]), key=len)
        same = len(short) > 0 and long.startswith(short)
        group[i] = group[i - 1] + (not same)
    return group


@dataclass(frozen=True)
class Bootstrap:
    """Resampling weights, drawn once and used for every metric, so that differences are paired.

    Attributes:
        weights: float32 [resamples, groups], how often each group was drawn.
        group: int64 [rows], the group of each row.
        rows: rows in every resample, float32 [resamples].
    """

    weights: NDArray[np.float32]
    group: NDArray[np.int64]
    rows: NDArray[np.float32]

    @classmethod
    def of(
        cls, group: NDArray[np.int64], *, seed: int = 0, resamples: int = RESAMPLES
    ) -> Bootstrap:
        """Draw groups with replacement (Efron 1979; by cluster, Field and Welsh 2007)."""
        rng = np.random.default_rng(seed)
        groups = int(group.max()) + 1 if len(group) else 0
        weights = np.empty((resamples, groups), np.float32)
        for row in weights:
            row[:] = np.bincount(rng.integers(0, groups, groups), minlength=groups)
        sizes = np.bincount(group, minlength=groups).astype(np.float32)
        return cls(weights, group, weights @ sizes)

    def means(self, values: Floats) -> Floats:
        """The mean of `values` [rows] in every resample, float64 [resamples]."""
        sums = np.bincount(self.group, values, minlength=self.weights.shape[1])
        # In float32, as the weights are: widening them would copy hundreds of megabytes.
        drawn: Floats = (self.weights @ sums.astype(np.float32)).astype(np.float64)
        return drawn / self.rows

    def interval(self, values: Floats) -> tuple[float, float]:
        """95 % percentile interval of the mean of `values` [rows]."""
        low, high = np.percentile(self.means(values), [2.5, 97.5])
        return float(low), float(high)


def better(
    one: Floats, other: Floats, bootstrap: Bootstrap, measure: Callable[[Floats, int], Floats],
    k: int,
) -> tuple[float, float, float]:  # fmt: skip
    """Difference one - other of a measure at cut k with its paired 95 % interval."""
    difference = measure(one, k) - measure(other, k)
    return (float(difference.mean()), *bootstrap.interval(difference))
