"""How a node asks a model: in the turn's time, within its budget, down the chain of models."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from agent.models.calls import Means, Way, first_answer
from agent.models.ledger import NOTHING

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.models.chain import Models
    from agent.models.vision import VisionReader
    from agent.state import State

Model = TypeVar("Model")
Result = TypeVar("Result")

KEPT_BACK = 0.1
"""Share of the turn's time that is not waited for models, so that an answer can still be made."""
MOST_KEPT_BACK = 3.0
"""Seconds that this share comes to at most."""


def ask_chat(
    state: State, context: Models, call: Callable[[BaseChatModel], Result]
) -> tuple[Result, dict[str, Any]]:
    """What the first chat model that can answer gives, and what the state has to note of it."""
    return _ask(state, context, context.chat_ways(), call)


def ask_vision(
    state: State, context: Models, call: Callable[[VisionReader], Result]
) -> tuple[Result, dict[str, Any]]:
    """The same for the vision models."""
    return _ask(state, context, context.vision_ways(), call)


def seconds_left(state: State, context: Models) -> float:
    """Wall seconds of this turn that may still be waited for models."""
    total = context.turn_seconds - min(MOST_KEPT_BACK, KEPT_BACK * context.turn_seconds)
    # A turn that another process takes up again has no start of its own here.
    started = state.get("started", time.monotonic())
    return total - (time.monotonic() - started)


def _ask(
    state: State,
    context: Models,
    ways: Sequence[Way[Model]],
    call: Callable[[Model], Result],
) -> tuple[Result, dict[str, Any]]:
    *guarded, last = ways
    given_up = state["given_up"]
    means = Means(
        circuit=context.circuit,
        budget=context.budget,
        turn=state["spent_in_turn"],
        thread=state.get("spent", NOTHING),
        seconds=seconds_left(state, context),
    )
    # A model that failed is not asked again in the same turn, whatever it failed at.
    answered = first_answer([*(w for w in guarded if w.name not in given_up), last], call, means)
    return answered.result, {
        "degraded": [*state["degraded"], *answered.reasons],
        "given_up": [*given_up, *answered.given_up],
        "answered_by": [*(n for n in state["answered_by"] if n != answered.by), answered.by],
        "spent_in_turn": means.turn + answered.spent,
        "spent": means.thread + answered.spent,
    }
