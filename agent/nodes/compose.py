"""Has the model write the message around figures that code will fill in."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from agent.asking import ask_chat
from agent.context import Context, context_of
from agent.facts import gather, tools_used
from agent.models.answers import say
from agent.prompting import as_json
from agent.state import State
from prompts import load


def compose(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """The message with placeholders; the check fills it in."""
    context = context_of(runtime)
    facts = gather(state)
    prompt = load("compose", context.prompts)
    system, user = prompt.render(facts=as_json(facts.model_dump(mode="json")))
    message, noted = ask_chat(
        state, context, lambda model: say(model, [SystemMessage(system), HumanMessage(user)])
    )
    return noted | {
        "message": message,
        "tools_used": tools_used(state),
        "prompts": {**state["prompts"], "compose": prompt.stamp},
    }
