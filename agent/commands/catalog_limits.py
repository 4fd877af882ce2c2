"""Limits from the options and the words of `interarec catalog search` and `catalog facts`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tools.errors import InputError

if TYPE_CHECKING:
    from tools.catalog import Catalog
    from tools.domain import AttributeLimit, Constraints


def limits_of(  # noqa: PLR0917  (one parameter per filter of the command line)
    shop: Catalog,
    price_lower: float | None,
    price_upper: float | None,
    currency: str | None,
    brands: list[str] | None,
    colors: list[str] | None,
    categories: list[str] | None,
    sizes: list[str] | None,
    attributes: list[str] | None,
    exclude: list[str] | None,
    min_rating: float | None,
    on_sale: bool | None,
) -> Constraints:
    """The hard limits that the options of a command name.

    Raises:
        InputError: an option's value cannot be understood, two contradict each other, or an
            attribute is neither in the catalogue nor in its titles.
    """
    from tools.domain import Constraints

    named = tuple(_attribute(text) for text in attributes or ())
    for limit in named:
        _check_known(shop, limit)
    fields: dict[str, Any] = {
        "price_lower": None if price_lower is None else Decimal(str(price_lower)),
        "price_upper": None if price_upper is None else Decimal(str(price_upper)),
        "brands": brands or (),
        "colors": colors or (),
        "categories": categories or (),
        "sizes": sizes or (),
        "attributes": named,
        "min_rating": min_rating,
        "on_sale": on_sale,
    }
    if price_lower is not None or price_upper is not None:
        fields["currency"] = currency or shop.currency
    refused: dict[str, list[str]] = {}
    for text in exclude or ():
        field, _, value = text.partition("=")
        if field not in _EXCLUDABLE or not value.strip():
            raise InputError(
                f"--exclude takes FIELD=VALUE with one of {', '.join(_EXCLUDABLE)}, not {text!r}"
            )
        refused.setdefault(_EXCLUDABLE[field], []).append(value)
    fields["must_exclude"] = refused.pop("must_exclude", ())
    return Constraints.of("said", **fields, exclude=refused)


_EXCLUDABLE = {
    "color": "colors",
    "brand": "brands",
    "category": "categories",
    "size": "sizes",
    "id": "must_exclude",
}


def _attribute(text: str) -> AttributeLimit:
    """An attribute filter as the command line takes it.

    Raises:
        InputError: the text is not of the three forms.
    """
    from tools.catalog.units import parse_quantity
    from tools.domain import AttributeLimit, build

    match = re.fullmatch(r"\s*([^<>=]+?)\s*(>=|<=|=)\s*(.+?)\s*", text)
    if not match:
        raise InputError(
            f"--attribute takes NAME=VALUE, NAME>=NUMBER or NAME<=NUMBER, not {text!r}"
        )
    name, mark, value = match.groups()
    if mark == "=":
        return build(AttributeLimit, {"name": name, "values": [value]})
    quantity = parse_quantity(value)
    if quantity is None:
        raise InputError(f"{value!r} is not a number with a known unit")
    end = "lower" if mark == ">=" else "upper"
    return build(AttributeLimit, {"name": name, end: quantity.number, "unit": quantity.unit})


def _check_known(shop: Catalog, limit: AttributeLimit) -> None:
    """Refuse the name of an attribute that no product has, unless some title says its value.

    Raises:
        InputError: with the names that there are.
    """
    from tools.domain import Constraints

    words = shop.vocabulary()
    if words.match_attribute(limit.name) or shop.count(Constraints.of("said", attributes=[limit])):
        return
    known = ", ".join(list(words.attributes)[:20])
    has = f"its attributes are: {known}" if known else "it has no attributes"
    raise InputError(f"no product here has an attribute {limit.name!r}; {has}")


# What the words of a query may become; kinds, sizes and attributes find more as text, since many
# products name them in their titles only.
_READ = (
    "price_lower",
    "price_upper",
    "currency",
    "brands",
    "colors",
    "exclude.brands",
    "exclude.colors",
    "min_rating",
    "on_sale",
)


def read_words(shop: Catalog, query: str, limits: Constraints) -> tuple[str, Constraints, str]:
    """What is left of a query as text, and the limits with those that its words name.

    Options win over words. Where nothing meets what the words name, they are taken for text and a
    remark says so.
    """
    from agent.language import parse
    from tools.changes import apply_changes
    from tools.domain import FAMILIES, Constraints

    words = shop.vocabulary()
    understood = parse(query, vocabulary=words, current=Constraints(), currency=shop.currency)
    if not understood.changes:
        return query, limits, ""
    try:
        named = apply_changes(
            Constraints(),
            understood.changes,
            turn=0,
            currency=shop.currency,
            match=words.match,
        )
    except InputError:
        return query, limits, ""
    given = {FAMILIES.get(path, path) for path in limits.standing()}
    fresh = [p for p in _READ if p in named.standing() and FAMILIES.get(p, p) not in given]
    if "brands" in fresh and not all(map(shop.names_a_brand, named.brands)):
        fresh.remove("brands")
    both = limits.replace(
        {p: named.value(p) for p in fresh}, {p: named.provenance[p] for p in fresh}
    )
    if not shop.count(both) and shop.count(limits):
        said = ", ".join(p.replace("_", " ") for p in fresh if p != "currency")
        return query, limits, f"nothing meets what the query says about {said}: taken as text"
    text = query
    if set(fresh) - {"colors", "brands"}:
        text = understood.search_text or _without_prices(query, both)
    for field in ("colors", "brands", "exclude.colors", "exclude.brands"):
        if field in fresh:
            text = _without_words(text, both.value(field))
    return text, both, ""


def _without_words(text: str, words: Sequence[str]) -> str:
    """A text without the words that became filters: all that is found meets those in any case."""
    unwanted = (
        r"(?:\b(?:no|not|never|without|except|excluding|nothing)\s+(?:in\s+|by\s+|from\s+)?)?"
    )
    for word in sorted(words, key=len, reverse=True):
        spelt = r"[\s-]+".join(re.escape(part) for part in word.split())
        text = re.sub(rf"{unwanted}(?<!\w){spelt}(?:'?s)?(?!\w)", " ", text, flags=re.I)
    # What joined them joins nothing any more.
    text = re.sub(r"^\W*(?:(?:in|by|from|and|or)\b\W*)+|\b(?:in|by|from|and|or)\W*$", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def _without_prices(query: str, limits: Constraints) -> str:
    """A query without the amounts that became limits, and the words that lead to them."""
    amounts = [limits.price_lower, limits.price_upper]
    numbers = "|".join(
        rf"{float(a):g}0*" if a % 1 else rf"{float(a):g}(?:\.0+)?" for a in amounts if a is not None
    )
    leading = r"(?:\b[a-z]+\s+(?:than|to|of)\s+|\b(?:under|below|over|above|between|and|max)\s+)?"
    return re.sub(rf"{leading}[^\w\s]?\s?\b(?:{numbers})\b(?:\s?[a-z]*\b)?", " ", query, flags=re.I)
