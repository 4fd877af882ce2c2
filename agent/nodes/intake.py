"""Opens a turn: counts it, clears what belongs to the last one, mends what was interrupted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    RemoveMessage,
    ToolMessage,
)

from agent.models.ledger import NOTHING
from agent.state import State
from tools.domain import Constraints

REMEMBERED_TURNS = 6
"""Turns whose messages a model is shown, the new one included."""
REMEMBERED_LETTERS = 1_000
"""Letters that a model is shown of each message of earlier turns."""
INTERRUPTED = "(The answer to this was interrupted.)"
NO_WORDS = "(The shopper shares new screenshots and says nothing.)"


def intake(state: State) -> dict[str, Any]:
    """Prepares the state for this turn."""
    text = state.get("text", "").strip()
    read = {reading.digest for reading in state.get("readings", [])}
    waiting = [d for d in dict.fromkeys(state.get("frames") or []) if d not in read]
    return {
        "turn": state.get("turn", 0) + 1,
        "started": time.monotonic(),
        "steps": 0,
        "text": text,
        "frames": waiting,
        "limits": state.get("limits") or Constraints(),
        "history": state.get("history", []),
        "scenario": None,
        "question": "",
        "message": "",
        "degraded": [],
        "given_up": [],
        "answered_by": [],
        "spent_in_turn": NOTHING,
        "images": [],
        "warnings": [],
        "tools_used": [],
        "prompts": {},
        "messages": [
            *remembered(state.get("messages", [])),
            HumanMessage(text or NO_WORDS),
        ],
    }


def remembered(messages: Sequence[AnyMessage]) -> list[BaseMessage]:
    """What turns the messages of earlier turns into what a model is still shown of them.

    Of the last turns the shopper's words and the answers stay, long words cut; what tools said is
    gone with the turn, since it may hold no longer. What must outlive the messages (limits, their
    history, items shown, the recommendation) is state of its own. So a long conversation costs no
    more a turn than a short one, and no tool call of a turn that was interrupted is left without
    its answer, which hosted models refuse.

    Returns:
        Removals, shorter copies, and a stand-in for the answer that an interrupted turn owes.
    """
    turns = [i for i, m in enumerate(messages) if isinstance(m, HumanMessage)]
    start = turns[-(REMEMBERED_TURNS - 1)] if len(turns) >= REMEMBERED_TURNS else 0
    changes: list[BaseMessage] = []
    for place, message in enumerate(messages):
        called = isinstance(message, AIMessage) and message.tool_calls
        if place < start or called or isinstance(message, ToolMessage):
            changes.append(RemoveMessage(id=message.id or ""))
        elif len(message.text) > REMEMBERED_LETTERS:
            short = f"{message.text[:REMEMBERED_LETTERS]} …"
            changes.append(message.model_copy(update={"content": short}))
    last = messages[-1] if messages else None
    if last is not None and not (isinstance(last, AIMessage) and not last.tool_calls):
        changes.append(AIMessage(INTERRUPTED))
    return changes


def frames_waiting(state: State) -> Literal["waiting", "none"]:
    """Whether frames wait to be read."""
    return "waiting" if state.get("frames") else "none"
