"""Accuracy of the next-item networks on public session data, with intervals.

    python benchmarks/session_models.py DATA --out RUNS [--only NAME ...] [--table]
    python benchmarks/session_models.py DATA --out RUNS --recbole PYTHON

DATA holds one folder a data set in the layout (amazon_industrial, amazon_m2_ids, tmall,
diginetica). Every run is kept in RUNS: a finished one is not repeated, an interrupted one goes on
from its last epoch, so that the whole may be spread over days. `--only` takes runs whose name
holds a word; `--table` only prints what is there.

`same` runs have the settings of the reference: on amazon_industrial 64 dimensions, Adam at 1e-3,
batches of 512, at most 30 epochs; on Amazon-M2 5e-3 and 256, 10 and 4 epochs. `tuned` runs have the
settings in `tools/sessions/neural/defaults`, chosen on validation rows. The reference figures are
RecBole 1.2.1 (one seed, viewed items kept, patience 3) and, for tmall and diginetica, the published
SR-GNN. With `--recbole` (see `recbole_side`) RecBole itself learns from the same pairs of
amazon_industrial with the same seeds and the patience of this side, 10, which makes `recbole` runs.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recbole_side import train_there, write_rows

from tools.sessions.layout import read_layout
from tools.sessions.metrics import Bootstrap, chains, reciprocal_rank, target_ranks
from tools.sessions.neural.models import NeuralModel
from tools.sessions.registry import create

FIVE = ("hrm", "gru4rec", "narm", "npe", "srgnn")
CUTS = (20, 50)
ORDER = ("recall@20", "mrr@20", "recall@50", "mrr@50")
REFERENCE = {
    ("amazon_industrial", "hrm"): (0.1092, 0.0495, 0.1555, 0.0509),
    ("amazon_industrial", "gru4rec"): (0.0728, 0.0434, 0.1154, 0.0446),
    ("amazon_industrial", "narm"): (0.0880, 0.0499, 0.1286, 0.0512),
    ("amazon_industrial", "npe"): (0.1105, 0.0457, 0.1544, 0.0470),
    ("amazon_industrial", "srgnn"): (0.0796, 0.0479, 0.1227, 0.0491),
    ("amazon_industrial", "sasrec"): (0.0693, 0.0406, 0.0898, 0.0412),
    ("amazon_m2_ids/IT", "gru4rec"): (0.5092, 0.2161, 0.6010, 0.2191),
    ("amazon_m2_ids/IT", "srgnn"): (0.5288, 0.2510, 0.6150, 0.2538),
    ("tmall", "srgnn"): (0.2757, 0.1372),
    ("diginetica", "srgnn"): (0.5073, 0.1759),
}


@dataclass(frozen=True)
class Run:
    """One fit."""

    data: str
    model: str
    how: str
    seed: int
    preset: str
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A file name."""
        return f"{self.data.replace('/', '-')}.{self.model}.{self.how}.{self.seed}"


SEEDS = (0, 1, 2)
# SR-GNN's recall differs much from seed to seed there.
MORE_SEEDS = {"srgnn": (3, 4, 5)}


def runs() -> list[Run]:
    seeds = SEEDS
    italy = "amazon_m2_ids/IT"
    same = {"lr": 5e-3, "batch": 256}
    cap = {"epochs": 30}
    found = [Run("amazon_industrial", m, "same", s, "paper", cap) for m, s in _small()]
    for model, epochs in (("gru4rec", 10), ("srgnn", 4)):
        capped = same | {"epochs": epochs}
        found += [Run(italy, model, "same", s, "paper", capped) for s in seeds]
    found += [
        Run(data, model, "tuned", s, "tuned")
        for data, models in (("amazon_industrial", (*FIVE, "sasrec")), (italy, (*FIVE, "sasrec")))
        for model in models
        for s in seeds
    ]
    found += [Run(data, "srgnn", "tuned", 0, "tuned") for data in ("tmall", "diginetica")]
    return found


def recbole_runs() -> list[Run]:
    return [Run("amazon_industrial", m, "recbole", s, "paper") for m, s in _small()]


def _small() -> list[tuple[str, int]]:
    return [(m, s) for m in FIVE for s in (*SEEDS, *MORE_SEEDS.get(m, ()))]


def perform_there(run: Run, root: Path, out: Path, python: Path) -> None:
    """The same by RecBole, which gives means alone."""
    data = read_layout(root / run.data)
    given = {"dropout_prob": 0.25} if run.model == "gru4rec" else {}
    with tempfile.TemporaryDirectory() as scratch:
        write_rows(data, data.valid, data.test, Path(scratch))
        found = train_there(
            python, Path(scratch), run.model, lr=1e-3, batch=512, epochs=30, seed=run.seed,
            rows=len(data.test), patience=10, settings=given,
        )  # fmt: skip
    (out / f"{run.name}.json").write_text(json.dumps(found, indent=1))


