"""A general vocabulary of what shops sell: words in titles, searches and breadcrumbs -> category.

Each category has one wider department. The vocabulary follows the upper levels of public product
taxonomies (GS1, Google product taxonomy, 2021) as far as ordinary nouns name them; it stands in
vocabulary/categories.yaml and knows no shop. The last matching noun of a title's head names the
product ("case for iPhone" is a case).
"""

from __future__ import annotations

import re
from functools import cache

from agent.reader.vocabulary import read_vocabulary


@cache
def _terms() -> dict[str, tuple[str, str]]:
    """Noun -> (category, department)."""
    table: dict[str, tuple[str, str]] = {}
    entries = read_vocabulary("categories")["categories"]
    for entry in entries:
        for noun in entry["nouns"]:
            table.setdefault(noun.casefold(), (entry["name"], entry["department"]))
    departments_of = {entry["name"]: entry["department"] for entry in entries}
    for name, nouns in read_vocabulary("nouns")["nouns"].items():
        for noun in nouns:
            table.setdefault(noun.casefold(), (name, departments_of[name]))
    return table


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(_terms(), key=len, reverse=True)
    latin = [w for w in words if w.isascii() or not re.match(r"[\u3040-\u9fff]", w)]
    other = [w for w in words if w not in latin]
    endings = sorted(read_vocabulary("nouns")["endings"], key=len, reverse=True)
    return re.compile(
        rf"(?<![\w-])({'|'.join(map(re.escape, latin))})(?![\w-])"
        rf"|(?<=\w\w)({'|'.join(endings)})(?![\w-])|({'|'.join(other)})",
        re.I,
    )


def categories_in(text: str) -> list[str]:
    """The categories that the nouns of a text name, in order of appearance."""
    found = []
    for match in _pattern().finditer(text.casefold()):
        found.append(_terms()[match.group(0)][0])
    return found


def category_of_title(title: str) -> str | None:
    """The category of a product by the head of its title; None where no noun is known.

    The head ends at the first comma, bracket, bar or preposition ("for", "with", "by"); its last
    noun names the thing: in "wood grain portable subwoofer mini speaker with charging cable" the
    speaker.
    """
    head = re.split(
        r"[,(\[|;:&]|\s[-–—]\s|(?<![\w-])(?:for|with|by|in|compatible|from|für|mit|aus|para|"
        r"pour|con|com|avec|en|per|voor|met|dla|ile|için)(?![\w-])",
        title,
        flags=re.I,
    )[0]
    found = categories_in(head)
    if found:
        # A specific noun beats the name of a department ("Running Shoes" are sneakers).
        specific = [c for c in found if c not in departments()]
        if found[-1] in departments() and specific:
            return specific[-1]
        return found[-1]
    rest = categories_in(title)
    return rest[0] if rest and rest[0] not in departments() else None


@cache
def departments() -> frozenset[str]:
    """The names that stand for a whole department."""
    return frozenset(wider for _, wider in _terms().values())


@cache
def department_of(category: str) -> str:
    """The department of a category (the name itself where it is unknown)."""
    return next((wider for name, wider in _terms().values() if name == category), category)
