"""Lets a message out only if every figure has a tool result and every hard limit holds."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from agent.context import Context, context_of
from agent.facts import gather, ranked_next
from agent.state import Shown, State, Warned
from agent.wording import faults, fill, write
from tools.changes import remembered
from tools.domain import Constraints
from tools.solution import Solution

SHOWN = 40
"""Items shown earlier that are kept for references such as "the second one"."""


def check(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Fills the message in; one that fails is rewritten from the template, and that is counted."""
    context = context_of(runtime)
    update: dict[str, Any] = {}
    solution = state.get("solution")
    if solution is not None and _outdated(state, context, solution):
        engine = context.engine(state["market"], state.get("liking"))
        solution = engine.solve(state["limits"], state.get("wish", ""), explain=True)
        update["solution"] = solution
        state = {**state, "solution": solution, "message": ""}
    facts = gather(state)
    text = state["message"]
    rewritten = state.get("rewritten", 0)
    if faults(text, facts):
        text = write(facts)
        rewritten += 1
    message = fill(text, facts)
    named = dict.fromkeys([*ranked_next(state), *(solution.ids if solution else ())])
    shown = [Shown(id=i, turn=state["turn"]) for i in named]
    again = {item.id for item in shown}
    shown += [item for item in state.get("shown", []) if item.id not in again]
    return update | {
        "message": message,
        "rewritten": rewritten,
        "messages": [AIMessage(message)],
        "history": remembered(state["history"], state["limits"]),
        "shown": shown[:SHOWN],
        "warnings": [*state["warnings"], *_foreign(state, context)],
    }


def _foreign(state: State, context: Context) -> list[Warned]:
    """Price limits in a currency that the shop does not sell in, and cannot convert."""
    limits, catalog = state["limits"], context.catalog(state["market"])
    if f"{limits.currency}/{catalog.currency}" in context.rates:
        return []
    reasons = dict.fromkeys(catalog.unapplied(limits).values())
    return [Warned(code="currency_mismatch", reason=reason) for reason in reasons]


def _outdated(state: State, context: Context, solution: Solution) -> bool:
    """Whether an item changed its price, ran out, or breaks a hard limit in force."""
    catalog = context.catalog(state["market"])
    limits = _hard(state["limits"], solution)
    for item in solution.items:
        row = catalog.row_of(item.id)
        if row is None or catalog.product(row).price != item.price:
            return True
        if not catalog.matching(limits)[row]:
            return True
    return False


def _hard(limits: Constraints, solution: Solution) -> Constraints:
    """The hard limits without those that the solution says it relaxed."""
    return limits.replace({r.limit: None for r in solution.relaxed}, {})
