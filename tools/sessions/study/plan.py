"""What the study runs: one cell for each model, share of the training data and seed.

A cell is fitted once and ranked in every way (`variants`); what it gives is kept in a file, and a
study that is run again goes on with the cells that are missing.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from tools.errors import SessionError
from tools.sessions.counting import Counting
from tools.sessions.data import SessionData
from tools.sessions.evaluate import fitted
from tools.sessions.protocol import SessionModel
from tools.sessions.registry import create, model_class
from tools.sessions.study.intervals import MEAN_SECONDS
from tools.sessions.study.variants import Texts, ranked_ways
from tools.text import Vectors

BASELINES = ("hrm", "gru4rec", "narm", "npe", "srgnn")
"""The five models of the paper."""
NEURAL = (*BASELINES, "sasrec")
HYBRID = "hybrid"
INPUT = "gru4rec+summary"
"""GRU4Rec with the summary as an input of the model."""
SHARES = (0.1, 0.3, 1.0)
"""1x, 3x and 10x the training data."""
PLAN, CELLS = "study.json", "cells"


@dataclass(frozen=True)
class Options:
    """What is asked of a study.

    Attributes:
        models: names of models; `INPUT` is one of them.
        shares: of the training and validation rows, each a multiple of the first.
        seeds: of the networks; models that only count are run with the first.
        epochs: the most epochs of a network, None for its own setting.
        preset: of the networks' settings: tuned or paper.
        encoder: of texts, see `tools.sessions.text.encoder_named`.
        dwell: seconds that a page is in view on average, for the interval between pictures.
    """

    models: tuple[str, ...] = (*BASELINES, INPUT, "vsknn+rules", HYBRID)
    shares: tuple[float, ...] = SHARES
    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int | None = None
    preset: str = "tuned"
    encoder: str | None = None
    dwell: float = MEAN_SECONDS

    def __post_init__(self) -> None:
        for name in self.models:
            if name != INPUT:
                model_class(name)
        if not self.models or not self.shares or not self.seeds:
            raise SessionError("a study needs at least one model, one share and one seed")
        if any(not 0 < share <= 1 for share in self.shares):
            raise SessionError("the shares of the training data must lie in (0, 1]")
        if not 0 < self.dwell < math.inf:
            raise SessionError(
                f"--dwell takes a finite number of seconds above 0, not {self.dwell:g}"
            )

    def cells(self) -> Iterator[Cell]:
        """The cells, the full data of every model first, so that early figures come early."""
        for share in sorted(self.shares, reverse=True):
            for model in self.models:
                drawn = model in NEURAL or model == INPUT
                for seed in self.seeds if drawn else self.seeds[:1]:
                    yield Cell(model, share, seed)


@dataclass(frozen=True)
class Cell:
    """One fit."""

    model: str
    share: float
    seed: int

    @property
    def stem(self) -> str:
        """Name of its files."""
        return f"{self.model.replace('+', '-')}_{self.share:g}_{self.seed}"


@dataclass(frozen=True)
class Result:
    """What a cell gave.

    Attributes:
        cell: which one.
        ranks: way -> place of the target of every test row, inf where missed.
        told: seconds, epochs and what was chosen on validation.
    """

    cell: Cell
    ranks: Mapping[str, Any]
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Stored:
    """Texts of the data, in the order of its vocabulary as read."""

    items: Vectors
    summaries: Mapping[str, Vectors] = field(default_factory=dict)
    """Of the test rows, by kind, as the dataset builder stored them."""


def run(
    data: SessionData,
    stored: Stored,
    options: Options,
    out: Path,
    *,
    cache: Path | None = None,
    done: Callable[[Cell, bool], None] = lambda cell, fresh: None,
) -> list[Result]:
    """Every cell, from its file or fitted now.

    Args:
        data: in the layout, with test rows.
        stored: texts and summaries.
        options: what is run.
        out: keeps the cells; of one study only.
        cache: for the hybrid's text vectors.
        done: told of every cell, and whether it was fitted now.

    Raises:
        SessionError: `out` holds the cells of another study, or a model cannot be fitted.
    """
    if not len(data.test) or (data.test.targets < 0).all():
        raise SessionError(f"{data.name} holds no test rows with a known next item")
    _claim(out, data, stored, options)
    results = []
    for cell in options.cells():
        kept = _read(out, cell, len(data.test))
        results.append(kept or _fit(cell, data, stored, options, out, cache))
        done(cell, kept is None)
    return results


def _fit(  # noqa: PLR0917
    cell: Cell,
    data: SessionData,
    stored: Stored,
    options: Options,
    out: Path,
    cache: Path | None,
) -> Result:
    part = data.share(cell.share, seed=0)
    place = data.index()
    vectors = stored.items[[place[item] for item in part.item_ids]]
    model = _model(cell.model, options, vectors, cache)
    if cell.model == HYBRID and cache is not None:
        _prime(part, vectors, options.encoder, cache)
    checkpoint = out / CELLS / f"{cell.stem}.checkpoint"
    report, removed = fitted(model, part, seed=cell.seed, checkpoint=checkpoint)
    chooser: SessionModel | None = model
    if cell.model == HYBRID:
        chooser = None
    elif isinstance(model, Counting):
        # It has been fitted on the validation rows by now: on those nothing can be chosen.
        chooser = _model(cell.model, options, vectors, cache)
        chooser.fit(part, seed=cell.seed)
    texts = Texts(vectors, stored.summaries, options.dwell)
    found = ranked_ways(model, removed, part, texts, chooser)
    told = {
        **asdict(cell),
        **found.notes,
        "seconds": round(report.seconds, 2),
        "epochs": report.epochs,
        "valid_mrr@20": report.metric,
        "train_rows": len(part.train),
    }
    _write(out, cell, found.ranks, told)
    _remove(checkpoint)
    return Result(cell, found.ranks, told)


def _model(name: str, options: Options, vectors: Vectors, cache: Path | None) -> SessionModel:
    settings: dict[str, Any] = {}
    if name in NEURAL or name == INPUT:
        settings["preset"] = options.preset
        if options.epochs is not None:
            settings["epochs"] = options.epochs
    if name == INPUT:
        from tools.sessions.neural.summary_input import SummaryGRU4Rec

        told: Any = SummaryGRU4Rec(vectors, **settings)
        return cast("SessionModel", told)
    if name in {HYBRID, "text"}:
        settings |= {"encoder": options.encoder, "cache": cache}
    return create(name, **settings)


def _prime(data: SessionData, vectors: Vectors, encoder: str | None, cache: Path) -> None:
    """Spare the hybrid the encoding of texts whose vectors stand in another order already."""
    from tools.sessions.text import encoder_named, item_texts, keep_vectors

    keep_vectors(item_texts(data.products), encoder_named(encoder), vectors, cache)


def _claim(out: Path, data: SessionData, stored: Stored, options: Options) -> None:
    """Mark the folder as this study's, or refuse it."""
    digest = hashlib.sha256()
    for rows in (data.train, data.valid, data.test):
        for array in (rows.items, rows.offsets, rows.targets):
            digest.update(np.ascontiguousarray(array).tobytes())
    for name in sorted(stored.summaries):
        digest.update(name.encode() + stored.summaries[name].tobytes())
    mine = {
        "data": digest.hexdigest(),
        "epochs": options.epochs,
        "preset": options.preset,
        "encoder": options.encoder,
        "dwell": options.dwell,
    }
    path = out / PLAN
    try:
        (out / CELLS).mkdir(parents=True, exist_ok=True)
        if path.is_file():
            if json.loads(path.read_bytes()) != mine:
                raise SessionError(
                    f"{out} holds a study of other data or settings: name another folder"
                )
            return
        path.write_text(json.dumps(mine, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise SessionError(f"{out} cannot be written to: {error.strerror}") from None
    except ValueError:
        raise SessionError(f"{path} cannot be read; remove it or name another folder") from None


def _write(out: Path, cell: Cell, ranks: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    names = list(ranks)
    path = out / CELLS / f"{cell.stem}.npz"
    temporary = path.with_suffix(".new.npz")
    table = np.stack([ranks[name] for name in names])
    np.savez_compressed(
        temporary, ranks=table, names=np.array(names), told=np.array(json.dumps(dict(told)))
    )
    os.replace(temporary, path)


def _read(out: Path, cell: Cell, rows: int) -> Result | None:
    path = out / CELLS / f"{cell.stem}.npz"
    if not path.is_file():
        return None
    from zipfile import BadZipFile

    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            table, names, told = kept["ranks"], kept["names"].tolist(), str(kept["told"])
    except (OSError, ValueError, KeyError, BadZipFile):
        return None  # A torn file is made again.
    if table.shape != (len(names), rows):
        return None
    return Result(cell, dict(zip(names, table, strict=True)), json.loads(told))


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
