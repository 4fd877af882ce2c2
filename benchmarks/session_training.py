"""Training speed of GRU4Rec and SR-GNN beside RecBole 1.2.1, both sides in one run.

    python benchmarks/session_training.py DATA/amazon_m2_ids --locale IT --recbole PYTHON

PYTHON is the interpreter of an environment that holds RecBole (`recbole_side`). Both sides learn
from the same prefix pairs with the same size of vectors, learning rate, batch, dropout and number
of epochs, on one thread, and both rank the whole catalogue for the same test rows, viewed items
left in.

What is counted: *prefix pairs* (the items so far, and the next one) per CPU second of training,
without reading the data, without validation and after one step to load what is loaded on first
use; means over seeds, on both sides the same ones. RecBole sees every pair as a row of its own,
padded to the longest session; GRU4Rec here reads a session once and learns from all its prefixes,
so the number of pairs is the same but the work is not. That is where part of the ratio comes from;
the rest is a loss without intermediate matrices and, for SR-GNN, graphs built a batch at a time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from recbole_side import train_there, write_rows

ROWS = {"train": 0, "valid": 200, "test": 5000}
LR, BATCH = 5e-3, 256
DROPOUT = {"gru4rec": 0.25, "srgnn": 0.0}
THERE = "RecBole 1.2.1"


def ours(  # noqa: PLR0917
    folder: Path, locale: str | None, share: float, model: str, epochs: int, tuned: bool, seed: int
) -> dict[str, Any]:
    """Trains and ranks here."""
    import torch

    from tools.sessions.layout import read_layout
    from tools.sessions.metrics import reciprocal_rank, target_ranks
    from tools.sessions.registry import create

    torch.set_num_threads(1)
    data = read_layout(folder, locale=locale).share(share)
    rows = np.random.default_rng(0).permutation(len(data.test))[: ROWS["test"]]
    test = data.test.take(rows)
    settings: dict[str, Any] = {"preset": "tuned"}
    if not tuned:
        settings = {"preset": "paper", "dim": 64, "lr": LR, "batch": BATCH}
    made = create(model, **settings, epochs=epochs)
    unwatched = replace(data, valid=data.valid.slice(0, 0))
    # One step to load what is loaded on first use.
    create(model, preset="paper", epochs=1).fit(replace(unwatched, train=data.train.slice(0, 20)))
    began = time.process_time()
    made.fit(unwatched, seed=seed)
    cpu = time.process_time() - began
    ranks = np.concatenate(
        [target_ranks(made.score(part, 21), part.targets) for part in test.batches(512)]
    )
    return {
        "cpu": cpu,
        "pairs": len(data.train.prefixes()),
        "recall@20": float((ranks <= 20).mean()),
        "mrr@20": float(reciprocal_rank(ranks, 20).mean()),
    }


def write_inter(folder: Path, locale: str | None, share: float, out: Path) -> None:
    """The same pairs and rows for the other side."""
    from tools.sessions.layout import read_layout

    data = read_layout(folder, locale=locale).share(share)
    rows = np.random.default_rng(0).permutation(len(data.test))[: ROWS["test"]]
    write_rows(data, data.valid.slice(0, ROWS["valid"]), data.test.take(rows), out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--locale")
    parser.add_argument(
        "--recbole", type=Path, help="its Python interpreter; none: this side alone"
    )
    parser.add_argument("--tuned", action="store_true", help="this side with its tuned settings")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--epochs-here", type=int, help="of this side, to reach like accuracy")
    parser.add_argument("--share", type=float, default=1.0, help="of the training sessions")
    parser.add_argument("--models", nargs="*", default=list(DROPOUT))
    parser.add_argument("--seeds", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        write_inter(args.data, args.locale, args.share, Path(scratch))
        epochs = {THERE: args.epochs, "here": args.epochs_here or args.epochs}
        for model in args.models:
            sides: dict[str, list[dict[str, Any]]] = {}
            for seed in range(args.seeds):
                if args.recbole:
                    given = {"dropout_prob": DROPOUT[model]}
                    found = train_there(
                        args.recbole, Path(scratch), model, epochs=args.epochs, seed=seed,
                        rows=ROWS["test"], settings=given, lr=LR, batch=BATCH,
                    )  # fmt: skip
                    sides.setdefault(THERE, []).append(found)
                found = ours(
                    args.data, args.locale, args.share, model, epochs["here"], args.tuned, seed
                )
                sides.setdefault("here", []).append(found)
                for name, side in sides.items():
                    _tell(f"{model}, {name}, seed {seed}", epochs[name], side[-1:])
            means = {
                name: _tell(f"{model}, {name}, mean", epochs[name], side)
                for name, side in sides.items()
            }
            if len(means) < 2:
                continue
            speed = means["here"]["speed"] / means[THERE]["speed"]
            whole = means[THERE]["cpu"] / means["here"]["cpu"]
            print(
                f"{model}: {speed:.1f}x the pairs a second, {whole:.1f}x for the whole training",
                flush=True,
            )


def _tell(name: str, epochs: int, runs: list[dict[str, Any]]) -> dict[str, float]:
    """Prints and gives the means."""
    cpu, recall, mrr = (
        float(np.mean([r[key] for r in runs])) for key in ("cpu", "recall@20", "mrr@20")
    )
    pairs = runs[0]["pairs"]
    speed = epochs * pairs / cpu
    print(
        f"{name}: {pairs} pairs x {epochs} epochs in {cpu:.1f} CPU s = {speed:.0f} pairs/s; "
        f"test R@20 {recall:.4f}, MRR@20 {mrr:.4f}",
        flush=True,
    )
    return {"cpu": cpu, "speed": speed}


if __name__ == "__main__":
    main()
