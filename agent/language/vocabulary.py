"""The shop's own words, as far as the grammar needs them, and a simple form of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from agent.language.brands import WELL_KNOWN
from agent.language.color_words import LEADS, PATTERNS, TAILS, UNSURE, is_idiom
from agent.language.tokens import Token, clean, tokenize
from tools.colors import synonyms

MAX_WORDS = 6
"""Longest value that is looked for, in words."""


_PLAIN = re.compile(r"[A-Za-z]+[0-9]*(?: [A-Za-z]+[0-9]*)*")
_EXACT = ("colors", "sizes")


class VocabularyLike(Protocol):
    """What the grammar asks of a shop's vocabulary; an instance must be hashable.

    `attributes` maps a name to its values, either a plain sequence of words or an object with
    `values` (each with a `value`) and `unit`, as in `tools.catalog`.
    """

    @property
    def brands(self) -> Sequence[str]:
        """Brands that the shop carries."""

    @property
    def colors(self) -> Sequence[str]:
        """Colours as the shop names them."""

    @property
    def categories(self) -> Sequence[str]:
        """Categories of every level."""

    @property
    def sizes(self) -> Sequence[str]:
        """Sizes."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Attribute name -> its values."""

    def __hash__(self) -> int:
        """By identity or by content; the index of a vocabulary is kept under it."""

    def match(self, field: str, word: str) -> tuple[str, ...]:
        """The values of a field that a shopper's word stands for, misspellings included."""


class SimpleVocabulary:
    """A vocabulary made of lists, for tests and evaluations; near misses match, too."""

    def __init__(
        self,
        brands: Iterable[str] = (),
        colors: Iterable[str] = (),
        categories: Iterable[str] = (),
        sizes: Iterable[str] = (),
        attributes: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.brands = tuple(brands)
        self.colors = tuple(colors)
        self.categories = tuple(categories)
        self.sizes = tuple(sizes)
        self.attributes: Mapping[str, Any] = dict(attributes or {})

    def match(self, field: str, word: str) -> tuple[str, ...]:
        """Values equal to the word up to case and plural, else those spelled nearly alike."""
        from rapidfuzz.distance import OSA

        values: Sequence[str] = getattr(self, field if field.endswith("s") else field + "s", ())
        key = fold_phrase(word)
        same = tuple(v for v in values if fold_phrase(v) == key)
        if same or len(key) < 4:
            return same
        slips = 1 if len(key) < 8 else 2
        return tuple(v for v in values if OSA.distance(key, fold_phrase(v)) <= slips)


class Value(NamedTuple):
    """A value of the vocabulary found in a text."""

    field: str
    """colors, brands, categories, sizes or attributes."""
    end: int
    """Index after its last token."""
    name: str = ""
    """Name of the attribute, for attribute values."""
    sure: bool = True
    """False for a word that is mostly something else (cream, wine) and a brand not sold here."""


def fold_word(word: str) -> str:
    """A word without case and plural ending, so that "dresses" meets "Dress"."""
    low = word.casefold().replace("'", "")
    if len(low) > 4 and low.endswith("ies"):
        return low[:-3] + "y"
    if len(low) > 4 and low.endswith(("sses", "shes", "ches", "xes", "zes")):
        return low[:-2]
    if len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")):
        return low[:-1]
    return low


def fold_phrase(phrase: str) -> str:
    """All words of a phrase folded."""
    return " ".join(fold_word(word) for word in phrase_words(phrase))


def phrase_words(phrase: str) -> list[str]:
    """The words of a phrase in lower case, as the tokens of a turn have them."""
    if _PLAIN.fullmatch(phrase):
        return phrase.casefold().split()  # what most names of a large shop look like
    return [token.low for token in tokenize(clean(phrase))]


class Lexicon:
    """All values of one vocabulary, indexed by their folded words."""

    def __init__(self, vocabulary: VocabularyLike) -> None:
        self.entries: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self.longest = 1
        self.shop_colors: set[tuple[str, ...]] = set()
        self.written: set[str] = set()
        """All values in lower case, as they are written."""
        self.exact: set[tuple[str, str]] = set()
        """(field, words in lower case) of colours and sizes, which have no plural."""
        self.units: dict[str, str] = {}
        self.attribute_names: dict[str, str] = {}
        for field in ("colors", "brands", "sizes", "categories"):
            for value in getattr(vocabulary, field):
                key = self._add(value, field, "")
                if field == "colors" and key:
                    self.shop_colors.add(key)
        self.shop_brands = {
            tuple(fold_word(w) for w in phrase_words(brand)) for brand in vocabulary.brands
        }
        for name in WELL_KNOWN:
            self._add(name, "brands", "")
        for word in (*synonyms(), *PATTERNS):
            self._add(word, "colors", "")
        for name, values in vocabulary.attributes.items():
            self.attribute_names[fold_phrase(name.replace("_", " "))] = name
            unit = getattr(values, "unit", "")
            if unit:
                self.units.setdefault(unit.casefold(), name)
            for value in getattr(values, "values", values):
                self._add(str(getattr(value, "value", value)), "attributes", name)

    def _add(self, value: str, field: str, name: str) -> tuple[str, ...]:
        written = phrase_words(value)
        key = tuple(fold_word(word) for word in written)
        if not key or len(key) > MAX_WORDS or (len(key) == 1 and len(key[0]) < 2):
            return ()
        self.written.add(" ".join(written))
        if field in _EXACT:
            self.exact.add((field, " ".join(written)))
        kinds = self.entries.setdefault(key, [])
        if (field, name) not in kinds:
            kinds.append((field, name))
        self.longest = max(self.longest, len(key))
        return key

    def find(self, tokens: Sequence[Token], folded: Sequence[str], i: int) -> list[Value]:
        """The values that begin at token `i`, longest ones only, one per field."""
        for size in range(min(self.longest, len(tokens) - i), 0, -1):
            key = tuple(folded[i : i + size])
            kinds = self.entries.get(key)
            if not kinds:
                continue
            low = " ".join(token.low for token in tokens[i : i + size])
            follow = tokens[i + size].low if i + size < len(tokens) else ""
            found = [
                Value(field, i + size, name, self._sure(field, key))
                for field, name in kinds
                if field not in _EXACT
                or ((field, low) in self.exact and not is_idiom(key[-1], follow))
            ]
            if found:
                return found
        return []

    def _sure(self, field: str, key: tuple[str, ...]) -> bool:
        if field == "brands":
            return key in self.shop_brands
        if field != "colors" or len(key) > 1:
            return True
        return key[0] not in UNSURE

    def without_possessive(self, text: str) -> str:
        """ "nike's" as "nike", unless the name itself is written so ("Levi's")."""
        bare = text.removesuffix("'s")
        if bare == text or text.casefold().replace("'", "") in self.written:
            return text
        return bare

    @staticmethod
    def leads(word: str) -> bool:
        """Whether a word before a colour belongs to it ("light blue")."""
        return word in LEADS

    @staticmethod
    def tails(word: str) -> bool:
        """Whether a word after a colour belongs to it ("pink marble")."""
        return word in TAILS


@lru_cache(maxsize=8)
def lexicon_of(vocabulary: VocabularyLike) -> Lexicon:
    """The indexed form of a vocabulary, made once."""
    return Lexicon(vocabulary)
