"""Limits -> candidates -> solution: the one place where a catalogue meets the optimiser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING

from tools.domain import Constraints, Product, show_money
from tools.errors import CatalogError
from tools.solution import (
    ChosenItem,
    LimitCost,
    Objective,
    Relaxed,
    Scenario,
    Solution,
    difference,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tools.assortment import Problem, Solved
    from tools.catalog import Catalog

    Mask = npt.NDArray[np.bool_]
    Vector = npt.NDArray[np.float64]

SIZE = 5
BETA = 4.0
"""How much relevance counts against base utility: a fully relevant item is exp(4), some 55 times,
as attractive as an irrelevant one of the same base utility."""

# The limits that act as a yes/no filter on single items, in the order in which a limit that was
# only seen is given up: what browsing shows least surely comes first.
_FILTERS = (
    "attributes",
    "exclude.attributes",
    "sizes",
    "exclude.sizes",
    "on_sale",
    "min_rating",
    "colors",
    "exclude.colors",
    "brands",
    "exclude.brands",
    "price_lower",
    "price_upper",
    "categories",
    "exclude.categories",
    "must_exclude",
)
_VALUE_FIELDS = {"colors": "color", "brands": "brand", "categories": "category", "sizes": "size"}


@dataclass(frozen=True)
class Engine:
    """Solves limits over one catalogue."""

    catalog: Catalog
    objective: Objective = "balanced"
    size: int = SIZE
    beta: float = BETA
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Conversion rates as "INR/GBP" -> pounds for one rupee; empty: amounts are never converted."""

    def applicable(self, limits: Constraints) -> tuple[Constraints, tuple[Relaxed, ...]]:
        """The limits as this catalogue can apply them, and what was left out or softened and why.

        - Prices in a foreign currency are converted when a rate is known, else left out.
        - A value that was only seen and is not carried is left out; a said one always stands.
        - Limits that were only seen and cannot be met together are softened, fewest first.
        """
        limits, relaxed = self._in_own_currency(limits)
        limits, not_carried = self._carried(limits)
        limits, softened = self._reconciled(limits)
        return limits, (*relaxed, *not_carried, *softened)

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
            objective: `revenue`, `surplus` or `balanced` (DESIGN section 4).
            explain: also solve once without each limit, to say what it costs.
            deadline: seconds after which the best set so far is given with its gap.

        Raises:
            CatalogError: the catalogue carries no prices, so nothing can be optimised.
        """
        from tools.assortment import solve

        if self.catalog.currency is None:
            raise CatalogError(
                f"the catalogue {self.catalog.name!r} carries no prices: it can be searched, "
                "not optimised"
            )
        limits, relaxed = self.applicable(limits)
        problem, relevance = self._problem(limits, wish)
        goal = objective or self.objective
        solved = solve(problem, objective=goal, deadline=deadline)
        common = {
            "objective": goal,
            "currency": self.catalog.currency,
            "candidates": int(self._allowed(limits).sum()),
            "relaxed": relaxed,
            "utility_source": self.catalog.utility_source,
            "beta": self.beta,
        }
        if solved.status == "infeasible":
            return self._infeasible(problem, common)
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

    # How limits meet this catalogue

    def _in_own_currency(self, limits: Constraints) -> tuple[Constraints, tuple[Relaxed, ...]]:
        own, asked = self.catalog.currency, limits.currency
        ends = [f for f in ("price_lower", "price_upper") if limits.value(f) is not None]
        if not ends or asked is None or own is None or asked == own:
            return limits, ()
        rate = self.rates.get(f"{asked}/{own}")
        if rate is None:
            reason = f"it is in {asked}, this shop sells in {own}, and no conversion rate is set"
            return (
                limits.replace(dict.fromkeys([*ends, "currency"]), {}),
                tuple(Relaxed(limit=f, reason=reason) for f in ends),
            )
        converted = {f: (limits.value(f) * rate).quantize(Decimal("0.01")) for f in ends}
        return limits.replace({**converted, "currency": own}, {}), ()

    def _carried(self, limits: Constraints) -> tuple[Constraints, tuple[Relaxed, ...]]:
        vocabulary = self.catalog.vocabulary()
        kept: dict[str, object] = {}
        relaxed: list[Relaxed] = []
        for name in _VALUE_FIELDS.keys() & set(limits.standing()):
            if limits.provenance[name].source == "said":
                continue
            values = limits.value(name)
            carried = tuple(v for v in values if vocabulary.match(name, v))
            if len(carried) == len(values):
                continue
            kept[name] = carried
            missing = ", ".join(v for v in values if v not in carried)
            relaxed.append(Relaxed(limit=name, reason=f"this shop carries no {missing}"))
        return limits.replace(kept, {}), tuple(sorted(relaxed, key=lambda r: r.limit))

    def _reconciled(self, limits: Constraints) -> tuple[Constraints, tuple[Relaxed, ...]]:
        """Softens the fewest seen limits that leave enough products; said ones are untouched."""
        seen = [f for f in self._hard_filters(limits) if limits.provenance[f].source != "said"]
        needed = max(1, limits.count_min or 0)
        if not seen or self._allowed(limits).sum() >= needed:
            return limits, ()
        masks = {f: self._filter_mask(limits, f) for f in self._hard_filters(limits)}
        base = self.catalog.available
        for count in range(1, len(seen) + 1):
            for dropped in combinations(seen, count):
                mask = base.copy()
                for name, met in masks.items():
                    if name not in dropped:
                        mask &= met
                if mask.sum() >= needed:
                    reason = "together with the other limits it leaves nothing this shop sells"
                    return limits.as_soft(*dropped), tuple(
                        Relaxed(limit=f, reason=reason) for f in dropped
                    )
        return limits, ()

    # Building the optimisation problem

    @staticmethod
    def _hard_filters(limits: Constraints) -> tuple[str, ...]:
        return tuple(
            f for f in _FILTERS if f in limits.provenance and limits.provenance[f].strength == "hard"
        )

    def _filter_mask(self, limits: Constraints, name: str) -> Mask:
        return self.catalog.matching(limits.only(name))

    def _allowed(self, limits: Constraints) -> Mask:
        return self.catalog.matching(limits.only(*_FILTERS))

    def _problem(self, limits: Constraints, wish: str) -> tuple[Problem, Vector]:
        import numpy as np

        from tools.assortment import MNL, Allowed, Include, Problem, SizeLimit

        relevance = self.relevance(limits, wish)
        # Whatever the limits, an attraction stays a number: exp of more than 700 does not.
        v = np.exp(np.clip(self.catalog.utilities + self.beta * relevance, -600.0, 600.0))
        rules: list[object] = [
            SizeLimit(
                name="count",
                minimum=limits.count_min or 0,
                maximum=limits.count_max or max(self.size, limits.count_min or 0),
            ),
            Allowed(name="stock", mask=self.catalog.available),
        ]
        rules += [
            Allowed(name=f, mask=self._filter_mask(limits, f)) for f in self._hard_filters(limits)
        ]
        if limits.must_include:
            rows = [self.catalog.row_of(i) for i in limits.must_include]
            rules.append(Include(name="must_include", items=[r for r in rows if r is not None]))
        rules += self._group_rules(limits)
        return Problem(model=MNL(v=v, v0=1.0), reward=self.catalog.prices, rules=rules), relevance

    def _group_rules(self, limits: Constraints) -> Iterable[object]:
        from tools.assortment import GroupLimit

        for group in limits.group_limits:
            values = (
                (group.value,)
                if group.value is not None
                else self.catalog.values(group.attribute)
            )
            for value in values:
                yield GroupLimit(
                    name="group_limits",
                    mask=self.catalog.group_mask(group.attribute, value),
                    minimum=group.minimum,
                    maximum=group.maximum,
                )

    def relevance(self, limits: Constraints, wish: str) -> Vector:
        """How well each product suits the wish and the soft limits, shape (n,), in [0, 1].

        The text part is the cosine to the wish, scaled so that the catalogue's median product has
        0 and its closest has 1; the other part is the share of soft limits met. Where both exist
        they count alike.
        """
        import numpy as np

        n = len(self.catalog)
        parts: list[Vector] = []
        if wish.strip():
            cosine = self.catalog.similarity(wish).astype(np.float64)
            middle, top = float(np.median(cosine)), float(cosine.max())
            if top > middle:
                parts.append(np.clip((cosine - middle) / (top - middle), 0.0, 1.0))
        if any(p.strength == "soft" for p in limits.provenance.values()):
            parts.append(self.catalog.soft_relevance(limits).astype(np.float64))
        return np.mean(parts, axis=0) if parts else np.zeros(n)

    # Reading the optimiser's answer

    def _items(
        self, solved: Solved, limits: Constraints, relevance: Vector
    ) -> tuple[ChosenItem, ...]:
        chances = dict(zip(solved.items, solved.probabilities, strict=True))
        rows = sorted(solved.items, key=lambda row: (-chances[row], self.catalog.ids[row]))
        products = [self.catalog.product(row) for row in rows]
        return tuple(
            ChosenItem(
                id=product.id,
                title=product.title,
                price=_priced(product),
                list_price=product.list_price,
                brand=product.brand,
                choice_probability=float(chances[row]),
                relevance=float(relevance[row]),
                reasons=self._reasons(product, products, limits, float(relevance[row])),
            )
            for row, product in zip(rows, products, strict=True)
        )

    def _reasons(
        self, product: Product, together: list[Product], limits: Constraints, relevance: float
    ) -> tuple[str, ...]:
        row = self.catalog.row_of(product.id)
        reasons = []
        for name in ("categories", "colors", "brands", "sizes", "attributes"):
            if name in limits.provenance and row is not None:
                wanted = limits.only(name).replace(
                    {}, {name: limits.provenance[name].model_copy(update={"strength": "hard"})}
                )
                if self.catalog.matching(wanted)[row]:
                    reasons.append(_named(name, limits))
        if product.on_sale and product.list_price is not None:
            saved = product.list_price - _priced(product)
            reasons.append(f"{saved} off")
        if product.rating is not None and product.rating >= 4:
            count = f" from {product.reviews} reviews" if product.reviews else ""
            reasons.append(f"rated {product.rating:g} of 5{count}")
        if len(together) > 1 and _priced(product) == min(_priced(p) for p in together):
            reasons.append("the least expensive of these")
        if not reasons and relevance >= 0.5:
            reasons.append("close to what you looked at")
        return tuple(reasons)

    def _costs(self, problem: Problem, solved: Solved) -> tuple[LimitCost, ...]:
        from tools.assortment import explain_limits

        return tuple(
            LimitCost(limit=cost.name, value_without=cost.value_without, cost=cost.cost)
            for cost in explain_limits(problem, solved)
            if cost.name not in ("stock", "count")
        )

    def _infeasible(self, problem: Problem, common: Mapping[str, object]) -> Solution:
        from tools.assortment import conflicts

        found = conflicts(problem, all=True)
        return Solution.model_validate(
            {
                **common,
                "status": "infeasible",
                "conflicts": tuple(_shown(names) for names in found.conflicts),
                "relaxations": tuple(_shown(r) for r in found.relaxations),
                "proof": "No product meets all of these limits together.",
            }
        )


def _shown(names: Iterable[str]) -> tuple[str, ...]:
    # What is out of stock is a fact of the shop, not a limit that anybody could change.
    return tuple(name for name in names if name != "stock")


def _priced(product: Product) -> Money:
    if product.price is None:
        raise CatalogError(f"the product {product.id!r} has no price")
    return product.price


def _named(name: str, limits: Constraints) -> str:
    if name == "attributes":
        return ", ".join(show_attribute(limit) for limit in limits.attributes)
    word = {"colors": "in", "brands": "by", "sizes": "in size"}.get(name, "")
    return f"{word} {' or '.join(limits.value(name))}".strip()
