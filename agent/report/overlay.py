"""What was read, drawn over the screen that it was read from."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from tools.domain import show_money
from tools.preferences import FrameReading, SeenProduct

_EM = 0.58
"""Width of an average letter of the label font, in ems."""


@dataclass(frozen=True)
class Label:
    """Text on a filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    font: float
    text: str


@dataclass(frozen=True)
class Drawn:
    """One product on the screen, in the screen's own pixels."""

    number: int
    role: str
    """seen, opened or basket."""
    x: int
    y: int
    width: int
    height: int
    small: Label | None
    """For the strip: the price alone, in letters that survive scaling down; None without one."""
    large: Label
    """For the enlarged screen: title and price."""


@dataclass(frozen=True)
class Line:
    """One product in the list under the screen."""

    number: int
    title: str
    price: str
    role: str


def role_of(product: SeenProduct) -> str:
    """How much the shopper did with it: seen, opened or put in the basket."""
    return "basket" if product.in_basket else "opened" if product.opened else "seen"


def price_of(product: SeenProduct, currency: str | None) -> str:
    """The price as shown, or that none was read."""
    if product.price is None:
        return "no price"
    return show_money(product.price, product.currency or currency)


def lines(reading: FrameReading) -> tuple[Line, ...]:
    """The products of a screen: basket first, then opened, then the rest, numbered as drawn."""
    rank = {"basket": 0, "opened": 1, "seen": 2}
    found = [
        Line(i, p.title, price_of(p, reading.currency), role_of(p))
        for i, p in enumerate(reading.products, 1)
    ]
    return tuple(sorted(found, key=lambda line: rank[line.role]))


def drawn(reading: FrameReading, width: int, height: int) -> tuple[Drawn, ...]:
    """Boxes and labels for a screen of that size in pixels; products without a box are left out."""
    return tuple(_drawn(reading, width, height))


def _drawn(reading: FrameReading, width: int, height: int) -> Sequence[Drawn]:
    made = []
    for number, product in enumerate(reading.products, 1):
        box = product.box
        if box is None or box.right <= box.left or box.bottom <= box.top:
            continue
        left, top = min(box.left, width - 1), min(box.top, height - 1)
        w, h = min(box.right, width) - left, min(box.bottom, height) - top
        price = price_of(product, reading.currency)
        role = role_of(product)
        sign = {"basket": " ✓", "opened": " ●", "seen": ""}[role]
        priced = f"{price}{sign}" if product.price is not None else sign.strip()
        small = _label(priced, left, top, width, height, font=width * 0.034) if priced else None
        font = width * 0.0125
        room = max(12, int(max(w, width / 8) / (font * _EM)) - 2 - len(priced))
        text = f"{priced} {_cut(product.title, room)}".strip()
        # Above the box, in the gap between rows, where there is one.
        large = _label(text, left, top - round(font * 1.55), width, height, font=font)
        made.append(Drawn(number, role, left, top, w, h, small, large))
    return made


def _label(text: str, left: int, top: int, width: int, height: int, *, font: float) -> Label:
    w = _ems(text) * font + font
    h = font * 1.6
    # Kept on the screen, also for a box at its edge.
    x = max(0.0, min(float(left), width - w))
    y = max(0.0, min(float(top), height - h))
    return Label(round(x, 1), round(y, 1), round(w, 1), round(h, 1), round(font, 1), text)


def _ems(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else _EM for c in text)


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"
