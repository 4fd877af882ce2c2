"""The kind of thing a turn names in words of its own: "phones" where the shop says Mobile Phones.

The grammar finds the shop's category names as they are written; this finds what the shop's
vocabulary knows by another name, and puts a bare kind that stands in an attribute ("trainers")
where a shopper means it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.language.mentions import Mention
from agent.language.symbols import Symbol
from agent.language.vocabulary import VocabularyLike, fold_phrase
from agent.language.wordsets import words

MAX_LOOKUPS = 12
"""Phrases of one turn that are looked up."""
LONGEST = 3
"""Words of the longest phrase."""
SHORTEST = 4
"""Characters of the shortest word: shorter ones are too easily near to something."""

_NO_KINDS = words(
    "shop shops store stores site website catalog catalogue page pages cart basket checkout order "
    "orders limits limit filter filters assistant bot customer customers staff sale deal deals "
    "offer offers shown wish summary system prompt"
)
"""Words about the shop itself, however near they are to what it sells ("shop", "shoes")."""


def name_kinds(
    mentions: Sequence[Mention], symbols: Sequence[Symbol], vocabulary: VocabularyLike
) -> list[Mention]:
    """The mentions, with a category among them where the turn names one in its own words."""
    settled = [
        kind
        for mention in mentions
        for kind in _as_category(_as_pattern(mention, vocabulary), vocabulary)
    ]
    if any(m.field == "categories" for m in settled):
        return settled
    refused = {m.place for m in mentions if m.mode in ("exclude", "drop", "forget")}
    free = [
        (place, symbol)
        for place, symbol in enumerate(symbols)
        if symbol.kind == "word"
        and place not in refused
        and not symbol.capital
        and symbol.low not in _NO_KINDS
    ]
    lookups = 0
    for length in range(min(LONGEST, len(free)), 0, -1):
        for start in range(len(free) - length + 1):
            run = free[start : start + length]
            if run[-1][0] - run[0][0] != length - 1:
                continue
            phrase = " ".join(symbol.text for _, symbol in run)
            if len(phrase) < SHORTEST or lookups >= MAX_LOOKUPS:
                continue
            lookups += 1
            if _is_kind(phrase, vocabulary):
                return [*settled, Mention(run[0][0], "categories", phrase, "want", soft=False)]
    return settled


def _as_pattern(mention: Mention, vocabulary: VocabularyLike) -> Mention:
    """A pattern that shops file under colour ("floral") as the attribute this shop has it in."""
    if mention.field != "colors" or vocabulary.match("colors", mention.word):
        return mention
    wanted = fold_phrase(mention.word)
    for name, summary in vocabulary.attributes.items():
        for value in getattr(summary, "values", summary):
            if fold_phrase(str(getattr(value, "value", value))) == wanted:
                return replace(mention, field="attributes", name=name)
    return mention


def _as_category(mention: Mention, vocabulary: VocabularyLike) -> list[Mention]:
    """A kind that stands in an attribute as the category it names.

    A single word ("trainers") becomes the category; of several ("waterproof jacket") the last one
    names it, and the attribute stays beside it.
    """
    if mention.field != "attributes" or mention.number is not None or not mention.name:
        return [mention]
    *before, last = mention.word.split()
    if len(last) < SHORTEST or not _is_kind(last, vocabulary):
        return [mention]
    kind = Mention(mention.place, "categories", last, mention.mode, mention.soft)
    wanted = mention.mode in ("want", "only", "add")
    return [mention, kind] if before and wanted else [mention] if before else [kind]


def _is_kind(phrase: str, vocabulary: VocabularyLike) -> bool:
    """Whether the phrase, plural or not, names a category by the vocabulary's synonyms.

    The match must hold for the singular and the plural alike: a slip of spelling that happens to
    be near some category seldom does both.
    """
    other = phrase[:-1] if phrase.endswith("s") else f"{phrase}s"
    found = vocabulary.match("categories", phrase)
    return bool(found) and bool(vocabulary.match("categories", other))
