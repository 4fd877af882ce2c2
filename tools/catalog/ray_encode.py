"""Encoding a large catalogue over Ray: the same encoder in several processes, on several machines.

`with_workers` gives an encoder whose `encode` splits its texts over workers; build, update and
cache use it like any other, so what comes out is the same and an interrupted build goes on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from tools.catalog.embedding import Engine, PreparedEncoder, prepare_encoder
from tools.errors import CatalogError, MissingExtra
from tools.text import Progress, Vectors

# Enough for the padding of a batch to be small, little enough for all workers to have some.
_BLOCK = 256
_LOCAL_STORE = 100 << 20


@dataclass(frozen=True)
class EncoderSpec:
    """What a worker needs to make the encoder itself; nothing but names travels."""

    model: str | None
    engine: Engine
    query_prefix: str
    text_prefix: str
    home: str
    digest: str


class _Worker:
    """Holds one encoder in a process of its own; made once, asked often."""

    def __init__(self, spec: EncoderSpec) -> None:
        prepared = prepare_encoder(
            spec.model, Path(spec.home), spec.engine, spec.query_prefix, spec.text_prefix
        )
        if prepared.digest != spec.digest:
            raise CatalogError("a worker has another model than the machine that builds")
        self._encoder = prepared

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of some texts."""
        return self._encoder.encode(texts)


class Workers:
    """Encoders on a Ray cluster; close it, or use it in a `with`.

    Args:
        spec: what each worker makes.
        count: how many workers, of one CPU each.
        address: of a cluster ("auto", "ray://host:10001"); None starts one on this machine.

    Raises:
        MissingExtra: Ray is not installed.
        CatalogError: the cluster cannot be reached.
    """

    def __init__(self, spec: EncoderSpec, count: int, address: str | None = None) -> None:
        if find_spec("ray") is None:
            raise MissingExtra("encoding over Ray", "ray")
        # Read when Ray is imported: nothing is reported to anybody.
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        import ray

        self._ray = ray
        options: dict[str, Any] = {"address": address} if address else {
            "num_cpus": count, "include_dashboard": False, "object_store_memory": _LOCAL_STORE,
        }  # fmt: skip
        self._started = not ray.is_initialized()
        if self._started:
            try:
                ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
            except (ConnectionError, OSError, RuntimeError) as error:
                first = str(error).splitlines()[0][:200]
                raise CatalogError(f"no Ray cluster at {address or 'here'}: {first}") from None
        remote: Any = ray.remote(num_cpus=1)(_Worker)
        self._actors: list[Any] = [remote.remote(spec) for _ in range(count)]
        self.name = "ray"
        self.dimension = 0

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors (n, dimension), in the order of the texts.

        Raises:
            CatalogError: a worker could not make its encoder, or was lost.
        """
        order = np.argsort([len(t) for t in texts], kind="stable")[::-1]
        size = max(1, min(_BLOCK, -(-len(order) // len(self._actors))))
        blocks = [order[start : start + size] for start in range(0, len(order), size)]
        futures = [
            self._actors[number % len(self._actors)].encode.remote([texts[i] for i in block])
            for number, block in enumerate(blocks)
        ]
        vectors: Vectors | None = None
        for block, future in zip(blocks, futures, strict=True):
            try:
                part = self._ray.get(future)
            except self._ray.exceptions.RayError as error:
                last = str(error).strip().splitlines()[-1][:200]
                raise CatalogError(f"a Ray worker failed: {last}") from None
            if vectors is None:
                vectors = np.empty((len(texts), part.shape[1]), np.float32)
                self.dimension = part.shape[1]
            vectors[block] = part
            if progress:
                progress(len(block))
        assert vectors is not None
        return vectors

    def close(self) -> None:
        """Stop the workers, and the cluster if it was started here."""
        for actor in self._actors:
            self._ray.kill(actor)
        if self._started:
            self._ray.shutdown()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()


def with_workers(prepared: PreparedEncoder, workers: Workers) -> PreparedEncoder:
    """The same encoder, encoding over workers; its cache and its query side stay as they are."""
    return replace(prepared, _load=lambda: workers, _loaded=None)
