"""How much of what is personal on a page the gate covers, and what of the shop it covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agent.capture.browser import open_browser
from agent.capture.dom import look
from agent.capture.frames import Box, Frame
from agent.capture.guard import Guard
from evals.forms import FormPage, Item, Measured, measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

COVERED, HIT = 0.98, 0.1
"""Shares of its ink from which an item counts as covered, and one of the shop as hit."""


@dataclass(frozen=True)
class Seen:
    """One item of one page in one way of looking."""

    page: FormPage
    way: str
    item: Item
    share: float
    """Of its ink, under boxes."""


def ink(rgb: NDArray[np.uint8], item: Item) -> Iterator[tuple[slice, slice, NDArray[np.bool_]]]:
    """The rectangles of an item, and which pixels in them differ from their background."""
    for left, top, right, bottom in item.rects:
        rows = slice(max(0, int(top)), min(rgb.shape[0], round(bottom)))
        columns = slice(max(0, int(left)), min(rgb.shape[1], round(right)))
        part = rgb[rows, columns].astype(np.int16)
        if part.size:
            back = np.median(part.reshape(-1, 3), axis=0)
            yield rows, columns, np.abs(part - back).max(axis=2) > 60


def covered(rgb: NDArray[np.uint8], item: Item, boxes: list[Box]) -> float:
    """The share of an item's ink that lies under boxes."""
    under = np.zeros(rgb.shape[:2], np.bool_)
    for box in boxes:
        under[box.top : box.bottom, box.left : box.right] = True
    whole = hidden = 0
    for rows, columns, dark in ink(rgb, item):
        whole += int(dark.sum())
        hidden += int((dark & under[rows, columns]).sum())
    if not whole:
        raise AssertionError(f"{item.value} does not show on its page")
    return hidden / whole


WAYS = ("page", "picture")


def looked_at(
    pages: list[FormPage], pictures: Path | None = None, asked: Sequence[str] = WAYS
) -> Iterator[tuple[Seen, bool]]:
    """Every item of every page in the ways asked for; True for the shopper's own data."""
    guard = Guard()
    with open_browser() as browser:
        page = browser.context.new_page()
        for form in pages:
            page.set_content(form.html)
            page.evaluate("document.fonts.ready")
            measured: Measured = measure(page)
            frame = guard.check(browser.screenshot(page, "png", 100), form.name)
            told = look(page, guard.rules, frame.width)
            rgb = frame.rgb()
            ways: dict[str, Frame] = {}
            if "page" in asked:
                boxes = list(told.boxes.values())
                ways["page"] = guard.clear_page(frame, boxes, told.pictures)
            if "picture" in asked:
                ways["picture"] = guard.clear(frame)
            for way, cleared in ways.items():
                if pictures:
                    pictures.mkdir(parents=True, exist_ok=True)
                    (pictures / f"{form.name}-{way}.png").write_bytes(cleared.data)
                boxes = list(cleared.boxes)
                for item in measured.own:
                    yield Seen(form, way, item, covered(rgb, item, boxes)), True
                for item in measured.keep:
                    yield Seen(form, way, item, covered(rgb, item, boxes)), False
