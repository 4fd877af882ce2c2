"""The changes that an update asks for: gathered, checked, and not yet written anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

from tools.catalog.columns import guess_columns
from tools.catalog.parse import RowParser, reason_kind
from tools.catalog.rows import BadRow
from tools.catalog.source import open_source
from tools.catalog.values import Unusable
from tools.catalog.variants import Row, fold_variants
from tools.domain import Product
from tools.errors import CatalogError

Find = Callable[[Sequence[str]], dict[str, Product]]
"""Ids -> the products as they stand, for those that are in the catalogue."""
_BATCH = 1000

T = TypeVar("T")


class Asked(TypedDict, total=False):
    """What an update is to change."""

    upsert: Path | None
    """A file of products, in any format that `build_catalog` takes."""
    products: Sequence[Product]
    """Products as such, besides."""
    delete: Sequence[str]
    """Ids to take out."""
    columns: Mapping[str, str | None] | None
    """Field -> column of the file, where the guess by name is wrong."""
    where: Mapping[str, str] | None
    """Column -> value; only rows that say so are taken."""


@dataclass(frozen=True)
class UpdateReport:
    """What an update did."""

    catalog: Path | str
    """The folder, or the server's address without its secrets."""
    rows: int
    """Products now."""
    added: int
    changed: int
    deleted: int
    unknown_deletions: tuple[str, ...]
    """Ids that were to be deleted and are not in the catalogue; at most a hundred of them."""
    quarantined: int
    reasons: dict[str, int]
    encoded: int
    """Texts that were encoded; price and stock changes need none."""
    version: str
    seconds: float
    mapping: dict[str, str]
    """Field -> column of the file that was read."""
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data, paths as text."""
        return asdict(self) | {"catalog": str(self.catalog)}


class Changes:
    """Upserts and deletions for one catalogue.

    Args:
        find: the products as they stand.
        currency: of the catalogue.
        priced: whether it has prices.
    """

    def __init__(self, find: Find, currency: str | None, priced: bool) -> None:
        self._find = find
        self._currency = currency
        self._priced = priced
        self._asked: set[str] = set()
        self._standing: dict[str, Product] = {}
        self.deleted: dict[str, Product] = {}
        """Id -> product, for what goes."""
        self.unknown: list[str] = []
        """Ids that were to go and are not there."""
        self.fresh: dict[str, Product] = {}
        """Id -> product, for what is written."""
        self.refused: list[dict[str, Any]] = []
        self.mapping: dict[str, str] = {}

    @classmethod
    def of(cls, find: Find, currency: str | None, priced: bool, **asked: Unpack[Asked]) -> Changes:
        """All changes that an update asks for; deletions come first.

        Raises:
            CatalogError: the file as a whole cannot be used, or a product has no usable price.
        """
        changes = cls(find, currency, priced)
        changes.delete(asked.get("delete", ()))
        changes.put(asked.get("products", ()))
        if (upsert := asked.get("upsert")) is not None:
            changes.read(Path(upsert), asked.get("columns"), asked.get("where"))
        return changes

    @property
    def changed(self) -> dict[str, tuple[Product, Product]]:
        """Id -> product before and after, for what is really another one."""
        return {
            i: (self._standing[i], p)
            for i, p in self.fresh.items()
            if i in self._standing and i not in self.deleted and p != self._standing[i]
        }

    @property
    def added(self) -> list[Product]:
        """Products whose ids the catalogue does not have, or that were deleted just before."""
        return [p for i, p in self.fresh.items() if i not in self._standing or i in self.deleted]

    def _fetch(self, ids: Sequence[str]) -> None:
        if missing := [i for i in dict.fromkeys(ids) if i not in self._asked]:
            self._asked.update(missing)
            self._standing.update(self._find(missing))

    def _before(self, product_id: str) -> Product | None:
        """The product that a row changes, if there is one."""
        if product_id in self.fresh:
            return self.fresh[product_id]
        return None if product_id in self.deleted else self._standing.get(product_id)

    def delete(self, ids: Sequence[str]) -> None:
        """Take products out."""
        self._fetch(ids)
        for product_id in dict.fromkeys(ids):
            if product_id in self._standing:
                self.deleted[product_id] = self._standing[product_id]
            else:
                self.unknown.append(product_id)

    def put(self, products: Sequence[Product]) -> None:
        """Add products, or put them in the place of those with their ids.

        Raises:
            CatalogError: a price does not suit the catalogue.
        """
        self._fetch([p.id for p in products])
        for given in products:
            product, price = given, given.price
            if self._priced and (price is None or price.currency != self._currency):
                raise CatalogError(f"{product.id!r} has no price in {self._currency}")
            if not self._priced and price is not None:
                product = product.model_copy(update={"price": None, "list_price": None})
            self.fresh[product.id] = product

    def read(
        self,
        path: Path,
        columns: Mapping[str, str | None] | None = None,
        where: Mapping[str, str] | None = None,
    ) -> None:
        """Take the rows of a file; what cannot be used is kept in `refused`.

        Raises:
            CatalogError: the file as a whole cannot be used.
        """
        source = open_source(path, where)
        self.mapping = guess_columns(source.columns, columns, need="id")
        parser = RowParser(self.mapping, source.columns, self._currency, self._priced)
        lines: dict[str, int] = {}
        rows = (row for row, _ in fold_variants(source.rows(), self.mapping))
        for part in batches(rows, _BATCH):
            self._fetch(_ids(part, parser))
            for row in part:
                self._take(row, parser, lines)

    def _take(self, row: Row, parser: RowParser, lines: dict[str, int]) -> None:
        if isinstance(row, BadRow):
            self.refused.append({"line": row.line, "reason": row.reason})
            return
        try:
            product_id = parser.id_of(row.fields)
            if product_id in lines:
                raise Unusable(f"duplicate id {product_id!r}, first on line {lines[product_id]}")
            standing = self._before(product_id)
            if standing is None:
                self.fresh[product_id] = parser(row.fields, product_id)
            else:
                self.fresh[product_id] = parser.overlaid(standing, row.fields)
            lines[product_id] = row.line
        except Unusable as unusable:
            shown = {str(k)[:80]: str(v)[:500] for k, v in list(row.fields.items())[:50]}
            self.refused.append({"line": row.line, "reason": str(unusable), "row": shown})

    def report(
        self, *, catalog: Path | str, rows: int, encoded: int, version: str, seconds: float
    ) -> UpdateReport:
        """What was done, once it is written."""
        warnings = []
        if self.refused:
            warnings.append(f"{len(self.refused)} rows were not usable and are quarantined")
        if self.unknown:
            warnings.append(f"{len(self.unknown)} of the ids to delete are not in the catalogue")
        reasons = Counter(reason_kind(entry["reason"]) for entry in self.refused)
        return UpdateReport(
            catalog=catalog,
            rows=rows,
            added=len(self.added),
            changed=len(self.changed),
            deleted=len(self.deleted),
            unknown_deletions=tuple(self.unknown[:100]),
            quarantined=len(self.refused),
            reasons=dict(reasons.most_common()),
            encoded=encoded,
            version=version,
            seconds=round(seconds, 3),
            mapping=self.mapping,
            warnings=tuple(warnings),
        )


def _ids(rows: Sequence[Row], parser: RowParser) -> list[str]:
    found = []
    for row in rows:
        if not isinstance(row, BadRow):
            try:
                found.append(parser.id_of(row.fields))
            except Unusable:
                continue  # Refused with its reason when its turn comes.
    return found


def batches(members: Iterator[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` members, the last one shorter."""
    while part := list(islice(members, size)):
        yield part
