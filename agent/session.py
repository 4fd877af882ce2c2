"""Runs turns of one thread through the graph and gives what the command line shows."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage

from agent.capture.frames import Frame
from agent.context import Context
from agent.events import (
    Drafting,
    Event,
    StageEnded,
    StageStarted,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    in_parts,
)
from agent.graph import make_graph
from agent.models.answers import this_turn
from agent.state import Input, State
from agent.threads import Threads, open_threads, saved_state

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import Durability, StreamMode

DURABILITY: Durability = "exit"
"""A thread is kept at the end of a turn, as a whole: a turn that is cut short, even by a kill, is
as if it had not been said, so that it can be said again without half of its changes standing
already. Tools change nothing outside the state. Saving at every step costs a turn three times as
much, and keeps states that nobody was shown."""
STEPS_A_TURN = 200
"""Graph steps in one turn; far above any turn, far below langgraph's default of ten thousand."""


@dataclass
class Session:
    """One thread of the conversation."""

    context: Context
    thread: str
    graph: CompiledStateGraph[State, Context, Input, State]
    threads: Threads | None = None
    """Where the thread is kept; None: nowhere."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall seconds that each stage (node) of the last turn took, in the order they first ran."""
    state: State = field(default_factory=State)
    """The state after the last turn; empty before the first."""

    def turn(self, text: str = "", frames: Sequence[Frame] = ()) -> State:
        """One turn: the shopper's words, new frames, or both.

        Returns:
            The state after the turn.
        """
        for _ in self._run(text, frames):
            pass
        return self.state

    def events(self, text: str = "", frames: Sequence[Frame] = ()) -> Iterator[Event]:
        """One turn as it happens; `state` is the state after the turn once it has ended.

        The words of the message come only once they are checked (see `agent.events`). Whoever
        stops listening before the end cancels the turn, and nothing of it is kept.
        """
        yield from self._run(text, frames, "messages")
        yield from in_parts(self.state["message"])
        yield TurnEnded(message=self.state["message"], degraded=tuple(self.state["degraded"]))

    async def aevents(self, text: str = "", frames: Sequence[Frame] = ()) -> AsyncIterator[Event]:
        """The same for an event loop; the turn runs in a thread of its own, to its end."""
        import asyncio

        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()

        def run() -> None:
            put = arrived.put_nowait
            try:
                for event in self.events(text, frames):
                    loop.call_soon_threadsafe(put, event)
                loop.call_soon_threadsafe(put, None)
            except BaseException as error:
                loop.call_soon_threadsafe(put, error)

        running = asyncio.create_task(asyncio.to_thread(run))
        while (event := await arrived.get()) is not None:
            if isinstance(event, BaseException):
                raise event
            yield event
        await running

    def _run(self, text: str, frames: Sequence[Frame], *more: StreamMode) -> Iterator[Event]:
        given: Input = {"text": whole(text), "frames": [self.context.frames.put(f) for f in frames]}
        config: RunnableConfig = {
            "configurable": {"thread_id": self.thread},
            "recursion_limit": STEPS_A_TURN,
        }
        options: dict[str, Any] = {"durability": DURABILITY} if self.graph.checkpointer else {}
        self.seconds = {}
        begun: dict[str, float] = {}
        calls: dict[str, str] = {}
        pieces = 0
        for kind, chunk in self.graph.stream(
            given, config, context=self.context, stream_mode=["tasks", "values", *more], **options
        ):
            if kind == "values":
                self.state = cast("State", chunk)
                yield from _of_tools(self.state, calls)
            elif kind == "messages":
                piece, about = chunk
                if about["langgraph_node"] == "compose" and isinstance(piece, AIMessageChunk):
                    pieces += 1
                    yield Drafting(pieces=pieces)
            elif "triggers" in chunk:
                begun[chunk["name"]] = time.perf_counter()
                yield StageStarted(stage=chunk["name"])
            else:
                stage = chunk["name"]
                took = time.perf_counter() - begun[stage]
                self.seconds[stage] = self.seconds.get(stage, 0.0) + took
                yield StageEnded(stage=stage, seconds=took)
        if self.threads is not None:
            self.threads.prune(self.thread)


def _of_tools(state: State, calls: dict[str, str]) -> Iterator[Event]:
    """What is new among the tool calls and answers of this turn; `calls` keeps what was told."""
    for message in this_turn(state.get("messages", [])) if state.get("steps") else ():
        if isinstance(message, AIMessage):
            for call in message.tool_calls:
                own = call["id"] or ""
                if own not in calls:
                    calls[own] = call["name"]
                    yield ToolCalled(id=own, name=call["name"], args=call["args"])
        elif isinstance(message, ToolMessage) and f"answered {message.tool_call_id}" not in calls:
            name = calls.get(message.tool_call_id, "")
            calls[f"answered {message.tool_call_id}"] = name
            yield ToolAnswered(id=message.tool_call_id, name=name, ok=message.status != "error")


def whole(text: str) -> str:
    """The text with U+FFFD for halves of surrogate pairs and NUL, which no wire or database takes.

    Postgres keeps no NUL in text or JSON; half a pair cannot be encoded at all.
    """
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return sound.replace("\0", "\ufffd")


def one_turn(context: Context, text: str, frames: Sequence[Frame]) -> State:
    """A single turn that is not kept."""
    return Session(context, "once", make_graph()).turn(text, frames)


@contextmanager
def kept_session(
    context: Context, thread: str, home: Path, url: str | None = None
) -> Iterator[Session]:
    """A thread that survives restarts: in `threads.sqlite` under `home`, or in Postgres at `url`.

    Raises:
        InputError: the file, the database or the thread in it cannot be used.
    """
    with open_threads(home, url) as threads:
        saved_state(threads, thread)  # a damaged one is refused before the first word
        yield Session(context, thread, make_graph(threads.saver), threads)
