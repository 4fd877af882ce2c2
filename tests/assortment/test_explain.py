"""What limits cost, why an item is missing, how sure an answer is, the frontier."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assortment import worlds
from tools.assortment import (
    MNL,
    Allowed,
    EachGroupMax,
    Include,
    Linear,
    Problem,
    SizeLimit,
    confidence,
    explain_limits,
    frontier,
    resample,
    solve,
    why_not,
)
from tools.assortment.arrays import Floats
from tools.errors import InstanceError


def shop(seed: int = 0, n: int = 60) -> Problem:
    rng = np.random.default_rng(seed)
    p: Floats = np.round(np.exp(rng.normal(3, 0.8, n)), 2).astype(float)
    v = np.exp(rng.normal(-2, 1, n))
    return Problem(
        MNL(v),
        p,
        (
            SizeLimit("size", 0, 5),
            EachGroupMax("brand", 1, codes=rng.integers(0, 6, n)),
            Allowed("price", p <= 60),
        ),
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_cost_of_a_limit_is_the_optimum_without_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    p = worlds.prices(rng, n)
    problem = Problem(worlds.mnl(rng, n), p, tuple(worlds.side_rules(rng, n, p)))
    solved = solve(problem)
    for cost in explain_limits(problem, solved):
        best = worlds.best_value(problem.without(cost.name))
        if best is None:
            assert np.isnan(cost.value_without)
        else:
            assert cost.value_without == pytest.approx(best, rel=1e-9)
            if solved.found:
                assert cost.proved
                assert cost.cost >= -1e-9


def test_why_not_names_the_key_and_the_exact_cost() -> None:
    problem = shop()
    solved = solve(problem)
    missing = next(i for i in range(problem.n) if i not in solved.items and problem.reward[i] <= 60)
    answer = why_not(problem, solved, missing)
    assert not answer.offered
    forced = solve(problem.plus(Include("x", [missing])))
    assert answer.value_with == pytest.approx(forced.value)
    assert answer.cost == pytest.approx(solved.value - forced.value)
    assert solved.value >= forced.value
    assert set(answer.displaced) == set(solved.items) - set(forced.items)
    assert answer.key is not None


def test_why_not_names_the_rule_that_forbids() -> None:
    problem = shop()
    solved = solve(problem)
    dear = int(np.argmax(problem.reward))
    assert why_not(problem, solved, dear).forbidden_by == ("price",)
    inside = why_not(problem, solved, solved.items[0])
    assert inside.offered
    assert inside.cost == 0


def test_why_not_refuses_an_item_that_does_not_exist() -> None:
    problem = shop()
    with pytest.raises(InstanceError, match="there is no item 60"):
        why_not(problem, solve(problem), 60)


def test_the_frontier_falls_in_revenue_and_rises_in_surplus() -> None:
    points = frontier(shop(), 21)
    revenues = [p.revenue for p in points]
    surpluses = [p.surplus for p in points]
    assert len(points) > 2
    assert revenues == sorted(revenues, reverse=True)
    assert surpluses == sorted(surpluses)
    assert points[0].revenue == pytest.approx(solve(shop()).value)
    assert points[-1].surplus == pytest.approx(solve(shop(), "surplus").surplus)


def test_balanced_lies_on_the_frontier_between_its_ends() -> None:
    problem = shop()
    revenue, balanced, surplus = (
        solve(problem, goal) for goal in ("revenue", "balanced", "surplus")
    )
    assert revenue.value >= balanced.value >= surplus.value
    assert balanced.purchase_probability >= 0.95 * surplus.purchase_probability - 1e-12


def test_confidence_is_certain_without_noise_and_spreads_with_it() -> None:
    problem = shop()
    assert isinstance(problem.model, MNL)
    u = np.log(problem.model.v)
    sure = confidence(problem, resample(u, np.zeros(problem.n), 5))
    assert sure.same_set == 1.0
    assert set(sure.share.values()) == {1.0}
    unsure = confidence(problem, resample(u, np.full(problem.n, 0.5), 40, seed=2))
    assert unsure.same_set < 1.0
    assert sum(unsure.share.values()) == pytest.approx(5.0, abs=0.5)
    assert unsure.draws == 40


def test_limits_under_a_deadline_keep_their_honesty() -> None:
    problem = shop().plus(Linear("budget", shop().reward, maximum=80.0))
    solved = solve(problem, deadline=30)
    assert solved.status == "optimal"
    assert all(cost.proved for cost in explain_limits(problem, solved, deadline=30))
