"""Several batches of frames at one time, and one summary of what came of them.

The paper refines one summary batch by batch (arXiv 2403.00822 section 3.2), so every batch waits
for the one before it. That holds for the first batch of a session, which says what is looked for,
and for a single further one: it costs one call a batch. Where two or more wait behind a running
summary, they are read at the same time, each given that summary, and one call without pictures
folds what they say, in the order of the frames. One more
call than batches, in two fifths of the time for five of them (`benchmarks/batches_in_flight.py`).
"""

from __future__ import annotations

import contextvars
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models.vision import VisionResult
from tools.preferences import FrameReading, PreferenceSummary

if TYPE_CHECKING:
    from agent.capture.frames import Frame
    from agent.models.vision import VisionReader


class Batches:
    """Batches that are read at one time, by one model or what is left of them by the next."""

    def __init__(
        self,
        batches: Sequence[Sequence[Frame]],
        before: Sequence[FrameReading],
        running: PreferenceSummary | None,
        prompts: Path | None,
    ) -> None:
        """
        Args:
            batches: the frames, in order; all batches may be on their way at the same time.
            before: the readings of the frames ahead of them.
            running: the summary after those.
            prompts: a folder whose prompt files replace the shipped ones.
        """
        self._batches = batches
        self._before = before
        self._running = running
        self._prompts = prompts
        self._done: dict[int, VisionResult] = {}

    @property
    def readings(self) -> list[FrameReading]:
        """What the frames of all batches show, in order; the batches must have been read."""
        return [r for number in range(len(self._batches)) for r in self._done[number].readings]

    def read(self, reader: VisionReader) -> list[VisionResult]:
        """What each batch gave, in order; batches that an earlier reader has read stay as read.

        Raises:
            Exception: the first batch, in order, that this reader could not read; what it did read
                is not asked for again.
        """
        left = [n for n in range(len(self._batches)) if n not in self._done]
        if len(left) < 2 or not getattr(reader, "concurrent", False):
            for number in left:
                self._done[number] = self._read_one(reader, number)
        else:
            with ThreadPoolExecutor(len(left), "interarec-vision") as pool:
                # The deadline, the meter and the trace of this call hold in its threads, too.
                calls = {
                    n: pool.submit(contextvars.copy_context().run, self._read_one, reader, n)
                    for n in left
                }
            failed = [error for call in calls.values() if (error := call.exception())]
            self._done |= {n: call.result() for n, call in calls.items() if not call.exception()}
            if failed:
                raise failed[0]
        return [self._done[number] for number in range(len(self._batches))]

    def merged(self, reader: VisionReader) -> VisionResult:
        """One result for all batches, as if they had been one; they must have been read.

        Raises:
            ModelUnavailable: the model gave no usable summary.
        """
        from agent.models.hosted_vision import HostedVision
        from agent.reader import collect_evidence, summarize_readings

        results = [self._done[number] for number in range(len(self._batches))]
        whole = [*self._before, *self.readings]
        evidence = collect_evidence(whole)
        prompts = {name: stamp for r in results for name, stamp in r.prompts.items()}
        if isinstance(reader, HostedVision):
            summary, stamp = reader.merge(
                self._running,
                [r.summary for r in results],
                [r.digest for r in whole],
                self._prompts,
            )
            prompts["merge"] = stamp
        else:
            summary = summarize_readings(whole, evidence)
        return VisionResult(self.readings, summary, evidence, prompts)

    def _read_one(self, reader: VisionReader, number: int) -> VisionResult:
        # Batches ahead of this one may be on their way still; only their number is needed of them.
        ahead = [
            self._done[n].readings
            if n in self._done
            else [FrameReading(digest=f.digest) for f in b]
            for n, b in enumerate(self._batches[:number])
        ]
        return reader.read(
            self._batches[number],
            before=[*self._before, *(r for readings in ahead for r in readings)],
            running=self._running,
            prompts=self._prompts,
        )
