"""Where the picture of each product entry stands.

What differs from the flat grounds of the page and is no text is a picture. The work is done on a
quarter-size copy of the page. Each entry's picture is looked for above its title (grids), to its
left (lists, carts, product pages), then to its right and below, inside the entry's own column, so
that pictures which touch each other are kept apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.reader.cards import Entry
from agent.reader.ground import STEP, Mask
from agent.reader.layout import Paragraph
from agent.reader.runs import Cover, last_run, runs_of, without
from agent.reader.titles import is_title_like

SMALLEST = 32
"""Pictures narrower or lower than this many pixels are icons."""


@dataclass(frozen=True)
class Region:
    """A rectangle that holds a picture, in page pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Area in pixels."""
        return max(0.0, self.width) * max(0.0, self.height)


def locate_pictures(
    mask: Mask, entries: Sequence[Entry], width: int, height: int
) -> list[Region | None]:
    """The picture region of every entry, None where none is found."""
    found: list[Region | None] = []
    for entry in entries:
        if entry.title is None and entry.price is None:
            found.append(None)
            continue
        left, right = _column(entry, entries, width)
        # In a row of cards the picture stands above; what is beside is the neighbour's.
        top = _anchor(entry)[1]
        in_row = any(e is not entry and abs(_anchor(e)[1] - top) < 70 for e in entries)
        options = [
            (region, bonus)
            for region, bonus in (
                (_above(mask, entry, entries, left, right), 4.0 if in_row else 1.6),
                (_beside(mask, entry, entries, width, height), 1.0),
            )
            if region is not None and _is_picture_shaped(region)
        ]
        if not options and len(entries) == 1:
            opposite = _right_of(mask, entry, height)
            options = [(opposite, 1.0)] if opposite is not None else []
        best = max(options, key=lambda o: min(o[0].area, 250_000.0) * o[1], default=None)
        found.append(_with_margin(mask, best[0]) if best is not None else None)
    return found


def _with_margin(mask: Mask, region: Region) -> Region:
    """The region, widened a little where it is a thing on the page's ground and not a photograph.

    Whoever names its colour then sees ground all around it.
    """
    rows = slice(
        int(region.top) // STEP, max(int(region.top) // STEP + 1, int(region.bottom) // STEP)
    )
    columns = slice(
        int(region.left) // STEP, max(int(region.left) // STEP + 1, int(region.right) // STEP)
    )
    part = mask[rows, columns]
    if not part.size:
        return region
    edge = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
    if edge.mean() > 0.6:
        return region
    height, width = mask.shape[0] * STEP, mask.shape[1] * STEP
    return Region(
        max(0.0, region.left - 10), max(0.0, region.top - 10),
        min(float(width), region.right + 10), min(float(height), region.bottom + 10),
    )  # fmt: skip


def captioned(
    mask: Mask, entries: Sequence[Entry], paragraphs: Sequence[Paragraph], typical: float
) -> list[Entry]:
    """Entries without price and rating: title-like captions of pictures that stand in a row.

    At least two captions on one line, each of some length and with a picture of some size right
    above, none inside an entry that is known already.
    """
    free = [
        p for p in paragraphs
        if is_title_like(p) and not p.pieces[0].on_picture and p.size >= 0.9 * typical
        and sum(c.isalpha() for c in p.text) >= 15 and len(p.text.split()) >= 3
        and not any(_touches(p, e) for e in entries)
        and sum(abs(q.top - p.top) < 6 for q in paragraphs) < 8
    ]  # fmt: skip
    found = []
    for p in free:
        row = [q for q in free if abs(q.top - p.top) < 2.5 * typical]
        row_known = [
            e for e in entries if e.title is not None and abs(e.title.top - p.top) < 3 * typical
        ]
        if len(row) + len(row_known) < 2:
            continue
        columns = slice(int(p.left) // STEP, int(min(p.right, p.left + 260)) // STEP)
        above = mask[max(0, int(p.top - 150) // STEP) : int(p.top - 4) // STEP, columns]
        if above.size and above.shape[0] >= 25 and above.mean() > 0.3:
            found.append(Entry(p))
    return found


def _touches(paragraph: Paragraph, entry: Entry) -> bool:
    return (
        paragraph.left < entry.right and paragraph.right > entry.left
        and paragraph.top < entry.bottom + 60 and paragraph.bottom > entry.top - 60
    )  # fmt: skip


def _is_picture_shaped(region: Region) -> bool:
    return region.height >= SMALLEST and 0.14 < region.width / region.height < 5.5


def _anchor(entry: Entry) -> tuple[float, float, float, float]:
    part = entry.title if entry.title is not None else entry.prices[0]
    return part.left, part.top, part.right, part.bottom


def _column(entry: Entry, entries: Sequence[Entry], width: int) -> tuple[float, float]:
    """Left and right edge of the entry's column among the entries of its row."""
    left, top, right, _ = _anchor(entry)
    row = [e for e in entries if e is not entry and abs(_anchor(e)[1] - top) < 70]
    centred = entry.price is not None and entry.title is not None and (
        abs(entry.title.center - (entry.price.left + entry.price.right) / 2) < 8
        and abs(entry.title.left - entry.price.left) > 16
    )  # fmt: skip
    if not row:
        return max(0.0, left - 0.12 * width), min(float(width), max(right, left + 0.3 * width))
    if centred:
        middle = (left + right) / 2
        centers = [(_anchor(e)[0] + _anchor(e)[2]) / 2 for e in row]
        lower = max((c for c in centers if c < middle), default=None)
        upper = min((c for c in centers if c > middle), default=None)
        half = min(abs(middle - c) for c in centers) / 2
        return (
            (middle + lower) / 2 if lower is not None else max(0.0, middle - half),
            (middle + upper) / 2 if upper is not None else min(float(width), middle + half),
        )
    lefts = [_anchor(e)[0] for e in row]
    pitch = min(abs(left - other) for other in lefts) or 0.2 * width
    following = min((other for other in lefts if other > left + 8), default=left + pitch)
    return max(0.0, left - 0.1 * pitch), min(float(width), following - 0.04 * pitch)


