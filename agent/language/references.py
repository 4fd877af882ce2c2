"""Which shown items a turn points at: "the second one", "the black one", "that dress"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.language.model import ShownItem
from agent.language.numbers import ORDINALS
from agent.language.tokens import Token
from agent.language.vocabulary import fold_word
from agent.language.wordsets import words
from tools.colors import basic_color

_NOUNS = words("one ones item option product suggestion pick choice recommendation result thing")
_POINTERS = frozenset(("the", "that", "this", "your", "those", "these"))
_SUPERLATIVES = {
    "cheapest": (False, "price"),
    "dearest": (True, "price"),
    "priciest": (True, "price"),
}
_ID = re.compile(r"(?<![\w.:-])(?=[\w.:-]*\d)[\w](?:[\w.:-]*[\w])?")


@dataclass(frozen=True, slots=True)
class Reference:
    """Tokens that point at items."""

    start: int
    end: int
    ids: tuple[str, ...]


def find_references(
    text: str, tokens: Sequence[Token], shown: Sequence[ShownItem]
) -> list[Reference]:
    """References in the order of the text.

    Args:
        text: the cleaned turn.
        tokens: its tokens.
        shown: items shown so far, newest turn first or marked by their `turn`; positions count
            within the newest turn, descriptions look there first and then further back.
    """
    if not shown:
        return []
    newest = max(item.turn for item in shown)
    latest = [item for item in shown if item.turn == newest]
    ordered = [*latest, *sorted((i for i in shown if i.turn != newest), key=lambda i: -i.turn)]
    ids = {item.id.casefold(): item.id for item in shown}
    named = _named(text, tokens, ids)
    found: list[Reference] = []
    i = 0
    while i < len(tokens):
        reference = named.get(i) or _at(tokens, i, latest, ordered)
        if reference is not None:
            found.append(reference)
            i = reference.end
        else:
            i += 1
    return found


def _named(text: str, tokens: Sequence[Token], ids: dict[str, str]) -> dict[int, Reference]:
    """Ids written out in the turn, by their first token."""
    found: dict[int, Reference] = {}
    for match in _ID.finditer(text):
        known = ids.get(match.group().casefold())
        if known is None or len(known) < 3:
            continue
        places = [
            n for n, t in enumerate(tokens) if t.start < match.end() and t.end > match.start()
        ]
        found[places[0]] = Reference(places[0], places[-1] + 1, (known,))
    return found


def _at(
    tokens: Sequence[Token],
    i: int,
    latest: Sequence[ShownItem],
    ordered: Sequence[ShownItem],
) -> Reference | None:
    low = tokens[i].low
    numbered = low in ("#", "number", "no", "option", "item", "product") and i + 1 < len(tokens)
    if numbered and tokens[i + 1].kind == "number" and (low != "no" or tokens[i + 1].glued):
        return _position(tokens[i + 1].text, latest, i, i + 2)
    if numbered and low != "no" and tokens[i + 1].low in ("one", "two", "three", "four", "five"):
        words = ["one", "two", "three", "four", "five"]
        return _position(str(words.index(tokens[i + 1].low) + 1), latest, i, i + 2)
    pointed = i > 0 and tokens[i - 1].low in _POINTERS
    start = i - 1 if pointed else i
    ordinal = ORDINALS.get(low)
    end = i + 1
    suffix = tokens[end].low if end < len(tokens) and tokens[end].glued else ""
    if tokens[i].text.isdigit() and len(tokens[i].text) < 4 and suffix in ("st", "nd", "rd", "th"):
        ordinal, end = int(tokens[i].text), end + 1
    several = _several(tokens, i, latest)
    if several is not None:
        return Reference(start, several[0], several[1])
    if (ordinal is not None or low in ("last", "final")) and pointed:
        noun = end < len(tokens) and fold_word(tokens[end].low) in _NOUNS
        alone = end >= len(tokens) or tokens[end].kind == "stop" or tokens[end].low in (
            "and", "with", "for", "please", "is", "was", "in", "but", "to", "from", "or", "instead",
        )  # fmt: skip
        shown_noun = end < len(tokens) and any(_is_kind(item, tokens[end].low) for item in latest)
        if noun or alone or shown_noun:
            stop = end + 1 if noun or shown_noun else end
            place = len(latest) if ordinal is None else ordinal
            return _position(str(place), latest, start, stop)
    if not pointed:
        return None
    return _described(tokens, i, start, ordered)


def _several(
    tokens: Sequence[Token], i: int, latest: Sequence[ShownItem]
) -> tuple[int, tuple[str, ...]] | None:
    """(end, ids) of "the first two", "top 3", "last two", "both", "the two cheapest"."""
    low = tokens[i].low
    if low == "both" and len(latest) == 2:
        return i + 1, tuple(item.id for item in latest)
    ends = low in ("first", "top", "last", "bottom")
    follow = tokens[i + 1] if i + 1 < len(tokens) else None
    if ends and follow is not None and (count := _small(follow)):
        picked = latest[-count:] if low in ("last", "bottom") else latest[:count]
        return i + 2, tuple(item.id for item in picked)
    superlative = follow is not None and follow.low in ("cheapest", "dearest", "priciest")
    if (count := _small(tokens[i])) and superlative and follow is not None:
        priced = [item for item in latest if item.price is not None]
        dear = follow.low != "cheapest"
        by_price = sorted(priced, key=lambda item: item.price or 0, reverse=dear)
        return i + 2, tuple(item.id for item in by_price[:count])
    return None


def _small(token: Token) -> int:
    """A count from two to five, in digits or as a word; else 0."""
    counts = {"two": 2, "three": 3, "four": 4, "five": 5, "couple": 2}
    return counts.get(token.low) or (int(token.text) if token.text in ("2", "3", "4", "5") else 0)


def _position(number: str, latest: Sequence[ShownItem], start: int, end: int) -> Reference | None:
    place = int(float(number.replace(",", ".")))
    if not 1 <= place <= len(latest):
        return None
    return Reference(start, end, (latest[place - 1].id,))


def _described(
    tokens: Sequence[Token], i: int, start: int, ordered: Sequence[ShownItem]
) -> Reference | None:
    """ "the black one", "the cheaper Nike one", "that dress": words that some shown item bears."""
    low = tokens[i].low
    if low in _SUPERLATIVES or (low in ("most", "least") and _next_is(tokens, i, "expensive")):
        priced = [item for item in ordered if item.price is not None]
        end = i + 1 + (low in ("most", "least"))
        if not priced or not (end < len(tokens) and fold_word(tokens[end].low) in _NOUNS):
            return None
        highest = low in ("most", "dearest", "priciest")
        best = (max if highest else min)(priced, key=lambda item: item.price or 0)
        return Reference(start, end + 1, (best.id,))
    for size in (4, 3, 2, 1, 0):
        end = i + size
        if end >= len(tokens):
            continue
        noun = tokens[end].low
        words = [token.low for token in tokens[i:end]]
        is_one = fold_word(noun) in _NOUNS
        if is_one and not words:
            return None
        if size == 0 and tokens[start].low == "the":
            continue
        matching = [
            item
            for item in ordered
            if all(_bears(item, word) for word in words) and (is_one or _is_kind(item, noun))
        ]
        if not matching:
            continue
        first_turn = matching[0].turn
        if is_one or words or sum(item.turn == first_turn for item in matching) == 1:
            plural = noun.endswith("s") and not noun.endswith("ss")
            same = [item.id for item in matching if item.turn == first_turn]
            return Reference(start, end + 1, tuple(same if plural else same[:1]))
    return None


def _next_is(tokens: Sequence[Token], i: int, word: str) -> bool:
    return i + 1 < len(tokens) and tokens[i + 1].low == word


def _bears(item: ShownItem, word: str) -> bool:
    """Whether a describing word is true of an item."""
    key = fold_word(word)
    basic = basic_color(word)
    for color in item.colors:
        if key == fold_word(color) or key in color.casefold().split():
            return True
        if basic and basic_color(color) == basic:
            return True
    if item.brand and key in {fold_word(w) for w in item.brand.split()}:
        return True
    if any(key == fold_word(size) for size in item.sizes):
        return True
    return not basic and key in {fold_word(w) for w in item.title.split()}


def _is_kind(item: ShownItem, noun: str) -> bool:
    """Whether a noun names what an item is: a category or the head words of its title."""
    key = fold_word(noun)
    if len(key) < 3:
        return False
    words = {fold_word(w) for category in item.categories for w in category.split()}
    return key in words or key in {fold_word(w) for w in item.title.split()}
