"""Latent Feature: screens and turns of a chat as steps of one recurrent network.

Bruun, Maistro and Lioma, "Recommending Insurance Products by Using Users' Multi-Modal
Interactions" (arXiv 2405.04246, 2024). Each channel has a dense layer of its own; their outputs
are added, a flag tells which channel a step is of, and a GRU reads the steps. The input of the
channel that a step is not of is the zero vector, so nothing has to be made up where one is missing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from tools.errors import SessionError
from tools.sessions.conversations import CHAT, WEB, Timelines
from tools.sessions.protocol import FitReport, Scores
from tools.sessions.storage import read_model, write_model

CHAT_WEIGHT, WEB_WEIGHT = 2.0, 1.0
"""Weights of rows with one channel; rows with both get the mean weight of those with one."""


@dataclass(frozen=True)
class LatentSettings:
    """Sizes and training; the standard values are the paper's."""

    latent: int = 128
    state: int = 256
    hidden: int = 256
    dropout: float = 0.3
    lr: float = 1e-3
    batch: int = 512
    epochs: int = 100
    patience: int = 5


class LatentNetwork(nn.Module):
    """The network: scores (logits) of every item from padded steps.

    Args:
        n_items: items that can be viewed and wanted.
        dimension: of a turn's vector.
        settings: sizes.
    """

    def __init__(self, n_items: int, dimension: int, settings: LatentSettings) -> None:
        super().__init__()
        self.n_items = n_items
        # A dense layer over a one-hot vector is a look-up; the last row, always zero, is no item.
        self.screen = nn.Embedding(n_items + 1, settings.latent, padding_idx=n_items)
        nn.init.normal_(self.screen.weight, std=1 / settings.latent**0.5)
        with torch.no_grad():
            self.screen.weight[n_items] = 0
        self.screen_bias = nn.Parameter(torch.zeros(settings.latent))
        self.chat = nn.Linear(dimension, settings.latent)
        self.gru = nn.GRU(settings.latent + 1, settings.state, batch_first=True)
        self.drop = nn.Dropout(settings.dropout)
        self.dense = nn.Linear(settings.state, settings.hidden)
        self.out = nn.Linear(settings.hidden, n_items)

    def forward(self, items: Tensor, said: Tensor, flag: Tensor, lengths: Tensor) -> Tensor:
        """Logits, (rows, n_items).

        Args:
            items: (rows, steps) int64, n_items where a step is no view.
            said: (rows, steps, dimension), zero where a step is no turn.
            flag: (rows, steps), 1 for a turn.
            lengths: (rows,) int64 on the CPU, steps of each row; 0 is allowed.
        """
        screen = torch.tanh(self.screen(items) + self.screen_bias)
        steps = torch.cat([screen + torch.tanh(self.chat(said)), flag[..., None]], dim=2)
        state = steps.new_zeros((len(items), self.gru.hidden_size))
        some = torch.nonzero(lengths).flatten()
        if len(some):
            packed = pack_padded_sequence(
                steps[some], lengths[some], batch_first=True, enforce_sorted=False
            )
            _, last = self.gru(packed)
            state = state.index_copy(0, some, last[0])
        logits: Tensor = self.out(F.relu(self.dense(self.drop(state))))
        return logits


