"""The whole state machine on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph.graph import StateGraph

from agent.context import Configured, Context
from agent.nodes.assistant import assistant, needs_tools
from agent.nodes.check import check
from agent.nodes.compose import compose
from agent.nodes.decompose import decompose
from agent.nodes.intake import frames_waiting, intake
from agent.nodes.summarize import summarize
from agent.nodes.tools import make_tool_node
from agent.state import Input, State

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph


def make_graph(
    checkpointer: BaseCheckpointSaver[str] | None = None,
    context_schema: type[Any] = Context,
) -> CompiledStateGraph[State, Any, Input, State]:
    """The compiled graph.

    Args:
        checkpointer: keeps threads between turns; a host such as `langgraph dev` brings its own.
        context_schema: what a run is given; anything but a `Context` stands for the default one.
    """
    graph = StateGraph(
        State, context_schema=context_schema, input_schema=Input, output_schema=State
    )
    graph.add_node("intake", intake)
    graph.add_node("summarize", summarize)
    graph.add_node("decompose", decompose)
    graph.add_node("assistant", assistant)
    graph.add_node("tools", make_tool_node())
    graph.add_node("compose", compose)
    graph.add_node("check", check)

    graph.set_entry_point("intake")
    graph.add_conditional_edges(
        "intake", frames_waiting, {"waiting": "summarize", "none": "assistant"}
    )
    graph.add_conditional_edges(
        "summarize", frames_waiting, {"waiting": "summarize", "none": "decompose"}
    )
    graph.add_edge("decompose", "assistant")
    graph.add_conditional_edges("assistant", needs_tools, {"tools": "tools", "done": "compose"})
    graph.add_edge("tools", "assistant")
    graph.add_edge("compose", "check")
    graph.set_finish_point("check")
    return graph.compile(checkpointer=checkpointer)


def make_dev_graph() -> CompiledStateGraph[State, Any, Input, State]:
    """The graph for `langgraph dev`, which can hand over plain JSON only."""
    return make_graph(context_schema=Configured)
