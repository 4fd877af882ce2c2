"""The training loop: epochs, early stopping, checkpoints, several processes.

Everything random in an epoch follows from the seed and the epoch's number, so that a run that was
interrupted and taken up again ends bit for bit where an uninterrupted one ends.

Under `torchrun` (WORLD_SIZE > 1) the batches are dealt out to the processes and the gradients are
averaged (DistributedDataParallel); NCCL with a GPU each, Gloo without.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.optim import Adam, Optimizer, SparseAdam
from tqdm import tqdm

from tools.errors import SessionError
from tools.sessions.data import Sessions
from tools.sessions.neural.batches import Corpus, prefix_batches, whole_batches
from tools.sessions.neural.checkpoint import digest_of, take_up, write_state
from tools.sessions.neural.network import Network
from tools.sessions.neural.softmax import CandidateSampler
from tools.sessions.neural.validation import validation_mrr

FULL_SOFTMAX_ITEMS = 20_000
"""Largest catalogue for which `loss: auto` takes the full softmax."""


class TrainingDiverged(SessionError):
    """The loss, or a weight, is no number any more; the last good weights were put back.

    `kept_epoch` is the epoch whose weights the network holds now, 0 when none was complete.
    """

    def __init__(self, epoch: int, lr: float, kept_epoch: int) -> None:
        kept = "no epoch was complete, so there is nothing to keep"
        if kept_epoch:
            kept = f"the weights of epoch {kept_epoch} are kept"
        super().__init__(
            f"training stopped in epoch {epoch}: the loss is no finite number any more (a lower "
            f"lr than {lr:g} may help); {kept}"
        )
        self.kept_epoch = kept_epoch


@dataclass(frozen=True)
class TrainingSettings:
    """How a network is trained.

    Attributes:
        epochs: at most so many passes over all training pairs.
        patience: epochs without a better validation MRR before training stops.
        batch: training pairs per step, over all processes.
        lr: learning rate of Adam (Kingma and Ba, ICLR 2015).
        lr_decay: below 1, an epoch that brings no better validation MRR is taken back, and the
            rate is multiplied by this.
        weight_decay: L2 penalty; not under the sampled softmax.
        max_length: only so many last items of a session count.
        loss: softmax over the whole catalogue, over sampled candidates, or by its size.
        negatives: candidates drawn per step under the sampled softmax.
    """

    epochs: int = 100
    patience: int = 3
    batch: int = 256
    lr: float = 5e-3
    lr_decay: float = 1.0
    weight_decay: float = 0.0
    max_length: int = 50
    loss: Literal["auto", "full", "sampled"] = "auto"
    negatives: int = 8192

    def sampled(self, n_items: int) -> bool:
        """Whether a catalogue of this size is trained with sampled candidates."""
        return self.loss == "sampled" or (self.loss == "auto" and n_items > FULL_SOFTMAX_ITEMS)


@dataclass
class Progress:
    """How far a run is; what a checkpoint says beside the weights."""

    epoch: int = 0
    best_epoch: int = 0
    best: float = -1.0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Epochs that brought no better validation MRR."""
        best, count = -1.0, 0
        for row in self.history:
            count += row["metric"] <= best
            best = max(best, row["metric"])
        return count

    def done(self, epochs: int, patience: int) -> bool:
        """Whether the last epoch is reached, or nothing got better for too long."""
        tired = self.epoch - self.best_epoch >= patience
        return self.epoch >= epochs or (tired and self.epoch > 0)

    def add(self, row: dict[str, float]) -> bool:
        """Takes an epoch's row in: `epoch`, `loss`, `metric`, `seconds`; says if it is the best."""
        self.history.append(row)
        self.epoch = int(row["epoch"])
        self.seconds += row["seconds"]
        # Without a metric (nan) the last epoch is the best.
        if row["metric"] <= self.best:
            return False
        self.best, self.best_epoch = row["metric"], self.epoch
        return True


def best_device() -> torch.device:
    """The process's GPU when there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


def join_processes() -> None:
    """Under `torchrun`, joins the group of processes once; without it, does nothing."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        gpu = torch.cuda.is_available()
        if gpu:
            torch.cuda.set_device(best_device())
        dist.init_process_group("nccl" if gpu else "gloo")


