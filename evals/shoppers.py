"""Simulated shoppers of the demo shop: hidden tastes, and browsing that gives some of them away.

A taste is drawn from a seeded generator and says how much a shopper would enjoy owning a product.
It shares nothing with the choice model that recommends: no logit, no price coefficient, no text
vectors; it counts wishes met, has a budget with a comfortable range and a ceiling, and a whim that
nobody can know. What the shopper does in the shop follows from it, with lapses; what is read on
the screens follows from what was done.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from statistics import median
from typing import Any

from agent.demo.browse import PER_PAGE, Query, search
from agent.demo.pages import money, printed_color
from agent.demo.shop import products
from agent.demo.words import CURRENCIES, Currency
from tools.domain import Product
from tools.preferences import FrameReading, PageKind, SeenProduct

KINDS_FROM = 55
"""Products in stock from which a kind is shopped for: what browsing shows must leave enough."""
WITHHELD = 12
WRONG_KIND = -1.0
"""Enjoyment of a thing of another kind, whatever its other merits."""
OVER_CEILING = 0.6
"""Taken from the enjoyment of what costs more than the shopper could pay."""
LAPSE = 0.15
"""Scale of the Gumbel noise in what is opened: about two wishes' difference is rarely missed."""

# The listing page in a window of 1280 by 800: cards in rows of four.
_ROW, _COLUMNS = 335, 4
_VIEWS = ((0, (0,)), (430, (1, 2)), (670, (3, 4)))
"""Pixels scrolled from the view before, and the rows that then stand whole in the window."""
_FREE_WORDS = ("material", "style", "length", "pattern", "occasion", "fit", "storage", "screen")


@dataclass(frozen=True)
class Taste:
    """What one shopper wants; known to the scorer only.

    ``enjoyment`` is in [0, 1] for what can be bought and below for what cannot: shares of wishes
    met (colour, brand, style), the price's comfort and the rating, each by its own weight, and a
    whim.
    """

    currency: Currency
    kind: tuple[str, ...]
    """Categories from the widest to the narrowest."""
    colors: Mapping[str, float]
    """Basic colour -> how welcome it is, 0 to 1; others are not."""
    brands: frozenset[str]
    style: Mapping[str, frozenset[str]]
    """Attribute -> the values that please."""
    budget: float
    """The most that is spent gladly; a third more is the ceiling."""
    weights: Mapping[str, float]
    """Of colour, brand, style, price and quality; they sum to 1 less the whim's."""
    whim: float
    thrift: float
    """Share of the kind's products that cost less than the budget."""
    seed: str

    @property
    def ceiling(self) -> float:
        """The most that could be paid at all."""
        return self.budget * 4 / 3

    def comfort(self, price: float) -> float:
        """1 from half the budget up to it, falling to 0 at the ceiling; the cheap seems poor."""
        if price > self.budget:
            return max(0.0, (self.ceiling - price) / (self.ceiling - self.budget))
        return min(1.0, 0.3 + 1.4 * price / self.budget)

    def enjoyment(self, item: Product) -> float:
        """How much the shopper would enjoy owning it."""
        if item.price is None or item.price.currency != self.currency:
            raise ValueError(f"{item.id} is not sold in {self.currency}")
        if item.categories != self.kind:
            return WRONG_KIND
        price = float(item.price.amount)
        styled = [
            str(item.attributes[name]) in wanted
            for name, wanted in self.style.items()
            if name in item.attributes
        ]
        merits = {
            "color": max((self.colors.get(c, 0.0) for c in item.colors), default=0.0),
            "brand": float(item.brand in self.brands),
            "style": sum(styled) / len(styled) if styled else 0.0,
            "price": self.comfort(price),
            "quality": min(1.0, max(0.0, ((item.rating or 4.0) - 3.4) / 1.4)),
        }
        whim = random.Random(f"{self.seed} {item.id}").random()
        joy = sum(self.weights[name] * merit for name, merit in merits.items()) + self.whim * whim
        return joy - OVER_CEILING * (price > self.ceiling)


@dataclass(frozen=True)
class Shopper:
    """One visit of a shopper: the taste, what was done in the shop, and what was read there."""

    name: str
    """Of the shopper; every visit of one bears it."""
    taste: Taste
    steps: Sequence[Mapping[str, Any]]
    """In the words of the recorder's scripts; steps with `did` give a picture each."""
    readings: Sequence[FrameReading]
    shown: frozenset[str] = field(repr=False)
    """Ids of all products that a screen showed."""

    def withheld(self, shown: frozenset[str] | None = None) -> frozenset[str]:
        """The twelve products in stock that no screen showed and that the taste likes best."""
        unseen = self.unseen(self.shown if shown is None else shown)
        best = sorted(unseen, key=lambda item: (-self.taste.enjoyment(item), item.id))
        return frozenset(item.id for item in best[:WITHHELD])

    def unseen(self, shown: frozenset[str]) -> list[Product]:
        """Products of the wanted kind in stock that no screen showed."""
        return [p for p in _of_kind(self.taste.currency, self.taste.kind) if p.id not in shown]


