"""RecBole 1.2.1 on the rows of a data set in the layout, for benchmarks that set it beside ours.

It learns in a process of its own, on one thread (`recbole_there`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recbole_there import run_there

from tools.sessions.data import SessionData, Sessions
from tools.sessions.neural.batches import warm

NAMES = {
    "hrm": "HRM", "gru4rec": "GRU4Rec", "narm": "NARM", "npe": "NPE", "srgnn": "SRGNN",
}  # fmt: skip
LENGTH = 50
"""Items of a session that count, at most."""

# What runs there.
SCRIPT = """
import json, sys, time
import torch
torch.set_num_threads(1)
load = torch.load
torch.load = lambda *a, **k: load(*a, **{**k, "weights_only": False})
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import init_seed, get_model, get_trainer
told = json.loads(sys.argv[1])
config = Config(model=told["model"], dataset="d", config_dict={
    "data_path": told["folder"], "checkpoint_dir": told["folder"] + "/saved",
    "benchmark_filename": ["train", "valid", "test"],
    "USER_ID_FIELD": "user_id", "ITEM_ID_FIELD": "item_id",
    "load_col": {"inter": ["user_id", "item_id_list", "item_id"]},
    "alias_of_item_id": ["item_id_list"], "train_neg_sample_args": None, "loss_type": "CE",
    "embedding_size": 64, "hidden_size": 64, **told["settings"],
    "learning_rate": told["lr"], "train_batch_size": told["batch"], "eval_batch_size": 512,
    "epochs": told["epochs"], "stopping_step": told["patience"] or 10, "use_gpu": False,
    "seed": told["seed"], "show_progress": False, "metrics": ["Recall", "MRR"], "topk": [20, 50],
    "valid_metric": "MRR@20", "state": "ERROR",
    "eval_args": {"order": "TO", "split": {"LS": "valid_and_test"}, "mode": "full",
                  "group_by": None},
})
init_seed(told["seed"], True)
dataset = create_dataset(config)
train, valid, test = data_preparation(config, dataset)
model = get_model(told["model"])(config, train.dataset)
trainer = get_trainer(config["MODEL_TYPE"], told["model"])(config, model)
if told["patience"]:
    began = time.process_time()
    trainer.fit(train, valid, saved=True, show_progress=False, verbose=False)
else:
    for batch in train:  # one step to load what is loaded on first use
        model.calculate_loss(batch).backward()
        trainer.optimizer.step()
        break
    began = time.process_time()
    for epoch in range(told["epochs"]):
        trainer._train_epoch(train, epoch)
cpu = time.process_time() - began
trainer.eval_collector.data_collect(train)
found = trainer.evaluate(test, load_best_model=bool(told["patience"]), show_progress=False)
print("RESULT " + json.dumps({"cpu": cpu, "pairs": len(train.dataset),
                              "epochs": len(trainer.train_loss_dict), **found}))
"""


def write_rows(data: SessionData, valid: Sessions, test: Sessions, folder: Path) -> None:
    """The training pairs and the rows to rank as RecBole's files; it cannot rank cold rows.

    Every row is of one user, whom HRM and NPE want to know: sessions carry none.
    """
    parts = {
        "train": data.train.prefixes(LENGTH),
        "valid": warm(valid, data.n_train_items).latest(LENGTH),
        "test": warm(test, data.n_train_items).latest(LENGTH),
    }
    (folder / "d").mkdir()
    for part, sessions in parts.items():
        lines = ["user_id:token\titem_id_list:token_seq\titem_id:token"]
        for row, target in zip(sessions, sessions.targets, strict=True):
            if len(row) and target >= 0:
                lines.append(f"u\t{' '.join(f'i{item}' for item in row)}\ti{target}")
        (folder / "d" / f"d.{part}.inter").write_text("\n".join(lines) + "\n")


def train_there(
    python: Path,
    folder: Path,
    model: str,
    *,
    lr: float,
    batch: int,
    epochs: int,
    seed: int,
    rows: int,
    patience: int | None = None,
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Train and rank there.

    Args:
        python: the interpreter of the environment that holds RecBole.
        folder: where `write_rows` wrote.
        model: this project's name of it.
        lr: learning rate of Adam.
        batch: pairs a step.
        epochs: at most so many; exactly so many without `patience`.
        seed: of everything.
        rows: test rows in all; those that it cannot rank count as missed.
        patience: epochs without a better validation MRR@20 before it stops; none: no validation.
        settings: of RecBole, by its own names.

    Returns:
        `cpu` seconds of training, `pairs` an epoch, `epochs` and `recall@20`, `mrr@20`,
        `recall@50`, `mrr@50`.
    """
    told = {
        "model": NAMES[model], "folder": str(folder), "lr": lr, "batch": batch, "epochs": epochs,
        "seed": seed, "patience": patience, "settings": settings or {},
    }  # fmt: skip
    found = run_there(python, SCRIPT, told, folder)
    tested = sum(1 for _ in (folder / "d" / "d.test.inter").open()) - 1
    share = tested / rows
    return {k: v * share if "@" in k else v for k, v in found.items()}
