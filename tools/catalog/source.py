"""A shop's file as the importer sees it: rows of known dialects brought to one shape.

Dialects that are recognised by their columns: the Shopify product export (several lines a
product), Amazon-M2's products_train.csv (the currency follows the locale), and every feed that
groups variants (Google Merchant, Agentic Commerce Protocol).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tools.catalog.rows import BadRow, RawRow, column_names, kind_of, read_rows
from tools.errors import CatalogError

Row = RawRow | BadRow
_MAX_GROUP = 1000

_SHOPIFY = frozenset({"Handle", "Title", "Variant Price"})
_AMAZON_M2 = frozenset({"id", "locale", "title", "price", "model", "author", "desc"})
_LOCALE_CURRENCY = {"UK": "GBP", "DE": "EUR", "FR": "EUR", "IT": "EUR", "ES": "EUR", "JP": "JPY"}
# Amazon-M2 writes this where it knows no price.
_M2_NO_PRICE = "40000000"


@dataclass
class Source:
    """A file, its dialect and its columns.

    Args of the constructor come from `open_source`.
    """

    path: Path
    kind: str
    dialect: str
    columns: list[str]
    where: Mapping[str, str] = field(default_factory=dict)
    skipped: int = 0
    """Rows that `where` or the shop itself (drafts) left out in the last reading."""

    def rows(self) -> Iterator[Row]:
        """Every row in order, in the shape of `columns`.

        Raises:
            CatalogError: the file as a whole cannot be read.
        """
        self.skipped = 0
        rows: Iterable[Row] = read_rows(self.path)
        if self.dialect == "shopify":
            rows = self._shopify(rows)
        elif self.dialect == "amazon-m2":
            rows = map(_from_amazon_m2, rows)
        for row in rows:
            if isinstance(row, RawRow) and any(
                str(row.fields.get(column)) != value for column, value in self.where.items()
            ):
                self.skipped += 1
            else:
                yield row

    def _shopify(self, rows: Iterable[Row]) -> Iterator[Row]:
        held: list[RawRow] = []
        for row in rows:
            if isinstance(row, BadRow):
                yield row
                continue
            if held and row.fields.get("Handle") != held[0].fields.get("Handle"):
                yield from self._shopify_product(held)
                held = []
            held.append(row)
        if held:
            yield from self._shopify_product(held)

    def _shopify_product(self, rows: list[RawRow]) -> Iterator[Row]:
        first = rows[0].fields
        status = str(first.get("Status") or "active").lower()
        if status != "active" or str(first.get("Published") or "true").lower() == "false":
            self.skipped += len(rows)
            return
        names = [str(first.get(f"Option{i} Name") or "").strip() for i in (1, 2, 3)]
        keys: dict[tuple[str, str], str] = {}
        for row in rows:
            get = row.fields.get
            price = str(get("Variant Price") or "").strip()
            options = [str(get(f"Option{i} Value") or "").strip() for i in (1, 2, 3)]
            if row is not rows[0] and not price and not any(options):
                continue  # A further picture of the same product.
            chosen = {n: v for n, v in zip(names, options, strict=True) if n and n != "Title" and v}
            color = _pop(chosen, "color", "colour", "farbe", "couleur")
            size = _pop(chosen, "size", "grösse", "größe", "taille", "talla")
            handle = str(first.get("Handle") or "")
            key = (color, price)
            if key not in keys:
                base = f"{handle}-{_slug(color)}" if color and len(rows) > 1 else handle
                taken = set(keys.values())
                keys[key] = base if base not in taken else f"{base}-{len(keys) + 1}"
            kind = first.get("Product Category") or first.get("Type")
            yield RawRow(
                row.line,
                {
                    "id": keys[key],
                    "group": handle,
                    "title": first.get("Title"),
                    "brand": first.get("Vendor"),
                    "price": price,
                    "list_price": get("Variant Compare At Price"),
                    "colors": [color] if color else [],
                    "sizes": [size] if size else [],
                    "categories": kind,
                    "description": first.get("Body (HTML)"),
                    "image": get("Variant Image") or first.get("Image Src"),
                    "stock": get("Variant Inventory Qty"),
                    "attributes": chosen,
                },
            )


_SHOPIFY_COLUMNS = ["id", "group", "title", "brand", "price", "list_price", "colors", "sizes",
                    "categories", "description", "image", "stock", "attributes"]  # fmt: skip


def _pop(chosen: dict[str, str], *names: str) -> str:
    for name in list(chosen):
        if name.lower() in names:
            return chosen.pop(name)
    return ""


def _slug(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.casefold()).strip("-")


def _from_amazon_m2(row: Row) -> Row:
    if isinstance(row, BadRow):
        return row
    fields = dict(row.fields)
    fields["currency"] = _LOCALE_CURRENCY.get(str(fields.get("locale")), "")
    if str(fields.get("price") or "").startswith(_M2_NO_PRICE):
        fields["price"] = ""
    return replace(row, fields=fields)


def open_source(path: Path, where: Mapping[str, str] | None = None) -> Source:
    """Recognise a file.

    Args:
        path: CSV, TSV, JSON Lines, JSON, XML feed (each plain or gzip) or Parquet.
        where: column -> value; only rows that say so are read ("locale" -> "UK").

    Raises:
        CatalogError: it is missing, empty or nothing of the kind, or `where` names no column.
    """
    kind = kind_of(path)
    columns = column_names(path)
    dialect = kind
    if set(columns) >= _SHOPIFY:
        dialect, columns = "shopify", list(_SHOPIFY_COLUMNS)
    elif set(columns) >= _AMAZON_M2:
        dialect, columns = "amazon-m2", [*columns, "currency"]
    if unknown := sorted(set(where or {}) - set(columns)):
        raise CatalogError(f"the file has no column {unknown[0]!r} to choose rows by")
    return Source(path, kind, dialect, columns, dict(where or {}))


def fold_variants(rows: Iterable[Row], mapping: Mapping[str, str]) -> Iterator[tuple[Row, int]]:
    """Bring variants that differ in nothing but size into one row that carries all their sizes.

    Rows of one group that follow each other are folded when price, currency and colour agree;
    what differs in those stays a product of its own. Without a column for the group nothing is.

    Yields:
        A row and the number of rows that went into it.
    """
    group_column = mapping.get("group")
    if group_column is None:
        yield from ((row, 1) for row in rows)
        return
    held: list[RawRow] = []
    for row in rows:
        if isinstance(row, BadRow):
            yield row, 1
            continue
        group = row.fields.get(group_column)
        if held and (group != held[0].fields.get(group_column) or len(held) >= _MAX_GROUP):
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
