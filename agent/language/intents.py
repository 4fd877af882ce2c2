"""What a turn is about, and when it has to be asked back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.language.model import Intent
from agent.language.symbols import Symbol

_OTHERS = (
    r"(another|other|different|previous|some other|every|all|last|next|latest|first|any|each) "
)
_PEOPLE = r"(shoppers?|customers?|users?|persons?|people|buyers?|visitors?)"
_PRIVATE = (
    r"(data|history|orders?|basket|cart|browsing|address|details|conversation|chat|screenshots?|"
    r"card|info|email|summary|purchases?)"
)
_DEEDS = r"(bought|ordered|searched|viewed|purchased|looked at|browsed|paid|saw|said|asked)"
_MACHINE = re.compile(
    "|".join(
        (
            r"\b(system|hidden|initial|developer|secret|original|full|exact) "
            r"(prompt|message|instructions?)\b",
            r"\b(your|the|these|those|all|any|previous|prior|above|earlier|my previous|preceding) "
            r"(own |previous |prior |above |earlier |internal |hidden |original )*"
            r"(instructions?|prompts?|guidelines|directives|programming|guardrails|safety rules)\b",
            r"\b(prompt|instructions?) (you (were|have been) given|verbatim|word for word)\b",
            r"\bjailbreak|\b(dan|developer|debug|admin) mode|\bapi[ _-]?keys?\b|\bpasswords?\b",
            rf"\b{_OTHERS}{_PEOPLE}(s|'s)? (have |has |had )?({_PRIVATE}|{_DEEDS})",
            r"\b(repeat|print|reveal|show|output|display|leak|dump)\b.{0,30}"
            r"\b(text|everything|words|messages?|conversation|context|lines) (above|before)\b",
            rf"\b{_PRIVATE} (of|from|by) (the )?{_OTHERS}{_PEOPLE}",
            rf"\bwhat (did|has|have|do) (the )?(last |{_OTHERS}){_PEOPLE}",
            r"\byou are now\b|\bact as (if )?(a|an|my|though|you)\b",
            r"\bpretend (to be|you|that you)\b|\brole ?play\b",
            r"\bdrop table\b|\bselect \* from\b|\bunion select\b|<script|\bexec\(|\bos\.system",
            r"</?(shop|limits|wish|shown|summary|facts|evidence|system|assistant|user|inst)\b",
            r"\{\{|\$\{|<%|\[/?inst\]|<\|",
            r"^\s*[\[{].*[\"'].*[:,].*[\]}]\s*$",  # data typed in place of words
            r"\brm -rf|\b(system ?prompt|systemprompt|systemanweisung)",
            r"\bignor(e|iere|a|ez|er) (alle |todas |toutes |las |les |sämtliche )*"
            r"(vorherigen |bisherigen |previas |anteriores )*"
            r"(anweisungen|instrucciones|instructions|instrucoes|instruções)",
        )
    ),
    re.I | re.S,
)
_SMALLTALK = re.compile(
    r"^\W*((ok|okay|well|so|hi|hello|hey|oh|and|but|then)\W+)*("
    r"thanks?( you)?( so much| a lot| very much)? (in advance|anyway|for (your|the|all|"
    r"everything)\b.*)|"
    r"(i ?will|i'?ll|i'?m going to|i might|maybe i'?ll|let me) (\w+ )?(come|be|check|pop|drop|get) "
    r"(right )?(back|by|in)( (to you|again|here))? ?(later|tomorrow|soon|another (time|day)|"
    r"next (week|time)|tonight|in a (bit|while|minute|moment)|then|after .*)?|"
    r"(i ?will|i'?ll|let me) (think|sleep|mull|talk)( (about|on|over|to))?( (it|this|that|my \w+))?"
    r"( over)?( first| tonight)?|"
    r"are you (still )?(there|here|awake|online|real|alive|ok|okay|human|listening|"
    r"an? (bot|robot|human|person|machine|ai))( today)?|(is )?any(one|body) (there|here|home)|"
    r"how are (you|things)( (doing|today))?|what'?s up|who are you|what'?s your name|"
    r"(what an? |this is an? |you have an? |that'?s an? )?(nice|great|lovely|cool|beautiful|good|"
    r"wonderful|amazing) (little )?(shop|store|site|website|selection|place|collection)"
    r"( (you|you've)( have| got)?( here)?)?|"
    r"(have|enjoy) (a|your) (nice|good|great|lovely) (day|evening|weekend|one)"
    r")\W*$"
)
_UNRELATED = re.compile(
    r"\b(write|compose|sing|recite|tell|make up|invent) (me |us )?(a|an|some) (\w+ )?"
    r"(poem|joke|story|song|essay|haiku|limerick|rhyme|novel|letter|email|script|program)\b|"
    r"\b(what'?s|what is|how is) the (weather|capital|time|news|meaning of life)\b|"
    r"\bwho (won|is the president|was the)\b|\bsolve (this|the) (equation|sum)\b"
)
_DETAILS = re.compile(
    r"\b(more|everything|all|something) about\b|\bdetails?\b|\bmade (out )?(of|from)\b|"
    r"\bdescri(be|ption)\b|\b(more )?info(rmation)?\b|\bspec(s|ifications?)? (of|for|on)\b|"
    r"\bwhat (material|fabric|colou?rs?|sizes?|brand) (is|are|does|do)\b|"
    r"\bhow (big|heavy|long|wide|tall|large|deep|old) (is|are)\b|"
    r"\bwhat (does|do) .{1,30}(look like|come in|weigh|include|cost)\b|"
    r"\bhow much (is|are|does|do)\b|\bwhat (is|are) .{1,30}(rated|rating|reviews?)\b"
)
_LEAD = r"\W*((so|and|but|ok|okay|well|hmm|um) )*"
_EXPLAINS = re.compile(
    _LEAD + r"(why|how come|((can|could) you |please )?explain|justify|tell me why|what makes|"
    r"what'?s wrong|what was wrong|on what basis|how did you)\b"
)
_SUGGESTS = re.compile(_LEAD + r"why (dont|don't|not) ((you|we) )?(try|make|show|go|just)\b")
_EXPLAINS_LATER = re.compile(
    r"\b(the reason|explain (why|to me|the|your|this|that)|"
    r"why (did|is|are|was|were|do|does|dont|not|this|that|these|those|the))\b"
)
_FACTS = re.compile(
    "|".join(
        (
            r"\bhow (many|much (is|are|does|do|for))\b",
            r"\bwhat(s| is|'s) (the|your) (cheapest|most expensive|lowest|highest|price range|"
            r"priciest|dearest|least expensive)\b",
            r"\b(what|which) ((other|kinds of|sorts of|different) )?"
            r"(brands?|colou?rs?|sizes?|categories|makes|materials)\b",
            r"\bdo you ((even|actually|also) )?(sell|carry|stock|deal in)\b|\bin stock\b",
            r"\bwho makes\b(?!.*\b(matter|bother|important|care|count))|"
            r"\bwhat do you (sell|carry|stock|have)\b",
            r"\bwhat (do|are) (your|the|these|those) (\w+ ){1,3}(cost|costs|priced|go for|"
            r"sell for)\b|"
            r"\bhow (expensive|cheap|dear|pricey) are (your|the)\b|\bprices? (of|for) your\b",
            r"\bwhich (is|one is|ones are|of (these|those|them) (is|are)) (the )?"
            r"(cheapest|most|dearest|best)\b",
        )
    )
)
_POINTED = r"(it|them|these|this|that|those|one|ones|anything|something|any|some|more|others?)\b"
_CARRIES = re.compile(
    _LEAD + r"(do you (even |also |actually )?(have|stock|keep)|have you got|you got|got)"
    rf" (any )?(?!{_POINTED})\w"
)
_OFFERED = re.compile(
    r"\bwhat (do you|else do you|have you|would you|could you|can you|could i|can i|do i)\b"
)
_COUNTED = re.compile(r"\bhow (many|much)\b|\b(brands?|colou?rs?|sizes?)\b")
_ANY_HERE = re.compile(
    _LEAD + r"(do you (even |also |actually )?have|have you got|are there) any\b"
)
_EXISTENCE = re.compile(r"\b(are|is) there (any|a|an)\b|\bdo you have any\b")
_CHANGE_VERBS = ("ANY", "FORGET", "BACK", "UNDO", "HYPOTHETICAL", "RAISE", "CUT", "KEEP")


def about_the_machine(low: str) -> bool:
    """Whether a turn asks for the program's insides or for other people's data."""
    return _MACHINE.search(low) is not None


def small_talk(low: str) -> Intent | None:
    """The intent of a turn that is about nothing in the shop, from its lower-case text."""
    if len(low) > 160:
        return None
    if _SMALLTALK.match(low):
        return "smalltalk"
    return "other" if _UNRELATED.search(low) else None


def asks_details(low: str) -> bool:
    """Whether a turn that points at an item asks what it is like."""
    return _DETAILS.search(low) is not None


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
    if _explains(low):
        return "explain"
    if "COMPARE" in has and (refs or not changes or "vs" in low):
        return "compare"
    priced = any(s.kind in ("money", "percent", "number") for s in symbols)
    offered = priced and follow_up and _OFFERED.search(low) and not _COUNTED.search(low)
    if not freed and not offered and is_fact_question(symbols, low, changes=changes):
        return "facts"
    if follow_up and not priced and "?" in low and _CARRIES.match(low):
        return "facts"  # in a first turn it is a wish: "do you have red dresses?"
    if not follow_up and not priced and low.rstrip().endswith("?") and _ANY_HERE.match(low):
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


def _explains(low: str) -> bool:
    if _EXPLAINS.match(low):
        return not _SUGGESTS.match(low)
    return _EXPLAINS_LATER.search(low) is not None


def is_fact_question(symbols: Sequence[Symbol], low: str, *, changes: bool) -> bool:
    """Whether a turn asks about the shop without asking for anything else."""
    if any(s.has("HYPOTHETICAL") for s in symbols):
        return False
    if _FACTS.search(low):
        return True
    return not changes and "?" in low and _EXISTENCE.search(low) is not None
