"""Puts the classifier's reading in the place of the grammar's where it is sure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.language.model import Understanding
from agent.language.operations.classifier import OperationClassifier
from agent.language.operations.labels import (
    ASKED,
    EITHER,
    HEADS,
    NONE,
    WISH,
    is_price,
    newest,
    of_field,
    read_by_grammar,
)
from agent.language.operations.view import FIELDS, View, view_amounts, view_turn
from agent.language.price_scene import PriceContext, currency_of
from agent.language.symbols import Symbol
from tools.changes import (
    Change,
    ExcludeValues,
    Reset,
    Restore,
    SetPrice,
    ShiftPrice,
    WantValues,
)
from tools.domain import Constraints

SURE = 0.8
"""The least probability at which the grammar's reading of the price is given up."""
SURE_OF_WISH = 0.6
"""The least at which money in a first request is a limit that the grammar has not found."""
SURE_OF_VALUES = 0.9
"""The least for brands, colours and sizes, for a limit that the grammar found in a first request,
and for letting go of limits where it found nothing: small talk has no amounts, either."""
_BY_SHARE = ("up_percent", "down_percent")
_ABOUT_ITEMS = ("explain", "compare", "details", "refine")
"""Intents of turns that look at what was shown; they move no limit."""
_LEFT_OUT = re.compile(
    r"\b(leave|leaving|left|skip|drop|hide|exclud\w+|without|don ?'?t|dont|isn ?'?t|never|avoid|"
    r"discard|ignore|omit|refuse|reject|spare|forget|out|off|gone|kill\w*|uncomfortable|trouble|"
    r"too|unless|beyond|no go|not interested|not for me|cutoff|if)\b"
)
"""Words of leaving out, beside which a bound may be meant the other way round."""
_WITH_AMOUNT = ("set_upper", "set_lower", "range", "up", "down", "up_percent", "down_percent")
_WHOLE = ("first_all", "undo")


def revise(
    understood: Understanding,
    symbols: Sequence[Symbol],
    current: Constraints,
    context: PriceContext,
    classifier: OperationClassifier,
) -> Understanding:
    """What a turn asks for, once the classifier has read it, too.

    Args:
        understood: the grammar's reading.
        symbols: the turn.
        current: the limits in force.
        context: what is known about the price before the turn.
        classifier: the second reader.
    """
    if understood.intent in _ABOUT_ITEMS or (understood.question and not understood.vague):
        return understood  # what cannot be meant as it stands is asked back
    view = view_turn(symbols) if context.follow_up else view_amounts(symbols)
    if view is None:
        return understood

    def settled(head: str) -> str:
        """The operation to put in the place of the one that was read; empty to leave it."""
        label = decide(head, view, current, understood, classifier)
        return label if label != read_by_grammar(head, understood) else ""

    changes, question = list(understood.changes), understood.question
    if label := settled("price" if context.follow_up else "wish"):
        made = _price_changes(label, view, current, context)
        if label in _WHOLE:
            return understood.model_copy(
                update={"changes": tuple(made), "question": None, "intent": "what_if"}
            )
        changes, question = [*(c for c in changes if not is_price(c)), *made], None
    if context.follow_up and understood.intent != "facts" and not any(map(_about_all, changes)):
        for field in FIELDS:
            if label := settled(field):
                changes = [c for c in changes if not of_field(c, field)]
                changes += _value_changes(field, label, view, current)
    if tuple(changes) == understood.changes and question == understood.question:
        return understood
    return understood.model_copy(
        update={
            "changes": tuple(changes),
            "question": question,
            "intent": _intent(understood, changes, follow_up=context.follow_up),
            "about": () if changes else understood.about,
        }
    )


