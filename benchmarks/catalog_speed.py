"""A catalogue of 1e5 products from a ready vector cache: build, cold query, warm queries.

How its vectors are made is said in catalog_shop.py; the query encoder is the real one in int8, and
every query has another word that is misspelt. Prints the peak memory of the build, which runs in a
process of its own, and how many titles a CPU second encodes with the full model and with the int8
export.

    python benchmarks/catalog_speed.py [--rows 100000] [--titles 512] [--home DIR]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from catalog_shop import KINDS, WORDS, write_shop
from threadpoolctl import threadpool_limits

from tools.catalog import Catalog, update_catalog
from tools.domain import Constraints

_BUILD = """
import resource, sys, time
from pathlib import Path
from tools.catalog import build_catalog
wall = time.perf_counter()
report = build_catalog(
    Path(sys.argv[1]), Path(sys.argv[2]), home=Path(sys.argv[3]), engine="int8", progress=False
)
used = resource.getrusage(resource.RUSAGE_SELF)
print(
    f"build          {used.ru_utime + used.ru_stime:8.1f} s CPU, {time.perf_counter() - wall:.0f} s"
    f" wall, {report.kept} products, {report.encoded} encoded, peak {used.ru_maxrss / 1024:.0f} MB"
)
"""
_COLD = """
import sys
from tools.catalog import Catalog, update_catalog
with Catalog.open(sys.argv[1]) as catalog:
    print(len(catalog.search("a warm jacket for the garden", k=10).hits))
"""


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
    from tools.catalog.embedding import prepare_encoder

    int8 = prepare_encoder(None, home, "int8")
    texts = write_shop(scratch / "shop.csv", rows, int8)
    script = [sys.executable, "-c", _BUILD, scratch / "shop.csv", scratch / "shop", home]
    subprocess.run([str(part) for part in script], check=True)
    start = cpu()
    subprocess.run([sys.executable, "-c", _COLD, str(scratch / "shop")], check=True)
    print(f"cold query     {cpu() - start:8.2f} s CPU from process start to first results")
    warm(scratch / "shop")
    changes(scratch, home)
    if titles:
        encoders(home, texts[:16], [f"{text} {n}" for n, text in enumerate(texts[:titles])])


def changes(scratch: Path, home: Path) -> None:
    """CPU seconds and bytes of a hundred changed prices, and of a hundred changed titles."""
    folder = scratch / "shop"
    for what, column, values in (
        ("prices", "price", [f"{number}.50" for number in range(1, 101)]),
        ("titles", "title", [f"Belmont violet lamp {number}" for number in range(100)]),
    ):
        lines = [f"P{number * 7},{value},GBP" for number, value in enumerate(values)]
        (scratch / "change.csv").write_text("\n".join([f"id,{column},currency", *lines]))
        start = cpu()
        report = update_catalog(folder, upsert=scratch / "change.csv", home=home)
        spent = cpu() - start
        assert report.changed == 100
        latest = max(p.name for p in folder.iterdir() if p.name.startswith("v0"))
        size = sum(p.stat().st_size for p in (folder / latest).iterdir()) / 2**20
        print(
            f"100 {what:10s} {spent:8.2f} s CPU to change, {size:.0f} MB written, "
            f"{report.encoded} encoded"
        )


def encoders(home: Path, first: list[str], texts: list[str]) -> None:
    import torch

    from tools.catalog.embedding import prepare_encoder

    torch.set_num_threads(1)
    for engine in ("full", "int8"):
        encoder = prepare_encoder(None, home, engine)
        encoder.encode(first)
        start = cpu()
        encoder.encode(texts)
        print(f"{engine:5s} encoder  {len(texts) / (cpu() - start):8.0f} titles a CPU second")


def warm(folder: Path) -> None:
    start = cpu()
    with Catalog.open(folder) as catalog:
        print(f"open           {cpu() - start:8.2f} s CPU, every digest checked")
        half = Constraints.of("said", price_upper=250, currency="GBP")
        few = Constraints.of("said", brands=["kestrel"], colors=["navy"])
        print(f"index          {catalog.manifest['index']}")
        rounds = (("no filter", None), ("half", half), ("0.1 %", few))
        for turn, (what, limits) in enumerate(rounds):
            found = catalog.search("first query", limits)
            spent = []
            for number in range(30):
                query = f"{WORDS[number]} {WORDS[-number - turn]} {KINDS[number % 8]} "
                query += misspelt(number + 30 * turn)
                start = time.process_time()
                catalog.search(query, limits)
                spent.append(time.process_time() - start)
            typical, slow = np.median(spent) * 1e3, np.quantile(spent, 0.95) * 1e3
            print(
                f"warm query     {typical:8.1f} ms CPU (p95 {slow:.1f}), {what}: "
                f"{found.filtered} products allowed, exact: {found.exact}"
            )
        for what, limits in (("all", None), ("half", half)):
            start = time.process_time()
            facts = catalog.facts(limits)
            spent_ms = (time.process_time() - start) * 1e3
            print(f"facts          {spent_ms:8.1f} ms CPU over {facts.count} products, {what}")


def misspelt(number: int) -> str:
    """A word with a letter too many, another one for every query."""
    word = WORDS[(7 * number + 3) % len(WORDS)]
    return f"{word[:2]}{'qxzjk'[number % 5]}{word[2:]}"


if __name__ == "__main__":
    main()
