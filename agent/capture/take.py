"""Frames from the command line: through the one gate, repeats dropped, refusals named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.capture.folder import collect
from agent.capture.frames import Frame, Refusal
from agent.capture.guard import Guard
from agent.capture.repeats import drop_duplicates
from agent.progress import progress
from agent.state import Warned
from tools.errors import InputError

if TYPE_CHECKING:
    from agent.config import Settings


@dataclass(frozen=True)
class Taken:
    """What came of the files that a person named."""

    kept: Sequence[Frame]
    dropped: Sequence[Frame]
    """Repeats of a kept frame; counted, not read."""
    warnings: Sequence[Warned]
    """The files that the gate refused."""


CAPTURED = "capture:"
"""What a path begins with that means a captured session: `capture:last`, `capture:NAME`."""


def take(paths: Sequence[Path], settings: Settings | None = None) -> Taken:
    """The frames behind files, folders and captured sessions, through the whole gate.

    Args:
        paths: files and folders; `capture:last` or `capture:NAME` means what `interarec capture`
            kept.
        settings: their gate rules and frame store; by default those in force.

    Raises:
        InputError: a path does not exist, or not one picture is usable.
    """
    if settings is None:
        from agent.config import load_settings

        settings = load_settings()
    guard = Guard.of(settings)
    frames: list[Frame] = []
    refused: list[Refusal] = []
    for path in paths:
        if str(path).startswith(CAPTURED):
            frames += _captured(str(path).removeprefix(CAPTURED), settings)
        else:
            found, bad = collect([path], guard.check)
            frames += found
            refused += bad
    if not frames:
        if refused:
            raise InputError(f"no usable picture: {refused[0].reason}")
        raise InputError("no pictures were given")
    kept, dropped = drop_duplicates(frames)
    cleared = []
    with progress("reading screenshots", len(kept)) as advance:
        for done, frame in enumerate(kept, start=1):
            cleared.append(frame if frame.checked else guard.clear(frame))
            advance(done)
    warnings = [Warned(code=r.code, reason=r.reason, file=r.file) for r in refused]
    return Taken(cleared, dropped, warnings)


def _captured(name: str, settings: Settings) -> list[Frame]:
    from agent.assembly import open_frames

    with open_frames(settings) as store:
        return store.session(name)
