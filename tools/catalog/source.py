"""A shop's file as the importer sees it: rows of known dialects brought to one shape.

Dialects that are recognised by their columns: the Shopify product export (several lines a
product), Amazon-M2's products_train.csv (the currency follows the locale), and every feed that
groups variants (Google Merchant) or nests them (Agentic Commerce Protocol).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tools.catalog.rows import BadRow, RawRow, column_names, kind_of, read_rows
from tools.catalog.variants import ACP_COLUMNS, Row, flattened, gathered, pop
from tools.errors import CatalogError

_SHOPIFY = frozenset({"Handle", "Title", "Variant Price"})
_ACP = frozenset({"id", "title", "variants"})
_NESTED = frozenset({*ACP_COLUMNS, "variants", "variant_options", "options", "media", "color",
                     "size", "availability"})  # fmt: skip
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
            # Lines of one handle may stand apart when an export was sorted by something else.
            rows = self._shopify(gathered(rows, lambda row: row.fields.get("Handle")))
        elif self.dialect == "acp":
            rows = (variant for row in rows for variant in flattened(row))
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
            color = pop(chosen, "color", "colour", "farbe", "couleur")
            size = pop(chosen, "size", "grösse", "größe", "taille", "talla")
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
    elif kind in {"json", "jsonl"} and set(columns) >= _ACP:
        dialect, columns = "acp", [*ACP_COLUMNS, *(c for c in columns if c not in _NESTED)]
    elif set(columns) >= _AMAZON_M2:
        dialect, columns = "amazon-m2", [*columns, "currency"]
    if unknown := sorted(set(where or {}) - set(columns)):
        raise CatalogError(f"the file has no column {unknown[0]!r} to choose rows by")
    return Source(path, kind, dialect, columns, dict(where or {}))
