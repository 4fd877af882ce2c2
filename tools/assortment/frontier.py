"""The frontier between revenue and the shopper's surplus, and the objective `balanced`.

For every level lambda the set with the largest sum of v_i (r_i - lambda) is on the supported
frontier of (expected revenue, surplus): at the optimal revenue z it is the revenue optimum, and as
lambda falls without end it becomes the set of most attraction, which is the shopper's optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tools.assortment.arrays import Floats, Ints
from tools.assortment.ratio import Base

BALANCE = 0.95
"""`balanced` keeps the purchase probability at or above this share of the best possible one."""


class Chooser(Protocol):
    """Gives the set maximising the sum of v_i (a r_i + b), a and b of any sign."""

    v: Floats
    r: Floats

    def best(self, a: float, b: float) -> Ints | None:
        """Positions of the set, or None where no set is allowed."""


@dataclass(frozen=True, eq=False)
class Corner:
    """A set on the frontier with its totals over free and forced items."""

    items: Ints
    value: float
    weight: float

    @classmethod
    def of(cls, chooser: Chooser, base: Base, items: Ints) -> Corner:
        """The totals of a set of free items."""
        chosen = chooser.v[items]
        return cls(
            items,
            base.value + float(chosen @ chooser.r[items]),
            base.weight + float(chosen.sum()),
        )

    def revenue(self, v0: float) -> float:
        """Expected reward per visitor."""
        return self.value / (v0 + self.weight)


def balanced(
    chooser: Chooser, base: Base, best_revenue: Ints, share: float = BALANCE
) -> tuple[Ints, int]:
    """The set of `balanced` and the number of choices made to find it.

    Among the sets that maximise the sum of v_i (r_i - lambda) for some lambda at or below the
    optimal revenue, the one with most revenue whose purchase probability reaches `share` of the
    best possible. Between two neighbours found so far the next lambda is where they tie, so each
    step finds a new corner of the frontier or proves that there is none between (Eisner and
    Severance 1976).
    """
    widest = chooser.best(0.0, 1.0)
    if widest is None:  # the caller holds a feasible set, so this cannot be
        raise AssertionError("a feasible problem has a set of most attraction")
    low = Corner.of(chooser, base, widest)
    high = Corner.of(chooser, base, best_revenue)
    best_purchase = low.weight / (base.v0 + low.weight)
    target = base.v0 * share * best_purchase / (1.0 - share * best_purchase)
    # What a rounding error takes from a sum must not decide.
    target -= 1e-12 * max(1.0, target)
    if high.weight >= target:
        return high.items, 1
    steps = 1
    while True:
        gain = low.weight - high.weight
        level = (low.value - high.value) / gain
        found = chooser.best(1.0, -level)
        steps += 1
        if found is None:
            raise AssertionError("a feasible problem has a best set at every level")
        corner = Corner.of(chooser, base, found)
        here = corner.value - level * corner.weight
        there = high.value - level * high.weight
        if here <= there + 1e-12 * max(1.0, abs(there)):
            return low.items, steps
        if corner.weight >= target:
            if corner.weight >= low.weight:
                return low.items, steps
            low = corner
        else:
            if corner.weight <= high.weight:
                return low.items, steps
            high = corner


def levels(best: Corner, widest: Corner, v0: float, points: int) -> Floats:
    """Values of lambda from the optimal revenue down to where the set of most attraction wins.

    They are spaced so that early ones lie close together: near the optimum the sets change most.
    """
    z = best.revenue(v0)
    if widest.weight <= best.weight:
        return np.asarray([z])
    tie = (widest.value - best.value) / (widest.weight - best.weight)
    span = max(z - tie, 1e-9 * max(1.0, abs(z)))
    return np.asarray(z - 2.0 * span * np.linspace(0.0, 1.0, max(points - 1, 1)) ** 2)
