"""The front door: a problem in, the best set out, with what is proved about it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tools.assortment import pareto
from tools.assortment.arrays import Ints
from tools.assortment.greedy import SMALL, Greedy
from tools.assortment.models import MNL, NestedLogit
from tools.assortment.problem import Problem
from tools.assortment.ratio import Base, maximise
from tools.assortment.results import FrontierPoint, Objective, Solved, Status
from tools.assortment.structure import Structure, compile_rules
from tools.errors import InstanceError

if TYPE_CHECKING:
    from tools.assortment.side import Side

WIDEST = 1e12
"""Attractions beside leaving that the general solver takes: sums keep twelve digits."""
OBJECTIVES = ("revenue", "surplus", "balanced")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a solver found: catalogue positions, a bound on the score, and how it knows."""

    status: Status
    items: Ints
    bound: float
    method: str


def solve(
    problem: Problem,
    objective: Objective = "revenue",
    deadline: float | None = None,
    start: float | None = None,
    prove: bool | None = None,
) -> Solved:
    """The best set that keeps every rule.

    Args:
        problem: model, rewards and rules.
        objective: "revenue" (expected reward), "surplus" (the shopper's expected utility) or
            "balanced" (the supported frontier's set of most revenue whose purchase probability
            reaches 95 % of the best possible under the same rules).
        deadline: seconds after which the best set found is returned with its bound; classes that
            are solved in closed loops of a few passes ignore it.
        start: a guess of the optimal revenue, for example the answer before a what-if.
        prove: for mixed MNL (NP-hard): True works on the proof until it stands or the deadline
            passes, False gives the quick bound only, None proves where that is quick. Other
            classes always prove.

    Raises:
        InstanceError: the objective is unknown or not defined for this problem.
    """
    if objective not in OBJECTIVES:
        raise InstanceError(f"objective {objective!r} is none of {', '.join(OBJECTIVES)}")
    _load_compiled(problem)
    begin = time.perf_counter()
    structure = compile_rules(problem)
    if structure.impossible:
        outcome = Outcome("infeasible", np.zeros(0, np.int64), math.nan, structure.impossible)
    else:
        outcome = _dispatch(problem, structure, objective, deadline, start, prove)
    return report(problem, objective, outcome, time.perf_counter() - begin)


def _load_compiled(problem: Problem) -> None:
    """Load the compiled code that a problem will need: once per process, and not its own time."""
    if isinstance(problem.model, NestedLogit):
        from tools.assortment import nest_kernels

        nest_kernels.load()
    elif not isinstance(problem.model, MNL) or problem.fixed_cost is not None:
        from tools.assortment import local_kernels

        local_kernels.load()
    elif problem.n > SMALL:
        from tools.assortment import kernels as _kernels  # noqa: F401


def _dispatch(  # noqa: PLR0917
    problem: Problem,
    structure: Structure,
    objective: Objective,
    deadline: float | None,
    start: float | None,
    prove: bool | None,
) -> Outcome:
    model = problem.model
    # Fixed costs are the shop's; the shopper's surplus does not know them.
    if isinstance(model, MNL) and (problem.fixed_cost is None or objective == "surplus"):
        greedy = Greedy.of(structure, model.v, problem.reward)
        if greedy is not None:
            return _solve_greedy(problem, structure, greedy, objective, start)
        return _solve_side(problem, structure, objective, deadline, start)
    if objective != "revenue":
        raise InstanceError(
            f"the objective {objective!r} is computed for MNL without fixed costs only"
        )
    if isinstance(model, NestedLogit):
        from tools.assortment.nested import solve_nested

        chosen, bound, proved, method = solve_nested(problem, structure, deadline)
    else:
        from tools.assortment.mixed import solve_segments

        answer = solve_segments(problem, structure, deadline, prove)
        chosen, bound, proved, method = answer.items, answer.bound, answer.proved, answer.method
    if chosen is None:
        return Outcome("infeasible" if proved else "unknown", np.zeros(0, np.int64), bound, method)
    return Outcome("optimal" if proved else "feasible", structure.catalogue(chosen), bound, method)


def base_of(problem: Problem, structure: Structure) -> Base:
    """What the forced items bring to an MNL problem."""
    model = problem.model
    assert isinstance(model, MNL)
    forced = structure.forced
    weight = model.v[forced]
    return Base(model.v0, float(weight @ problem.reward[forced]), float(weight.sum()))


def _solve_greedy(
    problem: Problem,
    structure: Structure,
    greedy: Greedy,
    objective: Objective,
    start: float | None,
) -> Outcome:
    base = base_of(problem, structure)
    none = np.zeros(0, np.int64)
    over = f"over all {greedy.n:,} items that the rules leave"
    if objective == "surplus":
        widest = greedy.best(0.0, 1.0)
        if widest is None:
            return Outcome("infeasible", none, math.nan, "the limits on groups leave no set")
        items = structure.catalogue(widest)
        method = f"exact: the most attractive items, chosen greedily {over}"
        return Outcome("optimal", items, problem.model.surplus(items), method)
    found = maximise(greedy, base, start)
    if found is None:
        return Outcome("infeasible", none, math.nan, "the limits on groups leave no set")
    chosen, _, rounds = found
    how = (
        "one cut by reward"
        if greedy.unlimited
        else ("greedy on a laminar family of groups" if greedy.tree else "the largest keys")
    )
    method = f"exact: Newton's method on the revenue level, {how}, {rounds} rounds {over}"
    if objective == "balanced":
        chosen, steps = pareto.balanced(greedy, base, chosen)
        method += f"; then {steps} steps along the supported frontier"
    items = structure.catalogue(chosen)
    return Outcome("optimal", items, problem.value(items), method)


