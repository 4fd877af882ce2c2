"""`interarec session`: next-item models and the re-ranker on files of sessions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.commands.session_dataset import dataset
from agent.commands.session_study import study
from agent.commands.session_train import (
    DataOption,
    LocaleOption,
    SeedOption,
    SetOption,
    ShareOption,
    create_model,
    home,
    read_rows,
    terminal,
    train,
)
from agent.commands.shared import DONE, JsonFlag, print_json

if TYPE_CHECKING:
    from tools.sessions.data import SessionData
    from tools.sessions.evaluate import Judged, Rerank
    from tools.sessions.protocol import SessionModel

session_app = typer.Typer(
    help="Next-item models: train, evaluate, rank; the hybrid re-ranker.", no_args_is_help=True
)

ModelOption = Annotated[str, typer.Option("--model", help="Name of a model, or its saved folder.")]


@session_app.callback()
def _session() -> None:
    """Next-item models: train, evaluate, rank; the hybrid re-ranker."""


session_app.command()(train)
session_app.command()(study)
session_app.command()(dataset)


@session_app.command()
def evaluate(  # noqa: PLR0917  (one parameter per option)
    data: DataOption,
    model: ModelOption = "hybrid",
    against: Annotated[
        str | None, typer.Option(help="Models to compare with, separated by commas.")
    ] = None,
    settings: SetOption = None,
    rerank: Annotated[
        str | None, typer.Option(help="'paper': order the model's first K by text alone.")
    ] = None,
    candidates: Annotated[int, typer.Option(help="K of --rerank.", min=1)] = 50,
    test_rows: Annotated[
        int | None, typer.Option(help="Score only so many test rows, drawn at random.", min=1)
    ] = None,
    share: ShareOption = 1.0,
    locale: LocaleOption = None,
    seed: SeedOption = 0,
    as_json: JsonFlag = False,
) -> None:
    """Score a model on the test rows.

    It is fitted on the training and validation rows first, unless a saved one is named.
    """
    from tools.errors import SessionError
    from tools.sessions.evaluate import paired, summary
    from tools.sessions.registry import load_model

    if rerank not in {None, "paper"}:
        raise SessionError(f"--rerank knows 'paper', not {rerank!r}")
    saved = Path(model) if Path(model, "manifest.json").is_file() else None
    if saved and (rerank or settings):
        given = "--rerank" if rerank else "--set"
        raise SessionError(f"{given} is for models that are fitted here; {model} is a saved one")
    ranker = load_model(saved) if saved else create_model(model, settings)
    names = [name.strip() for name in (against or "").split(",") if name.strip()]
    rivals = {name: create_model(name, None) for name in names}
    rows = read_rows(data, locale, share, seed, [ranker, *rivals.values()])
    if test_rows is not None:
        rows = rows.some_test_rows(test_rows, seed)
    # A saved model's rows are in its own vocabulary and without products; the others keep theirs.
    own = _in_vocabulary_of(saved, rows) if saved else rows
    reorder = _paper(rows) if rerank else None
    judged = _judged(ranker, own, seed, saved, reorder, candidates)
    result = summary(judged, own, seed=seed)
    result["candidates"] = _candidates_told(judged, own, candidates if rerank else None)
    if rerank:
        result["rerank"] = "paper"
        result["summary_from"] = "item texts (mean of the viewed items' vectors), not pictures"
    for rival, model_of_it in rivals.items():
        other = _judged(model_of_it, rows, seed, None)
        told = summary(other, rows, seed=seed)
        result.setdefault("against", {})[rival] = {
            **{k: told[k] for k in ("recall@20", "recall@50", "mrr@20", "mrr@50")},
            "viewed_removed": other.removed,
            "paired": paired(judged, other, rows, seed=seed),
        }
    if as_json:
        print_json(result)
    else:
        _print(result)
    raise typer.Exit(DONE)


@session_app.command()
def rank(
    model: Annotated[Path, typer.Option("--model", help="Folder of a saved model.")],
    viewed: Annotated[
        list[str] | None, typer.Argument(help="Item ids, oldest view first; none is a new shopper.")
    ] = None,
    k: Annotated[int, typer.Option(help="Length of the list.", min=1)] = 10,
    as_json: JsonFlag = False,
) -> None:
    """The items most likely next after those viewed."""
    from tools.sessions.serve import Ranker

    ranked = Ranker.open(model).rank(viewed or [], k)
    result = {
        "items": [{"id": i, "score": s} for i, s in ranked.items],
        "unknown": ranked.unknown,
        "model": ranked.model,
        "viewed_removed": ranked.viewed_removed,
    }
    if as_json:
        print_json(result)
    else:
        for place, (item, score) in enumerate(ranked.items, 1):
            typer.echo(f"{place:3d}  {item}  {score:.4f}")
        if ranked.unknown:
            typer.echo(f"not known to the model: {', '.join(ranked.unknown)}", err=True)
    raise typer.Exit(DONE)


def _judged(  # noqa: PLR0917
    model: SessionModel,
    rows: SessionData,
    seed: int,
    saved: Path | None,
    rerank: Rerank | None = None,
    candidates: int | None = None,
) -> Judged:
    from tools.sessions.evaluate import fitted, judge
    from tools.sessions.protocol import FitReport
    from tools.sessions.serve import read_vocabulary

    if saved is not None:
        report, removed = FitReport(0.0, 0.0), read_vocabulary(saved)[1]
    else:
        report, removed = fitted(model, rows, seed=seed, progress=terminal())
    return judge(model, rows, report, removed, rerank=rerank, candidates=candidates)


def _paper(rows: SessionData) -> Rerank:
    from tools.sessions.rerank import paper_rerank
    from tools.sessions.text import TextModel

    text = TextModel(1.0, cache=home() / "sessions" / "vectors")
    text.fit(rows)
    return lambda lists, sessions: paper_rerank(lists, text.queries(sessions), text.vectors)


def _in_vocabulary_of(folder: Path, rows: SessionData) -> SessionData:
    from tools.sessions.serve import read_vocabulary, renumbered

    return renumbered(rows, read_vocabulary(folder)[0])


def _candidates_told(judged: Judged, rows: SessionData, reranked: int | None) -> Any:
    if reranked is not None:
        return reranked
    if judged.name == "hybrid":
        return judged.report.notes.get("candidates per session")
    return rows.n_items


def _print(result: dict[str, Any]) -> None:
    typer.echo(
        f"{result['model']} on {result['data']}: {result['rows']['test']} test rows, viewed items "
        f"{'removed' if result['viewed_removed'] else 'kept'}"
    )
    for name, (low, high) in result["ci"].items():
        typer.echo(f"  {name:12s} {result[name]:.4f}  [{low:.4f}, {high:.4f}]")
    for rival, told in result.get("against", {}).items():
        typer.echo(f"against {rival}")
        for name, pair in told["paired"].items():
            low, high = pair["ci"]
            typer.echo(f"  {name:12s} {pair['difference']:+.4f}  [{low:+.4f}, {high:+.4f}]")
