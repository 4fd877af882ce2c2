"""`interarec session train`: fit a next-item model and keep it; the options it shares."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.commands.shared import DONE, JsonFlag, print_json

if TYPE_CHECKING:
    from tools.sessions.data import SessionData
    from tools.sessions.protocol import FitReport, SessionModel
    from tools.text import TextEncoder

DataOption = Annotated[
    Path, typer.Option("--data", help="Folder with sessions_{train,valid,test}.csv(.gz).")
]
LocaleOption = Annotated[str | None, typer.Option(help="Only rows of this locale.")]
SeedOption = Annotated[int, typer.Option(help="Of everything random.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="A setting of the model, name=value; repeatable.")
]
ShareOption = Annotated[float, typer.Option(help="Share of the training and validation rows.")]


def train(  # noqa: PLR0917  (one parameter per option)
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Folder for the model; made if it is not there.")],
    model: Annotated[str, typer.Option(help="Name of a model.")] = "hybrid",
    epochs: Annotated[int | None, typer.Option(min=1, help="Networks: the most epochs.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="Networks: tuned (the standard) or paper.")
    ] = None,
    settings: SetOption = None,
    share: ShareOption = 1.0,
    locale: LocaleOption = None,
    seed: SeedOption = 0,
    as_json: JsonFlag = False,
) -> None:
    """Fit a model on the training and validation rows and keep it.

    A network stops by its validation MRR; run again after an interruption, it goes on from the
    last epoch. Under torchrun (torchrun --nproc-per-node 2 -m agent session train …) several
    processes share the work.
    """
    told = list(settings or [])
    told += [f"epochs={epochs}"] * (epochs is not None)
    told += [f"preset={preset}"] * (preset is not None)
    learner = create_model(model, told)
    rows = read_rows(data, locale, share, seed, [learner])
    # Under torchrun one process of several writes and speaks.
    first = os.environ.get("RANK", "0") == "0"
    report, removed = _fit(learner, rows, out, seed, first)
    if not first:
        raise typer.Exit(DONE)
    _keep(learner, rows, out, removed)
    shutil.rmtree(out / "checkpoint", ignore_errors=True)
    result = _told(learner, rows, report) | {"out": str(out), "viewed_removed": removed}
    if as_json:
        print_json(result)
    else:
        typer.echo(_sentence(learner, report, out))
    raise typer.Exit(DONE)


def read_rows(
    folder: Path, locale: str | None, share: float, seed: int, models: Sequence[SessionModel]
) -> SessionData:
    """The folder in the layout, or a random share of its training rows.

    What was said beside the sessions is read where one of the models learns from it.
    """
    from tools.sessions.layout import read_layout

    return read_layout(folder, locale=locale, seed=seed, chat=_encoder(models)).share(share, seed)


def _encoder(models: Sequence[SessionModel]) -> TextEncoder | None:
    from tools.sessions.protocol import ReadsChat
    from tools.sessions.text import encoder_named

    names = [model.chat_encoder for model in models if isinstance(model, ReadsChat)]
    return encoder_named(names[0]) if names else None


def create_model(name: str, settings: list[str] | None) -> SessionModel:
    """A model by name with `name=value` settings; a value is read as JSON, else as text."""
    from tools.errors import SessionError
    from tools.sessions.registry import create

    chosen: dict[str, Any] = {}
    for setting in settings or []:
        key, sign, value = setting.partition("=")
        if not sign:
            raise SessionError(f"--set takes name=value, not {setting!r}")
        chosen[key.strip()] = _value(value.strip())
    if name in {"hybrid", "text"}:
        chosen.setdefault("cache", home() / "sessions" / "vectors")
    return create(name, **chosen)


def home() -> Path:
    """Where the command keeps things."""
    return Path(os.environ.get("INTERAREC_HOME", ".interarec"))


def terminal() -> bool:
    """Whether a progress bar has somebody to look at it."""
    return sys.stderr.isatty()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _fit(
    model: SessionModel, rows: SessionData, out: Path, seed: int, first: bool
) -> tuple[FitReport, bool]:
    from tools.errors import SessionError
    from tools.sessions.evaluate import fitted

    # A network's line an epoch is worth having in a log, too.
    draw = terminal() or getattr(model, "network_class", None) is not None
    try:
        return fitted(model, rows, seed=seed, progress=draw, checkpoint=out / "checkpoint")
    except SessionError as error:
        # Training that diverged leaves the weights of its best epoch in the model.
        if getattr(error, "kept_epoch", 0) and first:
            _keep(model, rows, out, removed=False)
        raise


def _keep(model: SessionModel, rows: SessionData, out: Path, removed: bool) -> None:
    from tools.sessions.serve import write_vocabulary

    model.save(out)
    write_vocabulary(out, rows.item_ids, removed)


def _told(model: SessionModel, rows: SessionData, report: FitReport) -> dict[str, Any]:
    return {
        "model": model.name,
        "seconds": round(report.seconds, 2),
        "seconds_per_epoch": round(report.seconds_per_epoch, 3),
        "epochs": report.epochs,
        "best_epoch": report.best_epoch,
        "metric": report.metric,
        "history": report.history,
        "notes": {**rows.notes, **report.notes},
    }


def _sentence(model: SessionModel, report: FitReport, out: Path) -> str:
    kept = f"{model.name} fitted in {report.seconds:.1f} s, kept in {out}"
    if not report.epochs or report.metric is None:
        return kept
    metric = report.notes.get("metric", "valid MRR@20")
    return (
        f"{kept}: epoch {report.best_epoch} of {report.epochs}, {metric} {report.metric:.4f}, "
        f"{report.seconds_per_epoch:.1f} s an epoch"
    )
