"""What a message may say, the template that says it, and the filling-in of figures.

A model (or the template) writes words around placeholders; code puts titles, prices and figures
in. So no digit of a message was ever typed by a model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from tools.domain import Frozen

_PLACEHOLDER = re.compile(r"\[\[(title|price|reason|figure):([^\[\]]+)\]\]")


_MARKUP = re.compile(
    r"<[/!?a-zA-Z][^<>]*>|<[/!?a-zA-Z][^<>]*$|&(?:[a-zA-Z]{2,8}|#\d+|#x[0-9a-fA-F]+);"
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_ADDRESS = re.compile(r"\b(?:https?|ftp|file|data|javascript):\S+|\bwww\.\S+", re.I)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_MARKS = re.compile(r"[*_`~]{2,}|(?<!\w)[*_`~#]+|[*_`~]+(?!\w)|\[\[|\]\]|[{}<>|]")
LONGEST_NAME = 120
"""Characters of a product's name in a message; the rest of a longer one is left out."""


def plain(text: str, longest: int | None = None) -> str:
    """Text of a catalogue, a screen or a shopper without markup, addresses and unseen characters.

    What a page or a terminal would act on goes: tags, entities, markdown, links, placeholders,
    control characters. Words, numbers, currency signs and line breaks stay.
    """
    text = _UNSEEN.sub("", text)
    for pattern, by in ((_LINK, r"\1"), (_MARKUP, " "), (_ADDRESS, " "), (_MARKS, " ")):
        text = pattern.sub(by, text)
    text = re.sub(r"[^\S\n]+", " ", text).strip()
    if longest is not None and len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
    return text


class ItemFacts(Frozen):
    """One recommended item."""

    id: str
    title: str
    price: str
    reason: str = ""
    new: bool = False
    """It was not part of the last recommendation."""


class Facts(Frozen):
    """Everything a message may say; whatever holds a digit is a figure with a name."""

    kind: Literal["recommendation", "infeasible", "answer", "question", "nothing"]
    objective: str = "balanced"
    items: tuple[ItemFacts, ...] = ()
    out: tuple[ItemFacts, ...] = ()
    """Items that the last change removed."""
    seen: tuple[str, ...] = ()
    """Limits that come from browsing, in words, as figure names."""
    said: tuple[str, ...] = ()
    """Limits that the shopper named, as figure names."""
    notes: tuple[str, ...] = ()
    """What was relaxed, widened or left out, as figure names."""
    conflicts: tuple[str, ...] = ()
    """Why limits cannot be met, a clause for each minimal conflict, as figure names."""
    helps: tuple[str, ...] = ()
    """What would make the request possible, as figure names."""
    answers: tuple[str, ...] = ()
    """Facts that answer a question, as figure names."""
    figures: Mapping[str, str] = Field(default_factory=dict)
    """Name -> text; `candidates`, `revenue`, `chance` and whatever the lists above name."""
    question: str = ""
    opening: str = ""
    """How a recommendation is introduced, where that is not for the template to say."""
    brief: bool = False
    """A recommendation was compared with the one before; its aim was said then."""
    degraded: bool = False


def write(facts: Facts) -> str:
    """The message with placeholders, from the template: short, concrete, honest."""
    parts = {
        "recommendation": _recommendation,
        "infeasible": _infeasible,
        "answer": _answer,
        "question": lambda f: [f.question],
        "nothing": _nothing,
    }[facts.kind](facts)
    return "\n".join(part for part in parts if part)


