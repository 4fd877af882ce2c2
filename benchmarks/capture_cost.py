"""What capturing costs: CPU of ours beside the browser's own, and what was kept of what was shown.

Plays a recorded browse of the demo shop in a headless Chromium while a picture is taken every
second, and counts CPU seconds of this process, of Playwright's driver, and of the browser.
The same browse is played without capturing, so that the browser's own work for the page itself is
known; and once more with `--every auto`.

    python benchmarks/capture_cost.py [--session dresses] [--every 1.0] [--dwell 4]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from agent.capture.browser import open_browser
from agent.capture.guard import Guard
from agent.capture.run import Capture
from agent.capture.script import load_steps, perform
from agent.capture.session import Plan, Stop
from agent.capture.store import FrameStore
from agent.demo.recorded import SESSIONS, session_story
from agent.demo.serve import served

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """CPU seconds since a process began."""

    ours: float
    driver: float
    browser: float

    def __sub__(self, other: Spent) -> Spent:
        return Spent(
            self.ours - other.ours, self.driver - other.driver, self.browser - other.browser
        )


def spent() -> Spent:
    """CPU seconds so far of this process, of its node driver, and of all that the driver began."""
    stats: dict[int, tuple[int, str, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text()
        except OSError:
            continue
        name, fields = (
            text[text.index("(") + 1 : text.rindex(")")],
            text[text.rindex(")") + 2 :].split(),
        )
        used = sum(map(int, fields[11:15])) / TICKS
        stats[int(folder.name)] = (int(fields[1]), name, used)
    me = os.getpid()
    below: dict[int, bool] = {}

    def is_below(pid: int) -> bool:
        if pid not in below:
            parent = stats.get(pid, (0, "", 0.0))[0]
            below[pid] = parent == me or (parent in stats and is_below(parent))
        return below[pid]

    driver = browser = 0.0
    for pid, (_, name, used) in stats.items():
        if pid != me and is_below(pid):
            if name.startswith(("node", "MainThread")):
                driver += used
            else:
                browser += used
    return Spent(time.process_time(), driver, browser)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--session", default="dresses")
    parser.add_argument("--every", type=float, default=1.0)
    parser.add_argument("--dwell", type=float, default=4.0, help="seconds on every screen")
    args = parser.parse_args()
    currency = session_story(args.session)["currency"]
    steps = load_steps(SESSIONS / args.session / "script.yaml")
    print(f"{len(steps)} steps of the session {args.session}, {args.dwell:g} s on each screen")
    with served(currency) as address:
        played(address, steps, args.dwell)
        for every in (args.every, None):
            captured(address, steps, every, args.dwell)


def played(address: str, steps: object, dwell: float) -> None:
    with open_browser() as browser:
        page = browser.context.new_page()
        page.goto(address)
        before, begun = spent(), time.monotonic()
        for step in steps:  # type: ignore[attr-defined]
            page.wait_for_timeout(1000 * dwell)
            perform(page, step, address)
        show("browse alone", spent() - before, time.monotonic() - begun)


def captured(address: str, steps: object, every: float | None, dwell: float) -> None:
    guard = Guard()
    # The models are loaded once a process; that is no cost of a frame.
    with open_browser() as browser, tempfile.TemporaryDirectory() as home:
        import numpy as np

        guard.reader.read_part(np.full((64, 64, 3), 255, np.uint8))
        with FrameStore(Path(home) / "frames.sqlite", only_checked=True) as store:
            run = Capture(browser, store, guard, Plan(every, dwell=dwell))
            before, begun = spent(), time.monotonic()
            outcome = run.run(address, Stop(), list(steps))  # type: ignore[call-overload]
            used, seconds = spent() - before, time.monotonic() - begun
    show(f"capture every {every:g} s" if every else "capture auto", used, seconds)
    frames = max(1, outcome.frames)
    print(
        f"    CPU a frame: ours {1000 * used.ours / frames:.0f} ms, "
        f"driver {1000 * used.driver / frames:.0f} ms"
    )
    areas = guard._areas
    pixels = areas.read_pixels / 1e6 if areas else 0.0
    print(
        f"    {outcome.frames} frames, {outcome.kept} kept, {outcome.dropped} dropped, "
        f"{outcome.bytes / 1e6:.2f} MB, stopped: {outcome.stopped}; "
        f"{pixels:.1f} Mpx of pictures searched for text"
    )


def show(name: str, used: Spent, seconds: float) -> None:
    print(
        f"{name:<18} {seconds:6.1f} s; share of one core: ours {used.ours / seconds:6.1%}, "
        f"driver {used.driver / seconds:6.1%}, together "
        f"{(used.ours + used.driver) / seconds:6.1%}; "
        f"the browser's own {used.browser / seconds:6.1%}"
    )


if __name__ == "__main__":
    main()
