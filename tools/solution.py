"""What a solve gives, and what changed between two of them: plain typed results."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.domain import Constraints, CurrencyCode, Frozen, Money

Objective = Literal["balanced", "revenue", "surplus"]
Status = Literal["optimal", "feasible", "infeasible", "unknown"]
"""Proved best; found but not proved best; proved impossible; undecided within the deadline."""


class ChosenItem(Frozen):
    """One item of the recommended set."""

    id: str
    title: str
    price: Money
    list_price: Money | None = None
    brand: str | None = None
    choice_probability: float = Field(ge=0, le=1)
    """Chance that the shopper picks it from this set, under the choice model."""
    relevance: float = Field(ge=0, le=1)
    reasons: tuple[str, ...] = ()
    """Short facts that speak for it, checked against the catalogue."""


class Relaxed(Frozen):
    """A limit that was not applied as it stood, and why."""

    limit: str
    """Path of the limit (tools.domain.FIELDS)."""
    reason: str


class LimitCost(Frozen):
    """What one limit costs: the optimum without it, by an exact second solve."""

    limit: str
    value_without: float | None
    """Expected revenue per visitor without the limit; None if still infeasible."""
    cost: float | None
    """`value_without` minus the value with it."""


class Solution(Frozen):
    """The best set for the limits in force, or the statement that there is none."""

    status: Status
    objective: Objective
    currency: CurrencyCode | None
    items: tuple[ChosenItem, ...] = ()
    expected_revenue: float | None = None
    """Expected revenue per visitor, in `currency`."""
    purchase_probability: float | None = None
    surplus: float | None = None
    """The shopper's expected surplus, ln of the choice denominator, in utils."""
    bound: float | None = None
    gap: float | None = None
    candidates: int = 0
    """Products that meet every hard limit; the proof is over all of them."""
    proof: str = ""
    conflicts: tuple[tuple[str, ...], ...] = ()
    """When infeasible: sets of limits that cannot be met together, each minimal."""
    relaxations: tuple[tuple[str, ...], ...] = ()
    """When infeasible: minimal sets of limits whose dropping makes it feasible."""
    relaxed: tuple[Relaxed, ...] = ()
    limit_costs: tuple[LimitCost, ...] = ()
    utility_source: str = ""
    """Where the base utilities come from: transactions, ratings or equal."""
    beta: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the set, in the order shown."""
        return tuple(item.id for item in self.items)


class Difference(Frozen):
    """What came in, what went out, and how the figures moved between two solutions."""

    items_in: tuple[ChosenItem, ...] = ()
    items_out: tuple[ChosenItem, ...] = ()
    revenue_before: float | None = None
    revenue_after: float | None = None
    surplus_before: float | None = None
    surplus_after: float | None = None


class Explanation(Frozen):
    """Why a product is, or is not, in the recommended set."""

    item: ChosenItem
    offered: bool
    broken: tuple[str, ...] = ()
    """Limits in force that it does not meet, as paths."""
    forbidden_by: tuple[str, ...] = ()
    """Limits that keep it out only together with the rest of the set."""
    cost: float | None = None
    """What forcing it in would take from the expected revenue per visitor, exactly."""
    displaced: tuple[ChosenItem, ...] = ()
    """Items that would leave if it came in."""


class Scenario(Frozen):
    """The limits before, the limits after, both solutions, and their difference."""

    before: Constraints
    after: Constraints
    solution_before: Solution
    solution_after: Solution
    difference: Difference


def difference(before: Solution, after: Solution) -> Difference:
    """What changed from one solution to the other."""
    old, new = set(before.ids), set(after.ids)
    return Difference(
        items_in=tuple(item for item in after.items if item.id not in old),
        items_out=tuple(item for item in before.items if item.id not in new),
        revenue_before=before.expected_revenue,
        revenue_after=after.expected_revenue,
        surplus_before=before.surplus,
        surplus_after=after.surplus,
    )
