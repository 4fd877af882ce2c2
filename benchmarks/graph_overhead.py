"""CPU a turn costs in the graph itself, with models that answer at once, beside a bare graph.

Both sides run in this process in turn: our graph (intake, assistant, tools, assistant, compose,
check) over a small shop with scripted models, and a graph of six empty nodes with one message
added in each. Prints the median CPU milliseconds of a turn and their ratio.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

TURNS = 200


def main() -> None:
    """Measures both sides and prints one line each."""
    ours, bare = our_turn(), bare_turn()
    for turn in (ours, bare):
        for _ in range(20):
            turn()
    sides: dict[str, list[float]] = {"interarec": [], "bare six-node graph": []}
    for _ in range(TURNS):
        for name, turn in (("interarec", ours), ("bare six-node graph", bare)):
            start = time.process_time()
            turn()
            sides[name].append((time.process_time() - start) * 1000)
    medians = {name: statistics.median(times) for name, times in sides.items()}
    for name, median in medians.items():
        print(f"{name:<22} {median:6.2f} ms CPU a turn (median of {TURNS}, no checkpointer)")
    print(f"ratio                  {medians['interarec'] / medians['bare six-node graph']:6.2f}")


def our_turn() -> Callable[[], object]:
    """A turn of the real graph whose model asks for one tool and then writes a line."""
    from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

    from agent.graph import make_graph
    from agent.models.scripted import ScriptedChatModel
    from tests.support.shop import shop_context, small_catalog

    def answer(messages: list[BaseMessage], tools: list[dict[str, object]]) -> AIMessage:
        if not tools:
            return AIMessage("[[figure:answer1]]")
        if isinstance(messages[-1], ToolMessage):
            return AIMessage("done")
        args = {"ids": ["p1"]}
        return AIMessage("", tool_calls=[{"name": "get_products", "args": args, "id": "a"}])

    folder = Path(tempfile.mkdtemp(prefix="interarec-bench-"))
    chat = ScriptedChatModel(steps=[answer] * (3 * (TURNS + 20)))
    context = shop_context(small_catalog(folder), folder, chat=chat)
    graph = make_graph()
    return lambda: graph.invoke({"text": "tell me about p1", "frames": []}, context=context)


def bare_turn() -> Callable[[], object]:
    """A turn of six nodes in a row that each add a message."""
    from langchain_core.messages import AIMessage
    from langgraph.graph import MessagesState, StateGraph

    graph = StateGraph(MessagesState)
    names = [f"node{i}" for i in range(6)]
    for name in names:
        graph.add_node(name, lambda _: {"messages": [AIMessage("hi")]})
    graph.set_entry_point(names[0])
    for one, two in pairwise(names):
        graph.add_edge(one, two)
    compiled = graph.compile()
    return lambda: compiled.invoke({"messages": []})


if __name__ == "__main__":
    main()
