"""bm25s and tantivy on the data of catalog_lexical.py; run by it, each in a process of its own.

    python catalog_lexical_peers.py FOLDER bm25s|tantivy

FOLDER holds texts.json and queries.json. Prints one JSON object: CPU seconds to build, to write and
to open again, megabytes on disk and of memory, CPU milliseconds a query, the ten best of each.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

K = 10
Search = Callable[[str], list[int]]


def with_bm25s(texts: list[str], place: Path) -> Callable[[], Search]:
    import bm25s

    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    index.save(str(place))

    def reopen() -> Search:
        held = bm25s.BM25.load(str(place))

        def search(query: str) -> list[int]:
            words = bm25s.tokenize([query], stopwords="en", show_progress=False)
            found, scores = held.retrieve(words, k=K, n_threads=1, show_progress=False)
            return [int(r) for r, s in zip(found[0], scores[0], strict=True) if s > 0]

        return search

    return reopen


def with_tantivy(texts: list[str], place: Path) -> Callable[[], Search]:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="en_stem")
    builder.add_integer_field("row", stored=True, indexed=False)
    schema = builder.build()
    place.mkdir()
    writer = tantivy.Index(schema, path=str(place)).writer(200_000_000, 1)
    for row, text in enumerate(texts):
        writer.add_document(tantivy.Document(text=text, row=row))
    writer.commit()
    writer.wait_merging_threads()

    def reopen() -> Search:
        index = tantivy.Index.open(str(place))
        searcher = index.searcher()

        def search(query: str) -> list[int]:
            plain = "".join(c if c.isalnum() else " " for c in query)
            asked, _ = index.parse_query_lenient(plain, ["text"])
            hits = searcher.search(asked, K).hits
            return [int(searcher.doc(address)["row"][0]) for _, address in hits]

        return search

    return reopen


SIDES: dict[str, Any] = {"bm25s": with_bm25s, "tantivy": with_tantivy}


def measure(
    make: Callable[[list[str], Path], Callable[[], Search]], folder: Path
) -> dict[str, Any]:
    """Build, open again, ask every query, twice; the second time is timed."""
    texts = json.loads((folder / "texts.json").read_text())
    queries = json.loads((folder / "queries.json").read_text())
    start = time.process_time()
    reopen = make(texts, folder / "index")
    built = time.process_time() - start
    del texts
    start = time.process_time()
    search = reopen()
    search(queries[0])
    opened = time.process_time() - start
    found = [search(query) for query in queries]
    spent = []
    for query in queries:
        start = time.process_time()
        search(query)
        spent.append(time.process_time() - start)
    size = sum(p.stat().st_size for p in (folder / "index").rglob("*") if p.is_file())
    return {
        "built_s": built,
        "opened_s": opened,
        "ms": float(np.median(spent)) * 1e3,
        "p95_ms": float(np.quantile(spent, 0.95)) * 1e3,
        "disk_mb": size / 2**20,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "found": found,
    }


if __name__ == "__main__":
    side = sys.argv[2]
    if find_spec(side) is None:
        print(json.dumps({"missing": side}))
    else:
        print(json.dumps(measure(SIDES[side], Path(sys.argv[1]))))
