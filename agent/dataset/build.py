"""Sessions and products in, pictures and summaries out: the paper's data set from any data.

Every item that a chosen session viewed gets a page, rendered in Chromium; the page as the shopper
sees it and the product's picture alone are read by the embedded reader; and each session's
summary is made from the readings of what it viewed, in order. What was read is kept item by item,
so a build that is run again goes on where it stopped.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.capture.gate import admit
from agent.dataset.pages import PICTURE, file_name, item_page, picture_kind
from agent.reader.brands import brand_of
from agent.reader.colors import color_of_picture
from tools.errors import SessionError
from tools.preferences import FrameReading, SeenProduct

if TYPE_CHECKING:
    from agent.capture.browser import Browser
    from agent.reader.ocr import Line
    from tools.sessions.data import SessionData, Sessions

READINGS, PICTURES, REPORT = "readings.jsonl", "pictures", "dataset.json"
PAGE, PRODUCT = "page", "product"
SIZE = (1280, 800)
QUALITY = 80
LARGE = 0.85
"""Share of the tallest line's height from which a line is of the same type."""


@dataclass(frozen=True)
class Built:
    """What a build did.

    Attributes:
        items: items with a page.
        fresh: of them those rendered and read now.
        sessions: rows with summaries.
        views: kinds of summaries.
        seconds: view -> mean CPU seconds of reading one picture.
        pictured: items by what stands for them: photo, shape or blank (`pages.picture_kind`).
    """

    items: int
    fresh: int
    sessions: int
    views: tuple[str, ...]
    seconds: Mapping[str, float]
    pictured: Mapping[str, int]


