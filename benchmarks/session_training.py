"""Training speed of GRU4Rec and SR-GNN beside RecBole 1.2.1, both sides in one run.

    python benchmarks/session_training.py DATA/amazon_m2_ids --locale IT --recbole PYTHON

PYTHON is the interpreter of an environment that holds RecBole (`pip install recbole==1.2.1
'pandas<3'`); it is no dependency of this project. Both sides learn from the same prefix pairs
with the same size of vectors, learning rate, batch, dropout and number of epochs, on one thread,
and both rank the whole catalogue for the same test rows, viewed items left in.

What is counted: *prefix pairs* (the items so far, and the next one) per CPU second of training,
without reading the data, without validation and after one step to
load what is loaded on first use. RecBole sees every pair as a row of its own,
padded to the longest session; GRU4Rec here reads a session once and learns from all its prefixes,
so the number of pairs is the same but the work is not. That is where part of the ratio comes from;
the rest is a loss without intermediate matrices and, for SR-GNN, graphs built a batch at a time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROWS = {"train": 0, "valid": 200, "test": 5000}
SETTINGS = {"lr": 5e-3, "batch": 256, "dim": 64}

# What runs in the other environment: `recbole` cannot be imported here.
RECBOLE = """
import json, sys, time
import numpy as np, torch
torch.set_num_threads(1)
load = torch.load
torch.load = lambda *a, **k: load(*a, **{**k, "weights_only": False})
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import init_seed, get_model, get_trainer
told = json.loads(sys.argv[1])
config = Config(model=told["model"], dataset="d", config_dict={
    "data_path": told["folder"], "benchmark_filename": ["train", "valid", "test"],
    "USER_ID_FIELD": "session_id", "ITEM_ID_FIELD": "item_id",
    "load_col": {"inter": ["session_id", "item_id_list", "item_id"]},
    "alias_of_item_id": ["item_id_list"], "train_neg_sample_args": None, "loss_type": "CE",
    "embedding_size": told["dim"], "hidden_size": told["dim"], "dropout_prob": told["dropout"],
    "learning_rate": told["lr"], "train_batch_size": told["batch"], "eval_batch_size": 512,
    "epochs": told["epochs"], "use_gpu": False, "seed": told["seed"], "show_progress": False,
    "metrics": ["Recall", "MRR"], "topk": [20], "valid_metric": "MRR@20", "state": "ERROR",
    "eval_args": {"order": "TO", "split": {"LS": "valid_and_test"}, "mode": "full",
                  "group_by": None},
})
init_seed(told["seed"], True)
dataset = create_dataset(config)
train, valid, test = data_preparation(config, dataset)
model = get_model(told["model"])(config, train.dataset)
trainer = get_trainer(config["MODEL_TYPE"], told["model"])(config, model)
for batch in train:  # one step to load what is loaded on first use
    model.calculate_loss(batch).backward()
    trainer.optimizer.step()
    break
began = time.process_time()
for epoch in range(told["epochs"]):
    trainer._train_epoch(train, epoch)
cpu = time.process_time() - began
trainer.eval_collector.data_collect(train)
found = trainer.evaluate(test, load_best_model=False)
print("RESULT " + json.dumps({"cpu": cpu, "pairs": len(train.dataset), "recall": found["recall@20"],
                              "mrr": found["mrr@20"]}))
