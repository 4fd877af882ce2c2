"""MNL with any rows A x <= b: relaxation, fixing, and a whole-number step on what survives.

Newton on the revenue level as elsewhere, with an additive 0-1 program in each round:
1. the linear relaxation, sifted, gives an upper level and one multiplier per row;
2. a set is sought among the columns of largest reduced key: a lower level z;
3. at z, an item whose reduced key falls short by more than the gap is in no better set
   (reduced-cost fixing; Dantzig, Fulkerson and Johnson 1954), nor is one that enough others
   dominate;
4. CP-SAT decides among the survivors: a better set, or proof that there is none.
A deadline ends it at any point with the best set, a bound, and no claim of optimality.
"""

from __future__ import annotations

import numpy as np

from tools.assortment.arrays import Floats, Ints
from tools.assortment.integer import CORE, Choice, Clock, choose, survivors, undominated
from tools.assortment.ratio import Base
from tools.assortment.sifting import Relaxation, Sifter

_NONE = np.zeros(0, np.int64)
_REL = 1e-9
MANY = 1000
"""Above this number of survivors a better set is sought first among the best of them."""


class Side:
    """Solves ratio and additive problems over one set of rows.

    Args:
        v, r: attractions and rewards of the free items.
        base: what every set holds.
        sifter: the rows.
        clock: when to stop.

    Attributes:
        proved: every answer given so far is proved.
        kept: items that the last whole-number step had to decide on.
    """

    def __init__(self, v: Floats, r: Floats, base: Base, sifter: Sifter, clock: Clock) -> None:
        self.v, self.r, self.base = v, r, base
        self.sifter, self.clock = sifter, clock
        self.proved = True
        self.kept = 0
        self.feasible: Ints | None = None
        """Some allowed set, once one is known."""

    def keys(self, a: float, b: float) -> Floats:
        """v_i (a r_i + b)."""
        return np.asarray(self.v * (a * self.r + b))

    def ratio(self, items: Ints) -> float:
        """Expected reward of the forced items together with `items`."""
        return self.base.ratio(self.v, self.r, items)

    def maximise(self, start: float | None) -> tuple[Ints | None, float, bool]:
        """(best set or None, bound on the expected reward, whether infeasibility is proved)."""
        relaxed_level = self._relaxed_level(start)
        if relaxed_level is None:
            return None, -np.inf, True
        upper, relaxed = relaxed_level
        held, impossible = self._first_set(self.keys(1.0, -upper), relaxed)
        if held is None:
            self.proved = impossible
            return None, upper, impossible
        value = self.ratio(held)
        held, value = self._improve(held, value, relaxed, CORE)
        widened = False
        while not self.clock.over:
            keys = self.keys(1.0, -value)
            target = value * self.base.denominator - self.base.value
            again = self.sifter.relax(keys)
            assert again is not None
            columns, fixed = survivors(again, target)
            columns = undominated(self.sifter, keys, np.union1d(columns, held), fixed)
            if columns.size > MANY and not widened:
                # A better set first: every rise leaves fewer columns to decide on.
                widened = True
                before = value
                held, value = self._improve(held, value, again, 4 * CORE)
                if value > before:
                    continue
            self.kept = int(columns.size)
            found = choose(self.sifter, keys, columns, fixed, self.clock, held)
            excess = max(0.0, min(found.bound, again.bound) - target)
            upper = min(upper, value + excess / self.base.denominator)
            better = -np.inf if found.items is None else self.ratio(found.items)
            if better > value + _REL * max(abs(value), 1e-12):
                assert found.items is not None
                held, value = found.items, better
                continue
            # Whole-number keys carry eight digits of the largest one.
            digits = max(
                abs(value) * self.base.denominator, float(np.abs(keys[columns]).max(initial=0.0))
            )
            if found.infeasible or excess <= 1e-7 * max(digits, 1e-300):
                return held, value, False
            break
        self.proved = False
        return held, max(upper, value), False

    def best(self, a: float, b: float) -> Ints | None:
        """The set of largest total of v_i (a r_i + b); `proved` says whether that is certain."""
        keys = self.keys(a, b)
        relaxed = self.sifter.relax(keys)
        if relaxed is None:
            return None
        held, impossible = self._first_set(keys, relaxed)
        if held is None:
            self.proved = self.proved and impossible
            return None
        total = float(keys[held].sum())
        columns, fixed = survivors(relaxed, total)
        columns = undominated(self.sifter, keys, np.union1d(columns, held), fixed)
        found = choose(self.sifter, keys, columns, fixed, self.clock, held)
        if found.items is not None and float(keys[found.items].sum()) > total:
            held, total = found.items, float(keys[found.items].sum())
        tolerance = 1e-7 * max(abs(total), float(np.abs(keys[held]).sum()), 1e-12)
        if not found.infeasible and min(found.bound, relaxed.bound) > total + tolerance:
            self.proved = False
        return held

    def _relaxed_level(self, start: float | None) -> tuple[float, Relaxation] | None:
        """(a level no set exceeds, the relaxation there), or None when no set exists."""
        level = 0.0 if start is None else start
        reached = -np.inf
        while True:
            keys = self.keys(1.0, -level)
            self.sifter.seed(keys)
            relaxed = self.sifter.relax(keys)
            if relaxed is None:
                return None
            v, r, x = self.v[relaxed.columns], self.r[relaxed.columns], relaxed.x
            now = (self.base.value + float((v * r) @ x)) / (self.base.denominator + float(v @ x))
            if reached > -np.inf and now <= reached + 1e-9 * max(abs(reached), 1e-12):
                break
            reached = level = now
        excess = relaxed.bound + self.base.value - level * self.base.denominator
        return level + max(0.0, excess) / self.base.denominator, relaxed

    def _first_set(self, keys: Floats, relaxed: Relaxation) -> tuple[Ints | None, bool]:
        """(an allowed set that is good for these keys, whether it is proved that there is none)."""
        size = CORE
        support = relaxed.columns[relaxed.x > 1e-9]
        found = Choice(None, np.inf)
        while found.items is None:
            best = np.argpartition(-relaxed.reduced, min(size, keys.size) - 1)[:size]
            columns = np.union1d(np.union1d(best, support), self._helpers(keys, size // 4))
            if self.feasible is not None:
                columns = np.union1d(columns, self.feasible)
            found = choose(self.sifter, keys, columns, _NONE, self.clock, self.feasible)
            if found.items is not None:
                self.feasible = found.items
                return found.items, False
            if columns.size >= keys.size:
                return None, found.infeasible
            if self.clock.over:
                return self.feasible, False
            size *= 8
        return found.items, False

    def _helpers(self, keys: Floats, count: int) -> Ints:
        """Columns that make rows and minimums easy to keep."""
        picks = [_NONE]
        take = min(count, keys.size)
        for row in self.sifter.rows:
            if row.hi < np.inf:
                picks.append(np.argpartition(row.coef, take - 1)[:take])
            if row.lo > -np.inf:
                picks.append(np.argpartition(-row.coef, take - 1)[:take])
        for block in self.sifter.blocks:
            for group in np.flatnonzero(block.lo):
                members = np.flatnonzero(block.codes == group)
                most = min(members.size, int(block.lo[group]) + 5)
                picks.append(members[np.argsort(-keys[members])[:most]])
        return np.unique(np.concatenate(picks))

    def _improve(
        self, held: Ints, value: float, relaxed: Relaxation, size: int
    ) -> tuple[Ints, float]:
        """Newton on the core columns only: cheap rises before anything is proved."""
        best = np.argpartition(-relaxed.reduced, min(size, self.v.size) - 1)[:size]
        columns = np.union1d(best, held)
        for _ in range(10):
            if self.clock.over:
                break
            keys = self.keys(1.0, -value)
            found = choose(self.sifter, keys, columns, _NONE, self.clock, held)
            if found.items is None or self.ratio(found.items) <= value * (1 + 1e-12):
                break
            held, value = found.items, self.ratio(found.items)
        return held, value
