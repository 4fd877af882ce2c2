"""`interarec session train`: fit one next-item model and save it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.commands.shared import DONE, JsonFlag, print_json

if TYPE_CHECKING:
    from tools.sessions.data import SessionData
    from tools.sessions.protocol import FitReport, SessionModel


def train(  # noqa: PLR0917  (one parameter per option)
    data: Annotated[Path, typer.Option(help="Folder with sessions_train.csv(.gz) and the like.")],
    model: Annotated[str, typer.Option(help="hrm, gru4rec, narm, npe, srgnn, sasrec, vsknn, …")],
    out: Annotated[Path, typer.Option(help="Folder for the model; made if it is not there.")],
    as_json: JsonFlag = False,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many epochs.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="tuned (the standard) or paper; for networks only.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, for example lr=0.005.")
    ] = None,
    locale: Annotated[str | None, typer.Option(help="Only rows of this locale.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
) -> None:
    """Fit a next-item model, with early stopping on validation MRR.

    Run again after an interruption, it goes on from the last epoch. Under torchrun
    (torchrun --nproc-per-node 2 -m agent session train …) the processes share the work.
    """
    from tools.sessions.layout import read_layout
    from tools.sessions.registry import create

    first = os.environ.get("RANK", "0") == "0"
    chosen = _settings(settings or [])
    if epochs is not None:
        chosen["epochs"] = epochs
    if preset is not None:
        chosen["preset"] = preset
    made = create(model, **chosen)
    sessions = read_layout(data, locale=locale, seed=seed)
    report = _fit(made, sessions, out, seed, first)
    if not first:
        raise typer.Exit(DONE)
    made.save(out)
    shutil.rmtree(out / "checkpoint", ignore_errors=True)
    told = _told(made, sessions, report, out)
    if as_json:
        print_json(told)
    else:
        score = "" if report.metric is None else f", valid MRR@20 {report.metric:.4f}"
        typer.echo(
            f"{model}: epoch {report.best_epoch} of {report.epochs} kept{score}, "
            f"{report.seconds_per_epoch:.1f} s an epoch; saved in {out}"
        )


def _fit(
    model: SessionModel, sessions: SessionData, out: Path, seed: int, first: bool
) -> FitReport:
    if not model.__module__.startswith("tools.sessions.neural"):
        return model.fit(sessions, seed=seed, progress=True)
    from tools.sessions.neural.models import NeuralModel
    from tools.sessions.neural.training import TrainingDiverged

    assert isinstance(model, NeuralModel)
    try:
        return model.fit(sessions, seed=seed, progress=True, checkpoint=out / "checkpoint")
    except TrainingDiverged as error:
        if error.kept_epoch and first:
            model.save(out)
        raise


def _settings(given: list[str]) -> dict[str, Any]:
    """`name=value` pairs; a value is read as YAML reads it (0.005, true, full)."""
    import yaml

    from tools.errors import InputError

    chosen: dict[str, Any] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise InputError(f"--set takes name=value, not {pair!r}")
        try:
            read = yaml.safe_load(value)
        except yaml.YAMLError:
            raise InputError(f"--set {name}: {value!r} cannot be read as a value") from None
        # YAML 1.1 reads 1e-3 as text.
        chosen[name] = _number(read) if isinstance(read, str) else read
    return chosen


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _told(
    model: SessionModel, sessions: SessionData, report: FitReport, out: Path
) -> dict[str, Any]:
    return {
        "model": model.name,
        "data": sessions.name,
        "items": sessions.n_items,
        "train_sessions": len(sessions.train),
        "valid_rows": len(sessions.valid),
        "epochs": report.epochs,
        "best_epoch": report.best_epoch,
        "valid_mrr@20": report.metric,
        "seconds": report.seconds,
        "seconds_per_epoch": report.seconds_per_epoch,
        "history": report.history,
        "notes": dict(report.notes),
        "settings": getattr(model, "settings", {}),
        "saved": str(out),
        "warnings": [],
    }
