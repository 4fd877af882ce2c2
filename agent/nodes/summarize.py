"""Reads the next batch of frames into the running summary."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from agent.context import Context, context_of
from agent.models.calls import with_fallback
from agent.state import State, Warned

BATCH = 10
"""Frames in one call, as in the paper (arXiv 2403.00822 section 3.2)."""


def summarize(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """One batch: its frames read, the summary refined, what waits behind it left waiting."""
    context = context_of(runtime)
    batch, rest = state["frames"][:BATCH], state["frames"][BATCH:]
    frames = [context.frames.get(digest) for digest in batch]
    before = state.get("readings", [])
    running = state.get("summary")

    result, failure = with_fallback(
        context.vision,
        context.embedded_vision,
        lambda reader: reader.read(frames, before=before, running=running, prompts=context.prompts),
    )
    suspicious = [
        Warned(
            code="instruction_in_picture",
            reason="a picture holds text that reads like an order; it was not followed",
            file=frame.name,
        )
        for frame, reading in zip(frames, result.readings, strict=True)
        if reading.suspicious_text
    ]
    return {
        "frames": rest,
        "readings": [*before, *result.readings],
        "summary": result.summary,
        "evidence": result.evidence,
        "degraded": [*state["degraded"], *failure],
        "warnings": [*state["warnings"], *suspicious],
        "prompts": {**state["prompts"], **result.prompts},
    }
