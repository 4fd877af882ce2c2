"""What a turn means by the limits that stand already, where no known phrase says it.

People let go of a limit in endless words, but seldom without naming it: "the silver part isn't
needed", "no longer bothered what it costs", "I won't be held to Sony". A turn that names what
stands and refuses or releases something, and asks for nothing in its place, lets go of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.language.clauses import is_hard_stop, left_of, right_of
from agent.language.lexicon import FIELD_OF
from agent.language.price_scene import PriceReading
from agent.language.symbols import Symbol
from tools.changes import (
    Change,
    DropValues,
    ExcludeValues,
    OnlyValues,
    Reset,
    Restore,
    SetPrice,
    ShiftPrice,
    WantValues,
)
from tools.domain import Constraints

_RELEASING = re.compile(
    r"\b(without|optional|bothered|fussed|needed|need|require[ds]?|requirement|required|limited|"
    r"tied|bound|held|hold|restrict(ed|ing|ion)?|confined?|stuck|stick|insist(ing)?|must|have to|"
    r"has to|needn'?t|matters?|necessary|essential|important|mind|care|compulsory|mandatory|"
    r"crucial|necessarily|fixed|count|worry|worried|concern(ed)?|deal ?breaker|condition|wish|"
    r"particular(ly)?|specific(ally)?|exclusively|solely|just|only|set on|dead set|keen|priority)\b"
)
_NEGATION = re.compile(
    r"\b(not|no|never|none|nothing|neither|nor|hardly|without|optional|stop|quit|cease|"
    r"\w+n'?t)\b"
)
_LETTING = re.compile(
    r"\b(let (go|it go)|(can|could|may|might|will|should) (well |now |also |all |just )?"
    r"(go|be (dropped|removed|ignored|left|skipped|lifted|forgotten|relaxed|scrapped|deleted))|"
    r"dropped|drop|scrap|forget|lose|ditch|lift(ed)?|remove[d]?|ignore[d]?|free of|get rid|"
    r"rid of|abandon|set aside|take away|any ?more|any ?longer|over it)\b"
)
_COSTLESS = re.compile(
    r"\b(however|no matter|whatever|regardless|irrespective|never ?mind|any|every|all|open|"
    r"unlimited|limitless|free|don'?t|doesn'?t|not|no longer|isn'?t|no|without|stop|ignored?|"
    r"forget|drop(ped)?|lift(ed)?|remove[d]?|scrap|lose|irrelevant|immaterial|taken away|taken off|"
    r"taken out|leave (out|off|aside)|skip|rid of|gone|disappear|vanish|off|away|stopped|quit)\b"
)
_MONEY_TALK = re.compile(
    r"\b(cheap\w*|pric(e)?y|pricier|dear(er)?|expensive|too|much|more|less|lower|higher|enough|so|"
    r"afford\w*|want to|keep|same|good|right|bad|fair|sure|know|again|back|up|down|"
    r"change[ds]?|between|high|low|exceed|over|above|under|below|past|beyond|either|fit|fits|"
    r"higher|tax|vat|delivery|shipping|include[ds]?|including|than)\b"
)
_OPENING = re.compile(
    r"\b(others?|all|every|any|whatever|whichever|whoever|open|stop(ped)?|quit|gave up|given up|"
    r"give up|"
    r"taken|away|allowed|welcome|free|freely|drop(ped)?|gone|lifted|released?|relaxed?|removed?|"
    r"ignored?|rid of|disappear|vanish|forget|forgotten|lost|lose|don'?t|doesn'?t|not|no|"
    r"no longer|without|irrelevant|"
    r"up to you|surprise|mixed|vary|varied)\b"
)
_FIELDS = {
    "colors": ("colors", "exclude.colors"),
    "brands": ("brands", "exclude.brands"),
    "sizes": ("sizes", "exclude.sizes"),
    "price": ("price_lower", "price_upper"),
    "price_lower": ("price_lower",),
    "price_upper": ("price_upper",),
}
_LOW_END = re.compile(r"((the|my) )?(bottom|low|lower|lowest) (end|bound|limit|price)")
_STARTING = re.compile(
    r"\b(start(ed|ing)?( out| off)?|first|original(ly)?|initial(ly)?|beginning|outset|opening|"
    r"at first|day one|square one|earliest|began|opened)\b"
)
_BUDGET = re.compile(
    r"\b(price|prices|budget|limit|limits|range|amount|figure|number|sum|money|spend|spending|"
    r"cost|cap|ceiling|bracket|maximum|max|pay|paying|outlay)\b"
)


def settle_standing(
    low: str,
    symbols: Sequence[Symbol],
    placed: Sequence[tuple[int, Change]],
    current: Constraints,
) -> list[tuple[int, Change]]:
    """The changes of a turn, with those that its limits in force explain.

    Args:
        low: the cleaned turn in lower case.
        symbols: the turn.
        placed: what the grammar read, each with its place in the text.
        current: the limits in force before the turn.
    """
    out = [(k, _let_go(change, k, symbols, current)) for k, change in placed]
    if any(isinstance(change, DropValues) for _, change in out):
        # "Yellow was just an idea, ignore it" speaks of the idea, not of the last change.
        out = [(k, c) for k, c in out if not (isinstance(c, Restore) and _pronoun(symbols[k]))]
    if out or any(s.kind in ("money", "percent", "number", "value", "size") for s in symbols):
        return out
    if low.rstrip().endswith("?"):
        return out
    priced = current.price_lower is not None or current.price_upper is not None
    if priced and _ANY_MONEY.search(low):
        return [(0, Reset(family="price"))]
    if priced and _STARTING.search(low) and _BUDGET.search(low):
        return [(0, Restore(to="first", family="price"))]
    return _families(low, symbols, current)


def without_repeated(readings: Sequence[PriceReading], current: Constraints) -> list[PriceReading]:
    """The price statements without the budget in force, where a new one is named beside it.

    "90 was too generous, 70" names what stands only to say that it stands no longer.
    """
    uppers = [r for r in readings if isinstance(r.change, SetPrice) and r.change.lower is None]
    named = {r.change.upper for r in uppers if isinstance(r.change, SetPrice)}
    if len(named) < 2 or current.price_upper not in named:
        return list(readings)
    return [r for r in readings if r not in uppers or not _repeats(r, current)]


def _repeats(reading: PriceReading, current: Constraints) -> bool:
    change = reading.change
    return isinstance(change, SetPrice) and change.upper == current.price_upper


def relate(
    low: str, placed: Sequence[tuple[int, Change]], current: Constraints
) -> list[tuple[int, Change]]:
    """Moves of the price with what they are measured from, and at which ends they apply."""
    out: list[tuple[int, Change]] = []
    both = current.price_lower is not None and current.price_upper is not None
    for place, change in placed:
        if isinstance(change, ShiftPrice) and _FROM_FIRST.search(low):
            out.append((place, Restore(to="first", family="price")))
        out.append((place, change))
        if isinstance(change, ShiftPrice) and both and _BOTH.search(low):
            ends = [change.model_copy(update={"bound": b}) for b in ("upper", "lower")]
            if change.direction == "down":
                ends.reverse()  # so that the range is never upside down
            out[-1:] = [(place, end) for end in ends]
    return out


def unclear_share(low: str) -> bool:
    """Whether a turn asks for a share of an earlier move, which nobody can reckon for sure."""
    return _OF_A_MOVE.search(low) is not None


_OF_A_MOVE = re.compile(
    r"\b(half|halve|halving|double|triple|a third of|a quarter of) (of )?(the|that|my|this) "
    r"(\w+ )?(increase|raise|rise|bump|cut|reduction|decrease|difference|change)\b"
)
_FROM_FIRST = re.compile(
    r"\b(than|off|above|over|below|under|on top of|from|to|up on|down on|of)\b.{0,24}"
    r"\b(first|original(ly)?|initial(ly)?|at the (start|beginning)|started (with|at|from)|"
    r"starting (price|budget|point|amount))\b"
)
_BOTH = re.compile(r"\b(both|each|the (whole|entire|full) (range|thing))\b")
_ANY_MONEY = re.compile(r"\b(any|whatever|no|forget|drop|ignore)\W{0,3}(the )?[£$€¥₹]+\W*$")


def _families(
    low: str, symbols: Sequence[Symbol], current: Constraints
) -> list[tuple[int, Change]]:
    """The limits named by their family in a sentence that opens or releases something."""
    if any(s.has("FIRST", "PREVIOUS", "BACK", "KEEP", "WHY", "COMPARE", "UNDO") for s in symbols):
        return []
    out: dict[str, tuple[int, Change]] = {}
    for k, symbol in enumerate(symbols):
        family = next((FIELD_OF[n] for n in FIELD_OF if symbol.has(n)), None)
        if family is None and symbol.has("SPEND"):
            family = "price"
        if family is None and symbol.has("LOWER") and _LOW_END.match(symbol.low):
            family = "price_lower"
        fields = _FIELDS.get(family or "", ())
        if not any(current.value(field) not in (None, (), []) for field in fields):
            continue
        if family in ("price", "price_upper", "price_lower"):
            rest = low.replace(symbol.low, " ")
            freed = _COSTLESS.search(low) and not _MONEY_TALK.search(rest)
        else:
            freed = _OPENING.search(low) and not symbol.has("LIKING")
        if freed:
            out.setdefault(str(family), (k, Reset(family=family)))  # type: ignore[arg-type]
    return list(out.values())


def _pronoun(symbol: Symbol) -> bool:
    return symbol.low.split()[-1] in ("it", "that", "this", "them")


def _let_go(change: Change, place: int, symbols: Sequence[Symbol], current: Constraints) -> Change:
    """A wish for what is wished for already, in a sentence that releases it, lets go of it."""
    if isinstance(change, OnlyValues):
        held = _UNHELD.search(_sentence(symbols, place)) is not None
        return DropValues(field=change.field, values=change.values) if held else change
    if not isinstance(change, WantValues | ExcludeValues) or change.field == "attributes":
        return change
    if isinstance(change, WantValues) and change.add:
        return change
    standing = {str(v).casefold() for v in current.value(change.field)}
    named = {v.casefold() for v in change.values}
    if not standing or not named <= standing:
        return change
    sentence = _sentence(symbols, place)
    freed = _NEGATION.search(sentence) and _RELEASING.search(sentence)
    if isinstance(change, WantValues):
        freed = freed or _LETTING.search(sentence)
    if not freed or sentence.endswith("?"):
        return change
    if isinstance(change, ExcludeValues) and not _RELEASED.search(sentence):
        return change
    return DropValues(field=change.field, values=change.values)


_UNHELD = re.compile(
    r"\b(not|\w+nt|no longer|never|stop|quit|without) "
    r"((really|even|going|want|need|have|has|be|to|so|i|we|am|is|any ?more) )*"
    r"(insist(ing)?|stick(ing)?|only|just|limit(ed|ing)?|restrict(ed|ing)?|confined?|bound)\b"
)
_RELEASED = re.compile(
    r"\b(to be|be|tied|bound|held|limited|restricted|confined|stuck|necessarily|required|needed|"
    r"insist(ing)?|have to|has to|need(s)? to|just|only|exclusively|solely|must)\b"
)


def _sentence(symbols: Sequence[Symbol], place: int) -> str:
    """The words of the statement around a place, with the sign that ends it."""
    if place >= len(symbols):
        return ""
    places = sorted({*left_of(symbols, place), place, *right_of(symbols, place)})
    end = next((s.low for s in symbols[place:] if is_hard_stop(s)), "")
    return " ".join(symbols[k].low for k in places) + ("?" if end == "?" else "")
