"""From a raw row to a `Product`, or to the reason why it is not one."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from tools.catalog.columns import ALIASES, plain_name
from tools.catalog.units import parse_quantity
from tools.domain import AttributeValue, Money, Product, known_currencies

MAX_PRICE = Decimal("1e9")
_TITLE_CHARS = 1_000
_DESCRIPTION_CHARS = 20_000
_VALUE_CHARS = 200
_VALUES = 200
_ATTRIBUTES = 200

# Keys by which serialisers of objects mark what is to be brought to life; none is a product field.
_FORBIDDEN_KEYS = frozenset(
    {"lc", "__class__", "__reduce__", "__type__", "__module__", "py/object", "py/reduce", "$type",
     "__proto__", "constructor"}
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
# Words of letters and marks with single blanks between: nothing to clean.
_PLAIN = re.compile(r"[!-%'-;=?-~\xa1-\u02ff]+(?: [!-%'-;=?-~\xa1-\u02ff]+)*")
_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--|![^<>]*)>", re.S)
_SCRIPT = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)", re.S | re.I)
_NOTHING = frozenset({"", "nan", "none", "null", "n/a", "na", "-", "--", "undefined"})
_LIST_MARK = re.compile(r"\s*[|;]\s*")
_IN_STOCK = {"in stock": None, "instock": None, "available": None, "preorder": None,
             "pre-order": None, "backorder": None, "limitedavailability": None, "yes": None,
             "true": None, "y": None, "in_stock": None,
             "out of stock": 0, "outofstock": 0, "out_of_stock": 0, "soldout": 0, "sold out": 0,
             "discontinued": 0, "unavailable": 0, "no": 0, "false": 0, "n": 0}  # fmt: skip
# Columns that say nothing about the thing itself and would only clutter the attributes.
_CLUTTER = re.compile(r"(id|ids|url|urls|link|links|date|time|timestamp|at|image|images|sku|gtin|"
                      r"ean|upc|mpn|isbn|barcode|hash|status|published)$")  # fmt: skip


_SELLING = re.compile(
    r"(is|has|enable|seller|shipping|return|accepts|listing|offer|store|marketplace|target|tax|seo|"
    r"customlabel|variant|item|identifier)"
)


class Unusable(ValueError):
    """Why a row cannot become a product, in a few words."""


def reason_kind(reason: str) -> str:
    """A reason without the values and lines that it names, so that like ones can be counted."""
    return re.sub(r"\s*('[^']*'|-?\d[\d.,e+-]*)", "", reason)


def clean(value: Any, limit: int = _VALUE_CHARS) -> str:
    """Plain text of a value: markup and control characters out, entities read, space folded."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, str) and len(value) <= limit and _PLAIN.fullmatch(value):
        return "" if value.casefold() in _NOTHING else value
    if isinstance(value, list):
        value = " ".join(str(v) for v in value if isinstance(v, str | int | float))
    text = str(value)[: 8 * limit + 1000]
    if "<" in text or "&" in text:
        text = _TAG.sub(" ", _SCRIPT.sub(" ", text))
        # Entities are read after the tags went, so "&lt;b&gt;" stays text; once more for the tags
        # that were escaped on the way into the file.
        text = html.unescape(text)
        text = _TAG.sub(" ", _SCRIPT.sub(" ", text))
    text = _CONTROL.sub("", text)
    text = re.sub(r"\s+", " ", text).strip()
    return "" if text.casefold() in _NOTHING else text[:limit]


@lru_cache(maxsize=4096)
def _money_text(text: str) -> tuple[Decimal | None, str | None]:
    from price_parser import Price

    found = Price.fromstring(text)
    return found.amount, found.currency


_SYMBOLS = {"£": "GBP", "€": "EUR", "₹": "INR", "Rs": "INR", "Rs.": "INR", "¥": "JPY", "₩": "KRW",
            "₽": "RUB", "₺": "TRY", "₫": "VND", "₱": "PHP", "zł": "PLN", "R$": "BRL", "US$": "USD",
            "$": "USD", "A$": "AUD", "AU$": "AUD", "CA$": "CAD", "C$": "CAD", "NZ$": "NZD",
            "HK$": "HKD", "S$": "SGD", "Kč": "CZK", "₦": "NGN", "₪": "ILS", "฿": "THB",
            "Ft": "HUF", "lei": "RON", "RM": "MYR", "Rp": "IDR", "CHF": "CHF",
            "Mex$": "MXN", "₴": "UAH"}  # fmt: skip


def currency_of(word: str | None) -> str | None:
    """The ISO 4217 code that a code or symbol stands for ("$" counts as USD), else None."""
    if not word:
        return None
    word = word.strip()
    if word.upper() in known_currencies():
        return word.upper()
    return _SYMBOLS.get(word)


