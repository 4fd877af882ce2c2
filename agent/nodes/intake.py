"""Opens a turn: counts it, clears what belongs to the last one, mends what was interrupted."""

from __future__ import annotations

from typing import Any, Literal

from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    RemoveMessage,
    ToolMessage,
)

from agent.state import State
from tools.domain import Constraints

REMEMBERED_TURNS = 6
"""Turns whose messages a model is shown, the new one included."""
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
        "messages": [
            *forgotten(state.get("messages", [])),
            *repairs(state.get("messages", [])),
            HumanMessage(text or NO_WORDS),
        ],
    }


def forgotten(messages: list[AnyMessage]) -> list[RemoveMessage]:
    """The messages of all but the last turns, to be removed.

    What must outlive them (limits, their history, items shown, the recommendation) is state of
    its own, so a long conversation costs no more a turn than a short one.
    """
    turns = [i for i, m in enumerate(messages) if isinstance(m, HumanMessage)]
    if len(turns) < REMEMBERED_TURNS:
        return []
    start = turns[-(REMEMBERED_TURNS - 1)]
    return [RemoveMessage(id=m.id) for m in messages[:start] if m.id]


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
