"""How long model calls may still take: a deadline that holds for a call and all that it does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends: ContextVar[float | None] = ContextVar("model_call_ends", default=None)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Model calls inside end within so many wall seconds; of nested deadlines the nearest holds."""
    outer = _ends.get()
    end = time.monotonic() + seconds
    token = _ends.set(end if outer is None else min(end, outer))
    try:
        yield
    finally:
        _ends.reset(token)


def time_left() -> float | None:
    """Seconds that are left for the call; None where no deadline is set, never below 0."""
    end = _ends.get()
    return None if end is None else max(0.0, end - time.monotonic())
