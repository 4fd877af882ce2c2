"""What the engine answers, as typed results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["optimal", "feasible", "infeasible", "unknown"]
Objective = Literal["revenue", "surplus", "balanced"]


@dataclass(frozen=True)
class Solved:
    """The answer to a problem.

    Attributes:
        status: "optimal" only with proof; "feasible" when the best set found lacks one;
            "infeasible" when no set keeps every rule (proved); "unknown" when a deadline passed
            before any set was found and without a proof that there is none.
        objective: what was maximised.
        items: catalogue positions of the set, ascending.
        value: expected reward per visitor, minus fixed costs; NaN when infeasible.
        score: the objective's own value (`value`, or the surplus in utils).
        bound: no set can score more than this.
        probabilities: chance that a visitor buys each of `items`, in their order.
        no_purchase: chance that a visitor buys nothing.
        surplus: expected utility of the best choice in utils (MNL: ln of the denominator).
        seconds: time taken, without loading compiled code (once per process).
        proof: one sentence: by what method and over which items the answer is what it claims.
    """

    status: Status
    objective: Objective
    items: tuple[int, ...]
    value: float
    score: float
    bound: float
    probabilities: tuple[float, ...]
    no_purchase: float
    surplus: float
    seconds: float
    proof: str

    @property
    def found(self) -> bool:
        """Whether there is a set."""
        return self.status in ("optimal", "feasible")

    @property
    def purchase_probability(self) -> float:
        """Chance that a visitor buys something."""
        return 1.0 - self.no_purchase

    @property
    def gap(self) -> float:
        """How far the bound stands above the score, relative to the score."""
        if self.status == "optimal":
            return 0.0
        if not self.found:
            return float("inf")
        return max(0.0, (self.bound - self.score) / max(abs(self.score), 1e-12))

    def to_json(self) -> dict[str, Any]:
        """Plain values; what does not exist is None."""
        there = self.found
        return {
            "status": self.status,
            "objective": self.objective,
            "items": list(self.items) if there else None,
            "value": self.value if there else None,
            "score": self.score if there else None,
            "bound": self.bound if there and self.bound < float("inf") else None,
            "gap": self.gap if there and self.gap < float("inf") else None,
            "probabilities": list(self.probabilities) if there else None,
            "no_purchase": self.no_purchase if there else None,
            "purchase_probability": self.purchase_probability if there else None,
            "surplus": self.surplus if there else None,
            "seconds": self.seconds,
            "proof": self.proof,
        }


@dataclass(frozen=True)
class FrontierPoint:
    """One set on the supported frontier between revenue and the shopper's surplus."""

    revenue: float
    surplus: float
    purchase_probability: float
    items: tuple[int, ...]


@dataclass(frozen=True)
class LimitCost:
    """What one named rule costs: the optimum without it, by exact re-solve."""

    name: str
    value_without: float
    cost: float
    """`value_without` minus the value with the rule; below zero only without proof of either, or
    under an objective other than revenue."""
    items_without: tuple[int, ...]
    proved: bool


@dataclass(frozen=True)
class WhyNot:
    """Why one item is not in a set.

    Attributes:
        item: catalogue position.
        offered: it is in the set after all.
        forbidden_by: rules that no set with the item can keep, alone or together; one minimal set.
        key: what the item would add at the optimal level; smallest_key: the least of those in.
        value_with: the optimum when the item must be in, None where that is impossible.
        cost: what forcing it in takes from the expected reward.
        displaced: items that leave when it comes in; joining: items that come in with it.
    """

    item: int
    offered: bool
    forbidden_by: tuple[str, ...] = ()
    key: float | None = None
    smallest_key: float | None = None
    value_with: float | None = None
    cost: float | None = None
    displaced: tuple[int, ...] = ()
    joining: tuple[int, ...] = ()
    proved: bool = True


@dataclass(frozen=True)
class Relaxation:
    """A minimal set of rules whose removal makes the problem feasible, and the optimum then."""

    drop: tuple[str, ...]
    value: float | None
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Conflicts:
    """Why no set keeps all rules.

    Attributes:
        feasible: there is no conflict.
        conflicts: irreducible sets of rules that exclude each other.
        relaxations: minimal sets of rules to drop, best value first.
        complete: whether all of them are listed.
        seconds: time taken.
    """

    feasible: bool
    conflicts: tuple[tuple[str, ...], ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    complete: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Confidence:
    """How often each item is in the optimum when the parameters are drawn again.

    Attributes:
        share: catalogue position -> share of draws whose optimum holds the item, largest first.
        same_set: share of draws with exactly the same optimum.
        draws: number of draws.
    """

    share: dict[int, float] = field(default_factory=dict)
    same_set: float = 0.0
    draws: int = 0
