"""What reads frames: one protocol, and the embedded reader behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from prompts import load
from tools.domain import Frozen
from tools.preferences import CATEGORIES, Category, Evidence, FrameReading, PreferenceSummary

if TYPE_CHECKING:
    from agent.capture.frames import Frame
    from prompts.loader import Prompt


class ImageUse(Frozen):
    """What the pictures of one batch that a model was shown cost, reckoned before the call."""

    pictures: int
    tokens: int
    """Of what is sent, by the published rule."""
    full_size: int
    """Of the same frames whole and at full size."""
    budget: int
    remembered: bool = False
    """The answer was kept from an earlier call; nothing was sent."""

    @property
    def over_budget(self) -> bool:
        """Whether the budget could not be met without making small print illegible."""
        return not self.remembered and self.tokens > self.budget


@dataclass(frozen=True)
class VisionResult:
    """What one batch of frames gave."""

    readings: Sequence[FrameReading]
    """One per frame of the batch, in order."""
    summary: PreferenceSummary
    """The running summary after this batch."""
    evidence: Evidence
    """The typed facts of the whole session after this batch."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """Prompt name -> version stamp, where a prompt was used."""
    images: ImageUse | None = None
    """What the pictures cost; None where no model was shown any."""


class VisionReader(Protocol):
    """Reads batches of frames into a running summary."""

    @property
    def name(self) -> str:
        """`embedded`, or the model's name."""

    def read(
        self,
        frames: Sequence[Frame],
        *,
        before: Sequence[FrameReading],
        running: PreferenceSummary | None,
        prompts: Path | None = None,
    ) -> VisionResult:
        """Reads a batch.

        Args:
            frames: the batch, in order.
            before: the readings of all earlier batches of the session.
            running: the summary after them.
            prompts: a folder whose prompt files replace the shipped ones.
        """


class EmbeddedVision:
    """The OCR reader: no key, no network."""

    name = "embedded"

    def __init__(self, brands: Sequence[str] = ()) -> None:
        from agent.reader import EmbeddedReader

        self._reader = EmbeddedReader(brands)

    def read(
        self,
        frames: Sequence[Frame],
        *,
        before: Sequence[FrameReading],
        running: PreferenceSummary | None,
        prompts: Path | None = None,
    ) -> VisionResult:
        """Reads a batch; the summary is made anew from all readings, so order cannot distort it."""
        from agent.progress import progress
        from agent.reader import collect_evidence, summarize_readings

        with progress("reading screenshots", len(frames)) as advance:
            readings = self._reader.read(frames, lambda done, total: advance(done), before=before)
        whole = [*before, *readings]
        evidence = collect_evidence(whole)
        prompt = load("summarize", prompts)
        summary = only_asked(summarize_readings(whole, evidence), prompt)
        return VisionResult(readings, summary, evidence, {prompt.name: prompt.stamp})


def only_asked(summary: PreferenceSummary, prompt: Prompt) -> PreferenceSummary:
    """The summary in the categories that the prompt names; the others were not asked for."""
    missing = [key for key in CATEGORIES if key not in prompt.system]
    return summary.model_copy(update={key: Category() for key in missing})
