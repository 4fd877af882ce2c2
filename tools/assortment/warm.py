"""Compile every kernel once (`python -m tools.assortment.warm`), so that no request waits for it.

The machine code is kept beside the sources (or under `NUMBA_CACHE_DIR`), so this is a step of
installation.
"""

from __future__ import annotations

import time

import numpy as np


def warm_up() -> float:
    """Run a small problem of every class through its compiled code; the seconds it took."""
    from tools.assortment import (
        MNL,
        EachGroupMax,
        Linear,
        MixedMNL,
        NestedLogit,
        Problem,
        SizeLimit,
        solve,
    )
    from tools.assortment.skyband import Skyband

    begin = time.perf_counter()
    rng = np.random.default_rng(0)
    n = 25_000
    price, v = rng.uniform(1, 9, n), rng.uniform(0, 0.01, n)
    size, codes = SizeLimit("size", 0, 5), rng.integers(0, 99, n)
    for rules in ((size,), (), (size, EachGroupMax("group", 1, codes=codes))):
        for objective in ("revenue", "balanced"):
            solve(Problem(MNL(v), price, rules), objective)
    Skyband.build(MNL(v), price, 5).query(5)
    rows = (SizeLimit("size", 0, 9), Linear("row", np.round(price), maximum=20.0))
    solve(Problem(MNL(v * 100), price, rows))
    few = slice(0, 8)
    mixed = MixedMNL(np.array([0.4, 0.6]), np.stack([v[few], v[8:16]]) * 99, np.ones(2))
    solve(Problem(mixed, price[few], (size,)))
    nests = [np.arange(4), np.arange(4, 8)]
    outside = np.array([0.1, 0.0])
    nested = NestedLogit(v[few] * 99, nests, np.array([1.5, 0.5]), outside)
    solve(Problem(nested, price[few]))
    from tools.assortment import kernels

    kernels.undominated(np.zeros(3, np.int64), np.zeros((3, 1)), np.ones(3, np.int64))
    return time.perf_counter() - begin


if __name__ == "__main__":
    print(f"compiled code is ready ({warm_up():.1f} s)")
