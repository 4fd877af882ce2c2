"""The wish for a product that is left of a turn when limits and politeness are taken away."""

from __future__ import annotations

from collections.abc import Sequence

from agent.language.clauses import is_hard_stop
from agent.language.mentions import Mention
from agent.language.symbols import Symbol
from agent.language.wordsets import words

_LINKS = words("for with and in of to without by from on &")


def search_text(symbols: Sequence[Symbol], mentions: Sequence[Mention], *, follow_up: bool) -> str:
    """The words that describe the product, in order; values asked for stay among them.

    In a conversation that is under way only what follows a verb of wishing counts ("show me
    running jackets"): other unknown words of a follow-up describe no product.
    """
    refused = {m.place for m in mentions if m.mode in ("exclude", "drop", "forget")}
    words: list[str] = []
    content = 0
    wishing = not follow_up
    for place, symbol in enumerate(symbols):
        if is_hard_stop(symbol):
            wishing = not follow_up
        if symbol.has("WISH", "SEARCH"):
            wishing = True
        if place in refused:
            continue
        if symbol.kind == "word":
            if wishing and any(char.isalnum() for char in symbol.low):
                words.append(symbol.text)
                content += 1
        elif symbol.kind == "value":
            named = any(v.field == "categories" for v in symbol.values)
            words.append(symbol.text)
            content += named
        elif (
            symbol.kind == "size"
            or (symbol.kind == "number" and not symbol.used and wishing)
            or (symbol.kind == "phrase" and symbol.low in _LINKS and words)
        ):
            words.append(symbol.text)
    while words and words[-1].casefold() in _LINKS:
        words.pop()
    out: list[str] = []
    for word in words:
        if word.casefold() in _LINKS and out and out[-1].casefold() in _LINKS:
            out[-1] = word
        else:
            out.append(word)
    return " ".join(out)[:500] if content else ""
