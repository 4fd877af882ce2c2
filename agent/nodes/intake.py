"""Opens a turn: counts it, clears what belongs to the last one, mends what was interrupted."""

from __future__ import annotations

from typing import Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from agent.state import State
from tools.domain import Constraints

NO_WORDS = "(The shopper shares new screenshots and says nothing.)"


def intake(state: State) -> dict[str, Any]:
    """Prepares the state for this turn."""
    text = state.get("text", "").strip()
    read = {reading.digest for reading in state.get("readings", [])}
    waiting = [d for d in dict.fromkeys(state.get("frames") or []) if d not in read]
    return {
        "turn": state.get("turn", 0) + 1,
        "steps": 0,
        "text": text,
        "frames": waiting,
        "limits": state.get("limits") or Constraints(),
        "history": state.get("history", []),
        "scenario": None,
        "question": "",
        "message": "",
        "degraded": [],
        "warnings": [],
        "tools_used": [],
        "prompts": {},
        "messages": [*repairs(state.get("messages", [])), HumanMessage(text or NO_WORDS)],
    }


def repairs(messages: list[AnyMessage]) -> list[ToolMessage]:
    """Answers for tool calls that an interrupted turn left open.

    Hosted models refuse a history in which a tool call has no answer.
    """
    answered = {m.tool_call_id for m in messages if isinstance(m, ToolMessage)}
    last = messages[-1] if messages else None
    if not isinstance(last, AIMessage | ToolMessage):
        return []
    return [
        ToolMessage("The turn was interrupted before this call ran.", tool_call_id=call["id"])
        for message in messages
        if isinstance(message, AIMessage)
        for call in message.tool_calls
        if call["id"] not in answered
    ]


def frames_waiting(state: State) -> Literal["waiting", "none"]:
    """Whether frames wait to be read."""
    return "waiting" if state.get("frames") else "none"
