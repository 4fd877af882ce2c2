"""Reads the next batch of frames into the running summary."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from agent.asking import ask_vision
from agent.context import Context, context_of
from agent.state import State, Warned
from tools.preferences import FrameReading

BATCH = 10
"""Frames in one call, as in the paper (arXiv 2403.00822 section 3.2)."""


def summarize(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """One batch: its frames read, the summary refined, what waits behind it left waiting."""
    context = context_of(runtime)
    batch, rest = state["frames"][:BATCH], state["frames"][BATCH:]
    frames = [context.frames.get(digest) for digest in batch]
    before = state.get("readings", [])
    running = state.get("summary")

    result, noted = ask_vision(
        state,
        context,
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
    return noted | {
        "frames": rest,
        "readings": [*before, *map(_kept, result.readings)],
        "summary": result.summary,
        "evidence": result.evidence,
        "warnings": [*state["warnings"], *suspicious],
        "prompts": {**state["prompts"], **result.prompts},
    }


def _kept(reading: FrameReading) -> FrameReading:
    """The reading as the thread keeps it: what stood on the page as an order is not kept at all."""
    return reading.model_copy(update={"suspicious_text": ()})
