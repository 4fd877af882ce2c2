"""Frames from the command line into the store: one gate, repeats dropped, refusals named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.capture.folder import collect
from agent.capture.frames import Frame
from agent.capture.repeats import drop_duplicates
from agent.state import Warned
from tools.errors import InputError


@dataclass(frozen=True)
class Taken:
    """What came of the files that a person named."""

    kept: Sequence[Frame]
    dropped: Sequence[Frame]
    """Repeats of a kept frame; counted, not read."""
    warnings: Sequence[Warned]
    """The files that the gate refused."""


def take(paths: Sequence[Path]) -> Taken:
    """The frames behind files and folders.

    Raises:
        InputError: a path does not exist, or not one picture is usable.
    """
    frames, refused = collect(paths)
    if not frames:
        if refused:
            raise InputError(f"no usable picture: {refused[0].reason}")
        raise InputError("no pictures were given")
    kept, dropped = drop_duplicates(frames)
    warnings = [Warned(code=r.code, reason=r.reason, file=r.file) for r in refused]
    return Taken(kept, dropped, warnings)
