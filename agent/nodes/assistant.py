"""Lets the model choose the next tools, or say that it has what it needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langgraph.runtime import Runtime

from agent.asking import ask_chat, seconds_left
from agent.context import Context, context_of
from agent.models.answers import choose
from agent.prompting import as_data, as_json
from agent.state import State
from prompts import load
from tools.toolset import tool_schemas

REMEMBERED = 12
"""How many of the items shown last the model is told of."""


def assistant(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """One model step; past the step limit or the turn's time it goes on with what it has."""
    context = context_of(runtime)
    market = state.get("market") or context.market_for(None)
    if state["steps"] >= context.max_steps or (
        state["steps"] and seconds_left(state, context) <= 0
    ):
        return {"market": market}
    prompt = load("assistant", context.prompts)
    system, _ = prompt.render(**_told(state, context, market))
    messages = [SystemMessage(system), *state["messages"]]
    schemas = tool_schemas(next_items=context.next_items is not None)
    answer, noted = ask_chat(state, context, lambda model: choose(model, messages, schemas))
    return noted | {
        "market": market,
        "steps": state["steps"] + 1,
        # That it is done is no news to anyone; a thread keeps calls, their answers and messages.
        "messages": [as_step(answer, state["messages"])] if answer.tool_calls else [],
        "prompts": {**state["prompts"], "assistant": prompt.stamp},
    }


def as_step(answer: AIMessage, messages: Sequence[BaseMessage]) -> AIMessage:
    """The answer as the thread keeps it: every call with an id that no other call has.

    Some servers give no ids, or count them from 0 in every reply; answers could not be told apart.
    """
    taken = {call["id"] for m in messages if isinstance(m, AIMessage) for call in m.tool_calls}
    unreadable = set(answer.additional_kwargs.get("unreadable", ()))
    calls, without_arguments = [], []
    for number, call in enumerate(answer.tool_calls):
        own = call["id"]
        if not own or own in taken:
            place = f"{len(messages)} {number} {len(taken)} {messages[-1].id}"
            own = f"call_{sha256(place.encode()).hexdigest()[:16]}"
        taken.add(own)
        calls.append({**call, "id": own})
        if call["id"] in unreadable:
            without_arguments.append(own)
    return AIMessage(
        answer.text,
        tool_calls=calls,
        additional_kwargs={"unreadable": without_arguments} if without_arguments else {},
    )


def _told(state: State, context: Context, market: str) -> dict[str, str]:
    catalog = context.catalog(market)
    shown = [item for item in state.get("shown", []) if catalog.row_of(item.id) is not None]
    products = catalog.get([item.id for item in shown[:REMEMBERED]])
    summary = state.get("summary")
    return {
        "shop": as_json(
            {"name": catalog.name, "currency": catalog.currency, "products": len(catalog)}
        ),
        "summary": as_data(summary.text() if summary else ""),
        "wish": as_data(state.get("wish", "")),
        "limits": as_json(json.loads(state["limits"].model_dump_json(exclude_defaults=True))),
        "shown": as_json(
            [
                {
                    "number": number,
                    "turn": item.turn,
                    "id": product.id,
                    "title": product.title,
                    "price": float(product.price.amount) if product.price else None,
                    "brand": product.brand,
                    "colors": list(product.colors),
                    "categories": list(product.categories),
                }
                for number, (item, product) in enumerate(zip(shown, products, strict=False), 1)
            ]
        ),
    }


def needs_tools(state: State) -> Literal["tools", "done"]:
    """Whether the last message asks for tools."""
    return "tools" if getattr(state["messages"][-1], "tool_calls", ()) else "done"
