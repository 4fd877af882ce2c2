"""Seeded vectors that behave like the embeddings of shop titles, for the benchmarks.

A common direction, categories, kinds of about twenty products of Zipf-like numbers, and products
spread about their kind, some kinds tight and some loose; spectrum falling as a power law. For 3,686
rows: mean cosine .16, nearest neighbour .54 / .83 / .95 (10 %, 50 %, 90 %), tenth .37 / .71 / .90,
effective dimension 74. All-MiniLM-L6-v2 on 3,686 real titles of industrial supplies: .19,
.58 / .78 / .98, .43 / .55 / .78, 76.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_PER_KIND = 20
_CATEGORIES = 80
_DECAY = 0.3
_BLOCK = 50_000


def _noise(draw: np.random.Generator, dimension: int) -> Callable[[int], Vectors]:
    scale = (np.arange(1, dimension + 1) ** -_DECAY).astype(np.float32)
    scale /= np.linalg.norm(scale)
    turned, _ = np.linalg.qr(draw.normal(size=(dimension, dimension)))
    basis = (scale[:, None] * turned).astype(np.float32)
    return lambda count: draw.standard_normal((count, dimension), dtype=np.float32) @ basis


def _unit(vectors: Vectors) -> Vectors:
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def title_like(
    rows: int, queries: int, dimension: int = 384, seed: int = 0
) -> tuple[Vectors, Vectors]:
    """Unit vectors (rows, dimension) and queries (queries, dimension), each near one of them.

    A query has a cosine of about .8 to the row that it was made from, as a title has to itself with
    some words dropped.
    """
    draw = np.random.default_rng(seed)
    noise = _noise(draw, dimension)
    kinds = max(1, rows // _PER_KIND)
    centres = 0.5 * noise(1) + 0.7 * noise(_CATEGORIES)[draw.integers(0, _CATEGORIES, kinds)]
    centres = centres + 0.7 * noise(kinds)
    spread = np.exp(draw.uniform(np.log(0.4), np.log(1.6), kinds)).astype(np.float32)
    share = np.arange(1, kinds + 1) ** -0.7
    share /= share.sum()
    found = np.empty((rows, dimension), np.float32)
    for start in range(0, rows, _BLOCK):
        count = min(_BLOCK, rows - start)
        kind = draw.choice(kinds, count, p=share)
        own = draw.gamma(4, 0.25, (count, 1)).astype(np.float32) * spread[kind][:, None]
        found[start : start + count] = _unit(centres[kind] + own * noise(count))
    asked = found[draw.integers(0, rows, queries)] + 0.75 * _unit(noise(queries))
    return found, _unit(asked)
