"""What the demo shop's customers were offered and what they bought, drawn from a known model.

The model is a multinomial logit (McFadden, 1974) whose coefficients are public here, so that an
estimate from the transactions can be held against the truth.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from agent.demo.shop import SEED, products
from agent.demo.words import Currency
from tools.domain import Product

COUNT = 24_000
OFFERED = (4, 12)
"""The least and the most items that one visit shows, all of one shelf."""


@dataclass(frozen=True)
class Truth:
    """The utility by which customers of one shop choose; leaving without buying has utility 0.

    ``V = constant + price_per_median * price / median + stars * (rating - 4) +
    log_reviews * log10(1 + reviews) + sale * on_sale + taste[brand]``, where `median` is the
    median price of the item's shelf and an item without a rating counts as one of 4 stars.
    """

    medians: Mapping[tuple[str, ...], float]
    """Categories of one shelf -> its median price in the shop's currency."""
    taste: Mapping[str, float]
    """Brand -> what it is worth beside its price and rating."""
    constant: float = -1.3
    price_per_median: float = -1.7
    stars: float = 0.9
    log_reviews: float = 0.25
    sale: float = 0.3

    def price_coefficient(self, categories: tuple[str, ...]) -> float:
        """Utils per unit of the shop's currency on one shelf; below zero."""
        return self.price_per_median / self.medians[categories]

    def utility(self, item: Product) -> float:
        """V of one item of the demo shop, price included."""
        if item.price is None:
            raise ValueError(f"{item.id} has no price")
        return (
            self.constant
            + self.price_coefficient(item.categories) * float(item.price.amount)
            + self.stars * ((item.rating or 4.0) - 4.0)
            + self.log_reviews * math.log10(1 + (item.reviews or 0))
            + self.sale * item.on_sale
            + self.taste.get(item.brand or "", 0.0)
        )


@cache
def truth(currency: Currency) -> Truth:
    """The model behind one shop's transactions."""
    prices: dict[tuple[str, ...], list[float]] = {}
    for item in products(currency):
        if item.price:
            prices.setdefault(item.categories, []).append(float(item.price.amount))
    draw = random.Random(f"{SEED} {currency} taste")
    brands = sorted({item.brand for item in products(currency) if item.brand})
    return Truth(
        medians={categories: median(found) for categories, found in prices.items()},
        taste={brand: round(draw.gauss(0, 0.35), 3) for brand in brands},
    )


def transactions(
    currency: Currency, count: int = COUNT
) -> Iterator[tuple[int, tuple[str, ...], str | None]]:
    """(number, ids offered, id bought or None) of every visit, the same on every machine.

    A visit is to one shelf, chosen in proportion to the root of its size; what is offered is
    drawn at random from what is in stock there.
    """
    model = truth(currency)
    shelves: dict[tuple[str, ...], list[Product]] = {}
    for item in products(currency):
        if item.stock:
            shelves.setdefault(item.categories, []).append(item)
    weights = {item.id: math.exp(model.utility(item)) for item in products(currency)}
    draw = random.Random(f"{SEED} {currency} transactions")
    names = list(shelves)
    traffic = [math.sqrt(len(shelves[name])) for name in names]
    for number in range(1, count + 1):
        shelf = shelves[draw.choices(names, traffic)[0]]
        size = min(len(shelf), draw.randint(*OFFERED))
        offered = tuple(item.id for item in draw.sample(shelf, size))
        outcome = draw.choices((None, *offered), (1.0, *(weights[i] for i in offered)))[0]
        yield number, offered, outcome


def write_transactions(currency: Currency, path: Path, count: int = COUNT) -> int:
    """Write the visits as CSV with the columns transaction, offered, bought; how many there are.

    `offered` holds ids between blanks, `bought` one of them or nothing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("transaction", "offered", "bought"))
        for number, offered, bought in transactions(currency, count):
            rows.writerow((number, " ".join(offered), bought or ""))
    return count
