"""The filters of `Constraints` as conditions of SQL, the same as the masks of `filters.py`.

Every condition is a fixed text with places for parameters; no word of a shop or a shopper ever
becomes part of a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tools.catalog.filters import AUDIENCES, SET_FIELDS
from tools.catalog.postgres_schema import folded, storable
from tools.catalog.units import parse_quantity, to_base
from tools.catalog.vocabulary import Field, Vocabulary, field_name
from tools.catalog.words import stem, stems
from tools.domain import AttributeLimit, Constraints

Part = tuple[str, list[Any]]
"""A condition on the products `p`, never NULL, and its parameters."""
Asks = Callable[[str, list[Any]], bool]
"""Whether a product in force meets a condition."""

NEVER: Part = ("FALSE", [])
AVAILABLE: Part = ("p.stock IS DISTINCT FROM 0", [])
_CARRIES = {
    "brand": "(p.brand IS NOT NULL AND p.brand = ANY(%s))",
    "color": "p.colors && %s::text[]",
    "category": "p.categories && %s::text[]",
    "size": "p.sizes && %s::text[]",
}
_SILENT = {
    "brand": "p.brand IS NULL",
    "color": "cardinality(p.colors) = 0",
    "category": "cardinality(p.categories) = 0",
}


def both(parts: Iterable[Part]) -> Part:
    """All of some conditions."""
    return _joined(parts, " AND ", "TRUE")


def either(parts: Iterable[Part]) -> Part:
    """At least one of some conditions."""
    return _joined(parts, " OR ", "FALSE")


def _joined(parts: Iterable[Part], mark: str, empty: str) -> Part:
    held = list(parts)
    if not held:
        return empty, []
    return "(" + mark.join(text for text, _ in held) + ")", [v for _, vs in held for v in vs]


def in_force(number: int) -> Part:
    """What the version of some number shows."""
    return "p.born <= %s AND (p.died IS NULL OR p.died > %s)", [number, number]


def opposite(part: Part) -> Part:
    """What does not meet a condition."""
    return f"NOT {part[0]}", part[1]


def in_titles(phrase: str) -> Part:
    """Titles that hold all words of a phrase."""
    words = sorted(set(stems(phrase)))
    return ("p.title_words @> %s::text[]", [words]) if words else NEVER


class Conditions:
    """Turns limits into conditions for one version of a catalogue.

    Args:
        vocabulary: how the catalogue calls things.
        any_product: asks the server whether a product in force meets a condition.
    """

    def __init__(self, vocabulary: Vocabulary, any_product: Asks) -> None:
        self._vocabulary = vocabulary
        self._any_product = any_product

    def one(self, constraints: Constraints, path: str) -> Part:
        """The limit under one path of `filters.SELECTING`, stock aside."""
        value = constraints.value(path)
        if path == "price_lower":
            return "(p.price IS NOT NULL AND p.price >= %s)", [float(value)]
        if path == "price_upper":
            return "(p.price IS NOT NULL AND p.price <= %s)", [float(value)]
        if path == "min_rating":
            return "(p.rating IS NOT NULL AND p.rating >= %s)", [value]
        if path == "on_sale":
            sale: Part = "coalesce(p.list_price > p.price, FALSE)", []
            return sale if value else opposite(sale)
        if path == "must_exclude":
            return "p.id <> ALL(%s)", [storable(value)]
        if path == "attributes":
            return both(self.attribute(limit) for limit in value)
        if path == "exclude.attributes":
            return opposite(either(self.attribute(limit) for limit in value))
        field = SET_FIELDS[path.removeprefix("exclude.")]
        if not path.startswith("exclude."):
            return either(self.word(field, word) for word in value)
        if field == "size":
            sizes = [v for word in value for v in self._values(field, word)]
            return "NOT (cardinality(p.sizes) > 0 AND p.sizes <@ %s::text[])", [sizes]
        return opposite(either(self.word(field, word) for word in value))

    def _values(self, field: Field, word: str) -> list[str]:
        return [folded(v) for v in self._vocabulary.match(field, word)]

    def word(self, field: str, word: str) -> Part:
        """Products that carry what a shopper's word stands for (`filters.Filters.word`)."""
        named = field_name(field)
        values = self._values(named, word)
        carried: Part = (_CARRIES[named], [values]) if values else NEVER
        if named == "size":
            return carried
        if named == "category":
            if not values:
                return in_titles(word)
            for part in self._vocabulary.narrowed(word)[0].split():
                said = either([self._category(part), in_titles(part)])
                if part not in AUDIENCES or self._any_product(*said):
                    carried = both([carried, said])
        silent: Part = _SILENT[named], []
        return either([carried, both([silent, in_titles(word)])])

    def _category(self, word: str) -> Part:
        values = self._values("category", word)
        return (_CARRIES["category"], [values]) if values else NEVER

    def attribute(self, limit: AttributeLimit) -> Part:
        """Products that meet a wish about one attribute (`filters.Filters.attribute`)."""
        names = self._vocabulary.match_attribute(limit.name)
        if names:
            return either(self._named(name, limit) for name in names)
        if limit.values:
            return either(in_titles(value) for value in limit.values)
        return _title_quantity(limit)

    def _named(self, name: str, limit: AttributeLimit) -> Part:
        hits = [hit for value in limit.values for hit in self._value_hits(name, value)]
        if limit.lower is not None or limit.upper is not None:
            kind, factor = to_base(limit.unit or self._vocabulary.attributes[name].unit)
            inside: list[Part] = [("a.kind = %s", [kind])]
            if limit.lower is not None:
                inside.append(("a.number >= %s - 1e-9 * abs(a.number)", [limit.lower * factor]))
            if limit.upper is not None:
                inside.append(("a.number <= %s + 1e-9 * abs(a.number)", [limit.upper * factor]))
            hits.append(both(inside))
        return _has_attribute(name, either(hits))

    def _value_hits(self, name: str, value: str) -> Sequence[Part]:
        wanted = stem(value)
        same: Part = "a.stemmed = %s", [wanted]
        if not self._any_product(*_has_attribute(name, same)):
            # "cotton" also stands in "100% cotton".
            words = wanted.split()
            same = "string_to_array(a.stemmed, ' ') @> %s::text[]", [words]
        quantity = parse_quantity(value)
        if quantity is None:
            return [same]
        kind, factor = to_base(quantity.unit)
        number = quantity.number * factor
        near: Part = (
            "(a.kind = %s AND abs(a.number - %s) <= 1e-9 * abs(%s::double precision))",
            [kind, number, number],
        )
        return [same, near]


def _has_attribute(name: str, hit: Part) -> Part:
    text = (
        f"EXISTS (SELECT 1 FROM attributes a WHERE a.attrs = p.attrs AND a.name = %s AND {hit[0]})"
    )
    return text, [name, *hit[1]]


def _title_quantity(limit: AttributeLimit) -> Part:
    kind, factor = to_base(limit.unit)
    low = float("-inf") if limit.lower is None else limit.lower * factor
    high = float("inf") if limit.upper is None else limit.upper * factor
    return (
        "EXISTS (SELECT 1 FROM unnest(p.quantity_kinds, p.quantity_numbers) q(kind, number) "
        "WHERE q.kind = %s AND q.number BETWEEN %s AND %s)",
        [kind or stem(limit.unit or limit.name), low * (1 - 1e-9), high * (1 + 1e-9)],
    )