def _above(
    mask: Mask, entry: Entry, entries: Sequence[Entry], left: float, right: float
) -> Region | None:
    """The run of picture rows that ends just above the title (or the rating above it)."""
    top = entry.top
    roof = max(
        (e.bottom for e in entries
         if e is not entry and e.bottom < top and min(e.right, right) - max(e.left, left) > 0),
        default=0.0,
    )  # fmt: skip
    first, row = max(0, int(left) // STEP), int(roof) // STEP
    window = mask[row : max(0, int(top) // STEP), first : max(first + 1, int(right) // STEP)]
    if min(window.shape) < SMALLEST // STEP:
        return None
    wide = window.shape[1]
    rows = without(window.mean(axis=1), 0.03)
    end = len(rows)
    allowed = max(90 / STEP, 0.45 * wide)
    for _ in range(2):
        run = last_run(rows[:end], gap=7, longest=int(2.4 * wide))
        if run is None or end - run[1] > allowed:
            return None
        region = _tight(window, run[0], run[1], row, first)
        # A thin strip is a row of swatches or a button; the picture stands above it.
        if region is not None and region.height >= 40:
            return region
        end = run[0]
    return None


def _beside(
    mask: Mask, entry: Entry, entries: Sequence[Entry], width: int, height: int
) -> Region | None:
    """The picture left of the title, between the neighbours above and below."""
    left, top, _, bottom = _anchor(entry)
    walls = [
        e.right for e in entries
        if e is not entry and e.right < left and e.top < entry.bottom and e.bottom > entry.top
    ]  # fmt: skip
    wall = int(max(walls, default=0.0)) // STEP
    ceiling, floor = _neighbours(entry, entries, height)
    reach = max(70.0, 0.14 * width) / STEP
    # First at the height of the title itself (lists, carts), then in all the room there is.
    for upper, lower in ((entry.top - 12, entry.bottom + 12), (ceiling, floor)):
        first = int(max(ceiling, upper)) // STEP
        window = mask[first : int(min(floor, lower)) // STEP, wall : int(left - 4) // STEP]
        if window.shape[0] < 4 or window.shape[1] < SMALLEST // STEP:
            continue
        columns = without(window.mean(axis=0), 0.06)
        run = last_run(columns, gap=5, longest=int(0.6 * width) // STEP)
        if run is None or window.shape[1] - run[1] > reach:
            continue
        if (run[1] - run[0]) * STEP < SMALLEST:
            continue
        tall = mask[int(ceiling) // STEP : int(floor) // STEP, wall + run[0] : wall + run[1]]
        rows = _run_near(
            without(tall.mean(axis=1), 0.04), (top - ceiling) / STEP, (bottom - ceiling) / STEP
        )
        if rows is None:
            continue
        region = _tight(tall, rows[0], rows[1], int(ceiling) // STEP, wall + run[0])
        if region is not None and min(region.width, region.height) >= SMALLEST:
            return region
    return None


def _right_of(mask: Mask, entry: Entry, height: int) -> Region | None:
    """The picture right of the text of a lone product, as some product pages have it."""
    start, row = int(entry.right + 8) // STEP, int(0.1 * height) // STEP
    window = mask[row:, start:]
    if min(window.shape) < SMALLEST // STEP:
        return None
    cover = without(window.mean(axis=1), 0.06)
    run = _run_near(cover, entry.top / STEP - row, (entry.bottom + 200) / STEP - row)
    region = _tight(window, run[0], run[1], row, start) if run is not None else None
    return region if region is not None and region.area > 20_000 else None


def _neighbours(entry: Entry, entries: Sequence[Entry], height: int) -> tuple[float, float]:
    """The vertical room of an entry: to the entries above and below in its column."""
    same = [e for e in entries if e is not entry and abs(_anchor(e)[0] - _anchor(entry)[0]) < 120]
    upper = max((e.bottom for e in same if e.bottom <= entry.top + 4), default=None)
    lower = min((e.top for e in same if e.top >= entry.bottom - 4), default=None)
    size = 420.0
    ceiling = max(0.0, entry.top - size) if upper is None else upper
    if lower is None:
        floor = min(float(height), max(entry.bottom, entry.top + size) + 160)
    else:
        floor = lower
    return ceiling, floor


def _run_near(cover: Cover, first: float, last: float) -> tuple[int, int] | None:
    """The stretch of set rows (small gaps closed) that overlaps or is nearest to [first, last]."""
    runs = [(a, b) for a, b in runs_of(cover, gap=6, seams=True) if b - a >= SMALLEST // STEP]
    if not runs:
        return None
    return max(
        runs,
        key=lambda r: (min(r[1], last) - max(r[0], first) > 0, r[1] - r[0] - max(0.0, r[0] - last)),
    )


def _tight(window: Mask, start: int, end: int, row: int, column: int) -> Region | None:
    """The bounding box of what is set in window[start:end], as page pixels.

    Slivers of the neighbours' pictures at the edges of the window are left out.
    """
    part = window[start:end]
    if not part.size or not part.any():
        return None
    runs = runs_of(without(part.mean(axis=0), 0.02), gap=2)
    if not runs:
        return None
    widest = max(b - a for a, b in runs)
    kept = [
        (a, b) for a, b in runs
        if b - a > 0.25 * widest or not (a <= 1 or b >= part.shape[1] - 1)
    ]  # fmt: skip
    first, last = min(a for a, _ in kept), max(b for _, b in kept)
    return Region(
        (column + first) * STEP, (row + start) * STEP, (column + last) * STEP, (row + end) * STEP
    )
