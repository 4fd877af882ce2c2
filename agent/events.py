"""What happens during a turn, as typed events; every one is plain data that fits into JSON.

The message itself comes as pieces of the *checked* text, after the check. A draft is not shown
while a model writes it: it may still name a price or an item that the check strikes out, and a
shopper who has read a wrong price for two seconds has been told a wrong price. What can be shown
at once is what is certain: which stage runs, which tool was called with what, and that the message
is being written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from tools.domain import Frozen


class StageStarted(Frozen):
    """A stage (a node of the graph) begins."""

    event: Literal["stage_started"] = "stage_started"
    stage: str


class StageEnded(Frozen):
    """A stage is over."""

    event: Literal["stage_ended"] = "stage_ended"
    stage: str
    seconds: float
    """Wall seconds that it took."""


class ToolCalled(Frozen):
    """The model asked for a tool."""

    event: Literal["tool_called"] = "tool_called"
    id: str
    name: str
    args: dict[str, Any]


class ToolAnswered(Frozen):
    """The tool, or the guard in front of it, answered."""

    event: Literal["tool_answered"] = "tool_answered"
    id: str
    name: str
    ok: bool
    """False: the call was refused or failed; the model was told why."""


class Drafting(Frozen):
    """A model writes the message; how far it is."""

    event: Literal["drafting"] = "drafting"
    pieces: int
    """Pieces, about words, that came so far."""


class MessagePart(Frozen):
    """The next piece of the checked message; all pieces together are the message."""

    event: Literal["message_part"] = "message_part"
    text: str


class TurnEnded(Frozen):
    """The turn is over and what it came to is kept."""

    event: Literal["turn_ended"] = "turn_ended"
    message: str
    degraded: tuple[str, ...] = ()
    """Why a configured model could not be used."""


Event = StageStarted | StageEnded | ToolCalled | ToolAnswered | Drafting | MessagePart | TurnEnded


def in_parts(message: str) -> Iterator[MessagePart]:
    """The message in pieces of about a word, white space kept."""
    for piece in re.findall(r"\s*\S+|\s+$", message):
        yield MessagePart(text=piece)
