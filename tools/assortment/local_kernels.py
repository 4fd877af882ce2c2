"""The compiled moves of the local search."""
# ruff: noqa: PLR0917

from __future__ import annotations

from functools import cache

import numpy as np

from tools.assortment.arrays import Floats, Mask
from tools.compiled import jit


@jit
def _broken(activity: Floats, lo: Floats, hi: Floats) -> float:
    total = 0.0
    for m in range(activity.size):
        total += max(0.0, activity[m] - hi[m]) + max(0.0, lo[m] - activity[m])
    return total


@jit
def _broken_after(
    activity: Floats, lo: Floats, hi: Floats, a: Floats, out: int, come: int
) -> float:
    total = 0.0
    for m in range(activity.size):
        level = activity[m]
        if out >= 0:
            level -= a[m, out]
        if come >= 0:
            level += a[m, come]
        total += max(0.0, level - hi[m]) + max(0.0, lo[m] - level)
    return total


@jit
def _value_after(
    w: Floats, top: Floats, below: Floats, v: Floats, r: Floats, out: int, come: int
) -> float:
    total = 0.0
    for k in range(w.size):
        t, b = top[k], below[k]
        if out >= 0:
            t -= v[k, out] * r[out]
            b -= v[k, out]
        if come >= 0:
            t += v[k, come] * r[come]
            b += v[k, come]
        total += w[k] * t / b
    return total


@jit
def improve(
    w: Floats,
    d0: Floats,
    n0: Floats,
    v: Floats,
    r: Floats,
    cost: Floats,
    a: Floats,
    lo: Floats,
    hi: Floats,
    start: Mask,
) -> tuple[float, float, Mask]:
    """(violation, value, choice) of a local optimum reached from `start`.

    A move is taken when it breaks the rows less, or as little and the value rises.
    """
    n = r.size
    x = start.copy()
    top, below = n0.copy(), d0.copy()
    activity = np.zeros(lo.size)
    paid = 0.0
    for i in range(n):
        if x[i]:
            paid += cost[i]
            for k in range(w.size):
                top[k] += v[k, i] * r[i]
                below[k] += v[k, i]
            for m in range(lo.size):
                activity[m] += a[m, i]
    broken = _broken(activity, lo, hi)
    value = _value_after(w, top, below, v, r, -1, -1) - paid
    for _ in range(100 * (n + 1)):
        best_broken, best_value = broken, value
        best_out, best_come = -1, -1
        for i in range(n):
            out, come = (i, -1) if x[i] else (-1, i)
            b = _broken_after(activity, lo, hi, a, out, come)
            if b > best_broken:
                continue
            change = -cost[i] if x[i] else cost[i]
            now = _value_after(w, top, below, v, r, out, come) - paid - change
            if b < best_broken or now > best_value + 1e-13 * abs(best_value):
                best_broken, best_value, best_out, best_come = b, now, out, come
        if best_out < 0 and best_come < 0:
            for i in range(n):
                if not x[i]:
                    continue
                for j in range(n):
                    if x[j]:
                        continue
                    b = _broken_after(activity, lo, hi, a, i, j)
                    if b > best_broken:
                        continue
                    now = _value_after(w, top, below, v, r, i, j) - paid + cost[i] - cost[j]
                    if b < best_broken or now > best_value + 1e-13 * abs(best_value):
                        best_broken, best_value, best_out, best_come = b, now, i, j
        if best_out < 0 and best_come < 0:
            break
        for sign, i in ((-1.0, best_out), (1.0, best_come)):
            if i < 0:
                continue
            x[i] = sign > 0
            paid += sign * cost[i]
            for k in range(w.size):
                top[k] += sign * v[k, i] * r[i]
                below[k] += sign * v[k, i]
            for m in range(lo.size):
                activity[m] += sign * a[m, i]
        broken, value = best_broken, best_value
    return broken, value, x


@cache
def load() -> None:
    """Bring the machine code into this process by one run on a single item."""
    one, none = np.ones(1), np.zeros(0)
    improve(
        one,
        one,
        none.sum() * one,
        np.ones((1, 1)),
        one,
        one,
        np.zeros((0, 1)),
        none,
        none,
        np.zeros(1, np.bool_),
    )
