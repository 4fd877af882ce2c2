"""The words a catalogue knows: its brands, colours, categories, sizes and attribute values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from tools.catalog.words import (
    SIZE_SYNONYMS,
    SYNONYMS,
    SynonymTable,
    close_spelling,
    company,
    fold,
    heads,
    stem,
    stems,
)
from tools.colors import BASIC, basic_color, find_colors, synonyms
from tools.errors import CatalogError

Field = Literal["brand", "color", "category", "size"]
FIELDS: tuple[Field, ...] = ("brand", "color", "category", "size")
_PLURAL: Mapping[str, Field] = {
    "brands": "brand",
    "colors": "color",
    "categories": "category",
    "sizes": "size",
}


class ValueCount(BaseModel):
    """A value and the number of products that carry it."""

    model_config = ConfigDict(frozen=True)

    value: str
    count: int


class AttributeSummary(BaseModel):
    """What is known of one attribute over the whole catalogue."""

    model_config = ConfigDict(frozen=True)

    name: str
    count: int
    """Products that carry it."""
    values: tuple[ValueCount, ...] = ()
    """Its most frequent texts, at most 200."""
    lower: float | None = None
    upper: float | None = None
    """Range of its numbers, in `unit`."""
    unit: str = ""
    """The most frequent unit of its numbers."""


def field_name(name: str) -> Field:
    """`brand`, `color`, `category` or `size` from its singular or plural.

    Raises:
        CatalogError: any other name.
    """
    if name in FIELDS:
        return name
    if name in _PLURAL:
        return _PLURAL[name]
    raise CatalogError(f"{name!r} is not a vocabulary; there are: {', '.join(_PLURAL)}")


class Vocabulary:
    """What the catalogue calls things, and which of it a shopper's word means.

    Args:
        counts: field -> its values with counts, in the order of their codes.
        attributes: name -> summary.
        extra_synonyms: groups of phrases that mean one thing in this shop.
    """

    def __init__(
        self,
        counts: Mapping[Field, Sequence[tuple[str, int]]],
        attributes: Mapping[str, AttributeSummary],
        extra_synonyms: Iterable[Sequence[str]] = (),
    ) -> None:
        self._counts = {f: tuple(counts.get(f, ())) for f in FIELDS}
        # A value whose last product went keeps its code, but nobody is told of it.
        self._sold = {f: tuple(p for p in self._counts[f] if p[1]) for f in FIELDS}
        self.attributes = dict(attributes)
        self.synonyms = tuple(tuple(group) for group in extra_synonyms)
        self._synonyms = SynonymTable([*SYNONYMS, *self.synonyms])
        self._size_synonyms = SynonymTable([*SIZE_SYNONYMS, *self.synonyms])
        self._own_synonyms = SynonymTable(self.synonyms)
        self._remembered: dict[tuple[str, str], tuple[str, ...]] = {}

    def values(self, field: str) -> tuple[str, ...]:
        """All values of a field in the order of their codes."""
        return tuple(value for value, _ in self._counts[field_name(field)])

    def counts(self, field: str) -> dict[str, int]:
        """Value -> number of products, most frequent first."""
        return dict(sorted(self._sold[field_name(field)], key=lambda p: (-p[1], p[0])))

    def counts_in_order(self, field: str) -> tuple[tuple[str, int], ...]:
        """(value, number of products) in the order of codes, values that nobody carries too."""
        return self._counts[field_name(field)]

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """Brands, most frequent first."""
        return tuple(self.counts("brand"))

    @cached_property
    def colors(self) -> tuple[str, ...]:
        """Colours as the shop names them, most frequent first."""
        return tuple(self.counts("color"))

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Categories of every level, most frequent first."""
        return tuple(self.counts("category"))

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """Sizes, most frequent first."""
        return tuple(self.counts("size"))

    @cached_property
    def _folded(self) -> dict[Field, dict[str, list[str]]]:
        table: dict[Field, dict[str, list[str]]] = {f: {} for f in FIELDS}
        for field in FIELDS:
            for value, _ in self._sold[field]:
                keys = {fold(value), stem(value)}
                if field == "brand":
                    keys |= {company(value), fold(value).replace(" ", "")}
                for key in keys:
                    table[field].setdefault(key, []).append(value)
        return table

    @cached_property
    def _category_heads(self) -> dict[str, list[str]]:
        table: dict[str, list[str]] = {}
        for value, _ in self._sold["category"]:
            for head in heads(value):
                table.setdefault(head, []).append(value)
        return table

    @cached_property
    def _by_basic_color(self) -> dict[str, list[str]]:
        table: dict[str, list[str]] = {}
        for value, _ in self._sold["color"]:
            # "Black/White" is both; "Midnight Green" is what its last word says.
            terms = {term for part in value.split("/") if (term := basic_color(part))}
            for term in terms:
                table.setdefault(term, []).append(value)
        return table

    def match(self, field: str, word: str) -> tuple[str, ...]:
        """The catalogue's values that a shopper's word stands for; empty: not carried.

        Case, accents, punctuation, plurals, synonyms and small misspellings are forgiven.
        A colour matches by its exact name where the shop has that, else by its basic term; a
        category also takes in the narrower ones that end with it ("shoes": "Running Shoes"), and
        a phrase of several words falls back to its longest ending that is a category.

        Args:
            field: brand, color, category or size (or their plurals).
            word: what the shopper said or the screen showed.

        Raises:
            CatalogError: unknown field.
        """
        field = field_name(field)
        key = (field, word)
        if key not in self._remembered:
            if len(self._remembered) > 10_000:
                self._remembered.clear()
            finder = {
                "brand": self._match_brand,
                "color": self._match_color,
                "category": self._match_category,
                "size": self._match_size,
            }[field]
            found = finder(word) if fold(word) else []
            if field in ("brand", "color"):
                # Brands and colours have no synonyms but the shop's own.
                for other in self._own_synonyms(word)[1:]:
                    found = [*found, *finder(other)]
            self._remembered[key] = tuple(dict.fromkeys(found))
        return self._remembered[key]

    def _exact(self, field: Field, word: str) -> list[str]:
        table = self._folded[field]
        return table.get(fold(word)) or table.get(stem(word)) or []

    def _close(self, field: Field, word: str) -> list[str]:
        table = self._folded[field]
        near = close_spelling(fold(word), table)
        return [value for spelling in near for value in table[spelling]]

    def _match_brand(self, word: str) -> list[str]:
        table = self._folded["brand"]
        found = self._exact("brand", word) or table.get(company(word))
        found = found or table.get(fold(word).replace(" ", ""))
        if found:
            return found
        wanted = company(word).split()
        starting = [
            value
            for value, _ in self._sold["brand"]
            if len("".join(wanted)) > 1 and company(value).split()[: len(wanted)] == wanted
        ]
        return starting or self._close("brand", word)

    def _match_color(self, word: str) -> list[str]:
        basic = basic_color(word)
        exact = self._exact("color", word)
        if basic and fold(word) in (basic, *_plain_names(basic)):
            return list(dict.fromkeys([*exact, *self._by_basic_color.get(basic, [])]))
        if exact:
            return exact
        wanted = set(stems(word))
        containing = [v for v, _ in self._sold["color"] if wanted <= set(stems(v))]
        if containing:
            return containing
        if basic:
            return self._by_basic_color.get(basic, [])
        if near := self._close("color", word):
            return near
        spelt = close_spelling(fold(word), synonyms())
        return [v for s in spelt[:1] for v in self._match_color(s)]

    def _match_category(self, word: str) -> list[str]:
        if found := self._carried_category(word):
            return found
        near = close_spelling(stem(word), self._category_heads)
        if near:
            return [v for spelling in near for v in self._category_heads[spelling]]
        return self._match_category(self.narrowed(word)[1]) if self.narrowed(word)[1] else []

    def _carried_category(self, word: str) -> list[str]:
        for phrase in self._synonyms(word):
            found = [*self._exact("category", phrase), *self._category_heads.get(phrase, [])]
            if found:
                # The other words for the same thing count too, but never replace the shopper's.
                others = [v for p in self._synonyms(word) for v in self._category_heads.get(p, [])]
                return [*found, *others]
        return []

    def narrowed(self, word: str) -> tuple[str, str]:
        """A category phrase that is not carried as such, split into what narrows and what is.

        "men's running shoes" gives ("men", "running shoe") in a shop that has "Running Shoes":
        the longest ending that is a category. Both parts are empty when none is, and when the
        phrase as a whole is carried.
        """
        if self._carried_category(word):
            return "", ""
        words = stems(word)
        for cut in range(1, len(words)):
            ending = " ".join(words[cut:])
            if any(p in self._category_heads for p in self._synonyms(ending)):
                return " ".join(words[:cut]), ending
        return "", ""

    def _match_size(self, word: str) -> list[str]:
        found = self._exact("size", word)
        for phrase in self._size_synonyms(word):
            found = [*found, *self._exact("size", phrase)]
        if found:
            return found
        bare = fold(word).removeprefix("size ").strip()
        if bare != fold(word):
            return self._match_size(bare)
        if bare.replace(".", "").isdigit():
            return [v for v, _ in self._sold["size"] if bare in fold(v).split()]
        wanted = set(fold(word).split())
        return [v for v, _ in self._sold["size"] if wanted <= set(fold(v).split())]

    def match_attribute(self, name: str) -> tuple[str, ...]:
        """The catalogue's attribute names that a name stands for; empty: not carried.

        An exact name (case, accents, plural aside) wins; else names that hold all its words.
        """
        wanted = stem(name)
        exact = [n for n in self.attributes if stem(n) == wanted]
        if exact or not wanted:
            return tuple(exact)
        words = set(wanted.split())
        holding = [n for n in self.attributes if words <= set(stems(n))]
        if holding:
            return tuple(holding)
        near = close_spelling(wanted, [stem(n) for n in self.attributes])
        return tuple(n for n in self.attributes if stem(n) in near)

    def to_json(self) -> dict[str, Any]:
        """Plain data: values with counts in code order, and the attributes."""
        return {
            **{f: [list(p) for p in self._counts[f]] for f in FIELDS},
            "attributes": {n: a.model_dump(mode="json") for n, a in self.attributes.items()},
            "synonyms": [list(group) for group in self.synonyms],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Vocabulary:
        """The vocabulary that `to_json` wrote."""
        return cls(
            {f: [(str(v), int(c)) for v, c in data[f]] for f in FIELDS},
            {n: AttributeSummary.model_validate(a) for n, a in data["attributes"].items()},
            data.get("synonyms", ()),
        )


def _plain_names(basic: str) -> tuple[str, ...]:
    # Other spellings and languages' names of the whole colour, not shades of it.
    return {
        "gray": ("grey", "grau", "gris", "cinza"),
        "multicolor": tuple(w for w, term in synonyms().items() if term == "multicolor"),
        "black": ("schwarz", "negro", "preto", "noir"),
        "white": ("weiss", "weiß", "blanco", "branco", "blanc"),
        "red": ("rot", "rojo", "rouge", "vermelho"),
        "green": ("grun", "grün", "verde"),
        "blue": ("blau", "azul", "bleu"),
        "yellow": ("gelb", "amarillo", "amarelo"),
        "brown": ("braun", "marrom"),
        "purple": ("lila", "roxo", "morado"),
        "orange": ("laranja", "naranja"),
        "pink": ("rosa",),
        "beige": ("bege",),
    }.get(basic, ())


def color_terms(value: str) -> tuple[str, ...]:
    """The basic colour terms of a shop's colour value, most telling last; empty: not a colour."""
    parts = [basic_color(part) for part in value.split("/")]
    return tuple(dict.fromkeys(t for t in parts if t in BASIC)) or tuple(
        dict.fromkeys(term for _, term in find_colors(value))
    )
