"""Servers that failed are left alone for a while, so that no turn waits for a dead one again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 600.0
"""Seconds that a server is left alone at most, however often it failed."""


@dataclass
class _Rest:
    until: float
    seconds: float
    reason: str
    probing: bool = False


class Circuit:
    """Which models are left alone, and until when; shared by all threads of a process.

    A model that failed rests for `seconds`, twice as long after every further failure. When the
    time is over one call may try it; the others keep away until that one has come back.
    """

    def __init__(
        self, seconds: float = 30.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._resting: dict[str, _Rest] = {}
        self._lock = threading.Lock()

    def refusal(self, *keys: str) -> str | None:
        """Why a call must not be made now; None lets it through.

        Args:
            keys: what the call depends on, such as the server and the model on it.
        """
        with self._lock:
            now = self._clock()
            resting = [self._resting[key] for key in keys if key in self._resting]
            for rest in resting:
                if rest.probing or now < rest.until:
                    return rest.reason
            for rest in resting:
                rest.probing = True
            return None

    def failed(self, key: str, reason: str, *, seconds: float | None = None) -> None:
        """Notes a failure; `seconds` is how long the server itself asked to be left alone."""
        with self._lock:
            before = self._resting.get(key)
            pause = self._seconds if before is None else min(LONGEST, 2 * before.seconds)
            if seconds is not None:
                pause = min(LONGEST, seconds)
            self._resting[key] = _Rest(self._clock() + pause, pause, reason)

    def let_go(self, *keys: str) -> None:
        """Notes that a call was let through but not made, so that the next one may try."""
        with self._lock:
            for key in keys:
                if key in self._resting:
                    self._resting[key].probing = False

    def worked(self, *keys: str) -> None:
        """Notes that the server answered."""
        with self._lock:
            for key in keys:
                self._resting.pop(key, None)
