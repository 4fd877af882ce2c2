"""Stages one and two on their own: frames -> summary -> limits, with no shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.models.calls import with_fallback
from agent.models.factory import EMBEDDED, make_chat, make_vision
from agent.nodes.decompose import decompose_summary
from agent.nodes.summarize import BATCH
from tools.preferences import Evidence, FrameReading, PreferenceSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.capture.frames import Frame
    from agent.config import Settings
    from tools.domain import Constraints


@dataclass(frozen=True)
class Read:
    """What a session of frames says."""

    readings: Sequence[FrameReading]
    summary: PreferenceSummary
    evidence: Evidence
    limits: Constraints
    degraded: Sequence[str]
    """Why a configured model could not be used."""


def read_session(frames: Sequence[Frame], settings: Settings) -> Read:
    """Reads frames in batches and puts the summary into limits.

    Raises:
        InputError: a model's name is not understood.
    """
    plain = settings.model_copy(update={"chat_model": EMBEDDED, "vision_model": EMBEDDED})
    embedded_vision, embedded_chat = make_vision(plain, ()), make_chat(plain, None)
    vision = embedded_vision
    if settings.vision_model != EMBEDDED:
        vision = make_vision(settings, ())
    chat = embedded_chat if settings.chat_model == EMBEDDED else make_chat(settings, None)
    readings: list[FrameReading] = []
    summary, evidence = PreferenceSummary(), Evidence()
    degraded: list[str] = []
    for start in range(0, len(frames), BATCH):
        batch = frames[start : start + BATCH]
        running = summary if readings else None
        result, failure = with_fallback(
            embedded_vision if degraded else vision,
            embedded_vision,
            lambda reader, batch=batch, running=running: reader.read(  # type: ignore[misc]
                batch, before=readings, running=running, prompts=settings.prompts
            ),
        )
        readings += result.readings
        summary, evidence = result.summary, result.evidence
        degraded += failure
    limits, failure, _ = decompose_summary(
        embedded_chat if degraded else chat, embedded_chat, summary, evidence, {}, settings.prompts
    )
    return Read(readings, summary, evidence, limits, [*degraded, *failure])
