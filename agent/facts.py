"""What the message of this turn may say, gathered from the state and the turn's tool results."""

from __future__ import annotations

import json
import re
from collections.abc import Set
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from rapidfuzz import fuzz

from agent.comparing import compared_in_words
from agent.models.factory import EMBEDDED
from agent.nodes.tools import REFUSED
from agent.state import State, ToolUse
from agent.wording import Facts, ItemFacts, plain
from tools.domain import Constraints, Provenance, show_money
from tools.phrases import name_of, phrase, phrases
from tools.solution import ChosenItem, Explanation, Solution


def tools_used(state: State) -> list[ToolUse]:
    """The tool calls of this turn, in order."""
    return [
        ToolUse(name=call["name"], args=call["args"])
        for message in this_turn(state)
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    ]


def this_turn(state: State) -> list[Any]:
    """The messages since the shopper's last words, those included."""
    messages = state["messages"]
    start = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=0)
    return list(messages[start:])


def gather(state: State) -> Facts:
    """The facts of this turn."""
    figures: dict[str, str] = {}
    notes = _put(figures, "note", _notes(state))
    if state["question"]:
        return Facts(kind="question", question=plain(state["question"]), figures=figures)
    if refusals := _refusals(state):
        names = _put(figures, "answer", [*refusals, "So I left everything as it was."])
        return Facts(kind="answer", answers=names, figures=figures)
    used = {use.name for use in tools_used(state)}
    solution = state.get("solution")
    if answers := _answers(state):
        names = _put(figures, "answer", answers)
        return Facts(kind="answer", answers=names, notes=notes, figures=figures)
    if solution is None or not used & {"what_if", "optimize_assortment", "refine"}:
        if solution is not None:
            names = _put(figures, "answer", [*_remark(state["text"]), _standing(solution)])
            return Facts(kind="answer", answers=names, figures=figures)
        return Facts(kind="nothing", notes=notes, figures=figures)
    if solution.status == "infeasible":
        return _infeasible(state["limits"], solution, notes, figures)
    return _recommendation(state, solution, notes, figures)


_THANKS = re.compile(
    r"\b(thank|thanks|thx|cheers|ta|great|perfect|lovely|brilliant|awesome)\b", re.I
)


def _standing(solution: Solution) -> str:
    return _UNCHANGED if solution.items else _STILL_NOTHING


def _remark(text: str) -> list[str]:
    """What to say first to a turn that asked for nothing the shop can do."""
    if "?" in text:
        return ["That is not something the catalogue tells me."]
    return ["You are welcome!"] if _THANKS.search(text[:200]) else []


_UNCHANGED = "Nothing changed; the recommendation above stands."
_STILL_NOTHING = "Nothing changed: still nothing meets all of your limits together."


def _refusals(state: State) -> list[str]:
    """Why a change could not be made, when none of this turn's calls succeeded."""
    results = [m for m in this_turn(state) if isinstance(m, ToolMessage)]
    if not results or any(m.status != "error" for m in results):
        return []
    reasons = [m.text.removeprefix(REFUSED) for m in results if m.text.startswith(REFUSED)]
    if not reasons:
        return ["I could not make out what to change."]
    return [f"I cannot do that: {reasons[0].strip().rstrip('.')}."]


def _recommendation(
    state: State, solution: Solution, notes: tuple[str, ...], figures: dict[str, str]
) -> Facts:
    figures["candidates"] = _counted(solution.candidates, "product")
    if solution.expected_revenue is not None:
        figures["revenue"] = show_money(round(solution.expected_revenue, 2), solution.currency)
    if solution.purchase_probability is not None:
        figures["chance"] = f"{solution.purchase_probability:.0%}"
    scenario = state.get("scenario")
    before = set(scenario.solution_before.ids) if scenario else set()
    limits = state["limits"]
    # What speaks for every item tells none of them apart; the limits say it once.
    alike = [set(item.reasons) for item in solution.items]
    shared = set.intersection(*alike) if len(alike) > 1 else set()
    return Facts(
        kind="recommendation",
        objective=solution.objective,
        items=tuple(
            _item(item, new=bool(before) and item.id not in before, leave_out=shared)
            for item in solution.items
        ),
        out=tuple(_item(item) for item in scenario.difference.items_out) if scenario else (),
        seen=_put(figures, "seen", phrases(limits, "seen")),
        said=_put(figures, "said", phrases(limits, "said")),
        notes=notes,
        figures=figures,
        brief=scenario is not None,
        opening="In the order you asked for:" if _arranged(state) else "",
        degraded=bool(state["degraded"]),
    )


def _arranged(state: State) -> bool:
    return any(use.name == "refine" and use.args.get("order") for use in tools_used(state))


