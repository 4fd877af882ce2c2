"""Intervals that respect clusters.

Turns of one dialogue, or products of one picture, are not independent, so what is resampled is
the cluster. Every figure here is a ratio of sums (a pooled rate such as recall, or a mean, whose
denominators are all 1); `numerators[i] / denominators[i]` belong to case i of `clusters[i]`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evals.proportions import wilson
from tools.errors import InputError, TooFewClusters

MIN_CLUSTERS = 10
DRAWS = 10_000
SEED = 20_240_303

Array = NDArray[np.float64]

_CHUNK = 2_000_000  # random numbers held at once; bounds memory at about 20 MB


@dataclass(frozen=True)
class Interval:
    """An estimate with its two-sided interval."""

    estimate: float
    low: float
    high: float
    clusters: int
    cases: int
    method: str
    """"bootstrap", or "wilson" where too few failures or successes were seen to resample."""


def checked(values: ArrayLike, name: str, cases: int | None = None) -> Array:
    """One finite number per case as an array.

    Raises:
        InputError: another shape or length, or a number that is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(f"{name} is one number per case")
    if cases is not None and len(array) != cases:
        raise InputError(f"{name} has {len(array)} entries for {cases} cases")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InputError(f"{name} of case {int(bad[0])} is {array[bad[0]]}, not a finite number")
    return array


def cluster_index(clusters: Sequence[Hashable], cases: int) -> tuple[NDArray[np.int64], int]:
    """(number of the cluster of each case, number of clusters).

    Raises:
        TooFewClusters: fewer than `MIN_CLUSTERS`.
        InputError: not one cluster per case.
    """
    if len(clusters) != cases:
        raise InputError(f"{len(clusters)} cluster names for {cases} cases")
    numbers: dict[Hashable, int] = {}
    index = np.array([numbers.setdefault(name, len(numbers)) for name in clusters], dtype=np.int64)
    if len(numbers) < MIN_CLUSTERS:
        raise TooFewClusters(
            f"an interval needs at least {MIN_CLUSTERS} clusters (dialogues, pictures, sessions) "
            f"and there are {len(numbers)}: resampling so few says nothing about new ones"
        )
    return index, len(numbers)


def cluster_sums(values: Array, index: NDArray[np.int64], count: int) -> Array:
    """Sums over the cases of each cluster, shape (count,)."""
    return np.bincount(index, weights=values, minlength=count).astype(np.float64)


def chunks(draws: int, clusters: int) -> Iterator[int]:
    """Sizes that add up to `draws` and keep the random numbers held at once few."""
    size = max(1, min(draws, _CHUNK // clusters))
    for start in range(0, draws, size):
        yield min(size, draws - start)


def bootstrap_ratios(
    numerators: Array, denominators: Array, *, draws: int = DRAWS, seed: int = SEED
) -> Array:
    """Ratios of sums over clusters drawn with replacement (Efron, 1979).

    Args:
        numerators: per cluster, shape (clusters,).
        denominators: the same.
        draws: number of resamples.
        seed: of the generator.

    Returns:
        Shape (draws,) at most: a draw whose denominator is 0 has no ratio and is left out.
    """
    rng = np.random.default_rng(seed)
    k = len(numerators)
    ratios = []
    for size in chunks(draws, k):
        picked = rng.integers(0, k, size=(size, k))
        top, bottom = numerators[picked].sum(axis=1), denominators[picked].sum(axis=1)
        defined = bottom > 0
        ratios.append(top[defined] / bottom[defined])
    return np.concatenate(ratios)


def cluster_standard_error(
    numerators: ArrayLike, denominators: ArrayLike, clusters: Sequence[Hashable]
) -> float:
    """Clustered standard error of a ratio of sums, with the k / (k - 1) correction.

    The linearised (delta method) form; for a mean it is the clustered error of Miller, "Adding
    Error Bars to Evals" (arXiv 2411.00640, 2024).

    Raises:
        TooFewClusters: fewer than `MIN_CLUSTERS`.
        InputError: shapes differ, a number is not finite, or nothing was counted.
    """
    top = checked(numerators, "numerator")
    bottom = checked(denominators, "denominator", len(top))
    index, k = cluster_index(clusters, len(top))
    top, bottom = cluster_sums(top, index, k), cluster_sums(bottom, index, k)
    return standard_error_of(influence_of(top, bottom))


def influence_of(top: Array, bottom: Array) -> Array:
    """What each cluster moves the ratio by, times the number of clusters; sums to 0."""
    total = bottom.sum()
    if not total > 0:
        raise InputError("nothing was counted: every denominator is 0")
    ratio = top.sum() / total
    moved: Array = (top - ratio * bottom) / (total / len(bottom))
    return moved


def standard_error_of(influence: Array) -> float:
    """Standard error of a ratio from its influence values, with the k / (k - 1) correction."""
    k = len(influence)
    return float(np.sqrt(np.square(influence).sum() / (k * (k - 1))))


def cluster_bootstrap(
    numerators: ArrayLike,
    denominators: ArrayLike | None,
    clusters: Sequence[Hashable],
    *,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Interval:
    """A ratio of sums with its percentile interval over resampled clusters.

    Where the figure is a rate of yes or no and fewer than five of either were seen, resampling
    cannot show what was not seen; the Wilson interval is given instead, on the effective number
    of trials (trials / design effect; the number of clusters when all outcomes are alike).

    Args:
        numerators: one number per case.
        denominators: one number per case, not negative; None for a mean (all 1).
        clusters: the cluster of each case.
        confidence: level of the interval.
        draws: number of resamples.
        seed: of the generator; the same seed gives the same interval.

    Raises:
        TooFewClusters: fewer than `MIN_CLUSTERS` clusters have anything to count.
        InputError: shapes differ, a number is not finite, or a denominator is negative.
    """
    top = checked(numerators, "numerator")
    bottom = (
        np.ones_like(top)
        if denominators is None
        else checked(denominators, "denominator", len(top))
    )
    if (bottom < 0).any():
        raise InputError("a denominator is negative")
    counted = bottom > 0
    names = [name for name, keep in zip(clusters, counted, strict=True) if keep]
    top, bottom = top[counted], bottom[counted]
    index, k = cluster_index(names, len(top))
    top, bottom = cluster_sums(top, index, k), cluster_sums(bottom, index, k)
    trials, successes = float(bottom.sum()), float(top.sum())
    estimate = successes / trials
    tail = (1 - confidence) / 2
    if 0 <= successes <= trials and min(successes, trials - successes) < 5:
        effective = _effective_trials(top, bottom)
        low, high = wilson(estimate * effective, effective, confidence=confidence)
        method = "wilson"
    else:
        ratios = bootstrap_ratios(top, bottom, draws=draws, seed=seed)
        low, high = (float(q) for q in np.quantile(ratios, (tail, 1 - tail)))
        method = "bootstrap"
    return Interval(estimate, low, high, k, len(names), method)


def _effective_trials(top: Array, bottom: Array) -> float:
    """Trials over the design effect (Kish, 1965); never more than the trials themselves."""
    trials = float(bottom.sum())
    rate = float(top.sum()) / trials
    independent = rate * (1 - rate) / trials
    if independent == 0:
        return float(min(trials, len(bottom)))
    design_effect = standard_error_of(influence_of(top, bottom)) ** 2 / independent
    return trials / max(1.0, design_effect)
