"""A real Chromium, driven by Playwright: the user's own, or the system's."""

from __future__ import annotations

import base64
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from agent.capture.dom import script
from tools.errors import InputError, InteraRecError, MissingExtra

if TYPE_CHECKING:
    from playwright.sync_api import Browser as PlaywrightBrowser
    from playwright.sync_api import BrowserContext, CDPSession, Playwright
    from playwright.sync_api import Page as BrowserPage

Format = Literal["jpeg", "png", "webp"]
FORMATS: tuple[Format, ...] = ("jpeg", "png", "webp")
SIZE = (1280, 800)
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A blinking caret makes every picture of a field differ from the one before.
_NO_CARET = """addEventListener('DOMContentLoaded', () => {
  const style = document.createElement('style');
  style.textContent = '* { caret-color: transparent !important }';
  document.documentElement.append(style);
})"""


class BrowserGone(InteraRecError):
    """The browser ended, or its page crashed."""


@dataclass
class Browser:
    """A running browser with one window."""

    context: BrowserContext
    pid: int | None
    """Its process, where it can be told."""
    headed: bool
    _sessions: WeakKeyDictionary[Any, CDPSession]

    def screenshot(self, page: BrowserPage, kind: Format, quality: int) -> bytes:
        """What the viewport shows, encoded; nothing beyond the viewport.

        Raises Playwright's Error where the page has gone.
        """
        session = self._sessions.get(page)
        if session is None:
            session = self._sessions[page] = self.context.new_cdp_session(page)
        options: dict[str, Any] = {"format": kind, "captureBeyondViewport": False}
        if kind == "png":
            options["optimizeForSpeed"] = True
        else:
            options["quality"] = quality
        return base64.b64decode(session.send("Page.captureScreenshot", options)["data"])


def find_chromium(chosen: Path | None = None) -> Path | None:
    """The browser to use: the chosen one, else the first of the system's, else Playwright's (None).

    Raises InputError where the chosen one is not there.
    """
    if chosen is not None:
        if not chosen.is_file() or not os.access(chosen, os.X_OK):
            raise InputError(f"there is no browser at {chosen}")
        return chosen
    found = next((path for path in map(shutil.which, _NAMES) if path), None)
    return None if found is None else Path(found)


@contextmanager
def open_browser(
    *,
    executable: Path | None = None,
    headed: bool = False,
    profile: Path | None = None,
    size: tuple[int, int] = SIZE,
) -> Iterator[Browser]:
    """A browser for the time of a `with` block, ready to open pages.

    Args:
        executable: Chromium or Chrome; by default the system's.
        headed: with a window that a person can use.
        profile: a folder that keeps log-ins and cookies; by default everything is forgotten.
        size: of the viewport without a window, pixels.

    Raises:
        MissingExtra: playwright is not installed.
        InputError: there is no such browser, or no display for its window.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise MissingExtra("capturing from a browser", "capture") from None
    # A driver that is killed leaves futures behind, which are logged when they are collected.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    path = find_chromium(executable)
    if headed and os.name == "posix" and not _display():
        raise InputError("--headed needs a display; without one, leave it out")
    arguments = [*_ARGUMENTS]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses to run as root
    if not headed:
        arguments.append("--headless=new")
    # Signals are ours: the browser must outlive Ctrl-C until the last frame is safe.
    signals = {"handle_sigint": False, "handle_sigterm": False, "handle_sighup": False}
    launch: dict[str, Any] = {
        "executable_path": path,
        "headless": not headed,
        "args": arguments,
        **signals,
    }
    view: dict[str, Any] = (
        {"no_viewport": True} if headed else {"viewport": {"width": size[0], "height": size[1]}}
    )
    with _driver(sync_playwright()) as play:
        browser: PlaywrightBrowser | None = None
        try:
            if profile is not None:
                context = play.chromium.launch_persistent_context(profile, **launch, **view)
                browser = context.browser
            else:
                browser = play.chromium.launch(**launch)
                context = browser.new_context(**view)
            context.add_init_script(script("watcher"))
            if not headed:
                context.add_init_script(_NO_CARET)
        except Error as error:
            first = error.message.strip().partition("\n")[0]
            raise InputError(f"the browser {path or ''} does not start: {first}") from None
        try:
            yield Browser(context, _pid(browser), headed, WeakKeyDictionary())
        finally:
            try:
                context.close()
                if browser is not None:
                    browser.close()
            except Error:
                pass  # it is gone already, which is what was wanted


@contextmanager
def _driver(starting: AbstractContextManager[Playwright]) -> Iterator[Playwright]:
    """Playwright itself, whose driver is a process of its own that a signal may end, too."""
    try:
        play = starting.__enter__()
    except Exception as error:
        if "Connection closed" not in str(error):  # Playwright raises a bare Exception for it
            raise
        raise BrowserGone("the browser's driver was ended while it started") from None
    try:
        yield play
    finally:
        starting.__exit__(None, None, None)


def _display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _pid(browser: PlaywrightBrowser | None) -> int | None:
    from playwright.sync_api import Error

    if browser is None:
        return None
    try:
        session = browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
    except Error:
        return None
    return next((int(p["id"]) for p in processes if p["type"] == "browser"), None)