def perform(run: Run, root: Path, out: Path) -> None:
    """Fits, ranks the test rows, and keeps both."""
    folder, _, locale = run.data.partition("/")
    data = read_layout(root / folder, locale=locale or None)
    model = create(run.model, preset=run.preset, **run.settings)
    assert isinstance(model, NeuralModel)
    began = time.process_time()
    report = model.fit(data, seed=run.seed, progress=True, checkpoint=out / run.name)
    cpu = time.process_time() - began
    ranks: dict[str, list[Any]] = defaultdict(list)
    for part in data.test.batches(512):
        for way in ("kept", "removed"):
            lists = model.score(part, 101, remove_viewed=way == "removed")
            ranks[way].append(target_ranks(lists, part.targets))
    np.savez_compressed(
        out / f"{run.name}.npz",
        kept=np.concatenate(ranks["kept"]),
        removed=np.concatenate(ranks["removed"]),
        group=chains(data.test),
    )
    told = {
        "settings": model.settings,
        "epochs": report.epochs,
        "best_epoch": report.best_epoch,
        "valid": report.metric,
        "seconds_per_epoch": report.seconds_per_epoch,
        "cpu_seconds_last_sitting": cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "softmax": report.notes["softmax"],
    }
    (out / f"{run.name}.json").write_text(json.dumps(told, indent=1))
    # The state is large and no longer needed.
    (out / run.name / "checkpoint.safetensors").unlink(missing_ok=True)


def table(out: Path) -> None:
    groups: dict[tuple[str, str, str], list[Run]] = defaultdict(list)
    there: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for run in runs():
        if (out / f"{run.name}.json").exists():
            groups[run.data, run.how, run.model].append(run)
    for run in recbole_runs():
        if (out / f"{run.name}.json").exists():
            told = json.loads((out / f"{run.name}.json").read_text())
            there[run.data, run.model].append([told[key] for key in ORDER])
    print(
        "data | how | model | viewed | seeds | R@20 | MRR@20 | R@50 | MRR@50 "
        "(mean over seeds [95 % bootstrap over test sessions], ± spread of seeds) "
        "| reference | epochs | s/epoch | MB"
    )
    for (data, model), found in there.items():
        means = [f"{np.mean(each):.4f} ±{np.std(each):.4f}" for each in zip(*found, strict=True)]
        print(f"{data} | RecBole | {model} | kept | {len(found)} | {' | '.join(means)}")
    for (data, how, model), done in groups.items():
        told = [json.loads((out / f"{r.name}.json").read_text()) for r in done]
        kept = [np.load(out / f"{r.name}.npz") for r in done]
        reference = " ".join(f"{x:.4f}" for x in REFERENCE.get((data, model), ())) or "-"
        bootstrap = Bootstrap.of(kept[0]["group"])
        for way in ("kept", "removed"):
            cells = []
            for cut in CUTS:
                for measure in ("recall", "mrr"):
                    rows = np.stack([_values(k[way], measure, cut) for k in kept])
                    low, high = bootstrap.interval(rows.mean(axis=0))
                    each = rows.mean(axis=1)
                    spread = f" ±{each.std(ddof=1):.4f}" if len(each) > 1 else ""
                    cells.append(f"{each.mean():.4f} [{low:.4f}, {high:.4f}]{spread}")
            epochs = "/".join(str(t["best_epoch"]) for t in told)
            seconds = np.mean([t["seconds_per_epoch"] for t in told])
            memory = max(t["megabytes"] for t in told)
            print(
                f"{data} | {how} | {model} | {way} | {len(done)} | {' | '.join(cells)} "
                f"| {reference} | {epochs} | {seconds:.1f} | {memory:.0f}"
            )


def _values(ranks: Any, measure: str, cut: int) -> Any:
    return (ranks <= cut).astype(float) if measure == "recall" else reciprocal_rank(ranks, cut)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder that keeps the runs")
    parser.add_argument("--only", nargs="*", default=[], help="words in a run's name")
    parser.add_argument("--table", action="store_true", help="print what is there, fit nothing")
    parser.add_argument("--recbole", type=Path, help="the interpreter that has RecBole")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for run in runs():
        wanted = all(word in run.name for word in args.only)
        if args.table or not wanted or (args.out / f"{run.name}.json").exists():
            continue
        print(f"run {run.name}", flush=True)
        perform(run, args.data, args.out)
    for run in recbole_runs() if args.recbole and not args.table else ():
        wanted = all(word in run.name for word in args.only)
        if wanted and not (args.out / f"{run.name}.json").exists():
            print(f"run {run.name}", flush=True)
            perform_there(run, args.data, args.out, args.recbole)
    table(args.out)


if __name__ == "__main__":
    main()
