"""From what was seen to limits: the schema a model fills, and the checks code applies to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tools.colors import basic_color
from tools.domain import Constraints, Provenance
from tools.preferences import Evidence, PreferenceSummary, Vote

FEW_PRODUCTS = 3
"""A range read from fewer priced products than this is widened: so few show little."""
WIDEN = Decimal("0.25")
LEADS = 0.5
"""Share of all interest from which a colour or brand leads."""
AHEAD = 1.5
"""How many times the interest of the runner-up a leader needs."""
ENOUGH = 3
"""Opened products that a leader needs: two alike are too often so by chance."""
_NO_SIZE = re.compile(r"\b([gtm]b|ram|one|free|único|unico|einheits|universal)\b", re.I)
"""Shops print memory and "one size" where others print sizes; neither tells what would fit."""
SHOWS = 0.3
"""Share from which a colour or brand that does not lead is still noted, softly."""


class SeenLimits(BaseModel):
    """Limits that follow from what the shopper looked at."""

    model_config = ConfigDict(extra="forbid")

    price_lower: float | None = Field(description="Lowest selling price seen, or null.")
    price_upper: float | None = Field(description="Highest selling price seen, or null.")
    currency: str | None = Field(description="ISO 4217 code of those prices, or null.")
    categories: list[str] = Field(description="What kind of thing was looked for.")
    colors: list[str] = Field(description="Colours that lead or show.")
    colors_lead: bool = Field(description="Whether these colours clearly lead.")
    brands: list[str] = Field(description="Brands that lead or show.")
    brands_lead: bool = Field(description="Whether these brands clearly lead.")
    sizes: list[str] = Field(description="Sizes that were chosen or filtered for.")


def propose(evidence: Evidence) -> SeenLimits:
    """The limits that the evidence supports: what leads hard, what merely shows softly."""
    filters = {f.casefold() for f in evidence.active_filters}
    named = filters | {color for f in evidence.active_filters if (color := basic_color(f))}
    colors, colors_lead = _leading(evidence.colors, named)
    brands, brands_lead = _leading(evidence.brands, filters)
    return SeenLimits(
        price_lower=None if evidence.price_lower is None else float(evidence.price_lower),
        price_upper=None if evidence.price_upper is None else float(evidence.price_upper),
        currency=evidence.currency,
        categories=[vote.value for vote in evidence.categories[:1]],
        colors=colors,
        colors_lead=colors_lead,
        brands=brands,
        brands_lead=brands_lead,
        sizes=[vote.value for vote in evidence.sizes if not _NO_SIZE.search(vote.value)][:1],
    )


def _leading(votes: Sequence[Vote], filters: Collection[str]) -> tuple[list[str], bool]:
    """What leads or shows, and whether it is clear enough for a hard limit.

    Clear is what the shopper filtered for, or what several opened products share: of one or two
    products opened, the colour and the brand come along with whatever else was liked.
    """
    if not votes:
        return [], False
    first = votes[0]
    second = votes[1].weight if len(votes) > 1 else 0.0
    if first.weight >= LEADS and first.weight >= AHEAD * second:
        return [first.value], (first.opened_products >= ENOUGH or first.value.casefold() in filters)
    return ([first.value], False) if first.weight >= SHOWS else ([], False)


def limits_from(draft: SeenLimits, evidence: Evidence) -> Constraints:
    """Limits from a model's draft, after range and consistency checks against the evidence.

    A price that the evidence does not bear out is replaced by the evidence; a range read from few
    products is widened by a quarter on each side, and its provenance says so.

    Raises:
        InputError: the draft is inconsistent beyond repair (an unknown currency, say).
    """
    fields: dict[str, Any] = {}
    provenance: dict[str, Provenance] = {}

    def put(name: str, value: object, *, hard: bool, note: str = "") -> None:
        if value in (None, (), []):
            return
        fields[name] = value
        provenance[name] = Provenance(source="seen", strength="hard" if hard else "soft", note=note)

    lower, upper = _checked_range(draft, evidence)
    note = ""
    if lower is not None and upper is not None and evidence.priced_products < FEW_PRODUCTS:
        count = evidence.priced_products
        lower, upper = lower * (1 - WIDEN), upper * (1 + WIDEN)
        note = f"widened by a quarter each side, as only {count} priced product"
        note += " was seen" if count == 1 else "s were seen"
    if lower is not None or upper is not None:
        put("price_lower", _cents(lower), hard=True, note=note)
        put("price_upper", _cents(upper), hard=True, note=note)
        put("currency", evidence.currency or draft.currency, hard=True)
    put("categories", draft.categories, hard=True)
    put("colors", draft.colors, hard=draft.colors_lead)
    put("brands", draft.brands, hard=draft.brands_lead)
    put("sizes", draft.sizes, hard=False)
    return Constraints().replace(fields, provenance)


def _checked_range(draft: SeenLimits, evidence: Evidence) -> tuple[Decimal | None, Decimal | None]:
    if evidence.price_lower is not None and evidence.price_upper is not None:
        inside = (
            draft.price_lower is not None
            and draft.price_upper is not None
            and float(evidence.price_lower) <= draft.price_lower <= draft.price_upper
            and draft.price_upper <= float(evidence.price_upper)
        )
        if not inside:
            return evidence.price_lower, evidence.price_upper
    lower = None if draft.price_lower is None else Decimal(str(draft.price_lower))
    upper = None if draft.price_upper is None else Decimal(str(draft.price_upper))
    if lower is not None and upper is not None and lower > upper:
        lower, upper = upper, lower
    return lower, upper


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(Decimal("0.01"))


def wish_from(summary: PreferenceSummary, evidence: Evidence) -> str:
    """What is wanted in words, most telling first, for the relevance of products.

    Search words and what was opened come before the general description.
    """
    parts = [
        *evidence.search_queries[-2:],
        *(vote.value for vote in evidence.categories[:1]),
        *(vote.value for vote in evidence.colors[:1]),
        *evidence.titles[:3],
    ]
    if not parts and summary.product_characteristics.available:
        parts.append(summary.product_characteristics.text)
    return ". ".join(dict.fromkeys(parts))
