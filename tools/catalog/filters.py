"""Which rows of a catalogue meet limits: every filter of `Constraints`, exact, as boolean masks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Columns
from tools.catalog.lexical import Lexicon
from tools.catalog.store import ProductReader
from tools.catalog.units import find_quantities, parse_quantity, to_base, units_of
from tools.catalog.vocabulary import Field, Vocabulary, field_name
from tools.catalog.words import stem, stems
from tools.domain import AttributeLimit, Constraints, Strength

Mask = NDArray[np.bool_]

SET_FIELDS: Mapping[str, Field] = {
    "brands": "brand",
    "colors": "color",
    "categories": "category",
    "sizes": "size",
}
SELECTING = (
    "price_lower",
    "price_upper",
    *SET_FIELDS,
    "attributes",
    *(f"exclude.{name}" for name in (*SET_FIELDS, "attributes")),
    "min_rating",
    "on_sale",
    "must_exclude",
)
"""The paths of `Constraints` that select items; the others are about sets of items."""


# A shop that says nowhere whom its things are for is not searched for it.
AUDIENCES = frozenset({"men", "women", "kid", "boy", "girl", "unisex", "adult", "baby"})
# Masks of words that are kept: a turn asks for the same few again and again.
_REMEMBERED = 64


@dataclass
class _AttributeColumn:
    """One attribute of all rows: entries with their text, or number and kind of unit."""

    rows: NDArray[np.int64]
    texts: list[str | None]
    numbers: NDArray[np.float64]
    kinds: NDArray[np.object_]


class Filters:
    """Turns limits into masks over the rows of one catalogue.

    Args:
        columns: the filter columns.
        vocabulary: how the catalogue calls things.
        reader: for attributes and titles, which are read when first asked for.
        lexicon: which rows hold which words.
        currency: of the catalogue, None when it has no prices.
        priced: whether it has prices.
    """

    def __init__(
        self,
        columns: Columns,
        vocabulary: Vocabulary,
        reader: ProductReader,
        lexicon: Lexicon,
        *,
        currency: str | None,
        priced: bool,
    ) -> None:
        self.columns = columns
        self.vocabulary = vocabulary
        self.currency = currency
        self.priced = priced
        self._reader = reader
        self._lexicon = lexicon
        self._attributes: dict[str, _AttributeColumn] = {}
        self._quantities: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        self._codes: dict[Field, dict[str, int]] = {}
        self._remembered: dict[tuple[Field, str], Mask] = {}

    def __len__(self) -> int:
        return len(self.columns.price)

    @cached_property
    def available(self) -> Mask:
        """Rows that are not out of stock; an unknown stock counts as available."""
        return np.asarray(self.columns.stock != 0)

    @cached_property
    def on_sale(self) -> Mask:
        """Rows that sell below their list price."""
        return np.asarray(self.columns.list_price > self.columns.price)

    def _title_quantities(self, kind: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The quantities of one kind in the titles: their rows, and numbers in base units."""
        if kind not in self._quantities:
            rows = self._lexicon.titles_measuring(units_of(kind))
            held: list[tuple[int, float]] = []
            for row, title in zip(
                rows.tolist(), self._reader.titles_of(rows.tolist()), strict=True
            ):
                for quantity in find_quantities(title):
                    found, factor = to_base(quantity.unit)
                    if (found or stem(quantity.unit)) == kind:
                        held.append((row, quantity.number * factor))
            self._quantities[kind] = (
                np.array([row for row, _ in held], np.int64),
                np.array([number for _, number in held], np.float64),
            )
        return self._quantities[kind]

    def unapplied(self, constraints: Constraints) -> dict[str, str]:
        """Path -> one sentence, for limits that stand but cannot be applied here.

        Prices in another currency, and prices in a catalogue that has none.
        """
        reasons: dict[str, str] = {}
        for field in ("price_lower", "price_upper"):
            if constraints.value(field) is None:
                continue
            if not self.priced:
                reasons[field] = "the catalogue has no prices, so the price limit is not applied"
            elif constraints.currency not in (None, self.currency):
                reasons[field] = (
                    f"the price limit is in {constraints.currency} and the catalogue in "
                    f"{self.currency}, so it is shown, not applied"
                )
        if constraints.on_sale is not None and not self.priced:
            reasons["on_sale"] = "the catalogue has no prices, so nothing is known to be on sale"
        return reasons

    def applied(
        self, constraints: Constraints, strength: Strength | None = None
    ) -> tuple[str, ...]:
        """The paths that select items here, of one strength or of both."""
        skipped = self.unapplied(constraints)
        return tuple(
            path
            for path in constraints.standing()
            if path in SELECTING
            and path not in skipped
            and strength in (None, constraints.provenance[path].strength)
        )

    def matching(self, constraints: Constraints, strength: Strength | None = "hard") -> Mask:
        """Rows that are in stock and meet every applicable limit of a strength.

        Args:
            constraints: the limits.
            strength: "hard", "soft", or None for both.

        Returns:
            Boolean mask (n,).
        """
        mask = self.available.copy()
        for path in self.applied(constraints, strength):
            mask &= self.one(constraints, path)
        return mask

    def soft_relevance(self, constraints: Constraints) -> NDArray[np.float64]:
        """Share of the soft limits that each row meets, in [0, 1]; ones when there are none."""
        paths = self.applied(constraints, "soft")
        if not paths:
            return np.ones(len(self))
        met = np.zeros(len(self))
        for path in paths:
            met += self.one(constraints, path)
        return met / len(paths)

    def one(self, constraints: Constraints, path: str) -> Mask:
        """Rows that meet the limit under one path of `SELECTING`, stock aside."""
        value = constraints.value(path)
        if path == "price_lower":
            return np.asarray(self.columns.price >= float(value))
        if path == "price_upper":
            return np.asarray(self.columns.price <= float(value))
        if path == "min_rating":
            return np.asarray(self.columns.rating >= value)
        if path == "on_sale":
            return self.on_sale if value else ~self.on_sale
        if path == "must_exclude":
            return ~self.rows_of(value)
        if path == "attributes":
            return self._all(self.attribute(limit) for limit in value)
        if path == "exclude.attributes":
            return ~self._any(self.attribute(limit) for limit in value)
        field = SET_FIELDS[path.removeprefix("exclude.")]
        if not path.startswith("exclude."):
            return self._any(self.word(field, word) for word in value)
        if field == "size":
            # A product that comes in S, M and L is not ruled out by "not in S".
            codes = [c for word in value for c in self._codes_of(field, word)]
            return ~self.columns.members[field].only_of(codes, self._count(field))
        return ~self._any(self.word(field, word) for word in value)

    def _all(self, masks: Iterable[Mask]) -> Mask:
        found = np.ones(len(self), bool)
        for mask in masks:
            found &= mask
        return found

    def _any(self, masks: Iterable[Mask]) -> Mask:
        found = np.zeros(len(self), bool)
        for mask in masks:
            found |= mask
        return found

    def rows_of(self, ids: Sequence[str]) -> Mask:
        """Mask of the rows with these ids; ids that are not there are passed over."""
        mask = np.zeros(len(self), bool)
        mask[list(self._reader.rows_of(ids).values())] = True
        return mask

    def _count(self, field: Field) -> int:
        return len(self.vocabulary.values(field))

    def _codes_of(self, field: Field, word: str) -> list[int]:
        if field not in self._codes:
            self._codes[field] = {v: i for i, v in enumerate(self.vocabulary.values(field))}
        return [self._codes[field][value] for value in self.vocabulary.match(field, word)]

    def word(self, field: str, word: str) -> Mask:
        """Rows that carry what a shopper's word stands for, stock aside.

        A product that names no brand, colour or category of its own speaks by its title; and so
        do all products for a category that the catalogue does not know ("hammer" under "Tools").

        Args:
            field: brand, color, category or size.
            word: the shopper's word.
        """
        named = field_name(field)
        key = (named, word)
        if key not in self._remembered:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = self._word(named, word)
        return self._remembered[key]

    def _word(self, field: Field, word: str) -> Mask:
        codes = self._codes_of(field, word)
        members = self.columns.members[field]
        mask = members.any_of(codes, self._count(field))
        if field == "size":
            return mask
        if field == "category" and codes:
            # "men's running shoes": of the running shoes, those that say "men" somewhere.
            for part in self.vocabulary.narrowed(word)[0].split():
                said = self._saying(part)
                if said.any() or part not in AUDIENCES:
                    mask = mask & said
        if field == "category" and not codes:
            return mask | self.in_titles(word)
        silent = np.diff(members.starts) == 0
        if silent.any():
            mask = mask | (silent & self.in_titles(word))
        return mask

    def _saying(self, word: str) -> Mask:
        codes = self._codes_of("category", word)
        named = self.columns.members["category"].any_of(codes, self._count("category"))
        return named | self.in_titles(word)

    def in_titles(self, word: str) -> Mask:
        """Rows whose titles hold all words of a phrase, in any order and number."""
        mask = np.zeros(len(self), bool)
        mask[self._lexicon.titles_holding(frozenset(stems(word)))] = True
        return mask

    def attribute(self, limit: AttributeLimit) -> Mask:
        """Rows that meet a wish about one attribute, stock aside.

        Numbers compare in the unit's base; a limit without a unit takes the unit that the
        catalogue uses. An attribute that the catalogue does not carry is looked for in the titles.
        """
        names = self.vocabulary.match_attribute(limit.name)
        if names:
            return self._any(self._in_column(self._column(name), limit, name) for name in names)
        if limit.values:
            return self._any(self.in_titles(value) for value in limit.values)
        return self._in_title_quantities(limit)

    def _column(self, name: str) -> _AttributeColumn:
        if name not in self._attributes:
            entries = list(self._reader.attribute(name))
            self._attributes[name] = _AttributeColumn(
                np.array([e[0] for e in entries], np.int64),
                [e[1] for e in entries],
                np.array([np.nan if e[2] is None else e[2] for e in entries], np.float64),
                np.array([e[3] for e in entries], object),
            )
        return self._attributes[name]

    def _in_column(self, column: _AttributeColumn, limit: AttributeLimit, name: str) -> Mask:
        hits = np.zeros(len(column.rows), bool)
        if limit.values:
            hits |= self._value_hits(column, limit.values)
        if limit.lower is not None or limit.upper is not None:
            kind, factor = to_base(limit.unit or self.vocabulary.attributes[name].unit)
            numbers = column.numbers
            inside = np.asarray(column.kinds == kind)
            slack = 1e-9 * np.abs(numbers)
            if limit.lower is not None:
                inside &= numbers >= limit.lower * factor - slack
            if limit.upper is not None:
                inside &= numbers <= limit.upper * factor + slack
            hits |= inside
        mask = np.zeros(len(self), bool)
        mask[column.rows[hits]] = True
        return mask

    def _value_hits(self, column: _AttributeColumn, values: Sequence[str]) -> Mask:
        hits = np.zeros(len(column.rows), bool)
        held = [None if t is None else stem(t) for t in column.texts]
        for value in values:
            wanted = stem(value)
            exact = np.fromiter((h == wanted for h in held), bool, len(held))
            if not exact.any():
                # "cotton" also stands in "100% cotton".
                words = set(wanted.split())
                exact = np.fromiter(
                    (h is not None and words <= set(h.split()) for h in held), bool, len(held)
                )
            hits |= exact
            quantity = parse_quantity(value)
            if quantity is not None:
                kind, factor = to_base(quantity.unit)
                number = quantity.number * factor
                near = np.abs(column.numbers - number) <= 1e-9 * abs(number)
                hits |= near & np.asarray(column.kinds == kind)
        return hits

    def _in_title_quantities(self, limit: AttributeLimit) -> Mask:
        kind, factor = to_base(limit.unit)
        rows, numbers = self._title_quantities(kind or stem(limit.unit or limit.name))
        inside = np.ones(len(rows), bool)
        if limit.lower is not None:
            inside &= numbers >= limit.lower * factor * (1 - 1e-9)
        if limit.upper is not None:
            inside &= numbers <= limit.upper * factor * (1 + 1e-9)
        mask = np.zeros(len(self), bool)
        mask[rows[inside]] = True
        return mask
