"""Filtered exact search beside what it has to be measured against, in one run.

Prints CPU milliseconds (least of three medians) of the catalogue's `exact_top` and of its bare peer
at several selectivities, and recall against brute force in double precision.

    python benchmarks/catalog_search.py [--rows 100000] [--dimension 384] [--queries 20]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from tools.catalog.search import exact_top


def clustered(rows: int, dimension: int, seed: int = 0) -> np.ndarray:
    """Unit vectors in clusters of about two hundred."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(max(1, rows // 200), dimension)).astype(np.float32)
    found = np.empty((rows, dimension), np.float32)
    for start in range(0, rows, 50_000):
        part = min(50_000, rows - start)
        noise = draw.normal(size=(part, dimension)).astype(np.float32)
        found[start : start + part] = centres[draw.integers(0, len(centres), part)] + 0.7 * noise
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def median_ms(run: Callable[[int], Any], times: int) -> float:
    """The least of three medians, since other work on the machine only ever adds."""
    medians = []
    for _ in range(3):
        spent = []
        for number in range(times):
            start = time.process_time()
            run(number)
            spent.append(time.process_time() - start)
        medians.append(float(np.median(spent)))
    return min(medians) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--queries", type=int, default=20)
    options = parser.parse_args()
    import faiss

    faiss.omp_set_num_threads(1)
    vectors = clustered(options.rows, options.dimension)
    draw = np.random.default_rng(1)
    queries = vectors[draw.integers(0, options.rows, options.queries)] + 0.05 * draw.normal(
        size=(options.queries, options.dimension)
    ).astype(np.float32)
    flat = faiss.IndexFlatIP(options.dimension)
    flat.add(vectors)
    k = 10
    print(f"{options.rows} rows of {options.dimension}; CPU ms, least of three medians")
    print(f"{'allowed':>8}  {'ours':>8}  {'peer':>8}  {'ratio':>6}  {'recall':>6}  peer")
    with threadpool_limits(1):
        for share in (0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 1.0):
            mask = np.zeros(options.rows, bool)
            chosen = draw.choice(options.rows, max(1, int(options.rows * share)), replace=False)
            mask[chosen] = True
            rows = np.flatnonzero(mask)
            bits = np.packbits(mask, bitorder="little")

            def ours(i: int, mask: np.ndarray | None = mask if share < 1 else None) -> Any:
                return exact_top(vectors, queries[i], k, mask)

            def gather(i: int, rows: np.ndarray = rows) -> Any:
                scores = vectors[rows] @ queries[i]
                return rows[np.argpartition(-scores, min(k, len(scores) - 1))[:k]]

            def bitmap(i: int, bits: np.ndarray = bits) -> Any:
                selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
                return flat.search(
                    queries[i : i + 1], k, params=faiss.SearchParameters(sel=selector)
                )

            def plain(i: int) -> Any:
                return flat.search(queries[i : i + 1], k)

            peers: dict[str, Callable[[int], Any]] = {"numpy gather": gather}
            if share >= 0.02:
                peers["FAISS Flat + bitmap"] = bitmap
            if share == 1:
                peers = {"FAISS Flat": plain}
            mine = median_ms(ours, options.queries)
            hits = 0
            for i in range(options.queries):
                truth = vectors[rows].astype(np.float64) @ queries[i].astype(np.float64)
                best = set(rows[np.argsort(-truth, kind="stable")[:k]].tolist())
                hits += len(best & set(ours(i)[0].tolist()))
            recall = hits / (options.queries * min(k, len(rows)))
            for name, peer in peers.items():
                other = median_ms(peer, options.queries)
                print(
                    f"{share:8.1%}  {mine:8.3f}  {other:8.3f}  {mine / other:6.2f}  "
                    f"{recall:6.3f}  {name}"
                )


if __name__ == "__main__":
    main()
