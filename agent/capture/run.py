"""A captured session in a browser: look when there may be something new, until told to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.capture.browser import Browser
from agent.capture.dom import PageUnreadable
from agent.capture.guard import Guard
from agent.capture.looker import Looker, Pulse
from agent.capture.page_address import clean_address
from agent.capture.script import Step, perform
from agent.capture.session import Keeper, Outcome, Plan, Stop
from tools.errors import FrameRefused, InteraRecError

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

    from agent.capture.store import FrameStore

_SLICE = 0.2
"""Seconds between two chances to stop."""
_POLL = 0.3
_SETTLED = 1.2
_IDLE = 5.0
"""With `auto`: seconds between polls, the longest wait for a page to settle, and between pictures
of a page on which nothing happens (an advertisement may have changed without a word)."""

_STATE = """() => { const s = globalThis[Symbol.for('interarec.seen')] || {changes: 0, active: 0};
  return [location.href, scrollX, scrollY, s.changes, s.active, innerWidth, innerHeight]; }"""
_ACTIVE = 4
"""Place of the moment at which the shopper last used the page; all else tells what it shows."""


class Capture:
    """One session in a browser."""

    def __init__(self, browser: Browser, store: FrameStore, guard: Guard, plan: Plan) -> None:
        self._browser = browser
        self._guard = guard
        self._plan = plan
        self._pulse = Pulse()
        self._looker = Looker(browser, guard, plan.format, self._pulse)
        self.outcome = Outcome(store.new_session())
        self._keeper = Keeper(store, self.outcome)
        self._pages: list[BrowserPage] = []

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
        except (Error, PageUnreadable) as error:
            # A signal to the whole group of processes ends the browser, too.
            if stop.asked_by_now():
                self.outcome.stopped = "interrupted"
            else:
                self._browser_failed(_first(error))
        except InteraRecError as error:
            # The store failed: no room, or it was damaged. What it holds, it holds.
            self.outcome.fail("store_failed", str(error))
        except KeyboardInterrupt:
            self.outcome.stopped = "interrupted"
        finally:
            watched.set()
        return self.outcome

    def _opened(self, page: BrowserPage) -> None:
        self._pages.append(page)
        page.on("crash", lambda _: setattr(self._pulse, "crashed", True))
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
                active.append((float(page.evaluate(_STATE)[_ACTIVE]), number))
            except Error:
                active.append((0.0, number))
        return pages[max(active)[1]]

    def _loop(self, stop: Stop, steps: list[Step], url: str, end_with_script: bool) -> None:
        plan = self._plan
        begun = time.monotonic()
        scripted = bool(steps)
        dwell = max(plan.dwell, 1.1 * (plan.every or 0.0))
        step_due, next_look = begun + dwell, begun
        taken_since_step = False
        moments = Moments(begun)
        while True:
            now = self._pulse.beat()
            if ended := self._ended(stop, now - begun):
                self.outcome.stopped = ended
                return
            page = self._page()
            if scripted and now >= step_due and taken_since_step:
                if steps:
                    self._step(page, steps.pop(0), url)
                    taken_since_step = False
                    now = time.monotonic()
                    step_due, next_look = now + dwell, min(next_look, now + 0.1)
                    continue
                if end_with_script:
                    self.outcome.stopped = "script"
                    return
                scripted = False
            if plan.every is not None:
                if now >= next_look:
                    self._look(page)
                    taken_since_step = True
                    next_look = max(next_look + plan.every, now)
                wait, piece = next_look - time.monotonic(), _SLICE
            else:
                if moments.due(self._state(page), now):
                    self._look(page)
                    taken_since_step = True
                    moments.taken(time.monotonic())
                wait = piece = _POLL
            if plan.seconds is not None:
                wait = min(wait, begun + plan.seconds - time.monotonic())
            end = time.monotonic() + wait
            while not stop.asked and (left := end - time.monotonic()) > 0:
                page.wait_for_timeout(1000 * min(left, piece))

    def _ended(self, stop: Stop, seconds: float) -> str:
        """What ends the session by now; empty while nothing does."""
        plan, outcome = self._plan, self.outcome
        if stop.asked:
            return "interrupted"
        if plan.seconds is not None and seconds >= plan.seconds:
            return "time"
        if plan.count is not None and outcome.frames + outcome.refused.total() >= plan.count:
            return "count"
        return ""

    def _state(self, page: BrowserPage) -> list[Any]:
        from playwright.sync_api import Error

        try:
            state: list[Any] = page.evaluate(_STATE)
        except Error:
            if page.is_closed() or self._pulse.crashed:
                raise
            return [page.url, 0, 0, time.monotonic(), 0, 0, 0]  # between two pages
        return state

    def _step(self, page: BrowserPage, step: Step, url: str) -> None:
        parts = urlsplit(url)
        self._pulse.beat()
        perform(page, step, f"{parts.scheme}://{parts.netloc}")

    def _look(self, page: BrowserPage) -> None:
        """One picture: taken, and kept where it shows something new."""
        outcome = self.outcome
        if self._guard.paused:
            outcome.refused["paused"] += 1
            return
        try:
            frame = self._looker.picture(page, f"{outcome.session}/{outcome.kept + 1:04}")
        except FrameRefused as error:
            outcome.refused[error.code] += 1
            return
        outcome.frames += 1
        if self._keeper.repeats(frame):
            outcome.dropped += 1
            return
        self._keeper.keep(self._looker.covered(page, frame))

    def _watch_over(self, done: threading.Event) -> None:
        """Ends a browser without a window whose page does not answer: every call would wait."""
        while not done.wait(1.0):
            if self._pulse.stuck() and self._browser.pid and not self._browser.headed:
                os.kill(self._browser.pid, signal.SIGKILL)
                return

    def _browser_failed(self, why: str) -> None:
        crashed = self._pulse.crashed
        if self._browser.headed and not crashed and not self._pages:
            self.outcome.stopped = "closed"
        elif not self._pages or crashed:
            self.outcome.fail("browser_died", "the browser died or its page crashed")
        else:
            self.outcome.fail("browser_failed", f"the browser failed: {why}")


class Moments:
    """With `auto`: the moments at which a page shows something new, and has settled."""

    def __init__(self, begun: float) -> None:
        self._last: list[Any] | None = None
        """State of the page when it was last asked, as `_STATE` gives it."""
        self._taken: list[Any] | None = None
        """And when the last picture was taken."""
        self._moving_since = begun
        self._last_taken = begun - _IDLE

    def due(self, state: list[Any], now: float) -> bool:
        """Whether a picture is to be taken of a page in this state."""
        settled = state == self._last
        if not settled:
            if self._last == self._taken:
                self._moving_since = now
            self._last = state
        new = self._taken is None or _shown(state) != _shown(self._taken)
        waited = now - self._moving_since > _SETTLED
        return (new and (settled or waited)) or now - self._last_taken > _IDLE

    def taken(self, now: float) -> None:
        """A picture was taken of the state last given."""
        self._last_taken, self._taken = now, self._last


def _shown(state: list[Any]) -> list[Any]:
    return state[:_ACTIVE] + state[_ACTIVE + 1 :]


def _first(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
