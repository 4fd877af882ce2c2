"""How often the paired comparison cries wolf, and how often it sees a real difference.

Simulated dialogues: a difficulty per dialogue, shared by both systems, and yes-or-no turns on top,
so that turns of one dialogue go right or wrong together as real ones do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.paired import compare_paired
from evals.proportions import wilson
from evals.statistics import bootstrap_ratios

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """What was measured at one number of clusters and one true difference."""

    clusters: int
    true_difference: float
    pairs: int
    flagged: int
    """Pairs called different by `compare_paired`."""
    flagged_by_bootstrap: int
    """Pairs whose percentile-bootstrap interval excludes 0, for comparison."""
    covered: int
    """Pairs whose interval holds the true difference."""

    def rate(self) -> tuple[float, float, float]:
        """(share called different, low, high) with the 95 % Wilson interval."""
        return (self.flagged / self.pairs, *wilson(self.flagged, self.pairs))


def simulate_pair(
    clusters: int, difference: float, rng: np.random.Generator
) -> tuple[Array, Array, list[int]]:
    """Outcomes of two systems on the same dialogues, and the dialogue of each turn.

    A dialogue has 2 to 6 turns and a difficulty from Beta(8, 2) (mean .8). Each system meets it
    with a deviation of its own per dialogue, and each turn is drawn from the outcome. Expected
    accuracy differs by `difference`; with 0 the two systems are exchangeable.
    """
    turns = rng.integers(2, 7, size=clusters)
    base = rng.beta(8, 2, size=clusters)
    names = np.repeat(np.arange(clusters), turns)
    outcomes = []
    for shift in (0.0, difference):
        own = rng.uniform(-0.15, 0.15, size=clusters)
        # Clipping would change the mean; a flip with the needed chance shifts it exactly.
        chance = np.clip(base + own, 0, 1)[names]
        right = rng.random(len(names)) < chance
        outcomes.append(_shifted(right, shift, rng))
    return outcomes[0], outcomes[1], [int(name) for name in names]


def _shifted(right: NDArray[np.bool_], shift: float, rng: np.random.Generator) -> Array:
    if shift:
        source = right if shift < 0 else ~right
        share = abs(shift) / expected_accuracy(wrong=shift > 0)
        right = right ^ (source & (rng.random(len(right)) < share))
    return right.astype(np.float64)


def expected_accuracy(*, wrong: bool = False) -> float:
    """Mean of min(1, max(0, B + U)) of `simulate_pair`, B ~ Beta(8, 2), U ~ U(-.15, .15)."""
    grid = (np.arange(200) + 0.5) / 200
    from scipy.stats import beta

    chance = np.clip(beta.ppf(grid, 8, 2)[:, None] + (0.3 * grid - 0.15)[None, :], 0, 1)
    mean = float(chance.mean())
    return 1 - mean if wrong else mean


def measure(
    clusters: int, difference: float, *, pairs: int = 1000, draws: int = 2000, seed: int = 7
) -> Calibration:
    """Simulate `pairs` comparisons and count how often the systems are called different."""
    flagged = by_bootstrap = covered = 0
    for number, (first, second, names) in enumerate(_pairs(clusters, difference, pairs, seed)):
        found = compare_paired(first, second, names, draws=draws, seed=seed + number)
        flagged += found.different
        covered += found.low <= difference <= found.high
        sums = np.bincount(names, weights=second - first).astype(np.float64)
        sizes = np.bincount(names).astype(np.float64)
        resampled = bootstrap_ratios(sums, sizes, draws=draws, seed=seed + number)
        low, high = np.quantile(resampled, (0.025, 0.975))
        by_bootstrap += not low <= 0 <= high
    return Calibration(clusters, difference, pairs, flagged, by_bootstrap, covered)


def _pairs(
    clusters: int, difference: float, pairs: int, seed: int
) -> Iterator[tuple[Array, Array, list[int]]]:
    rng = np.random.default_rng(seed)
    for _ in range(pairs):
        yield simulate_pair(clusters, difference, rng)


def measure_gate(
    clusters: int, figures: int, *, pairs: int = 1000, draws: int = 2000, seed: int = 7
) -> tuple[int, int]:
    """How often a whole comparison cries wolf over two runs of the same thing.

    Every case is a dialogue; a figure is right in a turn with the chance of the dialogue, so that
    figures rise and fall together as real ones do.

    Returns:
        Of `pairs`, those in which any figure's own interval excludes 0, and those in which any
        figure is called different after Holm's adjustment, as the gate does.
    """
    from evals.tables import compare_results

    rng = np.random.default_rng(seed)
    by_interval = called = 0
    for _ in range(pairs):
        sides: list[list[dict[str, object]]] = [[], []]
        turns = rng.integers(2, 7, size=clusters)
        base = rng.beta(8, 2, size=clusters)
        for number in range(clusters):
            for side in sides:
                own = np.clip(base[number] + rng.uniform(-0.15, 0.15), 0, 1)
                hits = rng.binomial(turns[number], own, size=figures)
                tallies = {
                    f"figure {f}": [float(h), float(turns[number])] for f, h in enumerate(hits)
                }
                side.append({"case": number, "cluster": number, "tallies": tallies})
        found = compare_results(*sides, draws=draws)
        by_interval += any(not d.found.low <= 0 <= d.found.high for d in found)
        called += any(d.verdict != "not distinguishable" for d in found)
    return by_interval, called


def report(*, pairs: int = 1000, draws: int = 2000, seed: int = 7) -> str:
    """The table of false alarms and power as plain text."""
    lines = [
        f"paired comparison, {pairs} simulated pairs of systems (2-6 turns a dialogue, "
        f"accuracy {expected_accuracy():.2f}), {draws} draws, seed {seed}",
        "dialogues  true diff  called different  95 % interval  percentile bootstrap  coverage",
    ]
    for difference in (0.0, -0.05, -0.10):
        for clusters in (10, 30, 100, 300) if difference else (10, 30, 100):
            found = measure(clusters, difference, pairs=pairs, draws=draws, seed=seed)
            rate, low, high = found.rate()
            lines.append(
                f"{clusters:9d}  {difference:9.2f}  {rate:16.3f}  {low:.3f} to {high:.3f}"
                f"  {found.flagged_by_bootstrap / pairs:20.3f}  {found.covered / pairs:8.3f}"
            )
    lines += [
        "",
        "whole comparisons of two runs of the same thing",
        "cases  figures  any interval excludes 0  called different  95 % interval",
    ]
    for clusters, figures in ((30, 8), (60, 20)):
        alone, called = measure_gate(clusters, figures, pairs=pairs, draws=draws, seed=seed)
        low, high = wilson(called, pairs)
        lines.append(
            f"{clusters:5d}  {figures:7d}  {alone / pairs:23.3f}  {called / pairs:16.3f}"
            f"  {low:.3f} to {high:.3f}"
        )
    return "\n".join(lines)
