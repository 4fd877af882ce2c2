"""Branch and bound inside one nest, compiled."""
# ruff: noqa: PLR0917

from __future__ import annotations

from functools import cache

import numpy as np

from tools.assortment.arrays import Floats, Mask
from tools.compiled import jit


@jit
def _score(weight: float, value: float, gamma: float, level: float) -> float:
    if weight <= 0.0:
        return 0.0
    return float(weight ** (gamma - 1.0) * (value - level * weight))


@jit
def relaxed(
    v: Floats, r: Floats, w0: float, n0: float, gamma: float, level: float, first: int
) -> float:
    """The best score of the base (w0, n0) with shares of items first, first + 1 …

    Items come by falling reward, so for every weight the largest value takes them in order.
    """
    weight, value = w0, n0
    best = _score(weight, value, gamma, level)
    for i in range(first, v.size):
        # Along this item N = a + b W with b its reward.
        b = r[i]
        a = value - b * weight
        end = weight + v[i]
        slope = gamma * (b - level)
        if slope != 0.0:
            stationary = -(gamma - 1.0) * a / slope
            if weight < stationary < end:
                best = max(best, _score(stationary, a + b * stationary, gamma, level))
        weight = end
        value += v[i] * b
        best = max(best, _score(weight, value, gamma, level))
        if weight <= 0.0:
            continue
    if w0 <= 0.0 and gamma < 1.0 and first < v.size:
        # A set of very small weight: the score tends to 0, which an empty nest has anyway.
        best = max(best, 0.0)
    return best


@jit
def branch(
    v: Floats,
    r: Floats,
    w0: float,
    n0: float,
    gamma: float,
    level: float,
    start: Mask,
    nodes: int,
) -> tuple[float, float, Mask]:
    """(best score, bound, choice) for one nest; bound equals score once it is proved.

    Depth first over items by falling reward, taking an item before leaving it.
    """
    n = v.size
    best_x = start.copy()
    weight, value = w0, n0
    for i in range(n):
        if start[i]:
            weight += v[i]
            value += v[i] * r[i]
    best = _score(weight, value, gamma, level)
    root = relaxed(v, r, w0, n0, gamma, level, 0)
    if root <= best + 1e-11 * abs(best):
        return best, best, best_x
    open_bound = best
    depth = 0
    state = np.zeros(n + 1, np.int8)  # 0: not visited, 1: taken, 2: left
    weights = np.empty(n + 1)
    values = np.empty(n + 1)
    weights[0], values[0] = w0, n0
    count = 0
    while depth >= 0:
        if depth == n:
            depth -= 1
            continue
        if state[depth] == 2:
            state[depth] = 0
            depth -= 1
            continue
        taking = state[depth] == 0
        state[depth] = 1 if taking else 2
        weights[depth + 1] = weights[depth] + (v[depth] if taking else 0.0)
        values[depth + 1] = values[depth] + (v[depth] * r[depth] if taking else 0.0)
        now = _score(weights[depth + 1], values[depth + 1], gamma, level)
        if now > best + 1e-13 * abs(best):
            best = now
            for i in range(n):
                best_x[i] = i <= depth and state[i] == 1
        count += 1
        bound = relaxed(v, r, weights[depth + 1], values[depth + 1], gamma, level, depth + 1)
        if bound > best + 1e-11 * abs(best):
            if count > nodes:
                open_bound = max(open_bound, bound)
            else:
                depth += 1
                state[depth] = 0
    return best, max(best, open_bound), best_x


@cache
def load() -> None:
    """Bring the machine code into this process by one run on a single item."""
    one = np.ones(1)
    relaxed(one, one, 0.0, 0.0, 0.5, 0.0, 0)
    branch(one, one, 0.0, 0.0, 0.5, 0.0, np.zeros(1, np.bool_), 1)
