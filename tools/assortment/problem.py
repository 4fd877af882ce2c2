"""An assortment problem: a choice model, what each sale brings, and the rules to keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.assortment.arrays import Floats, finite
from tools.assortment.models import ChoiceModel
from tools.assortment.rules import Rule
from tools.errors import InstanceError


@dataclass(frozen=True, eq=False)
class Problem:
    """Maximise the expected reward per visitor over the sets that keep every rule.

    Args:
        model: how shoppers choose.
        reward: what one sale of each item brings (price, margin, price + weight x relevance),
            shape (n,); zero and negative rewards are fine.
        rules: each with a name of its own.
        fixed_cost: subtracted once per offered item, shape (n,); None for none.

    Raises:
        InstanceError: the catalogue is empty, a number is not finite, a shape differs, two rules
            share a name, or a rule does not fit the catalogue.
    """

    model: ChoiceModel
    reward: Floats
    rules: tuple[Rule, ...] = ()
    fixed_cost: Floats | None = None

    def __post_init__(self) -> None:
        n = self.model.n
        if n == 0:
            raise InstanceError("the catalogue is empty")
        object.__setattr__(self, "reward", finite(self.reward, "price", (n,)))
        object.__setattr__(self, "rules", tuple(self.rules))
        if self.fixed_cost is not None:
            cost = finite(self.fixed_cost, "fixed_cost", (n,))
            object.__setattr__(self, "fixed_cost", cost if cost.any() else None)
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise InstanceError(f"two rules are called {name!r}")
        for rule in self.rules:
            rule.check(n)

    @property
    def n(self) -> int:
        """Number of items."""
        return self.model.n

    def value(self, items: npt.ArrayLike) -> float:
        """Expected reward per visitor of a set, minus fixed costs."""
        chosen = np.asarray(items, dtype=np.int64)
        value = self.model.revenue(chosen, self.reward) if chosen.size else 0.0
        return value - (0.0 if self.fixed_cost is None else float(self.fixed_cost[chosen].sum()))

    def broken(self, items: npt.ArrayLike) -> tuple[str, ...]:
        """Names of the rules that a set breaks."""
        return tuple(rule.name for rule in self.rules if not rule.holds(items))

    def without(self, *names: str) -> Problem:
        """The problem with some rules dropped.

        Raises:
            InstanceError: no rule has such a name.
        """
        known = {rule.name for rule in self.rules}
        for name in names:
            if name not in known:
                raise InstanceError(f"no rule is called {name!r}")
        return self._with(rule for rule in self.rules if rule.name not in names)

    def plus(self, *rules: Rule) -> Problem:
        """The problem with further rules.

        Raises:
            InstanceError: a name is taken already, or a rule does not fit.
        """
        for rule in rules:
            rule.check(self.n)
            if any(rule.name == other.name for other in self.rules):
                raise InstanceError(f"two rules are called {rule.name!r}")
        return self._with((*self.rules, *rules))

    def _with(self, rules: Iterable[Rule]) -> Problem:
        # The arrays were checked when self was made; checking a million numbers again for every
        # what-if would cost more than solving.
        copy = object.__new__(Problem)
        for name, value in (
            ("model", self.model),
            ("reward", self.reward),
            ("rules", tuple(rules)),
            ("fixed_cost", self.fixed_cost),
        ):
            object.__setattr__(copy, name, value)
        return copy
