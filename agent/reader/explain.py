"""What was read, drawn onto the picture it was read from, for a person to check.

Beside the pictures stands a page with the same in words: the browser that shows it has type for
scripts that this machine may lack.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from agent.reader.fonts import draw_text, text_width
from tools.domain import show_money
from tools.preferences import FrameReading, SeenProduct

if TYPE_CHECKING:
    from agent.capture.frames import Frame

_WHOLE, _CUT, _INK, _PAPER = (0, 128, 64), (160, 120, 0), (255, 255, 255), (20, 20, 20)
_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>What was read</title>
<meta name="viewport" content="width=device-width"><style>
:root{color-scheme:light dark}body{font:16px/1.45 system-ui,sans-serif;margin:1.5rem}
img{max-width:100%;height:auto}table{border-collapse:collapse;margin:.5rem 0 2.5rem}
th,td{border:1px solid #8886;padding:.25rem .6rem;text-align:left;vertical-align:top}
</style><body><h1>What was read</h1>"""
_COLUMNS = ("", "title", "price", "was", "brand", "colour", "kind", "rating", "reviews", "marks")


def explain(frames: Sequence[Frame], readings: Sequence[FrameReading], folder: Path) -> Path:
    """Write a PNG for every frame, and `index.html` with the pictures and what they say in words.

    Args:
        frames: the pictures.
        readings: what was read from each.
        folder: made if it does not exist.

    Returns:
        The path of the page.
    """
    parts = [_HEAD]
    for frame, reading in zip(frames, readings, strict=True):
        picture = draw(frame, reading, folder)
        rows = "".join(_row(n, p, reading) for n, p in enumerate(reading.products, start=1))
        notes = "".join(f"<p dir=auto>{escape(note)}</p>" for note in _notes(reading))
        heads = "".join(f"<th>{name}</th>" for name in _COLUMNS)
        name = escape(Path(frame.name).name, quote=True)
        parts.append(
            f'<h2 dir=auto>{name}</h2><img src="{escape(picture.name, quote=True)}" '
            f'alt="{name} with boxes around the products">{notes}'
            f"<table><tr>{heads}</tr>{rows}</table>"
        )
    page = folder / "index.html"
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def draw(frame: Frame, reading: FrameReading, folder: Path) -> Path:
    """Write a PNG copy of a frame with every product entry boxed, numbered and labelled.

    Entries cut by the edge of the picture have another colour. Below the picture stand the page's
    kind, currency, search words, filters and offers.

    Args:
        frame: the picture.
        reading: what was read from it.
        folder: made if it does not exist; the file is named after the frame.

    Returns:
        The path of the file.
    """
    from PIL import Image, ImageDraw

    picture = Image.fromarray(frame.rgb())
    size = max(12, min(22, frame.width // 75))
    notes = _notes(reading)
    sheet = Image.new("RGB", (frame.width, frame.height + (size + 8) * len(notes) + 8), _PAPER)
    sheet.paste(picture, (0, 0))
    pen = ImageDraw.Draw(sheet)
    for number, product in enumerate(reading.products, start=1):
        if product.box is None:
            continue
        color = _CUT if product.clipped else _WHOLE
        box = (product.box.left, product.box.top, product.box.right, product.box.bottom)
        pen.rectangle(box, outline=color, width=max(2, size // 6))
        top = min(box[1], frame.height - 3 * (size + 6))
        for line in _labels(number, product, reading):
            wide = text_width(line, size)
            left = max(0.0, min(float(box[0]), frame.width - wide - 8))
            pen.rectangle((left, top, left + wide + 7, top + size + 5), fill=color)
            draw_text(pen, (left + 4, top + 1), line, size, _INK)
            top += size + 6
    for row, note in enumerate(notes):
        draw_text(pen, (6, frame.height + 5 + row * (size + 8)), note[:180], size, _INK)
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w.-]+", "_", Path(frame.name).stem)[:60] or "frame"
    path = folder / f"{stem}-{frame.digest[:8]}.png"
    sheet.save(path)
    return path


def _price(product: SeenProduct, reading: FrameReading) -> str:
    if product.price is None:
        return "no price"
    return show_money(product.price, product.currency or reading.currency)


def _marks(product: SeenProduct) -> list[str]:
    named = {
        "opened": product.opened, "in the basket": product.in_basket, "cut": product.clipped,
    }  # fmt: skip
    return [word for word, on in named.items() if on]


def _labels(number: int, product: SeenProduct, reading: FrameReading) -> list[str]:
    price = _price(product, reading)
    if product.list_price is not None:
        price += f" (was {show_money(product.list_price, product.currency or reading.currency)})"
    rating = f"{product.rating:g} stars" if product.rating is not None else ""
    if product.reviews is not None:
        rating += f" ({product.reviews:,})"
    facts = [product.brand, product.color, product.category, rating, *_marks(product)]
    lines = [
        f"{number}. {product.title[:44] or '(no title)'}",
        price,
        ", ".join(f for f in facts if f),
    ]
    return [line for line in lines if line]


def _row(number: int, product: SeenProduct, reading: FrameReading) -> str:
    code = product.currency or reading.currency
    cells = (
        str(number),
        product.title or "(no title)",
        _price(product, reading),
        show_money(product.list_price, code) if product.list_price is not None else "",
        product.brand or "",
        product.color or "",
        product.category or "",
        f"{product.rating:g}" if product.rating is not None else "",
        f"{product.reviews:,}" if product.reviews is not None else "",
        ", ".join(_marks(product)),
    )
    return "<tr>" + "".join(f"<td dir=auto>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _notes(reading: FrameReading) -> list[str]:
    parts = [
        f"page: {reading.kind}, currency: {reading.currency or 'not available'}",
        f"searched: {reading.search_query}" if reading.search_query else "",
        f"filters: {', '.join(reading.active_filters)}" if reading.active_filters else "",
        f"trail: {' > '.join(reading.breadcrumbs)}" if reading.breadcrumbs else "",
        f"offers: {'; '.join(p.text for p in reading.promotions[:5])}"
        if reading.promotions
        else "",
        f"left aside as instructions: {len(reading.suspicious_text)} lines"
        if reading.suspicious_text
        else "",
    ]
    return [p for p in parts if p]
