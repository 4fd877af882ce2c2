"""The size-limited algorithms of Tulabandhula, Sinha and Karra (arXiv 2003.04736), by name.

All search the revenue level by bisection: at a level z, comparing means asking whether some set of
at most C items has a total of v_i (r_i - z) of at least v0 z.

- `assort_exact`: the comparison sorts all keys, as published.
- `assort_mnl_approx`: the comparison finds large keys as a maximum inner product: (v_i r_i, v_i)
  with (1, -z), by an approximate index; here FAISS (HNSW) takes the place of the hashing.
- `adxopt`: greedy additions, exchanges and deletions (Jagabathula 2014), their baseline.

They are here to be measured against; `solve` is exact and faster.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats, Ints
from tools.assortment.models import MNL
from tools.assortment.problem import Problem
from tools.assortment.results import Solved
from tools.assortment.rules import SizeLimit
from tools.assortment.solve import Outcome, report
from tools.errors import InstanceError

ALGORITHMS = ("assort_exact", "assort_mnl_approx", "adxopt")


@dataclass(eq=False)
class InnerProductIndex:
    """An approximate maximum-inner-product index over (v r, v), made once per catalogue.

    Inner products become distances by one more coordinate that brings all vectors to one length
    (Neyshabur and Srebro 2015).
    """

    index: Any
    search: int
    scale: float
    width: float

    @classmethod
    def build(
        cls, v: Floats, r: Floats, neighbours: int = 64, search: int = 256
    ) -> InnerProductIndex:
        """Index the items.

        Args:
            v, r: attractions and rewards, shape (n,).
            neighbours, search: the HNSW graph's degree and the width of its search.
        """
        import faiss

        worth = v * r
        scale = float(np.abs(worth).max()) or 1.0
        width = float(np.abs(v).max()) or 1.0
        points = np.stack([worth / scale, v / width], axis=1)
        length = (points**2).sum(axis=1)
        last = np.sqrt(np.maximum(length.max() - length, 0.0))
        points = np.ascontiguousarray(np.column_stack([points, last]), dtype=np.float32)
        faiss.omp_set_num_threads(1)
        index: Any = faiss.IndexHNSWFlat(3, neighbours)
        index.hnsw.efConstruction = 80
        index.add(points)
        return cls(index, search, scale, width)

    def largest(self, level: float, count: int) -> Ints:
        """Positions of about the `count` largest keys v_i (r_i - level)."""
        query = np.asarray([[self.scale, -level * self.width, 0.0]], dtype=np.float32)
        query /= max(float(np.abs(query).max()), 1e-30)
        self.index.hnsw.efSearch = max(self.search, 2 * count)
        return np.asarray(self.index.search(query, count)[1][0], dtype=np.int64)


def solve_published(
    problem: Problem,
    algorithm: str,
    tolerance: float = 1e-3,
    index: InnerProductIndex | None = None,
) -> Solved:
    """Solve a size-limited MNL problem by one of the published algorithms.

    Args:
        problem: MNL with at most one rule, an upper limit on the size.
        algorithm: one of `ALGORITHMS`.
        tolerance: width of the last bisection interval, relative to the largest reward.
        index: for `assort_mnl_approx`; made here when absent.

    Raises:
        InstanceError: the algorithm is unknown or does not take this problem.
    """
    begin = time.perf_counter()
    model = problem.model
    limits = [rule for rule in problem.rules if isinstance(rule, SizeLimit)]
    if (
        not isinstance(model, MNL)
        or problem.fixed_cost is not None
        or len(problem.rules) > 1
        or len(limits) != len(problem.rules)
        or any(rule.minimum for rule in limits)
    ):
        raise InstanceError("the published algorithms take MNL with an upper limit on the size")
    size = problem.n
    if limits and limits[0].maximum is not None:
        size = min(size, limits[0].maximum)
    v, r = model.v, problem.reward
    if algorithm == "assort_exact":
        items, bound = _bisect(v, r, model.v0, size, tolerance, None)
        method = f"bisection on the revenue to {tolerance:g} with a full sort at each step"
    elif algorithm == "assort_mnl_approx":
        index = index or InnerProductIndex.build(v, r)
        items, _ = _bisect(v, r, model.v0, size, tolerance, index)
        bound = np.inf
        method = f"bisection on the revenue to {tolerance:g} with approximate inner products"
    elif algorithm == "adxopt":
        items, bound = _adxopt(v, r, model.v0, size), np.inf
        method = "additions, exchanges and deletions until none helps"
    else:
        raise InstanceError(f"{algorithm!r} is none of {', '.join(ALGORITHMS)}")
    outcome = Outcome("feasible", items, float(bound), "not proved: " + method)
    return report(problem, "revenue", outcome, time.perf_counter() - begin)


def _bisect(  # noqa: PLR0917
    v: Floats,
    r: Floats,
    v0: float,
    size: int,
    tolerance: float,
    index: InnerProductIndex | None,
) -> tuple[Ints, float]:
    low, high = 0.0, float(max(r.max(), 0.0))
    width = tolerance * max(high, 1e-300)
    best, best_value = np.zeros(0, np.int64), 0.0
    while high - low > width:
        level = 0.5 * (low + high)
        if index is None:
            keys = v * (r - level)
            picked = np.argsort(-keys, kind="stable")[:size]
        else:
            picked = index.largest(level, size)
            picked = picked[picked >= 0]
        worth = v[picked] * (r[picked] - level)
        picked = picked[worth > 0]
        value = float((v[picked] * r[picked]).sum()) / (v0 + float(v[picked].sum()))
        # The published code keeps the last set probed; keeping the best one costs nothing.
        if value > best_value:
            best, best_value = np.sort(picked), value
        if float(worth[worth > 0].sum()) >= v0 * level:
            low = level
        else:
            high = level
    return best, high


def _adxopt(v: Floats, r: Floats, v0: float, size: int) -> Ints:
    worth = v * r
    inside = np.zeros(v.size, np.bool_)
    top, below, value = 0.0, v0, 0.0
    while True:
        best = (value + 1e-12 * abs(value), -1, -1)
        if int(inside.sum()) < size:
            gains = np.where(inside, -np.inf, (top + worth) / (below + v))
            j = int(np.argmax(gains))
            best = max(best, (float(gains[j]), -1, j))
        for i in np.flatnonzero(inside):
            less_top, less_below = top - worth[i], below - v[i]
            best = max(best, (float(less_top / less_below), int(i), -1))
            gains = np.where(inside, -np.inf, (less_top + worth) / (less_below + v))
            j = int(np.argmax(gains))
            best = max(best, (float(gains[j]), int(i), j))
        _, out, come = best
        if out < 0 and come < 0:
            return np.flatnonzero(inside)
        if out >= 0:
            inside[out] = False
        if come >= 0:
            inside[come] = True
        top, below = float(worth[inside].sum()), v0 + float(v[inside].sum())
        value = top / below
