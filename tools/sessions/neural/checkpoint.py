"""The state of a training run on disk: safetensors with a JSON header, replaced whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from tools.errors import SessionError

FILE = "checkpoint.safetensors"


def optimizer_tensors(optimizers: list[Optimizer]) -> dict[str, Tensor]:
    """The optimisers' running averages and step counts under flat names."""
    return {
        f"optimizer.{number}.{parameter}.{key}": torch.as_tensor(value)
        for number, optimizer in enumerate(optimizers)
        for parameter, state in optimizer.state_dict()["state"].items()
        for key, value in state.items()
    }


def load_optimizers(optimizers: list[Optimizer], tensors: dict[str, Tensor]) -> None:
    """Puts back what `optimizer_tensors` gave."""
    states: list[dict[int, dict[str, Any]]] = [{} for _ in optimizers]
    for name, tensor in tensors.items():
        if name.startswith("optimizer."):
            _, number, parameter, key = name.split(".")
            # SparseAdam counts its steps in a plain int.
            plain = isinstance(optimizers[int(number)], torch.optim.SparseAdam) and key == "step"
            value = int(tensor) if plain else tensor
            states[int(number)].setdefault(int(parameter), {})[key] = value
    for optimizer, state in zip(optimizers, states, strict=True):
        whole = optimizer.state_dict()
        optimizer.load_state_dict({**whole, "state": state})


def write_checkpoint(folder: Path, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    """Writes the state beside the old one and then puts it in its place, so that one is whole."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{FILE}.new"
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    save_file(whole, new, metadata={"about": json.dumps(about)})
    with new.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(new, folder / FILE)


def read_checkpoint(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The state that was written last; None where there is none.

    Raises:
        SessionError: the file is cut short or no checkpoint.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads(file.metadata()["about"])
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise SessionError(f"{path} is no whole checkpoint ({error}); remove it") from None


def write_state(  # noqa: PLR0917
    folder: Path,
    of: str,
    state: dict[str, Any],
    network: nn.Module,
    best: dict[str, Tensor],
    optimizers: list[Optimizer],
) -> None:
    """Keeps a run as it stands after an epoch.

    Args:
        folder: of the checkpoint.
        of: what the run is of (`digest_of`).
        state: how far it is, JSON values.
        network: its weights as they are now.
        best: its best weights so far.
        optimizers: its optimisers.
    """
    tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
    tensors |= {f"best.{k}": v for k, v in best.items()}
    tensors |= optimizer_tensors(optimizers)
    write_checkpoint(folder, tensors, {"of": of, "state": state})


def take_up(
    folder: Path, of: str, network: nn.Module, optimizers: list[Optimizer]
) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Puts back what `write_state` kept, and gives the best weights and the state.

    None where there is nothing.

    Raises:
        SessionError: the checkpoint is of another run, or cut short.
    """
    found = read_checkpoint(folder)
    if found is None:
        return None
    tensors, about = found
    if about["of"] != of:
        raise SessionError(
            f"{folder} holds the checkpoint of a run with other data, settings or seed: "
            "name another folder, or remove it to start anew"
        )
    network.load_state_dict(_named(tensors, "network."))
    load_optimizers(optimizers, tensors)
    device = next(network.parameters()).device
    best = {k: v.to(device) for k, v in _named(tensors, "best.").items()}
    return best, about["state"]


def digest_of(told: dict[str, Any], arrays: Iterable[NDArray[Any]]) -> str:
    """A digest of settings (JSON values) and data."""
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _named(tensors: dict[str, Tensor], start: str) -> dict[str, Tensor]:
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}