def _side_of(problem: Problem, structure: Structure, deadline: float | None) -> Side:
    """The solver for general rows.

    Raises:
        InstanceError: an attraction is so large beside leaving that sums lose the rest.
    """
    from tools.assortment.integer import Clock
    from tools.assortment.side import Side
    from tools.assortment.sifting import Sifter

    model = problem.model
    assert isinstance(model, MNL)
    base = base_of(problem, structure)
    v = structure.take(model.v)
    largest = float(v.max(initial=0.0))
    if max(largest, base.weight) > WIDEST * model.v0:
        raise InstanceError(
            f"an item is {max(largest, base.weight) / model.v0:.0e} times as attractive as "
            f"leaving; under limits across groups that must stay below {WIDEST:.0e}"
        )
    if largest > 0:
        # The same problem in units in which the linear solver's tolerances mean something.
        v = v / largest
        base = Base(base.v0 / largest, base.value / largest, base.weight / largest)
    sifter = Sifter(structure.n_free, structure.lo, structure.hi, structure.blocks, structure.rows)
    return Side(v, structure.take(problem.reward), base, sifter, Clock.after(deadline))


def _solve_side(
    problem: Problem,
    structure: Structure,
    objective: Objective,
    deadline: float | None,
    start: float | None,
) -> Outcome:
    model = problem.model
    side = _side_of(problem, structure, deadline)
    none = np.zeros(0, np.int64)
    if objective == "surplus":
        held, bound, impossible = side.best(0.0, 1.0), math.inf, side.proved
        if held is not None and side.proved:
            bound = model.surplus(structure.catalogue(held))
    else:
        held, bound, impossible = side.maximise(start)
    if held is None:
        status: Status = "infeasible" if impossible else "unknown"
        why = "no choice of items meets the rows" if impossible else "the deadline passed first"
        return Outcome(status, none, bound, why)
    method = (
        f"linear relaxation over all {structure.n_free:,} items that the rules leave, reduced-cost "
        f"fixing and CP-SAT on the {side.kept:,} that survived"
    )
    if objective == "balanced":
        held, steps = pareto.balanced(side, side.base, held)
        method += f"; then {steps} steps along the supported frontier"
        bound = math.inf if not side.proved else problem.value(structure.catalogue(held))
    items = structure.catalogue(held)
    proved = "exact: " if side.proved else "stopped before a proof: "
    return Outcome("optimal" if side.proved else "feasible", items, bound, proved + method)


def report(problem: Problem, objective: Objective, outcome: Outcome, seconds: float) -> Solved:
    """An outcome as the typed result: probabilities, surplus and scores are computed here."""
    method = outcome.method[:1].upper() + outcome.method[1:] + "."
    if outcome.status in ("infeasible", "unknown"):
        nan = math.nan
        return Solved(
            outcome.status, objective, (), nan, nan, outcome.bound, (), nan, nan, seconds, method
        )
    items = outcome.items
    model = problem.model
    probabilities = model.probabilities(items)
    surplus = model.surplus(items)
    value = problem.value(items)
    score = surplus if objective == "surplus" else value
    return Solved(
        status=outcome.status,
        objective=objective,
        items=tuple(items.tolist()),
        value=value,
        score=score,
        bound=max(outcome.bound, score),
        probabilities=tuple(probabilities.tolist()),
        no_purchase=model.no_purchase(items),
        surplus=surplus,
        seconds=seconds,
        proof=method,
    )


def frontier(problem: Problem, points: int = 21) -> list[FrontierPoint]:
    """Sets on the supported frontier between revenue and surplus, most revenue first.

    Args:
        problem: an MNL problem without fixed costs.
        points: most sets to give; equal sets are given once.

    Raises:
        InstanceError: no set keeps the rules, or the problem is of another class.
    """
    structure = compile_rules(problem)
    model = problem.model
    if not isinstance(model, MNL) or problem.fixed_cost is not None:
        raise InstanceError("the frontier is computed for MNL without fixed costs")
    if structure.impossible:
        raise InstanceError("no set keeps every rule, so there is no frontier")
    base = base_of(problem, structure)
    chooser: Greedy | Side
    greedy = Greedy.of(structure, model.v, problem.reward)
    if greedy is not None:
        chooser, found = greedy, maximise(greedy, base)
        first = found[0] if found else None
    else:
        side = _side_of(problem, structure, None)
        chooser, base = side, side.base
        first = side.maximise(None)[0]
    widest = chooser.best(0.0, 1.0) if first is not None else None
    if first is None or widest is None:
        raise InstanceError("no set keeps every rule, so there is no frontier")
    best = pareto.Corner.of(chooser, base, first)
    last = pareto.Corner.of(chooser, base, widest)
    sets = [first]
    for level in pareto.levels(best, last, base.v0, points)[1:]:
        chosen = chooser.best(1.0, -float(level))
        if chosen is not None:
            sets.append(chosen)
    sets.append(widest)
    seen: dict[tuple[int, ...], FrontierPoint] = {}
    for chosen in sets:
        items = structure.catalogue(chosen)
        key = tuple(items.tolist())
        if key not in seen:
            seen[key] = FrontierPoint(
                problem.value(items), model.surplus(items), 1.0 - model.no_purchase(items), key
            )
    return sorted(seen.values(), key=lambda point: (-point.revenue, point.surplus))
