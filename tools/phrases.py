"""Limits in words, as a shopper would say them."""

from __future__ import annotations

from collections.abc import Sequence

from tools.domain import AttributeLimit, Constraints, GroupLimit, Source, show_money

_PLURAL = {"colors": "colour", "brands": "brand", "categories": "kind", "sizes": "size"}
_GROUP = {"brand": "brand", "color": "colour", "category": "kind", "size": "size"}


def phrase(limits: Constraints, field: str) -> str:
    """One standing limit in words: "up to £144", "in green", "no red"."""
    value = limits.value(field)
    if field == "price_lower":
        return f"from {show_money(value, limits.currency)}"
    if field == "price_upper":
        return f"up to {show_money(value, limits.currency)}"
    if field == "attributes":
        return ", ".join(phrase_attribute(limit) for limit in value)
    if field == "exclude.attributes":
        return ", ".join(f"not {phrase_attribute(limit)}" for limit in value)
    if field.startswith("exclude."):
        return f"no {_listed(value)}"
    if field == "group_limits":
        return ", ".join(_phrase_group(group) for group in value)
    if field in ("must_include", "must_exclude"):
        count = len(value)
        items = "item" if count == 1 else "items"
        return f"{count} {items} {'kept' if field == 'must_include' else 'left out'}"
    words = {
        "categories": "{listed}",
        "colors": "in {listed}",
        "brands": "by {listed}",
        "sizes": "in size {listed}",
        "currency": "prices in {value}",
        "min_rating": "rated {value:g} or better",
        "on_sale": "reduced" if value else "not reduced",
        "count_min": "at least {value} items",
        "count_max": "at most {value} item" + ("" if value == 1 else "s"),
    }[field]
    return words.format(value=value, listed=_listed(value) if isinstance(value, tuple) else "")


def phrases(limits: Constraints, source: Source | None = None, *, shown: bool = True) -> list[str]:
    """The standing limits in words, those of one source only if it is named.

    Both ends of a price range become one phrase; a currency alone is not worth a word.
    """
    words = []
    for field in limits.standing():
        origin = limits.provenance[field]
        if field == "currency" or (source and origin.source != source):
            continue
        if field == "price_lower" and "price_upper" in limits.provenance:
            upper = limits.provenance["price_upper"]
            if (upper.source, upper.strength) == (origin.source, origin.strength):
                continue
        word = phrase(limits, field)
        if field == "price_upper" and "price_lower" in limits.provenance:
            lower = limits.provenance["price_lower"]
            if (lower.source, lower.strength) == (origin.source, origin.strength):
                ends = (limits.price_lower, limits.price_upper)
                low, high = (show_money(end or 0, limits.currency) for end in ends)
                word = low if low == high else f"{low} to {high}"
        words.append(f"{word} if possible" if origin.strength == "soft" and shown else word)
    return words


def name_of(field: str) -> str:
    """A limit's name for a person: "the price limit", "the colour"."""
    plain = {
        "price_lower": "the lower price limit",
        "price_upper": "the upper price limit",
        "min_rating": "the rating",
        "on_sale": "the sale",
        "count": "how many you want",
        "count_min": "how many you want",
        "count_max": "how many you want",
        "attributes": "the details",
        "group_limits": "how many of a kind",
        "must_include": "what has to be in",
        "must_exclude": "what you ruled out",
    }
    if field in plain:
        return plain[field]
    base = field.removeprefix("exclude.")
    word = {**_PLURAL, "attributes": "detail"}.get(base, base)
    return f"the ruled-out {word}" if field.startswith("exclude.") else f"the {word}"


def phrase_attribute(limit: AttributeLimit) -> str:
    """A wish about an attribute in words: "storage at least 128 GB"."""
    unit = f" {limit.unit}" if limit.unit else ""
    if limit.values:
        same = [v for v in limit.values if v.casefold() == limit.name.casefold()]
        return _listed(limit.values) + ("" if same else f" ({limit.name})")
    if limit.lower is not None and limit.lower == limit.upper:
        return f"{limit.name} {limit.lower:g}{unit}"
    if limit.lower is not None and limit.upper is not None:
        return f"{limit.name} {limit.lower:g} to {limit.upper:g}{unit}"
    if limit.lower is not None:
        return f"{limit.name} at least {limit.lower:g}{unit}"
    return f"{limit.name} at most {limit.upper:g}{unit}"


def _phrase_group(group: GroupLimit) -> str:
    if group.value is None:
        what = f"of each {_GROUP[group.attribute]}"
    else:
        what = {"brand": "by ", "color": "in ", "size": "in size "}.get(group.attribute, "")
        what += group.value
    if group.maximum is None:
        return f"at least {group.minimum} {what}"
    if group.minimum == group.maximum:
        return f"exactly {group.minimum} {what}"
    if group.minimum:
        return f"{group.minimum} to {group.maximum} {what}"
    return f"at most {group.maximum} {what}"


def _listed(values: Sequence[str]) -> str:
    if len(values) == 1:
        return values[0]
    return f"{', '.join(values[:-1])} or {values[-1]}"
