"""A small world whose next items follow a rule, so that learning it can be checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.sessions.data import SessionData, Sessions

NAMES = ("hrm", "gru4rec", "narm", "npe", "srgnn", "sasrec")

SMALL: dict[str, Any] = {
    "dim": 16,
    "dropout": 0.0,
    "lr": 0.02,
    "lr_decay": 1.0,
    "batch": 64,
    "epochs": 40,
    "patience": 40,
}


def ring(n_items: int = 12, rows: int = 60, seed: int = 0) -> SessionData:
    """Sessions that walk around a ring of items: the next item follows from the last one.

    One cold item stands behind the others; one session has a single item.
    """
    rng = np.random.default_rng(seed)
    walks = [
        [(start + step) % n_items for step in range(rng.integers(2, 6))]
        for start in rng.integers(0, n_items, rows)
    ]
    walks[:n_items] = [[start, (start + 1) % n_items] for start in range(n_items)]
    sessions = Sessions.from_rows([w[:-1] for w in walks], [w[-1] for w in walks])
    ids = [f"item {i}" for i in range(n_items + 1)]
    return SessionData(ids, n_items, sessions, sessions.slice(0, 20), sessions.slice(20, 40))
