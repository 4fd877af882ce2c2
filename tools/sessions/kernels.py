"""Compiled passes: over the items' texts, candidates, walks between items, boosted trees.

Every product is summed in the same order whatever stands beside it, so that items of the same text
tie exactly.
"""
# ruff: noqa: PLR0917

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.compiled import jit
from tools.sessions.rows import Floats, Index


@jit
def products(vectors: Floats, items: Index, queries: Floats, told: Floats) -> None:
    """Write the product of query q with vector items[i] into told[q, i]."""
    for i in range(items.size):
        own = vectors[items[i]]
        for q in range(queries.shape[0]):
            query = queries[q]
            total = np.float32(0)
            for d in range(query.size):
                total += own[d] * query[d]
            told[q, i] = total


@jit
def places(value: Floats, rising: Index, told: Floats) -> None:
    """Write 10 / (9 + place) of every value within its row; equal ones share the last place.

    `rising` [rows, values] sorts each row.
    """
    rows, count = value.shape
    for row in range(rows):
        own, order = value[row], rising[row]
        score = np.float32(1)
        for i in range(count):
            if i == 0 or own[order[i]] != own[order[i - 1]]:
                score = np.float32(10) / (np.float32(10) + np.float32(count - 1 - i))
            told[row, order[i]] = score


@jit
def values_at(have: Index, values: Floats, items: Index, told: Floats) -> None:
    """Write the value of every named item, 0 where there is none; both sets of items rise."""
    at = 0
    for i in range(items.size):
        while at < have.size and have[at] < items[i]:
            at += 1
        told[i] = values[at] if at < have.size and have[at] == items[i] else np.float32(0)


@jit
def add_rows(
    starts: Index, columns: NDArray[Any], data: Floats, rows: Index, weights: Floats, told: Floats
) -> None:
    """Add the named rows of a CSR matrix, each times its weight, to `told` [columns]."""
    for r in range(rows.size):
        weight = weights[r]
        for place in range(starts[rows[r]], starts[rows[r] + 1]):
            told[columns[place]] += weight * data[place]


@jit
def gather_rows(
    starts: Index,
    columns: NDArray[Any],
    data: Floats,
    rows: NDArray[Any],
    weights: Floats,
    told: Floats,
    seen: NDArray[np.bool_],
    touched: Index,
) -> int:
    """What `add_rows` does; mark the columns in `seen`, list them in `touched` and count them."""
    count = 0
    for r in range(rows.size):
        weight = weights[r]
        for place in range(starts[rows[r]], starts[rows[r] + 1]):
            column = columns[place]
            if not seen[column]:
                seen[column] = True
                touched[count] = column
                count += 1
            told[column] += weight * data[place]
    return count


@jit
def merged(
    items: Index, values: Floats, others: Index, added: Floats, told: Index, total: Floats
) -> int:
    """Write the sum of two sparse rows, their items rising, and give its number of items."""
    a = b = count = 0
    while a < items.size or b < others.size:
        first = b == others.size or (a < items.size and items[a] <= others[b])
        second = a == items.size or (b < others.size and others[b] <= items[a])
        told[count] = items[a] if first else others[b]
        total[count] = 0
        if first:
            total[count] += values[a]
            a += 1
        if second:
            total[count] += added[b]
            b += 1
        count += 1
    return count


@jit
def row_products(
    starts: Index, columns: NDArray[Any], data: Floats, rows: Index, query: Floats, told: Floats
) -> None:
    """Write the product of `query` [columns] with row rows[i] of a CSR matrix into told[i]."""
    for i in range(rows.size):
        total = np.float32(0)
        for place in range(starts[rows[i]], starts[rows[i] + 1]):
            total += query[columns[place]] * data[place]
        told[i] = total


@jit
def _keep_best(
    items: Index, values: Floats, count: int, kept: NDArray[np.int32], told: Floats
) -> None:
    """Write the largest of `values[:count]`, their items rising, ties by item, and the items."""
    size = kept.size
    floor = np.float32(-np.inf)
    level = size
    if count > size:
        floor = np.partition(values[:count], count - size)[count - size]
        level = size - int((values[:count] > floor).sum())
    at = 0
    for i in range(count):
        if values[i] > floor or (values[i] == floor and level > 0):
            if values[i] == floor:
                level -= 1
            kept[at], told[at] = items[i], values[i]
            at += 1


@jit
def row_best(
    starts: Index, columns: NDArray[Any], data: Floats, kept: NDArray[np.int32], told: Floats
) -> None:
    """Write the columns and values of the largest entries of every row of a CSR matrix."""
    for row in range(kept.shape[0]):
        own = columns[starts[row] : starts[row + 1]].astype(np.int64)
        values = data[starts[row] : starts[row + 1]]
        _keep_best(own, values, own.size, kept[row], told[row])


@jit
def two_steps(
    items: NDArray[np.int32], shares: Floats, reached: NDArray[np.int32], chance: Floats
) -> None:
    """Write where two steps lead from every item, other than back, and how likely.

    `items` [items, near] are where a step may lead, -1 beyond the end, with `shares`.
    """
    rows, near = items.shape
    total = np.zeros(rows, np.float32)
    touched = np.empty(near * near, np.int64)
    values = np.empty(near * near, np.float32)
    for row in range(rows):
        count = 0
        for a in range(near):
            middle = items[row, a]
            if middle < 0:
                break
            for b in range(near):
                end = items[middle, b]
                if end < 0:
                    break
                if end != row:
                    if total[end] == 0:
                        touched[count] = end
                        count += 1
                    total[end] += shares[row, a] * shares[middle, b]
        ordered = np.sort(touched[:count])
        for i in range(count):
            values[i] = total[ordered[i]]
            total[ordered[i]] = 0
        _keep_best(ordered, values, count, reached[row], chance[row])


_BIT = np.zeros(32, np.int64)
"""Where the only bit of b stands: _BIT[(b * _SPREAD) >> 27] (Leiserson, Prokop, Randall 1998)."""
_SPREAD = np.uint32(0x077CB531)
for _bit in range(32):
    _BIT[((0x077CB531 << _bit) & 0xFFFFFFFF) >> 27] = _bit


@jit
def walk(
    features: Floats,
    starts: Index,
    feature: Index,
    threshold: Floats,
    kept: NDArray[np.uint32],
    value: NDArray[np.float64],
    told: NDArray[np.float64],
) -> None:
    """Add to told[i] the leaves that column i of `features` reaches.

    A node that sends an item to the right strikes out the leaves on its left; the first one left
    over is the one reached (QuickScorer: Lucchese et al., SIGIR 2015). See `tools.sessions.trees`.
    """
    rows = features.shape[1]
    left_over = np.empty(rows, np.uint32)
    for tree in range(starts.shape[0] - 1):
        left_over[:] = np.uint32(0xFFFFFFFF)
        for node in range(starts[tree, 0], starts[tree + 1, 0]):
            column, edge, mask = features[feature[node]], threshold[node], kept[node]
            for i in range(rows):
                left_over[i] &= mask if column[i] > edge else np.uint32(0xFFFFFFFF)
        first = starts[tree, 1]
        for i in range(rows):
            bits = left_over[i]
            lowest = np.uint32(bits & (~bits + np.uint32(1)))
            told[i] += value[first + _BIT[np.uint32(lowest * _SPREAD) >> np.uint32(27)]]
