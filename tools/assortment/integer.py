"""One additive choice in whole items: reduced-cost fixing, dominance, CP-SAT on what is left."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats, Ints, Mask
from tools.assortment.integers import integer_row
from tools.assortment.sifting import Relaxation, Sifter
from tools.assortment.structure import NO_LIMIT

CORE = 150
"""Columns of largest reduced key among which a first set is sought."""
_DIGITS = 1e8
FEW = 5000
"""Up to this number of columns dominance is counted without compiled code."""


@dataclass(eq=False)
class Clock:
    """A deadline; None never passes."""

    end: float | None

    @classmethod
    def after(cls, seconds: float | None) -> Clock:
        """The clock that ends after some seconds."""
        return cls(None if seconds is None else time.perf_counter() + seconds)

    @property
    def left(self) -> float | None:
        """Seconds left, at least a little, or None."""
        return None if self.end is None else max(self.end - time.perf_counter(), 0.0)

    @property
    def over(self) -> bool:
        """Whether it has passed."""
        return self.end is not None and time.perf_counter() >= self.end


@dataclass(eq=False)
class Choice:
    """The answer of the integer step.

    Attributes:
        items: the best set found, None where none was.
        bound: no allowed set of the columns given has a larger total.
        infeasible: it is proved that the columns given hold no allowed set.
    """

    items: Ints | None
    bound: float
    infeasible: bool = False


def choose(  # noqa: PLR0917
    sifter: Sifter,
    keys: Floats,
    columns: Ints,
    fixed: Ints,
    clock: Clock,
    hint: Ints | None = None,
) -> Choice:
    """The largest total of keys over sets of `columns` that hold all of `fixed`.

    Group limits enter only once a solution violates them. The bound is valid throughout.
    """
    from ortools.sat.python import cp_model

    lows = np.floor(_scaled(keys[columns]))
    unit = float(np.abs(keys[columns]).max(initial=0.0)) / _DIGITS or 1.0
    model: Any = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in range(columns.size)]
    place = {int(item): k for k, item in enumerate(columns)}
    for item in fixed:
        model.add(x[place[int(item)]] == 1)
    if sifter.lo:
        model.add(sum(x) >= sifter.lo)
    if sifter.hi < columns.size:
        model.add(sum(x) <= sifter.hi)
    for row in sifter.rows:
        form = integer_row(row.coef[columns], row.lo, row.hi)
        if form.lower is not None:
            model.add(cp_model.LinearExpr.weighted_sum(x, form.lower_coef.tolist()) >= form.lower)
        if form.upper is not None:
            model.add(cp_model.LinearExpr.weighted_sum(x, form.upper_coef.tolist()) <= form.upper)
    pending = _groups(sifter, columns)
    for members, low, high in list(pending):
        if low or members.size <= 12 or len(pending) <= 200:
            _limit(model, [x[k] for k in members], low, high)
    pending = [
        group for group in pending if not (group[1] or group[0].size <= 12 or len(pending) <= 200)
    ]
    ups = lows + 1.0  # rounding up keeps the bound a bound
    model.maximize(cp_model.LinearExpr.weighted_sum(x, ups.astype(np.int64).tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    # Probing and the search for symmetries cost more than they save on programs of this shape:
    # measured two to three times faster without.
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.presolve_probing_deterministic_time_limit = 0.0
    solver.parameters.find_big_linear_overlap = False
    solver.parameters.merge_at_most_one_work_limit = 0.0
    bound = float(np.maximum(keys[columns], 0).sum())
    while True:
        left = clock.left
        if left is not None:
            solver.parameters.max_time_in_seconds = max(left, 0.05)
        if hint is not None:
            model.clear_hints()
            inside = {place[int(item)] for item in hint if int(item) in place}
            for k, variable in enumerate(x):
                model.add_hint(variable, k in inside)
        status = solver.solve(model)
        name = solver.status_name(status)
        if name == "INFEASIBLE":
            return Choice(None, -np.inf, True)
        if name == "UNKNOWN":
            return Choice(None, bound)
        # Stopped early, the solver may not have a bound yet and then reports none that holds.
        if name == "OPTIMAL" or solver.best_objective_bound > solver.objective_value:
            bound = min(bound, solver.best_objective_bound * unit)
        chosen = np.asarray([bool(solver.value(variable)) for variable in x], dtype=np.bool_)
        broken = [group for group in pending if chosen[group[0]].sum() > group[2]]
        violated = _violated(sifter, columns, chosen)
        if not broken and not violated:
            return Choice(columns[chosen], bound)
        for members, low, high in broken:
            _limit(model, [x[k] for k in members], low, high)
        pending = [group for group in pending if not any(group is other for other in broken)]
        if violated and not broken:
            # The rounded rows let this one set through; it is cut off by itself.
            model.add_bool_or(
                [
                    ~variable if inside else variable
                    for variable, inside in zip(x, chosen, strict=True)
                ]
            )
        if clock.over:
            return Choice(None, bound)


def _scaled(keys: Floats) -> Floats:
    unit = float(np.abs(keys).max(initial=0.0)) / _DIGITS or 1.0
    return np.asarray(keys / unit)


def _limit(model: Any, members: list[Any], low: int, high: int) -> None:
    if low:
        model.add(sum(members) >= low)
    if high < len(members):
        model.add(sum(members) <= high)


def _groups(sifter: Sifter, columns: Ints) -> list[tuple[Ints, int, int]]:
    out = []
    for block in sifter.blocks:
        codes = block.codes[columns]
        order = np.argsort(codes, kind="stable")
        inside = order[codes[order] >= 0]
        found, start = np.unique(codes[inside], return_index=True)
        parts = np.split(inside, start[1:]) if found.size else []
        for code, members in zip(found, parts, strict=True):
            low, high = int(block.lo[code]), int(block.hi[code])
            if low or high < members.size:
                out.append((members, low, min(high, members.size)))
        absent = np.setdiff1d(np.flatnonzero(block.lo), found)
        # A minimum of a group without any column: no set exists among these columns.
        out += [(np.zeros(0, np.int64), int(block.lo[code]), 0) for code in absent]
    return out


def _violated(sifter: Sifter, columns: Ints, chosen: Mask) -> bool:
    for row in sifter.rows:
        terms = row.coef[columns[chosen]]
        slack = 1e-9 * max(1.0, float(np.abs(terms).sum()))
        if not row.lo - slack <= float(terms.sum()) <= row.hi + slack:
            return True
    return False


def survivors(relaxed: Relaxation, target: float) -> tuple[Ints, Ints]:
    """(items that a set with a total above `target` can hold, those that it must hold)."""
    slack = max(relaxed.bound - target, 0.0) + 1e-9 * max(1e-12, abs(relaxed.bound), abs(target))
    return (
        np.flatnonzero(relaxed.reduced >= -slack),
        np.flatnonzero(relaxed.reduced > slack),
    )


def undominated(sifter: Sifter, keys: Floats, columns: Ints, fixed: Ints) -> Ints:
    """`columns` without those that can always be exchanged for another.

    Within a cell (items in the same groups) from which at most u items can be taken, an item with u
    others of at least its key and at least as good in every row is in some optimum's complement.
    """
    cap = np.full(columns.size, min(sifter.hi, columns.size), np.int64)
    cell = np.zeros(columns.size, np.int64)
    for block in sifter.blocks:
        codes = block.codes[columns]
        inside = codes >= 0
        high = np.minimum(block.hi, NO_LIMIT)
        cap[inside] = np.minimum(cap[inside], high[codes[inside]])
        cell = np.unique(cell * (block.lo.size + 1) + codes + 1, return_inverse=True)[1]
    cost = [row.coef[columns] for row in sifter.rows if row.hi < np.inf]
    cost += [-row.coef[columns] for row in sifter.rows if row.lo > -np.inf]
    table = np.stack(cost) if cost else np.zeros((0, columns.size))
    order = np.lexsort((columns, -keys[columns], cell))
    cell, table, cap = cell[order].astype(np.int64), table[:, order], cap[order]
    if columns.size <= FEW:
        stays = _undominated_few(cell, table, cap)
    else:
        from tools.assortment import kernels

        stays = kernels.undominated(cell, np.ascontiguousarray(table.T), cap)
    return np.union1d(columns[order][stays], fixed)


def _undominated_few(cell: Ints, cost: Floats, cap: Ints) -> Mask:
    """As the compiled kernel, for few items: its loading time is spared."""
    n = cell.size
    begin = np.searchsorted(cell, cell)
    stays = np.ones(n, np.bool_)
    for i in range(n):
        earlier = cost[:, begin[i] : i]
        if earlier.shape[1] >= cap[i]:
            better = (earlier <= cost[:, i : i + 1]).all(axis=0)
            stays[i] = int(better.sum()) < cap[i]
    return stays
