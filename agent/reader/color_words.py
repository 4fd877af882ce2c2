"""The colour that a title or a choice names, in the languages that shops use."""

from __future__ import annotations

import re
from functools import cache

from agent.reader.vocabulary import read_vocabulary
from tools.colors import basic_color, find_colors


@cache
def loose_colors() -> frozenset[str]:
    """Colour words that count only where a variant is named."""
    return frozenset(read_vocabulary("colors")["loose"])


@cache
def _foreign() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {
        word.casefold(): term
        for term, words in read_vocabulary("colors")["words"].items()
        for word in words
    }
    spaced = [w for w in table if not re.match(r"[\u3040-\u9fff\uac00-\ud7a3]", w)]
    whole = "|".join(sorted(map(re.escape, spaced), key=len, reverse=True))
    inside = "|".join(sorted(set(table) - set(spaced), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{whole})(?![\w-])|{inside}", re.I), table


def in_english(text: str) -> str:
    """The text with the colour words of other languages as basic terms."""
    pattern, table = _foreign()

    def term(match: re.Match[str]) -> str:
        word = match.group(0)
        spaced = word[0].isascii() or (word[0].isalpha() and ord(word[0]) < 0x2E80)
        return table[word.casefold()] if spaced else f" {table[word.casefold()]} "

    return pattern.sub(term, text)


def chosen_color(value: str) -> str | None:
    """The basic term of a colour that was chosen on the page ("Farbe: Dunkelblau")."""
    return basic_color(in_english(value).strip())


def color_word(title: str) -> str | None:
    """The colour that a title names: a plain term, or a shade in brackets or after a dash.

    Words that are also brands or materials ("natural", "stone", "Orange") count only where a
    variant is named: in brackets, after a dash or comma, or beside a second colour word.
    """
    if re.search(r"(?i)\b\d{1,3} colou?rs\b|\bmulti-?\s?colou?r", title):
        return "multicolor"
    title = in_english(title)
    loose = loose_colors()
    variant = " ".join(
        part
        for pair in re.findall(r"[(\[]([^)\]]*)[)\]]|\s[-–|,]\s?([^-–|(]+)$", title)
        for part in pair
    )
    for _, term in reversed(list(find_colors(variant))):
        return term
    terms = [(w, t) for w, t in find_colors(title) if w.casefold() not in loose]
    if not terms:
        tail = re.search(r",\s*([A-Za-z ]{3,24})$", title)
        return basic_color(tail.group(1)) if tail else None
    return terms[-1][1] if len({t for _, t in terms}) == 1 else terms[0][1]
