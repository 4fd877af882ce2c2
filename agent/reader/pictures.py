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
import numpy.typing as npt

from agent.reader.cards import Entry
from agent.reader.layout import Piece
from agent.reader.ocr import Pixels

STEP = 4
SMALLEST = 32
"""Pictures narrower or lower than this many pixels are icons."""
Mask = npt.NDArray[np.uint8]


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


def picture_mask(rgb: Pixels, pieces: Sequence[Piece]) -> Mask:
    """1 where the quarter-size page shows neither flat ground nor text, else 0."""
    import cv2

    height, width = rgb.shape[:2]
    small = cv2.resize(
        np.ascontiguousarray(rgb), (max(1, width // STEP), max(1, height // STEP)),
        interpolation=cv2.INTER_AREA,
    )  # fmt: skip
    mask = _not_ground(small)
    # Bars across the whole page (heads, scroll bars, window frames) are no pictures.
    mask[mask.mean(axis=1) > 0.93, :] = 0
    mask[:, mask.mean(axis=0) > 0.97] = 0
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    return _without_text(mask, pieces)


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
        above = _above(mask, entry, entries, left, right)
        beside = _beside(mask, entry, entries, width, height)
        options = [(r, bonus) for r, bonus in ((above, 1.6), (beside, 1.0)) if r is not None]
        if not options:
            opposite = _right_of(mask, entry, entries, width, height)
            found.append(opposite)
            continue
        found.append(max(options, key=lambda o: min(o[0].area, 250_000.0) * o[1])[0])
    return found


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
    columns = slice(int(left) // STEP, max(int(left) // STEP + 1, int(right) // STEP))
    window = mask[int(roof) // STEP : max(0, int(top) // STEP), columns]
    if window.shape[0] < SMALLEST // STEP or window.shape[1] < SMALLEST // STEP:
        return None
    wide = window.shape[1] * STEP
    rows = window.mean(axis=1) > 0.03
    end = len(rows)
    allowed = max(90, 0.45 * wide) / STEP
    while end > 0 and not rows[end - 1]:
        end -= 1
        if len(rows) - end > allowed:
            return None
    start, gap = end, 0
    limit = end - int(2.4 * wide / STEP)
    position = end
    while position > max(0, limit) and gap <= 7:
        position -= 1
        if rows[position]:
            start, gap = position, 0
        else:
            gap += 1
    region = _tight(window, start, end, int(roof) // STEP, int(left) // STEP)
    # A thin strip is a row of swatches or a button; the picture stands above it.
    if region is not None and region.height < 40 and start > 10:
        higher = Entry(entry.title, entry.prices, entry.rating, entry.percents)
        del higher
        again = window[:start]
        rest = np.flatnonzero(again.mean(axis=1) > 0.03)
        if rest.size and start - rest[-1] < allowed:
            end = int(rest[-1]) + 1
            start = end
            gap = 0
            position = end
            while position > 0 and gap <= 7:
                position -= 1
                if again[position].mean() > 0.03:
                    start, gap = position, 0
                else:
                    gap += 1
            region = _tight(window, start, end, int(roof) // STEP, int(left) // STEP)
    return region if region is not None and region.height >= SMALLEST else None


def _beside(
    mask: Mask, entry: Entry, entries: Sequence[Entry], width: int, height: int
) -> Region | None:
    """The picture left of the title, between the neighbours above and below."""
    left, top, _, bottom = _anchor(entry)
    walls = [
        e.right for e in entries
        if e is not entry and e.right < left and e.top < entry.bottom and e.bottom > entry.top
    ]  # fmt: skip
    wall = max(walls, default=0.0)
    ceiling, floor = _neighbours(entry, entries, height)
    window = mask[
        int(ceiling) // STEP : int(floor) // STEP, int(wall) // STEP : int(left - 4) // STEP
    ]
    if window.shape[0] < SMALLEST // STEP or window.shape[1] < SMALLEST // STEP:
        return None
    columns = window.mean(axis=0) > 0.05
    end = len(columns)
    reach = max(70, 0.14 * width) / STEP
    while end > 0 and not columns[end - 1]:
        end -= 1
        if len(columns) - end > reach:
            return None
    start, gap, position = end, 0, end
    while position > 0 and gap <= 5:
        position -= 1
        if columns[position]:
            start, gap = position, 0
        else:
            gap += 1
    part = window[:, start:end]
    rows = part.mean(axis=1) > 0.04
    run = _run_near(rows, (top - ceiling) / STEP, ((bottom - ceiling) / STEP))
    if run is None:
        return None
    region = _tight(part, run[0], run[1], int(ceiling) // STEP, int(wall) // STEP + start)
    if region is None or region.height < SMALLEST or region.width < SMALLEST:
        return None
    return region


def _right_of(
    mask: Mask, entry: Entry, entries: Sequence[Entry], width: int, height: int
) -> Region | None:
    """The picture right of the text of a lone product, as some product pages have it."""
    if len(entries) > 1:
        return None
    right = max(p.right for p in entry.parts)
    start = int(right + 8) // STEP
    window = mask[int(0.1 * height) // STEP :, start:]
    if window.shape[0] < SMALLEST // STEP or window.shape[1] < SMALLEST // STEP:
        return None
    region = _tight(window, 0, window.shape[0], int(0.1 * height) // STEP, start)
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


def _run_near(rows: npt.NDArray[np.bool_], first: float, last: float) -> tuple[int, int] | None:
    """The stretch of true rows (small gaps closed) that overlaps or is nearest to [first, last]."""
    runs: list[tuple[int, int]] = []
    start, gap = None, 0
    for i, on in enumerate([*rows, *([False] * 7)]):
        if on:
            start = i if start is None else start
            gap = 0
        elif start is not None:
            gap += 1
            if gap > 6:
                runs.append((start, i - gap + 1))
                start = None
    runs = [(a, b) for a, b in runs if b - a >= SMALLEST // STEP]
    if not runs:
        return None
    return max(
        runs,
        key=lambda r: (min(r[1], last) - max(r[0], first) > 0, r[1] - r[0] - max(0.0, r[0] - last)),
    )


def _tight(window: Mask, start: int, end: int, row: int, column: int) -> Region | None:
    """The bounding box of what is set in window[start:end], as page pixels."""
    part = window[start:end]
    if not part.size or not part.any():
        return None
    columns = np.flatnonzero(part.mean(axis=0) > 0.02)
    if not columns.size:
        return None
    return Region(
        (column + int(columns[0])) * STEP, (row + start) * STEP,
        (column + int(columns[-1]) + 1) * STEP, (row + end) * STEP,
    )  # fmt: skip


def _not_ground(small: Pixels) -> Mask:
    """Pixels that differ from every colour that covers a good part of the page evenly."""
    coarse = (small >> 3).astype(np.int32)
    keys = (coarse[..., 0] << 10) | (coarse[..., 1] << 5) | coarse[..., 2]
    values, counts = np.unique(keys, return_counts=True)
    mask = np.ones(small.shape[:2], bool)
    order = np.argsort(-counts)
    for rank, i in enumerate(order[:4]):
        share = counts[i] / keys.size
        if share < 0.06 and rank > 0:
            break
        chosen = keys == values[i]
        # Flat areas only: a dark coat may cover a tenth of the page too, but not evenly.
        if rank > 0 and not _is_flat(small, chosen):
            continue
        color = np.median(small[chosen], axis=0)
        mask &= np.abs(small.astype(int) - color).max(axis=2) > (9 if rank == 0 else 5)
    return mask.astype(np.uint8)


def _is_flat(small: Pixels, chosen: npt.NDArray[np.bool_]) -> bool:
    import cv2

    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = np.abs(cv2.Laplacian(gray, cv2.CV_32F))
    return bool((edges[chosen] < 1.5).mean() > 0.8)


def _without_text(mask: Mask, pieces: Sequence[Piece]) -> Mask:
    mask = mask.copy()
    for p in pieces:
        rows = slice(max(0, int(p.top) // STEP), int(p.bottom) // STEP + 1)
        columns = slice(max(0, int(p.left) // STEP), int(p.right) // STEP + 1)
        # Text printed inside a picture stays part of it.
        around = np.concatenate([
            mask[max(0, rows.start - 3) : rows.start, columns].ravel(),
            mask[rows.stop : rows.stop + 3, columns].ravel(),
            mask[rows, max(0, columns.start - 3) : columns.start].ravel(),
            mask[rows, columns.stop : columns.stop + 3].ravel(),
        ])  # fmt: skip
        if around.size and around.mean() < 0.55:
            mask[rows, columns] = 0
    return mask