def _infeasible(
    limits: Constraints, solution: Solution, notes: tuple[str, ...], figures: dict[str, str]
) -> Facts:
    # Less than one conflict already explains is no news: ("size",) covers ("count", "size").
    told = [c for c in solution.conflicts if not any(set(o) < set(c) for o in solution.conflicts)]
    conflicts = [_set_in_words(limits, conflict) for conflict in told[:3]]
    helps = [" and ".join(map(name_of, fields)) for fields in solution.relaxations[:3]]
    return Facts(
        kind="infeasible",
        objective=solution.objective,
        conflicts=_put(figures, "conflict", conflicts),
        helps=_put(figures, "help", helps),
        notes=notes,
        figures=figures,
    )


def _set_in_words(limits: Constraints, fields: tuple[str, ...]) -> str:
    ends = {"count": ("count_min", "count_max")}
    standing = [f for name in fields for f in ends.get(name, (name,)) if f in limits.provenance]
    words = phrases(limits.only(*standing, "currency"), shown=False) if standing else []
    quoted = [f"“{word}”" for word in words] or list(map(name_of, fields))
    if len(quoted) == 1:
        return f"Nothing we have is {quoted[0]}"
    return f"{', '.join(quoted[:-1])} and {quoted[-1]} exclude each other"


def _notes(state: State) -> list[str]:
    softened = [(w.limit, w.reason) for w in state["warnings"] if w.limit]
    solution = state.get("solution")
    notes_first = [_REFINED[key] for key in _refinements(state)]
    softened += [(r.limit, r.reason) for r in solution.relaxed] if solution else []
    by_reason: dict[str, list[str]] = {}
    for limit, reason in dict.fromkeys(softened):
        by_reason.setdefault(reason, []).append(name_of(limit))
    notes = [
        *notes_first,
        *(
            f"I did not hold to {' and '.join(names)}: {reason}."
            for reason, names in by_reason.items()
        ),
    ]
    for path, origin in state["limits"].provenance.items():
        if origin.note and origin.turn == state["turn"]:
            opening = "The price range was " if origin.note.startswith("widened") else ""
            text = f"{opening}{origin.note}"
            notes.append(f"{text[:1].upper()}{text[1:]}.")
        if origin.turn == state["turn"]:
            notes += _matches(path, origin)
    if state["degraded"]:
        reason = state["degraded"][0]
        last = (state.get("answered_by") or [EMBEDDED])[-1]
        stand_in = "simple rules" if last == EMBEDDED else "the second model"
        notes.append(f"The configured model could not be used ({reason}); {stand_in} answered.")
    return list(dict.fromkeys(notes))


_REFINED = {
    "cheapest": "The cheapest comes first.",
    "dearest": "The dearest comes first.",
    "best_rated": "The best rated comes first.",
    "most_reviewed": "The one with the most reviews comes first.",
    "biggest_saving": "The biggest saving comes first.",
    "likeliest": "What suits you best comes first.",
    "like": "I looked for what is most like the one you pointed at.",
}


def _refinements(state: State) -> list[str]:
    """What this turn's refinements were, as keys of `_REFINED`."""
    asked = [use.args for use in tools_used(state) if use.name == "refine"]
    keys = [key for args in asked for key in (args.get("order"), args.get("like") and "like")]
    return [key for key in keys if key in _REFINED]


def _matches(path: str, origin: Provenance) -> list[str]:
    """The catalogue values that stand in for the shopper's words, where the two differ."""
    notes = []
    for word, values in origin.matched.items():
        if not values and not path.startswith("exclude."):
            notes.append(f"This shop does not carry {word}.")
        elif values and not any(fuzz.ratio(word.lower(), v.lower()) >= _SAME for v in values):
            notes.append(f"For {word} I looked at {', '.join(values)}.")
    return notes


_SAME = 75.0
"""Similarity in percent from which two words are one, but for an ending or a slip."""


def _answers(state: State) -> list[str]:
    answers: list[str] = []
    calls = {
        call["id"]: call["name"]
        for message in this_turn(state)
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    }
    for message in this_turn(state):
        if not isinstance(message, ToolMessage) or message.status == "error":
            continue
        name = calls.get(message.tool_call_id)
        if name == "catalog_facts":
            answers += _facts_in_words(json.loads(str(message.content)))
        elif name == "explain":
            found = json.loads(str(message.content))["products"]
            answers += [_explained(e, state["limits"]) for e in found] or [_NONE_SUCH]
        elif name == "compare_products":
            answers += compared_in_words(json.loads(str(message.content)), state["limits"])
        elif name == "rank_next_items":
            answers += _next_in_words(json.loads(str(message.content)))
        elif name == "get_products":
            answers += [_product_in_words(p) for p in json.loads(str(message.content))["items"]]
    return answers