def is_first_process() -> bool:
    """Whether this process is the one that writes and draws; always so without `torchrun`."""
    return not dist.is_initialized() or dist.get_rank() == 0


def train(
    network: Network,
    corpus: Corpus,
    valid: Sessions,
    settings: TrainingSettings,
    *,
    seed: int = 0,
    progress: bool = False,
    checkpoint: Path | None = None,
    after_epoch: Callable[[Progress], None] | None = None,
) -> Progress:
    """Trains until the validation MRR stops rising, and leaves the best epoch's weights.

    Args:
        network: on the device to train on; changed in place.
        corpus: what to learn from.
        valid: rows whose MRR@20 decides when to stop and which epoch is kept; without rows the
            last epoch is kept.
        settings: see `TrainingSettings`.
        seed: of the order of the batches, of dropout and of sampled candidates.
        progress: draw a bar on stderr.
        checkpoint: a folder; the state is written there after every epoch, and taken up from
            there if the same run was begun before.
        after_epoch: called by the first process once an epoch's state is on disk.

    Raises:
        TrainingDiverged: loss or weights are not finite; `network` holds the best weights so far.
        SessionError: no pair to learn from, or the checkpoint is of another run.
    """
    if corpus.n_pairs == 0:
        raise SessionError("there is no training session of two items or more to learn from")
    with torch.random.fork_rng():
        run = _Run(network, corpus, valid, settings, seed=seed, draw=progress, folder=checkpoint)
        return run.go(after_epoch)


