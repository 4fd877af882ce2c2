"""The networks as session models: settings, fit, scores, and files."""

from __future__ import annotations

from dataclasses import asdict, fields
from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
import yaml

from tools.errors import SessionError
from tools.sessions.data import SessionData, Sessions
from tools.sessions.neural.batches import Corpus, scoring_batches, warm
from tools.sessions.neural.gru4rec import GRU4RecNetwork
from tools.sessions.neural.hrm import HRMNetwork
from tools.sessions.neural.narm import NARMNetwork
from tools.sessions.neural.network import Network
from tools.sessions.neural.npe import NPENetwork
from tools.sessions.neural.sasrec import SASRecNetwork
from tools.sessions.neural.settings import chosen
from tools.sessions.neural.srgnn import SRGNNNetwork
from tools.sessions.neural.training import (
    TrainingDiverged,
    TrainingSettings,
    best_device,
    join_processes,
    train,
)
from tools.sessions.protocol import FitReport, Ranking, Scores
from tools.sessions.storage import read_model, write_model

TUNED, PAPER = "tuned", "paper"

_TRAINING = {f.name for f in fields(TrainingSettings)}


@lru_cache
def _presets(name: str) -> dict[str, dict[str, Any]]:
    path = Path(__file__).parent / "defaults" / f"{name}.yaml"
    read: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


class NeuralModel(Ranking):
    """A network with its settings; see the network's own module for what it computes.

    Args:
        preset: where the settings start from: `tuned` (chosen on validation data; the default) or
            `paper` (64 dimensions, Adam at 1e-3, batches of 512), both in `defaults/*.yaml`.
        settings: of the network (its keyword arguments) and of `TrainingSettings`.

    Raises:
        TypeError: there is no such setting.
        SessionError: there is no such preset, or a value is not of the setting's kind.
    """

    name: ClassVar[str]
    network_class: ClassVar[type[Network]]

    def __init__(self, preset: str = TUNED, **settings: Any) -> None:
        presets = _presets(self.name)
        if preset not in presets:
            raise SessionError(f"{self.name} has no preset {preset!r}, only {', '.join(presets)}")
        known = network_settings(self.network_class)
        for key in settings:
            if key not in known and key not in _TRAINING:
                raise TypeError(f"{self.name} got an unexpected keyword argument {key!r}")
        standard = known | asdict(TrainingSettings())
        self.settings: dict[str, Any] = chosen(settings, standard | presets[preset])
        self.training = TrainingSettings(
            **{k: v for k, v in self.settings.items() if k in _TRAINING}
        )
        self.network: Network | None = None
        self.n_items = 0
        self._table: torch.Tensor | None = None

    def fit(
        self,
        data: SessionData,
        *,
        seed: int = 0,
        progress: bool = False,
        checkpoint: Path | None = None,
    ) -> FitReport:
        """See `SessionModel.fit`.

        Uses the GPU when there is one, and all processes under `torchrun`. After
        `TrainingDiverged` the model holds the best weights so far, if an epoch was complete.

        Args:
            data: only `train` and `valid` are read.
            seed: of the weights, the order of the batches and dropout.
            progress: draw a bar on stderr.
            checkpoint: a folder to keep the state in after every epoch, and to go on from.
        """
        join_processes()
        device = best_device()
        network = self._network(data.n_train_items, seed).to(device)
        try:
            state = train(
                network,
                Corpus.of(data.train),
                warm(data.valid, data.n_train_items),
                self.training,
                seed=seed,
                progress=progress,
                checkpoint=checkpoint,
            )
        except TrainingDiverged as error:
            if error.kept_epoch:
                self._take(network, data.n_items)
            raise
        self._take(network, data.n_items)
        sampled = self.training.sampled(data.n_train_items)
        return FitReport(
            seconds=state.seconds,
            seconds_per_epoch=state.seconds / max(1, state.epoch),
            epochs=state.epoch,
            best_epoch=state.best_epoch,
            metric=state.best if len(data.valid) else None,
            history=state.history,
            notes={"device": str(device), "softmax": "sampled" if sampled else "full"},
        )

    def scores(self, sessions: Sessions) -> Scores:
        """See `SessionModel.scores`. An empty session gets -inf throughout.

        Only the last `max_length` items of a session count; cold items get -inf.
        """
        network = self._fitted()
        known = warm(sessions, network.n_items)
        out = np.full((len(sessions), self.n_items), -np.inf, np.float32)
        with torch.inference_mode():
            if self._table is None:
                # Made once: for a large catalogue it costs more than a session's scores.
                self._table = network.outputs().T
            table = self._table
            for rows, batch in scoring_batches(known, self.training.max_length):
                dense = network.represented(batch) @ table
                out[rows, : network.n_items] = dense.numpy()
        return out

    def represent(self, sessions: Sessions) -> Scores:
        """The sessions as vectors, float32 [rows, dim]; an empty session is all zeros."""
        network = self._fitted()
        out = np.zeros((len(sessions), network.dim), np.float32)
        with torch.inference_mode():
            known = warm(sessions, network.n_items)
            for rows, batch in scoring_batches(known, self.training.max_length):
                out[rows] = network.represented(batch).numpy()
        return out

    def save(self, folder: Path) -> None:
        """See `SessionModel.save`."""
        network = self._fitted()
        arrays = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
        told = {"settings": self.settings, "n_items": self.n_items, "n_train": network.n_items}
        write_model(folder, self.name, told, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `SessionModel.load`."""
        told, arrays, _ = read_model(folder)
        model = cls(**told["settings"])
        network = model._network(int(told["n_train"]), seed=0)
        network.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})
        model._take(network, int(told["n_items"]))
        return model

    def _take(self, network: Network, n_items: int) -> None:
        self.network, self.n_items, self._table = network.cpu().eval(), n_items, None

    def _network(self, n_items: int, seed: int) -> Network:
        own = {k: v for k, v in self.settings.items() if k not in _TRAINING}
        if "max_length" in signature(self.network_class).parameters:
            own["max_length"] = self.training.max_length
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return self.network_class(n_items, sparse=self.training.sampled(n_items), **own)

    def _fitted(self) -> Network:
        if self.network is None:
            raise SessionError(f"the model {self.name} has not been fitted yet")
        return self.network


def network_settings(network: type[Network]) -> dict[str, Any]:
    """What may be set of a network, with its standard values."""
    found: dict[str, Any] = {}
    for owner in (Network, network):
        for key, parameter in signature(owner.__init__).parameters.items():
            if parameter.kind is parameter.KEYWORD_ONLY and key not in ("sparse", "max_length"):
                found[key] = parameter.default
    return found


class HRM(NeuralModel):
    """Hierarchical pooling (`hrm`)."""

    name = "hrm"
    network_class = HRMNetwork


class GRU4Rec(NeuralModel):
    """A recurrent network (`gru4rec`)."""

    name = "gru4rec"
    network_class = GRU4RecNetwork


class NARM(NeuralModel):
    """A recurrent network with attention (`narm`)."""

    name = "narm"
    network_class = NARMNetwork


class NPE(NeuralModel):
    """A rectified sum of item vectors (`npe`)."""

    name = "npe"
    network_class = NPENetwork


class SRGNN(NeuralModel):
    """A gated graph network (`srgnn`)."""

    name = "srgnn"
    network_class = SRGNNNetwork


class SASRec(NeuralModel):
    """Causal self-attention (`sasrec`)."""

    name = "sasrec"
    network_class = SASRecNetwork
