"""How limits meet one catalogue: converted, softened, dropped, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tools.domain import FAMILIES, Constraints
from tools.errors import InputError
from tools.liking import Liking, of_kinds
from tools.money import show_money
from tools.phrases import phrase
from tools.solution import Relaxed

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tools.catalog import Catalog

SIZE = 5
"""Most items in a set unless asked otherwise."""

# The limits that act as a yes/no filter on single items, in the order in which a limit that was
# only seen is given up: what browsing shows least surely comes first.
_GIVEN_UP_FIRST = (
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
_VALUE_FIELDS = ("colors", "brands", "categories", "sizes")
_TOGETHER = "together with the other limits nothing this shop sells would be left"


@dataclass(frozen=True)
class LimitsHere:
    """What limits mean in one catalogue."""

    catalog: Catalog
    size: int = SIZE
    liking: Liking | None = None
    """What the shopper seemed to like of what they looked at; None: nothing is known."""
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Conversion rates as "INR/GBP" -> pounds for one rupee; empty: amounts are never converted."""

    def settled(
        self, limits: Constraints, *, fill: bool = False
    ) -> tuple[Constraints, tuple[Relaxed, ...]]:
        """The limits with those softened that were only seen and cannot hold here, and why.

        A seen value that the shop does not carry becomes soft; so do, fewest first, seen limits
        that leave nothing together. What the shopper said always stands.

        Args:
            limits: the limits in force.
            fill: also soften a seen colour or brand that leaves too few products for a whole set.
                Meant for the moment of reading: done at every solve, it would make a limit hold
                or not by how wide the others are.
        """
        limits, not_carried = self._carried(limits)
        limits, given_up = self._reconciled(limits, fill)
        return limits, (*not_carried, *given_up)

    def applicable(self, limits: Constraints) -> tuple[Constraints, tuple[Relaxed, ...]]:
        """The limits as they are applied here, and what is not applied as it stands, and why.

        Prices in a foreign currency are converted when a rate is known and left out otherwise.
        """
        limits, foreign = self._in_own_currency(limits)
        limits, softened = self.settled(limits)
        # A wish that nothing here can meet would only blur the differences between products.
        unmet = [p for p in limits.standing() if p in _VALUE_FIELDS and not self._some(limits, p)]
        seen = {p: None for p in unmet if limits.provenance[p].source != "said"}
        return limits.replace(seen, {}), (*foreign, *softened)

    def fitting(self, before: Constraints, after: Constraints) -> Constraints:
        """The limits after a change of kind, without what nothing of the new kind can have.

        A shopper who turns from summer dresses to phones no longer asks for a summer phone. Only
        limits from earlier turns go, only where no product of the kind meets them, and the note
        on the kind says so.
        """
        kind = after.provenance.get("categories")
        if kind is None or after.categories == before.categories:
            return after
        of_kind = self.catalog.matching(after.only("categories"))
        if not of_kind.any():
            return after
        kept: dict[str, Any] = {}
        for path in ("sizes", "attributes", "exclude.attributes", "group_limits"):
            old = set(before.value(path)) & set(after.value(path))
            gone = {v for v in old if not self._met_by_some(after, path, v, of_kind)}
            if gone:
                kept[path] = tuple(v for v in after.value(path) if v not in gone)
        if not kept:
            return after
        dropped = after.replace(
            {p: tuple(v for v in after.value(p) if v not in kept[p]) for p in kept}, {}
        )
        words = ", ".join(phrase(dropped, path) for path in kept)
        note = f"{phrase(after, 'categories')}: nothing of that kind has “{words}”, so I dropped it"
        return after.replace(kept, {"categories": kind.model_copy(update={"note": note})})

    def _met_by_some(
        self, limits: Constraints, path: str, value: Any, rows: npt.NDArray[np.bool_]
    ) -> bool:
        if path == "group_limits":
            group = self.catalog.group(value.attribute, value.value) if value.value else rows
            return bool((group & rows).any())
        alone = limits.only(path).replace({path: (value,)}, {})
        return bool((self.catalog.meets(alone, path) & rows).any())

    def _in_own_currency(self, limits: Constraints) -> tuple[Constraints, tuple[Relaxed, ...]]:
        own, asked = self.catalog.currency, limits.currency
        ends = [f for f in ("price_lower", "price_upper") if limits.value(f) is not None]
        if not ends or asked is None or own is None or asked == own:
            return limits, ()
        rate = self.rates.get(f"{asked}/{own}")
        if rate is None:
            reason = f"this shop sells in {own}, not in {asked}, and no conversion rate is set"
            return (
                limits.replace(dict.fromkeys([*ends, "currency"]), {}),
                tuple(Relaxed(limit=f, reason=reason) for f in ends),
            )
        converted = {f: (limits.value(f) * rate).quantize(Decimal("0.01")) for f in ends}
        return limits.replace({**converted, "currency": own}, {}), ()

    def require_convertible(self, before: Constraints, asked: Iterable[str]) -> None:
        """Keeps a price limit that is applied from being replaced by one that cannot be.

        Args:
            before: the limits in force.
            asked: currencies of the new price limits.

        Raises:
            InputError: a currency that this shop cannot convert, while a price in its own stands
                that the shopper named.
        """
        own = self.catalog.currency
        held = [
            f
            for f in ("price_lower", "price_upper")
            if f in before.provenance and before.provenance[f].source == "said"
        ]
        if not held or own is None or before.currency != own:
            return
        for currency in asked:
            if currency != own and f"{currency}/{own}" not in self.rates:
                stands = show_money(before.value(held[-1]), own)
                raise InputError(
                    f"this shop sells in {own} and cannot convert {currency}, so your {stands} "
                    f"stands; name the amount in {own}"
                )

    def _some(self, limits: Constraints, path: str) -> bool:
        vocabulary = self.catalog.vocabulary()
        return any(vocabulary.match(path, value) for value in limits.value(path))

    def not_carried(self, limits: Constraints) -> tuple[Relaxed, ...]:
        """The limits, hard or soft, whose values were only seen and that this shop has none of."""
        return tuple(
            Relaxed(limit=path, reason=f"this shop carries no {', '.join(limits.value(path))}")
            for path in limits.standing()
            if path in _VALUE_FIELDS
            and limits.provenance[path].source != "said"
            and not self._some(limits, path)
        )

    def _carried(self, limits: Constraints) -> tuple[Constraints, tuple[Relaxed, ...]]:
        absent = [
            r for r in self.not_carried(limits) if limits.provenance[r.limit].strength == "hard"
        ]
        if not absent:
            return limits, ()
        return limits.as_soft(*(r.limit for r in absent)), tuple(absent)

    def _reconciled(
        self, limits: Constraints, fill: bool
    ) -> tuple[Constraints, tuple[Relaxed, ...]]:
        """Softens the fewest seen limits that leave enough products; said ones are untouched.

        Any of them is given up where nothing would be left; with `fill` a colour or a brand, which
        browsing shows least surely, also where too few are left to fill a set.
        """
        paths = self.hard_filters(limits)
        # Limits of one family (both ends of a price range) were seen together and go together.
        families: dict[str, list[str]] = {}
        for path in paths:
            if limits.provenance[path].source != "said":
                families.setdefault(FAMILIES.get(path, path), []).append(path)
        left, needed = self.matching(limits).sum(), max(1, limits.count_min or 0)
        reason = _TOGETHER
        if fill and left >= needed:
            families = {name: families[name] for name in ("colors", "brands") if name in families}
            needed = max(needed, min(self.size, limits.count_max or self.size))
            reason = (
                f"together with the other limits only {left} of the {needed} wanted would be left"
            )
        if not families or left >= needed:
            return limits, ()
        masks = {path: self.meets(limits, path) for path in paths}
        for count in range(1, len(families) + 1):
            for dropped in combinations(families.values(), count):
                gone = [path for family in dropped for path in family]
                mask = self.catalog.available.copy()
                for path in paths:
                    if path not in gone:
                        mask &= masks[path]
                if mask.sum() >= needed:
                    relaxed = tuple(Relaxed(limit=path, reason=reason) for path in gone)
                    return limits.as_soft(*gone), relaxed
        return limits, ()

    def hard_filters(self, limits: Constraints) -> tuple[str, ...]:
        """The hard limits that select single items here, those given up first in front."""
        applied = self.catalog.applied(limits, "hard")
        return tuple(path for path in _GIVEN_UP_FIRST if path in applied)

    def meets(self, limits: Constraints, path: str) -> npt.NDArray[np.bool_]:
        """Rows that meet one limit; a category that was only seen means the kinds looked at."""
        mask = self.catalog.meets(limits, path)
        if path != "categories" or self.liking is None or limits.provenance[path].source == "said":
            return mask
        looked_at = mask & of_kinds(self.catalog, self.liking)
        return looked_at if looked_at.any() else mask

    def matching(self, limits: Constraints) -> npt.NDArray[np.bool_]:
        """Rows in stock that meet every hard limit."""
        mask = self.catalog.available.copy()
        for path in self.hard_filters(limits):
            mask &= self.meets(limits, path)
        return mask
