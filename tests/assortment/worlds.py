"""Random small problems of every class, and their answers by enumeration."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from tools.assortment import (
    MNL,
    Allowed,
    EachGroupMax,
    Exclude,
    GroupLimit,
    Implies,
    Include,
    Linear,
    MixedMNL,
    NestedLogit,
    NotTogether,
    Problem,
    Rule,
    SizeLimit,
)
from tools.assortment.models import ChoiceModel


def prices(rng: np.random.Generator, n: int, kind: int = 0) -> np.ndarray:
    """Prices with ties, zeros and (kind 1) negative rewards now and then."""
    p = np.round(np.exp(rng.normal(3, 0.8, n)), 2)
    if rng.random() < 0.3:
        p[rng.integers(0, n, 2)] = p[0]
    if rng.random() < 0.2:
        p[rng.integers(0, n)] = 0.0
    if kind == 1:
        p = p - 15.0
    return p


def attractions(rng: np.random.Generator, n: int) -> np.ndarray:
    """Attractions, sometimes with a zero or with all equal."""
    v = np.exp(rng.normal(-1, 1, n))
    draw = rng.random()
    if draw < 0.15:
        v[rng.integers(0, n)] = 0.0
    elif draw < 0.25:
        v[:] = v[0]
    return v


def mnl(rng: np.random.Generator, n: int) -> MNL:
    return MNL(attractions(rng, n), float(np.exp(rng.normal(0, 0.5))))


def mixed(rng: np.random.Generator, n: int) -> MixedMNL:
    k = int(rng.integers(1, 4))
    w = rng.dirichlet(np.ones(k))
    v = np.stack([attractions(rng, n) for _ in range(k)])
    return MixedMNL(w, v, np.exp(rng.normal(0, 0.5, k)))


def nested(rng: np.random.Generator, n: int) -> NestedLogit:
    m = int(rng.integers(1, 4))
    of = rng.integers(0, m, n)
    nests = [np.flatnonzero(of == k) for k in range(m)]
    gamma = np.where(rng.random(m) < 0.3, rng.uniform(1, 2.5, m), rng.uniform(0.3, 1.0, m))
    outside = np.where(rng.random(m) < 0.5, 0.0, rng.uniform(0, 0.5, m))
    return NestedLogit(attractions(rng, n), nests, gamma, outside, float(rng.uniform(0.5, 3)))


def size_rule(rng: np.random.Generator, n: int) -> Rule:
    low = int(rng.integers(0, 4)) if rng.random() < 0.4 else 0
    return SizeLimit("size", low, int(rng.integers(low, max(n, low) + 1)))


def greedy_rules(rng: np.random.Generator, n: int) -> list[Rule]:
    """Sizes, filters and nested groups: what the greedy solver takes."""
    rules: list[Rule] = []
    if rng.random() < 0.8:
        rules.append(size_rule(rng, n))
    brand = rng.integers(0, 3, n)
    if rng.random() < 0.5:
        rules.append(EachGroupMax("each brand", int(rng.integers(1, 3)), codes=brand))
    if rng.random() < 0.5:
        rules.append(
            GroupLimit("brand 0", codes=brand, code=0, minimum=int(rng.integers(0, 3)), maximum=3)
        )
    if rng.random() < 0.3:
        inner = np.where((brand == 1) & (rng.random(n) < 0.6), 0, -1)
        rules.append(GroupLimit("inside brand 1", codes=inner, code=0, minimum=1, maximum=2))
    if rng.random() < 0.3:
        outer = brand <= 1
        rules.append(GroupLimit("brands 0 and 1", mask=outer, minimum=1, maximum=4))
    if rng.random() < 0.3:
        rules.append(Include("keep", [int(rng.integers(0, n))]))
    if rng.random() < 0.3:
        rules.append(Exclude("drop", [int(rng.integers(0, n))]))
    if rng.random() < 0.3:
        rules.append(Allowed("colour", rng.random(n) < 0.7))
    return rules


def side_rules(rng: np.random.Generator, n: int, p: np.ndarray) -> list[Rule]:
    """Rules that need the general solver."""
    rules: list[Rule] = greedy_rules(rng, n)
    draws = rng.random(6)
    space = rng.integers(1, 9, n).astype(float)
    if draws[0] < 0.5:
        rules.append(Linear("shelf", space, maximum=float(rng.integers(5, 25))))
    if draws[1] < 0.3:
        rules.append(Linear.mean_at_most("mean price", p, float(np.median(p))))
    if draws[2] < 0.3 and n > 3:
        one, other = rng.choice(n, 2, replace=False)
        rules.append(Implies("needs", int(one), int(other)))
    if draws[3] < 0.3 and n > 3:
        rules.append(NotTogether("not both", rng.choice(n, 2, replace=False)))
    if draws[4] < 0.3:
        colour = rng.integers(0, 3, n)
        rules.append(EachGroupMax("each colour", 1, codes=colour))
    if draws[5] < 0.2:
        rules.append(Linear("uneven", rng.normal(0, 1, n), minimum=-1.0, maximum=2.0))
    return rules


def all_sets(n: int) -> list[tuple[int, ...]]:
    return [c for k in range(n + 1) for c in combinations(range(n), k)]


def allowed_sets(problem: Problem) -> list[tuple[int, ...]]:
    return [s for s in all_sets(problem.n) if not problem.broken(list(s))]


def best_value(problem: Problem) -> float | None:
    """The optimum over all sets that keep every rule; None where there is none."""
    values = [problem.value(np.asarray(s, np.int64)) for s in allowed_sets(problem)]
    return max(values) if values else None


def problem_of(
    rng: np.random.Generator, model: ChoiceModel, rules: list[Rule], kind: int = 0
) -> Problem:
    return Problem(model, prices(rng, model.n, kind), tuple(rules))


def agrees(problem: Problem, value: float, status: str) -> None:
    """Assert that an exact solver's answer is the enumerated one."""
    best = best_value(problem)
    if best is None:
        assert status == "infeasible"
    else:
        assert status == "optimal"
        assert abs(value - best) <= 1e-9 * max(1.0, abs(best)), (value, best)
