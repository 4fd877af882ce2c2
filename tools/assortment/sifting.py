"""The linear relaxation of one additive choice over very many items, by column sifting.

max sum of key_i x_i with 0 <= x <= 1, size limits, group limits and general rows. A linear program
over a few hundred columns is solved, all other columns are priced in one pass, the best enter, and
so on (sprint; Forrest 1989). Group limits enter only once they are violated. Any multipliers give
a bound that holds for every set, whatever the state of the linear program (Geoffrion 1974).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats, Ints
from tools.assortment.structure import NO_LIMIT, Block, Row

FIRST = 300
"""Columns to begin with."""
STEP = 1000
"""Columns that enter after a pass."""
_TINY = 1e-9


@dataclass(eq=False)
class Multipliers:
    """One multiplier per row: size, general rows, and per block one for each group."""

    size: float
    rows: Floats
    groups: list[Floats]


@dataclass(eq=False)
class Relaxation:
    """A solved relaxation.

    Attributes:
        bound: no set has a larger total of keys.
        reduced: what is left of each key after the multipliers, shape (n,).
        x: the linear program's (fractional) choice as columns and shares.
    """

    bound: float
    reduced: Floats
    columns: Ints
    x: Floats


@dataclass(eq=False)
class Sifter:
    """Solves relaxations over one set of rules, keeping its columns from one to the next."""

    n: int
    lo: int
    hi: int
    blocks: list[Block]
    rows: list[Row]
    columns: Ints = field(init=False)
    active: set[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = np.zeros(0, np.int64)
        # A minimum is needed from the start, or else the first program is far off.
        self.active = {
            (b, int(g)) for b, block in enumerate(self.blocks) for g in np.flatnonzero(block.lo)
        }

    def seed(self, keys: Floats) -> None:
        """Add the columns of largest key, and for each row and minimum those that help it most."""
        picks = [self.columns, _largest(keys, FIRST)]
        for row in self.rows:
            if row.hi < np.inf:
                picks += [_largest(-row.coef, 60)]
                # Best value per unit of what the row limits.
                scale = np.abs(row.coef) + 1e-3 * (np.abs(row.coef).max() + 1e-300)
                picks += [_largest(keys / scale, 100)]
            if row.lo > -np.inf:
                picks += [_largest(row.coef, 60)]
        for block in self.blocks:
            for group in np.flatnonzero(block.lo):
                members = np.flatnonzero(block.codes == group)
                count = int(block.lo[group]) * 2 + 8
                picks.append(members[_largest(keys[members], count)])
        self.columns = np.unique(np.concatenate(picks))

    def relax(self, keys: Floats) -> Relaxation | None:
        """The relaxation for these keys, or None when no set keeps the rows (proved).

        Raises:
            RuntimeError: the linear solver failed.
        """
        if not self.columns.size:
            self.seed(keys)
        penalty = 10.0 * max(float(np.abs(keys).max()), 1e-12)
        best: Relaxation | None = None
        for _ in range(200):
            x, multipliers, value, violation = self._solve(keys, penalty)
            if self._activate(x):
                continue
            bound, reduced = self.bound(keys, multipliers)
            if best is None or bound < best.bound:
                best = Relaxation(bound, reduced, self.columns, x)
            reach = _TINY * max(1e-12, abs(value), penalty / 10)
            entering = _entering(reduced, self.columns, reach)
            if entering.size and bound - value > reach:
                self.columns = np.union1d(self.columns, entering)
                continue
            if violation > 1e-7:
                if not self._reachable():
                    return None
                penalty *= 10.0
                if penalty > 1e14 * max(float(np.abs(keys).max()), 1e-12):
                    raise RuntimeError("the relaxation did not settle")
                best = None
                continue
            return Relaxation(best.bound, best.reduced, self.columns, x)
        assert best is not None
        return best

    def bound(self, keys: Floats, multipliers: Multipliers) -> tuple[float, Floats]:
        """(bound on the total of any allowed set, reduced keys) for some multipliers.

        A positive multiplier prices the upper end of its row, a negative one the lower end.
        """
        reduced = keys - multipliers.size
        total = max(multipliers.size, 0.0) * self.hi + min(multipliers.size, 0.0) * self.lo
        for row, price in zip(self.rows, multipliers.rows, strict=True):
            if price:
                reduced -= price * row.coef
                total += price * (row.hi if price > 0 else row.lo)
        for block, prices in zip(self.blocks, multipliers.groups, strict=True):
            if not prices.any():
                continue
            reduced -= np.append(prices, 0.0)[block.codes]
            up, down = prices > 0, prices < 0
            total += float((prices[up] * block.hi[up]).sum())
            total += float((prices[down] * block.lo[down]).sum())
        return total + float(reduced[reduced > 0].sum()), reduced

    def _activate(self, x: Floats) -> bool:
        fresh = False
        for b, block in enumerate(self.blocks):
            codes = block.codes[self.columns]
            inside = codes >= 0
            used = np.bincount(codes[inside], weights=x[inside], minlength=block.lo.size)
            over = np.flatnonzero(used > block.hi + 1e-7)
            for group in over:
                if (b, int(group)) not in self.active:
                    self.active.add((b, int(group)))
                    fresh = True
        return fresh

    def _reachable(self) -> bool:
        """Whether the rows can be kept by shares of items at all (phase one, sifted)."""
        none = np.zeros(self.n)
        for _ in range(200):
            x, multipliers, _, violation = self._solve(none, 1.0)
            if self._activate(x):
                continue
            if violation <= 1e-7:
                return True
            bound, reduced = self.bound(none, multipliers)
            entering = _entering(reduced, self.columns, 1e-9)
            if not entering.size:
                return bound > -1e-7
            self.columns = np.union1d(self.columns, entering)
        return True

    def _matrix(self) -> tuple[Floats, Floats, Floats, list[tuple[int, int]]]:
        """(rows x columns, lower ends, upper ends, groups in order) of the active program."""
        groups = sorted(self.active)
        lines = [np.ones(self.columns.size)]
        lower, upper = [float(self.lo)], [float(self.hi)]
        for row in self.rows:
            lines.append(row.coef[self.columns])
            lower.append(row.lo)
            upper.append(row.hi)
        for b, g in groups:
            block = self.blocks[b]
            lines.append((block.codes[self.columns] == g).astype(float))
            lower.append(float(block.lo[g]) if block.lo[g] else -np.inf)
            upper.append(float(block.hi[g]) if block.hi[g] < NO_LIMIT else np.inf)
        return np.stack(lines), np.asarray(lower), np.asarray(upper), groups

    def _solve(self, keys: Floats, penalty: float) -> tuple[Floats, Multipliers, float, float]:
        """(shares, multipliers, value, violation) of the program over the present columns.

        Rows may be missed at a price, so that the program always has a solution.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix, hstack

        matrix, lower, upper, groups = self._matrix()
        # Rows are brought to a common size: the solver's tolerances are absolute.
        scale = np.maximum(np.abs(matrix).max(axis=1, initial=0.0), 1e-12)
        matrix = matrix / scale[:, None]
        up, down = np.flatnonzero(upper < np.inf), np.flatnonzero(lower > -np.inf)
        if self.lo == 0:
            down = down[down != 0]
        a = csr_matrix(np.concatenate([matrix[up], -matrix[down]]))
        b = np.concatenate([(upper / scale)[up], -(lower / scale)[down]])
        slack = csr_matrix(
            (-np.ones(b.size), (np.arange(b.size), np.arange(b.size))), shape=(b.size, b.size)
        )
        unit = max(float(np.abs(keys[self.columns]).max(initial=0.0)), 1e-300) if keys.any() else 1
        cost = np.concatenate([-keys[self.columns], np.full(b.size, penalty)]) / unit
        limits = np.concatenate(
            [
                np.tile([0.0, 1.0], (self.columns.size, 1)),
                np.tile([0.0, np.inf], (b.size, 1)),
            ]
        )
        solver: Any = linprog  # its stubs know no matrix of bounds
        found = solver(cost, hstack([a, slack]), b, bounds=limits, method="highs")
        if found.status != 0:
            raise RuntimeError(f"the linear solver failed: {found.message}")
        x = found.x[: self.columns.size]
        missed = float(found.x[self.columns.size :].sum())
        price = -np.asarray(found.ineqlin.marginals) * unit
        of_row = np.zeros(scale.size)
        of_row[up] += price[: up.size]
        of_row[down] -= price[up.size :]
        of_row /= scale
        per_block = [np.zeros(block.lo.size) for block in self.blocks]
        for (b_, g), value in zip(groups, of_row[1 + len(self.rows) :], strict=True):
            per_block[b_][g] = value
        multipliers = Multipliers(float(of_row[0]), of_row[1 : 1 + len(self.rows)], per_block)
        return x, multipliers, float(keys[self.columns] @ x) - penalty * missed, missed


def _largest(values: Floats, count: int) -> Ints:
    if values.size <= count:
        return np.arange(values.size)
    return np.argpartition(-values, count)[:count]


def _entering(reduced: Floats, columns: Ints, reach: float) -> Ints:
    masked = reduced.copy()
    masked[columns] = -np.inf
    best = _largest(masked, STEP)
    return np.asarray(best[masked[best] > reach])
