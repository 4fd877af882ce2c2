"""Known-item search: a title with words dropped, reordered and misspelt must find its product.

Prints MRR@10 of words alone (BM25), meaning alone and both together over seeded queries, with 95 %
bootstrap intervals, and the paired differences; equal scores count as their mean rank would.

    python benchmarks/catalog_quality.py PRODUCTS [--queries 1000] [--seed 1] [--home DIR]

PRODUCTS is any file that `interarec catalog build` takes.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

import numpy as np

from tools.catalog import Catalog, build_catalog
from tools.catalog.search import DENSE_WEIGHT


def slip(word: str, draw: random.Random) -> str:
    """The word with two letters swapped, one lost, one doubled or one wrong."""
    at = draw.randrange(len(word) - 1)
    return (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + draw.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
    )[draw.randrange(4)]


def ask(title: str, draw: random.Random) -> str:
    """A third to 60 % of a title's words, half the time shuffled, a fifth of the long misspelt."""
    words = title.split()
    count = min(len(words), max(2, round(len(words) * draw.uniform(1 / 3, 0.6))))
    kept = [words[i] for i in sorted(draw.sample(range(len(words)), count))]
    if draw.random() < 0.5:
        draw.shuffle(kept)
    return " ".join(
        slip(w, draw) if len(w) >= 5 and w.isalpha() and draw.random() < 0.2 else w for w in kept
    )


def reciprocal_rank(scores: np.ndarray, right: list[int]) -> float:
    """Mean over the places that equal scores may take, of 1/rank within ten, else 0."""
    best = max(scores[row] for row in right)
    before = int((scores > best + 1e-7).sum())
    equal = np.abs(scores - best) <= 1e-7
    others = int(equal.sum()) - sum(bool(equal[row]) for row in right)
    places = np.arange(before + 1, before + others + 2)
    return float(np.where(places <= 10, 1 / places, 0).mean())


def interval(values: np.ndarray) -> str:
    draw = np.random.default_rng(0)
    means = [values[draw.integers(0, len(values), len(values))].mean() for _ in range(2000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{values.mean():+.4f}  [{low:+.4f}, {high:+.4f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("products", type=Path, nargs="?")
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    if options.products is None:
        print("no file of products was given; nothing is measured")
        return
    with tempfile.TemporaryDirectory() as scratch:
        out, home = Path(scratch) / "catalog", options.home or Path(scratch)
        build_catalog(options.products, out, engine="int8", home=home)
        with Catalog.open(out) as catalog:
            measure(catalog, options.queries, options.seed)


def measure(catalog: Catalog, count: int, seed: int) -> None:
    draw = random.Random(seed)
    titles = [product.title for product in catalog.products(range(len(catalog)))]
    rows_of: dict[str, list[int]] = {}
    for row, title in enumerate(titles):
        rows_of.setdefault(title, []).append(row)
    plain = catalog.lexicon.without_spelling()
    found: dict[str, list[float]] = {"BM25": [], "BM25, spelling": [], "dense": [], "hybrid": []}
    for row in draw.choices(range(len(titles)), k=count):
        query = ask(titles[row], draw)
        words, meaning = catalog.lexicon.scores(query), catalog.similarity(query)
        scored = {
            "BM25": plain.scores(query),
            "BM25, spelling": words,
            "dense": meaning,
            "hybrid": words + DENSE_WEIGHT * meaning,
        }
        for name, scores in scored.items():
            found[name].append(reciprocal_rank(scores, rows_of[titles[row]]))
    print(f"{len(titles)} products, {count} queries, MRR@10")
    results = {name: np.array(values) for name, values in found.items()}
    for name, values in results.items():
        print(f"{name:28s} {interval(values)}")
    for name in ("BM25", "BM25, spelling", "dense"):
        print(f"hybrid - {name:19s} {interval(results['hybrid'] - results[name])}")


if __name__ == "__main__":
    main()
