"""The demo shop's products: plausible, invented, and the same on every machine and every day."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from agent.demo.words import Currency, Extra, Range, Shelf, load_range
from tools.domain import AttributeValue, Money, Product, Quantity

VERSION = "3"
"""Goes up whenever the products change, so that what was built from older ones is built anew."""
SEED = 20240304
SITE = "https://lark-and-linden.example"

_ATTRIBUTE_NAMES = {
    "cut": "style",
    "print": "pattern",
    "season": "occasion",
    "noun": "kind",
    "case": "case size",
    "rise": "waist",
}
# Names stay as they are in running text; every other word is put in lower case.
_PROPER = {"fits", "model", "brand", "shade"}


@cache
def products(currency: Currency) -> tuple[Product, ...]:
    """The catalogue of one shop: about 2,400 products in GBP, about 1,500 in INR.

    Drawn from `range.yaml` with a fixed seed; nothing depends on the clock or on the machine.
    """
    shop = load_range()
    made = [_by_hand(extra, currency, shop) for extra in shop.extra[currency]]
    number = 10_000 if currency == "GBP" else 50_000
    for name, shelf in shop.types.items():
        # Each shelf has its own generator, so that a change to one leaves the others alone.
        draw = random.Random(f"{SEED} {currency} {name}")
        for item in _shelf(shelf, currency, shop, draw):
            number += 1
            made.append(item.model_copy(update=_address(f"{currency[0]}{number}")))
    return tuple(made)


def write_catalog(currency: Currency, path: Path, *, pictures: bool = False) -> int:
    """Write the catalogue as JSON Lines, one product a line; how many there are.

    Columns are those of `tools.domain.Product`, with `price` and `list_price` as numbers beside
    `currency`. With `pictures` each product's drawing is written to `pictures/ID.svg` beside the
    file and `image` points there; without, there is no `image`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for item in products(currency):
            file.write(json.dumps(_row(item, pictures), ensure_ascii=False) + "\n")
    if pictures:
        from agent.demo.pictures import draw_product

        (path.parent / "pictures").mkdir(exist_ok=True)
        for item in products(currency):
            picture = path.parent / f"pictures/{item.id}.svg"
            picture.write_text(draw_product(item), encoding="utf-8")
    return len(products(currency))


def _row(item: Product, pictures: bool) -> dict[str, object]:
    row = item.model_dump(mode="json", exclude_none=True)
    for name, money in (("price", item.price), ("list_price", item.list_price)):
        if money:
            row[name] = float(money.amount)
            row["currency"] = money.currency
    if pictures:
        row["image"] = f"pictures/{item.id}.svg"
    return row


def _address(identifier: str) -> dict[str, str]:
    return {"id": identifier, "url": f"{SITE}/p/{identifier}"}


def _by_hand(extra: Extra, currency: Currency, shop: Range) -> Product:
    shelf = shop.types[extra.type]
    return Product(
        title=extra.title,
        brand=extra.brand,
        price=_money(extra.price, currency),
        list_price=_money(extra.list_price, currency) if extra.list_price else None,
        colors=(extra.color,),
        categories=shelf.path(currency),
        sizes=extra.sizes,
        attributes=_attributes(shelf, extra.words, extra.shade),
        rating=extra.rating,
        reviews=extra.reviews,
        description=extra.description,
        stock=extra.stock,
        **_address(extra.id),
    )


