"""Newton's method on the revenue level: exact for MNL wherever one level can be solved exactly.

R(S) = N(S) / D(S) is at least z exactly when the sum over S of v_i (r_i - z) is at least v0 z.
Maximising that sum and moving z to the ratio of the set found rises to the optimum in a few steps
(Dinkelbach 1967; for assortments Rusmevichientong, Shen and Shmoys 2010).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tools.assortment.arrays import Floats, Ints
from tools.assortment.greedy import SMALL, Greedy

SAMPLE = 101
"""A start level comes from every SAMPLE-th item of a large catalogue."""
KEPT = 512
"""Items of largest key kept by a pass, or 16 times the size limit where that is more."""
_EPS = 1e-15


@dataclass(frozen=True, eq=False)
class Base:
    """What every set holds: v0 and the forced items (their sum of v r and sum of v)."""

    v0: float
    value: float = 0.0
    weight: float = 0.0

    @property
    def denominator(self) -> float:
        """v0 plus the attractions of the forced items."""
        return self.v0 + self.weight

    def ratio(self, v: Floats, r: Floats, items: Ints) -> float:
        """Expected reward of the forced items together with `items`."""
        chosen = v[items]
        return (self.value + float(chosen @ r[items])) / (self.denominator + float(chosen.sum()))


def newton(
    best: Callable[[float], Ints | None], ratio: Callable[[Ints], float], start: float | None
) -> tuple[Ints, float, int] | None:
    """(set, optimal ratio, rounds), or None where no set is allowed.

    Args:
        best: the set maximising the sum of v_i (r_i - z) for a level z.
        ratio: expected reward of a set.
        start: any first level; one near the optimum saves rounds, a wrong one does no harm.
    """
    level = 0.0 if start is None else start
    held: Ints | None = None
    value = -np.inf
    rounds = 0
    while True:
        items = best(level)
        rounds += 1
        if items is None:
            return None
        reached = ratio(items)
        if held is not None and reached <= value + _EPS * abs(value):
            return held, value, rounds
        held, value = items, reached
        level = value


def maximise(
    greedy: Greedy, base: Base, start: float | None = None
) -> tuple[Ints, float, int] | None:
    """(positions, expected reward, passes) of the optimum, None where no set is allowed."""
    if greedy.n > SMALL:
        if start is None:
            start = _sample_level(greedy, base)
        if greedy.unlimited:
            return _unlimited(greedy, base, start)
        if greedy.tree is None and greedy.hi < greedy.n // SAMPLE:
            return _few_passes(greedy, base, start)
    return newton(_best_of(greedy), _ratio_of(base, greedy), start)


def _sample_level(greedy: Greedy, base: Base) -> float:
    v, r = greedy.v[::SAMPLE].copy(), greedy.r[::SAMPLE].copy()
    small = Greedy(v, r, min(greedy.lo, v.size), min(greedy.hi, v.size))
    found = maximise(small, base, 0.0)
    return found[1] if found else 0.0


def _unlimited(greedy: Greedy, base: Base, start: float) -> tuple[Ints, float, int]:
    from tools.assortment import kernels

    value, level, rounds = -np.inf, start, 0
    while True:
        n_value, n_weight = kernels.totals_above(greedy.v, greedy.r, level)
        reached = (base.value + n_value) / (base.denominator + n_weight)
        rounds += 1
        if reached <= value + _EPS * abs(value):
            break
        value = level = reached
    items = np.flatnonzero((greedy.r > value) & (greedy.v > 0))
    return items, base.ratio(greedy.v, greedy.r, items), rounds


def _few_passes(greedy: Greedy, base: Base, start: float) -> tuple[Ints, float, int] | None:
    """Newton on the items of largest key at the start level, with a check that they suffice.

    A pass at level z keeps the KEPT largest keys; all others are at most tau. Keys fall as the
    level rises, so where the set found among the kept ones, at its own level z' >= z, needs no key
    below tau, no other item can enter it. Otherwise the pass is made again at z'.
    """
    from tools.assortment import kernels

    v, r = greedy.v, greedy.r
    count = min(max(KEPT, 16 * greedy.hi), greedy.n)
    floor = -np.inf if greedy.lo else 0.0
    level, rounds = start, 0
    while True:
        kept, keys = kernels.top_keys(v, r, 1.0, -level, count, floor)
        rounds += 1
        tau = float(keys.min()) if kept.size == count < greedy.n else floor
        kept = np.sort(kept)
        small = Greedy(v[kept], r[kept], greedy.lo, min(greedy.hi, kept.size))
        found = newton(_best_of(small), _ratio_of(base, small), level)
        if found is None:
            return None
        items, value, _ = found
        if value >= level:
            lowest = float((small.v[items] * (small.r[items] - value)).min(initial=np.inf))
            if lowest >= tau and (items.size == greedy.hi or tau <= 0.0):
                return kept[items], value, rounds
        if value == level:
            # The kept items hold the best set of this level, and it does not rise: optimal.
            return kept[items], value, rounds
        level = value


def _best_of(greedy: Greedy) -> Callable[[float], Ints | None]:
    return lambda level: greedy.best(1.0, -level)


def _ratio_of(base: Base, greedy: Greedy) -> Callable[[Ints], float]:
    return lambda items: base.ratio(greedy.v, greedy.r, items)
