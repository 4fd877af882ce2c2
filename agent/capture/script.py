"""The steps of a scripted browse, for demos and tests: one small language, one player.

A script is YAML with a list `steps`; each step has one of these keys, and may say in `did` what the
shopper does::

    go: /path            click: selector      scroll: 430        back: 1
    search: words        type: {selector: words}                 wait: 0.5
    filter: value        price: [18, 144]     order: rated       open: id      size: "12"

Those of the last line address the marks (`data-filter`, `data-product` …) of the demo shop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tools.errors import InputError

if TYPE_CHECKING:
    from playwright.sync_api import Page

Step = Mapping[str, Any]


def load_steps(file: Path) -> Sequence[Step]:
    """The steps of a script. Raises InputError where it cannot be read or is none."""
    try:
        script = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"the script {file} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"the script {file} is not YAML: {str(error).splitlines()[0]}") from None
    steps = script.get("steps") if isinstance(script, dict) else script
    if not isinstance(steps, list) or not all(isinstance(s, dict) and s for s in steps):
        raise InputError(f"the script {file} has no list of steps")
    return steps


def perform(page: Page, step: Step, address: str) -> None:
    """One step in the page; `address` is what paths are relative to.

    Raises InputError for an unknown step; Playwright's own errors where the page lacks what it
    names.
    """
    match step:
        case {"go": path}:
            page.goto(address + path if str(path).startswith("/") else str(path))
        case {"search": words}:
            page.fill("input[name=q]", words)
            page.press("input[name=q]", "Enter")
            page.wait_for_load_state()
            # Out of the field, so that no caret blinks in the picture.
            page.evaluate("document.activeElement.blur()")
        case {"type": dict(words)}:
            for selector, text in words.items():
                page.fill(selector, str(text))
        case {"filter": value}:
            page.click(f'[data-filter="{value}"]')
        case {"price": [low, high]}:
            page.fill("input[name=min]", str(low))
            page.fill("input[name=max]", str(high))
            page.click(".range button")
        case {"order": value}:
            page.click(f'[data-order="{value}"]')
        case {"open": identifier}:
            page.click(f'[data-role=card][data-product="{identifier}"]')
        case {"size": value}:
            page.click(f'[data-size="{value}"]')
        case {"click": selector}:
            page.click(selector)
        case {"scroll": pixels}:
            size = page.viewport_size or {"width": 1280, "height": 800}
            page.mouse.move(size["width"] / 2, size["height"] / 2)
            page.mouse.wheel(0, pixels)
            page.wait_for_timeout(300)
        case {"back": times}:
            for _ in range(times):
                page.go_back()
        case {"wait": seconds}:
            page.wait_for_timeout(1000 * float(seconds))
        case _:
            raise InputError(f"the script has an unknown step: {dict(step)}")
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready")
