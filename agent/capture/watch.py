"""Frames made elsewhere: a folder that another program writes screenshots into."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from agent.capture.folder import pictures_in, read_picture
from agent.capture.frames import Page
from agent.capture.guard import Guard
from agent.capture.session import Keeper, Outcome, Plan, Stop
from agent.state import Warned
from tools.errors import FrameRefused, InputError, InteraRecError

if TYPE_CHECKING:
    from agent.capture.store import FrameStore

_POLL = 0.5
_SETTLED = 1.0
"""Seconds for which neither size nor time of a file may change before it counts as whole."""


def watch(folder: Path, store: FrameStore, guard: Guard, plan: Plan, stop: Stop) -> Outcome:
    """Keeps the pictures of a folder as they appear, until the plan or a signal ends it.

    A file is read once it has not changed for a second (or at the end, if it is whole by then);
    a file that is renamed into place after being written is read as soon as that has passed. What
    lies there at the start counts. A file that is changed later counts as a new picture.

    Raises InputError where the folder is none.
    """
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder} to watch")
    outcome = Outcome(store.new_session())
    keeper = Keeper(store, outcome)
    begun = time.monotonic()
    seen: dict[Path, tuple[int, int]] = {}
    done: dict[Path, tuple[int, int]] = {}
    since: dict[Path, float] = {}
    try:
        while not outcome.stopped:
            now = time.monotonic()
            if stop.asked:
                outcome.stopped = "interrupted"
            elif plan.seconds is not None and now - begun >= plan.seconds:
                outcome.stopped = "time"
            for file, mark in _marks(folder):
                if seen.get(file) != mark:
                    seen[file], since[file] = mark, now
                # At the end there is no later: what is whole is taken, what is not is left.
                ripe = now - since[file] >= _SETTLED or bool(outcome.stopped)
                if not ripe or done.get(file) == mark:
                    continue
                if guard.paused:
                    continue  # it stays, and is looked at when capture is resumed
                last = bool(outcome.stopped) and now - since[file] < _SETTLED
                _take(file, guard, keeper, outcome, quietly=last)
                done[file] = mark
                if plan.count is not None and outcome.frames >= plan.count:
                    outcome.stopped = "count"
                    break
            if not outcome.stopped:
                time.sleep(_POLL)
    except InteraRecError as error:
        outcome.fail("store_failed", str(error))
    return outcome


def _marks(folder: Path) -> list[tuple[Path, tuple[int, int]]]:
    found = []
    try:
        files = pictures_in(folder)
    except OSError as error:
        raise InteraRecError(f"the folder {folder} cannot be read: {error.strerror}") from None
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue  # renamed or removed since it was listed
        found.append((file, (state.st_size, state.st_mtime_ns)))
    return found


def _take(file: Path, guard: Guard, keeper: Keeper, outcome: Outcome, *, quietly: bool) -> None:
    try:
        frame = guard.check(read_picture(file), file.name)
    except FrameRefused as error:
        if not quietly:
            outcome.refused[error.code] += 1
            warned = Warned(code=error.code, reason=str(error), file=str(file))
            outcome.warnings.append(warned)
        return
    outcome.frames += 1
    if keeper.repeats(frame):
        outcome.dropped += 1
        return
    from dataclasses import replace

    page = Page("", "", file.stat().st_mtime if file.exists() else time.time())
    keeper.keep(replace(guard.clear(frame), page=page))
