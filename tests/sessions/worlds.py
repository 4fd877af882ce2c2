"""Small worlds of sessions with known regularities."""

from __future__ import annotations

import numpy as np

from tools.sessions.data import SessionData, Sessions
from tools.sessions.products import Products

KINDS = ["lamp", "chair", "table", "mug", "plate", "rug"]


def shelves(
    sessions: int = 400, per_kind: int = 10, seed: int = 0, *, text: bool = False
) -> SessionData:
    """Shoppers stay on one shelf and mostly go to the next item of it."""
    rng = np.random.default_rng(seed)
    n = per_kind * len(KINDS)

    def draw(count: int) -> Sessions:
        rows, targets = [], []
        for _ in range(count):
            kind = rng.integers(len(KINDS))
            at = rng.integers(per_kind)
            walk = []
            for _ in range(rng.integers(2, 6)):
                walk.append(int(kind * per_kind + at))
                at = (at + 1) % per_kind if rng.random() < 0.7 else rng.integers(per_kind)
            rows.append(walk[:-1])
            targets.append(walk[-1])
        return Sessions.from_rows(rows, targets)

    products = None
    if text:
        titles = [f"{KINDS[i // per_kind]} number {i % per_kind}" for i in range(n)]
        products = Products({"title": titles}, np.ones(n, bool))
    return SessionData(
        item_ids=[f"i{i}" for i in range(n)],
        n_train_items=n,
        train=draw(sessions),
        valid=draw(sessions // 2),
        test=draw(sessions // 2),
        products=products,
        name="shelves",
    )
