"""What the demo shop shows for a search: words, filters, order and pages, without any page."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, Self
from urllib.parse import urlencode

from agent.demo.shop import products
from agent.demo.words import Currency
from tools.domain import Product, Quantity

Order = Literal["featured", "low", "high", "rated"]
ORDERS: dict[Order, str] = {
    "featured": "Featured",
    "low": "Price: low to high",
    "high": "Price: high to low",
    "rated": "Highest rated",
}
PER_PAGE = 24


@dataclass(frozen=True)
class Query:
    """One listing page as its address states it."""

    q: str = ""
    category: str = ""
    """A category of any width, as printed."""
    colors: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    min_rating: float | None = None
    sale: bool = False
    order: Order = "featured"
    page: int = 1

    @classmethod
    def parse(cls, fields: dict[str, list[str]]) -> Self:
        """From a parsed query string; what cannot be understood is left out."""

        def number(name: str) -> float | None:
            try:
                found = float(fields[name][0].strip("£₹ ").replace(",", ""))
            except (KeyError, ValueError):
                return None
            return found if math.isfinite(found) else None

        order = fields.get("order", ["featured"])[0]
        return cls(
            q=" ".join(fields.get("q", [""])[0].split())[:200],
            category=fields.get("category", [""])[0],
            colors=tuple(fields.get("colour", ())),
            brands=tuple(fields.get("brand", ())),
            sizes=tuple(fields.get("size", ())),
            low=number("min"),
            high=number("max"),
            min_rating=number("rating"),
            sale="sale" in fields,
            order=next((known for known in ORDERS if known == order), "featured"),
            page=max(1, int(number("page") or 1)),
        )

    def address(self) -> str:
        """The address of that listing."""
        fields = [
            ("q", self.q),
            ("category", self.category),
            *(("colour", c) for c in self.colors),
            *(("brand", b) for b in self.brands),
            *(("size", s) for s in self.sizes),
            ("min", "" if self.low is None else f"{self.low:g}"),
            ("max", "" if self.high is None else f"{self.high:g}"),
            ("rating", "" if self.min_rating is None else f"{self.min_rating:g}"),
            ("sale", "1" if self.sale else ""),
            ("order", "" if self.order == "featured" else self.order),
            ("page", "" if self.page == 1 else str(self.page)),
        ]
        return "/search?" + urlencode([(name, value) for name, value in fields if value])

    def toggled(self, name: Literal["colors", "brands", "sizes"], value: str) -> Query:
        """The same listing with one filter value on or off, at its first page."""
        now: tuple[str, ...] = getattr(self, name)
        then = tuple(v for v in now if v != value) if value in now else (*now, value)
        return replace(self, page=1, **{name: then})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Listing:
    """What a query finds."""

    query: Query
    items: tuple[Product, ...]
    """The products of this page."""
    total: int
    pages: int
    colors: tuple[tuple[str, int], ...]
    """What the filters offer, most frequent first, each with its number of products."""
    brands: tuple[tuple[str, int], ...]
    sizes: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]


@cache
def by_id(currency: Currency) -> dict[str, Product]:
    """Id -> product."""
    return {item.id: item for item in products(currency)}


def search(currency: Currency, query: Query) -> Listing:
    """The listing that answers a query: all words wanted, then every filter."""
    found = _with_words(currency, query.q)
    if query.category:
        found = [item for item in found if query.category in item.categories]
    # The filter panel counts what the words alone find, as shops do.
    colors, brands = Counter[str](), Counter[str]()
    sizes, categories = Counter[str](), Counter[str]()
    for item in found:
        colors.update(item.colors)
        brands.update([item.brand or ""])
        sizes.update(item.sizes)
        categories.update(item.categories[-1:])
    kept = [item for item in found if _passes(item, query)]
    if query.order == "low":
        kept.sort(key=_price)
    elif query.order == "high":
        kept.sort(key=_price, reverse=True)
    elif query.order == "rated":
        kept.sort(key=lambda item: (-(item.rating or 0), -(item.reviews or 0)))
    pages = max(1, math.ceil(len(kept) / PER_PAGE))
    page = min(query.page, pages)
    return Listing(
        replace(query, page=page),
        tuple(kept[(page - 1) * PER_PAGE : page * PER_PAGE]),
        len(kept),
        pages,
        tuple(colors.most_common(8)),
        tuple(brands.most_common(7)),
        tuple(sorted(sizes.items(), key=lambda pair: _size_order(pair[0]))[:10]),
        tuple(categories.most_common(8)),
    )


def siblings(currency: Currency, item: Product) -> list[Product]:
    """The same product in its other colours, itself included."""
    return [
        other
        for other in products(currency)
        if other.categories == item.categories
        and other.brand == item.brand
        and _but_shade(other) == _but_shade(item)
    ]


def alike(currency: Currency, item: Product, count: int = 5) -> list[Product]:
    """Products of the same category nearest in price, other styles only."""
    others = [
        other
        for other in products(currency)
        if other.categories == item.categories and _but_shade(other) != _but_shade(item)
    ]
    # The same colour counts like a fifth of the price.
    return sorted(
        others,
        key=lambda other: (
            abs(math.log(_price(other) / _price(item))) + 0.2 * (other.colors != item.colors)
        ),
    )[:count]


def _price(item: Product) -> float:
    return float(item.price.amount) if item.price else math.inf


def _but_shade(item: Product) -> tuple[object, ...]:
    shade = item.attributes.get("shade")
    return (
        item.title.replace(str(shade), "*"),
        item.price,
        *(f"{key}={value}" for key, value in item.attributes.items() if key != "shade"),
    )


def _passes(item: Product, query: Query) -> bool:
    return (
        (not query.colors or bool(set(query.colors) & set(item.colors)))
        and (not query.brands or item.brand in query.brands)
        and (not query.sizes or bool(set(query.sizes) & set(item.sizes)))
        and (query.low is None or _price(item) >= query.low)
        and (query.high is None or _price(item) <= query.high)
        and (query.min_rating is None or (item.rating or 0) >= query.min_rating)
        and (not query.sale or item.on_sale)
    )


def _with_words(currency: Currency, q: str) -> list[Product]:
    words = list(dict.fromkeys(_stems(q)))
    if not words:
        return sorted(products(currency), key=_popularity)
    index = _word_index(currency)
    hits = Counter[int]()
    for word in words:
        hits.update(index.get(word, ()))
    best = max(hits.values(), default=0)
    every = products(currency)
    return sorted((every[at] for at, count in hits.items() if count == best), key=_popularity)


def _popularity(item: Product) -> tuple[float, str]:
    return -(item.rating or 3.5) * math.log(2 + (item.reviews or 0)), item.id


@cache
def _word_index(currency: Currency) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for at, item in enumerate(products(currency)):
        for word in set(_stems(" ".join(_texts(item)))):
            index.setdefault(word, []).append(at)
    return index


def _texts(item: Product) -> Iterable[str]:
    yield from (item.title, item.brand or "", *item.colors, *item.categories)
    for value in item.attributes.values():
        yield f"{value.number:g}{value.unit}" if isinstance(value, Quantity) else str(value)


def _stems(text: str) -> list[str]:
    # "dresses" and "dress", "lamps" and "lamp" are one word.
    words = re.findall(r"[\w.]+", text.casefold())
    return [re.sub(r"(?<=ss)es$|(?<=[^su])s$", "", word) for word in words]


def _size_order(size: str) -> tuple[int, float, str]:
    letters: Sequence[str] = ("XS", "S", "M", "L", "XL", "XXL")
    if size in letters:
        return 0, letters.index(size), size
    number = re.search(r"\d+", size)
    return (1, float(number[0]), size) if number else (2, 0, size)
