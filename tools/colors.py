"""The thirteen named colours, their synonyms and neighbours: one vocabulary for every part.

The terms are the eleven basic colour terms of Berlin and Kay (1969) with beige and multicolor, as
shop filters use them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

BASIC = (
    "black", "white", "gray", "red", "orange", "yellow", "green",
    "blue", "purple", "pink", "brown", "beige", "multicolor",
)  # fmt: skip

_SYNONYMS = {
    "black": "jet ebony onyx obsidian noir schwarz preto negro midnight raven",
    "white": "ivory snow pearl blanc weiss weiß branco blanco alabaster chalk starlight",
    "gray": "grey charcoal graphite slate silver gunmetal ash anthracite titanium platinum grau "
    "cinza gris pewter heather steel space-gray space-grey",
    "red": "crimson scarlet maroon burgundy wine cherry ruby rouge rot vermelho rojo brick",
    "orange": "coral tangerine amber rust terracotta apricot peach copper laranja naranja",
    "yellow": "gold golden mustard lemon amarelo amarillo gelb saffron honey canary",
    "green": "olive mint emerald sage lime teal khaki-green forest jade verde grün grun moss "
    "pistachio hunter seafoam",
    "blue": "navy azure cobalt indigo sky cyan turquoise denim royal-blue aqua sapphire blau azul "
    "bleu ocean cornflower",
    "purple": "violet lilac lavender plum mauve aubergine amethyst eggplant lila roxo morado "
    "orchid",
    "pink": "rose magenta fuchsia blush hot-pink salmon rosa raspberry",
    "brown": "tan chocolate coffee walnut chestnut mocha espresso camel cognac bronze braun marrom "
    "mahogany hazel caramel oak teak",
    "beige": "cream sand nude ecru taupe khaki off-white champagne oatmeal linen natural bege "
    "stone",
    "multicolor": "multicolour multicolored multicoloured multi-color multi-colour multi rainbow "
    "colorful colourful assorted mehrfarbig colorido",
}  # fmt: skip

_AMBIGUOUS_WORDS = """
linen denim oak teak walnut mahogany chestnut hazel steel titanium copper bronze silver gold golden
stone natural wine cherry coffee chocolate espresso mocha caramel cognac camel lemon honey mustard
lime mint sage moss olive salmon peach apricot raspberry plum aubergine eggplant orchid rose ruby
pearl slate ash snow sky ocean sand cream rust coral amber forest hunter rainbow multi
"""
_AMBIGUOUS = frozenset(_AMBIGUOUS_WORDS.split())
_COLOR_PLACE = re.compile(r"(^|\b(in|colou?r)|[,(\[:/|–-])\s*$", re.I)

# Pairs that people (and pixels) confuse; used to forgive a near miss, never to replace a word.
_NEIGHBOURS = (
    "black gray", "white gray", "beige gray", "beige white", "beige brown", "pink red",
    "pink purple", "purple blue", "blue green", "orange red", "orange yellow", "orange brown",
    "orange pink", "yellow beige", "brown red", "green yellow",
)  # fmt: skip


@cache
def synonyms() -> dict[str, str]:
    """Word -> basic term, lower case, spaces where the table writes a hyphen."""
    table = {basic: basic for basic in BASIC}
    for basic, words in _SYNONYMS.items():
        for word in words.split():
            table[word.replace("-", " ")] = basic
            table[word] = basic
    return table


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(synonyms(), key=len, reverse=True)
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, words)) + r")(?![\w-])", re.I)


def basic_color(word: str) -> str | None:
    """The basic term for one colour word or phrase ("navy blue" gives blue), else None."""
    clean = re.sub(r"\s+", " ", word).strip().casefold()
    found = synonyms().get(clean)
    if found:
        return found
    terms = [term for _, term in find_colors(clean)]
    # In a compound ("midnight green", "rose gold") the last word carries the hue.
    return terms[-1] if terms else None


def find_colors(text: str) -> Iterator[tuple[str, str]]:
    """The colour words of a text in order, each as (word as written, basic term).

    A word that also names a material or a food ("linen", "oak", "coffee") counts only where a
    colour stands: after "in", a comma, a bracket, a colon, a slash or a dash, or alone.
    """
    for match in _pattern().finditer(text):
        word = match.group(0)
        if word.casefold() in _AMBIGUOUS and not _COLOR_PLACE.search(text[: match.start()]):
            continue
        yield word, synonyms()[word.casefold()]


def are_neighbours(one: str, other: str) -> bool:
    """Whether two basic terms are equal or commonly taken for each other."""
    return one == other or any({one, other} == set(pair.split()) for pair in _NEIGHBOURS)
