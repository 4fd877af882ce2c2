"""Choice models: what shoppers buy from an offered set.

Every model answers the same few questions (`ChoiceModel`), so that a solver, an explanation or a
test need not know which one it has. An assortment is an array of distinct item positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from tools.assortment.arrays import Floats, Ints, finite, not_negative, positions
from tools.errors import InstanceError


@runtime_checkable
class ChoiceModel(Protocol):
    """What a solver asks of a choice model."""

    @property
    def n(self) -> int:
        """Number of items."""

    def probabilities(self, items: npt.ArrayLike) -> Floats:
        """Chance that a visitor buys each of the offered `items`, in their order."""

    def no_purchase(self, items: npt.ArrayLike) -> float:
        """Chance that a visitor buys nothing."""

    def surplus(self, items: npt.ArrayLike) -> float:
        """Expected utility of the best choice, in utils, up to a constant."""

    def revenue(self, items: npt.ArrayLike, reward: Floats) -> float:
        """Expected reward per visitor; `reward` has one entry per item of the catalogue."""


def _chosen(items: npt.ArrayLike) -> Ints:
    return np.asarray(items, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class MNL:
    """Multinomial logit (Luce 1959; McFadden 1974): item i is bought with v_i / (v0 + sum of v).

    Args:
        v: attraction of each item, shape (n,), at least 0.
        v0: attraction of leaving without buying, above 0.

    Raises:
        InstanceError: an attraction is NaN, infinite or negative, or v0 is not above 0.
    """

    v: Floats
    v0: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "v", not_negative(self.v, "model.v"))
        if self.v.ndim != 1:
            raise InstanceError("model.v must be a list of numbers, one per item")
        object.__setattr__(self, "v0", _positive(self.v0, "model.v0"))

    @property
    def n(self) -> int:
        """Number of items."""
        return int(self.v.size)

    @classmethod
    def from_utilities(cls, utilities: npt.ArrayLike, v0: float = 1.0) -> Self:
        """The model with v_i = exp(u_i).

        Raises:
            InstanceError: a utility is not finite, or so large that exp overflows.
        """
        u = finite(utilities, "utilities")
        if u.size and u.max() > 700:
            raise InstanceError(f"utilities reach {u.max():g}; exp of it is beyond any number")
        return cls(np.exp(u), v0)

    def personal(self, factor: npt.ArrayLike) -> MNL:
        """The model for one request: v_i times a positive factor (relevance).

        Raises:
            InstanceError: a factor is not finite or negative.
        """
        return MNL(self.v * not_negative(factor, "factor", (self.n,)), self.v0)

    def denominator(self, items: npt.ArrayLike) -> float:
        """v0 plus the attractions of the offered items."""
        return self.v0 + float(self.v[_chosen(items)].sum())

    def probabilities(self, items: npt.ArrayLike) -> Floats:
        """Chance that a visitor buys each of the offered `items`, in their order."""
        return np.asarray(self.v[_chosen(items)] / self.denominator(items))

    def no_purchase(self, items: npt.ArrayLike) -> float:
        """Chance that a visitor buys nothing."""
        return self.v0 / self.denominator(items)

    def surplus(self, items: npt.ArrayLike) -> float:
        """ln(v0 + sum of v): expected utility of the best choice (Small and Rosen 1981)."""
        return float(np.log(self.denominator(items)))

    def revenue(self, items: npt.ArrayLike, reward: Floats) -> float:
        """Expected reward per visitor."""
        chosen = _chosen(items)
        return float(reward[chosen] @ self.v[chosen]) / self.denominator(chosen)

    def keys(self, reward: Floats, level: float) -> Floats:
        """v_i (r_i - level): what item i adds at revenue level `level`; shape (n,)."""
        return np.asarray(self.v * (reward - level))


@dataclass(frozen=True, eq=False)
class MixedMNL:
    """Mixed or latent-class MNL: K segments of shoppers, each with an MNL of its own.

    Args:
        weights: share of each segment, shape (K,), adding up to 1.
        v: attraction of each item for each segment, shape (K, n).
        v0: attraction of leaving for each segment, shape (K,), above 0.

    Raises:
        InstanceError: shapes differ, an entry is not finite or negative, or the shares do not add
            up to 1.
    """

    weights: Floats
    v: Floats
    v0: Floats

    def __post_init__(self) -> None:
        v = not_negative(self.v, "model.v")
        if v.ndim != 2 or not v.shape[0]:
            raise InstanceError("model.v must hold one list of numbers per segment")
        k = v.shape[0]
        weights = not_negative(self.weights, "model.weights", (k,))
        if abs(weights.sum() - 1) > 1e-3:
            raise InstanceError(f"model.weights add up to {weights.sum():g}, not to 1")
        v0 = not_negative(self.v0, "model.v0", (k,))
        for place in np.flatnonzero(v0 <= 0):
            raise InstanceError(f"model.v0[{place}] is 0; it must be above 0")
        for name, value in (("v", v), ("weights", weights), ("v0", v0)):
            object.__setattr__(self, name, value)

    @property
    def n(self) -> int:
        """Number of items."""
        return int(self.v.shape[1])

    def segment(self, k: int) -> MNL:
        """The MNL of segment k."""
        return MNL(self.v[k], float(self.v0[k]))

    def denominators(self, items: npt.ArrayLike) -> Floats:
        """v0 plus the attractions of the offered items, per segment; shape (K,)."""
        return np.asarray(self.v0 + self.v[:, _chosen(items)].sum(axis=1))

    def probabilities(self, items: npt.ArrayLike) -> Floats:
        """Chance that a visitor buys each of the offered `items`, in their order."""
        return np.asarray((self.weights / self.denominators(items)) @ self.v[:, _chosen(items)])

    def no_purchase(self, items: npt.ArrayLike) -> float:
        """Chance that a visitor buys nothing."""
        return float((self.weights * self.v0 / self.denominators(items)).sum())

    def surplus(self, items: npt.ArrayLike) -> float:
        """Mean over the segments of ln(v0 + sum of v)."""
        return float(self.weights @ np.log(self.denominators(items)))

    def revenue(self, items: npt.ArrayLike, reward: Floats) -> float:
        """Expected reward per visitor."""
        return float(self.probabilities(items) @ reward[_chosen(items)])


@dataclass(frozen=True, eq=False)
class NestedLogit:
    """Nested logit (Williams 1977), each item in one nest.

    With W_m = nest_v0_m + sum of v in nest m, nest m is chosen with probability
    W_m^gamma_m / (v0 + sum of W^gamma), and then item i with v_i / W_m. An empty nest without an
    outside option of its own has weight 0.

    Args:
        v: attraction of each item, shape (n,).
        nests: for each nest the positions of its items; every item in exactly one nest.
        gamma: dissimilarity of each nest, above 0.
        nest_v0: attraction of buying nothing inside each nest, at least 0.
        v0: attraction of leaving, above 0.

    Raises:
        InstanceError: the nests are no partition, or a number is out of range.
    """

    v: Floats
    nests: Sequence[Ints]
    gamma: Floats
    nest_v0: Floats
    v0: float = 1.0
    nest_of: Ints = field(init=False, repr=False)
    """Nest of each item, shape (n,)."""

    def __post_init__(self) -> None:
        v = not_negative(self.v, "model.v")
        nests = tuple(
            positions(nest, f"model.nests[{m}]", v.size) for m, nest in enumerate(self.nests)
        )
        count = np.zeros(v.size, dtype=np.int64)
        for nest in nests:
            count[nest] += 1
        for place in np.flatnonzero(count != 1):
            raise InstanceError(f"model.nests: item {place} is in {count[place]} nests, not in one")
        gamma = not_negative(self.gamma, "model.gamma", (len(nests),))
        for place in np.flatnonzero(gamma <= 0):
            raise InstanceError(f"model.gamma[{place}] is 0; it must be above 0")
        nest_v0 = not_negative(self.nest_v0, "model.nest_v0", (len(nests),))
        nest_of = np.empty(v.size, dtype=np.int64)
        for m, nest in enumerate(nests):
            nest_of[nest] = m
        v0 = _positive(self.v0, "model.v0")
        for name, value in (
            ("v", v),
            ("nests", nests),
            ("gamma", gamma),
            ("nest_v0", nest_v0),
            ("v0", v0),
            ("nest_of", nest_of),
        ):
            object.__setattr__(self, name, value)

    @property
    def n(self) -> int:
        """Number of items."""
        return int(self.v.size)

    def nest_weights(self, items: npt.ArrayLike) -> tuple[Floats, Floats]:
        """(W_m, W_m^gamma_m) per nest; both are 0 for an empty nest without outside option."""
        chosen = _chosen(items)
        w = self.nest_v0 + np.bincount(
            self.nest_of[chosen], weights=self.v[chosen], minlength=len(self.nests)
        )
        return w, np.where(w > 0, w**self.gamma, 0.0)

    def probabilities(self, items: npt.ArrayLike) -> Floats:
        """Chance that a visitor buys each of the offered `items`, in their order."""
        chosen = _chosen(items)
        w, powered = self.nest_weights(chosen)
        per_unit = np.divide(powered, w, out=np.zeros_like(w), where=w > 0)
        return np.asarray(
            self.v[chosen] * per_unit[self.nest_of[chosen]] / (self.v0 + powered.sum())
        )

    def no_purchase(self, items: npt.ArrayLike) -> float:
        """Chance that a visitor buys nothing (leaves at once, or inside a nest)."""
        return float(1.0 - self.probabilities(items).sum())

    def surplus(self, items: npt.ArrayLike) -> float:
        """ln(v0 + sum of W^gamma)."""
        return float(np.log(self.v0 + self.nest_weights(items)[1].sum()))

    def revenue(self, items: npt.ArrayLike, reward: Floats) -> float:
        """Expected reward per visitor."""
        return float(self.probabilities(items) @ reward[_chosen(items)])


def _positive(value: float, name: str) -> float:
    number = float(finite(np.asarray([value]), name)[0])
    if number <= 0:
        raise InstanceError(f"{name} is {number:g}; it must be above 0")
    return number
