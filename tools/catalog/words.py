"""Comparing words of shoppers with words of shops: case, accents, plurals, small misspellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

# Groups of words that shops and shoppers use for one thing; compared singular, without accents.
SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("phone", "smartphone", "mobile", "mobile phone", "cell phone", "cellphone", "handset"),
    ("laptop", "notebook", "notebook computer", "laptop computer"),
    ("tv", "television", "telly"),
    ("headphone", "headset", "earphone", "earbud"),
    ("sneaker", "trainer", "running shoe", "athletic shoe", "sport shoe"),
    ("trouser", "pant", "slack"),
    ("jumper", "sweater", "pullover", "knitwear"),
    ("hoodie", "hooded sweatshirt"),
    ("t shirt", "tee", "tshirt", "tee shirt"),
    ("sofa", "couch", "settee"),
    ("wardrobe", "armoire", "closet"),
    ("rug", "carpet"),
    ("lamp", "light", "lighting"),
    ("curtain", "drape"),
    ("handbag", "purse"),
    ("backpack", "rucksack"),
    ("swimsuit", "bathing suit", "swimwear"),
    ("tap", "faucet"),
    ("bin", "trash can", "waste bin", "rubbish bin"),
    ("fridge", "refrigerator"),
    ("cooker", "stove", "range"),
    ("hob", "cooktop"),
    ("pram", "stroller", "pushchair", "buggy"),
    ("nappy", "diaper"),
    ("women", "ladies", "womens", "woman", "female"),
    ("men", "mens", "gents", "man", "male"),
    ("kid", "children", "childrens", "child"),
    ("jewellery", "jewelry"),
    ("watch", "wristwatch", "timepiece"),
    ("perfume", "fragrance", "eau de parfum"),
    ("makeup", "make up", "cosmetic"),
    ("duvet", "quilt", "comforter"),
)

SIZE_SYNONYMS: tuple[tuple[str, ...], ...] = (
    ("xxs", "2xs", "extra extra small"),
    ("xs", "extra small", "x small"),
    ("s", "small", "sm"),
    ("m", "medium", "med"),
    ("l", "large", "lg"),
    ("xl", "extra large", "x large"),
    ("xxl", "2xl", "extra extra large", "xx large"),
    ("xxxl", "3xl", "xxx large"),
    ("one size", "onesize", "os", "free size", "one size fit all"),
)

_LEGAL = frozenset(
    {
        "inc",
        "ltd",
        "llc",
        "co",
        "corp",
        "corporation",
        "company",
        "gmbh",
        "ag",
        "plc",
        "limited",
        "sa",
        "srl",
        "oy",
        "ab",
    }
)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case, accents and punctuation out, "&" read as "and", spaces folded."""
    text = text.casefold().replace("&", " and ")
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"['’`´]", "", text)
    return re.sub(r"[^\w.%+#]+|_|(?<!\d)\.|\.(?!\d)", " ", text).strip().replace("  ", " ")


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """The singular of an English noun, by its ending; a word of three letters stays."""
    if len(word) <= 3 or word.endswith(("ss", "us", "is")) or any(c.isdigit() for c in word):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


@lru_cache(maxsize=65536)
def stems(text: str) -> tuple[str, ...]:
    """The folded words of a text, each in the singular."""
    return tuple(singular(w) for w in fold(text).split())


def stem(text: str) -> str:
    """A whole phrase in the form in which phrases are compared."""
    return " ".join(stems(text))


def company(text: str) -> str:
    """A brand without its legal form: "Sealed Unit Parts Co., Inc." gives "sealed unit parts"."""
    words = fold(text).split()
    while len(words) > 1 and words[-1] in _LEGAL:
        words.pop()
    return " ".join(words)


@lru_cache(maxsize=16384)
def heads(text: str) -> frozenset[str]:
    """What a category phrase names: "Running Shoes & Trail Boots for Men" -> both nouns' phrases.

    Every part between "&", ",", "/" counts, cut before "for", "with" and "in"; given are all
    endings of each part ("running shoe", "shoe"), since an English compound ends with its head.
    """
    found: set[str] = set()
    for part in re.split(r"\s*(?:&|,|/|\band\b|\+|\|)\s*", text.casefold()):
        words = list(stems(re.split(r"\s+(?:for|with|in|by|of)\s+", f" {part} ")[0]))
        found.update(" ".join(words[i:]) for i in range(len(words)))
    return frozenset(found)


# Words that a phrase of the shop's synonyms may have in a query.
MAX_PHRASE = 4


class SynonymTable:
    """Groups of phrases that mean one thing.

    Args:
        groups: each a sequence of phrases.
    """

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self._of: dict[str, set[str]] = {}
        for group in groups:
            phrases = {stem(p) for p in group}
            for phrase in phrases:
                self._of.setdefault(phrase, set()).update(phrases)

    def __contains__(self, phrase: str) -> bool:
        """Whether a stemmed phrase is in a group."""
        return phrase in self._of

    def __call__(self, phrase: str) -> tuple[str, ...]:
        """The stemmed phrase itself first, then whatever means the same."""
        own = stem(phrase)
        return (own, *sorted(self._of.get(own, set()) - {own}))

    def phrases(self, text: str, most: int) -> list[str]:
        """The distinct words of a text, stemmed, with phrases that are in a group as one.

        Args:
            text: any text.
            most: how many are given; what comes after them is left out.
        """
        words = stems(text)
        found: dict[str, None] = {}
        start = 0
        while start < len(words) and len(found) < most:
            phrase, length = words[start], 1
            for longer in range(min(MAX_PHRASE, len(words) - start), 0, -1):
                together = " ".join(words[start : start + longer])
                if together in self:
                    phrase, length = together, longer
                    break
            start += length
            found[phrase] = None
        return list(found)


def forgivable_slips(word: str) -> int:
    """How many slips of spelling a word is forgiven: one in four to seven letters, two in more.

    None in a word with a digit: a slip in a model number is another model.
    """
    if any(c.isdigit() for c in word):
        return 0
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def close_spelling(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates nearest to a misspelt word, all at the least distance; often none.

    Optimal string alignment distance (Damerau 1964; Boytsov 2011), as far as `forgivable_slips`;
    the first character must agree in short words, where another one usually makes another word.
    """
    from rapidfuzz.distance import OSA

    allowed = forgivable_slips(word)
    if not allowed:
        return []
    best, found = allowed, []
    for candidate in candidates:
        if abs(len(candidate) - len(word)) > best or (len(word) < 6 and candidate[:1] != word[:1]):
            continue
        distance = OSA.distance(word, candidate, score_cutoff=best)
        if distance < best:
            best, found = distance, [candidate]
        elif distance == best:
            found.append(candidate)
    return found
