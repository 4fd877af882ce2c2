"""Two systems on the same cases: how they differ, and what difference would have been seen."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evals.proportions import mcnemar
from evals.statistics import (
    DRAWS,
    MIN_CLUSTERS,
    SEED,
    Array,
    checked,
    chunks,
    cluster_index,
    cluster_sums,
    influence_of,
    standard_error_of,
)
from tools.errors import InputError, TooFewClusters


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


def _subset_means(values: Array, weights: Array, draws: int, seed: int) -> Array:
    """Weighted means over random non-empty subsets, each cluster in or out by a fair coin."""
    rng = np.random.default_rng(seed)
    k = len(values)
    means = []
    for size in chunks(draws, k):
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
    a, b = checked(first, "first"), checked(second, "second")
    if len(a) != len(b):
        raise InputError(f"the systems were run on different cases: {len(a)} and {len(b)}")
    ones = np.ones_like(a)
    a_den = (
        ones if first_denominators is None else checked(first_denominators, "denominator", len(a))
    )
    b_den = (
        ones if second_denominators is None else checked(second_denominators, "denominator", len(a))
    )
    index, k = cluster_index(clusters, len(a))
    better, worse = _wins(a, a_den, b, b_den)
    yes_or_no = bool(
        k == len(a)
        and (a_den == 1).all()
        and (b_den == 1).all()
        and np.isin(a, (0.0, 1.0)).all()
        and np.isin(b, (0.0, 1.0)).all()
    )
    tops = cluster_sums(a, index, k), cluster_sums(b, index, k)
    bottoms = cluster_sums(a_den, index, k), cluster_sums(b_den, index, k)
    influence = influence_of(tops[1], bottoms[1]) - influence_of(tops[0], bottoms[0])
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
            standard_error_of(influence) or 1 / k,
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
    for size in chunks(draws, k):
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
