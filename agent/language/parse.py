"""One turn of a shopper, understood: the grammar's parts put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.language.arranging import asked_order, asks_for_alike
from agent.language.forgetting import ForgettingReader
from agent.language.intents import about_the_machine, asks_details, read_intent, small_talk
from agent.language.kinds import name_kinds
from agent.language.mentions import to_changes
from agent.language.model import ShownItem, Understanding
from agent.language.operations import OperationClassifier, revise
from agent.language.prices import PriceContext, PriceReader, PriceReading
from agent.language.quantities import QuantityReader, counted_again, reductions
from agent.language.questions import contradiction, vague_price
from agent.language.references import Reference, find_references
from agent.language.relative_sizes import relative_size
from agent.language.remainder import search_text
from agent.language.repairs import mend
from agent.language.spelling import correct
from agent.language.standing import relate, settle_standing, unclear_share, without_repeated
from agent.language.symbols import Symbol, as_sizes, read_symbols
from agent.language.tokens import Token, clean, tokenize
from agent.language.values import ValueReader
from agent.language.vocabulary import Lexicon, VocabularyLike, lexicon_of
from agent.language.wishes import settle_prices
from tools.changes import (
    Change,
    ExcludeValues,
    RequireItems,
    Reset,
    Restore,
    SetPrice,
    ShiftPrice,
    SwapItem,
    WantValues,
)
from tools.domain import Constraints

_ENDS = re.compile(r"\bat (the|its|their) (very )?(low(est)?|high(est)?|bottom|top)\b")
"""What names an end of a range after its amount."""
MAX_CHANGES = 24
"""A turn that seems to change more than this has not been understood."""


def parse(
    text: str,
    *,
    vocabulary: VocabularyLike,
    current: Constraints,
    shown: Sequence[ShownItem] = (),
    currency: str | None = None,
    classifier: OperationClassifier | None = None,
) -> Understanding:
    """What one turn asks for, given the limits in force and the items shown.

    Args:
        text: the turn as typed; anything after 20,000 characters is not read.
        vocabulary: the shop's words; an instance is indexed once and remembered.
        current: the limits in force, which relative amounts build on.
        shown: items shown so far; "the second one" counts within the newest turn.
        currency: the shop's currency, which decides between the dollars of several countries.
        classifier: reads the turn, too, and is followed where it is sure; none: the grammar alone.
    """
    read = read_turn(text, vocabulary, current, shown, currency)
    if classifier is None or not read.symbols:
        return read.understood
    return revise(read.understood, read.symbols, current, read.context, classifier)


@dataclass(frozen=True)
class Reading:
    """A turn as the grammar understands it, and what it was read from."""

    understood: Understanding
    context: PriceContext = field(default_factory=PriceContext)
    symbols: Sequence[Symbol] = ()
    """Empty where the turn was settled before its symbols were read."""


def read_turn(
    text: str,
    vocabulary: VocabularyLike,
    current: Constraints,
    shown: Sequence[ShownItem] = (),
    currency: str | None = None,
) -> Reading:
    """The grammar's reading of one turn; the arguments are those of `parse`."""
    cleaned = clean(text)
    low = cleaned.casefold()
    if about_the_machine(low):
        return Reading(Understanding(intent="other"))
    if idle := small_talk(low):
        return Reading(Understanding(intent=idle))
    tokens = correct(tokenize(cleaned))
    if not any(token.kind in ("word", "number") for token in tokens):
        return Reading(Understanding(intent="other"))
    if shifted := relative_size(low, current.sizes, vocabulary.sizes):
        size, unclear = shifted
        changes = (size,) if size else ()
        return Reading(Understanding(intent="what_if", changes=changes, question=unclear or None))
    lexicon = lexicon_of(vocabulary)
    symbols = mend(read_symbols(cleaned, tokens, lexicon))
    as_sizes(symbols, current)
    context = PriceContext(
        lower=current.price_lower,
        upper=current.price_upper,
        currency=current.currency,
        shop_currency=currency,
        follow_up=bool(shown) or any(p.source == "said" for p in current.provenance.values()),
    )
    turn = _Turn(cleaned, tokens, symbols, lexicon, vocabulary, current, shown)
    return Reading(_understand(turn, context), context, symbols)


