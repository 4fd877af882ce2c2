"""Why no set keeps all rules, and which rules would have to go.

Feasibility is asked of counts per cell (`cells`), by CP-SAT. A conflict is an irreducible set of
rules that exclude each other; a relaxation is a minimal set to drop. Each family consists of the
minimal hitting sets of the other (Reiter 1987).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tools.assortment.cells import Cells, cells_of
from tools.assortment.integers import integer_row
from tools.assortment.problem import Problem
from tools.assortment.results import Conflicts, Relaxation
from tools.assortment.solve import solve

MOST = 64
"""Most conflicts that are listed."""
PATIENCE = 20.0
"""Seconds for one question; an undecided one counts as feasible, and the lists as incomplete."""


@dataclass(eq=False)
class _Checker:
    """Asks which sets of rules can be kept together, remembering every answer."""

    cells: Cells
    names: tuple[str, ...]
    can: list[frozenset[str]] = field(default_factory=list)
    cannot: list[frozenset[str]] = field(default_factory=list)
    undecided: bool = False

    def feasible(self, active: frozenset[str]) -> bool:
        """Whether some choice of counts keeps these rules."""
        if any(active <= known for known in self.can):
            return True
        if any(known <= active for known in self.cannot):
            return False
        held = self._ask(active)
        (self.can if held else self.cannot).append(active)
        return held

    def _ask(self, active: frozenset[str]) -> bool:
        from ortools.sat.python import cp_model

        rows = [row for row in self.cells.rows if row.rule in active]
        if not rows:
            return True
        # Cells that these rules cannot tell apart are one: most questions become tiny.
        table = np.zeros((len(rows), self.cells.count.size))
        for line, row in zip(table, rows, strict=True):
            line[row.cells] = row.coef
        table, of = np.unique(table, axis=1, return_inverse=True)
        count = np.bincount(of.ravel(), weights=self.cells.count).astype(np.int64)
        model: Any = cp_model.CpModel()
        counts = [model.new_int_var(0, int(most), "") for most in count]
        for line, row in zip(table, rows, strict=True):
            form = integer_row(line, row.lower, row.upper)
            if form.lower is not None:
                total = cp_model.LinearExpr.weighted_sum(counts, form.lower_coef.tolist())
                model.add(total >= form.lower)
            if form.upper is not None:
                total = cp_model.LinearExpr.weighted_sum(counts, form.upper_coef.tolist())
                model.add(total <= form.upper)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        # Counting arguments ("3 red and 4 blue are more than 6") are linear.
        solver.parameters.linearization_level = 2
        solver.parameters.max_time_in_seconds = PATIENCE
        answer = solver.status_name(solver.solve(model))
        if answer == "UNKNOWN":
            self.undecided = True
        return answer in ("OPTIMAL", "FEASIBLE", "UNKNOWN")

    def shrink(self, core: frozenset[str]) -> frozenset[str]:
        """An irreducible conflict within rules that cannot be kept together."""
        for name in self.names:
            if name in core and not self.feasible(core - {name}):
                core -= {name}
        return core

    def grow(self, kept: frozenset[str]) -> frozenset[str]:
        """A largest set of rules around some that can be kept together."""
        for name in self.names:
            if name not in kept and self.feasible(kept | {name}):
                kept |= {name}
        return kept

    def enumerate(self, most: int) -> tuple[list[frozenset[str]], list[frozenset[str]], bool]:
        """(minimal conflicts, minimal relaxations, whether both lists are complete).

        Every set of rules that is neither inside a kept set found nor around a conflict found is a
        seed for one more of either (MARCO; Liffiton et al. 2016). Seeds are complements of minimal
        hitting sets of the conflicts: when all of those are known to be relaxations, both lists
        are complete.
        """
        every = frozenset(self.names)
        conflicts: list[frozenset[str]] = []
        while len(conflicts) < most:
            candidates = hitting_sets(conflicts)
            wrong = next((d for d in candidates if not self.feasible(every - d)), None)
            if wrong is None:
                return conflicts, candidates, not self.undecided
            conflicts.append(self.shrink(every - wrong))
        drops = [every - self.grow(every - d) for d in hitting_sets(conflicts)]
        return conflicts, sorted(set(drops), key=lambda d: (len(d), sorted(d))), False


def hitting_sets(families: list[frozenset[str]]) -> list[frozenset[str]]:
    """All minimal sets that meet every member of a family (Berge 1989)."""
    found: list[frozenset[str]] = [frozenset()]
    for family in families:
        meets = [held for held in found if held & family]
        grown = {held | {name} for held in found if not held & family for name in family}
        fresh = [new for new in grown if not any(held <= new for held in meets)]
        found = meets + [new for new in fresh if not any(other < new for other in fresh)]
    return sorted(found, key=lambda names: (len(names), sorted(names)))


def conflicts(
    problem: Problem, all: bool = False, values: bool = True, deadline: float | None = None
) -> Conflicts:
    """Why no set keeps every rule of a problem.

    Args:
        problem: any problem; only its rules matter.
        all: list every minimal conflict and every minimal relaxation (ranked by the optimum after
            dropping it) instead of one minimal conflict.
        values: solve the problem after each relaxation.
        deadline: seconds for each of those solutions.
    """
    begin = time.perf_counter()
    cells = cells_of(problem)
    order = tuple(rule.name for rule in problem.rules)
    checker = _Checker(cells, order)
    every = frozenset(order)
    if checker.feasible(every):
        sure = not checker.undecided
        return Conflicts(True, complete=sure, seconds=time.perf_counter() - begin)
    if not all:
        one = _sorted(checker.shrink(every), order)
        return Conflicts(False, (one,), seconds=time.perf_counter() - begin)
    cores, drops, complete = checker.enumerate(MOST)
    relaxed = [_relaxation(problem, _sorted(drop, order), values, deadline) for drop in drops]
    relaxed.sort(key=lambda r: (-np.inf if r.value is None else -r.value, len(r.drop), r.drop))
    listed = sorted((_sorted(core, order) for core in cores), key=lambda c: (len(c), c))
    return Conflicts(
        False,
        tuple(listed),
        tuple(relaxed),
        complete and cells.exact,
        time.perf_counter() - begin,
    )


def _sorted(names: Iterable[str], order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names, key=order.index))


def _relaxation(
    problem: Problem, drop: tuple[str, ...], values: bool, deadline: float | None
) -> Relaxation:
    if not values:
        return Relaxation(drop, None)
    solved = solve(problem.without(*drop), deadline=deadline)
    return Relaxation(drop, solved.value if solved.found else None, solved.items)
