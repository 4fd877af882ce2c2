"""What tables of faults share: a fault, a turn under it over real HTTP, and the printed table.

`llm_faults` holds the faults of a language model, `vision_faults` those of a model that reads
screens. A server that answers well is the caller's; a fault replaces some of its replies.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from agent.capture.frames import Frame
from agent.context import Context
from agent.events import Event
from agent.graph import make_graph
from agent.session import Session
from agent.state import State
from tests.support.shop import PreparedVision, small_catalog
from tests.support.stub_server import Reply, Request, refusing, serving
from tools.catalog import Catalog

CALL_SECONDS, TURN_SECONDS = 20.0, 60.0
SHORT = 1.0
"""Seconds of a call where the fault is that it does not end."""
MODES = ("whole", "stream")
"""Plain replies, or server-sent events."""
DEAD = "http://127.0.0.1:9/v1"
"""An address at which nothing listens."""
BUSY = refusing(429, "slow down")


@dataclass
class Seen:
    """What a turn under a fault came to."""

    session: Session
    requests: Sequence[Request]
    seconds: float
    events: Sequence[Event] = ()

    @property
    def state(self) -> State:
        """The state after the turn."""
        return self.session.state

    @property
    def reasons(self) -> str:
        """Why a model could not be used."""
        return "; ".join(self.state["degraded"])

    @property
    def embedded(self) -> list[int]:
        """Sizes of the batches that the reader in the embedded one's place read."""
        reader = self.session.context.embedded_vision
        assert isinstance(reader, PreparedVision)
        return reader.batches


@dataclass(frozen=True)
class BaseFault:
    """One thing that goes wrong, and what is asked of the turn."""

    name: str
    asked: str
    replies: Mapping[int, Reply] = field(default_factory=dict)
    """Number of the request, from 0 -> what is said instead."""
    always: Callable[[Request], Reply | None] = lambda _: None
    """What is said instead to any request; None: a good answer."""
    reason: str = ""
    """What the reason for giving the model up holds; empty: the model is not given up."""
    also: Callable[[Seen], bool] = lambda _: True
    modes: Sequence[str] = MODES
    call_seconds: float = CALL_SECONDS
    unreachable: bool = False


Kind = TypeVar("Kind", bound=BaseFault)


def every(reply: Reply) -> Callable[[Request], Reply]:
    """The same to every request."""
    return lambda _: reply


def turn_under(
    fault: BaseFault,
    mode: str,
    well_behaved: Callable[[Request], Reply],
    make_context: Callable[[str], Context],
    given: tuple[str, Sequence[Frame]],
) -> Seen:
    """One turn under the fault.

    Args:
        mode: one of `MODES`.
        make_context: from the address of the server to what the turn runs with.
        given: the shopper's words and frames.
    """
    told: list[int] = []

    def reply(request: Request) -> Reply:
        number = len(told)
        told.append(number)
        return fault.replies.get(number) or fault.always(request) or well_behaved(request)

    with serving(otherwise=reply) as stub:
        context = make_context(DEAD if fault.unreachable else stub.base_url)
        session = Session(context, "faults", make_graph())
        started = time.monotonic()
        events: list[Event] = []
        if mode == "stream":
            events = list(session.events(*given))
        else:
            session.turn(*given)
        seconds = time.monotonic() - started
        context.frames.close()
        return Seen(session, list(stub.requests), seconds, events)


def print_table(
    faults: Sequence[Kind],
    run: Callable[[Kind, str, Catalog, Path], Seen],
    faults_of: Callable[[Kind, Seen], list[str]],
    came_of: Callable[[Seen], str],
) -> None:
    """Prints what is asked of each fault beside what was seen; exits with 1 if any row is wrong.

    Args:
        run: one turn under the fault, in a mode, over a catalogue, in a folder.
        faults_of: what is wrong with how the turn went.
        came_of: what the turn came to where nothing is.
    """
    name, asked = (max(len(getattr(f, part)) for f in faults) for part in ("name", "asked"))
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        catalog = small_catalog(Path(scratch))
        print(f"{'fault':{name}} {'mode':7} {'asked':{asked}} {'s':>5} calls  seen")
        for number, (fault, mode) in enumerate(rows_of(faults)):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            seen = run(fault, mode, catalog, folder)
            wrong = faults_of(fault, seen)
            failed += bool(wrong)
            came = f"WRONG: {'; '.join(wrong)}" if wrong else came_of(seen)
            print(f"{fault.name:{name}} {mode:7} {fault.asked:{asked}} {seen.seconds:5.1f} "
                  f"{len(seen.requests):5}  {came}")  # fmt: skip
    limits = f"a call {CALL_SECONDS:g} s, {SHORT:g} s where it hangs"
    print(f"{failed} rows not as asked; a turn may wait {TURN_SECONDS:g} s, {limits}")
    sys.exit(bool(failed))


def rows_of(faults: Sequence[Kind]) -> list[tuple[Kind, str]]:
    """Every fault in each of its modes."""
    return [(fault, mode) for fault in faults for mode in fault.modes]


def row_id(row: Any) -> str:
    """How pytest names a part of a row."""
    return row.name if isinstance(row, BaseFault) else str(row)
