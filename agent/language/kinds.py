"""The kind of thing a turn names in words of its own: "phones" where the shop says Mobile Phones.

The grammar finds the shop's category names as they are written; this finds what the shop's
vocabulary knows by another name, and puts a bare kind that stands in an attribute ("trainers")
where a shopper means it.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.language.mentions import Mention
from agent.language.symbols import Symbol
from agent.language.vocabulary import VocabularyLike

MAX_LOOKUPS = 12
"""Phrases of one turn that are looked up."""
LONGEST = 3
"""Words of the longest phrase."""
SHORTEST = 4
"""Characters of the shortest word: shorter ones are too easily near to something."""


def name_kinds(
    mentions: Sequence[Mention], symbols: Sequence[Symbol], vocabulary: VocabularyLike
) -> list[Mention]:
    """The mentions, with a category among them where the turn names one in its own words."""
    settled = [_as_category(mention, vocabulary) for mention in mentions]
    if any(m.field == "categories" for m in settled):
        return settled
    refused = {m.place for m in mentions if m.mode in ("exclude", "drop", "forget")}
    words = [
        (place, symbol)
        for place, symbol in enumerate(symbols)
        if symbol.kind == "word" and place not in refused and not symbol.capital
    ]
    lookups = 0
    for length in range(min(LONGEST, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            if run[-1][0] - run[0][0] != length - 1:
                continue
            phrase = " ".join(symbol.text for _, symbol in run)
            if len(phrase) < SHORTEST or lookups >= MAX_LOOKUPS:
                continue
            lookups += 1
            if _is_kind(phrase, vocabulary):
                return [*settled, Mention(run[0][0], "categories", phrase, "want", soft=False)]
    return settled


def _as_category(mention: Mention, vocabulary: VocabularyLike) -> Mention:
    """A one-word attribute value that also names a kind ("kind: trainers") as that kind."""
    single = mention.field == "attributes" and mention.number is None and " " not in mention.word
    if single and len(mention.word) >= SHORTEST and _is_kind(mention.word, vocabulary):
        return Mention(mention.place, "categories", mention.word, mention.mode, mention.soft)
    return mention


def _is_kind(phrase: str, vocabulary: VocabularyLike) -> bool:
    """Whether the phrase, plural or not, names a category by the vocabulary's synonyms.

    The match must hold for the singular and the plural alike: a slip of spelling that happens to
    be near some category seldom does both.
    """
    other = phrase[:-1] if phrase.endswith("s") else f"{phrase}s"
    found = vocabulary.match("categories", phrase)
    return bool(found) and bool(vocabulary.match("categories", other))
