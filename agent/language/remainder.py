"""The wish for a product that is left of a turn when limits and politeness are taken away."""

from __future__ import annotations

from collections.abc import Sequence

from agent.language.symbols import Symbol
from agent.language.tokens import Token
from agent.language.wordsets import words

_LINKS = words("for with and in of to without by from on &")


def search_text(symbols: Sequence[Symbol], text: str, tokens: Sequence[Token]) -> str:
    """The words that describe the product, in order; values stay, since they describe it too."""
    words: list[str] = []
    content = 0
    for symbol in symbols:
        if symbol.kind == "word":
            if symbol.used and not symbol.text:
                continue
            words.append(symbol.text)
            content += 1
        elif symbol.kind == "value":
            words.append(symbol.text)
            content += any(v.field == "categories" for v in symbol.values)
        elif (
            symbol.kind == "size"
            or (symbol.kind == "number" and not symbol.used)
            or (symbol.kind == "phrase" and symbol.low in _LINKS and words)
        ):
            words.append(symbol.text)
    while words and words[-1].casefold() in _LINKS:
        words.pop()
    while words and words[0].casefold() in _LINKS:
        words.pop(0)
    out: list[str] = []
    for word in words:
        if word.casefold() in _LINKS and out and out[-1].casefold() in _LINKS:
            out[-1] = word
        else:
            out.append(word)
    return " ".join(out)[:500] if content else ""