def _shelf(shelf: Shelf, currency: Currency, shop: Range, draw: random.Random) -> Iterator[Product]:
    """The products of one type, style by style, each style in one to three colours."""
    wanted = shelf.count[currency]
    titles: set[str] = set()
    brands = shop.brands[shelf.brands][currency]
    while wanted:
        brand = draw.choice(list(brands))
        words = _words(shelf, brand, draw)
        factor, quality = brands[brand]
        # Versions of one model differ in price by what is different in them.
        level = _of_model(brand, words) if shelf.by_model else draw
        price = shelf.price[currency] * factor * math.exp(level.gauss(0, shelf.spread))
        price *= math.prod(shelf.words[key][word] for key, word in words.items())
        price = _rounded(price, currency)
        sale = draw.choice((0, 0, 0, 0.1, 0.15, 0.2, 0.2, 0.25, 0.3, 0.4))
        list_price = _rounded(price / (1 - sale), currency)
        stars = 4.15 + quality + draw.gauss(0, 0.22)
        template = draw.choice(shelf.title)
        basics = dict.fromkeys(draw.choices(shelf.colors, k=draw.choice((1, 1, 2, 2, 3))))
        for basic in basics:
            shade = draw.choice(list(shop.shades[basic]))
            title = _filled(template, {**words, "brand": brand, "shade": shade})
            if not (shelf.title_by_model or shelf.no_shade):
                title += f" in {shade}"
            if title in titles or not wanted:
                continue
            titles.add(title)
            wanted -= 1
            yield Product(
                id="-",
                title=title,
                brand=brand,
                price=_money(price, currency),
                list_price=_money(list_price, currency) if list_price > price else None,
                colors=(basic,),
                categories=shelf.path(currency),
                sizes=_sizes(shelf, currency, shop, draw),
                attributes=_attributes(shelf, words, shade),
                rating=_rating(stars + draw.gauss(0, 0.08)) if draw.random() > 0.04 else None,
                reviews=int(math.exp(draw.gauss(4.1, 1.3))) + 1,
                description=_description(shelf, words, draw),
                stock=draw.choice((0, 1, 2, 3, *range(4, 120, 2))),
            )


def _words(shelf: Shelf, brand: str, draw: random.Random) -> dict[str, str]:
    words = {key: draw.choice(list(options)) for key, options in shelf.words.items()}
    for key in shelf.by_model:
        words[key] = _of_model(brand, words, key).choice(list(shelf.words[key]))
    return words


def _of_model(brand: str, words: Mapping[str, str], what: str = "price") -> random.Random:
    return random.Random(f"{SEED} {brand} {words['model']} {what}")


def _attributes(shelf: Shelf, words: Mapping[str, str], shade: str) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {} if shelf.no_shade else {"shade": shade}
    if shelf.gender:
        found["gender"] = shelf.gender
    for key, word in words.items():
        name = _ATTRIBUTE_NAMES.get(key, key.replace("_", " "))
        unit = shelf.units.get(key)
        found[name] = Quantity(number=float(word), unit=unit) if unit else word
    return found


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = template.format_map(words).replace("Plain ", "")
    return text[0].upper() + text[1:]


def _description(shelf: Shelf, words: Mapping[str, str], draw: random.Random) -> str:
    running = {key: word if key in _PROPER else _lower(word) for key, word in words.items()}
    sentences = [s.format_map(running) for s in shelf.about]
    if len(sentences) > 2:
        sentences = [sentences[0], draw.choice(sentences[1:])]
    text = " ".join(s[0].upper() + s[1:] for s in sentences)
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)


def _lower(words: str) -> str:
    # Abbreviations (OLED, USB-C, TPU) keep their capitals.
    return " ".join(w if w[:2].isupper() or w[0].isdigit() else w.lower() for w in words.split())


def _sizes(shelf: Shelf, currency: Currency, shop: Range, draw: random.Random) -> tuple[str, ...]:
    if shelf.sizes is None:
        return ()
    every = shop.sizes[shelf.sizes][currency]
    first, last = draw.choice((0, 0, 1)), len(every) - draw.choice((0, 0, 1, 2))
    return every[first:last] or every


def _rating(stars: float) -> float:
    return round(min(4.9, max(2.6, stars)), 1)


def _money(amount: float, currency: Currency) -> Money:
    return Money(amount=Decimal(str(amount)), currency=currency)


def _rounded(price: float, currency: Currency) -> float:
    """A price as that shop would print it: £18.50, £64, £649; ₹549, ₹1,899, ₹24,499."""
    if currency == "INR":
        step = 50 if price < 1_000 else 100 if price < 10_000 else 500
        return max(step, round(price / step) * step) - 1
    if price < 20:
        return max(3.0, round(price * 2) / 2)
    if price < 200:
        return float(round(price))
    return float(round(price / 10) * 10 - 1)
