"""A captured session: look, drop what repeats, cover what is personal, keep; until told to stop.

Every kept frame is in the store before the next one is taken, so that whatever ends the session
(time, count, Ctrl-C, a browser that dies, a full disk) loses none.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.capture.browser import Browser, Format
from agent.capture.dom import PageUnreadable, Told, hulls, look
from agent.capture.frames import Frame, Page
from agent.capture.guard import Guard
from agent.capture.page_address import clean_address
from agent.capture.personal import scrub
from agent.capture.repeats import cell_means, changed_cells
from agent.capture.script import Step, perform
from agent.state import Warned
from tools.errors import FrameRefused, InteraRecError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from playwright.sync_api import Page as BrowserPage

    from agent.capture.store import FrameStore

QUALITY = 80
_TRIES = 4
"""Looks at a page that changes meanwhile, before boxes for all its moments are drawn."""
_SLICE = 0.2
"""Seconds between two chances to stop."""
_POLL = 0.3
_SETTLED = 1.2
_IDLE = 5.0
"""With `auto`: seconds between polls, the longest wait for a page to settle, and between pictures
of a page on which nothing happens (an advertisement may have changed without a word)."""
_STUCK = 30.0
"""Seconds after which a page that does not answer ends a session without a window."""

_STATE = """() => { const s = globalThis[Symbol.for('interarec.seen')] || {changes: 0, active: 0};
  return [location.href, scrollX, scrollY, s.changes, s.active, innerWidth, innerHeight]; }"""


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
    """Takes pictures one after the other, keeps what is new; shared by browser and folder."""

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


def _same(one: npt.NDArray[np.int16] | None, other: npt.NDArray[np.int16]) -> bool:
    if one is None or one.shape != other.shape or not other.size:
        return False
    return not changed_cells(one, other).any()


class Capture:
    """One session in a browser."""

    def __init__(self, browser: Browser, store: FrameStore, guard: Guard, plan: Plan) -> None:
        self._browser = browser
        self._guard = guard
        self._plan = plan
        self.outcome = Outcome(store.new_session())
        self._keeper = Keeper(store, self.outcome)
        self._crashed = False
        self._pages: list[BrowserPage] = []
        self._failed_looks = 0
        self._alive = time.monotonic()

    def run(
        self, url: str, stop: Stop, steps: Sequence[Step] = (), *, end_with_script: bool = True
    ) -> Outcome:
        """Opens the page and captures until the plan, the script, a signal or a fault ends it.

        Raises InteraRecError only where nothing could be begun: the page cannot be opened, or may
        not be looked at.
        """
        from playwright.sync_api import Error

        self._guard.check_page(url)
        self._browser.context.on("page", self._opened)
        try:
            page = self._browser.context.new_page()
            page.goto(url, wait_until="domcontentloaded")
        except Error as error:
            raise InteraRecError(
                f"{clean_address(url)} cannot be opened: {_first(error)}"
            ) from None
        watched = threading.Event()
        threading.Thread(target=self._watch_over, args=(watched,), daemon=True).start()
        try:
            self._loop(stop, list(steps), url, end_with_script)
        except Error as error:
            # A signal to the whole group of processes ends the browser, too.
            if stop.asked_by_now():
                self.outcome.stopped = "interrupted"
            else:
                self._browser_failed(_first(error))
        except InteraRecError as error:
            # The store failed: no room, or it was damaged. What it holds, it holds.
            self._fail("store_failed", str(error))
        except KeyboardInterrupt:
            self.outcome.stopped = "interrupted"
        finally:
            watched.set()
        return self.outcome

    def _opened(self, page: BrowserPage) -> None:
        self._pages.append(page)
        page.on("crash", lambda _: setattr(self, "_crashed", True))
        page.on("close", lambda gone: self._pages.remove(gone) if gone in self._pages else None)

    def _page(self) -> BrowserPage:
        """The page that the shopper used last; the newest where that cannot be told."""
        from playwright.sync_api import Error

        pages = [page for page in self._pages if not page.is_closed()]
        if not pages:
            raise Error("Target closed: no page is left")
        if len(pages) == 1:
            return pages[0]
        active = []
        for number, page in enumerate(pages):
            try:
                active.append((float(page.evaluate(_STATE)[4]), number))
            except Error:
                active.append((0.0, number))
        return pages[max(active)[1]]

    def _loop(self, stop: Stop, steps: list[Step], url: str, end_with_script: bool) -> None:
        plan, outcome = self._plan, self.outcome
        begun = time.monotonic()
        scripted = bool(steps)
        dwell = max(plan.dwell, 1.1 * (plan.every or 0.0))
        step_due, next_look = begun + dwell, begun
        taken_since_step = False
        last_state: list[Any] | None = None
        taken_state: list[Any] | None = None
        moving_since, last_taken = begun, begun - _IDLE
        while True:
            now = self._alive = time.monotonic()
            if stop.asked:
                outcome.stopped = "interrupted"
                return
            if plan.seconds is not None and now - begun >= plan.seconds:
                outcome.stopped = "time"
                return
            if plan.count is not None and outcome.frames + outcome.refused.total() >= plan.count:
                outcome.stopped = "count"
                return
            page = self._page()
            if scripted and now >= step_due and taken_since_step:
                if not steps:
                    if end_with_script:
                        outcome.stopped = "script"
                        return
                    scripted = False
                else:
                    self._step(page, steps.pop(0), url)
                    taken_since_step = False
                    now = time.monotonic()
                    step_due, next_look = now + dwell, min(next_look, now + 0.1)
                    continue
            if plan.every is not None:
                if now >= next_look:
                    self._look(page)
                    taken_since_step = True
                    next_look = max(next_look + plan.every, now)
                wait = next_look - time.monotonic()
            else:
                state = self._state(page)
                if state != last_state:
                    moving_since = now if last_state == taken_state else moving_since
                    last_state, settled = state, False
                else:
                    settled = True
                new = (
                    state[:4] != (taken_state or [None])[:4] or state[5:] != (taken_state or [])[5:]
                )
                if (new and (settled or now - moving_since > _SETTLED)) or now - last_taken > _IDLE:
                    self._look(page)
                    taken_since_step = True
                    last_taken, taken_state = time.monotonic(), state
                wait = _POLL
            if plan.seconds is not None:
                wait = min(wait, begun + plan.seconds - time.monotonic())
            end = time.monotonic() + wait
            while not stop.asked and (left := end - time.monotonic()) > 0:
                page.wait_for_timeout(1000 * min(left, _SLICE if plan.every is not None else _POLL))

    def _state(self, page: BrowserPage) -> list[Any]:
        from playwright.sync_api import Error

        try:
            state: list[Any] = page.evaluate(_STATE)
        except Error:
            if page.is_closed() or self._crashed:
                raise
            return [page.url, 0, 0, time.monotonic(), 0, 0, 0]  # between two pages
        return state

    def _step(self, page: BrowserPage, step: Step, url: str) -> None:
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        self._alive = time.monotonic()
        perform(page, step, f"{parts.scheme}://{parts.netloc}")

    def _look(self, page: BrowserPage) -> None:
        """One picture: taken, and kept where it shows something new."""
        if self._guard.paused:
            self.outcome.refused["paused"] += 1
            return
        try:
            frame = self._frame(page)
        except FrameRefused as error:
            self.outcome.refused[error.code] += 1
            return
        if frame is None:
            return
        self.outcome.frames += 1
        if self._keeper.repeats(frame):
            self.outcome.dropped += 1
            return
        self._keeper.keep(self._covered(page, frame))

    def _frame(self, page: BrowserPage) -> Frame | None:
        self._guard.check_page(page.url)
        self._alive = time.monotonic()
        data = self._browser.screenshot(page, self._plan.format, QUALITY)
        # The page may have gone on to another site while its picture was taken.
        self._guard.check_page(page.url)
        return self._guard.check(data, f"{self.outcome.session}/{self.outcome.kept + 1:04}")

    def _covered(self, page: BrowserPage, frame: Frame) -> Frame:
        """The picture with boxes that fit it: page and picture must agree, or boxes cover both.

        The page is asked where its personal data stand, and then a second picture has to show
        what the first one did; so nothing moved in between.
        """
        for _ in range(_TRIES):
            told = self._told(page, frame)
            again = self._frame(page)
            if told is not None and again is not None and self._agree(frame, again):
                return self._clear(frame, told, list(told.boxes.values()))
            frame = again or frame
        # A page that never rests: every place that anything personal had before or after.
        before = self._told(page, frame)
        frame = self._frame(page) or frame
        after = self._told(page, frame)
        if before is None or after is None:
            # It cannot be asked. Then the picture alone has to tell, as for one from elsewhere.
            bare = Page(clean_address(page.url), "", time.time())
            self._alive = math.inf
            cleared = self._guard.clear(_with_page(frame, bare))
            self._alive = time.monotonic()
            return cleared
        return self._clear(frame, after, hulls(before, after))

    def _told(self, page: BrowserPage, frame: Frame) -> Told | None:
        self._alive = time.monotonic()
        try:
            return look(page, self._guard.rules, frame.width)
        except PageUnreadable:
            if page.is_closed() or self._crashed:
                raise
            return None

    def _agree(self, one: Frame, other: Frame) -> bool:
        return one.digest == other.digest or _same(cell_means(one), cell_means(other))

    def _clear(self, frame: Frame, told: Told, boxes: Sequence[Any]) -> Frame:
        self._guard.check_page(told.url)
        page = Page(
            clean_address(told.url),
            scrub(told.title)[:300],
            time.time(),
            told.scroll_x,
            told.scroll_y,
        )
        self._alive = math.inf  # what follows is our own work, however long it takes
        cleared = self._guard.clear_page(_with_page(frame, page), boxes, told.pictures)
        self._alive = time.monotonic()
        return cleared

    def _watch_over(self, done: threading.Event) -> None:
        """Ends a browser without a window whose page does not answer: every call would wait."""
        import os

        while not done.wait(1.0):
            stuck = time.monotonic() - self._alive > _STUCK
            if stuck and self._browser.pid and not self._browser.headed:
                os.kill(self._browser.pid, signal.SIGKILL)
                return

    def _browser_failed(self, why: str) -> None:
        if self._browser.headed and not self._crashed and not self._pages:
            self.outcome.stopped = "closed"
            return
        if not self._pages or self._crashed:
            self._fail("browser_died", "the browser died or its page crashed")
        else:
            self._fail("browser_failed", f"the browser failed: {why}")

    def _fail(self, code: str, reason: str) -> None:
        kept = self.outcome.kept
        self.outcome.stopped = "failed"
        self.outcome.warnings.append(
            Warned(code=code, reason=f"{reason}; the {kept} frames kept before are safe")
        )


def _with_page(frame: Frame, page: Page) -> Frame:
    from dataclasses import replace

    return replace(frame, page=page)


def _first(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