def build_dataset(  # noqa: PLR0917
    data: SessionData,
    source: Path,
    out: Path,
    limit: int,
    scales: Sequence[float] = (),
    seed: int = 0,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Built:
    """Render, read and sum up.

    Args:
        data: read from `source`; needs a products file with texts.
        source: folder in the layout.
        out: becomes a folder in the layout of its own, with the summaries beside the sessions.
        limit: most test sessions.
        scales: further sizes at which pages are read, in (0, 1).
        seed: of the layouts.
        advance: told how many items are done, of how many.

    Raises:
        SessionError: there is nothing to render, or `out` cannot be used.
        MissingExtra: playwright is not installed.
    """
    if data.products is None or not any(data.products.texts()):
        raise SessionError(f"{source} has no products file with titles, so there are no pages")
    if out.resolve() == source.resolve():
        raise SessionError("--out must be another folder than the sessions'")
    if any(not 0 < scale < 1 for scale in scales):
        raise SessionError("--scales takes sizes between 0 and 1, such as 0.5")
    test = data.some_test_rows(limit, seed).test
    items = list(dict.fromkeys(test.items.tolist()))
    if not items:
        raise SessionError(f"the test sessions of {source} view no item of the products file")
    told = {i: {k: v[i] for k, v in data.products.columns.items()} for i in items}
    pictured: dict[str, int] = dict(Counter(picture_kind(told[i], source) for i in items))
    views = [PAGE, *(f"{PAGE}@{scale:g}" for scale in scales)]
    if set(pictured) != {"blank"}:
        views.insert(1, PRODUCT)
    try:
        (out / PICTURES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SessionError(f"{out} cannot be written to: {error.strerror}") from None
    kept = _kept(out / READINGS, seed)
    wanted = [i for i in items if any((data.item_ids[i], view) not in kept for view in views)]
    if wanted:
        brands = sorted({b for b in data.products.columns.get("brand", []) if b})
        _read_all(wanted, told, data.item_ids, views, source, out, brands, seed, kept, advance)
    _write_layout(data, test, out)
    _write_summaries(data.item_ids, test, views, kept, out)
    seconds = {
        view: sum(s for (_, v), (_, s) in kept.items() if v == view)
        / max(1, sum(v == view for _, v in kept))
        for view in views
    }
    built = Built(len(items), len(wanted), len(test), tuple(views), seconds, pictured)
    (out / REPORT).write_text(json.dumps(built.__dict__, indent=1) + "\n", "utf-8")
    return built


Kept = dict[tuple[str, str], tuple[FrameReading, float]]


def _read_all(  # noqa: PLR0917
    wanted: Sequence[int],
    told: Mapping[int, Mapping[str, str]],
    ids: Sequence[str],
    views: Sequence[str],
    source: Path,
    out: Path,
    brands: Sequence[str],
    seed: int,
    kept: Kept,
    advance: Callable[[int, int], None],
) -> None:
    from agent.capture.browser import open_browser

    reader = _Reader(brands)
    with (
        open_browser(size=SIZE) as browser,
        (out / READINGS).open("a", encoding="utf-8") as file,
    ):
        for done, i in enumerate(wanted, 1):
            html = item_page(ids[i], told[i], source, seed=seed)
            pictures = _pictures(browser, html)
            for view in views:
                if (ids[i], view) in kept:
                    continue
                kind, _, scale = view.partition("@")
                data = _scaled(pictures[kind], float(scale)) if scale else pictures[kind]
                (out / PICTURES / f"{file_name(ids[i])}.{view}.jpg").write_bytes(data)
                begun = time.process_time()
                reading = reader.read(data, ids[i], alone=kind == PRODUCT)
                seconds = round(time.process_time() - begun, 3)
                kept[ids[i], view] = reading, seconds
                line = {"item": ids[i], "view": view, "seed": seed, "seconds": seconds}
                line["reading"] = reading.model_dump(mode="json", exclude_defaults=True)
                file.write(json.dumps(line) + "\n")
            file.flush()
            advance(done, len(wanted))


def _pictures(browser: Browser, html: str) -> dict[str, bytes]:
    """The page as the window shows it, and the product's picture alone, as JPEG."""
    page = browser.context.new_page()
    try:
        page.set_content(html)
        shot = page.locator(PICTURE).screenshot(type="jpeg", quality=QUALITY)
        return {PAGE: page.screenshot(type="jpeg", quality=QUALITY), PRODUCT: shot}
    finally:
        page.close()


def _scaled(data: bytes, scale: float) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        smaller = picture.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    smaller.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


class _Reader:
    """Reads a picture of one item, priced or not."""

    def __init__(self, brands: Sequence[str]) -> None:
        from agent.reader import EmbeddedReader
        from agent.reader.ocr import LineReader

        self.brands = brands
        self.reader = EmbeddedReader(brands)
        self.lines = LineReader()

    def read(self, data: bytes, name: str, *, alone: bool) -> FrameReading:
        """What the reader makes of a picture.

        Args:
            alone: the picture is the product's, without the page; its colour is looked for.
        """
        frame = admit(data, name)
        rgb = frame.rgb()
        lines = self.lines.read(rgb)
        [reading] = self.reader.read([replace(frame, lines=tuple(lines))])
        if any(p.opened and p.title for p in reading.products):
            return reading
        # The reader knows products by their prices, and much session data has none: then what is
        # printed largest is the title.
        title = title_of(lines)
        found = color_of_picture(rgb) if alone else None
        if not title and found is None:
            return reading
        seen = SeenProduct(
            title=title,
            brand=brand_of(title, (), self.brands),
            color=found[0] if found else None,
            opened=True,
        )
        return reading.model_copy(update={"products": (seen,), "kind": "detail"})


def title_of(lines: Sequence[Line]) -> str:
    """What is printed largest, and the lines of like type that go on with it; "" for no words."""
    words = [line for line in lines if sum(c.isalpha() for c in line.text) >= 2]
    if not words:
        return ""
    tallest = max(words, key=lambda line: line.height)
    edge = [
        line
        for line in words
        if line.height >= LARGE * tallest.height
        and abs(line.left - tallest.left) < 0.5 * tallest.height
    ]
    at = edge.index(tallest)
    first, last = at, at
    while first and _goes_on(edge[first - 1], edge[first]):
        first -= 1
    while last + 1 < len(edge) and _goes_on(edge[last], edge[last + 1]):
        last += 1
    return " ".join(line.text for line in edge[first : last + 1])


def _goes_on(line: Line, below: Line) -> bool:
    return below.top - line.bottom < 0.5 * line.height


def _kept(path: Path, seed: int) -> Kept:
    """What was read before; a line that was broken off is read again."""
    kept: Kept = {}
    if not path.is_file():
        return kept
    whole = []
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            told = json.loads(line)
            reading = FrameReading.model_validate(told["reading"])
            key, other = (told["item"], told["view"]), told["seed"]
            kept[key] = reading, float(told["seconds"])
        except (ValueError, KeyError, TypeError):
            continue
        if other != seed:
            raise SessionError(f"{path} was made with seed {other}: name another folder or seed")
        whole.append(line)
    temporary = path.with_suffix(".new")
    temporary.write_text("".join(f"{line}\n" for line in whole), "utf-8")
    temporary.replace(path)
    return kept


def _write_layout(data: SessionData, test: Sessions, out: Path) -> None:
    for part, rows in (("train", data.train), ("valid", data.valid), ("test", test)):
        lines = (
            (" ".join(data.item_ids[i] for i in row), data.item_ids[t] if t >= 0 else "")
            for row, t in zip(rows, rows.targets.tolist(), strict=True)
        )
        _write(out / f"sessions_{part}.csv", ("prev_items", "next_item"), lines)
    assert data.products is not None
    columns = data.products.columns
    listed = data.products.listed.nonzero()[0].tolist()
    rows_of = ((data.item_ids[i], *(columns[c][i] for c in columns)) for i in listed)
    _write(out / "products.csv", ("id", *columns), rows_of)


def _write_summaries(
    ids: Sequence[str], test: Sessions, views: Sequence[str], kept: Kept, out: Path
) -> None:
    from agent.reader import summarize_readings

    def rows() -> Iterator[tuple[str, str, str]]:
        for number, row in enumerate(test):
            for view in views:
                readings = [kept[ids[i], view][0] for i in row.tolist()]
                text = summarize_readings(readings).text() if readings else ""
                yield str(number), view, text

    _write(out / "summaries_test.csv", ("session", "view", "text"), rows())


def _write(path: Path, header: Sequence[str], rows: Iterator[tuple[str, ...]]) -> None:
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)
    temporary.replace(path)
