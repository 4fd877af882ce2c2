"""Variants of one product: brought together wherever they stand, and folded into one row.

A shop's file may hold the sizes of a shirt far apart, or nested inside one record. Rows of a group
are gathered through a temporary file of SQLite, so a file larger than memory can be gathered too.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tools.catalog.rows import BadRow, RawRow

Row = RawRow | BadRow
_MAX_GROUP = 1000
_BATCH = 1000

# What `flattened` gives of a feed of the Agentic Commerce Protocol.
ACP_COLUMNS = ["id", "group", "title", "brand", "price", "list_price", "currency", "colors",
               "sizes", "categories", "description", "image", "url", "stock",
               "attributes"]  # fmt: skip


def gathered(rows: Iterable[Row], key: Callable[[RawRow], object]) -> Iterator[Row]:
    """The same rows with those of one key next to each other, in order of first appearance.

    Rows whose key is None or empty stay by themselves. What has to wait lies on disk, never in
    memory.
    """
    # The empty name is a temporary database, on disk as soon as it outgrows a small cache.
    held = sqlite3.connect("")
    try:
        held.execute("PRAGMA journal_mode=OFF")
        held.execute("CREATE TABLE heads (name TEXT PRIMARY KEY, first INTEGER) WITHOUT ROWID")
        held.execute("CREATE TABLE rows (first INTEGER, line INTEGER, fields TEXT)")
        for number, row in enumerate(rows):
            if isinstance(row, BadRow):
                yield row
                continue
            first, name = number, key(row)
            if name not in (None, ""):
                held.execute("INSERT OR IGNORE INTO heads VALUES (?, ?)", (str(name), number))
                found = held.execute("SELECT first FROM heads WHERE name = ?", (str(name),))
                first = found.fetchone()[0]
            # Dates and decimals of Parquet become the text that every reader of fields takes.
            fields = json.dumps(row.fields, default=str)
            held.execute("INSERT INTO rows VALUES (?, ?, ?)", (first, row.line, fields))
        for line, fields in held.execute("SELECT line, fields FROM rows ORDER BY first, rowid"):
            yield RawRow(line, json.loads(fields))
    finally:
        held.close()


def fold_variants(rows: Iterable[Row], mapping: Mapping[str, str]) -> Iterator[tuple[Row, int]]:
    """Bring variants that differ in nothing but size into one row that carries all their sizes.

    Rows of one group, wherever they stand, are folded when price, currency and colour agree; what
    differs in those stays a product of its own. Without a column for the group nothing is.

    Yields:
        A row and the number of rows that went into it.
    """
    column = mapping.get("group")
    if column is None:
        yield from ((row, 1) for row in rows)
        return
    held: list[RawRow] = []
    for row in gathered(rows, lambda row: row.fields.get(column)):
        if isinstance(row, BadRow):
            yield row, 1
            continue
        group = row.fields.get(column)
        if held and (group != held[0].fields.get(column) or len(held) >= _MAX_GROUP):
            yield from _fold(held, mapping)
            held = []
        if group in (None, ""):
            yield row, 1
        else:
            held.append(row)
    if held:
        yield from _fold(held, mapping)


def _fold(rows: list[RawRow], mapping: Mapping[str, str]) -> Iterator[tuple[Row, int]]:
    same: dict[tuple[str, ...], list[RawRow]] = {}
    fields = [mapping[f] for f in ("price", "list_price", "currency", "colors") if f in mapping]
    for row in rows:
        same.setdefault(tuple(str(row.fields.get(c)) for c in fields), []).append(row)
    for members in same.values():
        yield _merged(members, mapping), len(members)


def _merged(members: list[RawRow], mapping: Mapping[str, str]) -> RawRow:
    first = members[0]
    if len(members) == 1:
        return first
    fields = dict(first.fields)
    if column := mapping.get("sizes"):
        sizes: list[Any] = []
        for member in members:
            value = member.fields.get(column)
            sizes += value if isinstance(value, list) else [value]
        fields[column] = [s for s in dict.fromkeys(map(str, sizes)) if s and s != "None"]
    if column := mapping.get("stock"):
        fields[column] = _together([m.fields.get(column) for m in members])
    if column := mapping.get("title"):
        titles = [str(m.fields.get(column) or "") for m in members]
        fields[column] = _common_title(titles)
    return replace(first, fields=fields)


def _together(stocks: list[Any]) -> Any:
    numbers = [s for s in stocks if re.fullmatch(r"-?\d+(\.0*)?", str(s))]
    if len(numbers) == len(stocks):
        return sum(max(0, int(float(s))) for s in numbers)
    # One variant that can be had is enough, and what is not stated counts as available.
    gone = ("out of stock", "out_of_stock", "outofstock", "sold out", "false")
    left = [s for s in stocks if str(s).strip().lower() not in gone]
    return left[0] if left else stocks[0]


def _common_title(titles: list[str]) -> str:
    if len(set(titles)) == 1:
        return titles[0]
    common = os.path.commonprefix(titles)  # noqa: RUF071  (characters are what is meant)
    if len(common) < max(map(len, titles)):
        common = re.sub(r"[\W_]*\b\w*$", "", common) if common[-1:].isalnum() else common
    common = common.rstrip(" -–—,/|(:")
    return common if len(common) >= 8 else titles[0]


def flattened(row: Row) -> Iterator[Row]:
    """The variants that a record of the Agentic Commerce Protocol's feed nests, a row each.

    What a variant does not say is taken from its product. Whole amounts beside a currency are in
    its minor unit (1999 USD is $19.99), as the protocol has them.
    """
    if isinstance(row, BadRow) or not isinstance(row.fields.get("variants"), list):
        yield row if isinstance(row, BadRow) else RawRow(row.line, _one(row.fields, {}))
        return
    product = row.fields
    members = [v for v in product["variants"] if isinstance(v, dict)]
    if not members:
        yield BadRow(row.line, "no variant")
    for member in members:
        yield RawRow(row.line, _one(member, product))


def _one(variant: dict[str, Any], product: dict[str, Any]) -> dict[str, Any]:
    # Keys that are no part of the protocol go along, so that what is not allowed is refused.
    both = {k: v for k, v in {**product, **variant}.items() if k != "variants"}
    options: dict[str, str] = {}
    for option in both.get("variant_options") or both.get("options") or ():
        if isinstance(option, dict) and option.get("name"):
            options[str(option["name"])] = str(option.get("value") or "")
    color, size = pop(options, "color", "colour"), pop(options, "size")
    available = both.get("availability")
    if isinstance(available, dict):
        available = available.get("status") or available.get("available")
    return both | {
        "group": product.get("id"),
        "brand": _text(both.get("brand")),
        "price": _major(both.get("price")),
        "list_price": _major(both.get("list_price") or both.get("compare_at_price")),
        "colors": [color] if color else both.get("color"),
        "sizes": [size] if size else both.get("size"),
        "categories": _categories(both),
        "description": _text(both.get("description")),
        "image": both.get("image") or _picture(both.get("media")),
        "stock": both.get("stock", available),
        "attributes": options,
    }


def pop(options: dict[str, str], *names: str) -> str:
    """Take the option of one of some names (lower case) out, empty where there is none."""
    for name in list(options):
        if name.lower() in names:
            return options.pop(name)
    return ""


def _text(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return next((value[k] for k in ("plain", "name", "html", "markdown") if value.get(k)), None)


def _picture(media: Any) -> Any:
    for member in media if isinstance(media, list) else ():
        if isinstance(member, dict) and member.get("type") in (None, "image"):
            return member.get("url")
    return None


def _categories(both: dict[str, Any]) -> Any:
    found = both.get("categories") or both.get("category") or both.get("product_category")
    if isinstance(found, list):
        named = [_text(c) if isinstance(c, dict) and "name" in c else _value(c) for c in found]
        return [part for name in named for part in str(name or "").split(" > ")]
    return found


def _value(category: Any) -> Any:
    return category.get("value") if isinstance(category, dict) else category


@lru_cache
def _minor_digits(currency: str) -> int:
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(currency))


def _major(price: Any) -> Any:
    if not isinstance(price, dict):
        return price
    amount, code = price.get("amount"), str(price.get("currency") or "").upper()
    if isinstance(amount, int) and not isinstance(amount, bool) and code:
        whole = Decimal(amount).scaleb(-_minor_digits(code))
        return {"amount": f"{whole:f}", "currency": code}
    return price
