"""Items that no rule can tell apart, counted together.

Whether a set exists depends on how many items are taken from each cell, not on which ones. A
catalogue of a million items has a few thousand cells, so questions of feasibility stay small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.assortment.arrays import Floats, Ints, Mask
from tools.assortment.problem import Problem
from tools.assortment.rules import (
    Allowed,
    EachGroupMax,
    Exclude,
    GroupLimit,
    Implies,
    Include,
    Linear,
    NotTogether,
    Rule,
    SizeLimit,
)
from tools.errors import InstanceError

MANY_CELLS = 20_000


@dataclass(frozen=True, eq=False)
class Row:
    """lower <= coef · counts[cells] <= upper, demanded by one rule."""

    rule: str
    cells: Ints
    coef: Floats
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells with the number of items in each and the rows over counts, by rule.

    `example` is the catalogue position of one item per cell. `exact` says that a feasible choice of
    items exists whenever a feasible choice of counts does and the other way round; where rules
    with very many distinct coefficients had to be thinned out, only the first holds.
    """

    count: Ints
    rows: tuple[Row, ...]
    example: Ints
    exact: bool


def cells_of(problem: Problem) -> Cells:
    """Aggregate the items of a problem by what its rules see of them.

    Raises:
        InstanceError: a rule is of an unknown kind.
    """
    n = problem.n
    keep: Ints | None = None
    exact = True
    joint = _joint(_features(problem, None), n)
    if int(joint.max()) >= MANY_CELLS:
        keep, exact = _thin_out(problem)
        joint = _joint(_features(problem, keep), keep.size)
    count = np.bincount(joint)
    first = np.empty(count.size, np.int64)
    first[joint[::-1]] = np.arange(joint.size)[::-1]
    example = first if keep is None else keep[first]
    rows = [row for rule in problem.rules for row in _rows(rule, example, count, n)]
    return Cells(count, tuple(rows), example, exact)


def _features(problem: Problem, keep: Ints | None, linear: bool = True) -> list[Ints]:
    seen: dict[int, Ints] = {}
    out: list[Ints] = []

    def add(values: Ints, name: int | None = None) -> None:
        if name is not None:
            if name in seen:
                return
            seen[name] = values
        out.append(values if keep is None else values[keep])

    def marked(items: Ints) -> Ints:
        mark = np.zeros(problem.n, np.int64)
        mark[items] = 1
        return mark

    for rule in problem.rules:
        match rule:
            case SizeLimit():
                continue
            case Allowed(mask=mask):
                add(mask.astype(np.int64))
            case Include(items=items) | Exclude(items=items):
                add(marked(np.asarray(items, np.int64)))
            case NotTogether(items=items):
                add(marked(np.asarray(items, np.int64)))
            case GroupLimit(mask=mask) if mask is not None:
                add(mask.astype(np.int64))
            case GroupLimit():
                add(rule.members().astype(np.int64))
            case EachGroupMax(codes=codes) if codes is not None:
                add(np.asarray(codes, np.int64), id(codes))
            case EachGroupMax(groups=groups):
                for group in groups or ():
                    add(marked(group))
            case Implies(when=when, then=then):
                add(marked(np.asarray([when], np.int64)))
                add(marked(np.asarray([then], np.int64)))
            case Linear(coef=coef):
                if linear:
                    add(_ranks(coef), id(coef))
            case _:
                raise InstanceError(f"rule {rule.name!r} is of an unknown kind")
    return out


def _ranks(coef: Floats) -> Ints:
    whole = coef.astype(np.int64)
    if (whole == coef).all() and whole.max() - whole.min() < 100_000:
        return np.asarray(whole - whole.min())
    return np.unique(coef, return_inverse=True)[1].astype(np.int64)


def _joint(features: list[Ints], n: int) -> Ints:
    """Number of the cell of each item, 0 .. cells - 1."""
    joint = np.zeros(n, np.int64)
    radix = 1
    for feature in features:
        values = feature - int(feature.min())
        width = int(values.max()) + 1
        if radix * width > 2**22:
            joint, radix = _compress(joint, radix)
        if radix * width > 2**62:
            values, width = _compress(values, width)
        joint = joint * width + values
        radix *= width
    return _compress(joint, radix)[0]


