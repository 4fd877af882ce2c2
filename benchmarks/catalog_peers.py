"""hnswlib, LanceDB and qdrant (local) on the data of catalog_search.py; run by it.

Runs in an environment of its own, since none of them is needed by the product:

    python catalog_peers.py FOLDER

FOLDER holds vectors.npy, queries.npy, drawn.npy (a number in [0, 1) a row: a filter of 5 % lets
rows below .05 pass) and truth.npz. Prints one JSON object a line: peer, share, ms (median CPU time
of the process, all its threads), recall, and a line for every peer that is not installed.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

K = 10
# A filtered query of qdrant's local mode takes a second at 1e5 rows.
SLOW = {"qdrant, local": 5}
Search = Callable[[np.ndarray, float], list[int]]


def hnsw(vectors: np.ndarray, drawn: np.ndarray) -> Iterator[tuple[str, Search]]:
    import hnswlib

    index = hnswlib.Index("ip", vectors.shape[1])
    index.set_num_threads(1)
    index.init_index(len(vectors), M=16, ef_construction=100, random_seed=1)
    index.add_items(vectors, num_threads=1)
    index.set_ef(64)

    def search(query: np.ndarray, share: float) -> list[int]:
        allowed = None if share == 1 else lambda row: bool(drawn[row] < share)
        try:
            found, _ = index.knn_query(query, K, num_threads=1, filter=allowed)
        except RuntimeError:  # it found fewer than were asked for
            return []
        return [int(row) for row in found[0]]

    yield "hnswlib M16 ef64", search


def lance(vectors: np.ndarray, drawn: np.ndarray) -> Iterator[tuple[str, Search]]:
    import lancedb
    import pyarrow as pa
    from lancedb.index import IvfPq

    with tempfile.TemporaryDirectory() as folder:
        flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
        rows = pa.table({"id": np.arange(len(vectors)), "drawn": drawn, "vector": flat})
        table = lancedb.connect(folder).create_table("products", rows)

        def search(query: np.ndarray, share: float) -> list[int]:
            asked = table.search(query).distance_type("dot").limit(K).select(["id", "_distance"])
            if share < 1:
                asked = asked.where(f"drawn < {share}", prefilter=True)
            return [int(row["id"]) for row in asked.to_list()]

        yield "LanceDB, no index", search
        table.create_index("vector", config=IvfPq(distance_type="dot"))
        yield "LanceDB, IVF_PQ", search


def qdrant(vectors: np.ndarray, drawn: np.ndarray) -> Iterator[tuple[str, Search]]:
    from qdrant_client import QdrantClient, models

    client: Any = QdrantClient(":memory:")
    space = models.VectorParams(size=vectors.shape[1], distance=models.Distance.DOT)
    client.create_collection("products", vectors_config=space)
    client.upload_collection(
        "products", vectors, payload=[{"drawn": float(d)} for d in drawn], ids=range(len(vectors))
    )

    def search(query: np.ndarray, share: float) -> list[int]:
        bound = models.FieldCondition(key="drawn", range=models.Range(lt=share))
        wanted = models.Filter(must=[bound]) if share < 1 else None
        found = client.query_points("products", query=query, query_filter=wanted, limit=K)
        return [int(point.id) for point in found.points]

    yield "qdrant, local", search


PEERS = {"hnswlib": hnsw, "lancedb": lance, "qdrant_client": qdrant}


def main() -> None:
    folder = Path(sys.argv[1])
    vectors, queries = np.load(folder / "vectors.npy"), np.load(folder / "queries.npy")
    drawn = np.load(folder / "drawn.npy")
    truth = {float(name): rows for name, rows in np.load(folder / "truth.npz").items()}
    for module, made in PEERS.items():
        if find_spec(module) is None:
            print(json.dumps({"missing": module}), flush=True)
            continue
        start = time.process_time()
        for name, search in made(vectors, drawn):
            built, search_start = time.process_time() - start, time.process_time()
            for share, rows in truth.items():
                spent, hits, asked = [], 0, SLOW.get(name, len(queries))
                for query, best in zip(queries[:asked], rows[:asked], strict=True):
                    begin = time.process_time()
                    found = search(query, share)
                    spent.append(time.process_time() - begin)
                    hits += len(set(found) & set(best.tolist()))
                shown = {"peer": name, "share": share, "ms": float(np.median(spent)) * 1e3}
                shown |= {"recall": hits / rows[:asked].size, "built_s": built}
                print(json.dumps(shown), flush=True)
            start += time.process_time() - search_start


if __name__ == "__main__":
    main()
