"""Runs turns of one thread through the graph and gives what the command line shows."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from agent.capture.frames import Frame
from agent.config import make_home
from agent.context import Context
from agent.graph import make_graph
from agent.state import Input, State
from tools.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

STEPS_A_TURN = 200
"""Graph steps in one turn; far above any turn, far below langgraph's default of ten thousand."""


@dataclass
class Session:
    """One thread of the conversation."""

    context: Context
    thread: str
    graph: CompiledStateGraph[State, Context, Input, State]
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall seconds that each stage (node) of the last turn took, in the order they first ran."""

    def turn(self, text: str = "", frames: Sequence[Frame] = ()) -> State:
        """One turn: the shopper's words, new frames, or both.

        Returns:
            The state after the turn.
        """
        given: Input = {"text": whole(text), "frames": [self.context.frames.put(f) for f in frames]}
        config: RunnableConfig = {
            "configurable": {"thread_id": self.thread},
            "recursion_limit": STEPS_A_TURN,
        }
        options: dict[str, Any] = {"durability": "exit"} if self.graph.checkpointer else {}
        self.seconds = {}
        state: Any = None
        last = time.perf_counter()
        for kind, chunk in self.graph.stream(
            given, config, context=self.context, stream_mode=["updates", "values"], **options
        ):
            if kind == "values":
                state = chunk
                continue
            # Stages run one after the other, so what passed since the last one is this one's.
            now = time.perf_counter()
            for stage in chunk:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + (now - last) / len(chunk)
            last = now
        return cast("State", state)


def whole(text: str) -> str:
    """The text with every half of a surrogate pair, which no file or wire takes, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_turn(context: Context, text: str, frames: Sequence[Frame]) -> State:
    """A single turn that is not kept."""
    return Session(context, "once", make_graph()).turn(text, frames)


@contextmanager
def kept_session(context: Context, thread: str, home: Path) -> Iterator[Session]:
    """A thread that survives restarts, kept in `threads.sqlite` under `home`.

    Raises:
        InputError: that file or the thread in it is damaged, locked or cannot be written.
    """
    from langgraph.checkpoint.sqlite import SqliteSaver

    path = make_home(home) / "threads.sqlite"
    try:
        with closing(sqlite3.connect(path, check_same_thread=False, timeout=10)) as connection:
            # What a thread deletes shall not be readable in freed pages.
            connection.execute("PRAGMA secure_delete=ON")
            saver: BaseCheckpointSaver[str] = SqliteSaver(connection)
            _check_kept(saver, thread)
            yield Session(context, thread, make_graph(saver))
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise  # misuse of the connection is a bug
    except sqlite3.DatabaseError as error:
        raise InputError(f"the threads in {path} cannot be used: {error}") from None


def _check_kept(saver: BaseCheckpointSaver[str], thread: str) -> None:
    try:
        saver.get_tuple({"configurable": {"thread_id": thread}})
    except (ValueError, TypeError) as error:
        raise InputError(f"the thread {thread} is damaged: {error}") from None
