"""Stages one and two on their own: frames -> summary -> limits, with no shop."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from agent.asking import ask_chat
from agent.models.factory import EMBEDDED
from agent.models.ledger import NOTHING, Spent
from agent.nodes.decompose import limits_of
from agent.nodes.intake import intake
from agent.nodes.summarize import read_next
from agent.state import State, Warned
from tools.domain import Constraints
from tools.preferences import Evidence, FrameReading, PreferenceSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.capture.frames import Frame
    from agent.config import Settings
    from agent.models.vision import ImageUse


@dataclass(frozen=True)
class Read:
    """What a session of frames says."""

    readings: Sequence[FrameReading]
    summary: PreferenceSummary
    evidence: Evidence
    limits: Constraints
    degraded: Sequence[str]
    """Why a configured model could not be used."""
    warnings: Sequence[Warned] = ()
    images: Sequence[ImageUse] = ()
    """What the pictures of each batch cost that a model was shown."""
    spent: Spent = NOTHING
    answered_by: Sequence[str] = ()
    """Names of the models that answered."""


def read_session(frames: Sequence[Frame], settings: Settings) -> Read:
    """Reads frames in batches and puts the summary into limits.

    The models are asked as in a turn: in its time, within its budget, down the chain.

    Raises:
        InputError: a model's name is not understood.
    """
    from agent.assembly import make_models, open_frames

    hosted = {settings.vision_model, settings.fallback_vision_model} - {None, EMBEDDED}
    with ExitStack() as stack:
        kept = stack.enter_context(open_frames(settings)) if hosted else None
        models = make_models(settings, kept=kept)
        by_digest = {frame.digest: frame for frame in frames}
        state = cast("State", intake({"frames": list(by_digest)}))
        while state["frames"]:
            state = cast("State", {**state, **read_next(state, models, by_digest.__getitem__)})
    summary = state.get("summary", PreferenceSummary())
    evidence = state.get("evidence", Evidence())
    (limits, _), noted = ask_chat(
        state,
        models,
        lambda chat: limits_of(chat, summary, evidence, vocabulary={}, prompts=settings.prompts),
    )
    return Read(
        readings=state.get("readings", ()),
        summary=summary,
        evidence=evidence,
        limits=limits,
        degraded=noted["degraded"],
        warnings=state["warnings"],
        images=state["images"],
        spent=noted["spent_in_turn"],
        answered_by=noted["answered_by"],
    )
