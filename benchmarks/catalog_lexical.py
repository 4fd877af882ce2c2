"""The catalogue's index of words beside bm25s and tantivy: speed, memory, quality.

Every side runs in a process of its own: CPU seconds to build and write its index and to open it,
median CPU time of a query, megabytes on disk, and peak memory. Quality is MRR@10 of known-item
queries (titles with words dropped, shuffled and misspelt, as in catalog_quality.py), with 95 %
intervals over queries.

    python benchmarks/catalog_lexical.py [PRODUCTS.csv.gz] [--rows 100000] [--peers PYTHON]

Without a file, the titles are generated (catalog_shop.py).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from catalog_lexical_peers import K, Search, measure
from catalog_quality import ask, interval
from catalog_shop import titles

from tools.catalog.lexical import LEXICON_FILES, Lexicon, LexiconWriter, save_lexicon
from tools.catalog.search import top_k


def with_ours(forgiving: bool) -> Callable[[list[str], Path], Callable[[], Search]]:
    """Our index, with or without forgiving slips of spelling."""

    def make(texts: list[str], place: Path) -> Callable[[], Search]:
        place.mkdir()
        writer = LexiconWriter()
        for text in texts:
            writer.add(text)
        save_lexicon(writer.words, writer.rows(), place)
        rows = len(texts)

        def reopen() -> Search:
            lexicon = Lexicon.load({name: place / name for name in LEXICON_FILES}, rows)
            lexicon = lexicon if forgiving else lexicon.without_spelling()

            def search(query: str) -> list[int]:
                scores = lexicon.scores(query)
                return [int(row) for row in top_k(scores, K) if scores[row] > 0]

            return search

        return reopen

    return make


def reciprocal(found: list[int], title: str, texts: list[str]) -> float:
    """1 / rank of the first product of that title within ten, else 0."""
    return next((1 / rank for rank, row in enumerate(found, 1) if texts[row] == title), 0.0)


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[1] == "--side":
        print(json.dumps(measure(with_ours(sys.argv[3] == "spelling"), Path(sys.argv[2]))))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("products", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--peers", help="A Python that has bm25s and tantivy.")
    options = parser.parse_args()
    if options.products is None:
        texts = list(titles(options.rows))
    else:
        with gzip.open(options.products, "rt", encoding="utf-8") as stream:
            texts = [row["title"] for row in csv.DictReader(stream)]
    draw = random.Random(1)
    wanted = draw.choices(range(len(texts)), k=options.queries)
    queries = [ask(texts[row], draw) for row in wanted]
    here = [sys.executable, __file__, "--side"]
    sides: dict[str, tuple[list[str], str]] = {
        "ours": (here, "plain"),
        "ours, spelling": (here, "spelling"),
    }
    script = str(Path(__file__).with_name("catalog_lexical_peers.py"))
    if options.peers:
        sides |= {name: ([options.peers, script], name) for name in ("bm25s", "tantivy")}
    else:
        print("no --peers PYTHON was given; bm25s and tantivy are not measured")
    print(f"{len(texts)} titles, {len(queries)} queries")
    print(f"{'':15s} build s  open s  query ms (p95)  disk MB  peak MB   MRR@10")
    ranks: dict[str, np.ndarray] = {}
    for name, (command, word) in sides.items():
        told = run(command, word, texts, queries)
        if "missing" in told:
            print(f"{told['missing']} is not installed for {options.peers}; it is not measured")
            continue
        ranks[name] = np.array(
            [
                reciprocal(found, texts[row], texts)
                for found, row in zip(told["found"], wanted, strict=True)
            ]
        )
        print(
            f"{name:15s} {told['built_s']:7.1f}  {told['opened_s']:6.2f}  {told['ms']:8.2f} "
            f"({told['p95_ms']:5.2f})  {told['disk_mb']:7.1f}  {told['peak_mb']:7.0f}   "
            f"{interval(ranks[name])}",
            flush=True,
        )
    for name in ("bm25s", "tantivy"):
        if name in ranks:
            print(f"ours - {name:8s} {interval(ranks['ours'] - ranks[name])}, without spelling")


def run(command: list[str], word: str, texts: list[str], queries: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "texts.json").write_text(json.dumps(texts))
        (folder / "queries.json").write_text(json.dumps(queries))
        ordered = [*command, scratch, word]
        done = subprocess.run(ordered, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


if __name__ == "__main__":
    main()
