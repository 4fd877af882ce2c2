"""Vector search as the catalogue does it, beside what it has to be measured against, in one run.

For every size: CPU milliseconds (least of three medians, one thread) of `VectorTable.top` under
filters from 0.1 % to all, beside a bare numpy gather and FAISS Flat with a bitmap, with recall
against brute force in double precision; above 1e5 rows the index without a filter, beside FAISS
Flat and a flat pass over 8-bit codes; and, with --peers, hnswlib, LanceDB and qdrant on the same
data. How the vectors are made is said in catalog_vectors.py.

    python benchmarks/catalog_search.py [--rows 10000 100000 1000000] [--peers PYTHON]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from catalog_vectors import Vectors, title_like
from threadpoolctl import threadpool_limits

from tools.catalog.ivf import FLAT_ROWS, IvfIndex, build_index
from tools.catalog.vector_file import VectorFile
from tools.catalog.vectors import VectorTable

K = 10
SHARES = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
PEER_SHARES = (1.0, 0.5, 0.05, 0.005)


def median_ms(run: Callable[[int], Any], times: int, rounds: int = 3) -> float:
    """The least of some medians, since other work on the machine only ever adds."""
    medians = []
    for _ in range(rounds):
        spent = []
        for number in range(times):
            start = time.process_time()
            run(number)
            spent.append(time.process_time() - start)
        medians.append(float(np.median(spent)))
    return min(medians) * 1e3


def brute(vectors: Vectors, queries: Vectors, allowed: np.ndarray) -> np.ndarray:
    """The best allowed rows of every query by inner products in double precision."""
    k = min(K, len(allowed))
    rows, scores = np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0))
    for start in range(0, len(allowed), 20_000):
        part = allowed[start : start + 20_000]
        found = queries.astype(np.float64) @ vectors[part].astype(np.float64).T
        scores = np.concatenate([scores, found], axis=1)
        rows = np.concatenate([rows, np.broadcast_to(part, found.shape)], axis=1)
        keep = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        scores, rows = np.take_along_axis(scores, keep, 1), np.take_along_axis(rows, keep, 1)
    return rows


def recall(found: list[np.ndarray], truth: np.ndarray) -> float:
    """Share of the true rows that were found."""
    hits = sum(len(set(f.tolist()) & set(t.tolist())) for f, t in zip(found, truth, strict=True))
    return hits / truth.size


def filtered(
    vectors: Vectors,
    table: VectorTable,
    queries: Vectors,
    drawn: np.ndarray,
    flat: Any,
    *,
    shares: Sequence[float],
) -> None:
    """One line a share of allowed rows and peer."""
    import faiss

    n = len(queries)
    print(f"{'allowed':>8}  {'ours':>8}  {'peer':>8}  {'ratio':>6}  {'recall':>6}  peer")
    for share in shares:
        mask = drawn < share
        rows = np.flatnonzero(mask)
        bits = np.packbits(mask, bitorder="little")

        def ours(i: int, mask: np.ndarray | None = mask if share < 1 else None) -> Any:
            return table.top(queries[i], K, mask)

        def gather(i: int, rows: np.ndarray = rows) -> Any:
            scores = vectors[rows] @ queries[i]
            return rows[np.argpartition(-scores, min(K, len(scores) - 1))[:K]]

        def bitmap(i: int, bits: np.ndarray = bits) -> Any:
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            return flat.search(queries[i : i + 1], K, params=faiss.SearchParameters(sel=selector))

        def plain(i: int) -> Any:
            return flat.search(queries[i : i + 1], K)

        peers: dict[str, Callable[[int], Any]] = {}
        if share < 0.5:
            peers["numpy gather"] = gather
        if 0.02 <= share < 1:
            peers["FAISS Flat + bitmap"] = bitmap
        if share == 1:
            peers["FAISS Flat"] = plain
        mine = median_ms(ours, n)
        found = [ours(i) for i in range(n)]
        assert all(exact for _, _, exact in found)
        reached = recall([rows for rows, _, _ in found], brute(vectors, queries, rows))
        for name, peer in peers.items():
            other = median_ms(peer, n)
            print(
                f"{share:8.1%}  {mine:8.3f}  {other:8.3f}  {mine / other:6.2f}  {reached:6.3f}  "
                f"{name}",
                flush=True,
            )


def approximate(vectors: Vectors, queries: Vectors, flat: Any, folder: Path) -> VectorTable:
    """The index of a large catalogue, beside FAISS Flat and a flat pass over 8-bit codes."""
    import faiss

    # The first half tunes the number of probes, the second is measured.
    half = len(queries) // 2
    start = time.process_time()
    made = build_index(VectorFile(folder / "vectors.npy"), folder / "index", queries[:half])
    spent = time.process_time() - start
    size = (folder / "index").stat().st_size / 2**20
    print(f"index: {made}, built in {spent:.0f} s CPU, {size:.0f} MB")
    index = IvfIndex.load(folder / "index", *vectors.shape, made["probes"])
    table = VectorTable(vectors, index=index)
    asked = queries[half:]
    truth = brute(vectors, asked, np.arange(len(vectors)))
    codes = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    codes.train(vectors[:: max(1, len(vectors) // 50_000)])
    codes.add(vectors)

    def sq8(i: int) -> np.ndarray:
        _, found = codes.search(asked[i : i + 1], 10 * K)
        rows: np.ndarray = found[0]
        return rows[np.argsort(-(vectors[rows] @ asked[i]))[:K]]

    whole = median_ms(lambda i: flat.search(asked[i : i + 1], K), 20)
    print(f"{'no filter':>20}  {'ms':>8}  {'of Flat':>8}  {'recall@10':>9}")
    print(f"{'FAISS Flat':>20}  {whole:8.2f}  {1:8.3f}  {1:9.3f}")
    for name, run, times in (
        ("flat 8-bit codes", sq8, 20),
        ("ours (IVF, 8-bit)", lambda i: table.top(asked[i], K, approximate=True)[0], len(asked)),
    ):
        spent_ms = median_ms(run, times)
        reached = recall([run(i) for i in range(times)], truth[:times])
        print(f"{name:>20}  {spent_ms:8.2f}  {spent_ms / whole:8.3f}  {reached:9.4f}", flush=True)
    return table


def peers(
    python: str, folder: Path, vectors: Vectors, queries: Vectors, table: VectorTable
) -> None:
    """hnswlib, LanceDB and qdrant, in a process of their own."""
    drawn = np.load(folder / "drawn.npy")
    np.save(folder / "queries.npy", queries)
    truth = {s: brute(vectors, queries, np.flatnonzero(drawn < s)) for s in PEER_SHARES}
    np.savez(folder / "truth.npz", **{str(s): rows for s, rows in truth.items()})
    print(f"{'peer':>20}  {'allowed':>8}  {'ms':>9}  {'recall@10':>9}")
    for share in PEER_SHARES:
        mask = drawn < share if share < 1 else None
        spent = median_ms(lambda i, mask=mask: table.top(queries[i], K, mask), len(queries))
        found = [table.top(q, K, mask)[0] for q in queries]
        print(
            f"{'ours, exact':>20}  {share:8.1%}  {spent:9.3f}  {recall(found, truth[share]):9.3f}"
        )
    script = Path(__file__).with_name("catalog_peers.py")
    with subprocess.Popen(
        [python, str(script), str(folder)], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            told = json.loads(line)
            if "missing" in told:
                print(f"{told['missing']} is not installed for {python}; it is not measured")
                continue
            print(
                f"{told['peer']:>20}  {told['share']:8.1%}  {told['ms']:9.3f}  "
                f"{told['recall']:9.3f}  (built in {told['built_s']:.0f} s CPU)",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--queries", type=int, default=20)
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--exact-only", action="store_true", help="Build no index.")
    parser.add_argument("--peers", help="A Python that has hnswlib, lancedb and qdrant-client.")
    parser.add_argument("--peer-rows", type=int, default=100_000, help="Largest size for peers.")
    options = parser.parse_args()
    import faiss

    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        for rows in options.rows:
            vectors, queries = title_like(rows, max(400, options.queries), options.dimension)
            drawn = np.random.default_rng(1).random(rows)
            flat = faiss.IndexFlatIP(options.dimension)
            flat.add(vectors)
            few = queries[: options.queries]
            print(f"\n{rows} rows of {options.dimension}; CPU ms, least of three medians")
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch)
                np.save(folder / "vectors.npy", vectors)
                np.save(folder / "drawn.npy", drawn)
                table = VectorTable(vectors)
                if rows > FLAT_ROWS and not options.exact_only:
                    table = approximate(vectors, queries, flat, folder)
                filtered(vectors, table, few, drawn, flat, shares=options.shares)
                if options.peers and rows <= options.peer_rows:
                    peers(options.peers, folder, vectors, few, table)
    if not options.peers:
        print("no --peers PYTHON was given; hnswlib, LanceDB and qdrant are not measured")


if __name__ == "__main__":
    main()
