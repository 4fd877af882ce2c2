"""The first pass over a shop's file: what its columns mean, whether it has prices, and in what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.catalog.columns import guess_columns
from tools.catalog.parse import selling_price
from tools.catalog.rows import BadRow
from tools.catalog.source import Source
from tools.catalog.values import Unusable, currency_of, parse_amount
from tools.errors import CatalogError

FALLBACK_CURRENCY = "USD"


@dataclass
class Survey:
    """What the first pass over the file found."""

    source: Source
    mapping: dict[str, str]
    rows: int = 0
    priced: bool = False
    currencies: Counter[str] = field(default_factory=Counter)


def survey(source: Source, override: Mapping[str, str | None] | None = None) -> Survey:
    """The first pass: columns, their meaning, whether there are prices, and in which currency.

    Raises:
        CatalogError: the file cannot be used at all.
    """
    found = Survey(source, guess_columns(source.columns, override))
    price, code = found.mapping.get("price"), found.mapping.get("currency")
    for row in source.rows():
        found.rows += 1
        if isinstance(row, BadRow) or price is None:
            continue
        try:
            amount = parse_amount(selling_price(row.fields, found.mapping)[0])
        except Unusable as unusable:
            found.priced |= "NaN" not in str(unusable)
            continue
        if amount is not None:
            found.priced = True
            stated = currency_of(str(row.fields.get(code) or "")) if code else None
            if known := stated or amount[1]:
                found.currencies[known] += 1
    if not found.rows:
        raise CatalogError(f"{source.path} has no products")
    return found


def catalog_currency(found: Survey, asked: str | None) -> tuple[str | None, list[str]]:
    """The catalogue's currency and what has to be said about it.

    The one asked for, else the most frequent one of the file, else dollars, which is said; so is
    which others the file has.

    Raises:
        CatalogError: what was asked for is no currency.
    """
    if asked is not None:
        known = currency_of(asked)
        if known is None:
            raise CatalogError(f"{asked!r} is not an ISO 4217 currency code")
        return (known if found.priced else None), []
    if not found.priced:
        return None, []
    if found.currencies:
        taken, *others = (code for code, _ in found.currencies.most_common())
        if not others:
            return taken, []
        return taken, [
            f"the file has prices in {taken} and in {', '.join(others[:5])}; only those in {taken} "
            "are taken (--currency names another, --where chooses rows)"
        ]
    return FALLBACK_CURRENCY, [
        f"the file names no currency; its prices were taken for {FALLBACK_CURRENCY} "
        "(name another with --currency)"
    ]
