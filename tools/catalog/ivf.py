"""The approximate index of large catalogues: inverted lists of 8-bit codes, re-scored exactly.

k-means cells with residuals in eight bits a dimension (IVF, Sivic and Zisserman 2003; as in FAISS,
Douze et al., "The Faiss library", 2024). How many cells a query looks into is not guessed: it is
the least number that reaches the wanted recall on queries made of the shop's own titles, and what
was reached is written down beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.vector_file import VectorFile, Vectors
from tools.errors import CatalogError

INDEX = "index.faiss"
# Up to this many rows an exact pass takes some five milliseconds and needs no index.
FLAT_ROWS = 100_000
RECALL = 0.99
"""Recall at ten that the number of probes is chosen for; asked of it is 0.98."""
_PROBES = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
_POINTS_PER_LIST = 64
_ROUNDS = 10
_BLOCK = 65536
_LEAST_POOL = 100


def list_count(rows: int) -> int:
    """Inverted lists for a number of rows: the power of two next to its root."""
    return int(2 ** round(np.log2(np.sqrt(max(rows, 64)))))


class IvfIndex:
    """An open index.

    Args:
        index: the FAISS index.
        probes: lists that a query looks into.
    """

    def __init__(self, index: Any, probes: int) -> None:
        self._index = index
        self.probes = probes

    @property
    def rows(self) -> int:
        """Vectors in it."""
        return int(self._index.ntotal)

    @classmethod
    def load(cls, path: Path, rows: int, dimension: int, probes: int) -> IvfIndex:
        """Read what `build_index` wrote; the codes are mapped, not read.

        Raises:
            CatalogError: the file holds something else.
        """
        import faiss

        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError:
            raise CatalogError(f"{path} cannot be read as an index") from None
        if (
            not isinstance(index, faiss.IndexIVFScalarQuantizer)
            or (index.ntotal, index.d) != (rows, dimension)
            or index.metric_type != faiss.METRIC_INNER_PRODUCT
        ):
            raise CatalogError(f"{path} does not index {rows} vectors of {dimension} numbers")
        return cls(index, probes)

    def candidates(
        self, query: Vectors, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Rows that are likely the nearest to a query, in no exact order; to be scored again.

        Args:
            query: (d,).
            k: how many are wanted of them in the end; some more come back.
            allowed: mask of rows that may come back, None for all.
        """
        faiss: Any = import_module("faiss")  # Its type stubs do not know the parameters used here.
        selector = bits = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        parameters = faiss.SearchParametersIVF(nprobe=self.probes, sel=selector)
        asked = np.ascontiguousarray(query, np.float32)[None]
        _, found = self._index.search(asked, max(2 * k, _LEAST_POOL), params=parameters)
        rows: NDArray[np.int64] = found[0][found[0] >= 0]
        return rows


def build_index(
    vectors: VectorFile, path: Path, queries: Vectors, *, wanted: float = RECALL, seed: int = 0
) -> dict[str, Any]:
    """Train, fill and write an index, and choose its number of probes.

    Args:
        vectors: n unit vectors.
        path: the file to write.
        queries: (m, d), such as will be asked.
        wanted: recall at ten to reach on them.
        seed: of the sample that the lists are trained on.

    Returns:
        For the manifest: `kind`, `lists`, `probes`, `recall@10`, `queries`.
    """
    import faiss

    lists = list_count(vectors.rows)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(vectors.dimension),
        vectors.dimension,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter, index.cp.seed = _ROUNDS, seed
    index.cp.max_points_per_centroid = _POINTS_PER_LIST
    draw = np.random.default_rng(seed)
    count = min(vectors.rows, lists * _POINTS_PER_LIST)
    index.train(vectors.take(np.sort(draw.choice(vectors.rows, count, replace=False))))
    least = np.full((len(queries), 0), -np.inf, np.float32)
    for block in vectors.blocks():
        index.add(block)
        least = _ten_best(np.concatenate([least, queries @ block.T], axis=1))
    faiss.write_index(index, str(path))

    def recall(probes: int) -> float:
        opened = IvfIndex(index, probes)
        hits = [
            _kept(vectors, query, opened.candidates(query, 10), best.min(), len(best))
            for query, best in zip(queries, least, strict=True)
        ]
        return float(np.mean(hits))

    probes, reached = _least(recall, [p for p in (*_PROBES, lists) if p <= lists], wanted)
    return {
        "kind": "ivf-sq8",
        "lists": lists,
        "probes": probes,
        "recall@10": round(reached, 4),
        "queries": len(queries),
    }


def _least(recall: Callable[[int], float], choices: list[int], wanted: float) -> tuple[int, float]:
    reached = 0.0
    for probes in choices:
        reached = recall(probes)
        if reached >= wanted:
            return probes, reached
    return choices[-1], reached


def _ten_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    keep = min(10, scores.shape[1])
    return np.asarray(-np.partition(-scores, keep - 1, axis=1)[:, :keep])


def _kept(
    vectors: VectorFile,
    query: Vectors,
    candidates: NDArray[np.int64],
    least: np.float32,
    wanted: int,
) -> float:
    """Share of the best that is among the candidates; equals of the last one count as it does."""
    scores = vectors.take(candidates) @ query
    return min(int((scores >= least - 1e-5).sum()), wanted) / wanted
