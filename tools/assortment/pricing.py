"""Which items to offer and at which of several prices: exact for MNL.

Every pair (item, price level) is a copy of the item with the attraction it has at that price; at
most one copy of an item may be offered. That is a group limit of one per item, so the problem stays
in the class where greedy is exact (Gallego and Topaloglu 2014).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.assortment.arrays import Floats, Ints, finite, not_negative
from tools.assortment.models import MNL
from tools.assortment.problem import Problem
from tools.assortment.results import Objective, Solved
from tools.assortment.rules import (
    Allowed,
    EachGroupMax,
    Exclude,
    GroupLimit,
    Include,
    Linear,
    Rule,
    SizeLimit,
)
from tools.assortment.solve import solve
from tools.errors import InstanceError

ONE_PRICE = "one price per item"


@dataclass(frozen=True)
class Priced:
    """Items with their prices: `items[k]` at level `levels[k]` costs `prices[k]`."""

    items: tuple[int, ...]
    levels: tuple[int, ...]
    prices: tuple[float, ...]
    solved: Solved
    """The answer over copies; its `items` are item * levels + level."""


def attractions_at(
    utilities: npt.ArrayLike, prices: npt.ArrayLike, price_coefficient: float
) -> Floats:
    """exp(u_i + b p_il) for base utilities u (without price), prices p and coefficient b.

    Args:
        utilities: shape (n,).
        prices: shape (n, levels).
        price_coefficient: utils per unit of money, normally negative.

    Raises:
        InstanceError: a number is not finite, or exp of it is beyond any number.
    """
    u = finite(utilities, "utilities")
    p = finite(prices, "prices")
    total = u[:, None] + price_coefficient * p
    if total.size and total.max() > 700:
        raise InstanceError("a utility is so large that exp of it is beyond any number")
    return np.exp(total)


def optimise_prices(
    v: npt.ArrayLike,
    prices: npt.ArrayLike,
    *,
    v0: float = 1.0,
    rules: tuple[Rule, ...] = (),
    cost: npt.ArrayLike | None = None,
    objective: Objective = "revenue",
) -> Priced:
    """The set and the price level of each item in it that together maximise the objective.

    Args:
        v: attraction of each item at each level, shape (n, levels); 0 where a level is not allowed.
        prices: price of each item at each level, shape (n, levels).
        v0: attraction of leaving.
        rules: on items, as for `solve`; include, exclude, sizes, groups, masks and rows.
        cost: what an item costs the shop, shape (n,); the reward is price minus cost.
        objective: as for `solve`.

    Raises:
        InstanceError: shapes differ, numbers are out of range, or a rule is of another kind.
    """
    attraction = not_negative(v, "v")
    if attraction.ndim != 2:
        raise InstanceError("v needs one line per item with one entry per price level")
    n, levels = attraction.shape
    price = finite(prices, "prices", (n, levels))
    reward = price - (0.0 if cost is None else finite(cost, "cost", (n,))[:, None])
    items = np.repeat(np.arange(n), levels)
    copied = [copy for rule in rules for copy in _copied(rule, items, n)]
    one = EachGroupMax(ONE_PRICE, 1, codes=items)
    problem = Problem(MNL(attraction.ravel(), v0), reward.ravel(), (*copied, one))
    # A level with attraction 0 sells nothing; without a minimum the solver leaves it out itself.
    solved = solve(problem, objective)
    chosen = np.asarray(solved.items, np.int64)
    return Priced(
        tuple((chosen // levels).tolist()),
        tuple((chosen % levels).tolist()),
        tuple(price.ravel()[chosen].tolist()),
        solved,
    )


def _copied(rule: Rule, items: Ints, n: int) -> list[Rule]:
    """Rules over item-level copies that say the same about items."""
    rule.check(n)
    match rule:
        case SizeLimit():
            return [rule]
        case Allowed(name=name, mask=mask):
            return [Allowed(name, mask[items])]
        case Exclude(name=name, items=out):
            return [Exclude(name, np.flatnonzero(np.isin(items, out)))]
        case GroupLimit(name=name, minimum=low, maximum=high):
            return [GroupLimit(name, mask=rule.members()[items], minimum=low, maximum=high)]
        case EachGroupMax(name=name, maximum=most, codes=codes) if codes is not None:
            return [EachGroupMax(name, most, codes=np.asarray(codes)[items])]
        case EachGroupMax(name=name, maximum=most, groups=groups):
            copies = [np.flatnonzero(np.isin(items, group)) for group in groups or ()]
            return [EachGroupMax(name, most, groups=copies)]
        case Linear(name=name, coef=coef, minimum=low, maximum=high):
            return [Linear(name, coef[items], low, high)]
        case Include(name=name, items=wanted):
            # One of each item's copies, whichever level is best.
            return [
                GroupLimit(f"{name}, item {item}", mask=items == int(item), minimum=1)
                for item in np.unique(np.asarray(wanted, np.int64))
            ]
    raise InstanceError(f"rule {rule.name!r} is not available when prices are chosen as well")
