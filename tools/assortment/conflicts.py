"""Why no set keeps all rules, and which rules would have to go.

Feasibility is asked of counts per cell (`cells`), by CP-SAT. A conflict is an irreducible set of
rules that exclude each other; a relaxation is a minimal set to drop. Each family consists of the
minimal hitting sets of the other (Reiter 1987), so all relaxations give all conflicts.
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
"""Most relaxations that are listed."""


@dataclass(eq=False)
class _Checker:
    """Asks which sets of rules can be kept together."""

    cells: Cells
    names: tuple[str, ...]
    known: dict[frozenset[str], bool] = field(default_factory=dict)

    def build(self) -> tuple[Any, dict[str, Any]]:
        """A CP-SAT model with one literal per rule."""
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        counts = [
            model.new_int_var(0, int(count), f"c{c}") for c, count in enumerate(self.cells.count)
        ]
        literal = {name: model.new_bool_var(name) for name in self.names}
        for row in self.cells.rows:
            on = literal[row.rule]
            form = integer_row(row.coef, row.lower, row.upper)
            chosen = [counts[c] for c in row.cells]
            for coef, bound, above in (
                (form.lower_coef, form.lower, True),
                (form.upper_coef, form.upper, False),
            ):
                if bound is None:
                    continue
                total = cp_model.LinearExpr.weighted_sum(chosen, coef.tolist())
                model.add(total >= bound if above else total <= bound).only_enforce_if(on)
        return model, literal

    def core(self, active: Iterable[str]) -> frozenset[str] | None:
        """None where the rules can be kept together, else a subset that cannot."""
        active = frozenset(active)
        for rules, feasible in self.known.items():
            if feasible and active <= rules:
                return None
        model, literal = self.build()
        model.add_assumptions([literal[name] for name in self.names if name in active])
        solver = _solver()
        status = solver.solve(model)
        if solver.status_name(status) in ("OPTIMAL", "FEASIBLE"):
            kept = frozenset(name for name in self.names if solver.value(literal[name]))
            self.known[kept | active] = True
            return None
        index = {literal[name].index: name for name in self.names}
        found = frozenset(
            index[i] for i in solver.sufficient_assumptions_for_infeasibility() if i in index
        )
        return found & active or active

    def minimal(self, active: Iterable[str]) -> frozenset[str]:
        """An irreducible conflict within rules that cannot be kept together."""
        core = self.core(active)
        assert core is not None
        for name in self.names:
            if name in core:
                smaller = self.core(core - {name})
                if smaller is not None:
                    core = smaller
        return core

    def relaxations(self, most: int) -> tuple[list[frozenset[str]], bool]:
        """(all minimal sets of rules to drop, whether the list is complete)."""
        model, literal = self.build()
        model.maximize(sum(literal.values()))
        found: list[frozenset[str]] = []
        while len(found) < most:
            solver = _solver()
            if solver.status_name(solver.solve(model)) != "OPTIMAL":
                return found, True
            drop = frozenset(name for name in self.names if not solver.value(literal[name]))
            found.append(drop)
            if not drop:
                return found, True
            model.add_bool_or([literal[name] for name in drop])
        return found, False


def _solver() -> Any:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    return solver


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
    if not all:
        core = checker.core(order)
        if core is None:
            return Conflicts(True, complete=True, seconds=time.perf_counter() - begin)
        one = _sorted(checker.minimal(core), order)
        return Conflicts(False, (one,), seconds=time.perf_counter() - begin)
    drops, complete = checker.relaxations(MOST)
    if drops == [frozenset()]:
        return Conflicts(True, complete=True, seconds=time.perf_counter() - begin)
    relaxed = [_relaxation(problem, _sorted(drop, order), values, deadline) for drop in drops]
    relaxed.sort(key=lambda r: (-np.inf if r.value is None else -r.value, len(r.drop), r.drop))
    every = [_sorted(core, order) for core in hitting_sets(drops)]
    return Conflicts(
        False,
        tuple(every),
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
