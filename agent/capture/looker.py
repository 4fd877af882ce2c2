"""One look at a page in the browser: its picture, and boxes over everything personal in it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.capture.browser import Browser, Format
from agent.capture.dom import PageUnreadable, Told, hulls, look
from agent.capture.frames import Frame, Page
from agent.capture.guard import Guard
from agent.capture.page_address import clean_address
from agent.capture.personal import scrub
from agent.capture.session import alike

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

QUALITY = 80
_TRIES = 4
"""Looks at a page that changes meanwhile, before boxes for all its moments are drawn."""
_STUCK = 30.0
"""Seconds after which a page that has not answered is taken for stuck."""


class Pulse:
    """Whether the browser still answers."""

    def __init__(self) -> None:
        self.crashed = False
        """Whether a page of it crashed."""
        self._last = time.monotonic()

    def beat(self) -> float:
        """It answers, or is just about to be asked; gives the time."""
        self._last = time.monotonic()
        return self._last

    def stuck(self) -> bool:
        """Whether it was asked long ago and has not answered."""
        return time.monotonic() - self._last > _STUCK

    @contextmanager
    def own_work(self) -> Iterator[None]:
        """What stands in the block asks nothing of it, however long it takes."""
        self._last = math.inf
        try:
            yield
        finally:
            self.beat()


class Looker:
    """Takes pictures of pages, as they may be kept."""

    def __init__(self, browser: Browser, guard: Guard, kind: Format, pulse: Pulse) -> None:
        self._browser = browser
        self._guard = guard
        self._kind = kind
        self._pulse = pulse

    def picture(self, page: BrowserPage, name: str) -> Frame:
        """What the page shows, uncovered.

        Raises:
            FrameRefused: the page may not be looked at.
        """
        self._guard.check_page(page.url)
        self._pulse.beat()
        data = self._browser.screenshot(page, self._kind, QUALITY)
        # The page may have gone on to another site while its picture was taken.
        self._guard.check_page(page.url)
        return self._guard.check(data, name)

    def covered(self, page: BrowserPage, frame: Frame) -> Frame:
        """The picture with boxes that fit it: page and picture must agree, or boxes cover both.

        The page is asked where its personal data stand, and then a second picture has to show
        what the first one did; so nothing moved in between.
        """
        for _ in range(_TRIES):
            told = self._told(page, frame)
            again = self.picture(page, frame.name)
            if told is not None and alike(frame, again):
                return self._clear(frame, told, list(told.boxes.values()))
            frame = again
        # A page that never rests: every place that anything personal had before or after.
        before = self._told(page, frame)
        frame = self.picture(page, frame.name)
        after = self._told(page, frame)
        if before is None or after is None:
            # It cannot be asked. Then the picture alone has to tell, as for one from elsewhere.
            bare = Page(clean_address(page.url), "", time.time())
            with self._pulse.own_work():
                return self._guard.clear(replace(frame, page=bare))
        return self._clear(frame, after, hulls(before, after))

    def _told(self, page: BrowserPage, frame: Frame) -> Told | None:
        self._pulse.beat()
        try:
            return look(page, self._guard.rules, frame.width)
        except PageUnreadable:
            if page.is_closed() or self._pulse.crashed:
                raise
            return None

    def _clear(self, frame: Frame, told: Told, boxes: Sequence[Any]) -> Frame:
        self._guard.check_page(told.url)
        page = Page(
            clean_address(told.url),
            scrub(told.title)[:300],
            time.time(),
            told.scroll_x,
            told.scroll_y,
        )
        with self._pulse.own_work():
            return self._guard.clear_page(replace(frame, page=page), boxes, told.pictures)
