"""An index for repeated size-limited queries under fixed attractions.

With at most C items a set never needs an item that C others dominate (at least its reward and at
least its attraction): any of those not in the set could take its place (for the skyband see
Papadias et al. 2005). What remains is a few hundred items of a million, and every query on them is
exact. The index does not hold for attractions personalised per request, nor below a price cap,
which changes who dominates whom: keep an index per price band or cell, and join them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.assortment.arrays import Floats, Ints, finite
from tools.assortment.models import MNL
from tools.errors import InstanceError


@dataclass(frozen=True, eq=False)
class Skyband:
    """The items that an optimal set of at most `size` items can need.

    Attributes:
        items: catalogue positions, by falling reward.
        v, r: their attractions and rewards.
        size: the largest size limit that the index answers.
        v0: attraction of leaving.
    """

    items: Ints
    v: Floats
    r: Floats
    size: int
    v0: float

    @classmethod
    def build(
        cls, model: MNL, reward: npt.ArrayLike, size: int, within: Ints | None = None
    ) -> Skyband:
        """The index of a catalogue, or of the cell of items `within`.

        Args:
            model: fixed attractions.
            reward: what a sale brings, shape (n,).
            size: the largest size limit to be asked.
            within: positions of the items indexed; None for all.

        Raises:
            InstanceError: the size is not positive, or a reward is not finite.
        """
        if size < 1:
            raise InstanceError("a skyband needs a size limit of at least 1")
        r = finite(reward, "reward", (model.n,))
        items = np.arange(model.n) if within is None else np.asarray(within, np.int64)
        from tools.assortment import kernels

        # Of equal rewards the more attractive comes first, and of equals the lower position, so
        # that every dominator stands before what it dominates.
        order = np.lexsort((items, -model.v[items], -r[items]))
        order = order[r[items][order] > 0]
        kept = order[kernels.skyband(model.v[items][order], size)]
        chosen = items[kept]
        return cls(chosen, model.v[chosen].copy(), r[chosen].copy(), size, model.v0)

    @classmethod
    def join(cls, parts: Sequence[Skyband]) -> Skyband:
        """The index of several disjoint cells together; its size is the smallest of theirs.

        Raises:
            InstanceError: there are no parts, or they differ in v0.
        """
        if not parts or any(part.v0 != parts[0].v0 for part in parts):
            raise InstanceError("indexes are joined over one choice model")
        from tools.assortment import kernels

        size = min(part.size for part in parts)
        items = np.concatenate([part.items for part in parts])
        v = np.concatenate([part.v for part in parts])
        r = np.concatenate([part.r for part in parts])
        order = np.lexsort((items, -v, -r))
        kept = order[kernels.skyband(v[order], size)]
        return cls(items[kept], v[kept], r[kept], size, parts[0].v0)

    def query(self, size: int, start: float = 0.0) -> tuple[Ints, float]:
        """(catalogue positions of the best set of at most `size` items, expected reward).

        Args:
            size: at most the index's own.
            start: a guess of the answer.

        Raises:
            InstanceError: the size limit is above the index's.
        """
        if not 0 <= size <= self.size:
            raise InstanceError(f"this index answers size limits up to {self.size}, not {size}")
        from tools.assortment import kernels

        chosen, value = kernels.newton_top(self.v, self.r, self.v0, size, start)
        return np.sort(self.items[chosen]), float(value)
