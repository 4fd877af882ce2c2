"""Intervals and paired comparisons that respect clusters.

Turns of one dialogue, or products of one picture, are not independent, so what is resampled is
the cluster. Every figure here is a ratio of sums (a pooled rate such as recall, or a mean, whose
denominators are all 1); `numerators[i] / denominators[i]` belong to case i of `clusters[i]`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evals.proportions import mcnemar, wilson
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


@dataclass(frozen=True)
class Comparison:
    """The second system against the first, on the same cases."""

    first: float
    second: float
    difference: float
    """second - first."""
    low: float
    high: float
    p_value: float
    wins: int
    """Cases in which the second is strictly better, then worse, then equal."""
    losses: int
    ties: int
    clusters: int
    smallest_detectable: float
    """The difference that this sample would have found four times out of five."""
    mcnemar: float | None
    """Exact McNemar p-value, where every outcome is yes or no and every case its own cluster."""
    confidence: float = 0.95

    @property
    def different(self) -> bool:
        """Whether the systems are told apart: interval and permutation test agree on it."""
        return self.p_value <= 1 - self.confidence and not self.low <= 0 <= self.high

    @property
    def verdict(self) -> str:
        """ "better", "worse", or "not distinguishable" for the second system."""
        if not self.different:
            return "not distinguishable"
        return "better" if self.difference > 0 else "worse"


def _checked(values: ArrayLike, name: str, cases: int | None = None) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise InputError(f"{name} is one number per case")
    if cases is not None and len(array) != cases:
        raise InputError(f"{name} has {len(array)} entries for {cases} cases")
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InputError(f"{name} of case {int(bad[0])} is {array[bad[0]]}, not a finite number")
    return array


def _cluster_index(clusters: Sequence[Hashable], cases: int) -> tuple[NDArray[np.int64], int]:
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


def _cluster_sums(values: Array, index: NDArray[np.int64], count: int) -> Array:
    return np.bincount(index, weights=values, minlength=count).astype(np.float64)


def _chunks(draws: int, clusters: int) -> Iterator[int]:
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
    for size in _chunks(draws, k):
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
    top = _checked(numerators, "numerator")
    bottom = _checked(denominators, "denominator", len(top))
    index, k = _cluster_index(clusters, len(top))
    top, bottom = _cluster_sums(top, index, k), _cluster_sums(bottom, index, k)
    return _standard_error(_influence(top, bottom))


def _influence(top: Array, bottom: Array) -> Array:
    """What each cluster moves the ratio by, times the number of clusters; sums to 0."""
    total = bottom.sum()
    if not total > 0:
        raise InputError("nothing was counted: every denominator is 0")
    ratio = top.sum() / total
    moved: Array = (top - ratio * bottom) / (total / len(bottom))
    return moved


def _standard_error(influence: Array) -> float:
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
    top = _checked(numerators, "numerator")
    bottom = (
        np.ones_like(top)
        if denominators is None
        else _checked(denominators, "denominator", len(top))
    )
    if (bottom < 0).any():
        raise InputError("a denominator is negative")
    counted = bottom > 0
    names = [name for name, keep in zip(clusters, counted, strict=True) if keep]
    top, bottom = top[counted], bottom[counted]
    index, k = _cluster_index(names, len(top))
    top, bottom = _cluster_sums(top, index, k), _cluster_sums(bottom, index, k)
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
    design_effect = _standard_error(_influence(top, bottom)) ** 2 / independent
    return trials / max(1.0, design_effect)


def _subset_means(values: Array, weights: Array, draws: int, seed: int) -> Array:
    """Weighted means over random non-empty subsets, each cluster in or out by a fair coin."""
    rng = np.random.default_rng(seed)
    k = len(values)
    means = []
    for size in _chunks(draws, k):
        chosen = rng.integers(0, 2, size=(size, k), dtype=np.int8).astype(np.float64)
        bottom = chosen @ weights
        empty = bottom == 0
        # The empty subset has no mean; the full one takes its place (chance 2^-k each).
        chosen[empty], bottom[empty] = 1.0, weights.sum()
        means.append((chosen @ values) / bottom)
    return np.concatenate(means)


def compare_paired(
    first: ArrayLike,
    second: ArrayLike,
    clusters: Sequence[Hashable],
    *,
    first_denominators: ArrayLike | None = None,
    second_denominators: ArrayLike | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Comparison:
    """How the second system differs from the first on the same cases, and whether it does.

    Interval: Hartigan's typical values (JASA 64, 1969). The means of random subsets of the paired
    cluster differences are quantiles of their centre; this is the exact inversion of the sign-flip
    (Fisher-Pitman) test and holds its level at any number of clusters where the percentile
    bootstrap gives false alarms. Ratios with denominators of their own (precision) go through
    their linearised cluster contributions. p-value: clusters' labels swapped at random.

    Args:
        first: numerators of the first system, one per case.
        second: those of the second, the same cases in the same order.
        clusters: the cluster of each case.
        first_denominators: None for means.
        second_denominators: None for means.
        confidence: level of the interval and of the decision.
        draws: number of subsets and of label swaps.
        seed: of the generator.

    Raises:
        TooFewClusters: fewer than `MIN_CLUSTERS`.
        InputError: shapes differ or a number is not finite.
    """
    a, b = _checked(first, "first"), _checked(second, "second")
    if len(a) != len(b):
        raise InputError(f"the systems were run on different cases: {len(a)} and {len(b)}")
    ones = np.ones_like(a)
    a_den = (
        ones if first_denominators is None else _checked(first_denominators, "denominator", len(a))
    )
    b_den = (
        ones
        if second_denominators is None
        else _checked(second_denominators, "denominator", len(a))
    )
    index, k = _cluster_index(clusters, len(a))
    better, worse = _wins(a, a_den, b, b_den)
    yes_or_no = bool(
        k == len(a)
        and (a_den == 1).all()
        and (b_den == 1).all()
        and np.isin(a, (0.0, 1.0)).all()
        and np.isin(b, (0.0, 1.0)).all()
    )
    tops = _cluster_sums(a, index, k), _cluster_sums(b, index, k)
    bottoms = _cluster_sums(a_den, index, k), _cluster_sums(b_den, index, k)
    influence = _influence(tops[1], bottoms[1]) - _influence(tops[0], bottoms[0])
    rates = [float(top.sum() / bottom.sum()) for top, bottom in zip(tops, bottoms, strict=True)]
    difference = rates[1] - rates[0]
    if np.array_equal(bottoms[0], bottoms[1]):
        values, weights = tops[1] - tops[0], bottoms[0]
    else:
        values, weights = influence + difference, np.ones(k)
    typical = np.sort(_subset_means(values, weights, draws, seed))
    # Of M typical values, each gap holds the centre with chance 1 / (M + 1).
    rank = max(1, math.floor((1 - confidence) / 2 * (len(typical) + 1)))
    return Comparison(
        first=rates[0],
        second=rates[1],
        difference=difference,
        low=float(typical[rank - 1]),
        high=float(typical[-rank]),
        p_value=_swap_p_value(tops, bottoms, draws, seed + 1),
        wins=better,
        losses=worse,
        ties=len(a) - better - worse,
        clusters=k,
        smallest_detectable=smallest_detectable_effect(
            # No disagreement at all does not mean no error: then one cluster's worth is assumed.
            _standard_error(influence) or 1 / k,
            k,
            confidence=confidence,
        ),
        mcnemar=mcnemar(better, worse) if yes_or_no else None,
        confidence=confidence,
    )


def _wins(a: Array, a_den: Array, b: Array, b_den: Array) -> tuple[int, int]:
    # Cross products, so that a case without a denominator on either side counts as a tie.
    lead = b * a_den - a * b_den
    return int((lead > 0).sum()), int((lead < 0).sum())


def _swap_p_value(
    tops: tuple[Array, Array], bottoms: tuple[Array, Array], draws: int, seed: int
) -> float:
    """Two-sided p-value of the difference of ratios when whole clusters swap their labels."""
    rng = np.random.default_rng(seed)
    k = len(tops[0])
    d_top, d_bottom = tops[1] - tops[0], bottoms[1] - bottoms[0]
    sums = [(float(t.sum()), float(b.sum())) for t, b in zip(tops, bottoms, strict=True)]
    observed = abs(sums[1][0] / sums[1][1] - sums[0][0] / sums[0][1])
    extreme = 0
    for size in _chunks(draws, k):
        swap = rng.integers(0, 2, size=(size, k), dtype=np.int8).astype(np.float64)
        move_top, move_bottom = swap @ d_top, swap @ d_bottom
        with np.errstate(divide="ignore", invalid="ignore"):
            swapped = (sums[1][0] - move_top) / (sums[1][1] - move_bottom) - (
                sums[0][0] + move_top
            ) / (sums[0][1] + move_bottom)
        # An undefined ratio counts as extreme: the cautious side. Rounding must not break a tie.
        extreme += int((~(np.abs(swapped) < observed - 1e-12)).sum())
    return (extreme + 1) / (draws + 1)


def smallest_detectable_effect(
    standard_error: float, clusters: int, *, confidence: float = 0.95, power: float = 0.8
) -> float:
    """The true difference that a two-sided paired t test finds with the given power.

    Solved from the noncentral t distribution (Cohen, 1988), `clusters - 1` degrees of freedom.

    Args:
        standard_error: of the mean paired difference; 0 gives 0.
        clusters: number of clusters behind it.
        confidence: 1 - the level of the test.
        power: chance of finding it, above the level and below 1.

    Raises:
        TooFewClusters: fewer than `MIN_CLUSTERS`.
        InputError: the error or the power is out of range.
    """
    if clusters < MIN_CLUSTERS:
        raise TooFewClusters(
            f"an effect size needs at least {MIN_CLUSTERS} clusters, there are {clusters}"
        )
    if not standard_error >= 0 or not 1 - confidence < power < 1:
        raise InputError("a standard error is not negative and a power lies between level and 1")
    return _detectable_shift(clusters, confidence, power) * standard_error


@cache
def _detectable_shift(clusters: int, confidence: float, power: float) -> float:
    """The noncentrality (in standard errors) at which the t test reaches the power."""
    from scipy import optimize, stats

    freedom = clusters - 1
    cut = float(stats.t.ppf(0.5 + confidence / 2, freedom))

    def shortfall(shift: float) -> float:
        found: Any = stats.nct.sf(cut, freedom, shift) + stats.nct.cdf(-cut, freedom, shift)
        return float(found) - power

    ceiling = cut
    while shortfall(ceiling) < 0:
        ceiling += 1.0
    return float(optimize.brentq(shortfall, 1e-6, ceiling))
