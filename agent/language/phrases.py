"""Finding the phrases of the lexicon in a text: the notation compiled to regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from agent.language.lexicon import CLASSES
from agent.language.tokens import Token


class Phrase(NamedTuple):
    """A phrase of the lexicon at some tokens; one phrase may belong to several classes."""

    classes: tuple[str, ...]
    end: int
    """Index after its last token."""


def split_top(text: str, separator: str) -> list[str]:
    """The parts of a pattern between separators that stand outside parentheses."""
    parts, depth, last = [], 0, 0
    for place, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == separator and depth == 0:
            parts.append(text[last:place])
            last = place + 1
    return [part.strip() for part in [*parts, text[last:]] if part.strip()]


def _is_group(item: str) -> tuple[str, bool] | None:
    """(inside, optional) of an item that is one parenthesis and nothing else."""
    body = item.removesuffix("?")
    if not (body.startswith("(") and body.endswith(")")):
        return None
    depth = 0
    for place, char in enumerate(body):
        depth += (char == "(") - (char == ")")
        if depth == 0 and place < len(body) - 1:
            return None
    return body[1:-1], item.endswith("?")


def _spellings(item: str) -> Iterator[str]:
    """The forms of one word with inner groups: "rais(e|ed)" gives raise, raised."""
    found = re.search(r"\(([^()]*)\)(\??)", item)
    if found is None:
        yield item
        return
    options = found.group(1).split("|") + ([""] if found.group(2) else [])
    for option in options:
        yield from _spellings(item[: found.start()] + option.strip() + item[found.end() :])


def to_regex(pattern: str) -> str:
    """A pattern as a regular expression over words that each end in one space."""
    out = []
    for item in split_top(pattern, " "):
        group = _is_group(item)
        if group:
            options = sorted(split_top(group[0], "|"), key=len, reverse=True)
            inner = "|".join(to_regex(option) for option in options)
            out.append(f"(?:{inner}){'?' if group[1] else ''}")
        else:
            words = sorted(_spellings(item), key=len, reverse=True)
            out.append("(?:" + "|".join(re.escape(word) for word in words) + ") ")
    return "".join(out)


def first_words(pattern: str) -> tuple[set[str], bool]:
    """(words a pattern can begin with, whether it can be empty)."""
    words: set[str] = set()
    for item in split_top(pattern, " "):
        group = _is_group(item)
        if group is None:
            words |= set(_spellings(item))
            return words, False
        empty = group[1]
        for option in split_top(group[0], "|"):
            inner, inner_empty = first_words(option)
            words |= inner
            empty = empty or inner_empty
        if not empty:
            return words, False
    return words, True


@cache
def _index() -> dict[str, list[tuple[str, str]]]:
    """First word -> (class, pattern) of the entries that can begin with it."""
    index: dict[str, list[tuple[str, str]]] = {}
    for name, text in CLASSES.items():
        for written in split_top(" ".join(text.split()), "|"):
            # A question mark after a letter makes that letter optional.
            pattern = re.sub(r"(\w)\?", r"(\1)?", written)
            for word in first_words(pattern)[0]:
                index.setdefault(word, []).append((name, pattern))
    return index


@lru_cache(maxsize=4096)
def _patterns(word: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The compiled entries that can begin with a word, made when it is first met."""
    return tuple((name, re.compile(to_regex(text))) for name, text in _index().get(word, ()))


def find_phrases(tokens: Sequence[Token]) -> list[Phrase | None]:
    """For every token the longest phrase of the lexicon that begins there, or None."""
    offsets: list[int] = []
    ends: dict[int, int] = {}
    parts = []
    length = 0
    for number, token in enumerate(tokens):
        offsets.append(length)
        parts.append(token.low + " ")
        length += len(token.low) + 1
        ends[length] = number + 1
    line = "".join(parts)
    found: list[Phrase | None] = []
    for token, offset in zip(tokens, offsets, strict=True):
        best = 0
        classes: list[str] = []
        for name, pattern in _patterns(token.low):
            match = pattern.match(line, offset)
            if match is None or match.end() not in ends:
                continue
            if match.end() > best:
                best, classes = match.end(), [name]
            elif match.end() == best and name not in classes:
                classes.append(name)
        found.append(Phrase(tuple(classes), ends[best]) if classes else None)
    return found
