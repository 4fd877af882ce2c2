# ruff: noqa: PLR0917
"""Compiled one-pass kernels for large catalogues (numba).

Every key is v_i (a r_i + b): with a = 1 and b = -z it is what item i adds at revenue level z, with
a = 0 and b = 1 it is its attraction. Equal keys are taken in order of position.
"""

from __future__ import annotations

import numpy as np

from tools.assortment.arrays import Floats, Ints, Mask
from tools.compiled import jit


@jit
def _sift_down(keys: Floats, items: Ints, start: int, count: int) -> None:
    """Restore a min-heap (smallest key at the root; of equal keys the larger position)."""
    at = 0
    key, item = keys[start], items[start]
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        right = child + 1
        if right < count and (
            keys[start + right] < keys[start + child]
            or (
                keys[start + right] == keys[start + child]
                and items[start + right] > items[start + child]
            )
        ):
            child = right
        below, other = keys[start + child], items[start + child]
        if below < key or (below == key and other > item):
            keys[start + at], items[start + at] = below, other
            at = child
        else:
            break
    keys[start + at], items[start + at] = key, item


@jit
def _sift_up(keys: Floats, items: Ints, start: int, at: int) -> None:
    key, item = keys[start + at], items[start + at]
    while at > 0:
        parent = (at - 1) // 2
        above, other = keys[start + parent], items[start + parent]
        if key < above or (key == above and item > other):
            keys[start + at], items[start + at] = above, other
            at = parent
        else:
            break
    keys[start + at], items[start + at] = key, item


@jit
def top_keys(
    v: Floats, r: Floats, a: float, b: float, size: int, floor: float
) -> tuple[Ints, Floats]:
    """(positions, keys) of the `size` largest keys above `floor`, in heap order."""
    keys = np.empty(size)
    items = np.empty(size, np.int64)
    count = 0
    root = floor
    n = v.size
    for begin in range(0, n, 512):
        end = min(begin + 512, n)
        best = -np.finfo(np.float64).max
        for i in range(begin, end):
            best = max(best, v[i] * (a * r[i] + b))
        if best <= root:
            continue
        for i in range(begin, end):
            key = v[i] * (a * r[i] + b)
            if key > root:
                if count < size:
                    keys[count] = key
                    items[count] = i
                    _sift_up(keys, items, 0, count)
                    count += 1
                    if count == size:
                        root = max(floor, keys[0])
                else:
                    keys[0] = key
                    items[0] = i
                    _sift_down(keys, items, 0, size)
                    root = max(floor, keys[0])
    return items[:count], keys[:count]


@jit
def top_keys_by_cell(
    v: Floats,
    r: Floats,
    a: float,
    b: float,
    cell: Ints,
    offset: Ints,
    floor: Floats,
) -> tuple[Ints, Floats, Ints]:
    """(positions, keys, cells) of the largest keys of every cell.

    Cell c keeps at most offset[c + 1] - offset[c] keys, all above floor[c].
    """
    cells = floor.size
    keys = np.empty(offset[cells])
    items = np.empty(offset[cells], np.int64)
    count = np.zeros(cells, np.int64)
    root = floor.copy()
    for i in range(v.size):
        key = v[i] * (a * r[i] + b)
        c = cell[i]
        if key > root[c]:
            start = offset[c]
            room = offset[c + 1] - start
            if count[c] < room:
                keys[start + count[c]] = key
                items[start + count[c]] = i
                _sift_up(keys, items, start, count[c])
                count[c] += 1
                if count[c] == room:
                    root[c] = max(floor[c], keys[start])
            elif room > 0:
                keys[start] = key
                items[start] = i
                _sift_down(keys, items, start, room)
                root[c] = max(floor[c], keys[start])
    total = count.sum()
    out_items = np.empty(total, np.int64)
    out_keys = np.empty(total)
    out_cells = np.empty(total, np.int64)
    k = 0
    for c in range(cells):
        for j in range(count[c]):
            out_items[k] = items[offset[c] + j]
            out_keys[k] = keys[offset[c] + j]
            out_cells[k] = c
            k += 1
    return out_items, out_keys, out_cells


@jit
def totals_above(v: Floats, r: Floats, level: float) -> tuple[float, float]:
    """(sum of v r, sum of v) over the items with r above `level`."""
    value = 0.0
    weight = 0.0
    for i in range(v.size):
        inside = v[i] if r[i] > level else 0.0
        value += inside * r[i]
        weight += inside
    return value, weight


@jit
def undominated(cell: Ints, cost: Floats, cap: Ints) -> Mask:
    """Which items have fewer than cap[i] dominators before them in their cell.

    Items come sorted by cell and, within a cell, by falling key; an earlier item dominates when
    none of its costs (shape (n, rows)) is larger.
    """
    n, rows = cost.shape
    stays = np.ones(n, np.bool_)
    begin = 0
    for i in range(n):
        if i > 0 and cell[i] != cell[i - 1]:
            begin = i
        better = 0
        for j in range(begin, i):
            dominated = True
            for row in range(rows):
                if cost[j, row] > cost[i, row]:
                    dominated = False
                    break
            if dominated:
                better += 1
                if better >= cap[i]:
                    stays[i] = False
                    break
    return stays


@jit
def skyband(v: Floats, size: int) -> Ints:
    """Positions with fewer than `size` earlier entries of at least their v."""
    heap = np.empty(size)
    place = np.zeros(size, np.int64)
    out = np.empty(v.size, np.int64)
    held = 0
    count = 0
    for i in range(v.size):
        if held < size:
            heap[held] = v[i]
            place[held] = i
            _sift_up(heap, place, 0, held)
            held += 1
        elif v[i] > heap[0]:
            heap[0] = v[i]
            place[0] = i
            _sift_down(heap, place, 0, size)
        else:
            continue
        out[count] = i
        count += 1
    return out[:count].copy()


@jit
def newton_top(v: Floats, r: Floats, v0: float, size: int, start: float) -> tuple[Ints, float]:
    """(positions, ratio) of the best set of at most `size` items, Newton's method throughout."""
    level = start
    value = -1.7e308
    held = np.empty(0, np.int64)
    if size == 0:
        return held, 0.0
    while True:
        items, _keys = top_keys(v, r, 1.0, -level, size, 0.0)
        top = 0.0
        below = v0
        for i in items:
            top += v[i] * r[i]
            below += v[i]
        reached = top / below
        if reached <= value + 1e-15 * abs(value):
            return held, value
        held = items
        value = reached
        level = reached


@jit
def between(
    v: Floats,
    r: Floats,
    a1: float,
    b1: float,
    least1: float,
    a2: float,
    b2: float,
    least2: float,
    most: int,
) -> Ints:
    """Positions whose key is at least `least1` in one direction and `least2` in the other.

    At most `most` of them are listed.
    """
    out = np.empty(most, np.int64)
    count = 0
    for begin in range(0, v.size, 512):
        end = min(begin + 512, v.size)
        best = -np.finfo(np.float64).max
        for i in range(begin, end):
            best = max(
                best, min(v[i] * (a1 * r[i] + b1) - least1, v[i] * (a2 * r[i] + b2) - least2)
            )
        if best < 0.0:
            continue
        for i in range(begin, end):
            if v[i] * (a1 * r[i] + b1) >= least1 and v[i] * (a2 * r[i] + b2) >= least2:
                if count >= most:
                    return out
                out[count] = i
                count += 1
    return out[:count].copy()