def parse_amount(value: Any) -> tuple[Decimal, str | None] | None:
    """A selling price and the currency written with it; None where the field is empty.

    Raises:
        Unusable: there is something, and it is no price above zero and within reason.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, dict):
        inner = parse_amount(value.get("amount", value.get("value")))
        stated = currency_of(str(value.get("currency") or ""))
        return None if inner is None else (inner[0], stated or inner[1])
    if isinstance(value, bool | list):
        raise Unusable(f"the price {str(value)[:40]!r} is not an amount")
    text, written = str(value).strip(), None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        if text.casefold() in _NOTHING:
            return None
        shown = text[:40]
        if len(text) > 60 or re.match(r"\s*[^\d\s]{0,4}\s*[-−–(]\s*[^\d\s]{0,4}\s*\d", text):
            raise Unusable(f"the price {shown!r} is not an amount above zero") from None
        if re.search(r"\d\s*(?:[-–—~]|to|bis)\s*[^\d\s]{0,4}\s*\d", text):
            raise Unusable(f"the price {shown!r} is a range") from None
        found, symbol = _money_text(text)
        if found is None:
            raise Unusable(f"the price {shown!r} is not an amount") from None
        amount, written = found, currency_of(symbol)
    if amount.is_nan():
        raise Unusable("the price is NaN")
    if amount <= 0:
        raise Unusable(f"the price {text[:40]!r} is not above zero")
    if amount > MAX_PRICE:
        raise Unusable(f"the price {text[:40]!r} is beyond {MAX_PRICE:f}")
    return amount, written


def _number(value: Any) -> float | None:
    if value is None or isinstance(value, bool | dict | list):
        return None
    match = re.search(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?", str(value), re.I)
    if not match:
        return None
    number = float(match.group().replace(",", ""))
    return number if math.isfinite(number) else None


def _rating(value: Any) -> float | None:
    number = _number(value)
    # "4.3 out of 5 stars" and 4.3 are ratings; 87 (of 100) is on a scale nobody stated.
    return number if number is not None and 0 < number <= 5 else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 1e12 else None


def _stock(value: Any) -> int | None:
    if isinstance(value, bool):
        return None if value else 0
    if value is None:
        return None
    word = clean(value).casefold().rpartition("/")[2]
    if word in _IN_STOCK:
        return _IN_STOCK[word]
    number = _number(value)
    return None if number is None else max(0, int(min(number, 1e12)))


def _list(value: Any, *marks: str) -> list[str]:
    """The members of a list field: a JSON list, or text divided by one of some marks."""
    if value is None or isinstance(value, dict | bool):
        return []
    if isinstance(value, str):
        text = value.strip()
        if text[:1] == "[":
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                value = re.split(r"\s*,\s*", text.strip("[] ").replace("'", "").replace('"', ""))
        else:
            for mark in marks:
                if mark in text:
                    value = text.split(mark)
                    break
    members = value if isinstance(value, list) else [value]
    found = [clean(m) for m in members[:_VALUES] if not isinstance(m, dict | list)]
    return [m for m in found if m]


def check_keys(value: Any, depth: int = 0) -> None:
    """Refuse records that carry the marks of serialised objects, at any depth.

    Raises:
        Unusable: such a key is there, or the nesting is deeper than any product's.
    """
    if depth > 8:
        raise Unusable("nested too deeply")
    if isinstance(value, dict):
        for key, member in value.items():
            if key in _FORBIDDEN_KEYS:
                raise Unusable(f"the key {key!r} is not allowed in a product")
            check_keys(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            if isinstance(member, dict | list):
                check_keys(member, depth + 1)


def parse_attribute(value: Any) -> AttributeValue | None:
    """A value as text, as a number with its unit where it is one, or as several texts."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return parse_quantity(str(value))
    if isinstance(value, dict):
        number, unit = _number(value.get("number", value.get("value"))), clean(value.get("unit"))
        return parse_quantity(f"{number} {unit}") if number is not None else None
    if isinstance(value, list):
        return tuple(_list(value)) or None
    text = clean(value)
    if not text:
        return None
    return parse_quantity(text) or text


def selling_price(fields: Mapping[str, Any], mapping: Mapping[str, str]) -> tuple[Any, Any]:
    """The raw selling price and list price of a row.

    In feeds with a column for the sale price, an empty one means that the regular price holds.
    """
    price = fields.get(mapping["price"]) if "price" in mapping else None
    listed = fields.get(mapping["list_price"]) if "list_price" in mapping else None
    empty = price is None or str(price).strip().casefold() in _NOTHING
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
        known = {alias for aliases in ALIASES.values() for alias in aliases}
        self.extra = [
            c
            for c in columns
            if c
            and c not in taken
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

    def _id(self, value: Any) -> str:
        if value is None or isinstance(value, bool | dict | list):
            raise Unusable("no id")
        text = str(value).strip()
        if not text:
            raise Unusable("no id")
        if len(text) > 200:
            raise Unusable(f"an id of {len(text)} characters")
        if _CONTROL.search(text) or re.search(r"\s{2}|[\t\r\n]", text):
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
            for part in _LIST_MARK.split(value):
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


def _address(value: Any) -> str | None:
    members = _list(value, " ") if isinstance(value, str | list) else []
    if not members:
        return None
    # Only addresses that a page may show without running anything.
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", members[0])
    return members[0] if not scheme or scheme[1].lower() in {"http", "https"} else None


def _product(values: dict[str, Any]) -> Product:
    try:
        return Product(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise Unusable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "brand": lambda value: clean(value) or None,
    "colors": lambda value: tuple(_list(value, "|", ";", ",", "/")),
    "categories": lambda value: tuple(_list(value, " > ", ">", "|", ";", " / ", "/", ",")),
    "sizes": lambda value: tuple(_list(value, "|", ";", ",")),
    "rating": _rating,
    "reviews": _count,
    "description": lambda value: clean(value, _DESCRIPTION_CHARS),
    "image": _address,
    "url": _address,
    "stock": _stock,
}
