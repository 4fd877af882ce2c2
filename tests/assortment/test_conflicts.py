"""Conflicts and relaxations against enumeration of all sets of rules and items."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assortment import worlds
from tools.assortment import (
    MNL,
    Allowed,
    EachGroupMax,
    GroupLimit,
    Include,
    Linear,
    Problem,
    Rule,
    SizeLimit,
    conflicts,
    solve,
)
from tools.assortment.arrays import Floats
from tools.assortment.conflicts import hitting_sets


def tight_problem(seed: int) -> Problem:
    """Rules that exclude each other more often than not."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    p: Floats = np.round(np.exp(rng.normal(3, 0.8, n)), 2).astype(float)
    codes = rng.integers(0, 3, n)
    rules: list[Rule] = [
        SizeLimit("size", int(rng.integers(2, 4)), int(rng.integers(4, 6))),
        EachGroupMax("brand", 1, codes=codes),
        GroupLimit("two of brand 0", codes=codes, code=0, minimum=2),
        Allowed("price", p <= np.median(p)),
        Include("keep", [int(rng.integers(0, n))]),
        Linear("budget", p, maximum=float(np.sort(p)[:2].sum())),
    ]
    take = rng.random(len(rules)) < 0.75
    kept = tuple(rule for rule, taken in zip(rules, take, strict=True) if taken)
    return Problem(MNL(np.exp(rng.normal(-1, 1, n))), p, kept)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_conflicts_and_relaxations_agree_with_enumeration(seed: int) -> None:
    problem = tight_problem(seed)
    names = [rule.name for rule in problem.rules]
    sets = worlds.all_sets(problem.n)
    kept = [frozenset(names) - set(problem.broken(list(s))) for s in sets]

    def possible(rules: frozenset[str]) -> bool:
        return any(rules <= k for k in kept)

    every = [frozenset(c) for k in range(len(names) + 1) for c in combinations(names, k)]
    bad = [c for c in every if not possible(c)]
    minimal = {c for c in bad if not any(other < c for other in bad)}
    drops = [d for d in every if possible(frozenset(names) - d)]
    relaxations = {d for d in drops if not any(other < d for other in drops)}
    found = conflicts(problem, all=True)
    assert found.feasible == (not bad)
    if bad:
        assert {frozenset(c) for c in found.conflicts} == minimal
        assert {frozenset(r.drop) for r in found.relaxations} == relaxations
        assert found.complete
        values = [r.value for r in found.relaxations if r.value is not None]
        assert values == sorted(values, reverse=True)
        for relaxation in found.relaxations:
            best = worlds.best_value(problem.without(*relaxation.drop))
            assert relaxation.value is not None
            assert best is not None
            assert abs(relaxation.value - best) < 1e-9 * max(1, abs(best))
        assert frozenset(conflicts(problem).conflicts[0]) in minimal
        assert solve(problem).status == "infeasible"


def test_a_large_catalogue_is_counted_in_cells() -> None:
    rng = np.random.default_rng(0)
    n = 200_000
    codes = rng.integers(0, 10, n)
    space = rng.integers(1, 9, n).astype(float)
    rules = (
        SizeLimit("size", 0, 6),
        GroupLimit("red", codes=codes, code=0, minimum=3),
        GroupLimit("blue", codes=codes, code=1, minimum=4),
        Linear("shelf", space, maximum=40.0),
    )
    found = conflicts(Problem(MNL(np.full(n, 0.01)), np.ones(n), rules), all=True, values=False)
    assert found.conflicts == (("size", "red", "blue"),)
    assert {r.drop for r in found.relaxations} == {("size",), ("red",), ("blue",)}


def test_a_budget_on_many_different_prices_is_thinned_out_exactly() -> None:
    rng = np.random.default_rng(1)
    n = 60_000
    price = np.exp(rng.normal(3, 0.5, n))
    cheapest = float(np.sort(price)[:5].sum())

    def rules(budget: float) -> tuple[Rule, ...]:
        return (SizeLimit("size", 5, 8), Linear("budget", price, maximum=budget))

    model = MNL(np.full(n, 0.01))
    assert conflicts(Problem(model, price, rules(cheapest * 1.001))).feasible
    broken = conflicts(Problem(model, price, rules(cheapest * 0.999)), all=True, values=False)
    assert broken.conflicts == (("size", "budget"),)
    assert broken.complete


def test_hitting_sets_of_nothing_and_of_two() -> None:
    assert hitting_sets([]) == [frozenset()]
    found = hitting_sets([frozenset("ab"), frozenset("bc")])
    assert found == [frozenset("b"), frozenset("ac")]
