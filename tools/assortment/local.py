"""Local search over add, drop and swap moves for mixed MNL, with rows and fixed costs.

Starts from sets ordered by reward, from each segment's own optimum and from shaken copies of the
best set. It finds the published optimum of hard instances in milliseconds, but proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.assortment.arrays import Floats, Ints, Mask
from tools.assortment.greedy import Greedy
from tools.assortment.models import MNL, MixedMNL
from tools.assortment.problem import Problem
from tools.assortment.ratio import Base, maximise
from tools.assortment.structure import NO_LIMIT, Structure

SHAKES = 20
"""Shaken copies of the best set that are improved again."""


@dataclass(frozen=True, eq=False)
class Segments:
    """A problem over its free items, one line per segment; forced items are in d0 and n0.

    Attributes:
        w: shares, shape (K,).
        d0, n0: v0 plus attraction, and attraction times reward, of the forced items, per segment.
        v: attractions, shape (K, n); r: rewards; cost: fixed costs, shape (n,).
        a, lo, hi: rows over free items, shapes (rows, n), (rows,), (rows,).
        fixed: fixed cost of the forced items.
    """

    w: Floats
    d0: Floats
    n0: Floats
    v: Floats
    r: Floats
    cost: Floats
    a: Floats
    lo: Floats
    hi: Floats
    fixed: float

    @classmethod
    def of(cls, problem: Problem, structure: Structure) -> Segments:
        """The free part of an MNL or mixed MNL problem."""
        model = problem.model
        if isinstance(model, MNL):
            w, v, v0 = np.ones(1), model.v[None, :], np.asarray([model.v0])
        else:
            assert isinstance(model, MixedMNL)
            w, v, v0 = model.weights, model.v, model.v0
        forced, r = structure.forced, problem.reward
        cost = np.zeros(problem.n) if problem.fixed_cost is None else problem.fixed_cost
        mine = v if structure.free is None else v[:, structure.free]
        a, lo, hi = dense_rows(structure)
        return cls(
            w=w,
            d0=v0 + v[:, forced].sum(axis=1),
            n0=v[:, forced] @ r[forced],
            v=np.ascontiguousarray(mine),
            r=np.ascontiguousarray(structure.take(r)),
            cost=np.ascontiguousarray(structure.take(cost)),
            a=a,
            lo=lo,
            hi=hi,
            fixed=float(cost[forced].sum()),
        )

    @property
    def n(self) -> int:
        """Number of free items."""
        return int(self.r.size)

    def value(self, x: Mask) -> float:
        """Expected reward minus fixed costs of a choice of free items."""
        top = self.n0 + (self.v[:, x] * self.r[x]).sum(axis=1)
        below = self.d0 + self.v[:, x].sum(axis=1)
        return float(self.w @ (top / below)) - float(self.cost[x].sum()) - self.fixed


def dense_rows(structure: Structure) -> tuple[Floats, Floats, Floats]:
    """All limits of a structure as rows lo <= a x <= hi over its free items."""
    n = structure.n_free
    lines: list[Floats] = []
    lower: list[float] = []
    upper: list[float] = []
    if structure.lo > 0 or structure.hi < n:
        lines.append(np.ones(n))
        lower.append(float(structure.lo))
        upper.append(float(structure.hi))
    for row in structure.rows:
        lines.append(row.coef)
        lower.append(row.lo)
        upper.append(row.hi)
    for block in structure.blocks:
        for group in range(block.lo.size):
            lines.append((block.codes == group).astype(np.float64))
            lower.append(float(block.lo[group]))
            upper.append(np.inf if block.hi[group] == NO_LIMIT else float(block.hi[group]))
    if not lines:
        return np.zeros((0, n)), np.zeros(0), np.zeros(0)
    return np.ascontiguousarray(np.stack(lines)), np.asarray(lower), np.asarray(upper)


def search(segments: Segments, structure: Structure, seed: int = 1) -> Mask | None:
    """The best choice found, or None when no start could be repaired to keep the rows."""
    from tools.assortment import local_kernels

    s = segments
    n = s.n
    # Rounding must not make an exact limit look broken.
    room = 1e-9 * np.maximum(1.0, np.abs(s.a).sum(axis=1)) if s.a.size else np.zeros(0)
    lo, hi = s.lo - room, s.hi + room

    def improve(x: Mask) -> tuple[float, float, Mask]:
        broken, value, out = local_kernels.improve(
            s.w, s.d0, s.n0, s.v, s.r, s.cost, s.a, lo, hi, x
        )
        return broken, value, out

    best_value, best = -np.inf, None
    starts = _starts(s, structure)
    seen: set[bytes] = set()
    for start in starts:
        if start.tobytes() in seen:
            continue
        seen.add(start.tobytes())
        broken, value, x = improve(start)
        if broken <= 0 and value > best_value + 1e-12 * abs(value):
            best_value, best = value, x
    if best is None:
        return None
    rng = np.random.default_rng(seed)
    for _ in range(SHAKES):
        shaken = best.copy()
        flip = rng.choice(n, size=min(n, max(2, n // 15)), replace=False)
        shaken[flip] = ~shaken[flip]
        broken, value, x = improve(shaken)
        if broken <= 0 and value > best_value + 1e-12 * abs(value):
            best_value, best = value, x
    return best


def _starts(s: Segments, structure: Structure) -> list[Mask]:
    if not s.n:
        return [np.zeros(0, np.bool_)]
    order = np.argsort(-s.r, kind="stable")
    v, r = s.v[:, order], s.r[order]
    values = s.w @ (
        (s.n0[:, None] + np.cumsum(v * r, axis=1)) / (s.d0[:, None] + np.cumsum(v, axis=1))
    ) - np.cumsum(s.cost[order])
    prefix = np.zeros(s.n, np.bool_)
    prefix[order[: int(np.argmax(values)) + 1]] = True
    starts = [prefix, np.zeros(s.n, np.bool_)]
    for k in range(s.w.size):
        greedy = Greedy(s.v[k], s.r, min(structure.lo, s.n), min(structure.hi, s.n))
        found = maximise(greedy, Base(1.0, float(s.n0[k]), float(s.d0[k]) - 1.0))
        if found is not None:
            mine = np.zeros(s.n, np.bool_)
            mine[found[0]] = True
            starts.append(mine)
    return starts


def segment_bound(problem: Problem, structure: Structure, segments: Segments) -> float:
    """No set is worth more than every segment getting its own optimum (fixed costs left out)."""
    total = -segments.fixed - float(np.minimum(segments.cost, 0.0).sum())
    for k in range(segments.w.size):
        v = segments.v[k]
        base = Base(1.0, float(segments.n0[k]), float(segments.d0[k]) - 1.0)
        greedy = None
        if not structure.rows:
            full = np.zeros(problem.n)
            full[np.arange(problem.n) if structure.free is None else structure.free] = v
            greedy = Greedy.of(structure, full, problem.reward)
        if greedy is None:
            greedy = Greedy(v, segments.r, 0, min(structure.hi, segments.n))
        found = maximise(greedy, base)
        if found is not None:
            total += float(segments.w[k]) * found[1]
    return total


def as_items(choice: Mask) -> Ints:
    """Positions of a boolean choice."""
    return np.flatnonzero(choice)
