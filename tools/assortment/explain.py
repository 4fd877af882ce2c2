"""What each rule costs, why an item is missing, and how sure an answer is."""

from __future__ import annotations

from collections import Counter

import numpy as np

from tools.assortment.arrays import Floats, not_negative
from tools.assortment.conflicts import conflicts
from tools.assortment.models import MNL
from tools.assortment.problem import Problem
from tools.assortment.results import Confidence, LimitCost, Solved, WhyNot
from tools.assortment.rules import Include
from tools.assortment.solve import solve
from tools.errors import InstanceError


def explain_limits(
    problem: Problem, solved: Solved, deadline: float | None = None
) -> list[LimitCost]:
    """What each rule costs: the optimum without it, by an exact re-solve started from `solved`.

    Args:
        problem: the problem that `solved` answers.
        solved: its answer; where that is infeasible, costs are NaN.
        deadline: seconds for each re-solve.
    """
    costs = []
    for rule in problem.rules:
        found = solve(
            problem.without(rule.name),
            solved.objective,
            deadline,
            start=solved.value if solved.found else None,
        )
        costs.append(
            LimitCost(
                rule.name,
                found.value,
                found.value - solved.value,
                found.items,
                found.status == "optimal" and solved.status == "optimal",
            )
        )
    return costs


def why_not(problem: Problem, solved: Solved, item: int, deadline: float | None = None) -> WhyNot:
    """Why an item is not in the set: outbid, or ruled out.

    For MNL the item's own key v_i (r_i - z) at the revenue level z of the answer is set against the
    smallest key in the set. The cost of forcing the item in is exact (a re-solve); where no set can
    hold it, one minimal set of rules that forbid it is named.

    Raises:
        InstanceError: there is no such item, or `solved` holds no set.
    """
    if not 0 <= item < problem.n:
        raise InstanceError(f"there is no item {item}; positions go from 0 to {problem.n - 1}")
    if not solved.found:
        raise InstanceError("no set was found, so no item can be missing from it")
    key = smallest = None
    if isinstance(problem.model, MNL) and problem.fixed_cost is None:
        keys = problem.model.v * (problem.reward - solved.value)
        key = float(keys[item])
        smallest = float(keys[list(solved.items)].min()) if solved.items else None
    if item in solved.items:
        return WhyNot(item, True, key=key, smallest_key=smallest, value_with=solved.value, cost=0.0)
    name = "this item"
    while any(rule.name == name for rule in problem.rules):
        name += "'"
    forced = problem.plus(Include(name, [item]))
    found = solve(forced, solved.objective, deadline, start=solved.value)
    if not found.found:
        blame: tuple[str, ...] = ()
        if found.status == "infeasible":
            core = conflicts(forced).conflicts
            blame = tuple(n for n in core[0] if n != name) if core else ()
        return WhyNot(item, False, blame, key, smallest, proved=found.status == "infeasible")
    before, after = set(solved.items), set(found.items)
    return WhyNot(
        item,
        False,
        (),
        key,
        smallest,
        found.value,
        solved.value - found.value,
        tuple(sorted(before - after)),
        tuple(sorted(after - before - {item})),
        found.status == "optimal" and solved.status == "optimal",
    )


def confidence(problem: Problem, draws: Floats, objective: str = "revenue") -> Confidence:
    """How often each item is in the optimum when the attractions are drawn again.

    Args:
        problem: an MNL problem.
        draws: attractions, shape (number of draws, n), for example exp of utilities drawn from the
            estimator's normal approximation.
        objective: as for `solve`.

    Raises:
        InstanceError: the model is not MNL, or a draw is not finite or negative.
    """
    model = problem.model
    if not isinstance(model, MNL):
        raise InstanceError("parameters are re-sampled for MNL models only")
    draws = not_negative(draws, "draws")
    if draws.ndim != 2 or draws.shape[1] != problem.n or not draws.shape[0]:
        raise InstanceError(f"draws must have shape (draws, {problem.n})")
    if objective not in ("revenue", "surplus", "balanced"):
        raise InstanceError(f"objective {objective!r} is unknown")
    first = solve(problem, objective)  # type: ignore[arg-type]
    counter: Counter[int] = Counter()
    same = 0
    for v in draws:
        drawn = Problem(MNL(v, model.v0), problem.reward, problem.rules, problem.fixed_cost)
        found = solve(drawn, objective, start=first.value)  # type: ignore[arg-type]
        counter.update(found.items)
        same += found.items == first.items
    total = len(draws)
    share = {item: times / total for item, times in counter.most_common()}
    return Confidence(share, same / total, total)


def resample(utilities: Floats, errors: Floats, draws: int, seed: int = 0) -> Floats:
    """Attractions from the normal approximation of estimated utilities, shape (draws, n).

    Args:
        utilities: point estimates u_i, shape (n,).
        errors: their standard errors, shape (n,).
        draws: how many.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    return np.exp(utilities + errors * rng.standard_normal((draws, utilities.size)))