class _Run:
    def __init__(
        self,
        network: Network,
        corpus: Corpus,
        valid: Sessions,
        settings: TrainingSettings,
        *,
        seed: int,
        draw: bool,
        folder: Path | None,
    ) -> None:
        self.network, self.corpus, self.valid, self.settings = network, corpus, valid, settings
        self.seed, self.folder = seed, folder
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.world = dist.get_world_size() if dist.is_initialized() else 1
        self.draw = draw and self.rank == 0
        self.optimizers = _optimizers(network, settings)
        sampled = settings.sampled(network.n_items)
        counts = corpus.next_counts(network.n_items)
        self.sampler = CandidateSampler(counts, settings.negatives) if sampled else None
        self.best: dict[str, Tensor] = {}
        self.state = Progress()
        self.of = _fingerprint(network, corpus, valid, settings, seed)

    def go(self, after_epoch: Callable[[Progress], None] | None) -> Progress:
        self._take_up()
        # Wrapped after the weights are in place: rank 0's are sent to all.
        module: nn.Module = self.network
        if self.world > 1:
            module = nn.parallel.DistributedDataParallel(self.network)
        while not self.state.done(self.settings.epochs, self.settings.patience):
            began = time.perf_counter()
            epoch = self.state.epoch + 1
            loss = self._epoch(module, epoch)
            metric = self._validate()
            seconds = time.perf_counter() - began
            row = {"epoch": epoch, "loss": loss, "metric": metric, "seconds": seconds}
            if self.state.add(row):
                self.best = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
            elif self.settings.lr_decay < 1:
                self.network.load_state_dict(self.best)
            self._say(row)
            if self.rank == 0:
                self._write()
                if after_epoch:
                    after_epoch(self.state)
        if self.best:
            self.network.load_state_dict(self.best)
        self.network.eval()
        return self.state

    def _epoch(self, module: nn.Module, epoch: int) -> float:
        s, network = self.settings, self.network
        rate = s.lr * s.lr_decay**self.state.failed
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        order = np.random.default_rng([self.seed, epoch])
        drawn = torch.Generator().manual_seed(mixed(self.seed, epoch, self.rank, 1))
        torch.manual_seed(mixed(self.seed, epoch, self.rank, 0))
        make = whole_batches if network.rows == "whole" else prefix_batches
        size = max(1, s.batch // self.world)
        device = network.items.weight.device
        network.train()
        total, seen = 0.0, 0
        batches = make(self.corpus, size, s.max_length, order, rank=self.rank, world=self.world)
        pairs = self.corpus.n_pairs // self.world
        with tqdm(
            total=pairs, disable=None if self.draw else True, unit="pair", leave=False
        ) as bar:
            bar.set_description(f"epoch {epoch}")
            for batch in batches:
                part = batch.to(device)
                candidates = self.sampler.draw(part.targets, drawn) if self.sampler else ()
                loss = module(part, *candidates)
                value, n = float(loss.detach()), len(part.targets)
                self._check(math.isfinite(value), epoch)
                for optimizer in self.optimizers:
                    optimizer.zero_grad(set_to_none=True)
                loss.backward()
                for optimizer in self.optimizers:
                    optimizer.step()
                total, seen = total + value * n, seen + n
                bar.update(n)
                bar.set_postfix_str(f"loss {total / seen:.4f}{self._last()}", refresh=False)
        finite = all(bool(torch.isfinite(p).all()) for p in network.parameters())
        self._check(finite, epoch)
        return total / max(1, seen)

    def _check(self, fine: bool, epoch: int) -> None:
        """Stops all processes together when one of them has met a number that is none."""
        if self.world > 1:
            flag = torch.tensor(float(fine), device=self.network.items.weight.device)
            dist.all_reduce(flag, op=dist.ReduceOp.MIN)
            fine = bool(flag)
        if fine:
            return
        if self.best:
            self.network.load_state_dict(self.best)
        self.network.eval()
        raise TrainingDiverged(epoch, self.settings.lr, self.state.best_epoch)

    def _validate(self) -> float:
        if not len(self.valid):
            return float("nan")
        mine = np.arange(self.rank, len(self.valid), self.world)
        sums = validation_mrr(self.network, self.valid.take(mine), self.settings.max_length)
        if self.world > 1:
            sums = sums.to(self.network.items.weight.device)
            dist.all_reduce(sums)
        return float(sums.max()) / len(self.valid)

    def _last(self) -> str:
        return f", valid MRR@20 {self.state.history[-1]['metric']:.4f}" if self.state.epoch else ""

    def _say(self, row: dict[str, float]) -> None:
        if self.draw:
            best = " *" if self.state.best_epoch == row["epoch"] else ""
            print(
                f"epoch {row['epoch']}: loss {row['loss']:.4f}, valid MRR@20 {row['metric']:.4f}, "
                f"{row['seconds']:.1f} s{best}",
                file=sys.stderr,
                flush=True,
            )

    def _write(self) -> None:
        if self.folder is not None:
            write_state(
                self.folder, self.of, asdict(self.state), self.network, self.best, self.optimizers
            )

    def _take_up(self) -> None:
        found = self.folder and take_up(self.folder, self.of, self.network, self.optimizers)
        if found:
            self.best, state = found
            self.state = Progress(**state)


def _optimizers(network: Network, settings: TrainingSettings) -> list[Optimizer]:
    """Adam for what has a dense gradient; lazily updated Adam for tables that are looked up."""
    sparse = [
        module.weight
        for module in network.modules()
        if isinstance(module, nn.Embedding) and module.sparse
    ]
    names = {id(weight) for weight in sparse}
    dense = [p for p in network.parameters() if id(p) not in names]
    made: list[Optimizer] = []
    if dense:
        made.append(Adam(dense, settings.lr, weight_decay=settings.weight_decay, fused=True))
    if sparse:
        made.append(SparseAdam(sparse, settings.lr))
    return made


def mixed(*parts: int) -> int:
    """One seed made from several numbers."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> 1)


def _fingerprint(
    network: Network, corpus: Corpus, valid: Sessions, settings: TrainingSettings, seed: int
) -> str:
    """What a run is of. The epochs are left out: a run may be taken up to go on for longer."""
    told: dict[str, Any] = asdict(settings) | {"seed": seed, "network": type(network).__name__}
    del told["epochs"]
    told["shapes"] = {k: list(v.shape) for k, v in network.state_dict().items()}
    return digest_of(
        told, (corpus.items, corpus.offsets, valid.items, valid.offsets, valid.targets)
    )
