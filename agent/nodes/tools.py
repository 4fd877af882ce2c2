"""Runs the tool calls of a step; refusals and slips go back to the model, bugs stay loud."""

# No `from __future__ import annotations`: ToolNode reads the error types that `on_tool_error`
# takes from its annotation, and cannot read them from a string.

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langgraph.prebuilt import ToolNode
from langgraph.prebuilt.tool_node import ToolCallRequest, ToolInvocationError
from langgraph.types import Command

from agent.context import context_of
from agent.models.answers import errors_in_words, this_turn
from tools.desk import Turn
from tools.errors import InteraRecError
from tools.toolset import TOOLS, WRITES, tool_schemas

REFUSED = "Refused: "
"""Begins an answer whose rest is a sentence that may be shown to the shopper."""
NOT_RUN = "Not run: "
"""Begins an answer to a call that the guard did not let through."""
MOST_CALLS = 8
"""Tool calls that run in one step; the rest are answered with a refusal."""

LONGEST_REFUSAL = 1_000
"""Letters of what the model is told of bad arguments."""

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
        wrong = errors_in_words(error.filtered_errors or error.source.errors())
        return f"Bad arguments for {error.tool_name}: {wrong}"[:LONGEST_REFUSAL]
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
    most = context_of(request.runtime).max_tool_calls
    reason = refusal(request.tool_call, request.state["messages"], most)
    if not reason:
        return None
    return ToolMessage(reason, tool_call_id=request.tool_call["id"], status="error")


def _prepared(request: ToolCallRequest) -> ToolCallRequest:
    turn: Any = Turn(context_of(request.runtime), request.state)
    runtime = replace(request.runtime, context=turn, state={}, tools=[], config={})
    return replace(request, runtime=runtime)


def refusal(call: Any, messages: Sequence[BaseMessage], most_calls: int) -> str:
    """Why a call must not run: unreadable, too many, a second change in one step, a repeat.

    Args:
        most_calls: how many calls run in one turn.
    """
    steps = [m for m in this_turn(messages) if isinstance(m, AIMessage)]
    step = steps[-1]
    position = next(i for i, c in enumerate(step.tool_calls) if c["id"] == call["id"])
    if call["id"] in step.additional_kwargs.get("unreadable", ()):
        return f"Bad arguments: they are not valid JSON. {call['name']} takes {_takes(call)}."
    if position >= MOST_CALLS:
        return f"{NOT_RUN}at most {MOST_CALLS} calls in one step."
    ran = [m for m in this_turn(messages) if isinstance(m, ToolMessage) and not _not_run(m)]
    if len(ran) + position >= most_calls:
        return f"{NOT_RUN}at most {most_calls} calls in one turn; reply with what you have."
    earlier = step.tool_calls[:position]
    if call["name"] in WRITES and any(c["name"] in WRITES for c in earlier):
        return f"{NOT_RUN}one change at a time; put all changes into one call."
    return _repeat(call, earlier, steps[:-1], messages)


def _repeat(
    call: Any, beside: Sequence[Any], before: Sequence[AIMessage], messages: Sequence[BaseMessage]
) -> str:
    """Why this call tells nothing new; what a tool says changes only with a change."""
    failed = {
        m.tool_call_id for m in messages if isinstance(m, ToolMessage) and m.status == "error"
    }
    same = False
    for other in (*(c for m in before for c in m.tool_calls), *beside):
        if (other["name"], other["args"]) == (call["name"], call["args"]):
            if other["id"] in failed:
                return f"{NOT_RUN}the same call failed a moment ago; change its arguments or go on."
            same = True
        elif other["name"] in WRITES and other["id"] not in failed:
            same = False
    return f"{NOT_RUN}the same call was answered a moment ago; use that answer." if same else ""


def _not_run(answer: ToolMessage) -> bool:
    return answer.status == "error" and answer.text.startswith(NOT_RUN)


def _takes(call: Any) -> str:
    schemas = {s["function"]["name"]: s["function"] for s in tool_schemas()}
    parameters = schemas.get(call["name"], {}).get("parameters", {}).get("properties", {})
    return f"a JSON object with {', '.join(parameters) or 'nothing'}"
