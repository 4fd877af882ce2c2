"""Misspelt words that the grammar needs: "buget", "chepaer", "maximun"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.language.tokens import Token
from agent.language.wordsets import words

_NEEDED = words(
    "budget cheaper maximum minimum between dollars expensive increase decrease without "
    "anything colour colours originally original higher instead"
)
# Words one slip away from a needed one that mean something else.
_OTHERS = words(
    "budge budged gadget widget nudget cheater cheapen colors color colored coloured dealer "
    "minimums maximums hire collars dollar inexpensive increased increases decreased anythings "
    "originals highest hinger insteads within cheapest colouring coloring higher"
)
_COMPARED = words("more less higher lower cheaper greater pricier bigger smaller")
MAX_CHECKED = 40
"""How many words of a turn are checked; misspellings matter in short turns."""


def correct(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with misspelt words of the grammar put right in their lower-case form.

    One slip is forgiven: a letter missing, doubled, wrong, or two neighbours swapped (the optimal
    string alignment distance, Damerau 1964). The text of a token stays as it was typed.
    """
    if len(tokens) > MAX_CHECKED:
        return list(tokens)
    out: list[Token] = []
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        counts = following is not None and following.kind != "word"
        if token.low == "then" and out and out[-1].low in _COMPARED and counts:
            out.append(replace(token, low="than"))
        else:
            out.append(_corrected(token))
    return out


def _corrected(token: Token) -> Token:
    low = token.low
    if token.kind != "word" or len(low) < 5 or low in _NEEDED or low in _OTHERS:
        return token
    from rapidfuzz.distance import OSA

    for needed in _NEEDED:
        near = abs(len(needed) - len(low)) <= 1 and low[0] == needed[0]
        if near and OSA.distance(low, needed, score_cutoff=1) <= 1:
            return replace(token, low=needed)
    return token
