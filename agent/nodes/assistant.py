"""Lets the model choose the next tools, or say that it has what it needs."""

from __future__ import annotations

import json
from typing import Any, Literal, cast

from langchain_core.messages import AIMessage, SystemMessage
from langgraph.runtime import Runtime

from agent.context import Context, context_of
from agent.models.calls import with_fallback
from agent.prompting import as_data, as_json
from agent.state import State
from prompts import load
from tools.toolset import tool_schemas

REMEMBERED = 12
"""How many of the items shown last the model is told of."""


def assistant(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """One model step; past the step limit the turn goes on with what it has."""
    context = context_of(runtime)
    market = state.get("market") or context.market_for(None)
    if state["steps"] >= context.max_steps:
        return {"market": market, "messages": [AIMessage("done")]}
    prompt = load("assistant", context.prompts)
    system, _ = prompt.render(**_told(state, context, market))
    messages = [SystemMessage(system), *state["messages"]]
    chat = context.embedded_chat if state["degraded"] else context.chat
    answer, failure = with_fallback(
        chat,
        context.embedded_chat,
        lambda model: model.bind_tools(tool_schemas()).invoke(messages),
    )
    return {
        "market": market,
        "steps": state["steps"] + 1,
        "messages": [answer],
        "degraded": [*state["degraded"], *failure],
        "prompts": {**state["prompts"], "assistant": prompt.stamp},
    }


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
    """Whether the last model message asks for tools."""
    last = cast("AIMessage", state["messages"][-1])
    return "tools" if last.tool_calls else "done"
