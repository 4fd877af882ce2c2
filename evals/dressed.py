"""Shop pages whose content is known, in layouts of their own and in any dress.

The products are the demo shop's; the pages are not: three layouts, five currencies with the
formats and words of their countries, light or dark, any width. A page is made from its number, so
the same page can be photographed in two dresses and the readings compared.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from PIL import Image

from agent.capture.frames import Frame
from evals.cases import GoldProduct, PictureGold
from tools.domain import Product
from tools.errors import MissingExtra

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SEED = 20_261_121
LAYOUTS = ("grid", "rows", "detail")
WIDTHS = (1280, 900, 420)


@dataclass(frozen=True)
class Country:
    """How a country's shops print amounts, and what they call things."""

    currency: str
    rate: float
    """Units of its currency for one of the demo shop's."""
    amount: str
    """Where the number goes, with the sign."""
    grouping: str
    decimals: str
    """Empty where prices are whole numbers."""
    was: str
    reviews: str
    add: str
    sale: str
    free: str


COUNTRIES: Mapping[str, Country] = {
    c.currency: c
    for c in (
        Country("USD", 1.3, "${}", ",", ".", "", "reviews", "Add to cart",
                "Season sale: up to {}% off", "Free shipping on orders over {}"),
        Country("GBP", 1.0, "£{}", ",", ".", "Was", "reviews", "Add to basket",
                "Mid-season sale – {}% off selected lines", "Free delivery over {}"),
        Country("EUR", 1.2, "{} €", ".", ",", "statt", "Bewertungen", "In den Warenkorb",
                "Nur heute: {} % Rabatt auf alles", "Gratis Versand ab {}"),
        Country("BRL", 6.5, "R$ {}", ".", ",", "", "avaliações", "Adicionar ao carrinho",
                "Semana do cliente: {}% de desconto", "Frete grátis acima de {}"),
        Country("INR", 95.0, "₹{}", ",", "", "M.R.P.:", "ratings", "Add to Cart",
                "Big savings days: flat {}% off", "FREE delivery on orders over {}"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Dress:
    """What a page looks like without saying anything else."""

    dark: bool = False
    width: int = 1280
    jpeg: int | None = None
    """Quality of the JPEG, None for a PNG."""


CLEAN = Dress()
OTHERS = tuple(
    Dress(dark, width) for width in WIDTHS for dark in (False, True) if Dress(dark, width) != CLEAN
)


@dataclass(frozen=True)
class ShopPage:
    """A page, and what it shows."""

    number: int
    country: Country
    layout: str
    body: str
    style: str
    gold: PictureGold

    def html(self, dress: Dress) -> str:
        """The document in one dress (of which the width is the window's)."""
        ink, ground, pale = (
            ("#eee", "#16181c", "#9a9da3") if dress.dark else ("#111", "#fff", "#777")
        )
        dressed = self.style.replace("INK", ink).replace("GROUND", ground).replace("PALE", pale)
        return f"<!doctype html><meta charset=utf-8><style>{dressed}</style>{self.body}"


def make_page(number: int) -> ShopPage:
    """The page of a number: countries, layouts and products in turn."""
    chance = random.Random(f"{SEED} {number}")
    country = list(COUNTRIES.values())[number % len(COUNTRIES)]
    layout = LAYOUTS[number // len(COUNTRIES) % len(LAYOUTS)]
    items = _items(chance, 4)
    entries = [_entry(item, country, chance) for item in items]
    dear = [g for g in entries if g.old_price]
    sale = ""
    if chance.random() < 0.6 or (dear and chance.random() < 0.5):
        sale = country.sale.format(chance.choice([15, 20, 25, 30, 40, 50]))
    free = chance.choice([25, 35, 50]) * max(1, round(country.rate))
    notice = country.free.format(country.amount.format(free)) if chance.random() < 0.5 else ""
    make = _detail if layout == "detail" else _listing
    body = _head(chance, sale, notice) + make(items, entries, country, chance, layout)
    gold = PictureGold(
        currency=country.currency,
        products=tuple(entries),
        other_amounts=(Decimal(free),) if notice else (),
        promotions=tuple(text for text in (sale, notice) if text),
    )
    return ShopPage(number, country, layout, body, _style(chance, layout), gold)


def show_amount(amount: Decimal, country: Country) -> str:
    """The amount as that country prints it."""
    if not country.decimals:
        return country.amount.format(_indian(int(amount)))
    text = f"{amount:,.2f}".replace(",", "_").replace(".", country.decimals)
    return country.amount.format(text.replace("_", country.grouping))


def _indian(number: int) -> str:
    """1,06,999: the last three digits, then pairs."""
    text = str(number)
    head, tail = text[:-3], text[-3:]
    pairs = [head[max(0, i - 2) : i] for i in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail])


def _items(chance: random.Random, count: int) -> list[Product]:
    from agent.demo.shop import products

    every = [p for p in products("GBP") if p.brand and p.colors and p.price]
    # Of one page's entries no two share a title, else nothing could tell them apart.
    found: dict[str, Product] = {}
    while len(found) < count:
        item = chance.choice(every)
        found.setdefault(_title(item, coloured=False), item)
    return list(found.values())


def _title(item: Product, *, coloured: bool) -> str:
    shade = str(item.attributes.get("shade", ""))
    title = item.title.removeprefix(f"{item.brand} ")
    if coloured or not shade:
        return title
    bare = title.replace(f" in {shade}", "").replace(f"({shade}, ", "(").replace(shade, "")
    return " ".join(bare.split())


def _entry(item: Product, country: Country, chance: random.Random) -> GoldProduct:
    assert item.price is not None
    amount = float(item.price.amount) * country.rate
    price = Decimal(round(amount)) - (Decimal("0.01") if country.decimals else 1)
    old = None
    if chance.random() < 0.5:
        old = Decimal(round(float(price) / (1 - chance.choice([10, 20, 35, 50]) / 100)))
    return GoldProduct(
        title=_title(item, coloured=chance.random() < 0.3),
        brand=item.brand,
        price=price,
        old_price=old,
        color=item.colors[0],
        rating=item.rating,
        reviews=item.reviews if item.rating is not None else None,
    )


def _head(chance: random.Random, sale: str, notice: str) -> str:
    name = chance.choice(["Corner Shop", "Marigold & Sons", "kiosk 24", "The Long Shelf"])
    banner = f'<div class="sale">{escape(sale)}</div>' if sale else ""
    small = f'<p class="pale">{escape(notice)}</p>' if notice else ""
    return f"<header><b>{escape(name)}</b></header>{banner}{small}"


def _prices(entry: GoldProduct, country: Country) -> str:
    assert entry.price is not None
    now = f"<b class=price>{show_amount(entry.price, country)}</b>"
    if entry.old_price is None:
        return f"<div>{now}</div>"
    was = f"{country.was} <s>{show_amount(entry.old_price, country)}</s>"
    return f"<div>{now} <span class=old>{was}</span></div>"


def _rating(entry: GoldProduct, country: Country, kind: int) -> str:
    if entry.rating is None:
        return ""
    count = f"{entry.reviews:,}"
    match kind:
        case 0:
            text = f"{entry.rating:.1f} ★ ({count})"
        case 1:
            text = f"{entry.rating:.1f} · {count} {country.reviews}"
        case _:
            text = f"{entry.rating:.1f} out of 5 stars ({count} {country.reviews})"
    return f'<div class="rating">{text}</div>'


def _text(entry: GoldProduct, country: Country, kind: int) -> str:
    assert entry.brand is not None
    return (
        f'<div class="brand">{escape(entry.brand)}</div>'
        f'<div class="title">{escape(entry.title)}</div>'
        f"{_rating(entry, country, kind)}{_prices(entry, country)}"
    )


def _listing(
    items: Sequence[Product],
    entries: Sequence[GoldProduct],
    country: Country,
    chance: random.Random,
    layout: str,
) -> str:
    from agent.demo.pictures import draw_product

    kind = chance.randrange(3)
    cards = [
        f'<article><div class="shot">{draw_product(item)}</div>'
        f"<div>{_text(entry, country, kind)}</div></article>"
        for item, entry in zip(items, entries, strict=True)
    ]
    return f'<main class="{layout}">{"".join(cards)}</main>'


def _detail(
    items: Sequence[Product],
    entries: Sequence[GoldProduct],
    country: Country,
    chance: random.Random,
    layout: str,
) -> str:
    from agent.demo.pictures import draw_product

    kind = chance.randrange(3)
    first = (
        f'<section class="one"><div class="shot">{draw_product(items[0])}</div>'
        f'<div class="text">{_text(entries[0], country, kind)}'
        f"<button>{country.add}</button><p>{escape(items[0].description)}</p></div></section>"
    )
    return f"{first}{_listing(items[1:], entries[1:], country, chance, 'grid')}"


def _style(chance: random.Random, layout: str) -> str:
    face = chance.choice(["Liberation Sans", "DejaVu Sans", "Noto Sans", "Liberation Serif"])
    accent = chance.choice(["#8a1c3b", "#14532d", "#1d3a6e", "#3b2f63"])
    cards = (
        ".rows article{display:flex;gap:20px;margin-bottom:18px}.rows .shot{width:140px}"
        if layout == "rows"
        else ".grid{display:flex;flex-wrap:wrap;gap:22px}.grid article{width:176px}"
    )
    return (
        f"*{{box-sizing:border-box}}body{{margin:0 20px 30px;background:GROUND;color:INK;"
        f"font:15px '{face}'}}header{{padding:16px 0;font-size:24px}}"
        f".sale{{background:{accent};color:#fff;padding:12px 16px;font-size:18px;"
        "margin-bottom:8px}"
        f"{cards}.shot svg{{width:100%;display:block}}main{{margin-top:16px}}"
        ".brand{font-weight:700;margin-top:6px}.title{margin:3px 0}.rating,.pale{color:PALE;"
        "font-size:14px}.price{font-size:20px}.old{color:PALE;font-size:14px}"
        ".one{display:flex;flex-wrap:wrap;gap:30px;margin-top:16px}.one .shot{width:340px}"
        ".one .text{width:360px}.one .title{font-size:25px}.one .price{font-size:26px}"
        f"button{{background:{accent};color:#fff;border:0;padding:10px 22px;font-size:16px;"
        "margin:12px 0}"
    )


@contextmanager
def a_browser(chromium: str = "/usr/bin/chromium") -> Iterator[Browser]:
    """Debian's Chromium for the time of a `with` block.

    Raises:
        MissingExtra: playwright is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise MissingExtra("rendering pages", "capture") from None
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=flags)
        try:
            yield browser
        finally:
            browser.close()


def photograph(browser: Browser, html: str, dress: Dress = CLEAN, name: str = "page") -> Frame:
    """What the whole page looks like in a dress; as high as the page, so that nothing is cut."""
    view = browser.new_page(viewport={"width": dress.width, "height": 800})
    try:
        view.set_content(html)
        png = view.screenshot(full_page=True)
    finally:
        view.close()
    return as_frame(png, dress.jpeg, name)


def as_frame(png: bytes, jpeg: int | None = None, name: str = "page") -> Frame:
    """A screenshot as a frame, as a JPEG where a quality is given."""
    data, kind = png, "image/png"
    with Image.open(io.BytesIO(png)) as picture:
        size = picture.size
        if jpeg is not None:
            buffer = io.BytesIO()
            picture.convert("RGB").save(buffer, "JPEG", quality=jpeg)
            data, kind = buffer.getvalue(), "image/jpeg"
    return Frame(hashlib.sha256(data).hexdigest(), data, kind, *size, name)