"""


def ours(  # noqa: PLR0917
    folder: Path, locale: str | None, share: float, model: str, epochs: int, tuned: bool
) -> dict[str, Any]:
    """Trains and ranks here; also gives the rows, so that the other side can have them."""
    import torch

    from tools.sessions.layout import read_layout
    from tools.sessions.metrics import reciprocal_rank, target_ranks
    from tools.sessions.registry import create

    torch.set_num_threads(1)
    data = read_layout(folder, locale=locale).share(share)
    rows = np.random.default_rng(0).permutation(len(data.test))[: ROWS["test"]]
    test = data.test.take(rows)
    settings = {"preset": "tuned"} if tuned else {"preset": "paper", **SETTINGS}
    made = create(model, **settings, epochs=epochs)
    unwatched = replace(data, valid=data.valid.slice(0, 0))
    # One step to load what is loaded on first use.
    create(model, preset="paper", epochs=1).fit(replace(unwatched, train=data.train.slice(0, 20)))
    began = time.process_time()
    made.fit(unwatched)
    cpu = time.process_time() - began
    ranks = np.concatenate(
        [target_ranks(made.score(part, 21), part.targets) for part in test.batches(512)]
    )
    return {
        "cpu": cpu,
        "pairs": len(data.train.prefixes()),
        "recall": float((ranks <= 20).mean()),
        "mrr": float(reciprocal_rank(ranks, 20).mean()),
    }


def write_inter(folder: Path, locale: str | None, share: float, out: Path) -> None:
    """The same pairs and rows as RecBole's files; cold items are left out there, too."""
    from tools.sessions.layout import read_layout
    from tools.sessions.neural.batches import warm

    data = read_layout(folder, locale=locale).share(share)
    rows = np.random.default_rng(0).permutation(len(data.test))[: ROWS["test"]]
    parts = {
        "train": data.train.prefixes(50),
        "valid": warm(data.valid.slice(0, ROWS["valid"]), data.n_train_items).latest(50),
        "test": warm(data.test.take(rows), data.n_train_items).latest(50),
    }
    (out / "d").mkdir()
    for part, sessions in parts.items():
        lines = ["session_id:token\titem_id_list:token_seq\titem_id:token"]
        for number, (row, target) in enumerate(zip(sessions, sessions.targets, strict=True)):
            if len(row) and target >= 0:
                listed = " ".join(f"i{item}" for item in row)
                lines.append(f"{part}{number}\t{listed}\ti{target}")
        (out / "d" / f"d.{part}.inter").write_text("\n".join(lines) + "\n")


def theirs(python: Path, folder: Path, model: str, epochs: int, dropout: float) -> dict[str, Any]:
    told = SETTINGS | {
        "model": {"gru4rec": "GRU4Rec", "srgnn": "SRGNN"}[model],
        "folder": str(folder), "epochs": epochs, "dropout": dropout, "seed": 0,
    }  # fmt: skip
    done = subprocess.run(
        [str(python), "-c", RECBOLE, json.dumps(told)],
        capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
    )  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
            # Its test rows leave out cold targets; here they count as misses.
            tested = sum(1 for _ in (folder / "d" / "d.test.inter").open()) - 1
            share = tested / ROWS["test"]
            return found | {"recall": found["recall"] * share, "mrr": found["mrr"] * share}
    raise SystemExit(f"RecBole gave no result:\n{done.stderr[-3000:]}")


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
    parser.add_argument("--models", nargs="*", default=["gru4rec", "srgnn"])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        write_inter(args.data, args.locale, args.share, Path(scratch))
        epochs = {"RecBole 1.2.1": args.epochs, "here": args.epochs_here or args.epochs}
        for model in args.models:
            dropout = {"gru4rec": 0.25, "srgnn": 0.0}[model]
            sides = {}
            if args.recbole:
                sides["RecBole 1.2.1"] = theirs(
                    args.recbole, Path(scratch), model, args.epochs, dropout
                )
            sides["here"] = ours(
                args.data, args.locale, args.share, model, epochs["here"], args.tuned
            )
            speed = {}
            for name, side in sides.items():
                speed[name] = epochs[name] * side["pairs"] / side["cpu"]
                print(
                    f"{model}, {name}: {side['pairs']} pairs x {epochs[name]} epochs in "
                    f"{side['cpu']:.1f} CPU s = {speed[name]:.0f} pairs/s; test R@20 "
                    f"{side['recall']:.4f}, MRR@20 {side['mrr']:.4f}",
                    flush=True,
                )
            if len(sides) < 2:
                continue
            whole = sides["RecBole 1.2.1"]["cpu"] / sides["here"]["cpu"]
            print(
                f"{model}: {speed['here'] / speed['RecBole 1.2.1']:.1f}x the pairs a second, "
                f"{whole:.1f}x for the whole training",
                flush=True,
            )


if __name__ == "__main__":
    main()