@dataclass(frozen=True)
class _Turn:
    """One turn, cut into symbols, with what it is read against."""

    text: str
    tokens: Sequence[Token]
    symbols: list[Symbol]
    lexicon: Lexicon
    vocabulary: VocabularyLike
    current: Constraints
    shown: Sequence[ShownItem]


def _understand(turn: _Turn, context: PriceContext) -> Understanding:
    cleaned, tokens, symbols, lexicon = turn.text, turn.tokens, turn.symbols, turn.lexicon
    vocabulary, current, shown = turn.vocabulary, turn.current, turn.shown
    low, follow_up = cleaned.casefold(), context.follow_up
    references = _references(symbols, find_references(cleaned, tokens, shown))
    free = [symbol for symbol in symbols if not symbol.used]
    placed = QuantityReader(symbols, lexicon, low).read() + counted_again(symbols, current)
    for symbol in free:
        symbol.quantity = symbol.used
    readings = without_repeated(PriceReader(symbols, context).read(), current)
    forgotten = ForgettingReader(symbols).read()
    if any(isinstance(f.change, Restore) and f.change.to == "undo" for f in forgotten):
        readings = [r for r in readings if not _pointed_back(symbols, r)]
    mentions = ValueReader(symbols, lexicon, vocabulary, follow_up=follow_up).read()
    mentions = name_kinds(mentions, symbols, vocabulary)
    prices, wishes, total = settle_prices(readings, symbols, cleaned, tokens)
    placed += prices
    placed += reductions(symbols)
    placed += [(f.place, f.change) for f in forgotten]
    placed += to_changes(mentions, symbols, current)
    ids = tuple(dict.fromkeys(i for _, found in references for i in found.ids))
    placed += _item_changes(symbols, references)
    placed.sort(key=lambda pair: pair[0])
    if follow_up and not readings:
        placed = settle_standing(low, symbols, placed, current)
    placed = relate(low, placed, current)
    # Said twice in one breath ("15 of my own, so 15 more"), it is meant once.
    read = [change for _, change in placed]
    changes = tuple(dict.fromkeys(_ascending(read) if _ENDS.search(low) else read))

    remaining = search_text(symbols, mentions, follow_up=follow_up)
    if follow_up and changes and not any(m.field == "categories" for m in mentions):
        # "What does 20 % more get me" pushes a limit around; it names nothing new to look for.
        remaining = ""
    freed = any(isinstance(c, Reset | Restore) for c in changes)
    intent = read_intent(
        symbols,
        low,
        changes=bool(changes),
        freed=freed,
        follow_up=follow_up,
        wish=bool(remaining),
        refs=bool(ids),
    )
    if ids and not readings and asks_details(low):
        return Understanding(intent="details", item_refs=ids)
    if unclear_share(low):
        unsure = "What is the most you would like to pay?"
        return Understanding(intent=intent, question=unsure, item_refs=ids)
    order = asked_order(low) if shown else None
    like = bool(ids) and asks_for_alike(low)
    if (order or like) and not any(isinstance(c, SetPrice | WantValues) for c in changes):
        return Understanding(intent="refine", item_refs=ids, order=order, like=like)
    explain = None
    if intent == "explain":
        explain = "why_not" if " not " in f" {low} " or "n't" in low else "why"
    if intent in ("facts", "explain", "compare"):
        about = tuple(
            WantValues(field=c.field, values=c.values)
            if intent == "explain" and isinstance(c, ExcludeValues)
            else c
            for c in changes
            if not isinstance(c, SwapItem | RequireItems)
        )  # "why not a blue one" asks about blue ones
        return Understanding(
            intent=intent,
            about=about,
            item_refs=ids,
            search_text=remaining,
            explain=explain,  # type: ignore[arg-type]
        )
    impossible = _impossible(symbols, readings, changes, current)
    if impossible:
        return Understanding(
            intent=intent, question=impossible, item_refs=ids, search_text=remaining
        )
    question, extra = vague_price(symbols, changes, current, shown, ids)
    if bool(remaining) and not follow_up and not any(isinstance(c, ShiftPrice) for c in changes):
        question, extra = None, ()  # "a cheaper sort of tent" is a wish; no budget is being moved
    if question:
        return Understanding(
            intent=intent, question=question, vague=True, item_refs=ids, search_text=remaining
        )
    if extra:
        changes = (*changes, *extra)
        intent = "what_if"
    return Understanding(
        intent=intent,
        changes=changes,
        item_refs=ids,
        search_text=remaining,
        wishes=wishes,
        budget_total=total,
    )


