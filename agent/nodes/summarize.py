"""Reads the frames that wait into the running summary, a batch at a time or several at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from langgraph.runtime import Runtime

from agent.asking import ask_vision
from agent.context import Context, context_of
from agent.models.side_by_side import Batches
from agent.state import State, Warned
from tools.preferences import FrameReading

if TYPE_CHECKING:
    from agent.capture.frames import Frame
    from agent.models.chain import Models
    from agent.models.vision import ImageUse

BATCH = 10
"""Frames in one call, as in the paper (arXiv 2403.00822 section 3.2)."""


def summarize(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """The next frames read, the summary refined, what waits behind them left waiting."""
    context = context_of(runtime)
    return read_next(state, context, context.frames.get)


def read_next(state: State, models: Models, frame: Callable[[str], Frame]) -> dict[str, Any]:
    """Reads the next batch, or the next batches where several wait behind a running summary.

    Args:
        frame: gives the frame of a digest.

    Returns:
        What changes in the state.
    """
    waiting, before = state["frames"], state.get("readings", [])
    # Rules read one frame after the other whatever happens; only a model gains by it.
    many = len(waiting) > BATCH and before and len(models.vision_ways()) > 1
    size = BATCH * (models.batches_in_flight if many else 1)
    frames = [frame(digest) for digest in waiting[:size]]
    batches = Batches(
        [frames[at : at + BATCH] for at in range(0, len(frames), BATCH)],
        before,
        state.get("summary"),
        models.prompts,
    )
    results, noted = ask_vision(state, models, batches.read)
    last = results[-1]
    if len(results) > 1:
        asked = cast("State", {**state, **noted})
        last, noted = ask_vision(asked, models, batches.merged)
    images = [result.images for result in results if result.images]
    remarks = [*_orders(frames, batches.readings), *_costs(images)]
    return noted | {
        "frames": waiting[size:],
        "readings": [*before, *map(_kept, batches.readings)],
        "summary": last.summary,
        "evidence": last.evidence,
        "images": [*state["images"], *images],
        "warnings": [*state["warnings"], *remarks],
        "prompts": {**state["prompts"], **last.prompts},
    }


def _orders(frames: Sequence[Frame], readings: Sequence[FrameReading]) -> list[Warned]:
    return [
        Warned(
            code="instruction_in_picture",
            reason="a picture holds text that reads like an order; it was not followed",
            file=frame.name,
        )
        for frame, reading in zip(frames, readings, strict=True)
        if reading.suspicious_text
    ]


def _costs(images: Sequence[ImageUse]) -> list[Warned]:
    return [
        Warned(
            code="image_tokens",
            reason=f"the pictures of a batch cost about {use.tokens:,} tokens, {use.budget:,} are "
            "allowed: made smaller, small print on them could not be read",
        )
        for use in images
        if use.over_budget
    ]


def _kept(reading: FrameReading) -> FrameReading:
    """The reading as the thread keeps it: what stood on the page as an order is not kept at all."""
    return reading.model_copy(update={"suspicious_text": ()})
