"""Rates and tests on counts: Wilson, exact McNemar, pass^k, Holm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tools.errors import InputError


def wilson(successes: float, trials: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a rate (Wilson, 1927); keeps its level for rates near 0 and 1.

    Args:
        successes: how many succeeded; may be fractional, as an effective sample size is.
        trials: how many were tried, above 0.
        confidence: level of the two-sided interval.

    Returns:
        (low, high), both within [0, 1].

    Raises:
        InputError: no trials, or more successes than trials.
    """
    from scipy.special import ndtri

    if not trials > 0 or not 0 <= successes <= trials:
        raise InputError(f"a rate needs 0 <= successes <= trials, got {successes} of {trials}")
    z = float(ndtri(0.5 + confidence / 2))
    rate = successes / trials
    spread = z / trials * math.sqrt(successes * (trials - successes) / trials + z * z / 4)
    middle = rate + z * z / (2 * trials)
    scale = 1 + z * z / trials
    # Exactly 0 and 1 at the ends: rounding leaves 1e-17 there otherwise.
    low = 0.0 if successes == 0 else (middle - spread) / scale
    high = 1.0 if successes == trials else (middle + spread) / scale
    return max(low, 0.0), min(high, 1.0)


def mcnemar(wins: int, losses: int) -> float:
    """Two-sided p-value of the exact McNemar test (McNemar, 1947; binomial form).

    Args:
        wins: pairs in which only the first system was right.
        losses: pairs in which only the second was right.

    Returns:
        The p-value; 1.0 when the systems never disagree.

    Raises:
        InputError: a count is negative.
    """
    from scipy.stats import binomtest

    if wins < 0 or losses < 0:
        raise InputError("counts of wins and losses are not negative")
    if wins + losses == 0:
        return 1.0
    return float(binomtest(wins, wins + losses, 0.5).pvalue)


def pass_hat_k(successes: int, trials: int, k: int) -> float:
    """pass^k: the chance that k fresh trials of one case all succeed (tau-bench, 2024).

    The unbiased estimate C(c, k) / C(n, k) from c successes in n trials.

    Raises:
        InputError: k is not within 1..trials, or successes not within 0..trials.
    """
    if not 1 <= k <= trials or not 0 <= successes <= trials:
        raise InputError(
            f"pass^k needs 1 <= k <= trials and successes <= trials, "
            f"got k={k}, {successes} of {trials}"
        )
    return math.comb(successes, k) / math.comb(trials, k)


def mean_pass_hat_k(outcomes: Sequence[Sequence[bool]], k: int) -> float:
    """pass^k averaged over cases; `outcomes` holds the trials of each case.

    Raises:
        InputError: no case, or a case with fewer than k trials.
    """
    if not outcomes:
        raise InputError("pass^k needs at least one case")
    return sum(pass_hat_k(sum(trials), len(trials), k) for trials in outcomes) / len(outcomes)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p-values that keep the family-wise error (Holm, 1979), by the same names.

    Raises:
        InputError: a p-value is not within 0..1 (NaN included).
    """
    for name, p in p_values.items():
        if not 0 <= p <= 1:
            raise InputError(f"the p-value of {name!r} is {p}, not within 0 and 1")
    adjusted: dict[str, float] = {}
    worst = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda pair: pair[1])):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p))
        adjusted[name] = worst
    return {name: adjusted[name] for name in p_values}