def _impossible(
    symbols: Sequence[Symbol],
    readings: Sequence[PriceReading],
    changes: Sequence[Change],
    current: Constraints,
) -> str | None:
    """The question that a turn calls for which cannot be meant as it stands, or None."""
    problem = next((r.problem for r in readings if r.problem), "")
    if problem:
        return f"{problem[0].upper()}{problem[1:]}: what is the most you would like to pay?"
    if len(changes) > MAX_CHANGES:
        return "That is a lot at once: what matters most to you?"
    return contradiction(symbols, changes, current)


def _ascending(changes: list[Change]) -> list[Change]:
    """ "25 at the lowest and 70 at the highest": two ends named in rising order are least and most.

    Where the words between them were read the other way round, their order is the better witness.
    """
    ends = [c for c in changes if isinstance(c, SetPrice)]
    if len(ends) != 2 or ends[0].upper is None or ends[1].lower is None:
        return changes
    if ends[0].lower is not None or ends[1].upper is not None or ends[0].upper >= ends[1].lower:
        return changes
    both = ends[1].model_copy(update={"lower": ends[0].upper, "upper": ends[1].lower})
    return [both if c is ends[1] else c for c in changes if c is not ends[0]]


def _pointed_back(symbols: Sequence[Symbol], reading: PriceReading) -> bool:
    """ "That extra tenner was silly, drop it": an earlier move is named, none is asked for."""
    before = symbols[reading.first - 1].low if reading.first else ""
    named = before in ("that", "the", "those", "this", "my") or symbols[
        reading.first
    ].low.startswith(("that ", "the "))
    return isinstance(reading.change, ShiftPrice) and named


def _references(
    symbols: list[Symbol], references: Sequence[Reference]
) -> list[tuple[int, Reference]]:
    """References with the symbol they begin at; their symbols say nothing else any more."""
    out: list[tuple[int, Reference]] = []
    for reference in references:
        places = [
            k
            for k, symbol in enumerate(symbols)
            if symbol.start < reference.end and symbol.end > reference.start
        ]
        if not places:
            continue
        for k in places:
            if symbols[k].kind in ("value", "size", "word", "number"):
                symbols[k].used = True
        out.append((places[0], reference))
    return out


def _item_changes(
    symbols: Sequence[Symbol], references: Sequence[tuple[int, Reference]]
) -> list[tuple[int, Change]]:
    """ "Swap the second one", "not the black one", "keep the first one"."""
    out: list[tuple[int, Change]] = []
    for place, reference in references:
        for k in range(place, max(-1, place - 5), -1):
            symbol = symbols[k]
            if symbol.kind == "stop":
                break
            if symbol.kind != "phrase":
                continue
            if symbol.has("KEEP"):
                out.append((place, RequireItems(items=reference.ids)))
                break
            if symbol.has("SWAP", "FORGET", "NO", "INSTEAD_OF") and not symbol.has("BUT", "ADD"):
                out += [(place, SwapItem(item=item)) for item in reference.ids]
                break
    return out
