"""The page in real Chromium: offline, in both themes, on a desk and on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.report import Story, write_page
from tests.report.conftest import HOSTILE

pytest.importorskip("playwright", reason="the capture extra is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def page_file(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(story, tmp_path_factory.mktemp("page") / "story.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_opens_offline_fits_and_passes_axe(
    browser: Any, page_file: Path, width: int, scheme: str
) -> None:
    assert page_file.stat().st_size < 5_000_000
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True
    )
    tab = context.new_page()
    requests: list[str] = []
    troubles: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: troubles.append(message.text))
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.goto(page_file.as_uri())
    outside = [url for url in requests if not url.startswith("data:")]
    assert outside == [page_file.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert axe.Axe().run(tab).response["violations"] == []

    # The enlarged screen opens without a script, passes as well, and closes again.
    tab.get_by_role("button", name="Enlarge screen 2").click()
    dialog = tab.get_by_role("dialog", name="Screen 2")
    assert dialog.is_visible()
    assert axe.Axe().run(tab).response["violations"] == []
    dialog.get_by_role("button", name="Close").click()
    assert not dialog.is_visible()
    assert troubles == []
    context.close()


def test_pictures_decode_and_hostile_words_stay_words(browser: Any, page_file: Path) -> None:
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(page_file.as_uri())
    assert HOSTILE in tab.locator(".item h3").first.inner_text()
    assert HOSTILE in tab.locator(".read li").first.inner_text() + "".join(
        tab.locator(".read").all_inner_texts()
    )
    assert tab.locator("script").count() == 0
    decoded = tab.evaluate(
        """() => Promise.all([...document.querySelectorAll('image')].map(async i => {
            const p = new Image(); p.src = i.getAttribute('href'); await p.decode();
            return p.naturalWidth; }))"""
    )
    assert len(decoded) == 3
    assert all(width >= 600 for width in decoded)
    context.close()


def test_dark_mode_is_dark(browser: Any, page_file: Path) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(offline=True, color_scheme=scheme)
        tab = context.new_page()
        tab.goto(page_file.as_uri())
        color = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        shades[scheme] = sum(int(v) for v in color.removeprefix("rgb(").rstrip(")").split(","))
        context.close()
    assert shades["light"] > 600
    assert shades["dark"] < 150
