"""Price reading on rendered pages in other dress, beside the same pages clean.

    python benchmarks/reading_robustness.py [--pages 10]

Shop pages with known prices are rendered by Chromium (extra `capture`): three layouts, five
currencies, light and dark, three widths. Each is read as a PNG in light dress at 1280 pixels
("clean"), and in one other dress, both as a PNG and as a JPEG of quality 60. Printed are recall
and precision of selling prices and the share of right currencies, with the difference in points.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from PIL import Image

from agent.capture.frames import Frame
from agent.reader import EmbeddedReader

NAMES = ["Linen shirt", "Wool coat", "Oak side table", "Steel kettle", "Velvet cushion",
         "Desk lamp with arm", "Canvas backpack", "Running shoes", "Ceramic mug set"]  # fmt: skip
COLORS = ["#1e50b4", "#c8141e", "#2e7d32", "#6b3e1f", "#6a2d91", "#222222"]
FORMATS = {
    "USD": "${:,.2f}", "GBP": "£{:,.2f}", "EUR": "{} €", "BRL": "R$ {}", "TRY": "{} TL",
}  # fmt: skip
WIDTHS = (1280, 900, 420)


@dataclass(frozen=True)
class Shop:
    """A page: its HTML by dress, the prices on it and their currency."""

    light: str
    dark: str
    prices: Counter[Decimal]
    currency: str


def shown(cents: int, currency: str) -> str:
    """The amount as that country prints it."""
    amount = cents / 100
    if currency in ("USD", "GBP"):
        return FORMATS[currency].format(amount)
    text = f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    return FORMATS[currency].format(text)


def shops(count: int) -> Iterator[Shop]:
    """`count` pages, layouts and currencies in turn."""
    chance = random.Random(7)
    for number in range(count):
        currency = list(FORMATS)[number % len(FORMATS)]
        rows = number // len(FORMATS) % 2 == 1
        cards, prices = [], Counter[Decimal]()
        for name in chance.sample(NAMES, 4):
            cents = chance.randrange(500, 250_000)
            old = round(cents / (1 - chance.choice([10, 20, 35, 50]) / 100))
            prices[Decimal(cents) / 100] += 1
            struck = f"<s>{shown(old, currency)}</s>" if chance.random() < 0.5 else ""
            tile = f'<div class="p" style="background:{chance.choice(COLORS)}"></div>'
            text = f"<div>{name}</div><div><b>{shown(cents, currency)}</b> {struck}</div>"
            cards.append(f'<div class="c">{tile}<div>{text}</div></div>')
        style = (
            "body{font:16px Arial,sans-serif;margin:24px;background:BG;color:FG}"
            ".g{display:flex;flex-wrap:wrap;gap:20px}.p{height:150px;width:150px;border-radius:20px}"
            "b{font-size:20px}s{color:#888;font-size:14px}"
            + (".c{display:flex;gap:20px;width:100%}" if rows else ".c{width:180px}")
        )
        body = f'<h1>Corner Shop</h1><div class="g">{"".join(cards)}</div>'
        html = f"<meta charset=utf-8><style>{style}</style>{body}"
        yield Shop(
            html.replace("BG", "#fff").replace("FG", "#111"),
            html.replace("BG", "#16181c").replace("FG", "#eee"),
            prices,
            currency,
        )


def as_frame(png: bytes, quality: int | None = None) -> Frame:
    """A screenshot as a frame, as a JPEG where a quality is given."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    buffer = io.BytesIO()
    if quality is None:
        picture.save(buffer, "PNG")
    else:
        picture.save(buffer, "JPEG", quality=quality)
    data = buffer.getvalue()
    kind = "image/png" if quality is None else "image/jpeg"
    return Frame(hashlib.sha256(data).hexdigest(), data, kind, *picture.size, "page")


@dataclass
class Score:
    """Sums over pages."""

    wanted: int = 0
    said: int = 0
    hit: int = 0
    pages: int = 0
    currency: int = 0

    def add(self, shop: Shop, frame: Frame) -> None:
        """Read a frame and count."""
        reading = EMBEDDED.read([frame])[0]
        said = Counter(p.price for p in reading.products if p.price is not None and not p.clipped)
        self.wanted += shop.prices.total()
        self.said += said.total()
        self.hit += (shop.prices & said).total()
        self.pages += 1
        self.currency += reading.currency == shop.currency

    def rates(self) -> tuple[float, float, float]:
        """Recall, precision, share of right currencies."""
        return (
            self.hit / max(1, self.wanted),
            self.hit / max(1, self.said),
            self.currency / max(1, self.pages),
        )


EMBEDDED = EmbeddedReader()


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    given = parser.parse_args()
    scores = {name: Score() for name in ("clean", "other dress", "other dress, JPEG 60")}
    with sync_playwright() as play:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu"]
        browser = play.chromium.launch(executable_path=given.chromium, args=flags)
        for number, shop in enumerate(shops(given.pages)):
            width, dark = WIDTHS[number % 3], number % 2 == 0

            def shot(html: str, width: int) -> bytes:
                # High enough that no card is cut by the fold: a cut card is rightly not counted.
                view = browser.new_page(viewport={"width": width, "height": 1200})
                view.set_content(html)
                png: bytes = view.screenshot()
                view.close()
                return png

            scores["clean"].add(shop, as_frame(shot(shop.light, 1280)))
            other = shot(shop.dark if dark else shop.light, width)
            scores["other dress"].add(shop, as_frame(other))
            scores["other dress, JPEG 60"].add(shop, as_frame(other, 60))
        browser.close()
    clean = scores["clean"].rates()
    for name, score in scores.items():
        parts = [
            f"{label} {100 * rate:.1f} % ({100 * (rate - base):+.1f})"
            for label, rate, base in zip(
                ("recall", "precision", "currency"), score.rates(), clean, strict=True
            )
        ]
        print(f"{name:22} {', '.join(parts)}")


if __name__ == "__main__":
    main()