class LatentFeature:
    """The model over `Timelines`: fit, scores, save, load.

    Args:
        settings: sizes and training.
    """

    name = "latent"

    def __init__(self, settings: LatentSettings | None = None) -> None:
        self.settings = settings or LatentSettings()
        self.network: LatentNetwork | None = None
        self.dimension = 0

    def fit(
        self,
        train: Timelines,
        valid: Timelines,
        n_items: int,
        *,
        seed: int = 0,
        progress: bool = False,
    ) -> FitReport:
        """Learn; the loss on `valid` stops it, and the best epoch's weights are kept.

        Args:
            train: rows with a target; others are left out.
            valid: rows to stop by; without any, all epochs run.
            n_items: size of the vocabulary.
            seed: of the weights, the order and dropout.
            progress: draw a bar on stderr.

        Raises:
            SessionError: there is nothing to learn from, or the loss is no number any more.
        """
        from tqdm import tqdm

        train, valid = (part.take(part.targets >= 0) for part in (train, valid))
        if not len(train):
            raise SessionError("there are no rows with a next item to learn from")
        begun = time.perf_counter()
        self.dimension = train.vectors.shape[1]
        weights = row_weights(train)
        history: list[dict[str, float]] = []
        best, best_epoch = np.inf, 0
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = LatentNetwork(n_items, self.dimension, self.settings)
            kept = {k: v.clone() for k, v in network.state_dict().items()}
            adam = torch.optim.Adam(network.parameters(), self.settings.lr)
            rng = np.random.default_rng(seed)
            epochs = range(1, self.settings.epochs + 1)
            for epoch in tqdm(epochs, desc="latent", unit="epoch", disable=not progress):
                loss = self._epoch(network, adam, train, weights, rng)
                if not np.isfinite(loss):
                    raise SessionError(f"the loss of epoch {epoch} is no number any more")
                held = _loss(network, valid, row_weights(valid)) if len(valid) else loss
                history.append({"epoch": epoch, "loss": loss, "metric": -held})
                if held < best:
                    best, best_epoch = held, epoch
                    kept = {k: v.clone() for k, v in network.state_dict().items()}
                elif len(valid) and epoch - best_epoch >= self.settings.patience:
                    break
        network.load_state_dict(kept)
        self.network = network.eval()
        seconds = time.perf_counter() - begun
        return FitReport(
            seconds=seconds,
            seconds_per_epoch=seconds / len(history),
            epochs=len(history),
            best_epoch=best_epoch,
            metric=-best,
            history=history,
            notes={"metric": "minus the validation loss"},
        )

    def _epoch(
        self,
        network: LatentNetwork,
        adam: torch.optim.Adam,
        train: Timelines,
        weights: NDArray[np.float32],
        rng: np.random.Generator,
    ) -> float:
        network.train()
        total = 0.0
        order = rng.permutation(len(train))
        for at in range(0, len(order), self.settings.batch):
            rows = order[at : at + self.settings.batch]
            loss = _weighted(network, train.take(rows), weights[rows])
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
            total += float(loss.detach()) * len(rows)
        return total / len(train)

    def scores(self, rows: Timelines) -> Scores:
        """The chance of every item to be next, float32 [rows, n_items]; rows may be empty."""
        network = self._fitted()
        found = np.empty((len(rows), network.n_items), np.float32)
        with torch.inference_mode():
            for at, part in _slices(rows):
                logits = network(*_padded(part, network.n_items))
                found[at : at + len(part)] = torch.sigmoid(logits).numpy()
        return found

    def save(self, folder: Path) -> None:
        """Write the model (`tools.sessions.storage`)."""
        network = self._fitted()
        told = {
            "settings": asdict(self.settings),
            "n_items": network.n_items,
            "dimension": self.dimension,
        }
        arrays = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
        write_model(folder, self.name, told, arrays)

    @classmethod
    def load(cls, folder: Path) -> LatentFeature:
        """Read what `save` wrote. Raises SessionError: a file is missing or altered."""
        told, arrays, _ = read_model(folder)
        model = cls(LatentSettings(**told["settings"]))
        model.dimension = int(told["dimension"])
        network = LatentNetwork(int(told["n_items"]), model.dimension, model.settings)
        network.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})
        model.network = network.eval()
        return model

    def _fitted(self) -> LatentNetwork:
        if self.network is None:
            raise SessionError("the model latent has not been fitted yet")
        return self.network


def row_weights(rows: Timelines) -> NDArray[np.float32]:
    """Weight of every row in the loss, by the channels it has; see `CHAT_WEIGHT`."""
    channels = rows.channels
    chat, web = channels == CHAT, channels == WEB
    single = int(chat.sum() + web.sum())
    mean = (CHAT_WEIGHT * chat.sum() + WEB_WEIGHT * web.sum()) / single if single else 1.0
    return np.select([chat, web], [CHAT_WEIGHT, WEB_WEIGHT], mean).astype(np.float32)


def late_fusion(web: Scores, chat: Scores, rows: Timelines) -> Scores:
    """Mean of two models' scores where a row has both channels, else those of its own channel."""
    channels = rows.channels[:, None]
    fused = np.where(channels == WEB, web, np.where(channels == CHAT, chat, (web + chat) / 2))
    return fused.astype(np.float32)


def _weighted(network: LatentNetwork, rows: Timelines, weights: NDArray[np.float32]) -> Tensor:
    wanted = F.one_hot(torch.from_numpy(rows.targets.astype(np.int64)), network.n_items)
    loss = F.binary_cross_entropy_with_logits(
        network(*_padded(rows, network.n_items)), wanted.float(), reduction="none"
    )
    return (loss.mean(dim=1) * torch.from_numpy(weights)).mean()


@torch.no_grad()
def _loss(network: LatentNetwork, rows: Timelines, weights: NDArray[np.float32]) -> float:
    network.eval()
    total = 0.0
    for at, part in _slices(rows):
        total += float(_weighted(network, part, weights[at : at + len(part)])) * len(part)
    return total / len(rows)


def _slices(rows: Timelines, size: int = 1024) -> Iterator[tuple[int, Timelines]]:
    for at in range(0, len(rows), size):
        yield at, rows.take(np.arange(at, min(at + size, len(rows))))


def _padded(rows: Timelines, n_items: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    lengths = np.diff(rows.offsets)
    width = max(1, int(lengths.max(initial=0)))
    row = np.repeat(np.arange(len(rows)), lengths)
    column = np.arange(len(rows.items)) - np.repeat(rows.offsets[:-1], lengths)
    items = np.full((len(rows), width), n_items, np.int64)
    known = (rows.items >= 0) & (rows.items < n_items)
    items[row[known], column[known]] = rows.items[known]
    said = np.zeros((len(rows), width, rows.vectors.shape[1]), np.float32)
    flag = np.zeros((len(rows), width), np.float32)
    turn = rows.turns >= 0
    said[row[turn], column[turn]] = rows.vectors[rows.turns[turn]]
    flag[row[turn], column[turn]] = 1
    parts = (items, said, flag, lengths.astype(np.int64))
    a, b, c, d = (torch.from_numpy(part) for part in parts)
    return a, b, c, d
