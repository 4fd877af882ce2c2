"""Every class of problem against enumeration, and the laws that any optimum obeys."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assortment import worlds
from tools.assortment import (
    MNL,
    EachGroupMax,
    GroupLimit,
    Include,
    Linear,
    Problem,
    Rule,
    SizeLimit,
    solve,
)
from tools.assortment.arrays import Floats
from tools.assortment.results import Objective
from tools.errors import InstanceError

OBJECTIVES: tuple[Objective, ...] = ("revenue", "surplus", "balanced")
seeds = st.integers(0, 2**32 - 1)


def check(problem: Problem) -> None:
    solved = solve(problem)
    worlds.agrees(problem, solved.value, solved.status)
    if solved.found:
        assert not problem.broken(solved.items)
        assert abs(solved.value - problem.value(solved.items)) < 1e-12 * max(1, abs(solved.value))
        total = sum(solved.probabilities) + solved.no_purchase
        assert abs(total - 1) < 1e-9


@settings(max_examples=120, deadline=None)
@given(seeds)
def test_greedy_classes_agree_with_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 10))
    rules = worlds.greedy_rules(rng, n)
    check(worlds.problem_of(rng, worlds.mnl(rng, n), rules, int(rng.integers(0, 2))))


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_side_constraints_agree_with_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    p = worlds.prices(rng, n, int(rng.integers(0, 2)))
    check(Problem(worlds.mnl(rng, n), p, tuple(worlds.side_rules(rng, n, p))))


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_mixed_mnl_agrees_with_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    p = worlds.prices(rng, n)
    rules = worlds.side_rules(rng, n, p) if seed % 2 else [worlds.size_rule(rng, n)]
    check(Problem(worlds.mixed(rng, n), p, tuple(rules)))


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_nested_logit_agrees_with_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    p = worlds.prices(rng, n)
    rules = worlds.greedy_rules(rng, n) if seed % 3 == 0 else []
    check(Problem(worlds.nested(rng, n), p, tuple(rules)))


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_fixed_costs_agree_with_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    p = worlds.prices(rng, n)
    rules = worlds.side_rules(rng, n, p) if seed % 2 else [worlds.size_rule(rng, n)]
    cost = np.round(rng.uniform(-0.2, 2, n), 2)
    check(Problem(worlds.mnl(rng, n), p, tuple(rules), cost))


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_surplus_agrees_with_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    p = worlds.prices(rng, n)
    rules = worlds.side_rules(rng, n, p) if seed % 2 else worlds.greedy_rules(rng, n)
    problem = Problem(worlds.mnl(rng, n), p, tuple(rules))
    solved = solve(problem, "surplus")
    sets = worlds.allowed_sets(problem)
    if not sets:
        assert solved.status == "infeasible"
        return
    best = max(problem.model.surplus(np.asarray(s, np.int64)) for s in sets)
    assert solved.status == "optimal"
    assert solved.surplus == pytest.approx(best, abs=1e-9)
    assert solved.score == solved.surplus


def supported(problem: Problem) -> list[tuple[float, float]]:
    """(revenue, purchase probability) of every set on the supported frontier, by enumeration."""
    model = problem.model
    assert isinstance(model, MNL)
    sets = worlds.allowed_sets(problem)
    totals = np.asarray(
        [
            (float(model.v[list(s)] @ problem.reward[list(s)]), float(model.v[list(s)].sum()))
            for s in sets
        ]
    )
    z = (totals[:, 0] / (model.v0 + totals[:, 1])).max()
    # Levels at which two sets tie, and points between and below them, show every corner.
    cuts = {z}
    for value, weight in totals:
        apart = np.abs(totals[:, 1] - weight) > 1e-12
        cuts |= set(((totals[apart, 0] - value) / (totals[apart, 1] - weight)).tolist())
    levels = sorted(c for c in cuts if c <= z)
    levels += [(a + b) / 2 for a, b in pairwise(levels)] + [levels[0] - 1e3]
    out = []
    for level in levels:
        keys = totals[:, 0] - level * totals[:, 1]
        top = keys >= keys.max() - 1e-11 * max(1.0, float(np.abs(keys).max()))
        for value, weight in totals[top]:
            out.append((value / (model.v0 + weight), weight / (model.v0 + weight)))
    return out


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_balanced_is_the_best_supported_set_with_enough_purchases(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    # Continuous prices and attractions: with ties the frontier has sets that are no corner.
    p, v = np.exp(rng.normal(3, 0.8, n)), np.exp(rng.normal(-1, 1, n))
    rules = worlds.side_rules(rng, n, p) if seed % 3 == 0 else worlds.greedy_rules(rng, n)
    problem = Problem(MNL(v), p, tuple(rules))
    solved = solve(problem, "balanced")
    sets = worlds.allowed_sets(problem)
    if not sets:
        assert solved.status == "infeasible"
        return
    most = max(1 - problem.model.no_purchase(np.asarray(s, np.int64)) for s in sets)
    enough = [r for r, bought in supported(problem) if bought >= 0.95 * most - 1e-12]
    assert solved.purchase_probability >= 0.95 * most - 1e-9
    assert solved.value == pytest.approx(max(enough), rel=1e-7)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_wider_limits_never_lower_the_optimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 30))
    p = worlds.prices(rng, n)
    model = worlds.mnl(rng, n)
    codes = rng.integers(0, 4, n)
    size = int(rng.integers(1, n))

    def problem(most: int, cap: int) -> Problem:
        return Problem(
            model, p, (SizeLimit("size", 0, most), EachGroupMax("brand", cap, codes=codes))
        )

    for objective in OBJECTIVES[:2]:
        narrow = solve(problem(size, 1), objective)
        wide = solve(problem(size + 1, 2), objective)
        free = solve(problem(size, 1).without("brand"), objective)
        assert wide.score >= narrow.score - 1e-12 * abs(narrow.score)
        assert free.score >= narrow.score - 1e-12 * abs(narrow.score)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_a_wider_budget_never_lowers_the_optimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 20))
    p = worlds.prices(rng, n)
    model = worlds.mnl(rng, n)
    budget = float(rng.uniform(10, 120))
    values = []
    for most in (budget, budget * 1.3):
        solved = solve(Problem(model, p, (Linear("budget", p, maximum=most),)))
        assert solved.status == "optimal"
        values.append(solved.value)
    assert values[1] >= values[0] - 1e-9 * abs(values[0])


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_order_of_items_and_limits_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 25))
    p, model = worlds.prices(rng, n), worlds.mnl(rng, n)
    codes = rng.integers(0, 4, n)
    rules = (
        SizeLimit("size", 1, 5),
        EachGroupMax("brand", 2, codes=codes),
        GroupLimit("brand 0", codes=codes, code=int(codes[0]), minimum=1),
    )
    first = solve(Problem(model, p, rules))
    order = rng.permutation(n)
    shuffled = (
        GroupLimit("brand 0", codes=codes[order], code=int(codes[0]), minimum=1),
        EachGroupMax("brand", 2, codes=codes[order]),
        SizeLimit("size", 1, 5),
    )
    second = solve(Problem(MNL(model.v[order], model.v0), p[order], shuffled))
    assert second.value == pytest.approx(first.value, rel=1e-12)


@pytest.mark.parametrize("rule", ["size", "exact", "groups", "none", "filter"])
def test_compiled_and_small_paths_agree(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.assortment import greedy, ratio

    rng = np.random.default_rng(3)
    n = 5000
    p, v = np.exp(rng.normal(3, 0.8, n)), np.exp(rng.normal(-5, 1, n))
    codes = rng.integers(0, 40, n)
    table: dict[str, list[Rule]] = {
        "size": [SizeLimit("size", 0, 10)],
        "exact": [SizeLimit("size", 12, 12)],
        "groups": [
            SizeLimit("size", 0, 15),
            EachGroupMax("brand", 1, codes=codes),
            GroupLimit("four", codes=codes, code=4, minimum=1),
        ],
        "none": [],
        "filter": [SizeLimit("size", 3, 10), GroupLimit("g", mask=codes < 5, minimum=2)],
    }
    problem = Problem(MNL(v), p, tuple(table[rule]))
    for objective in OBJECTIVES:
        small = solve(problem, objective)
        for module in (greedy, ratio):
            monkeypatch.setattr(module, "SMALL", 100)
        large = solve(problem, objective)
        monkeypatch.undo()
        assert large.items == small.items
        assert large.value == small.value


def test_a_start_level_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    problem = Problem(
        MNL(np.exp(rng.normal(-2, 1, 400))), rng.uniform(1, 50, 400), (SizeLimit("s", 0, 7),)
    )
    plain = solve(problem)
    for start in (-5.0, 0.0, plain.value, plain.value * 3):
        assert solve(problem, start=start).items == plain.items


def test_no_choice_left_is_the_empty_set() -> None:
    problem = Problem(MNL(np.array([0.5, 0.2])), np.array([3.0, -1.0]), (SizeLimit("size", 0, 0),))
    solved = solve(problem)
    assert (solved.status, solved.items, solved.value) == ("optimal", (), 0.0)


def test_negative_rewards_are_offered_only_when_demanded() -> None:
    model = MNL(np.array([1.0, 1.0]))
    assert solve(Problem(model, np.array([-2.0, -1.0]))).items == ()
    forced = solve(Problem(model, np.array([-2.0, -1.0]), (SizeLimit("size", 1),)))
    assert forced.items == (1,)
    assert forced.value == pytest.approx(-0.5)


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(InstanceError, match="objective"):
        solve(Problem(MNL(np.ones(1)), np.ones(1)), "fun")  # type: ignore[arg-type]


def test_a_deadline_gives_a_set_and_a_bound_without_a_claim() -> None:
    rng = np.random.default_rng(11)
    n = 3000
    p: Floats = np.round(np.exp(rng.normal(4, 0.8, n)), 2).astype(np.float64)
    odd: Floats = rng.normal(0, 1, n).astype(np.float64)
    codes = rng.integers(0, 300, n)
    problem = Problem(
        MNL(np.exp(rng.normal(-4, 1, n))),
        p,
        (
            SizeLimit("size", 10, 12),
            Linear("budget", p, maximum=400.0),
            EachGroupMax("group", 1, codes=codes),
            Linear("odd", odd, minimum=0.1, maximum=0.2),
        ),
    )
    quick = solve(problem, deadline=0.3)
    assert quick.status in ("optimal", "feasible", "unknown")
    full = solve(problem, deadline=60)
    assert full.status == "optimal"
    if quick.found:
        assert not problem.broken(quick.items)
        assert quick.bound >= full.value * (1 - 1e-7)
        assert quick.value <= full.value * (1 + 1e-7)


def test_forced_losses_in_nested_logit() -> None:
    rng = np.random.default_rng(52163)
    for _ in range(30):
        n = int(rng.integers(2, 7))
        p = -rng.uniform(0.1, 5, n)
        p[rng.integers(0, n)] = 3.0
        check(Problem(worlds.nested(rng, n), p, (Include("keep", [int(np.argmin(p))]),)))
