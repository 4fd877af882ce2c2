"""Stages one and two on their own: frames -> summary -> limits, with no shop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.models.calls import with_fallback
from agent.models.factory import EMBEDDED, make_chat, make_vision
from agent.nodes.decompose import limits_of
from agent.nodes.summarize import BATCH
from tools.domain import Constraints
from tools.preferences import Evidence, FrameReading, PreferenceSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.capture.frames import Frame
    from agent.config import Settings
    from agent.models.vision import VisionReader


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
    embedded_vision, embedded_chat = make_vision(plain, ()), make_chat(plain, {})
    embedded = settings.vision_model == EMBEDDED
    vision = embedded_vision if embedded else make_vision(settings, ())
    chat = embedded_chat if settings.chat_model == EMBEDDED else make_chat(settings, {})
    so_far = Read((), PreferenceSummary(), Evidence(), Constraints(), ())
    for start in range(0, len(frames), BATCH):
        reader = embedded_vision if so_far.degraded else vision
        so_far = _with_batch(
            so_far, frames[start : start + BATCH], reader, embedded_vision, settings
        )
    (limits, _), failure = with_fallback(
        embedded_chat if so_far.degraded else chat,
        embedded_chat,
        lambda model: limits_of(
            model, so_far.summary, so_far.evidence, vocabulary={}, prompts=settings.prompts
        ),
    )
    return replace(so_far, limits=limits, degraded=(*so_far.degraded, *failure))


def _with_batch(
    so_far: Read,
    batch: Sequence[Frame],
    vision: VisionReader,
    embedded: VisionReader,
    settings: Settings,
) -> Read:
    result, failure = with_fallback(
        vision,
        embedded,
        lambda reader: reader.read(
            batch,
            before=so_far.readings,
            running=so_far.summary if so_far.readings else None,
            prompts=settings.prompts,
        ),
    )
    return replace(
        so_far,
        readings=(*so_far.readings, *result.readings),
        summary=result.summary,
        evidence=result.evidence,
        degraded=(*so_far.degraded, *failure),
    )
