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
    """The colour words of a text in order, each as (word as written, basic term)."""
    for match in _pattern().finditer(text):
        yield match.group(0), synonyms()[match.group(0).casefold()]


def are_neighbours(one: str, other: str) -> bool:
    """Whether two basic terms are equal or commonly taken for each other."""
    return one == other or any({one, other} == set(pair.split()) for pair in _NEIGHBOURS)
