"""What the gate covers of sixty pages with a shopper's own data, and what it covers wrongly.

Every page is rendered in a real Chromium and goes through the gate twice: as captured from the
browser (the page tells where things stand) and as a bare picture (OCR tells). An item counts as
covered when at least 98 % of its ink lies under boxes. Prints recall by kind and by place with 95 %
intervals (clusters: pages), the misses one by one, and the share of prices, article numbers and
other things of the shop that were hit.

    python benchmarks/redaction.py [--pages 60] [--seed N] [--pictures DIR]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agent.capture.browser import open_browser
from agent.capture.dom import look
from agent.capture.frames import Box, Frame
from agent.capture.guard import Guard
from evals.forms import PAGES, SEED, FormPage, Item, Measured, form_pages, measure
from evals.statistics import cluster_bootstrap

if TYPE_CHECKING:
    from numpy.typing import NDArray

COVERED, HIT = 0.98, 0.1


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
    return hidden / whole if whole else 1.0


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


def told_of(seen: list[Seen], hit: float) -> str:
    """A rate with its interval and count."""
    found = cluster_bootstrap([s.share >= hit for s in seen], None, [s.page.name for s in seen])
    return f"{found.estimate:5.3f} [{found.low:.3f}, {found.high:.3f}] of {len(seen)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--pictures", type=Path, help="folder for the covered pictures")
    parser.add_argument("--way", choices=WAYS, action="append")
    args = parser.parse_args()
    asked = args.way or WAYS
    every = list(looked_at(form_pages(args.pages, args.seed), args.pictures, asked))
    for way in asked:
        own = [s for s, is_own in every if is_own and s.way == way]
        keep = [s for s, is_own in every if not is_own and s.way == way]
        print(f"\n{'captured from the page' if way == 'page' else 'the picture alone'}")
        print(f"  recall          {told_of(own, COVERED)}")
        groups = defaultdict(list)
        for s in own:
            groups["kind " + s.item.kind].append(s)
            groups["in " + s.page.where].append(s)
        for name in sorted(groups):
            hits = sum(s.share >= COVERED for s in groups[name])
            print(f"    {name:<14} {hits:4} of {len(groups[name])}")
        print(f"  wrongly covered {told_of(keep, HIT)}")
        for s in own:
            if s.share < COVERED:
                print(
                    f"    missed {s.page.name:<14} {s.item.kind:<9} {s.share:4.0%} {s.item.value}"
                )
        for s in keep:
            if s.share >= HIT:
                print(
                    f"    wrong  {s.page.name:<14} {s.item.kind:<9} {s.share:4.0%} {s.item.value}"
                )


if __name__ == "__main__":
    main()
