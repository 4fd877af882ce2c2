"""A catalogue of 1e5 products from a ready vector cache: build, cold query, warm queries.

The vectors of the cache are random unit vectors (real texts would take minutes to encode and cost
the same to read back); the query encoder is the real one in int8. Also prints how many titles a
CPU second encodes with the full model and with the int8 export.

    python benchmarks/catalog_speed.py [--rows 100000] [--titles 512]
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from tools.catalog import Catalog, build_catalog
from tools.catalog.embedding import VectorCache, prepare_encoder, product_text, text_hash
from tools.domain import Constraints, Product

KINDS = ("Shoes", "Dresses", "Lamps", "Phones", "Kettles", "Rugs", "Jackets", "Drills")
BRANDS = [f"Brand{number}" for number in range(200)]
COLORS = ("Black", "Navy", "Olive", "Red", "White", "Sky Blue")
WORDS = [
    "classic",
    "modern",
    "slim",
    "large",
    "small",
    "light",
    "heavy",
    "steel",
    "cotton",
    "leather",
    "wireless",
    "portable",
    "set",
    "of",
    "two",
    "indoor",
    "outdoor",
    "kitchen",
    "garden",
    "travel",
    "sport",
    "premium",
    "basic",
    "compact",
    "folding",
    "rechargeable",
    "soft",
]
_COLD = """
import sys
from tools.catalog import Catalog
with Catalog.open(sys.argv[1]) as catalog:
    print(len(catalog.search("a warm jacket for the garden", k=10).hits))
"""


def write_shop(path: Path, rows: int) -> list[str]:
    """A CSV of plausible products; gives the texts that are encoded for them."""
    draw = random.Random(4)
    texts = []
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [
                "id",
                "title",
                "brand",
                "price",
                "currency",
                "colors",
                "categories",
                "rating",
                "reviews",
            ]
        )
        for number in range(rows):
            brand, color, kind = draw.choice(BRANDS), draw.choice(COLORS), draw.choice(KINDS)
            words = " ".join(draw.sample(WORDS, 5))
            title = f"{brand} {color} {words} {kind[:-1]} {number}"
            price = round(draw.uniform(3, 500), 2)
            rating, reviews = round(draw.uniform(2, 5), 1), draw.randint(0, 5000)
            writer.writerow(
                [f"P{number}", title, brand, price, "GBP", color, kind, rating, reviews]
            )
            product = Product(
                id=f"P{number}", title=title, brand=brand, colors=(color,), categories=(kind,)
            )
            texts.append(product_text(product))
    return texts


def cpu() -> float:
    """CPU seconds of this process and the children it waited for."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--titles", type=int, default=512)
    parser.add_argument("--home", type=Path, help="Keep the exported encoder here.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, threadpool_limits(1):
        run(Path(scratch), options.home or Path(scratch), options.rows, options.titles)


def run(scratch: Path, home: Path, rows: int, titles: int) -> None:
    import torch

    torch.set_num_threads(1)
    texts = write_shop(scratch / "shop.csv", rows)
    for engine in ("full", "int8"):
        encoder = prepare_encoder(None, home, engine)
        encoder.encode(texts[:16])
        start = cpu()
        encoder.encode(texts[16 : 16 + titles])
        print(f"{engine:5s} encoder  {titles / (cpu() - start):8.0f} titles a CPU second")
    cache = VectorCache(encoder.cache_path, encoder.dimension)
    draw = np.random.default_rng(2)
    for first in range(0, rows, 10_000):
        part = texts[first : first + 10_000]
        vectors = draw.normal(size=(len(part), encoder.dimension)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        cache.write([text_hash(t) for t in part], vectors)
    cache.close()
    start, wall = cpu(), time.perf_counter()
    report = build_catalog(
        scratch / "shop.csv", scratch / "shop", home=home, engine="int8", progress=False
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"build          {cpu() - start:8.1f} s CPU, {time.perf_counter() - wall:.1f} s wall, "
        f"{report.kept} products, {report.encoded} encoded, peak {peak:.0f} MB with torch"
    )
    start = cpu()
    subprocess.run([sys.executable, "-c", _COLD, str(scratch / "shop")], check=True)
    print(f"cold query     {cpu() - start:8.2f} s CPU from process start to first results")
    warm(scratch / "shop")


def warm(folder: Path) -> None:
    start = cpu()
    with Catalog.open(folder) as catalog:
        print(f"open           {cpu() - start:8.2f} s CPU, every digest checked")
        half = Constraints.of("said", price_upper=250, currency="GBP")
        few = Constraints.of("said", brands=["brand7"], colors=["navy"])
        for what, limits in (("no filter", None), ("half", half), ("0.1 %", few)):
            found = catalog.search("first query", limits)
            spent = []
            for number in range(30):
                start = time.process_time()
                catalog.search(f"compact {KINDS[number % 8]} number {number}", limits)
                spent.append(time.process_time() - start)
            typical, slow = np.median(spent) * 1e3, np.quantile(spent, 0.95) * 1e3
            print(
                f"warm query     {typical:8.1f} ms CPU (p95 {slow:.1f}), {what}: "
                f"{found.filtered} products allowed"
            )
        start = time.process_time()
        facts = catalog.facts(half)
        spent_ms = (time.process_time() - start) * 1e3
        print(f"facts          {spent_ms:8.1f} ms CPU over {facts.count} products")


if __name__ == "__main__":
    main()
