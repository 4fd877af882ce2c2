"""A generated shop of any size with its vector cache, for the benchmarks of the catalogue.

Titles are put together from words; the vector of a product is the sum of its words' vectors by the
real encoder with a little noise, so that text queries find what they should, at a thousandth of the
cost of encoding a million titles.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np

from tools.catalog.embedding import PreparedEncoder, VectorCache, product_text, text_hash
from tools.domain import Money, Product

KINDS = ("Shoes", "Dresses", "Lamps", "Phones", "Kettles", "Rugs", "Jackets", "Drills")
BRANDS = [f"{a}{b}" for a in ("Nor", "Kes", "Fjo", "Bel", "Tam", "Ori", "Vel", "Zan", "Mar", "Lun")
          for b in ("dal", "trel", "mont", "ix", "wick", "ara", "sen", "bo", "quist", "ley",
                    "tona", "via", "ster", "lin", "gard", "nea", "rim", "co", "well", "da")
          ]  # fmt: skip
COLORS = ("Black", "Navy", "Olive", "Red", "White", "Sky Blue")
WORDS = [
    "classic", "modern", "slim", "large", "small", "light", "heavy", "steel", "cotton", "leather",
    "wireless", "portable", "set", "pair", "indoor", "outdoor", "kitchen", "garden", "travel",
    "sport", "premium", "basic", "compact", "folding", "rechargeable", "soft", "waterproof",
    "ceramic", "glass", "wooden", "brushed", "vintage", "striped", "floral", "quilted", "padded",
    "insulated", "adjustable", "magnetic", "digital", "electric", "manual", "cordless",
    "stackable", "foldable", "breathable", "thermal", "reflective", "woven", "knitted", "linen",
    "velvet", "suede", "denim", "bamboo", "marble", "copper", "brass", "chrome",
]  # fmt: skip
COLUMNS = ["id", "title", "brand", "price", "currency", "colors", "categories", "rating", "reviews"]
_PART = 10_000


def products(rows: int) -> Iterator[tuple[list[object], Product, list[str]]]:
    """Every product with its line of the CSV and its words."""
    draw = random.Random(4)
    for number in range(rows):
        brand, color, kind = draw.choice(BRANDS), draw.choice(COLORS), draw.choice(KINDS)
        words = draw.sample(WORDS, 5)
        title = f"{brand} {color} {' '.join(words)} {kind[:-1]} {number}"
        price = round(draw.uniform(3, 500), 2)
        rating, reviews = round(draw.uniform(2, 5), 1), draw.randint(0, 5000)
        product = Product.model_construct(
            id=f"P{number}", title=title, brand=brand, colors=(color,), categories=(kind,),
            price=Money.model_construct(amount=Decimal(str(price)), currency="GBP"),
            rating=rating, reviews=reviews,
        )  # fmt: skip
        line = [product.id, title, brand, price, "GBP", color, kind, rating, reviews]
        yield line, product, [brand, color, kind, *words]


def titles(rows: int) -> Iterator[str]:
    """The titles that `write_shop` writes."""
    return (product.title for _, product, _ in products(rows))


def write_shop(path: Path, rows: int, encoder: PreparedEncoder | None = None) -> list[str]:
    """Write a CSV of `rows` products.

    Args:
        path: the file.
        rows: how many.
        encoder: whose cache is filled with their vectors; None: it is not.

    Returns:
        The texts of the first thousand.
    """
    shown: list[str] = []
    vectors = cache = None
    if encoder is not None:
        said = [*BRANDS, *COLORS, *KINDS, *WORDS]
        vectors = dict(zip(said, encoder.encode(said), strict=True))
        cache = VectorCache(encoder.cache_path, encoder.dimension)
    draw = np.random.default_rng(2)
    keys: list[bytes] = []
    sums: list[np.ndarray] = []
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for number, (line, product, said) in enumerate(products(rows), 1):
            writer.writerow(line)
            text = product_text(product)
            if len(shown) < 1000:
                shown.append(text)
            if vectors is None or cache is None or encoder is None:
                continue
            keys.append(text_hash(text))
            sums.append(np.sum([vectors[word] for word in said], axis=0))
            if len(keys) == _PART or number == rows:
                held = np.array(sums, np.float32)
                held /= np.linalg.norm(held, axis=1, keepdims=True)
                held += 0.3 * draw.standard_normal(held.shape, np.float32) / encoder.dimension**0.5
                held /= np.linalg.norm(held, axis=1, keepdims=True)
                cache.write(keys, held)
                keys, sums = [], []
    if cache is not None:
        cache.close()
    return shown
