"""The skyband index, the published algorithms, and prices chosen together with items."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.assortment import (
    MNL,
    EachGroupMax,
    GroupLimit,
    Include,
    NotTogether,
    Problem,
    SizeLimit,
    solve,
)
from tools.assortment.arrays import Floats
from tools.assortment.pricing import attractions_at, optimise_prices
from tools.assortment.published import solve_published
from tools.assortment.skyband import Skyband
from tools.errors import InstanceError

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_index_answers_like_the_solver(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 200))
    p: Floats = np.round(np.exp(rng.normal(3, 0.8, n)), int(rng.integers(0, 3))).astype(float)
    v: Floats = np.round(np.exp(rng.normal(-2, 1, n)), 2).astype(float)
    size = int(rng.integers(1, 12))
    model = MNL(v)
    index = Skyband.build(model, p, size)
    half = rng.random(n) < 0.5
    joined = Skyband.join(
        [Skyband.build(model, p, size, np.flatnonzero(part)) for part in (half, ~half)]
    )
    for asked in {size, max(1, size - 2)}:
        best = solve(Problem(model, p, (SizeLimit("size", 0, asked),)))
        assert index.query(asked)[1] == pytest.approx(best.value, rel=1e-12, abs=1e-12)
        assert joined.query(asked)[1] == pytest.approx(best.value, rel=1e-12, abs=1e-12)


def test_the_index_refuses_more_than_it_holds() -> None:
    index = Skyband.build(MNL(np.ones(5)), np.arange(5.0), 3)
    with pytest.raises(InstanceError, match="up to 3"):
        index.query(4)
    with pytest.raises(InstanceError, match="at least 1"):
        Skyband.build(MNL(np.ones(5)), np.arange(5.0), 0)


@pytest.mark.parametrize("algorithm", ["assort_exact", "assort_mnl_approx", "adxopt"])
def test_the_published_algorithms_come_close_and_claim_nothing(algorithm: str) -> None:
    rng = np.random.default_rng(4)
    n = 400
    p, v = np.exp(rng.normal(3, 0.8, n)), np.exp(rng.normal(-3, 1, n))
    problem = Problem(MNL(v), p, (SizeLimit("size", 0, 8),))
    exact = solve(problem)
    found = solve_published(problem, algorithm, 1e-4)
    assert found.status == "feasible"
    short = 0.1 if algorithm == "assort_mnl_approx" else 0.02
    assert exact.value * (1 - short) <= found.value <= exact.value * (1 + 1e-12)
    assert found.bound >= exact.value * (1 - 1e-12)


def test_the_published_algorithms_refuse_other_problems() -> None:
    problem = Problem(MNL(np.ones(3)), np.ones(3), (SizeLimit("size", 1, 2),))
    with pytest.raises(InstanceError, match="upper limit on the size"):
        solve_published(problem, "assort_exact")
    with pytest.raises(InstanceError, match="none of"):
        solve_published(Problem(MNL(np.ones(3)), np.ones(3)), "magic")


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_prices_and_items_agree_with_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, levels = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    prices = np.round(np.sort(rng.uniform(5, 50, (n, levels)), axis=1), 2)
    v = attractions_at(rng.normal(1, 1, n), prices, -0.05)
    codes = rng.integers(0, 2, n)
    cost = rng.uniform(0, 5, n)
    rules = [SizeLimit("size", 0, int(rng.integers(1, n + 1)))]
    found = optimise_prices(
        v,
        prices,
        rules=(*rules, EachGroupMax("brand", 1, codes=codes), Include("keep", [0])),
        cost=cost,
    )
    best = -np.inf
    for choice in product(range(-1, levels), repeat=n):
        items = [i for i, level in enumerate(choice) if level >= 0]
        if 0 not in items or not rules[0].holds(items):
            continue
        if len(set(codes[items])) < len(items):
            continue
        weight = np.array([v[i, choice[i]] for i in items])
        margin = np.array([prices[i, choice[i]] - cost[i] for i in items])
        best = max(best, float(weight @ margin) / (1 + float(weight.sum())))
    assert found.solved.status == "optimal"
    assert found.solved.value == pytest.approx(best, rel=1e-9)
    assert 0 in found.items
    assert len(set(found.items)) == len(found.items)


def test_a_rule_that_names_pairs_is_refused_with_prices() -> None:
    with pytest.raises(InstanceError, match="not available when prices"):
        optimise_prices(np.ones((2, 2)), np.ones((2, 2)), rules=(NotTogether("n", [0, 1]),))


def test_groups_with_several_values_per_item() -> None:
    groups = [np.array([0, 1]), np.array([1, 2]), np.array([2, 3])]
    p, v = np.array([10.0, 9.0, 8.0, 7.0]), np.ones(4)
    problem = Problem(MNL(v, 4.0), p, (EachGroupMax("colour", 1, groups=groups),))
    solved = solve(problem)
    assert solved.status == "optimal"
    assert solved.items in {(0, 2), (0, 3)}
    mask = Problem(MNL(v, 4.0), p, (GroupLimit("red", mask=np.array([1, 1, 0, 0]) > 0, maximum=1),))
    assert solve(mask).items == (0, 2, 3)
