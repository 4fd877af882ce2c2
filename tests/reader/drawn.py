"""Pages drawn for the tests: text, pictures and stars at known places."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from agent.capture.frames import Frame
from agent.reader.changes import Pixels
from agent.reader.layout import Piece


def piece(text: str, left: float, top: float, height: float = 20, wide: float = 9) -> Piece:
    """A piece of text with evenly spaced characters."""
    centers = tuple(left + (i + 0.5) * wide for i, c in enumerate(text) if not c.isspace())
    return Piece(text, left, top, left + wide * len(text), top + height, centers)


class Page:
    """A white page to draw on."""

    def __init__(self, width: int = 1000, height: int = 700, ground: str = "white") -> None:
        self.image = Image.new("RGB", (width, height), ground)
        self.pen = ImageDraw.Draw(self.image)

    def text(
        self,
        left: int,
        top: int,
        text: str,
        size: int = 18,
        fill: str = "black",
        *,
        struck: bool = False,
    ) -> None:
        font = ImageFont.load_default(size)
        self.pen.text((left, top), text, font=font, fill=fill)
        if struck:
            box = self.pen.textbbox((left, top), text, font=font)
            middle = (box[1] + box[3]) / 2
            self.pen.line((box[0] - 1, middle, box[2] + 1, middle), fill=fill, width=1)

    def shirt(self, left: int, top: int, side: int, fill: str) -> None:
        """A thing of one colour on a pale tile."""
        self.pen.rectangle((left, top, left + side, top + side), fill="#f4f4f4")
        inner = side // 5
        self.pen.rounded_rectangle(
            (left + inner, top + inner, left + side - inner, top + side - inner), 12, fill=fill
        )

    def stars(self, left: int, top: int, size: int, value: float, fill: str = "#f5a623") -> None:
        """Five stars, filled up to `value`, the rest pale."""
        for i in range(5):
            center = (left + size / 2 + i * size * 1.15, top + size / 2)
            points = [
                (
                    center[0] + r * math.sin(math.pi * k / 5),
                    center[1] - r * math.cos(math.pi * k / 5),
                )
                for k in range(10)
                for r in [size / 2 if k % 2 == 0 else size / 5]
            ]
            self.pen.polygon(points, fill="#dddddd")
            part = min(1.0, max(0.0, value - i))
            if part:
                mask = Image.new("L", self.image.size, 0)
                ImageDraw.Draw(mask).polygon(points, fill=255)
                edge = int(center[0] - size / 2 + part * size)
                ImageDraw.Draw(mask).rectangle((edge, 0, *self.image.size), fill=0)
                self.image.paste(fill, (0, 0), mask)

    def pixels(self) -> Pixels:
        return np.asarray(self.image)

    def frame(self, name: str = "page.png") -> Frame:
        return frame_of(self.pixels(), name)


def frame_of(pixels: Pixels, name: str = "page.png") -> Frame:
    """Pixels as a frame that passed the gate."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    data = buffer.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    return Frame(digest, data, "image/png", pixels.shape[1], pixels.shape[0], name)


def grid(products: Sequence[tuple[str, str, str | None, str]], height: int = 560) -> Page:
    """A listing: (title, price, old price, colour) side by side under a head."""
    page = Page(1000, height)
    page.text(20, 16, "Corner Shop", 26)
    for i, (title, price, old, color) in enumerate(products):
        left = 20 + i * 240
        page.shirt(left, 100, 200, color)
        page.text(left, 315, title, 17)
        page.text(left, 345, price, 20)
        if old:
            page.text(left + 90, 347, old, 15, "#777777", struck=True)
    return page
