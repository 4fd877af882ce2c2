"""What was read, drawn onto the picture it was read from, for a person to check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tools.preferences import FrameReading, SeenProduct

if TYPE_CHECKING:
    from agent.capture.frames import Frame

_WHOLE, _CUT, _INK, _PAPER = (0, 128, 64), (160, 120, 0), (255, 255, 255), (20, 20, 20)


def draw(frame: Frame, reading: FrameReading, folder: Path) -> Path:
    """Write a PNG copy of a frame with every product entry boxed and labelled.

    Entries cut by the edge of the picture have another colour. Below the picture stand the page's
    kind, currency, search words, filters and offers.

    Args:
        frame: the picture.
        reading: what was read from it.
        folder: made if it does not exist; the file is named after the frame.

    Returns:
        The path of the file.
    """
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.fromarray(frame.rgb())
    size = max(11, min(22, frame.width // 70))
    font = ImageFont.load_default(size)
    notes = _notes(reading)
    sheet = Image.new("RGB", (frame.width, frame.height + (size + 6) * len(notes) + 8), _PAPER)
    sheet.paste(picture, (0, 0))
    pen = ImageDraw.Draw(sheet)
    for product in reading.products:
        if product.box is None:
            continue
        color = _CUT if product.clipped else _WHOLE
        box = (product.box.left, product.box.top, product.box.right, product.box.bottom)
        pen.rectangle(box, outline=color, width=max(2, size // 6))
        top = box[1]
        for line in _labels(product):
            room = pen.textbbox((box[0] + 3, top + 2), line, font=font)
            pen.rectangle((room[0] - 3, room[1] - 1, room[2] + 3, room[3] + 2), fill=color)
            pen.text((box[0] + 3, top + 2), line, font=font, fill=_INK)
            top += size + 4
    for row, note in enumerate(notes):
        pen.text((6, frame.height + 4 + row * (size + 6)), note, font=font, fill=_INK)
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w.-]+", "_", Path(frame.name).stem)[:60] or "frame"
    path = folder / f"{stem}-{frame.digest[:8]}.png"
    sheet.save(path)
    return path


def _labels(product: SeenProduct) -> list[str]:
    price = "no price"
    if product.price is not None:
        # The built-in font has no signs of currencies; the code says the same.
        price = f"{product.currency or ''} {product.price}".strip()
    if product.list_price is not None:
        price += f" (was {product.list_price})"
    marks = [
        word
        for word, on in (
            ("opened", product.opened),
            ("in the basket", product.in_basket),
            ("cut", product.clipped),
        )
        if on
    ]  # fmt: skip
    rating = f"{product.rating:g} stars" if product.rating is not None else ""
    if product.reviews is not None:
        rating += f" ({product.reviews:,})"
    facts = [product.brand or "", product.color or "", product.category or "", rating, *marks]
    return [
        _latin(product.title[:44] or "(no title)"),
        price,
        _latin(", ".join(f for f in facts if f)),
    ]


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
    return [_latin(p)[:180] for p in parts if p]


def _latin(text: str) -> str:
    """The text with what the built-in font lacks shown as a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
