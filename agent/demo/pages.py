"""The demo shop's pages: each a whole HTML document with its style and pictures inside."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agent.demo.browse import ORDERS, Order, Query, alike, by_id, search, siblings
from agent.demo.pictures import draw_product
from agent.demo.shop import SEED
from agent.demo.words import Currency, hex_of, load_range
from tools.domain import Product, Quantity

SHOP_NAME = "Lark & Linden"
Basket = Sequence[tuple[str, str]]
"""(product id, size or nothing) of every line."""

_LOCALE: Mapping[Currency, str] = {"GBP": "en_GB", "INR": "en_IN"}
_FREE_OVER = {"GBP": Decimal(50), "INR": Decimal(999)}
_DELIVERY = {"GBP": Decimal("3.95"), "INR": Decimal(49)}
_PRINTED = {"gray": "Grey", "multicolor": "Multicolour"}
_DEPARTMENTS = ("Women", "Men", "Shoes", "Accessories", "Electronics", "Home", "Kitchen", "Beauty")
_COMPARED = {"Mobile Phones", "Laptops", "Tablets", "Televisions", "Headphones", "Earbuds"}

_REVIEWS: dict[str, tuple[tuple[str, str], ...]] = {
    "Fashion": (
        ("Lovely", "True to size and the colour is just as in the picture."),
        ("Good, with a but", "Nice fabric, though it came up a little long on me."),
        ("Worth it", "Wore it to a wedding and had compliments all day."),
        ("Bought a second one", "Washes well and keeps its shape."),
        ("Not for me", "The cut is more generous than I expected."),
    ),
    "Electronics": (
        ("Does what it says", "Set up in five minutes and no trouble since."),
        ("Battery is superb", "Two days between charges with normal use."),
        ("Good value", "Not the fastest, but hard to beat for the money."),
        ("A solid buy", "Feels well made and the screen is bright outdoors."),
        ("Mixed feelings", "Great hardware, the app needs work."),
    ),
    "Home": (
        ("Looks smart", "Better in the room than in the picture."),
        ("Sturdy", "Easy to put together and does not wobble."),
        ("Pretty", "The colour is a shade darker than I thought, still lovely."),
        ("Happy with it", "Arrived well packed and a day early."),
        ("Fine", "Does its job; instructions could be clearer."),
    ),
}
_REVIEWS["Beauty"] = (*_REVIEWS["Home"][3:], ("Gentle", "No sting, no scent, sinks in fast."))
_HERO = {
    "GBP": {
        "title": "The summer edit",
        "text": "Light layers, long evenings. Up to 40% off selected lines until Sunday.",
        "action": "Shop dresses",
        "words": "summer dress",
    },
    "INR": {
        "title": "The festive edit",
        "text": "Silks, weaves and gold borders. Up to 40% off selected lines until Sunday.",
        "action": "Shop sarees",
        "words": "saree",
    },
}
_NAMES = {
    "GBP": ("Hannah", "Oliver", "Priya", "Tom", "Grace", "Marek", "Zainab", "Ellie"),
    "INR": ("Ananya", "Rohit", "Meera", "Kabir", "Sneha", "Arjun", "Farah", "Vivek"),
}


def money(amount: Decimal | float, currency: Currency) -> str:
    """An amount as the shop prints it: £64.00, ₹1,29,999."""
    from babel.numbers import format_currency

    pattern = "¤#,##0.00" if currency == "GBP" else "¤#,##,##0"
    number = Decimal(str(amount))
    return str(
        format_currency(number, currency, pattern, locale=_LOCALE[currency], currency_digits=False)
    )


def home_page(currency: Currency, basket: Basket = ()) -> str:
    """The front page: an offer and what is popular."""
    query = Query(q=_HERO[currency]["words"])
    shown = search(currency, query).items[:3]
    hero = {**_HERO[currency], "href": query.address(), "shown": shown}
    popular = search(currency, Query()).items[:10]
    return _page("home.html", currency, basket, hero=hero, popular=popular)


def listing_page(currency: Currency, query: Query, basket: Basket = ()) -> str:
    """A listing with its filters, for a search or a category."""
    listing = search(currency, query)
    query = listing.query
    heading = f"“{query.q}”" if query.q else query.category or ("Sale" if query.sale else "All")
    chips = [
        *((printed_color(c), query.toggled("colors", c).address()) for c in query.colors),
        *((b, query.toggled("brands", b).address()) for b in query.brands),
        *((f"Size {s}", query.toggled("sizes", s).address()) for s in query.sizes),
    ]
    if query.low is not None or query.high is not None:
        ends = [_whole(end, currency) for end in (query.low, query.high) if end is not None]
        word = " – " if len(ends) == 2 else "From " if query.high is None else "Up to "
        label = word.join(ends) if len(ends) == 2 else word + ends[0]
        chips.append((label, replace(query, low=None, high=None, page=1).address()))
    if query.min_rating is not None:
        chips.append(
            (f"{query.min_rating:g} stars & up", replace(query, min_rating=None).address())
        )
    if query.sale and query.q:
        chips.append(("On sale", replace(query, sale=False).address()))
    hidden = [("q", query.q), ("category", query.category)]
    hidden += [("colour", c) for c in query.colors] + [("brand", b) for b in query.brands]
    hidden += [("size", s) for s in query.sizes] + [("order", query.order)]
    first = listing.items[0].categories if listing.items else ()
    if query.q:
        trail = ["Search", query.q]
    elif query.category in first:
        trail = list(first[: first.index(query.category) + 1])
    else:
        trail = [heading]
    return _page(
        "listing.html",
        currency,
        basket,
        query_words=query.q,
        here=trail if query.category else (),
        listing=listing,
        heading=heading,
        trail=trail,
        chips=chips,
        cleared=Query(q=query.q, category=query.category).address(),
        hidden=[(name, value) for name, value in hidden if value],
        orders=ORDERS,
        bound=lambda end: "" if end is None else _whole(end, currency),
        dot=_dot,
        printed_color=printed_color,
        with_category=lambda q, name: replace(q, category=name, page=1).address(),
        with_order=_with_order,
        with_page=lambda q, number: replace(q, page=number).address(),
    )


def detail_page(currency: Currency, item: Product, size: str = "", basket: Basket = ()) -> str:
    """The page of one product, with a size chosen or none."""
    near = alike(currency, item)
    compare = ""
    if item.categories[-1] in _COMPARED:
        compare = "/compare?" + "&".join(f"id={other.id}" for other in (item, *near[:2]))
    return _page(
        "detail.html",
        currency,
        basket,
        here=item.categories,
        item=item,
        size=size if size in item.sizes else "",
        siblings=siblings(currency, item),
        specs=specifications(item),
        quotes=_quotes(item, currency),
        alike=near,
        compare=compare,
        delivery=_DELIVERY[currency],
    )


def basket_page(currency: Currency, basket: Basket) -> str:
    """The basket: its lines, subtotal, delivery and total."""
    lines = [(by_id(currency)[key], size) for key, size in basket if key in by_id(currency)]
    subtotal = sum((item.price.amount for item, _ in lines if item.price), Decimal(0))
    shipping = _DELIVERY[currency] if lines and subtotal < _FREE_OVER[currency] else Decimal(0)
    return _page(
        "basket.html",
        currency,
        basket,
        lines=lines,
        subtotal=subtotal,
        shipping=shipping,
        alike=alike(currency, lines[0][0]) if lines else (),
    )


def compare_page(currency: Currency, items: Sequence[Product], basket: Basket = ()) -> str:
    """Two or three products side by side with their specifications."""
    return _page(
        "compare.html",
        currency,
        basket,
        items=[(item, specifications(item)) for item in items],
    )


def specifications(item: Product) -> list[tuple[str, str]]:
    """The attributes of a product as its page prints them."""
    return [
        (
            name[0].upper() + name[1:] if name != "ram" else "RAM",
            f"{value.number:g} {value.unit}" if isinstance(value, Quantity) else str(value),
        )
        for name, value in item.attributes.items()
        if name != "shade"
    ]


def printed_color(basic: str) -> str:
    """A basic colour term as the shop prints it."""
    return _PRINTED.get(basic, basic.capitalize())


def percent_off(item: Product) -> int:
    """The share off the list price, whole per cent; 0 where there is none."""
    if not (item.price and item.list_price):
        return 0
    return round(100 * (1 - float(item.price.amount / item.list_price.amount)))


def _page(template: str, currency: Currency, basket: Basket, **values: Any) -> str:
    drawn = 0

    def picture(item: Product, view: int = 0) -> Markup:
        # Ids inside an SVG are global to the page: the same product may be drawn several times.
        nonlocal drawn
        drawn += 1
        key = f"{item.id}x{drawn}"
        return Markup(draw_product(item.model_copy(update={"id": key})))

    defaults = {"here": (), "query_words": ""}
    return (
        _environment()
        .get_template(template)
        .render(
            {
                **defaults,
                "shop_name": SHOP_NAME,
                "departments": _DEPARTMENTS,
                "basket_count": len(basket),
                "free_over": _FREE_OVER[currency],
                "whole": lambda amount: _whole(amount, currency),
                "money": lambda amount: money(amount, currency),
                "percent": percent_off,
                "picture": picture,
                "hex_of": hex_of,
                **values,
            }
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("agent.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def _whole(amount: float, currency: Currency) -> str:
    text = money(amount, currency)
    return text.removesuffix(".00")


def _with_order(query: Query, order: Order) -> str:
    return replace(query, order=order, page=1).address()


def _dot(basic: str) -> str:
    if basic == "multicolor":
        return "conic-gradient(#e2603f,#f0b93c,#3f9a72,#4a6fb5,#e2603f)"
    return next(iter(load_range().shades[basic].values()))


def _quotes(item: Product, currency: Currency) -> list[dict[str, str]]:
    if item.rating is None:
        return []
    draw = random.Random(f"{SEED} {item.id} reviews")
    chosen = draw.sample(_REVIEWS[item.categories[0]], 2)
    names = draw.sample(_NAMES[currency], 2)
    return [
        {"head": head, "text": text, "who": who}
        for (head, text), who in zip(chosen, names, strict=True)
    ]
