"""Misspelt words that the grammar needs: "buget", "chepaer", "olny", "balck"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.language.money import WORDS as CURRENCY_WORDS
from agent.language.numbers import read_number
from agent.language.tokens import Token
from agent.language.wordsets import words

_NEEDED = words(
    "budget price cheaper maximum minimum between dollars pounds euros under below above around "
    "increase decrease raise lower reduce higher expensive without anything only except instead "
    "original originally colour colours color colors brand brands size limit spend black white "
    "brown green purple yellow orange grey silver beige forget ignore remove matter another "
    "cheapest double percent actually medium large small exactly nothing quid bucks please change "
    "previous first restore undo more less than over most size cost"
)
# Words one slip away from a needed one that mean something else.
_OTHERS = words(
    "blow back band brad bran bands brow buck budge chang decreased decreases dollar euro "
    "expansive extensive fist forge increased increases lowe mater maximus nothin noting originals "
    "pleas ponds pound precious rise restored send sped budged gadget widget nudget cheater "
    "cheapen colored coloured dealer minimums maximums inexpensive increases decreases hinger "
    "coloring colouring limits sizes prices spends raised lowered reduced changed removed ignored"
)
_COMPARED = words("more less higher lower cheaper greater pricier bigger smaller")
_FURTHER = words("more extra additional less fewer further")
MAX_CHECKED = 40
"""How many words of a turn are checked; misspellings matter in short turns."""
_LONG = 7
"""Letters from which a word may have any slip; a shorter one only a letter missing, doubled or
swapped, since a changed letter makes another word of it (lower, lover)."""

_CONTRACTED = words("its thats whats lets hes shes wheres whos theres heres hows levis mcdonalds")
_SHORT = 4
"""Letters of a word that may only have two of them swapped."""
_IS_AFTER = words(
    "fine ok okay alright good acceptable great out not too nice better no the what where my all "
    "off also perfectly probably now"
)
"""Words before which an apostrophe and s are "is": "pink's fine", but "Levi's jeans"."""


def correct(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with misspelt words of the grammar put right.

    One slip is forgiven: a letter missing, doubled, wrong, or two neighbours swapped (the optimal
    string alignment distance, Damerau 1964).
    """
    if len(tokens) > MAX_CHECKED:
        return list(tokens)
    out: list[Token] = []
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        counts = following is not None and following.kind != "word"
        if token.low in ("then", "as") and out and out[-1].low in _COMPARED and counts:
            out.append(replace(token, low="than"))
        elif following is not None and following.low in _IS_AFTER and _is_short(token):
            end = token.end - 2
            name = token.text[:-2]
            out.append(replace(token, text=name, low=name.casefold().replace("'", ""), end=end))
            out.append(Token("is", "is", "word", end, token.end, True))
        else:
            out.append(_corrected(token))
    return _amounts_first(out)


def _amounts_first(tokens: list[Token]) -> list[Token]:
    """ "10 more dollars" as "10 dollars more": the currency beside its number."""
    for k in range(1, len(tokens) - 1):
        before, moved, coin = tokens[k - 1 : k + 2]
        if moved.low not in _FURTHER or coin.low not in CURRENCY_WORDS:
            continue
        if before.kind == "number" or read_number(tokens, k - 1) is not None:
            tokens[k], tokens[k + 1] = coin, moved
    return tokens


def _is_short(token: Token) -> bool:
    """Whether a word ends in "'s" and is none of those that always do ("it's", "let's")."""
    return token.text.casefold().endswith("'s") and token.low not in _CONTRACTED


def _corrected(token: Token) -> Token:
    low = token.low
    if token.kind != "word" or len(low) < 4 or low in _NEEDED or low in _OTHERS:
        return token
    from rapidfuzz.distance import OSA

    for needed in _NEEDED:
        near = abs(len(needed) - len(low)) <= 1 and low[0] == needed[0]
        if near and OSA.distance(low, needed, score_cutoff=1) <= 1 and plain_slip(low, needed):
            return replace(token, low=needed, text=needed)
    return token


def plain_slip(low: str, needed: str) -> bool:
    """Whether two words one slip apart are most likely one word, typed in haste."""
    if len(needed) <= _SHORT:
        return sorted(low) == sorted(needed)
    if len(needed) >= _LONG or len(low) == len(needed) - 1 or sorted(low) == sorted(needed):
        return True
    if len(low) != len(needed) + 1:
        return False
    doubled = (i for i in range(1, len(low)) if low[i] == low[i - 1])
    return any(low[:i] + low[i + 1 :] == needed for i in doubled)
