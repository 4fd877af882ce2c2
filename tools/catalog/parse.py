"""From a raw row to a `Product`, or to the reason why it is not one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from tools.catalog.columns import ALIASES, plain_name
from tools.catalog.values import (
    CONTROL,
    FORBIDDEN_KEYS,
    LIST_MARK,
    NOTHING,
    Unusable,
    as_address,
    as_count,
    as_list,
    as_rating,
    as_stock,
    check_keys,
    clean,
    currency_of,
    parse_amount,
    parse_attribute,
)
from tools.domain import AttributeValue, Money, Product

_TITLE_CHARS = 1_000
_DESCRIPTION_CHARS = 20_000
_ATTRIBUTES = 200


def reason_kind(reason: str) -> str:
    """A reason without the values and lines that it names, so that like ones can be counted."""
    bare = re.sub(r"\s*'[^']*'|, first on line \d+", "", reason)
    return re.sub(r"(?<![\w-])-?\d[\d.,e+-]*", "N", bare)


_SELLING = re.compile(
    r"(is|has|enable|seller|shipping|return|accepts|listing|offer|store|marketplace|target|tax|seo|"
    r"customlabel|variant|item|identifier)"
)


# Columns that say nothing about the thing itself and would only clutter the attributes.
_CLUTTER = re.compile(
    r"(id|ids|url|urls|link|links|date|time|timestamp|at|image|images|sku|gtin|ean|upc|mpn|isbn|"
    r"barcode|hash|status|published|updated|created|modified)$"
)


def selling_price(fields: Mapping[str, Any], mapping: Mapping[str, str]) -> tuple[Any, Any]:
    """The raw selling price and list price of a row.

    In feeds with a column for the sale price, an empty one means that the regular price holds.
    """
    price = fields.get(mapping["price"]) if "price" in mapping else None
    listed = fields.get(mapping["list_price"]) if "list_price" in mapping else None
    empty = price is None or str(price).strip().casefold() in NOTHING
    if empty and plain_name(mapping.get("list_price", "")) == "price":
        return listed, None
    return price, listed


class RowParser:
    """Turns raw rows of one file into products.

    Args:
        mapping: field -> column (`tools.catalog.columns.guess_columns`).
        columns: all columns, so that what is not mapped becomes attributes.
        currency: of the catalogue; None in a catalogue without prices.
        priced: whether the catalogue carries prices.
    """

    def __init__(
        self,
        mapping: Mapping[str, str],
        columns: Sequence[str],
        currency: str | None,
        priced: bool,
    ) -> None:
        self.mapping = mapping
        self.currency = currency
        self.priced = priced
        taken = set(mapping.values())
        # A feed may name the kind of some products in one column and of others in another.
        self._kinds = [
            c
            for c in columns
            if "categories" in mapping
            and c != mapping["categories"]
            and plain_name(c) in ALIASES["categories"]
        ]
        known = {alias for aliases in ALIASES.values() for alias in aliases}
        self.extra = [
            c
            for c in columns
            if c
            and c not in taken
            and c not in FORBIDDEN_KEYS
            and plain_name(c) not in known
            and not _CLUTTER.search(plain_name(c))
            and not _SELLING.match(plain_name(c))
        ]

    def __call__(self, fields: Mapping[str, Any], fallback_id: str) -> Product:
        """The product of a row.

        Args:
            fields: column -> value.
            fallback_id: the id, when the file has no column for it.

        Raises:
            Unusable: with the reason.
        """
        values = self._values(fields)
        values.setdefault("id", fallback_id)
        if "title" not in values:
            raise Unusable("no title")
        if self.priced and values.get("price") is None:
            raise Unusable("no price")
        return _product(values)

    def id_of(self, fields: Mapping[str, Any]) -> str:
        """The id of a row.

        Raises:
            Unusable: it has none that can be used.
        """
        if "id" not in self.mapping:
            raise Unusable("no id")
        return self._id(fields.get(self.mapping["id"]))

    def overlaid(self, old: Product, fields: Mapping[str, Any]) -> Product:
        """A product with whatever a row says about it; what the row has no column for stays.

        Raises:
            Unusable: with the reason.
        """
        values = self._values(fields)
        if "attributes" not in self.mapping:
            values["attributes"] = {**old.attributes, **values["attributes"]}
        if "price" in values and "list_price" not in self.mapping and old.list_price:
            keeps = values["price"] is not None and old.list_price > values["price"]
            values["list_price"] = old.list_price if keeps else None
        kept = {name: getattr(old, name) for name in Product.model_fields}
        return _product({**kept, **values})

    def _values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Field of `Product` -> value, for the fields that the file has a column for."""
        check_keys(fields)
        values: dict[str, Any] = {}
        for name, column in self.mapping.items():
            if name in _READERS:
                values[name] = _READERS[name](fields.get(column))
        if "categories" in values and not values["categories"]:
            values["categories"] = self._other_kind(fields)
        if "id" in self.mapping:
            values["id"] = self._id(fields.get(self.mapping["id"]))
        if "title" in self.mapping:
            values["title"] = self._title(fields.get(self.mapping["title"]))
        if self.priced and "price" in self.mapping:
            code = fields.get(self.mapping["currency"]) if "currency" in self.mapping else None
            raw, listed = selling_price(fields, self.mapping)
            values["price"], values["list_price"] = self._prices(raw, listed, code)
        given = fields.get(self.mapping["attributes"]) if "attributes" in self.mapping else None
        values["attributes"] = self._attributes(given, fields)
        return values

    def _other_kind(self, fields: Mapping[str, Any]) -> tuple[str, ...]:
        for column in self._kinds:
            kinds: tuple[str, ...] = _READERS["categories"](fields.get(column))
            # A number of a taxonomy names nothing.
            if kinds and not all(kind.isdigit() for kind in kinds):
                return kinds
        return ()

    def _id(self, value: Any) -> str:
        if value is None or isinstance(value, bool | dict | list):
            raise Unusable("no id")
        text = str(value).strip()
        if not text:
            raise Unusable("no id")
        if len(text) > 200:
            raise Unusable(f"an id of {len(text)} characters")
        if CONTROL.search(text) or re.search(r"\s{2}|[\t\r\n]", text):
            raise Unusable("an id with control characters")
        if re.search(r"(^|[/\\])\.\.([/\\]|$)", text):
            raise Unusable("an id that reads like a path")
        return text

    def _title(self, value: Any) -> str:
        title = clean(value, _TITLE_CHARS)
        if not title:
            raise Unusable("no title")
        return title

    def _prices(self, price: Any, listed: Any, code: Any) -> tuple[Money | None, Money | None]:
        if not self.priced:
            return None, None
        parsed = parse_amount(price)
        if parsed is None:
            raise Unusable("no price")
        amount, written = parsed
        if code is not None and str(code).strip():
            stated = currency_of(str(code))
            if stated is None:
                raise Unusable(f"unknown currency {str(code)[:20]!r}")
            written = stated
        currency = written or self.currency
        if currency is None:
            raise Unusable("a price without a currency")
        if currency != self.currency:
            raise Unusable(f"a price in {currency} in a catalogue in {self.currency}")
        try:
            old = parse_amount(listed)
        except Unusable:
            old = None
        above = old is not None and old[0] > amount and old[1] in (None, currency)
        return (
            Money(amount=amount, currency=currency),
            Money(amount=old[0], currency=currency) if old and above else None,
        )

    def _attributes(self, value: Any, fields: Mapping[str, Any]) -> dict[str, AttributeValue]:
        named: dict[str, Any] = {}
        if isinstance(value, str) and value.strip()[:1] in "{[":
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                value = None
            check_keys(value)
        if isinstance(value, dict):
            named.update(value)
        elif isinstance(value, list):
            for member in value:
                if isinstance(member, dict) and "name" in member:
                    named[str(member["name"])] = member.get("value")
        elif isinstance(value, str):
            for part in LIST_MARK.split(value):
                name, mark, text = part.partition(":")
                if mark and len(name) <= 60:
                    named[name] = text
        for column in self.extra:
            held = fields.get(column)
            if isinstance(held, str | int | float) and len(str(held)) <= 80:
                named.setdefault(column, held)
        parsed: dict[str, AttributeValue] = {}
        for name, held in list(named.items())[:_ATTRIBUTES]:
            key, outcome = clean(name, 60), parse_attribute(held)
            if key and outcome is not None:
                parsed[key] = outcome
        return parsed


def _product(values: dict[str, Any]) -> Product:
    try:
        return Product(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise Unusable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "brand": lambda value: clean(value) or None,
    "colors": lambda value: tuple(as_list(value, "|", ";", ",", "/")),
    "categories": lambda value: tuple(as_list(value, " > ", ">", "|", ";", " / ", "/", ",")),
    "sizes": lambda value: tuple(as_list(value, "|", ";", ",")),
    "rating": as_rating,
    "reviews": as_count,
    "description": lambda value: clean(value, _DESCRIPTION_CHARS),
    "image": as_address,
    "url": as_address,
    "stock": as_stock,
}
