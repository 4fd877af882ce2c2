"""Two channels, screens and chat: Latent Feature (arXiv 2405.04246) against each channel alone.

Made-up shoppers with known truth (`tools.sessions.two_channels`), or a folder in the layout with
`conversations_*.csv`. Prints HR@3 and MAP@3 of web only, chat only, both (Latent Feature) and late
fusion, on all rows and by which channel is missing: means over seeds with 95 % t intervals, and
beside them what the best possible ranking by the same steps reaches.

    python benchmarks/session_channels.py [--seeds 5] [--rows 3000] [--data DIR]
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from tools.sessions.conversations import BOTH, CHAT, WEB, Timelines, on_one_line
from tools.sessions.layout import read_layout
from tools.sessions.metrics import reciprocal_rank
from tools.sessions.neural.latent import LatentFeature, late_fusion
from tools.sessions.text import default_encoder
from tools.sessions.two_channels import World

CUT = 3
T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


def figures(scores: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """HR@3 and MAP@3, ties against the target; with one target MAP is the reciprocal rank."""
    rows = np.arange(len(targets))
    known = (targets >= 0) & (targets < scores.shape[1])
    own = np.where(known, scores[rows, np.where(known, targets, 0)], np.inf)
    ranks = np.where(known, (scores >= own[:, None]).sum(axis=1), np.inf).astype(float)
    return float((ranks <= CUT).mean()), float(reciprocal_rank(ranks, CUT).mean())


def fit(  # noqa: PLR0917
    train: Timelines, valid: Timelines, n_items: int, batch: int, lr: float, seed: int
) -> LatentFeature:
    """One model."""
    model = LatentFeature(batch=batch, lr=lr)
    model.fit_lines(train, valid, n_items, seed=seed)
    return model


def one_seed(
    parts: tuple[Timelines, Timelines, Timelines], n_items: int, batch: int, lr: float, seed: int
) -> dict[str, np.ndarray]:
    """Scores of the test rows by every way."""
    train, valid, test = parts
    found = {"both": fit(train, valid, n_items, batch, lr, seed).line_scores(test)}
    for way, channel in (("web only", WEB), ("chat only", CHAT)):
        there = [part.take(np.isin(part.channels, [channel, BOTH])) for part in (train, valid)]
        model = fit(there[0].only(channel), there[1].only(channel), n_items, batch, lr, seed)
        found[way] = model.line_scores(test.only(channel))
    found["late fusion"] = late_fusion(found["web only"], found["chat only"], test)
    return found


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--rows", type=int, default=3000)
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--lr", type=float, default=0.003, help="the paper has 0.001")
    arguments.add_argument("--data", type=Path)
    given = arguments.parse_args()
    torch.set_num_threads(1)
    world = World()
    told: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for seed in range(given.seeds):
        if given.data:
            data = read_layout(given.data, chat=default_encoder())
            n_items = data.n_train_items
            parts = tuple(on_one_line(rows) for rows in (data.train, data.valid, data.test))
        else:
            n_items = world.n_items
            sizes = (given.rows, given.rows // 4, given.rows // 2)
            parts = tuple(world.draw(n, 3 * seed + i) for i, n in enumerate(sizes))
        train, valid, test = parts
        scores = one_seed((train, valid, test), n_items, given.batch, given.lr, seed)
        if not given.data:
            for way, rows in (("both", test), ("web", test.only(WEB)), ("chat", test.only(CHAT))):
                # Items of equal chance in any order: each is as good as the others.
                jitter = np.random.default_rng(seed).random((len(test), n_items)) * 1e-9
                scores[f"{way}, best possible"] = world.chances(rows) + jitter
        channels = test.channels
        for way, found in scores.items():
            for group in ("all rows", BOTH, WEB, CHAT):
                mine = channels == group if group != "all rows" else np.ones(len(test), bool)
                told[way, group].append(figures(found[mine], test.targets[mine]))
        if not given.data:
            both, fused = told["both", "all rows"][-1], told["late fusion", "all rows"][-1]
            print(f"seed {seed}: both HR@3 {both[0]:.4f}, late fusion {fused[0]:.4f}", flush=True)
    print(f"{'rows with':10s} {'ranked by':20s} {'HR@3':>22s} {'MAP@3':>24s}")
    for group in ("all rows", BOTH, WEB, CHAT):
        for way in dict.fromkeys(way for way, _ in told):
            cells = [interval([pair[i] for pair in told[way, group]]) for i in (0, 1)]
            print(f"{group:10s} {way:20s} {cells[0]:>22s}  {cells[1]:>22s}")
    for i, name in enumerate((f"HR@{CUT}", f"MAP@{CUT}")):
        for rival in ("late fusion", "web only", "chat only"):
            pairs = zip(told["both", "all rows"], told[rival, "all rows"], strict=True)
            apart = [ours[i] - theirs[i] for ours, theirs in pairs]
            print(f"{name}, both - {rival}, paired by seed: {interval(apart)}")


def interval(values: list[float]) -> str:
    """Mean and 95 % t interval over seeds."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return f"{mean:.4f}"
    t = T95.get(len(values) - 1, 1.96)
    half = t * statistics.stdev(values) / math.sqrt(len(values))
    return f"{mean:.4f} [{mean - half:.4f}, {mean + half:.4f}]"


if __name__ == "__main__":
    main()
