"""Nested logit, nest by nest.

At a revenue level z the problem falls apart: choose in every nest the set with the largest
W^gamma (R - z), where W is the nest's weight and R its mean reward; then z moves to the ratio of
what was found (Davis, Gallego and Topaloglu 2014). A nest alone is easy when its items may be taken
in order of reward (no outside option inside, gamma at most 1) and NP-hard otherwise; then a branch
and bound over its items decides, with the fractional set of each weight as its bound.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from tools.assortment.arrays import Floats, Ints, Mask
from tools.assortment.models import NestedLogit
from tools.assortment.problem import Problem
from tools.assortment.structure import Structure
from tools.errors import InstanceError

NODES = 20_000
"""Branch-and-bound nodes for one nest at one level before its bound is taken as it stands."""
ENUMERATED = 20
"""Problems with rules across nests are enumerated up to this number of free items."""


@dataclass(frozen=True, eq=False)
class Nest:
    """The free items of one nest in order of falling reward; forced ones are in w0 and n0."""

    items: Ints
    v: Floats
    r: Floats
    w0: float
    n0: float
    gamma: float

    def score(self, weight: float, value: float, level: float) -> float:
        """W^gamma (R - z) for a set of weight W and value N = W R; 0 for an empty nest."""
        if weight <= 0:
            return 0.0
        return float(weight ** (self.gamma - 1.0) * (value - level * weight))


def solve_nested(
    problem: Problem, structure: Structure, deadline: float | None
) -> tuple[Ints | None, float, bool, str]:
    """(positions of free items or None, bound, proved, method).

    Raises:
        InstanceError: the problem has fixed costs.
    """
    model = problem.model
    assert isinstance(model, NestedLogit)
    if problem.fixed_cost is not None:
        raise InstanceError("fixed costs are handled for MNL and mixed MNL, not for nested logit")
    sized = structure.lo > 0 or structure.hi < structure.n_free
    if sized or structure.blocks or structure.rows:
        return _with_rows(problem, structure, deadline)
    nests = _nests(problem, model, structure)
    # Every set reached is feasible, so its ratio replaces the first level even when it is lower.
    level, value = 0.0, -np.inf
    chosen = [np.zeros(nest.items.size, np.bool_) for nest in nests]
    end = None if deadline is None else time.perf_counter() + deadline
    while True:
        found = [_best_set(nest, level, mine) for nest, mine in zip(nests, chosen, strict=True)]
        reached = _ratio(model, nests, found)
        if reached <= value + 1e-13 * abs(value):
            break
        level, value, chosen = reached, reached, found
        if end is not None and time.perf_counter() > end:
            break
    upper = _relaxed_level(model, nests, level)
    proved = False
    if end is None or time.perf_counter() < end:
        level, chosen, upper, proved = _prove(model, nests, level, chosen, upper)
    items = [nest.items[mine] for nest, mine in zip(nests, chosen, strict=True)]
    free = np.sort(np.concatenate(items)) if items else np.zeros(0, np.int64)
    how = "Newton's method on the revenue level, each nest by itself"
    label = "exact: " if proved else "not proved: "
    return free, max(upper, level), proved, label + how


def _nests(problem: Problem, model: NestedLogit, structure: Structure) -> list[Nest]:
    place = np.full(problem.n, -1, np.int64)
    free = np.arange(problem.n) if structure.free is None else structure.free
    place[free] = np.arange(free.size)
    out = []
    for m, members in enumerate(model.nests):
        mine = members[place[members] >= 0]
        mine = mine[np.argsort(-problem.reward[mine], kind="stable")]
        forced = members[np.isin(members, structure.forced)]
        out.append(
            Nest(
                place[mine],
                model.v[mine],
                problem.reward[mine],
                float(model.nest_v0[m] + model.v[forced].sum()),
                float(model.v[forced] @ problem.reward[forced]),
                float(model.gamma[m]),
            )
        )
    return out


def _ratio(model: NestedLogit, nests: list[Nest], chosen: list[Mask]) -> float:
    top, below = 0.0, model.v0
    for nest, mine in zip(nests, chosen, strict=True):
        weight = nest.w0 + float(nest.v[mine].sum())
        if weight > 0:
            value = nest.n0 + float(nest.v[mine] @ nest.r[mine])
            top += weight ** (nest.gamma - 1.0) * value
            below += weight**nest.gamma
    return top / below


def _best_set(nest: Nest, level: float, start: Mask) -> Mask:
    """A good set of one nest: prefixes by reward, then moves; optimal where prefixes are."""
    weights = nest.w0 + np.concatenate([[0.0], np.cumsum(nest.v)])
    values = nest.n0 + np.concatenate([[0.0], np.cumsum(nest.v * nest.r)])
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(
            weights > 0, weights ** (nest.gamma - 1.0) * (values - level * weights), 0.0
        )
    prefix = np.zeros(nest.items.size, np.bool_)
    prefix[: int(np.argmax(scores))] = True
    best, best_score = prefix, -np.inf
    for first in (prefix, start):
        mine, score = _climb(nest, level, first)
        if score > best_score:
            best, best_score = mine, score
    return best


def _climb(nest: Nest, level: float, start: Mask) -> tuple[Mask, float]:
    x = start.copy()
    weight = nest.w0 + float(nest.v[x].sum())
    value = nest.n0 + float((nest.v * nest.r)[x].sum())
    score = nest.score(weight, value, level)
    worth = nest.v * nest.r
    if not x.size:
        return x, score
    while True:
        sign = np.where(x, -1.0, 1.0)
        flips = _scores(nest, weight + sign * nest.v, value + sign * worth, level)
        inside, outside = np.flatnonzero(x), np.flatnonzero(~x)
        swaps = _scores(
            nest,
            weight - nest.v[inside][:, None] + nest.v[outside],
            value - worth[inside][:, None] + worth[outside],
            level,
        )
        best_flip = int(np.argmax(flips))
        best_swap = int(np.argmax(swaps)) if swaps.size else -1
        top = float(flips[best_flip])
        change = [best_flip]
        if best_swap >= 0 and float(swaps.flat[best_swap]) > top:
            top = float(swaps.flat[best_swap])
            row, column = divmod(best_swap, outside.size)
            change = [int(inside[row]), int(outside[column])]
        if top <= score + 1e-13 * abs(score):
            return x, score
        x[change] = ~x[change]
        weight = nest.w0 + float(nest.v[x].sum())
        value = nest.n0 + float(worth[x].sum())
        score = nest.score(weight, value, level)


def _scores(nest: Nest, weight: Floats, value: Floats, level: float) -> Floats:
    safe = np.maximum(weight, 1e-300)
    scores = safe ** (nest.gamma - 1.0) * (value - level * safe)
    return np.asarray(np.where(weight > 1e-12, scores, 0.0))


def _fractional(nest: Nest, level: float) -> float:
    """Bound on one nest: the best fractional set of any weight, taken by falling reward.

    Between two prefixes N is linear in W, and W^(gamma-1) (a + b W - z W) has one stationary point.
    """
    from tools.assortment import nest_kernels

    return float(nest_kernels.relaxed(nest.v, nest.r, nest.w0, nest.n0, nest.gamma, level, 0))


def _relaxed_level(model: NestedLogit, nests: list[Nest], level: float) -> float:
    """A level that no set exceeds: where the fractional scores add up to v0 z."""
    low = level
    excess = sum(_fractional(nest, low) for nest in nests) - model.v0 * low
    # Scores fall as the level rises, so the excess over v0 z ends within excess / v0.
    high = low + max(excess, 0.0) / model.v0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if sum(_fractional(nest, middle) for nest in nests) > model.v0 * middle:
            low = middle
        else:
            high = middle
        if high - low <= 1e-12 * max(abs(high), 1e-12):
            break
    return high


def _prove(
    model: NestedLogit, nests: list[Nest], level: float, chosen: list[Mask], upper: float
) -> tuple[float, list[Mask], float, bool]:
    """Branch and bound in every nest at the level reached, until no nest can do better."""
    from tools.assortment import nest_kernels

    while True:
        found, total, proved = [], 0.0, True
        for nest, mine in zip(nests, chosen, strict=True):
            if not nest.items.size:
                found.append(mine)
                total += nest.score(nest.w0, nest.n0, level)
                continue
            score, bound, x = nest_kernels.branch(
                nest.v, nest.r, nest.w0, nest.n0, nest.gamma, level, mine, NODES
            )
            found.append(x)
            total += bound
            proved = proved and bound <= score + 1e-11 * max(abs(score), 1e-12)
        upper = min(upper, level + max(0.0, total - model.v0 * level) / model.v0)
        reached = _ratio(model, nests, found)
        if reached <= level + 1e-12 * max(abs(level), 1e-12):
            return level, chosen, max(upper, level), proved
        level, chosen = reached, found


def _with_rows(
    problem: Problem, structure: Structure, deadline: float | None
) -> tuple[Ints | None, float, bool, str]:
    """Rules across nests: enumeration when small, else moves from the best set without them."""
    free_structure = Structure(
        structure.n, structure.free, structure.forced, 0, structure.n_free, [], []
    )
    relaxed, bound, _, _ = solve_nested(problem, free_structure, deadline)
    n = structure.n_free
    from tools.assortment.local import dense_rows

    a, lo, hi = dense_rows(structure)
    room = 1e-9 * np.maximum(1.0, np.abs(a).sum(axis=1))
    if n <= ENUMERATED:
        best, best_value = None, -np.inf
        for block in _subsets(n):
            kept = ((block @ a.T >= lo - room) & (block @ a.T <= hi + room)).all(axis=1)
            for x in block[kept].astype(np.bool_):
                value = problem.value(structure.catalogue(np.flatnonzero(x)))
                if value > best_value:
                    best, best_value = np.flatnonzero(x), value
        how = f"exact: all {2**n:,} sets"
        if best is None:
            return None, -np.inf, True, "no choice of items meets the rows"
        return best, best_value, True, how
    found = _moves(problem, structure, relaxed, a, lo - room, hi + room, deadline)
    if found is None:
        return None, bound, False, "no set was found that keeps the rules"
    value = problem.value(structure.catalogue(found))
    proved = value >= bound - 1e-12 * abs(bound)
    label = "exact: " if proved else "not proved: "
    return found, max(bound, value), proved, label + "moves from the best set without the rules"


def _subsets(n: int) -> list[Floats]:
    codes = np.arange(2**n, dtype=np.int64)
    bits = ((codes[:, None] >> np.arange(n)) & 1).astype(np.float64)
    return np.array_split(bits, max(1, bits.shape[0] // 65_536))


def _moves(  # noqa: PLR0917
    problem: Problem,
    structure: Structure,
    relaxed: Ints | None,
    a: Floats,
    lo: Floats,
    hi: Floats,
    deadline: float | None,
) -> Ints | None:
    n = structure.n_free
    x = np.zeros(n, np.bool_)
    if relaxed is not None:
        x[relaxed] = True
    end = time.perf_counter() + (5.0 if deadline is None else deadline)

    def broken(choice: Mask) -> float:
        level = a[:, choice].sum(axis=1)
        return float((np.maximum(level - hi, 0) + np.maximum(lo - level, 0)).sum())

    def value(choice: Mask) -> float:
        return problem.value(structure.catalogue(np.flatnonzero(choice)))

    state = (-broken(x), value(x))
    rng = np.random.default_rng(1)
    improved = True
    while improved and time.perf_counter() < end:
        improved = False
        inside, outside = np.flatnonzero(x), np.flatnonzero(~x)
        moves: list[tuple[int, ...]] = [(i,) for i in range(n)]
        moves += [(int(i), int(j)) for i in inside for j in outside]
        for pick in rng.permutation(len(moves)):
            change = list(moves[pick])
            x[change] = ~x[change]
            now_broken = -broken(x)
            if now_broken >= state[0]:
                now = (now_broken, value(x))
                if now > (state[0], state[1] + 1e-12 * abs(state[1])):
                    state, improved = now, True
                    break
            x[change] = ~x[change]
            if time.perf_counter() > end:
                break
    return np.flatnonzero(x) if state[0] >= 0 else None
