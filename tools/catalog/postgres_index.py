"""The approximate index of a large catalogue on a server: pgvector's HNSW.

Hierarchical navigable small worlds (Malkov and Yashunin, 2018). It is asked only where nothing but
stock is a condition; under a filter every product that meets it is scored. How many candidates a
search of the graph keeps is not guessed: it is the least number that reaches the wanted recall on
queries made of the shop's own titles, and what was reached stands in the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.embedding import product_text, tuning_queries
from tools.catalog.ivf import RECALL

if TYPE_CHECKING:
    from tools.catalog.catalog import Catalog
    from tools.catalog.postgres_schema import Cursor

SERVER_FLAT_ROWS = 20_000
"""Up to this many products all are scored (benchmarks/postgres_catalog.py prints what it costs)."""
_LINKS, _BREADTH = 16, 64
# pgvector's own limits: dimensions of an indexed vector, and candidates of a search.
_MOST_DIMENSIONS = 2000
_MOST_CANDIDATES = 1000
_CANDIDATES = (40, 60, 100, 160, 250, 400, 640, _MOST_CANDIDATES)
_LEAST = 100
_LEAST_RECALL = 0.98
# A graph that outgrows the memory it is built in is built many times slower.
_MOST_MEGABYTES = 2048
_QUERIES = 64


@dataclass(frozen=True)
class ServerIndex:
    """The index over the texts of one encoder."""

    encoder: str
    """Its digest."""
    dimension: int
    candidates: int
    """That a search of the graph keeps."""

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> ServerIndex | None:
        """The index of a version; None where all are scored."""
        described = manifest.get("index", {})
        if described.get("kind") != "hnsw":
            return None
        return cls(manifest["encoder"]["digest"], manifest["dimension"], described["candidates"])

    def nearest(
        self, cursor: Cursor, vector: NDArray[np.float32], count: int
    ) -> tuple[set[int], float]:
        """Texts that are likely the nearest to a query, and the cosine of the nearest of them.

        Args:
            cursor: inside a transaction.
            vector: of the query, (d,).
            count: products that are wanted in the end. More texts come back, since some are no
                product's any more; none where the index cannot find so many.
        """
        candidates = max(self.candidates, 2 * count, _LEAST)
        if candidates > _MOST_CANDIDATES:
            return set(), 0.0
        found = self.search(cursor, vector, candidates, candidates)
        return {text for text, _ in found}, max((float(c) for _, c in found), default=0.0)

    def search(
        self, cursor: Cursor, vector: NDArray[np.float32], count: int, candidates: int
    ) -> list[tuple[int, float]]:
        """The `count` nearest texts with their cosines, as far as the graph finds them."""
        cursor.execute("SELECT set_config('hnsw.ef_search', %s, true)", (str(candidates),))
        return cursor.execute(
            f"SELECT text, -({self._vector} <#> %s) FROM texts WHERE {self._part} "
            f"ORDER BY {self._vector} <#> %s LIMIT %s",
            (vector, vector, count),
        ).fetchall()

    # Written out, not passed: the planner has to see that the index serves the statement.

    @property
    def _vector(self) -> str:
        return f"(embedding::vector({int(self.dimension)}))"

    @property
    def _part(self) -> str:
        assert self.encoder.isalnum()
        return f"encoder = '{self.encoder}'"

    def make(self, cursor: Cursor, rows: int) -> None:
        """Make the index, where it is missing; the writer's transaction sees it at once."""
        node = 4 * self.dimension + 40 * _LINKS
        megabytes = min(_MOST_MEGABYTES, max(64, 2 * rows * node >> 20))
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", (f"{megabytes}MB",))
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS texts_near_{self.encoder[:16]} ON texts "
            f"USING hnsw ({self._vector} vector_ip_ops) "
            f"WITH (m = {_LINKS}, ef_construction = {_BREADTH}) WHERE {self._part}"
        )


def make_index(cursor: Cursor, local: Catalog) -> dict[str, Any]:
    """Index the texts that were copied of a local catalogue, where it is a large one.

    Args:
        cursor: inside the transaction that makes the version.
        local: the catalogue that was copied, which answers the queries of the tuning exactly.

    Returns:
        The manifest's `index` entry.
    """
    rows, dimension = len(local), int(local.manifest["dimension"])
    if rows <= SERVER_FLAT_ROWS or dimension > _MOST_DIMENSIONS:
        return {"kind": "flat"}
    index = ServerIndex(local.manifest["encoder"]["digest"], dimension, 0)
    index.make(cursor, rows)
    queries = tuning_queries(
        rows,
        lambda rows: [product_text(p) for p in local.products(rows)],
        local.folder / local.manifest["encoder"]["folder"],
        _QUERIES,
    )
    best = [_best(local, query) for query in queries]
    reached, candidates = 0.0, 0
    for candidates in _CANDIDATES:
        shares = []
        for query, (count, last) in zip(queries, best, strict=True):
            found = index.search(cursor, query, count, candidates)
            shares.append(sum(cosine >= last - 1e-5 for _, cosine in found) / count)
        reached = float(np.mean(shares))
        if reached >= RECALL:
            break
    if reached < _LEAST_RECALL:
        return {"kind": "flat"}  # Vectors that a graph does not serve.
    return {
        "kind": "hnsw",
        "links": _LINKS,
        "breadth": _BREADTH,
        "candidates": candidates,
        "recall@10": round(reached, 4),
        "queries": len(queries),
    }


def _best(local: Catalog, query: NDArray[np.float32]) -> tuple[int, float]:
    """Distinct vectors among the ten products nearest to a query, and the tenth cosine."""
    rows, cosines, _ = local.vectors.top(query, 10)
    return len({vector.tobytes() for vector in local.vectors.take(rows)}), float(cosines[-1])