def shoppers(count: int, seed: int, visits: int = 1) -> list[Shopper]:
    """The visits of the first `count` shoppers of a seed.

    Args:
        count: of the shoppers; the first ones are the same for any count.
        seed: of tastes and visits.
        visits: that each pays, every one for another thing. What matters to the shopper, how dear
            it may be and which colours please stay the same; the rest is drawn anew.

    Returns:
        Every shopper's first visit, then every one's second, and so on.
    """
    names = [f"{seed}-{number:03}" for number in range(count)]
    firsts = [_shopper(name, name) for name in names]
    later = [_shopper(p.name, f"{p.name} visit {v}", p) for v in range(1, visits) for p in firsts]
    return firsts + later


def shopper(seed: int, number: int, visit: int = 1) -> Shopper:
    """One visit of one shopper, as `shoppers` gives it.

    Args:
        seed: of tastes and visits.
        number: of the shopper, from 0.
        visit: of theirs, from 1.
    """
    name = f"{seed}-{number:03}"
    first = _shopper(name, name)
    return first if visit == 1 else _shopper(name, f"{name} visit {visit - 1}", first)


def _shopper(name: str, drawn_from: str, first: Shopper | None = None) -> Shopper:
    draw = random.Random(f"shopper {drawn_from}")
    taste = _taste(drawn_from, draw)
    if first is not None:
        taste = _like_before(taste, first.taste)
    visit = _Visit(taste, draw)
    visit.run()
    return Shopper(name, taste, visit.steps, visit.readings, frozenset(visit.shown))


def _like_before(taste: Taste, first: Taste) -> Taste:
    """The taste for another thing of a shopper whose first visit is known."""
    sold = {c for p in _of_kind(taste.currency, taste.kind) for c in p.colors}
    kept = [color for color in first.colors if color in sold]
    colors = dict.fromkeys([*kept, *taste.colors])
    prices = _prices(taste.currency, taste.kind)
    return replace(
        taste,
        colors=dict(zip(colors, _WELCOME, strict=False)),
        budget=prices[int(first.thrift * len(prices))],
        weights=first.weights,
        thrift=first.thrift,
    )


def median_price(taste: Taste) -> float:
    """The median price of the wanted kind, in the shop's currency."""
    return median(_prices(taste.currency, taste.kind))


@cache
def _prices(currency: Currency, kind: tuple[str, ...]) -> tuple[float, ...]:
    """Ascending."""
    return tuple(sorted(float(p.price.amount) for p in _of_kind(currency, kind) if p.price))


@cache
def _of_kind(currency: Currency, kind: tuple[str, ...]) -> tuple[Product, ...]:
    return tuple(p for p in products(currency) if p.categories == kind and p.stock)


@cache
def _kinds() -> tuple[tuple[Currency, tuple[str, ...]], ...]:
    found = [(c, kind) for c in CURRENCIES for kind in {p.categories for p in products(c)}]
    return tuple(sorted(pair for pair in found if len(_of_kind(*pair)) >= KINDS_FROM))