def decide(
    head: str,
    view: View,
    current: Constraints,
    understood: Understanding,
    classifier: OperationClassifier,
) -> str:
    """The operation of one head that both readings come to.

    Args:
        head: of `agent.language.operations.labels.HEADS`.
        view: the turn.
        current: the limits in force.
        understood: the grammar's reading.
        classifier: the second reader.
    """
    read = read_by_grammar(head, understood)
    if _firm(head, read, view, understood, current):
        return read
    shares = classifier.probabilities(head, view, current, understood)
    best = max(shares, key=lambda label: shares[label])
    bar = SURE if head == "price" and (read != NONE or best in _WITH_AMOUNT) else SURE_OF_VALUES
    if (head, read) == ("wish", NONE):
        bar = SURE_OF_WISH
    if (read, best) == ("refuse", "free"):
        return read  # who refuses a value asks for more than who lets go of it
    return best if shares[best] >= bar else read


def _firm(
    head: str, read: str, view: View, understood: Understanding, current: Constraints
) -> bool:
    """Whether the grammar's reading stands, whatever the classifier says."""
    if head in FIELDS:
        refused = {str(v).casefold() for v in current.value(f"exclude.{head}")}
        if refused & {v.casefold() for v in view.values[head]}:
            return True  # "Nike is fine again" takes a refusal back, which is no operation here
        if read == EITHER:
            # Between "Sony, no other brands" and "only Sony… actually any brand".
            return "other" not in view.words and "others" not in view.words
    elif any(isinstance(c, SetPrice) and c.note for c in understood.changes):
        return True  # "around 50" was reckoned from an amount
    elif read in _BY_SHARE and not view.percents:
        return True  # "half of that": a share in words, which the view does not hold
    elif head == "wish" and read in WISH[:-1]:
        # "Under £60" is plain, unless it is what shall be left out: "skip whatever is under £60".
        return _LEFT_OUT.search(" ".join(view.words)) is None
    elif (head, read) == ("wish", NONE) and not any(s.kind == "money" for s in view.amounts):
        return True  # bare numbers of things that are looked for: "top 10 novels", "model 6203"
    # Several operations at once, each with its own object: "no green, make that lavender".
    return read not in (*HEADS[head], EITHER, ASKED) and (head, read) != ("wish", "free")


def _intent(understood: Understanding, changes: Sequence[Change], *, follow_up: bool) -> str:
    if changes:
        return "what_if" if follow_up else understood.intent
    return "other" if understood.intent == "what_if" else understood.intent


def _about_all(change: Change) -> bool:
    return isinstance(change, Reset | Restore) and change.family is None


def _price_changes(
    label: str, view: View, current: Constraints, context: PriceContext
) -> list[Change]:
    if label == NONE:
        return []
    if label in ("free", "free_upper", "free_lower"):
        return [Reset(family=label.replace("free", "price"))]  # type: ignore[arg-type]
    if label == "undo":
        return [Restore(to="undo")]
    if label in ("first", "first_all"):
        return [Restore(to="first", family="price" if label == "first" else None)]
    if label in ("up_percent", "down_percent"):
        way = label.removesuffix("_percent")
        return [ShiftPrice(direction=way, percent=view.percents[-1].number)]  # type: ignore[arg-type]
    amounts = [abs(s.number) for s in view.amounts if s.number is not None]
    currency = currency_of(view.amounts, context)
    if label == "range":
        lower, upper = sorted(amounts[:2])
        return [SetPrice(lower=lower, upper=upper, currency=currency)]
    amount = newest(amounts, current.price_upper)
    if label in ("up", "down"):
        return [ShiftPrice(direction=label, amount=amount, currency=currency)]  # type: ignore[arg-type]
    if label == "set_lower":
        return [SetPrice(lower=amount, currency=currency)]
    return [SetPrice(upper=amount, currency=currency)]


def _value_changes(field: str, label: str, view: View, current: Constraints) -> list[Change]:
    if label == NONE:
        return []
    if label == "free":
        return [Reset(family=field)]  # type: ignore[arg-type]
    named = view.values[field]
    if not named and field == "sizes":
        named = (view.amounts[-1].text,)
    if label == "refuse":
        return [ExcludeValues(field=field, values=named)]  # type: ignore[arg-type]
    standing = {str(v).casefold() for v in current.value(field)}
    fresh = tuple(v for v in named if v.casefold() not in standing)
    return [WantValues(field=field, values=fresh or named)]  # type: ignore[arg-type]
