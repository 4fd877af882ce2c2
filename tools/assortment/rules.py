"""Rules an assortment must keep, each with the name under which people speak of it.

A rule holds or does not hold for a set of item positions (`holds`), whatever solver found the set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.assortment.arrays import Floats, Ints, Mask, finite, positions
from tools.errors import InstanceError

# A row a·x <= b counts as kept within this relative error: sums of decimal prices are not exact.
ROW_TOLERANCE = 1e-9


def _bounds(name: str, minimum: float, maximum: float | None) -> None:
    if maximum is not None and minimum > maximum:
        raise InstanceError(f"rule {name!r}: its minimum {minimum} is above its maximum {maximum}")


@dataclass(frozen=True, eq=False)
class Rule:
    """Base of all rules."""

    name: str

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        raise NotImplementedError

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""


@dataclass(frozen=True, eq=False)
class SizeLimit(Rule):
    """At least `minimum` and at most `maximum` items (None: no upper limit)."""

    minimum: int = 0
    maximum: int | None = None

    def __post_init__(self) -> None:
        if self.minimum < 0 or (self.maximum is not None and self.maximum < 0):
            raise InstanceError(f"rule {self.name!r}: a number of items is not negative")
        _bounds(self.name, self.minimum, self.maximum)

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        size = np.asarray(items).size
        return size >= self.minimum and (self.maximum is None or size <= self.maximum)


@dataclass(frozen=True, eq=False)
class GroupLimit(Rule):
    """At least `minimum` and at most `maximum` items of one group.

    The group is `codes == code` (codes: one whole number per item, shape (n,)) or, where an item
    can be in several groups at once, a boolean `mask` of shape (n,). Rules over one attribute
    should share one `codes` array: they are then handled together.
    """

    codes: Ints | None = None
    code: int | None = None
    mask: Mask | None = None
    minimum: int = 0
    maximum: int | None = None

    def __post_init__(self) -> None:
        if (self.mask is None) == (self.codes is None or self.code is None):
            raise InstanceError(f"rule {self.name!r} needs either codes and code, or a mask")
        if self.minimum < 0 or (self.maximum is not None and self.maximum < 0):
            raise InstanceError(f"rule {self.name!r}: a number of items is not negative")
        _bounds(self.name, self.minimum, self.maximum)
        if self.mask is not None:
            object.__setattr__(self, "mask", np.asarray(self.mask, dtype=np.bool_))

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""
        given = self.mask if self.mask is not None else self.codes
        if given is None or given.shape != (n,):
            raise InstanceError(f"rule {self.name!r} needs one entry per item ({n})")

    def members(self) -> Mask:
        """The group as a boolean mask, shape (n,)."""
        if self.mask is not None:
            return self.mask
        return np.asarray(np.asarray(self.codes) == self.code)

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        chosen = np.asarray(items, dtype=np.int64)
        if self.mask is not None:
            count = int(self.mask[chosen].sum())
        else:
            count = int((np.asarray(self.codes)[chosen] == self.code).sum())
        return count >= self.minimum and (self.maximum is None or count <= self.maximum)


@dataclass(frozen=True, eq=False)
class EachGroupMax(Rule):
    """At most `maximum` items of every group.

    Groups are given by `codes` (one whole number per item; negative: in no group) or, where an
    item can be in several groups, by `groups`, a list of position arrays.
    """

    maximum: int = 1
    codes: Ints | None = None
    groups: Sequence[Ints] | None = None

    def __post_init__(self) -> None:
        if (self.codes is None) == (self.groups is None):
            raise InstanceError(f"rule {self.name!r} needs either codes or groups")
        if self.maximum < 0:
            raise InstanceError(f"rule {self.name!r}: a number of items is not negative")

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""
        if self.codes is not None:
            codes = np.asarray(self.codes)
            if codes.shape != (n,) or codes.dtype.kind not in "iu":
                raise InstanceError(f"rule {self.name!r} needs one whole number per item ({n})")
        for g, group in enumerate(self.groups or ()):
            positions(group, f"rule {self.name!r}, group {g}", n)

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        chosen = np.asarray(items, dtype=np.int64)
        if self.codes is not None:
            of = np.asarray(self.codes)[chosen]
            of = of[of >= 0]
            return of.size == 0 or int(np.unique(of, return_counts=True)[1].max()) <= self.maximum
        return all(int(np.isin(chosen, group).sum()) <= self.maximum for group in self.groups or ())


@dataclass(frozen=True, eq=False)
class Include(Rule):
    """These items must be offered."""

    items: Sequence[int] | Ints = ()

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""
        positions(np.asarray(self.items, dtype=np.int64), f"rule {self.name!r}", n)

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        return bool(np.isin(np.asarray(self.items, dtype=np.int64), items).all())


@dataclass(frozen=True, eq=False)
class Exclude(Rule):
    """These items must not be offered."""

    items: Sequence[int] | Ints = ()

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""
        positions(np.asarray(self.items, dtype=np.int64), f"rule {self.name!r}", n)

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        return not np.isin(np.asarray(self.items, dtype=np.int64), items).any()


@dataclass(frozen=True, eq=False)
class Allowed(Rule):
    """Only items where `mask` (shape (n,)) is true may be offered: a price range, a colour …"""

    mask: Mask

    def __post_init__(self) -> None:
        object.__setattr__(self, "mask", np.asarray(self.mask, dtype=np.bool_))

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""
        if self.mask.shape != (n,):
            raise InstanceError(f"rule {self.name!r} needs one entry per item ({n})")

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        return bool(self.mask[np.asarray(items, dtype=np.int64)].all())


@dataclass(frozen=True, eq=False)
class Linear(Rule):
    """`minimum` <= coef · x <= `maximum` on the 0/1 vector x of offered items.

    A budget, shelf space, or a mean: "mean price at most m" is coef = price - m, maximum 0.
    """

    coef: Floats
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "coef", finite(self.coef, f"rule {self.name!r}: coef"))
        if self.minimum is None and self.maximum is None:
            raise InstanceError(f"rule {self.name!r} has neither a minimum nor a maximum")
        for bound in (self.minimum, self.maximum):
            if bound is not None:
                finite(np.asarray([bound]), f"rule {self.name!r}: its bound")
        if self.minimum is not None:
            _bounds(self.name, self.minimum, self.maximum)

    @classmethod
    def mean_at_most(cls, name: str, values: npt.ArrayLike, maximum: float) -> Linear:
        """The mean of `values` over a set is at most `maximum`; an empty set keeps it."""
        return cls(name, finite(values, f"rule {name!r}: values") - maximum, maximum=0.0)

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""
        if self.coef.shape != (n,):
            raise InstanceError(f"rule {self.name!r} needs one coefficient per item ({n})")

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule, within `ROW_TOLERANCE`."""
        terms = self.coef[np.asarray(items, dtype=np.int64)]
        total = float(terms.sum())
        slack = ROW_TOLERANCE * max(1.0, float(np.abs(terms).sum()))
        return (self.minimum is None or total >= self.minimum - slack) and (
            self.maximum is None or total <= self.maximum + slack
        )


@dataclass(frozen=True, eq=False)
class Implies(Rule):
    """If item `when` is offered, then so is item `then`."""

    when: int
    then: int

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""
        positions(np.asarray([self.when, self.then]), f"rule {self.name!r}", n)

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        chosen = np.asarray(items)
        return not (chosen == self.when).any() or bool((chosen == self.then).any())


@dataclass(frozen=True, eq=False)
class NotTogether(Rule):
    """At most one of these items is offered."""

    items: Sequence[int] | Ints = ()

    def check(self, n: int) -> None:
        """Raise `InstanceError` unless the rule fits a catalogue of n items."""
        positions(np.asarray(self.items, dtype=np.int64), f"rule {self.name!r}", n)

    def holds(self, items: npt.ArrayLike) -> bool:
        """Whether the set with these item positions keeps the rule."""
        return int(np.isin(np.asarray(self.items, dtype=np.int64), items).sum()) <= 1
