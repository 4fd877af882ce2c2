"""Latent Feature: screens and turns of a chat as steps of one recurrent network.

Bruun, Maistro and Lioma, "Recommending Insurance Products by Using Users' Multi-Modal
Interactions" (arXiv 2405.04246, 2024). Each channel has a dense layer of its own; their outputs
are added, a flag tells which channel a step is of, and a GRU reads the steps. The input of the
channel that a step is not of is the zero vector, so nothing has to be made up where one is missing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from tools.errors import SessionError
from tools.sessions.conversations import CHAT, WEB, Timelines, on_one_line
from tools.sessions.data import SessionData, Sessions
from tools.sessions.neural.checkpoint import digest_of, take_up, write_state
from tools.sessions.neural.settings import chosen
from tools.sessions.neural.training import Progress, TrainingDiverged, mixed
from tools.sessions.protocol import NO_OPINION, FitReport, Ranking, Scores
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


class LatentFeature(Ranking):
    """The model: sessions with the chat beside them in, ranked items out (`latent`).

    Args:
        encoder: of the chat's texts, see `tools.sessions.text.encoder_named`.
        settings: of `LatentSettings`.

    Raises:
        TypeError: there is no such setting.
        SessionError: a value is not of the setting's kind.
    """

    name = "latent"

    def __init__(self, encoder: str | None = None, **settings: Any) -> None:
        LatentSettings(**settings)  # names them all before any is looked at
        self.chat_encoder = encoder
        self.settings = LatentSettings(**chosen(settings, asdict(LatentSettings())))
        self.network: LatentNetwork | None = None
        self.n_items = 0

    def fit(
        self,
        data: SessionData,
        *,
        seed: int = 0,
        progress: bool = False,
        checkpoint: Path | None = None,
    ) -> FitReport:
        """See `SessionModel.fit`; the chat is what `read_layout` read beside the sessions.

        Args:
            data: `train.said` is needed.
            seed: of the weights, the order and dropout.
            progress: draw a bar on stderr.
            checkpoint: a folder to keep the state in after every epoch, and to go on from.

        Raises:
            SessionError: there is no chat, or nothing to learn from, or the checkpoint is of
                another run.
            TrainingDiverged: the loss is no number any more; the best weights so far are kept.
        """
        if data.train.said is None:
            raise SessionError(
                "the model latent needs conversations_train.csv or .csv.gz beside the sessions"
            )
        dimension = data.train.said.vectors.shape[1]
        train, valid = (on_one_line(part, dimension) for part in (data.train, data.valid))
        report = self.fit_lines(
            train, valid, data.n_train_items, seed=seed, progress=progress, checkpoint=checkpoint
        )
        self.n_items = data.n_items
        return report

    def fit_lines(
        self,
        train: Timelines,
        valid: Timelines,
        n_items: int,
        *,
        seed: int = 0,
        progress: bool = False,
        checkpoint: Path | None = None,
    ) -> FitReport:
        """Learn from timelines; the loss on `valid` stops it, and the best epoch is kept.

        Args:
            train: rows with a target among `n_items`; others are left out.
            valid: rows to stop by; without any, the training loss is taken.
            n_items: size of the vocabulary.
            seed, progress, checkpoint: see `fit`.

        Raises:
            SessionError: see `fit`.
        """
        from tqdm import tqdm

        train, valid = (
            part.take((part.targets >= 0) & (part.targets < n_items)) for part in (train, valid)
        )
        if not len(train):
            raise SessionError("there are no rows with a next item to learn from")
        with torch.random.fork_rng():
            run = _Run(self.settings, train, valid, n_items, seed, checkpoint)
            self.network, self.n_items = run.network, n_items
            bar = tqdm(total=self.settings.epochs, desc="latent", unit="epoch",
                       disable=not progress, initial=run.state.epoch)  # fmt: skip
            with bar:
                while not run.state.done(self.settings.epochs, self.settings.patience):
                    row = run.epoch()
                    bar.update()
                    bar.set_postfix_str(f"loss {row['loss']:.4f}, valid {-row['metric']:.4f}")
            run.finish()
        state = run.state
        return FitReport(
            seconds=state.seconds,
            seconds_per_epoch=state.seconds / state.epoch,
            epochs=state.epoch,
            best_epoch=state.best_epoch,
            metric=state.best,
            history=state.history,
            notes={"metric": "minus the validation loss"},
        )

    def scores(self, sessions: Sessions) -> Scores:
        """See `SessionModel.scores`; rows without a chat are answered from the screens alone."""
        network = self._fitted()
        found = np.full((len(sessions), self.n_items), NO_OPINION, np.float32)
        dimension = network.chat.in_features
        if sessions.said is not None and len(sessions.said.steps):
            given = sessions.said.vectors.shape[1]
            if given != dimension:
                raise SessionError(
                    f"what was said comes as {given} numbers a turn, the model knows {dimension}"
                )
        else:
            sessions = replace(sessions, said=None)
        found[:, : network.n_items] = self.line_scores(on_one_line(sessions, dimension))
        return found

    def line_scores(self, rows: Timelines) -> Scores:
        """The chance of every item to be next, float32 [rows, n_items]; rows may be empty."""
        network = self._fitted()
        found = np.empty((len(rows), network.n_items), np.float32)
        with torch.inference_mode():
            for at, part in _slices(rows):
                logits = network(*_padded(part, network.n_items))
                found[at : at + len(part)] = torch.sigmoid(logits).numpy()
        return found

    def save(self, folder: Path) -> None:
        """See `SessionModel.save`."""
        network = self._fitted()
        told = {
            "settings": asdict(self.settings),
            "encoder": self.chat_encoder,
            "n_items": self.n_items,
            "n_train": network.n_items,
            "dimension": network.chat.in_features,
        }
        arrays = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
        write_model(folder, self.name, told, arrays)

    @classmethod
    def load(cls, folder: Path) -> LatentFeature:
        """See `SessionModel.load`."""
        told, arrays, _ = read_model(folder)
        model = cls(told["encoder"], **told["settings"])
        network = LatentNetwork(int(told["n_train"]), int(told["dimension"]), model.settings)
        network.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})
        model.network, model.n_items = network.eval(), int(told["n_items"])
        return model

    def _fitted(self) -> LatentNetwork:
        if self.network is None:
            raise SessionError("the model latent has not been fitted yet")
        return self.network


class _Run:
    """A fit: what an epoch does, when it has got better, and its state on disk."""

    def __init__(  # noqa: PLR0917
        self,
        settings: LatentSettings,
        train: Timelines,
        valid: Timelines,
        n_items: int,
        seed: int,
        folder: Path | None,
    ) -> None:
        self.settings, self.train, self.valid = settings, train, valid
        self.seed, self.folder, self.state = seed, folder, Progress(best=-math.inf)
        torch.manual_seed(seed)
        self.network = LatentNetwork(n_items, train.vectors.shape[1], settings)
        self.adam = torch.optim.Adam(self.network.parameters(), settings.lr, fused=True)
        self.weights, self.valid_weights = row_weights(train), row_weights(valid)
        self.best: dict[str, Tensor] = {}
        told = asdict(settings) | {"seed": seed, "items": n_items}
        del told["epochs"]
        arrays = [a for part in (train, valid) for a in (part.items, part.turns, part.targets)]
        self.of = digest_of(told, arrays)
        found = folder and take_up(folder, self.of, self.network, [self.adam])
        if found:
            self.best, state = found
            self.state = Progress(**state)

    def epoch(self) -> dict[str, float]:
        """One pass over the rows; says loss and minus the validation loss."""
        number, begun = self.state.epoch + 1, time.perf_counter()
        # From seed and number alone, so that a run that was taken up ends as it would have ended.
        torch.manual_seed(mixed(self.seed, number))
        order = np.random.default_rng([self.seed, number]).permutation(len(self.train))
        self.network.train()
        total = 0.0
        for at in range(0, len(order), self.settings.batch):
            rows = order[at : at + self.settings.batch]
            loss = _weighted(self.network, self.train.take(rows), self.weights[rows])
            self.adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.adam.step()
            total += float(loss.detach()) * len(rows)
        loss_of_all = total / len(self.train)
        held = loss_of_all
        if len(self.valid):
            held = _loss(self.network, self.valid, self.valid_weights)
        if not math.isfinite(loss_of_all + held):
            self.finish()
            raise TrainingDiverged(number, self.settings.lr, self.state.best_epoch)
        row = {"epoch": number, "loss": loss_of_all, "metric": -held,
               "seconds": time.perf_counter() - begun}  # fmt: skip
        if self.state.add(row):
            self.best = {k: v.clone() for k, v in self.network.state_dict().items()}
        if self.folder:
            write_state(
                self.folder, self.of, asdict(self.state), self.network, self.best, [self.adam]
            )
        return row

    def finish(self) -> None:
        """Puts the best epoch's weights in place."""
        if self.best:
            self.network.load_state_dict(self.best)
        self.network.eval()


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
