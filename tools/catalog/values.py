"""What a shop wrote in a field, as text, an amount, a number, a list or an address."""

from __future__ import annotations

import html
import json
import math
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from tools.catalog.units import parse_quantity
from tools.domain import AttributeValue, known_currencies

MAX_PRICE = Decimal("1e9")
# Less than half a hundredth would be shown as nothing.
_LEAST_PRICE = Decimal("0.005")
_VALUE_CHARS = 200
_VALUES = 200

# Keys by which serialisers of objects mark what is to be brought to life; none is a product field.
FORBIDDEN_KEYS = frozenset(
    {"lc", "__class__", "__reduce__", "__type__", "__module__", "py/object", "py/reduce", "$type",
     "__proto__", "constructor"}
)  # fmt: skip
# C0 and C1 without white space, marks that turn the direction of writing, halves of characters.
CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# What a terminal obeys (ECMA-48): control sequences, and strings such as a window's title.
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*"
    r"(?:\x07|\x1b\\|\x9c)"
)
# Words of letters and marks with single blanks between: nothing to clean.
_PLAIN = re.compile(r"[!-%'-;=?-~\xa1-\u02ff]+(?: [!-%'-;=?-~\xa1-\u02ff]+)*")
_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--.*?--|![^<>]*)>", re.S)
_SCRIPT = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)", re.S | re.I)
NOTHING = frozenset({"", "nan", "none", "null", "n/a", "na", "-", "--", "undefined"})
LIST_MARK = re.compile(r"\s*[|;]\s*")
_IN_STOCK = {"in stock": None, "instock": None, "available": None, "preorder": None,
             "pre-order": None, "backorder": None, "limitedavailability": None, "yes": None,
             "true": None, "y": None, "in_stock": None,
             "out of stock": 0, "outofstock": 0, "out_of_stock": 0, "soldout": 0, "sold out": 0,
             "discontinued": 0, "unavailable": 0, "no": 0, "false": 0, "n": 0}  # fmt: skip


class Unusable(ValueError):
    """Why a row cannot become a product, in a few words."""


def clean(value: Any, limit: int = _VALUE_CHARS) -> str:
    """Plain text of a value: markup and control characters out, entities read, space folded."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, str) and len(value) <= limit and _PLAIN.fullmatch(value):
        return "" if value.casefold() in NOTHING else value
    if isinstance(value, list):
        value = " ".join(str(v) for v in value if isinstance(v, str | int | float))
    text = str(value)[: 8 * limit + 1000]
    if "<" in text or "&" in text:
        text = _TAG.sub(" ", _SCRIPT.sub(" ", text))
        # Entities are read after the tags went, so "&lt;b&gt;" stays text; once more for the tags
        # that were escaped on the way into the file.
        text = html.unescape(text)
        text = _TAG.sub(" ", _SCRIPT.sub(" ", text))
    text = CONTROL.sub("", _ESCAPE.sub("", text))
    text = re.sub(r"\s+", " ", text).strip()
    return "" if text.casefold() in NOTHING else text[:limit]


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
        if text.casefold() in NOTHING:
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
    if amount < _LEAST_PRICE:
        raise Unusable(f"the price {text[:40]!r} is less than any coin")
    if amount > MAX_PRICE:
        raise Unusable(f"the price {text[:40]!r} is beyond a billion")
    return amount, written


def as_number(value: Any) -> float | None:
    """The first number in a value, None where there is none or it is not finite."""
    if value is None or isinstance(value, bool | dict | list):
        return None
    match = re.search(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?", str(value), re.I)
    if not match:
        return None
    number = float(match.group().replace(",", ""))
    return number if math.isfinite(number) else None


def as_rating(value: Any) -> float | None:
    """A rating on the scale to five."""
    number = as_number(value)
    # "4.3 out of 5 stars" and 4.3 are ratings; 87 (of 100) is on a scale nobody stated.
    return number if number is not None and 0 < number <= 5 else None


def as_count(value: Any) -> int | None:
    """A number of things, zero or more."""
    number = as_number(value)
    return int(number) if number is not None and 0 <= number < 1e12 else None


def as_stock(value: Any) -> int | None:
    """Pieces left: 0 for sold out, None for available in a number nobody stated."""
    if isinstance(value, bool):
        return None if value else 0
    if value is None:
        return None
    word = clean(value).casefold().rpartition("/")[2]
    if word in _IN_STOCK:
        return _IN_STOCK[word]
    number = as_number(value)
    return None if number is None else max(0, int(min(number, 1e12)))


def as_list(value: Any, *marks: str) -> list[str]:
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
            if key in FORBIDDEN_KEYS:
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
        number, unit = as_number(value.get("number", value.get("value"))), clean(value.get("unit"))
        return parse_quantity(f"{number} {unit}") if number is not None else None
    if isinstance(value, list):
        return tuple(as_list(value)) or None
    text = clean(value)
    if not text:
        return None
    return parse_quantity(text) or text


def as_address(value: Any) -> str | None:
    """The first address of a field, if a page may show it."""
    members = as_list(value, " ") if isinstance(value, str | list) else []
    if not members:
        return None
    # Only addresses that a page may show without running anything.
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", members[0])
    return members[0] if not scheme or scheme[1].lower() in {"http", "https"} else None
