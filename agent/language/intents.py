"""What a turn is about, and when it has to be asked back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.language.model import Intent
from agent.language.symbols import Symbol

_MACHINE = re.compile(
    r"\b(system|hidden|initial|developer|secret|original|full|exact) (prompt|message|instructions?)\b"
    r"|\b(your|the|these|those|all|any|previous|prior|above|earlier|my previous|preceding) "
    r"(own |previous |prior |above |earlier |internal |hidden |original )*"
    r"(instructions?|prompts?|guidelines|directives|programming|guardrails|safety rules)\b"
    r"|\b(prompt|instructions?) (you (were|have been) given|verbatim|word for word)\b"
    r"|\bjailbreak|\bdan mode|\bdeveloper mode|\bdebug mode|\badmin mode|\bapi[ _-]?keys?\b|\bpasswords?\b"
    r"|\b(other|another|different|previous) (shoppers?|customers?|users?|people) (have |has |had )?"
    r"(bought|ordered|searched|viewed|purchased|looked at|browsed|paid|saw|said|asked)"
    r"|\b(repeat|print|reveal|show|output|display|leak|dump)\b.{0,30}"
    r"\b(text|everything|words|messages?|conversation|context|lines) (above|before)\b"
    r"|\b(another|other|different|previous|some other|every|all) "
    r"(shoppers?|customers?|users?|persons?|people|buyers?|visitors?)(s|'s)? "
    r"(data|history|orders?|basket|cart|browsing|address|details|conversation|chat|screenshots?|card|info|email|summary|purchases?)"
    r"|\b(orders?|basket|cart|data|history|conversation|chats?|screenshots?) (of|from|by) "
    r"(another|other|the other|a different|all|the previous|the last) (shoppers?|customers?|users?|people|person)"
    r"|\bwhat (did|has|have|do) (the )?(other|another|previous|last) (shoppers?|customers?|users?|people|person)\b"
    r"|\byou are now\b|\bact as (if )?(a|an|my|though|you)\b|\bpretend (to be|you|that you)\b|\brole ?play\b"
    r"|\bdrop table\b|\bselect \* from\b|\bunion select\b|<script|\bexec\(|\bos\.system|\brm -rf"
    r"|\bignor(e|iere|a|ez|er) (alle |todas |toutes |las |les |sämtliche |vorherigen |bisherigen |previas )*"
    r"(vorherigen |bisherigen |previas |anteriores )*(anweisungen|instrucciones|instructions|instrucoes|instruções)"
    r"|\b(system ?prompt|systemprompt|systemanweisung)",
    re.I,
)
_CHANGE_VERBS = ("ANY", "FORGET", "BACK", "UNDO", "HYPOTHETICAL", "RAISE", "CUT", "KEEP")


def about_the_machine(low: str) -> bool:
    """Whether a turn asks for the program's insides or for other people's data."""
    return _MACHINE.search(low) is not None


def read_intent(
    symbols: Sequence[Symbol],
    low: str,
    *,
    changes: bool,
    freed: bool,
    follow_up: bool,
    wish: bool,
    refs: bool,
) -> Intent:
    """The intent of a turn.

    Args:
        symbols: the turn.
        low: its cleaned text in lower case.
        changes: whether limits are to change.
        freed: whether some of the changes let go of limits or bring back earlier ones.
        follow_up: whether limits were said or items shown before.
        wish: whether a wish for a product remains.
        refs: whether it points at shown items.
    """
    first = next((s for s in symbols if s.kind == "phrase" and not _small(s)), None)
    has = {name for s in symbols for name in s.classes}
    if _explains(symbols, low):
        return "explain"
    if "COMPARE" in has and (refs or not changes or "vs" in low):
        return "compare"
    if not freed and is_fact_question(symbols, low, changes=changes):
        return "facts"
    if changes:
        if "HYPOTHETICAL" in has or follow_up:
            return "what_if"
        return "search" if first is not None and first.has("SEARCH") else "recommend"
    if refs:
        return "what_if" if "SWAP" in has or "FORGET" in has or "NO" in has else "recommend"
    if wish:
        return "search" if first is not None and first.has("SEARCH") else "recommend"
    if has & {"GREETING", "THANKS"}:
        return "smalltalk"
    if has & {"WISH", *_CHANGE_VERBS} or any(s.kind in ("money", "percent") for s in symbols):
        return "recommend"
    return "other"


def _small(symbol: Symbol) -> bool:
    return symbol.has("FILLER", "GREETING", "THANKS") and not symbol.has("WISH", "SEARCH")


def _explains(symbols: Sequence[Symbol], low: str) -> bool:
    if re.match(
        r"\W*(so |and |but |ok |okay |well |hmm |um )*(why|how come|explain|justify|tell me why|can you explain|could you explain|please explain|what makes|whats wrong|what's wrong|what was wrong|on what basis|how did you)\b",
        low,
    ):
        return not re.match(
            r"\W*(so |and |but |ok |well )*why (dont|don't|not) (you |we )?(try|make|show|go|just)\b",
            low,
        )
    return bool(
        re.search(
            r"\b(the reason|explain (why|to me|the|your|this|that)|why (did|is|are|was|were|do|does|dont|not|this|that|these|those|the))\b",
            low,
        )
    )


def is_fact_question(symbols: Sequence[Symbol], low: str, *, changes: bool) -> bool:
    """Whether a turn asks about the shop without asking for anything else."""
    if any(s.has("HYPOTHETICAL") for s in symbols):
        return False
    if re.search(
        r"\bhow (many|much (is|are|does|do|for))\b|\bwhat(s| is|'s) (the|your) (cheapest|most expensive|lowest|highest|price range|priciest|dearest|least expensive)\b",
        low,
    ):
        return True
    if re.search(
        r"\b(what|which) (other |kinds of |sorts of |different )?(brands?|colou?rs?|sizes?|categories|makes|materials)\b",
        low,
    ):
        return True
    if re.search(
        r"\bdo you (even |actually |also )?(sell|carry|stock|deal in)\b|\bin stock\b|\bwho makes\b|\bwhat do you (sell|carry|stock|have)\b|\bwhich (is|one is|ones are) (the )?(cheapest|most|dearest|best)\b",
        low,
    ):
        return True
    return (
        not changes
        and bool(re.search(r"\b(are|is) there (any|a|an)\b|\bdo you have any\b", low))
        and "?" in low
    )