def _facts_in_words(facts: dict[str, Any]) -> list[str]:
    asked = _asked_in_words(facts["asked"])
    within = f" that fit what you name ({asked})" if asked else ""
    if not facts["count"]:
        return [f"We have nothing{within.replace('that fit', 'that fits')}."]
    counted = _counted(facts["count"], "product")
    one = facts["count"] == 1
    lines = [f"We have {counted}{within.replace('that fit', 'that fits') if one else within}."]
    currency, low, high = facts["currency"], facts["price_lower"], facts["price_upper"]
    if low is not None:
        span = show_money(low, currency)
        if high != low:
            span += f" to {show_money(high, currency)}"
        lines.append(f"They cost {span}." if facts["count"] > 1 else f"It costs {span}.")
    if facts["count"] > 1 and facts["ends"]:
        for word, product in zip(("least", "most"), facts["ends"], strict=False):
            price = show_money(product["price"], currency)
            lines.append(f"The {word} expensive is {product['title']}, {price}.")
    for name in ("categories", "brands", "colors"):
        if facts["asked"].get(name):
            continue  # the shopper named it; listing it again says nothing
        values = [entry["value"] for entry in facts[name][:6]]
        if len(values) > 1:
            lines.append(f"{name.capitalize().replace('Colors', 'Colours')}: {', '.join(values)}.")
    return lines


def _asked_in_words(asked: dict[str, Any]) -> str:
    kept = {k: v for k, v in asked.items() if k != "provenance" and v not in (None, [], {})}
    kept["exclude"] = {k: v for k, v in asked.get("exclude", {}).items() if v}
    return ", ".join(phrases(Constraints.of("said", **kept)))


_NONE_SUCH = "This shop has nothing like that within your other limits."


def _explained(found: dict[str, Any], limits: Constraints) -> str:
    explanation = Explanation.model_validate(found)
    item = explanation.item
    what = f"{item.title} ({item.price})"
    if explanation.offered:
        why = "; ".join(item.reasons) or "it is among the most attractive within your limits"
        return f"{what} is in the recommendation: {why}."
    if explanation.broken:
        words = [
            "it is sold out" if path == "stock" else f"you asked for “{phrase(limits, path)}”"
            for path in explanation.broken
        ]
        return f"{what} is not in, because {' and '.join(words)}."
    if explanation.forbidden_by:
        names = " and ".join(name_of(path) for path in explanation.forbidden_by)
        return f"{what} is not in: {names} leaves no room for it."
    text = f"{what} meets your limits, but other items do better."
    if explanation.cost is not None:
        cost = show_money(round(max(explanation.cost, 0.0), 2), item.price.currency)
        text += f" Putting it in would lower the expected revenue per visitor by {cost}"
        gone = ", ".join(other.title for other in explanation.displaced)
        text += f" and push out {gone}." if gone else "."
    return text


def _product_in_words(product: dict[str, Any]) -> str:
    parts = [product["title"]]
    if product["price"] is not None:
        parts.append(show_money(product["price"], product["currency"]))
    if product["rating"] is not None:
        parts.append(f"rated {product['rating']:g} of 5")
    if product["sizes"]:
        parts.append(f"sizes {', '.join(product['sizes'])}")
    if product["colors"]:
        parts.append(f"in {', '.join(product['colors'])}")
    return "; ".join(parts) + "."


def ranked_next(state: State) -> list[str]:
    """Ids of the items that this turn's ranking of what comes next put before the shopper."""
    calls = {
        call["id"]
        for message in this_turn(state)
        if isinstance(message, AIMessage)
        for call in message.tool_calls
        if call["name"] == "rank_next_items"
    }
    return [
        item["id"]
        for message in this_turn(state)
        if isinstance(message, ToolMessage)
        and message.status != "error"
        and message.tool_call_id in calls
        for item in json.loads(str(message.content))["items"]
    ]


def _next_in_words(found: dict[str, Any]) -> list[str]:
    if not found["items"]:
        return ["None of what others looked at next is sold here within your limits."]
    counted = len({view["id"] for view in found["viewed"]})
    opened = _counted(counted, "item")
    if found["beyond_seen"]:
        lines = [
            f"Within what you looked at so far others found nothing after the {opened} you "
            "opened; by their sessions, this comes next:"
        ]
    else:
        lines = [f"By other shoppers' sessions, this comes next after the {opened} you opened:"]
    for product in found["items"]:
        price = product["price"]
        cost = "" if price is None else f", {show_money(price, product['currency'])}"
        lines.append(f"• {product['title']}{cost}")
    return lines


def _item(item: ChosenItem, *, new: bool = False, leave_out: Set[str] = frozenset()) -> ItemFacts:
    return ItemFacts(
        id=item.id,
        title=item.title,
        price=str(item.price),
        reason="; ".join(r for r in item.reasons if r not in leave_out),
        new=new,
    )


def _put(figures: dict[str, str], stem: str, texts: list[str]) -> tuple[str, ...]:
    names = tuple(f"{stem}{number}" for number in range(1, len(texts) + 1))
    figures.update(zip(names, texts, strict=True))
    return names


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