def _recommendation(facts: Facts) -> list[str]:
    many = len(facts.items) > 1
    if any(item.new for item in facts.items) and facts.out:
        opening = "With that change, this is what I would show you now:"
    elif facts.brief and facts.out:
        opening = "Of those before, these remain:" if many else "Of those before, this one remains:"
    elif facts.brief and many and not any(item.new for item in facts.items):
        opening = "The same items still fit best:"
    elif many:
        opening = "Here is what I would look at:"
    elif facts.said:
        opening = "One thing fits everything you asked for:"
    else:
        opening = "This is what I would look at:"
    lines = [facts.opening or opening]
    for item in facts.items:
        reason = f" ([[reason:{item.id}]])" if item.reason else ""
        fresh = "New: " if item.new and facts.out else ""
        lines.append(f"• {fresh}[[title:{item.id}]], [[price:{item.id}]]{reason}")
    if facts.out:
        gone = ", ".join(f"[[title:{item.id}]]" for item in facts.out)
        lines.append(f"No longer in: {gone}.")
    lines += [*_limits(facts), *(f"[[figure:{name}]]" for name in facts.notes)]
    goal = {
        "revenue": "They are the set that earns the shop most",
        "surplus": "They are the set you are most likely to like something in",
    }.get(
        facts.objective,
        "They are the best set I can prove, weighing your taste against what the shop earns",
    )
    if not many:
        goal = goal.replace("They are the set", "It is the one").replace(
            "They are the best set", "It is the best choice"
        )
    if facts.brief and "candidates" in facts.figures:
        what = "the best set" if many else "the best choice"
        lines.append(
            f"That is {what} I can prove, out of [[figure:candidates]] within your limits."
        )
    elif "candidates" in facts.figures:
        lines.append(f"{goal}, out of [[figure:candidates]] within your limits.")
    if facts.question:
        lines.append(facts.question)
    return lines


def _limits(facts: Facts) -> list[str]:
    lines = []
    if facts.seen:
        lines.append(f"From what you looked at: {_joined(facts.seen)}.")
    if facts.said:
        lines.append(f"As you asked: {_joined(facts.said)}.")
    return lines


def _infeasible(facts: Facts) -> list[str]:
    lines = ["Nothing we sell meets all of your limits together, so I show nothing instead."]
    lines += [f"[[figure:{name}]]." for name in facts.conflicts]
    if facts.helps:
        lines.append(f"It would work without {' or without '.join(_names(facts.helps))}.")
    return [*lines, *(f"[[figure:{name}]]" for name in facts.notes)]


def _answer(facts: Facts) -> list[str]:
    return [f"[[figure:{name}]]" for name in facts.answers]


def _nothing(facts: Facts) -> list[str]:
    lines = ["I have nothing to go on yet: show me a few shop pages or say what you look for."]
    return [*lines, *(f"[[figure:{name}]]" for name in facts.notes)]


def _joined(names: tuple[str, ...]) -> str:
    return ", ".join(_names(names))


def _names(names: tuple[str, ...]) -> list[str]:
    return [f"[[figure:{name}]]" for name in names]


def fill(text: str, facts: Facts) -> str:
    """The message with every placeholder filled in.

    Raises:
        KeyError: a placeholder that the facts do not hold.
    """
    items = {item.id: item for item in (*facts.out, *facts.items)}

    def value(match: re.Match[str]) -> str:
        kind, name = match.group(1), match.group(2)
        if kind == "figure":
            return plain(facts.figures[name])
        longest = LONGEST_NAME if kind == "title" else None
        return plain(str(getattr(items[name], kind)), longest)

    return _PLACEHOLDER.sub(value, text)


def faults(text: str, facts: Facts) -> list[str]:
    """What is wrong with a message before it is filled in; empty when it may be sent.

    Every digit, item and figure has to be a placeholder that the facts hold, every recommended
    item has to be named once, and a set that earns most is never called the shopper's best.
    """
    found = []
    items = {item.id for item in (*facts.out, *facts.items)}
    named = []
    for kind, name in _PLACEHOLDER.findall(text):
        if name not in (facts.figures if kind == "figure" else items):
            found.append(f"unknown {kind} {name!r}")
        if kind == "title":
            named.append(name)
    bare = _PLACEHOLDER.sub("", text)
    if "[[" in bare:
        found.append("a broken placeholder")
    if any(character.isdigit() for character in bare):
        found.append("a figure that no tool gave")
    if facts.kind == "recommendation" and {i.id for i in facts.items} - set(named):
        found.append("a recommended item is not named")
    if facts.objective == "revenue" and re.search(r"best (\w+ )?for you", bare, re.I):
        found.append("a revenue-optimal set is called best for the shopper")
    if re.search(r"https?://|<[a-z/!]|!\[", bare, re.I):
        found.append("markup or a link")
    if not text.strip():
        found.append("no text")
    return found
