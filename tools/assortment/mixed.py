"""Mixed MNL, and MNL with fixed costs: local search for the answer, a bound beside it, proof.

Finding the best set is NP-hard for two segments already (Bront, Mendez-Diaz and Vulcano 2009), so
the answer comes from local search and never waits for the proof unless that is asked for.
"""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np

from tools.assortment import mip
from tools.assortment.arrays import Floats, Ints
from tools.assortment.local import Segments, as_items, search, segment_bound
from tools.assortment.problem import Problem
from tools.assortment.structure import Structure

PROVED_AT_ONCE = 120
"""Below this number of items times segments the proof takes milliseconds and is always made."""
INTERVALS = 2000


class Answer:
    """Positions of free items (None: none found), a bound, and whether both are proved."""

    def __init__(self, items: Ints | None, bound: float, proved: bool, method: str) -> None:
        self.items, self.bound, self.proved, self.method = items, bound, proved, method


def solve_segments(
    problem: Problem, structure: Structure, deadline: float | None, prove: bool | None
) -> Answer:
    """The best set of an MNL or mixed MNL problem with rows and fixed costs.

    Args:
        problem, structure: the problem and its compiled rules.
        deadline: seconds for the proof.
        prove: True: until proved or the deadline; False: only the quick bound; None: where it is
            quick (small problems, and single MNL with fixed costs).
    """
    begin = time.perf_counter()
    s = Segments.of(problem, structure)
    choice = search(s, structure)
    bound = segment_bound(problem, structure, s)
    single = s.w.size == 1
    small = s.n * s.w.size <= PROVED_AT_ONCE or single
    if choice is None or prove or (prove is None and small):
        left = None if deadline is None else deadline - (time.perf_counter() - begin)
        window = mip.Window.whole(s)
        value = -np.inf if choice is None else s.value(choice)
        if single and s.n > 20:
            window, top = cost_window(s, value)
            bound = min(bound, max(top, value))
        better, proved_bound, done = mip.prove(s, window, left)
        bound = min(bound, max(proved_bound, value))
        if better is not None and s.value(better) > value:
            choice, value = better, s.value(better)
        free = int((~(window.out | window.inside)).sum())
        if done:
            how = f"local search, proved by a mixed-integer program over {free:,} items"
            if choice is None:
                return Answer(None, -np.inf, True, "no choice of items meets the rows")
            return Answer(as_items(choice), max(bound, value), True, f"exact: {how}")
    if choice is None:
        return Answer(None, bound, False, "no set was found before the deadline")
    value = s.value(choice)
    proved = bound <= value + 1e-9 * max(abs(value), 1e-12)
    how = "local search from several starts, bound from each segment's own optimum"
    if single:
        how = "local search, bound over intervals of the denominator"
    label = "exact: " if proved else "not proved: "
    return Answer(as_items(choice), max(bound, value), proved, label + how)


def cost_window(s: Segments, incumbent: float) -> tuple[mip.Window, float]:
    """(what a better set of an MNL problem with fixed costs can look like, a bound).

    The denominator's range is cut into intervals; on each, the fractional knapsack with the
    rewards at the interval's lower end bounds every set from above (compare
    Kunnumkal and Martinez-de-Albeniz 2019), and its reduced profits decide items.
    """
    v, r, cost = s.v[0], s.r, s.cost
    d0, n0 = float(s.d0[0]), float(s.n0[0])
    most = float(mip.Window.whole(s).high[0])
    edges = np.geomspace(d0, max(most, d0 * (1 + 1e-9)) * (1 + 1e-12), INTERVALS + 1)
    possible_in = np.zeros(s.n, np.bool_)
    possible_out = np.zeros(s.n, np.bool_)
    low, high, top = np.inf, d0, -np.inf
    target = incumbent + 1e-9 * abs(incumbent) if np.isfinite(incumbent) else -np.inf
    for left, right in pairwise(edges):
        profit = v * np.where(r > 0, r / left, r / right) - cost
        constant = (n0 / left if n0 > 0 else n0 / right) - s.fixed
        bound, price = _knapsack(profit, v, right - d0)
        if bound + constant <= target:
            continue
        low, high, top = min(low, left), max(high, right), max(top, bound + constant)
        reduced = profit - price * v
        slack = bound + constant - target
        possible_in |= reduced >= -slack
        possible_out |= reduced <= slack
    if not np.isfinite(low):
        # No interval can hold a better set: the incumbent is optimal.
        everything_out = np.ones(s.n, np.bool_)
        return mip.Window(s.d0.copy(), s.d0.copy(), everything_out, ~everything_out), incumbent
    window = mip.Window(
        np.asarray([low]), np.asarray([high]), ~possible_in, possible_in & ~possible_out
    )
    return window, top


def _knapsack(profit: Floats, weight: Floats, room: float) -> tuple[float, float]:
    """(value of the fractional knapsack, its price per unit of weight)."""
    gain = np.flatnonzero(profit > 0)
    per_unit = profit[gain] / np.maximum(weight[gain], 1e-300)
    order = gain[np.argsort(-per_unit)]
    filled = np.cumsum(weight[order])
    cut = int(np.searchsorted(filled, room, side="right"))
    total = float(profit[order[:cut]].sum())
    if cut >= order.size:
        return total, 0.0
    price = float(profit[order[cut]] / max(weight[order[cut]], 1e-300))
    before = float(filled[cut - 1]) if cut else 0.0
    return total + price * (room - before), price