def _taste(name: str, draw: random.Random) -> Taste:
    currency, kind = draw.choice(_kinds())
    items = _of_kind(currency, kind)
    colors = sorted({c for p in items for c in p.colors})
    draw.shuffle(colors)
    brands = sorted({p.brand for p in items if p.brand})
    style = {}
    for attribute in _FREE_WORDS:
        values = sorted({str(p.attributes[attribute]) for p in items if attribute in p.attributes})
        if len(values) > 2 and draw.random() < 0.6:
            style[attribute] = frozenset(draw.sample(values, max(1, len(values) // 3)))
    # What matters to whom differs: shares of a stick broken at random, the whim's part aside.
    shares = {k: draw.gammavariate(2.0, w) for k, w in _MATTERS.items()}
    whim = 0.15
    total = sum(shares.values())
    prices = _prices(currency, kind)
    return Taste(
        currency=currency,
        kind=kind,
        colors=dict(zip(colors, _WELCOME, strict=False)),
        brands=frozenset(draw.sample(brands, min(2, len(brands)))),
        style=style,
        thrift=(thrift := draw.uniform(0.3, 0.9)),
        budget=prices[int(thrift * len(prices))],
        weights={k: (1 - whim) * share / total for k, share in shares.items()},
        whim=whim,
        seed=name,
    )


_WELCOME = (1.0, 0.8, 0.5)
"""How welcome the colours that please are, the dearest first."""
_MATTERS = {"color": 1.0, "brand": 0.8, "style": 0.8, "price": 1.0, "quality": 0.6}


class _Visit:
    """A visit as it unfolds: steps for the recorder, and readings as if all were read well."""

    def __init__(self, taste: Taste, draw: random.Random) -> None:
        self.taste, self.draw = taste, draw
        self.steps: list[dict[str, Any]] = []
        self.readings: list[FrameReading] = []
        self.shown: dict[str, None] = {}
        self.opened: dict[str, Product] = {}

    def run(self) -> None:
        """Two or three listings, a few products opened, the best one put into the basket."""
        kind = self.taste.kind[-1]
        first = Query(q=_words(kind), category=kind)
        self._step(go="/")
        if self.draw.random() < 0.25:
            self._glance_elsewhere()
        self._listing(first, opens=self.draw.choice((1, 2)))
        second = self._narrowed(first)
        self._listing(second, opens=self.draw.choice((1, 2)))
        if self.draw.random() < 0.4:
            self._listing(Query(category=kind, page=2), opens=1)
        best = max(self.opened.values(), key=self.taste.enjoyment, default=None)
        if best is not None:
            self._step(go=f"/p/{best.id}", did="Comes back to the best one")
            self._detail(best)
            if self.draw.random() < 0.6:
                self._step(click="#add", did="Puts it into the basket")
                self._read("cart", [self._seen(best, in_basket=True)], headings=("Your basket",))

    def _glance_elsewhere(self) -> None:
        currency = self.taste.currency
        elsewhere = self.draw.choice([k for c, k in _kinds() if c == currency])
        query = Query(category=elsewhere[-1])
        self._step(go=query.address(), did="Glances at something else")
        self._read_listing(query, search(currency, query).items, (0,))

    def _narrowed(self, query: Query) -> Query:
        """The listing as this shopper narrows it: by colour, budget or rating, or its next page."""
        weights = self.taste.weights
        likes = max(self.taste.colors, key=self.taste.colors.__getitem__)
        options = {
            "color": replace(query, colors=(likes,)),
            "price": replace(query, high=float(math.ceil(self.taste.budget))),
            "quality": replace(query, order="rated"),
            "style": replace(query, page=2),
        }
        how = self.draw.choices(list(options), [weights[name] for name in options])[0]
        return options[how]

    def _listing(self, query: Query, *, opens: int) -> None:
        address = query.address()
        items = search(self.taste.currency, query).items[:PER_PAGE]
        seen: list[Product] = []
        for scroll, rows in _VIEWS[: self.draw.choice((2, 3))]:
            inside = [p for row in rows for p in items[row * _COLUMNS : (row + 1) * _COLUMNS]]
            if not inside:
                break
            if scroll:
                self._step(scroll=scroll, did="Scrolls down")
            else:
                self._step(go=address, did="Looks at a listing")
            self._read_listing(query, items, rows)
            seen += inside
        rated = sorted(seen, key=lambda item: -self._appeal(item))
        for item in [p for p in rated if p.id not in self.opened][:opens]:
            self._step(go=f"/p/{item.id}", did="Opens a product")
            self._detail(item)
            self.opened[item.id] = item

    def _appeal(self, item: Product) -> float:
        return self.taste.enjoyment(item) - LAPSE * math.log(-math.log(self.draw.random()))

    def _detail(self, item: Product) -> None:
        self._read("detail", [self._seen(item, opened=True)], breadcrumbs=item.categories)

    def _read_listing(self, query: Query, items: Sequence[Product], rows: Sequence[int]) -> None:
        inside = [p for row in rows for p in items[row * _COLUMNS : (row + 1) * _COLUMNS]]
        filters = [printed_color(c) for c in query.colors]
        if query.high is not None:
            filters.append(f"Up to {money(query.high, self.taste.currency)}")
        self._read(
            "listing",
            [self._seen(item) for item in inside],
            search_query=query.q or None,
            active_filters=tuple(filters),
            headings=() if query.q else (query.category,),
        )

    def _seen(self, item: Product, *, opened: bool = False, in_basket: bool = False) -> SeenProduct:
        from agent.reader.categories import category_of_title

        self.shown[item.id] = None
        return SeenProduct(
            title=item.title,
            price=item.price.amount if item.price else None,
            list_price=item.list_price.amount if item.list_price else None,
            currency=self.taste.currency,
            brand=item.brand,
            color=item.colors[0] if item.colors else None,
            category=category_of_title(item.title),
            rating=item.rating,
            reviews=item.reviews,
            opened=opened,
            in_basket=in_basket,
        )

    def _read(self, kind: PageKind, seen: Sequence[SeenProduct], **facts: Any) -> None:
        digest = sha256(f"{self.taste.seed} {len(self.readings)}".encode()).hexdigest()
        currency = self.taste.currency
        self.readings.append(
            FrameReading(digest=digest, kind=kind, products=tuple(seen), currency=currency, **facts)
        )

    def _step(self, **step: Any) -> None:
        self.steps.append(step)


def _words(kind: str) -> str:
    return kind.partition(" & ")[0].lower()
