"""Runs the tool calls of a step; refusals and slips go back to the model, bugs stay loud."""

# No `from __future__ import annotations`: ToolNode reads the error types that `on_tool_error`
# takes from its annotation, and cannot read them from a string.

from asyncio import to_thread
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.prebuilt import ToolNode
from langgraph.prebuilt.tool_node import ToolCallRequest, ToolInvocationError
from langgraph.types import Command

from agent.context import context_of
from tools.errors import InteraRecError
from tools.toolset import TOOLS, WRITES, Turn

REFUSED = "Refused: "
"""Begins an answer whose rest is a sentence that may be shown to the shopper."""
MOST_CALLS = 8
"""Tool calls that run in one step; the rest are answered with a refusal."""

Answer = ToolMessage | Command[Any]


def make_tool_node() -> ToolNode:
    """The node that executes the tool calls of the last model message."""
    return ToolNode(
        TOOLS,
        handle_tool_errors=on_tool_error,
        wrap_tool_call=guarded,
        awrap_tool_call=aguarded,
    )


def on_tool_error(error: InteraRecError | ToolInvocationError) -> str:
    """What the model is told of a refusal or of bad arguments.

    Raises:
        Exception: any other error, as it is: with a wrapper in place ToolNode hands over all.
    """
    if not isinstance(error, InteraRecError | ToolInvocationError):
        raise error
    if isinstance(error, ToolInvocationError):
        return f"Bad arguments: {error}"
    return f"{REFUSED}{error}"


def guarded(request: ToolCallRequest, execute: Callable[[ToolCallRequest], Answer]) -> Answer:
    """Refuses calls that must not run, and hands the tools what the turn works on."""
    return _refused(request) or execute(_prepared(request))


async def aguarded(
    request: ToolCallRequest, execute: Callable[[ToolCallRequest], Awaitable[Answer]]
) -> Answer:
    """The same for a host that runs the graph on an event loop."""
    return _refused(request) or await execute(await to_thread(_prepared, request))


def _refused(request: ToolCallRequest) -> ToolMessage | None:
    reason = refusal(request.tool_call, request.state["messages"])
    if not reason:
        return None
    return ToolMessage(reason, tool_call_id=request.tool_call["id"], status="error")


def _prepared(request: ToolCallRequest) -> ToolCallRequest:
    turn: Any = Turn(context_of(request.runtime), request.state)
    runtime = replace(request.runtime, context=turn, state={}, tools=[], config={})
    return replace(request, runtime=runtime)


def refusal(call: Any, messages: list[Any]) -> str:
    """Why a call must not run: too many, a second change in one step, a repeat of a failure."""
    step = next(m for m in reversed(messages) if isinstance(m, AIMessage))
    position = next(i for i, c in enumerate(step.tool_calls) if c["id"] == call["id"])
    if position >= MOST_CALLS:
        return f"Not run: at most {MOST_CALLS} calls in one step."
    earlier = step.tool_calls[:position]
    if call["name"] in WRITES and any(c["name"] in WRITES for c in earlier):
        return "Not run: one change at a time; put all changes into one call."
    if _failed_before(call, messages):
        return "Not run: the same call failed a moment ago; change its arguments or go on."
    return ""


def _failed_before(call: Any, messages: list[Any]) -> bool:
    start = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=0)
    turn = messages[start:]
    failed = {m.tool_call_id for m in turn if isinstance(m, ToolMessage) and m.status == "error"}
    return any(
        c["id"] in failed and (c["name"], c["args"]) == (call["name"], call["args"])
        for m in turn
        if isinstance(m, AIMessage)
        for c in m.tool_calls
    )
