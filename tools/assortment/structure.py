"""What the rules of a problem mean for a solver.

Rules become: the items that can be chosen at all, the items that must be, limits on the size,
blocks of groups with a minimum and a maximum each, and general rows. Blocks whose groups are
nested or disjoint form a laminar family, for which the greedy choice is exact (`Tree`).
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
    SizeLimit,
)
from tools.errors import InstanceError

NO_LIMIT = np.iinfo(np.int64).max


@dataclass(eq=False)
class Block:
    """Disjoint groups: `codes[i]` is the group of item i (-1: none); lo and hi per group."""

    codes: Ints
    lo: Ints
    hi: Ints

    @classmethod
    def of(cls, codes: Ints, groups: int) -> Block:
        """A block without limits yet."""
        return cls(codes, np.zeros(groups, np.int64), np.full(groups, NO_LIMIT))

    def tighten(self, code: int, lo: int, hi: int | None) -> None:
        """Limit one group; limits only ever become tighter."""
        self.lo[code] = max(self.lo[code], lo)
        if hi is not None:
            self.hi[code] = min(self.hi[code], hi)


@dataclass(eq=False)
class Row:
    """lo <= coef · x[index] <= hi; `index` None means every item in order."""

    coef: Floats
    lo: float
    hi: float
    index: Ints | None = None

    def total(self, chosen: Mask) -> float:
        """coef · x for a boolean choice."""
        return float(self.coef @ (chosen if self.index is None else chosen[self.index]))


@dataclass(eq=False)
class Structure:
    """A problem as solvers see it; positions below count the free items only.

    Attributes:
        free: catalogue positions of the items that may be chosen or left (sorted); None: all.
        forced: catalogue positions of the items that every set holds.
        lo, hi: limits on the number of free items chosen.
        blocks, rows: the other limits, forced items already taken off.
        impossible: why no set exists, where that is plain; else empty.
    """

    n: int
    free: Ints | None
    forced: Ints
    lo: int
    hi: int
    blocks: list[Block]
    rows: list[Row]
    impossible: str = ""

    @property
    def n_free(self) -> int:
        """Number of free items."""
        return self.n if self.free is None else int(self.free.size)

    def take(self, values: Floats) -> Floats:
        """The entries of the free items."""
        return values if self.free is None else values[self.free]

    def catalogue(self, chosen: Ints) -> Ints:
        """Catalogue positions of chosen free items together with the forced ones, sorted."""
        mine = chosen if self.free is None else self.free[chosen]
        return np.sort(np.concatenate([mine, self.forced])) if self.forced.size else np.sort(mine)


def compile_rules(problem: Problem) -> Structure:
    """Turn the rules of a problem into a `Structure`.

    Raises:
        InstanceError: a rule is of a kind that this function does not know.
    """
    n = problem.n
    allowed: Mask | None = None
    forced = np.zeros(0, np.int64)
    lo, hi = 0, n
    blocks: dict[int, Block] = {}
    rows: list[Row] = []

    def forbid(mask: Mask) -> None:
        nonlocal allowed
        allowed = mask.copy() if allowed is None else allowed & mask

    for rule in problem.rules:
        match rule:
            case SizeLimit(minimum=least, maximum=most):
                lo = max(lo, least)
                hi = hi if most is None else min(hi, most)
            case Allowed(mask=mask):
                forbid(mask)
            case Exclude(items=items):
                mask = np.ones(n, np.bool_)
                mask[np.asarray(items, np.int64)] = False
                forbid(mask)
            case Include(items=items):
                forced = np.union1d(forced, np.asarray(items, np.int64))
            case GroupLimit():
                _add_group_limit(blocks, rule)
            case EachGroupMax():
                _add_each_group_max(blocks, rule, n)
            case NotTogether(items=items):
                codes = np.full(n, -1, np.int64)
                codes[np.asarray(items, np.int64)] = 0
                _named(blocks, codes, 1).tighten(0, 0, 1)
            case Implies(when=when, then=then):
                if when != then:
                    rows.append(Row(np.array([1.0, -1.0]), -np.inf, 0.0, np.array([when, then])))
            case Linear():
                _add_linear(blocks, rows, rule)
            case _:
                raise InstanceError(f"rule {rule.name!r} is of an unknown kind")
    return _reduce(n, allowed, forced, lo, hi, list(blocks.values()), rows)


def _named(blocks: dict[int, Block], codes: Ints, groups: int) -> Block:
    # Rules over one attribute share one codes array, and so one block.
    block = blocks.get(id(codes))
    if block is None:
        block = blocks[id(codes)] = Block.of(codes, groups)
    elif block.lo.size < groups:
        extra = groups - block.lo.size
        block.lo = np.concatenate([block.lo, np.zeros(extra, np.int64)])
        block.hi = np.concatenate([block.hi, np.full(extra, NO_LIMIT)])
    return block


def _add_group_limit(blocks: dict[int, Block], rule: GroupLimit) -> None:
    if rule.mask is not None:
        codes = np.where(rule.mask, 0, -1)
        _named(blocks, codes, 1).tighten(0, rule.minimum, rule.maximum)
        return
    codes, code = np.asarray(rule.codes), int(rule.code or 0)
    if code < 0 or int(codes.max()) > 4 * codes.size + 1024:
        # Codes such as 110106 are names, not positions in a table.
        own = np.where(codes == code, 0, -1)
        _named(blocks, own, 1).tighten(0, rule.minimum, rule.maximum)
        return
    block = _named(blocks, codes, max(int(codes.max()), code) + 1)
    block.tighten(code, rule.minimum, rule.maximum)


def _add_each_group_max(blocks: dict[int, Block], rule: EachGroupMax, n: int) -> None:
    if rule.codes is not None:
        codes = np.asarray(rule.codes)
        if int(codes.max()) > 4 * n + 1024:
            values, inverse = np.unique(codes, return_inverse=True)
            codes = inverse.astype(np.int64) - int((values < 0).sum())
            codes[codes < 0] = -1
        block = _named(blocks, codes, int(codes.max()) + 1)
        np.minimum(block.hi, rule.maximum, out=block.hi)
        return
    # Overlapping groups are packed into as few blocks of disjoint groups as first fit finds.
    packed: list[tuple[Ints, int]] = []
    for group in rule.groups or ():
        for place, (codes, used) in enumerate(packed):
            if (codes[group] < 0).all():
                codes[group] = used
                packed[place] = (codes, used + 1)
                break
        else:
            codes = np.full(n, -1, np.int64)
            codes[group] = 0
            packed.append((codes, 1))
    for codes, used in packed:
        block = _named(blocks, codes, used)
        np.minimum(block.hi, rule.maximum, out=block.hi)


def _add_linear(blocks: dict[int, Block], rows: list[Row], rule: Linear) -> None:
    lower = -np.inf if rule.minimum is None else rule.minimum
    upper = np.inf if rule.maximum is None else rule.maximum
    support = rule.coef[rule.coef != 0]
    if not support.size or support.min() != support.max():
        rows.append(Row(rule.coef, lower, upper))
        return
    unit = float(support[0])
    ends = sorted((lower / unit, upper / unit))
    least = 0 if ends[0] == -np.inf else max(0, int(np.ceil(ends[0] - 1e-9)))
    most = None if ends[1] == np.inf else int(np.floor(ends[1] + 1e-9))
    if most is not None and most < 0:
        rows.append(Row(rule.coef, lower, upper))
        return
    _named(blocks, np.where(rule.coef != 0, 0, -1), 1).tighten(0, least, most)


def _reduce(  # noqa: PLR0917
    n: int,
    allowed: Mask | None,
    forced: Ints,
    lo: int,
    hi: int,
    blocks: list[Block],
    rows: list[Row],
) -> Structure:
    impossible = ""
    if allowed is not None and not allowed[forced].all():
        impossible = "an item is both demanded and ruled out"
    free: Ints | None = None
    if allowed is not None or forced.size:
        mask = np.ones(n, np.bool_) if allowed is None else allowed
        mask[forced] = False
        free = np.flatnonzero(mask)
    lo, hi = max(0, lo - forced.size), hi - forced.size
    n_free = n if free is None else int(free.size)
    if hi < 0 or lo > hi or lo > n_free:
        impossible = impossible or "the size limits leave no set"
    kept: list[Block] = []
    for block in blocks:
        codes = block.codes if free is None else block.codes[free]
        inside = block.codes[forced]
        held = np.bincount(inside[inside >= 0], minlength=block.lo.size)
        group_lo = np.maximum(block.lo - held, 0)
        group_hi = np.where(block.hi == NO_LIMIT, NO_LIMIT, block.hi - held)
        there = np.bincount(codes[codes >= 0], minlength=block.lo.size)
        if (group_hi < 0).any() or (group_lo > np.minimum(group_hi, there)).any():
            impossible = impossible or "a group cannot meet its limits"
        binding = (group_lo > 0) | (group_hi < np.minimum(there, max(hi, 0)))
        if binding.any():
            kept.append(_only(codes, group_lo, group_hi, binding))
    reduced: list[Row] = []
    for row in rows:
        dense = row.coef
        if row.index is not None:
            dense = np.zeros(n)
            np.add.at(dense, row.index, row.coef)
        shift = float(dense[forced].sum())
        mine = dense if free is None else dense[free]
        lower, upper = row.lo - shift, row.hi - shift
        if not mine.any():
            slack = 1e-9 * max(1.0, abs(shift))
            if lower > slack or upper < -slack:
                impossible = impossible or "a linear limit cannot be met"
            continue
        reduced.append(Row(mine, lower, upper))
    return Structure(n, free, forced, lo, max(min(hi, n_free), 0), kept, reduced, impossible)


def _only(codes: Ints, lo: Ints, hi: Ints, binding: Mask) -> Block:
    if binding.all():
        return Block(codes, lo, hi)
    table = np.full(binding.size + 1, -1, np.int64)
    table[:-1][binding] = np.arange(int(binding.sum()))
    return Block(table[codes], lo[binding], hi[binding])  # code -1 reads the last entry, -1


@dataclass(eq=False)
class Tree:
    """A laminar family seen from its cells (items with the same groups around them).

    Attributes:
        cell: cell of each free item, shape (n,).
        ancestors: ancestors[d, c] is the d-th node around cell c from the outside, -1 for none.
        lo, hi: limits of each node.
        cap: most items that can be chosen from a cell; need: most that minimums can ask of it.
    """

    cell: Ints
    ancestors: Ints
    lo: Ints
    hi: Ints
    cap: Ints
    need: Ints


def laminar(structure: Structure) -> Tree | None:
    """The tree of the blocks, or None when two groups overlap without one holding the other."""
    blocks = structure.blocks
    joint, codes = _cells(blocks, structure.n_free)
    counts = np.bincount(joint, minlength=codes.shape[1])
    offsets = np.cumsum([0, *(block.lo.size for block in blocks)])
    nodes = np.where(codes >= 0, codes + offsets[:-1, None], -1)
    sizes = np.zeros(offsets[-1], np.int64)
    for row in nodes:
        np.add.at(sizes, row[row >= 0], counts[row >= 0])
    for one in range(len(blocks)):
        for other in range(one + 1, len(blocks)):
            both = (nodes[one] >= 0) & (nodes[other] >= 0)
            if not both.any():
                continue
            pair = nodes[one][both] * offsets[-1] + nodes[other][both]
            values, inverse = np.unique(pair, return_inverse=True)
            shared = np.bincount(inverse, weights=counts[both])
            smaller = np.minimum(sizes[values // offsets[-1]], sizes[values % offsets[-1]])
            if (shared < smaller).any():
                return None
    # Larger sets stand outside; equal sets in order of their number.
    rank = np.where(nodes >= 0, -sizes[nodes] * (offsets[-1] + 1) + nodes, NO_LIMIT)
    order = np.argsort(rank, axis=0, kind="stable")
    ancestors = np.take_along_axis(nodes, order, axis=0)
    lo = np.concatenate([block.lo for block in blocks])
    hi = np.concatenate([block.hi for block in blocks])
    around = np.where(ancestors >= 0, hi[ancestors], NO_LIMIT).min(axis=0)
    cap = np.minimum(np.minimum(around, structure.hi), counts)
    asked = np.where(ancestors >= 0, lo[ancestors], 0).max(axis=0)
    need = np.minimum(np.maximum(asked, structure.lo), cap)
    return Tree(joint, ancestors, lo, hi, cap, need)


def _cells(blocks: list[Block], n: int) -> tuple[Ints, Ints]:
    """(cell of each item, group of each cell in each block)."""
    if len(blocks) == 1:
        groups = blocks[0].lo.size
        codes = np.append(np.arange(groups), -1)
        return np.where(blocks[0].codes < 0, groups, blocks[0].codes), codes[None, :]
    joint = np.zeros(n, np.int64)
    radix = 1
    for block in blocks:
        width = block.lo.size + 1
        if radix * width > 2**31:
            joint = np.unique(joint, return_inverse=True)[1].astype(np.int64)
            radix = int(joint.max()) + 1
        joint = joint * width + (block.codes + 1)
        radix *= width
    if radix <= 4 * n + 65_536:
        used = np.flatnonzero(np.bincount(joint, minlength=radix))
        table = np.empty(radix, np.int64)
        table[used] = np.arange(used.size)
        cell = table[joint]
    else:
        cell = np.unique(joint, return_inverse=True)[1].astype(np.int64)
    first = np.empty(int(cell.max()) + 1, np.int64)
    first[cell[::-1]] = np.arange(n)[::-1]
    return cell, np.stack([block.codes[first] for block in blocks]).astype(np.int64)
