"""Limits -> candidates -> solution: the one place where a catalogue meets the optimiser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from tools.domain import Constraints, Money, Product
from tools.errors import CatalogError
from tools.liking import suits
from tools.limits_here import LimitsHere
from tools.phrases import phrase
from tools.solution import (
    ChosenItem,
    Explanation,
    LimitCost,
    Objective,
    Scenario,
    Solution,
    difference,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tools.assortment import FrontierPoint, Problem, Rule, Solved

    Vector = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]

BETA = 6.0
"""How much relevance counts against base utility: an irrelevant item is exp(-6), a four-hundredth,
as attractive as a fully relevant one of the same base utility."""

_SOMETHING, _STOCK = "something", "stock"


@dataclass(frozen=True)
class Engine(LimitsHere):
    """Solves limits over one catalogue.

    The model is a multinomial logit with ``v_i = exp(u_i - beta (max s - s_i))`` against
    ``v_0`` = 1 for leaving. `u_i` is the choice model's utility of the item for an average visitor
    (`Catalog.utilities`), `s_i` in [0, 1] how well it suits this one (`relevance`), and ``max s``
    is over the whole catalogue. What suits best keeps the attraction that the shop's transactions
    give it, everything else loses. Relevance that only adds would make buying all but certain, and
    then the dearest items would be the best ones at no loss.

    Neither `s` nor its maximum depends on hard limits, so the optimum under a wider limit is never
    below the one under a narrower limit.
    """

    objective: Objective = "balanced"
    beta: float = BETA

    def solve(
        self,
        limits: Constraints,
        wish: str = "",
        *,
        objective: Objective | None = None,
        explain: bool = False,
        deadline: float | None = None,
    ) -> Solution:
        """The best set within the limits, proved over every product that meets the hard ones.

        Args:
            limits: the limits in force.
            wish: what is wanted, in words; drives relevance.
            objective: `revenue`, `surplus` or `balanced` (docs/assortment.md).
            explain: also solve once without each limit, to say what it costs.
            deadline: seconds after which the best set so far is given with its gap.

        Raises:
            CatalogError: the catalogue carries no prices, so nothing can be optimised.
        """
        from tools.assortment import solve

        self._require_prices()
        limits, relaxed = self.applicable(limits)
        problem, relevance = self._problem(limits, wish)
        goal = objective or self.objective
        solved = solve(problem, objective=goal, deadline=deadline)
        common: dict[str, Any] = {
            "objective": goal,
            "currency": self.catalog.currency,
            "candidates": int(self.matching(limits).sum()),
            "relaxed": relaxed,
            "utility_source": self.catalog.utility_source,
            "beta": self.beta,
        }
        if solved.status == "infeasible":
            return self._infeasible(problem, common)
        if solved.status == "unknown":
            return Solution(status="unknown", proof=solved.proof, **common)
        return Solution(
            status=solved.status,
            items=self._items(solved, limits, relevance),
            expected_revenue=solved.value,
            purchase_probability=solved.purchase_probability,
            surplus=solved.surplus,
            bound=solved.bound,
            gap=solved.gap,
            proof=solved.proof,
            limit_costs=self._costs(problem, solved) if explain else (),
            **common,
        )

    def compare(
        self,
        before: Constraints,
        after: Constraints,
        wish: str = "",
        *,
        wish_before: str | None = None,
        objective: Objective | None = None,
    ) -> Scenario:
        """Both limits solved, and the difference of the two solutions."""
        old = self.solve(before, wish if wish_before is None else wish_before, objective=objective)
        new = self.solve(after, wish, objective=objective)
        return Scenario(
            before=before,
            after=after,
            solution_before=old,
            solution_after=new,
            difference=difference(old, new),
        )

    def explain(
        self,
        limits: Constraints,
        wish: str,
        product_id: str,
        *,
        objective: Objective | None = None,
    ) -> Explanation:
        """Why a product is or is not in the best set for these limits.

        Raises:
            CatalogError: there is no such product.
        """
        from tools.assortment import solve, why_not

        row = self._row(product_id)
        limits, _ = self.applicable(limits)
        problem, relevance = self._problem(limits, wish)
        broken = [p for p in self.hard_filters(limits) if not self.meets(limits, p)[row]]
        if not self.catalog.available[row]:
            broken.append(_STOCK)
        told = self._telling(limits)
        item = self._item(row, [row], told, relevance, chance=0.0)
        solved = solve(problem, objective=objective or self.objective)
        if row in solved.items:
            chance = solved.probabilities[solved.items.index(row)]
            item = self._item(row, solved.items, told, relevance, chance=chance)
            return Explanation(item=item, offered=True)
        if broken or not solved.found:
            return Explanation(item=item, offered=False, broken=tuple(broken))
        found = why_not(problem, solved, row)
        return Explanation(
            item=item,
            offered=False,
            forbidden_by=tuple(_path(name) for name in found.forbidden_by),
            cost=None if found.cost is None else _finite(found.cost),
            displaced=tuple(
                self._item(other, solved.items, told, relevance, chance=0.0)
                for other in found.displaced
            ),
        )

    def attraction(self, limits: Constraints, wish: str, rows: Sequence[int]) -> list[float]:
        """How attractive some products are to this shopper, the most attractive of them being 1.

        Args:
            limits: the limits in force, as applied here (`applicable`).
            wish: what is wanted, in words; drives relevance.
            rows: rows of the catalogue, at least one.
        """
        import numpy as np

        chosen = np.asarray(rows)
        utility = self.catalog.utilities[chosen] + self.beta * self.relevance(limits, wish)[chosen]
        return [float(share) for share in np.exp(utility - utility.max())]

    def frontier(
        self, limits: Constraints, wish: str = "", points: int = 21
    ) -> list[FrontierPoint]:
        """Sets that no other beats in both revenue and the shopper's surplus, most revenue first.

        Args:
            limits: the limits in force.
            wish: what is wanted, in words; drives relevance.
            points: most sets to give; `items` of each are rows of the catalogue.

        Raises:
            CatalogError: the catalogue carries no prices.
            InstanceError: no set meets the limits, or their rules are not nested.
        """
        from tools.assortment import frontier

        self._require_prices()
        problem, _ = self._problem(self.applicable(limits)[0], wish)
        return frontier(problem, points)

    def _require_prices(self) -> None:
        if self.catalog.currency is None:
            raise CatalogError(
                f"the catalogue {self.catalog.name!r} carries no prices: it can be searched, "
                "not optimised"
            )

    # Building the optimisation problem

    def _problem(self, limits: Constraints, wish: str) -> tuple[Problem, Vector]:
        import numpy as np

        from tools.assortment import MNL, Allowed, Include, Problem, SizeLimit

        relevance = self.relevance(limits, wish)
        lost = self.beta * (relevance.max(initial=0.0) - relevance)
        # Whatever the limits, an attraction stays a number: exp of more than 700 does not.
        v = np.exp(np.clip(self.catalog.utilities - lost, -600.0, 600.0))
        most = limits.count_max or max(self.size, limits.count_min or 0)
        rules: list[Rule] = [
            # An empty set earns nothing but breaks no limit; it is no recommendation.
            SizeLimit(name=_SOMETHING, minimum=1),
            Allowed(name=_STOCK, mask=self.catalog.available),
            SizeLimit(name="count", minimum=limits.count_min or 0, maximum=most),
        ]
        rules += [
            Allowed(name=path, mask=self.meets(limits, path)) for path in self.hard_filters(limits)
        ]
        if limits.must_include:
            rows = [self._row(i) for i in limits.must_include]
            rules.append(Include(name="must_include", items=np.array(rows, dtype=np.int64)))
        rules += self._group_rules(limits)
        model = MNL(v=v, v0=1.0)
        return Problem(model=model, reward=self.catalog.prices, rules=tuple(rules)), relevance

    def _group_rules(self, limits: Constraints) -> Iterable[Rule]:
        import numpy as np

        from tools.assortment import EachGroupMax, GroupLimit

        for number, group in enumerate(limits.group_limits):
            name = f"group_limits.{number}"
            if group.value is None:
                codes, _ = self.catalog.groups(group.attribute)
                yield EachGroupMax(
                    name=name, codes=codes.astype(np.int64), maximum=group.maximum or 0
                )
            else:
                yield GroupLimit(
                    name=name,
                    mask=self.catalog.group(group.attribute, group.value),
                    minimum=group.minimum,
                    maximum=group.maximum,
                )

    def _row(self, product_id: str) -> int:
        row = self.catalog.row_of(product_id)
        if row is None:
            raise CatalogError(f"this shop has no product {product_id!r}")
        return row

    def relevance(self, limits: Constraints, wish: str) -> Vector:
        """How well each product suits wish, liking and soft limits (`suits`), (n,), in [0, 1]."""
        return suits(self.catalog, limits, wish, self.liking)

    # Reading the optimiser's answer

    def _items(
        self, solved: Solved, limits: Constraints, relevance: Vector
    ) -> tuple[ChosenItem, ...]:
        chances = dict(zip(solved.items, solved.probabilities, strict=True))
        rows = sorted(solved.items, key=lambda row: (-chances[row], self.catalog.ids[row]))
        told = self._telling(limits)
        return tuple(
            self._item(row, solved.items, told, relevance, chance=chances[row]) for row in rows
        )

    def _telling(self, limits: Constraints) -> list[tuple[str, Mask]]:
        """The limits worth telling of an item that meets them, in words, and the rows that do."""
        return [
            (phrase(limits, path), self.catalog.meets(limits, path))
            for path in ("categories", "colors", "brands", "sizes", "attributes")
            if path in limits.provenance
        ]

    def _item(
        self,
        row: int,
        together: Sequence[int],
        told: Sequence[tuple[str, Mask]],
        relevance: Vector,
        *,
        chance: float,
    ) -> ChosenItem:
        product = self.catalog.product(row)
        prices = self.catalog.prices[list(together)]
        least = prices.min()
        # Said of two items at the same price it would tell neither apart.
        cheapest = self.catalog.prices[row] <= least and (prices <= least).sum() == 1 < len(prices)
        return ChosenItem(
            id=product.id,
            title=product.title,
            price=_priced(product),
            list_price=product.list_price,
            brand=product.brand,
            choice_probability=float(chance),
            relevance=float(relevance[row]),
            reasons=self._reasons(row, product, told, cheapest, float(relevance[row])),
        )

    def _reasons(
        self,
        row: int,
        product: Product,
        told: Sequence[tuple[str, Mask]],
        cheapest: bool,
        relevance: float,
    ) -> tuple[str, ...]:
        reasons = [words for words, met in told if met[row]]
        if product.on_sale and product.list_price is not None:
            reasons.append(f"{product.list_price - _priced(product)} off")
        if product.rating is not None and product.rating >= 4:
            count = f" from {product.reviews} reviews" if product.reviews else ""
            reasons.append(f"rated {product.rating:g} of 5{count}")
        if cheapest:
            reasons.append("the least expensive of these")
        if not reasons and relevance >= 0.5:
            reasons.append("close to what you looked at")
        return tuple(reasons)

    def _costs(self, problem: Problem, solved: Solved) -> tuple[LimitCost, ...]:
        from tools.assortment import explain_limits

        return tuple(
            LimitCost(
                limit=_path(cost.name),
                value_without=_finite(cost.value_without),
                cost=_finite(cost.cost),
            )
            for cost in explain_limits(problem, solved)
            if cost.name not in (_SOMETHING, _STOCK)
        )

    def _infeasible(self, problem: Problem, common: Mapping[str, Any]) -> Solution:
        from tools.assortment import conflicts

        found = conflicts(problem, all=True)
        # Stock, and that there is to be an answer at all, are no limits that anybody could drop.
        fixed = {_SOMETHING, _STOCK}
        droppable = [r for r in found.relaxations if not fixed & set(r.drop)]
        return Solution(
            status="infeasible",
            conflicts=tuple(
                dict.fromkeys(
                    tuple(_path(name) for name in names if name not in fixed)
                    for names in found.conflicts
                )
            ),
            relaxations=tuple(tuple(map(_path, r.drop)) for r in droppable),
            proof="Every product breaks at least one of these limits, or too few are left.",
            **common,
        )


def _path(rule: str) -> str:
    return rule.partition(".")[0] if rule.startswith("group_limits") else rule


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _priced(product: Product) -> Money:
    if product.price is None:
        raise CatalogError(f"the product {product.id!r} has no price")
    return product.price
