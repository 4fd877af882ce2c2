"""The best set for one revenue level, where greedy is exact: sizes and laminar groups.

For additive keys under limits on a laminar family of groups (each with a minimum and a maximum) the
greedy choice from the innermost group outwards is optimal: the best total of k items of a group is
concave in k, and disjoint groups combine by merging their sorted keys (generalised polymatroids,
Frank and Tardos 1988).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tools.assortment.arrays import Floats, Ints
from tools.assortment.structure import Structure, Tree, laminar

# Below this many items numpy is as fast as compiled code and spares its loading time.
SMALL = 20_000


@dataclass(eq=False)
class Greedy:
    """Chooses from free items with attractions `v` and rewards `r` within lo..hi items.

    With `tree` None only the size is limited.
    """

    v: Floats
    r: Floats
    lo: int
    hi: int
    tree: Tree | None = None
    _offset: Ints = field(init=False, repr=False)
    _floor: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.tree is not None:
            self._offset = np.concatenate([[0], np.cumsum(self.tree.cap)])
            self._floor = np.where(self.tree.need > 0, -np.inf, 0.0)

    @classmethod
    def of(cls, structure: Structure, v: Floats, r: Floats) -> Greedy | None:
        """The chooser for a structure (arrays over the catalogue), None if greedy is not exact."""
        if structure.rows:
            return None
        tree = laminar(structure) if structure.blocks else None
        if structure.blocks and tree is None:
            return None
        return cls(structure.take(v), structure.take(r), structure.lo, structure.hi, tree)

    @property
    def n(self) -> int:
        """Number of items to choose from."""
        return int(self.v.size)

    @property
    def unlimited(self) -> bool:
        """Whether every set is allowed."""
        return self.tree is None and self.lo == 0 and self.hi >= self.n

    def best(self, a: float, b: float) -> Ints | None:
        """Positions maximising the sum of v_i (a r_i + b), or None where no set is allowed.

        Keys of zero or less are taken only where a minimum asks for them.
        """
        if self.lo > min(self.hi, self.n):
            return None
        if self.tree is not None:
            return self._best_of_tree(self.tree, a, b)
        if self.hi == 0:
            return np.zeros(0, np.int64)
        if self.n > SMALL and self.hi < self.n:
            from tools.assortment import kernels

            floor = -np.inf if self.lo else 0.0
            items, keys = kernels.top_keys(self.v, self.r, a, b, self.hi, floor)
        else:
            keys = self.v * (a * self.r + b)
            if self.lo == 0 and self.hi >= self.n:
                return np.flatnonzero(keys > 0)
            if self.hi < self.n:
                items = np.argpartition(-keys, self.hi - 1)[: self.hi]
                keys = keys[items]
            else:
                items = np.arange(self.n)
        if self.lo == 0:
            return items[keys > 0]
        order = np.lexsort((items, -keys))
        return items[order][: max(self.lo, int((keys > 0).sum()))]

    def _best_of_tree(self, tree: Tree, a: float, b: float) -> Ints | None:
        if self.n > SMALL:
            from tools.assortment import kernels

            items, keys, cells = kernels.top_keys_by_cell(
                self.v, self.r, a, b, tree.cell, self._offset, self._floor
            )
        else:
            every = self.v * (a * self.r + b)
            items = np.flatnonzero(every > self._floor[tree.cell])
            keys, cells = every[items], tree.cell[items]
        asked = np.zeros(items.size, np.bool_)
        for level in tree.ancestors[::-1]:
            node = level[cells]
            inside = np.flatnonzero(node >= 0)
            there = np.bincount(node[inside], minlength=tree.lo.size)
            here = level[level >= 0]
            if (there[here] < tree.lo[here]).any():
                return None
            order = inside[np.lexsort((items[inside], -keys[inside], ~asked[inside], node[inside]))]
            node = node[order]
            start = np.flatnonzero(np.diff(node, prepend=-1))
            rank = np.arange(node.size) - np.repeat(start, np.diff(np.append(start, node.size)))
            stays = rank < tree.hi[node]
            if asked[order[~stays]].any():
                return None
            asked[order[rank < tree.lo[node]]] = True
            keep = np.ones(items.size, np.bool_)
            keep[order[~stays]] = False
            items, keys, cells, asked = items[keep], keys[keep], cells[keep], asked[keep]
        demanded = max(int(asked.sum()), self.lo)
        if demanded > self.hi or items.size < self.lo:
            return None
        order = np.lexsort((items, -keys, ~asked))
        free = order[demanded:]
        chosen: Ints = items[np.concatenate([order[:demanded], free[keys[free] > 0]])[: self.hi]]
        return chosen
