"""What flows through the graph: a narrow input, and the state a thread keeps.

The state holds digests and typed results, never picture bytes: five turns of three pictures in the
state made a checkpoint file of over a hundred megabytes.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from langchain_core.messages import AnyMessage
from langgraph.channels import UntrackedValue
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

from agent.models.ledger import Spent
from agent.models.vision import ImageUse
from agent.viewed import ViewedItem
from tools.domain import Constraints, Frozen
from tools.liking import Liking
from tools.preferences import Evidence, FrameReading, PreferenceSummary
from tools.solution import Scenario, Solution

T = TypeVar("T")


def latest(_: T, new: T) -> T:
    """The newer value; lets several tool calls of one step write the same key."""
    return new


class Warned(Frozen):
    """Something the person should know: a refused frame, a foreign currency, a fallback."""

    code: str
    reason: str
    file: str | None = None
    limit: str | None = None
    """Path of the limit that it is about."""


class ToolUse(Frozen):
    """One tool call of this turn, as shown to the person."""

    name: str
    args: dict[str, Any]


class Shown(Frozen):
    """An item that was shown, and in which turn."""

    id: str
    turn: int


class Input(TypedDict, total=False):
    """What a turn brings."""

    text: str
    """The shopper's words; empty when only screenshots came."""
    frames: list[str]
    """Digests of new frames in order; their bytes lie in the frame store."""


class State(TypedDict, total=False):
    """What a thread keeps from turn to turn."""

    text: str
    """The shopper's words of this turn."""
    frames: list[str]
    """Frames that wait to be read."""
    messages: Annotated[list[AnyMessage], add_messages]
    """What the shopper, the model and the tools said."""
    turn: int
    """Number of the turn, from 1."""
    started: Annotated[float, UntrackedValue]
    """When this turn began, on this process's own clock; never kept."""
    steps: int
    """Model steps taken in this turn."""
    readings: list[FrameReading]
    """Everything read, a frame each, in order."""
    summary: PreferenceSummary
    """The running eight-category summary."""
    evidence: Evidence
    """The typed facts behind the summary."""
    market: str
    """Which of the shop's catalogues this thread is about."""
    limits: Annotated[Constraints, latest]
    """The limits in force."""
    history: Annotated[list[Constraints], latest]
    """The limits after every earlier turn, oldest first."""
    freed: Annotated[tuple[str, ...], latest]
    """Families of limits that the shopper let go of; what is seen about them is no limit."""
    wish: Annotated[str, latest]
    """What is wanted, in words; drives relevance."""
    liking: Liking
    """What the shopper seemed to like of what was seen."""
    viewed: list[ViewedItem]
    """The items of the catalogue that the shopper opened, oldest view first."""
    solution: Annotated[Solution | None, latest]
    """The recommendation in force."""
    scenario: Annotated[Scenario | None, latest]
    """What this turn's what-if compared, if there was one."""
    shown: list[Shown]
    """The items shown in this thread: newest turn first, in the order shown within a turn."""
    question: Annotated[str, latest]
    """A clarifying question that the turn ends with."""
    message: str
    """The answer of this turn."""
    rewritten: int
    """How many messages of this thread failed the check and were rewritten from the template."""
    degraded: list[str]
    """Why a configured model could not be used in this turn."""
    given_up: list[str]
    """Names of the models that failed in this turn; they are not asked again in it."""
    answered_by: list[str]
    """Names of the models that answered in this turn, the last one last."""
    spent_in_turn: Spent
    """What model calls took in this turn."""
    spent: Spent
    """What model calls took in the whole thread."""
    images: list[ImageUse]
    """What the pictures of each batch that a model was shown in this turn cost."""
    warnings: list[Warned]
    """Remarks of this turn."""
    tools_used: Annotated[list[ToolUse], latest]
    """Tool calls of this turn."""
    prompts: dict[str, str]
    """Prompt name -> version stamp, as used in this turn."""