def _compress(joint: Ints, radix: int) -> tuple[Ints, int]:
    if radix <= 4 * joint.size + 2**20:
        used = np.flatnonzero(np.bincount(joint, minlength=radix))
        table = np.empty(radix, np.int64)
        table[used] = np.arange(used.size)
        return table[joint], int(used.size)
    values, inverse = np.unique(joint, return_inverse=True)
    return inverse.astype(np.int64), int(values.size)


def _thin_out(problem: Problem) -> tuple[Ints, bool]:
    """Items that decide feasibility when linear rules tell nearly all items apart.

    Inside a cell of the other rules an item is not needed when enough others are at least as good
    in every linear rule: with one direction of limit those are the smallest (or largest)
    coefficients. With several linear rules both ends of each are kept, which may miss a mixed
    choice.
    """
    cell = _joint(_features(problem, None, linear=False), problem.n)
    linear = [rule for rule in problem.rules if isinstance(rule, Linear)]
    sizes = [rule.maximum for rule in problem.rules if isinstance(rule, SizeLimit)]
    most = min((size for size in sizes if size is not None), default=64)
    asked = sum(rule.minimum for rule in problem.rules if isinstance(rule, SizeLimit | GroupLimit))
    room = max(most, asked, 1)
    while room > 4 and room * (int(cell.max()) + 1) * len(linear) > MANY_CELLS:
        room //= 2
    keep = np.zeros(problem.n, np.bool_)
    one_sided = True
    for rule in linear:
        for sign, bound in ((1.0, rule.maximum), (-1.0, rule.minimum)):
            if bound is None:
                continue
            order = np.lexsort((sign * rule.coef, cell))
            sorted_cell = cell[order]
            start = np.flatnonzero(np.diff(sorted_cell, prepend=-1))
            length = np.diff(np.append(start, order.size))
            rank = np.arange(order.size) - np.repeat(start, length)
            keep[order[rank < room]] = True
        one_sided = one_sided and (rule.minimum is None or rule.maximum is None)
    exact = len(linear) == 1 and one_sided and room >= max(most, asked)
    return np.flatnonzero(keep), exact


def _rows(rule: Rule, example: Ints, count: Ints, n: int) -> list[Row]:
    every = np.arange(example.size)
    ones = np.ones(example.size)
    inf = np.inf

    def row(mask: Mask, lower: float, upper: float) -> Row:
        inside = np.flatnonzero(mask)
        return Row(rule.name, inside, np.ones(inside.size), lower, upper)

    match rule:
        case SizeLimit(minimum=least, maximum=most):
            return [Row(rule.name, every, ones, least, inf if most is None else most)]
        case Allowed(mask=mask):
            return [row(~mask[example], 0, 0)]
        case Exclude(items=items):
            return [row(np.isin(example, items), 0, 0)]
        case Include(items=items):
            wanted = np.unique(np.asarray(items, np.int64)).size
            return [row(np.isin(example, items), wanted, inf)]
        case NotTogether(items=items):
            return [row(np.isin(example, items), -inf, 1)]
        case GroupLimit(minimum=least, maximum=most):
            return [row(rule.members()[example], least, inf if most is None else most)]
        case EachGroupMax(codes=codes, maximum=most) if codes is not None:
            of = np.asarray(codes)[example]
            return [
                row(of == code, -inf, most)
                for code in np.unique(of[of >= 0])
                if count[of == code].sum() > most
            ]
        case EachGroupMax(groups=groups, maximum=most):
            return [row(np.isin(example, group), -inf, most) for group in groups or ()]
        case Implies(when=when, then=then):
            coef = (example == when).astype(float) - (example == then).astype(float)
            return [Row(rule.name, np.flatnonzero(coef), coef[coef != 0], -inf, 0)]
        case Linear(coef=coef, minimum=low, maximum=high):
            mine = coef[example]
            return [
                Row(
                    rule.name,
                    every,
                    mine,
                    -inf if low is None else low,
                    inf if high is None else high,
                )
            ]
    raise InstanceError(f"rule {rule.name!r} is of an unknown kind")
