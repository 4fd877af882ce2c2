"""What a session in a browser and one in a folder share: its plan, its signals, its outcome.

Every kept frame is in the store before the next one is taken, so that whatever ends the session
(time, count, Ctrl-C, a browser that dies, a full disk) loses none.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.capture.browser import Format
from agent.capture.frames import Frame
from agent.capture.repeats import cell_means, changed_cells
from agent.state import Warned

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from agent.capture.store import FrameStore


@dataclass(frozen=True)
class Plan:
    """When to look, and when to stop."""

    every: float | None = 2.0
    """Seconds between looks; None follows scrolling and idling."""
    seconds: float | None = None
    count: int | None = None
    """Frames taken, kept or not, after which the session ends."""
    format: Format = "jpeg"
    dwell: float = 1.2
    """Seconds that a scripted browse stays after each step; at least one look long."""


@dataclass
class Outcome:
    """What came of a session."""

    session: str
    frames: int = 0
    """Pictures taken."""
    kept: int = 0
    dropped: int = 0
    """Pictures that showed nothing new."""
    refused: Counter[str] = field(default_factory=Counter)
    """Looks that were not taken, by why: paused, denied."""
    bytes: int = 0
    """Of the kept frames, as kept."""
    boxes: Counter[str] = field(default_factory=Counter)
    """Boxes drawn, by what they cover."""
    stopped: str = ""
    """What ended the session: time, count, script, interrupted, closed or failed."""
    warnings: list[Warned] = field(default_factory=list)

    def fail(self, code: str, reason: str) -> None:
        """The session ended by a fault."""
        self.stopped = "failed"
        told = f"{reason}; the {self.kept} frames kept before are safe"
        self.warnings.append(Warned(code=code, reason=told))

    def to_json(self) -> dict[str, Any]:
        """The object that `interarec capture --json` prints."""
        return {
            "session": self.session,
            "frames": self.frames,
            "kept": self.kept,
            "dropped": self.dropped,
            "refused": dict(self.refused),
            "bytes": self.bytes,
            "boxes": dict(self.boxes),
            "stopped": self.stopped,
            "warnings": [w.model_dump(exclude_none=True) for w in self.warnings],
        }


class Stop:
    """Set by Ctrl-C and SIGTERM; a second one interrupts at once."""

    def __init__(self) -> None:
        self.asked = False

    def asked_by_now(self) -> bool:
        """The same, a moment later: a signal to a whole group reaches some processes first."""
        time.sleep(0.1)
        return self.asked

    @contextmanager
    def listening(self) -> Iterator[Stop]:
        """Listens for the time of a `with` block, in the main thread only."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        names = [n for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]
        before = {name: signal.getsignal(getattr(signal, name)) for name in names}

        def ask(number: int, _: object) -> None:
            if self.asked and number == signal.SIGINT:
                raise KeyboardInterrupt
            self.asked = True

        for name in names:
            signal.signal(getattr(signal, name), ask)
        try:
            yield self
        finally:
            for name, handler in before.items():
                signal.signal(getattr(signal, name), handler)


class Keeper:
    """Takes pictures one after the other and keeps what is new."""

    def __init__(self, store: FrameStore, outcome: Outcome) -> None:
        self.store = store
        self.outcome = outcome
        self._raw = ""
        self._kept = ""
        self._raw_cells: npt.NDArray[np.int16] | None = None
        self._kept_cells: npt.NDArray[np.int16] | None = None

    def repeats(self, frame: Frame) -> bool:
        """Whether an uncovered picture shows what the last one did; remembers it if not."""
        if frame.digest == self._raw:
            return True
        cells = cell_means(frame)
        if _same(self._raw_cells, cells):
            return True
        self._raw, self._raw_cells = frame.digest, cells
        return False

    def keep(self, frame: Frame) -> bool:
        """Keeps a covered frame unless, covered, it shows what the last one did."""
        cells = cell_means(frame)
        if frame.digest == self._kept or _same(self._kept_cells, cells):
            self.outcome.dropped += 1
            return False
        self.store.add(self.outcome.session, frame)
        self._kept, self._kept_cells = frame.digest, cells
        self.outcome.kept += 1
        self.outcome.bytes += len(frame.data)
        self.outcome.boxes.update(box.kind for box in frame.boxes)
        return True


def alike(one: Frame, other: Frame) -> bool:
    """Whether two pictures show the same, as far as `changed_cells` can tell."""
    return one.digest == other.digest or _same(cell_means(one), cell_means(other))


def _same(one: npt.NDArray[np.int16] | None, other: npt.NDArray[np.int16]) -> bool:
    if one is None or one.shape != other.shape or not other.size:
        return False
    return not changed_cells(one, other).any()
