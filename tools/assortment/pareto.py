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
from tools.assortment.greedy import SMALL, Greedy
from tools.assortment.ratio import Base

BALANCE = 0.95
"""`balanced` keeps the purchase probability at or above this share of the best possible one."""
BEFORE_NARROWING = 1
"""Choices among all items before those that no longer matter are left out."""


class Chooser(Protocol):
    """Gives the set maximising the sum of v_i (a r_i + b), a and b of any sign."""

    v: Floats
    r: Floats

    def best(self, a: float, b: float) -> Ints | None:
        """Positions of the set, or None where no set is allowed."""


@dataclass(frozen=True)
class Direction:
    """Keys v_i (a r_i + b)."""

    a: float
    b: float


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
    ends = (Direction(1.0, -high.revenue(base.v0)), Direction(0.0, 1.0))
    among: Ints | None = None
    here: Chooser = chooser
    steps = 1
    while True:
        if among is None and steps > BEFORE_NARROWING and isinstance(chooser, Greedy):
            among = _needed(chooser, high, low, ends)
            if among is not None:
                here = Greedy(
                    chooser.v[among], chooser.r[among], chooser.lo, min(chooser.hi, among.size)
                )
        level = (low.value - high.value) / (low.weight - high.weight)
        found = here.best(1.0, -level)
        steps += 1
        if found is None:
            raise AssertionError("a feasible problem has a best set at every level")
        corner = Corner.of(chooser, base, found if among is None else among[found])
        gain = corner.value - level * corner.weight
        known = high.value - level * high.weight
        if gain <= known + 1e-12 * max(1.0, abs(known)):
            return low.items, steps
        if corner.weight >= target:
            if corner.weight >= low.weight:
                return low.items, steps
            low, ends = corner, (ends[0], Direction(1.0, -level))
        else:
            if corner.weight <= high.weight:
                return low.items, steps
            high, ends = corner, (Direction(1.0, -level), ends[1])


def _needed(
    greedy: Greedy, high: Corner, low: Corner, ends: tuple[Direction, Direction]
) -> Ints | None:
    """Items that a best set between two directions can hold, None if they are not few.

    Only the size is limited, to C. Every key between the ends is a mix of the keys at the ends, so
    an item that is below all C items of one corner at both ends is in no best set between them.
    """
    if greedy.tree is not None or greedy.n <= SMALL or greedy.hi >= greedy.n // 100:
        return None
    from tools.assortment import kernels

    most = greedy.n // 50
    thresholds = []
    # At its own end nothing outside a corner beats it, so the other end decides.
    for corner, other in ((high, ends[1]), (low, ends[0])):
        if corner.items.size < greedy.hi:
            return None
        v, r = greedy.v[corner.items], greedy.r[corner.items]
        key = float((v * (other.a * r + other.b)).min())
        thresholds.append(key - 1e-12 * abs(key))
    kept = kernels.between(
        greedy.v,
        greedy.r,
        ends[1].a,
        ends[1].b,
        thresholds[0],
        ends[0].a,
        ends[0].b,
        thresholds[1],
        most,
    )
    if kept.size >= most:
        return None
    return np.union1d(np.union1d(kept, high.items), low.items)


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
