"""`python -m evals`: score a part on outside data, compare two runs, check the statistics."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evals.commands import eval_app
from tools.errors import InteraRecError

if TYPE_CHECKING:
    from evals.cases import Case
    from evals.systems import StartSystem

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
score = typer.Typer(no_args_is_help=True, help="Run a part on labelled data and print its scores.")
app.add_typer(score, name="score")
app.registered_commands += eval_app.registered_commands

Out = Annotated[Path | None, typer.Option(help="Result file, one JSON row per case.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes that run cases.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Run finished cases again.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first cases.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Baseline = Annotated[
    bool, typer.Option("--baseline", help="Run a few regular expressions instead.")
]
DataFile = Annotated[Path, typer.Option("--data", help="The file of cases.")]


@score.command()
def reading(
    *,
    data: Annotated[Path, typer.Option(help="Folder with labels.jsonl, sessions.jsonl, images.")],
    out: Out = None,
    workers: Workers = 1,
    fresh: Fresh = False,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """Read labelled screenshots and browsing sessions."""
    from evals.loaders import load_pictures, load_sessions
    from evals.systems import Reader

    suites = {
        "pictures": load_pictures(data)[:limit],
        "sessions": load_sessions(data)[:limit],
    }
    _score(
        "reading",
        suites,
        Reader,
        out=out,
        workers=workers,
        fresh=fresh,
        as_json=as_json,
        system="reader",
    )


@score.command()
def whatif(
    *,
    data: DataFile,
    out: Out = None,
    workers: Workers = 1,
    fresh: Fresh = False,
    limit: Limit = None,
    baseline: Baseline = False,
    as_json: AsJson = False,
) -> None:
    """Follow what-if dialogues turn by turn."""
    from evals.baselines import RegexBaseline
    from evals.loaders import load_dialogues
    from evals.systems import Language

    suites = {"dialogues": load_dialogues(data)[:limit]}
    _score(
        "whatif-baseline" if baseline else "whatif",
        suites,
        RegexBaseline if baseline else Language,
        out=out,
        workers=workers,
        fresh=fresh,
        as_json=as_json,
        system="regex" if baseline else "language",
    )


@score.command()
def queries(
    *,
    data: DataFile,
    out: Out = None,
    workers: Workers = 1,
    fresh: Fresh = False,
    limit: Limit = None,
    swap: Annotated[
        bool, typer.Option("--swap", help="Exchange the half built from and the half tested on.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Understand search queries, with a vocabulary built from the golds of the other half."""
    from evals.loaders import load_queries
    from evals.systems import Language, halves, vocabulary_of

    built_from, tested = halves(load_queries(data))
    if swap:
        built_from, tested = tested, built_from
    vocabulary = vocabulary_of(built_from)
    start = partial(Language, vocabulary)
    suites = {"queries": tested[:limit]}
    options = json.dumps(vocabulary)
    _score(
        "queries",
        suites,
        start,
        out=out,
        workers=workers,
        fresh=fresh,
        as_json=as_json,
        options=options,
    )


@score.command()
def utterances(
    *,
    data: DataFile,
    out: Out = None,
    workers: Workers = 1,
    fresh: Fresh = False,
    limit: Limit = None,
    baseline: Baseline = False,
    as_json: AsJson = False,
) -> None:
    """Understand shopping requests for one or several items, some with a budget."""
    from evals.baselines import RegexBaseline
    from evals.loaders import load_utterances
    from evals.systems import Language

    suites = {"requests": load_utterances(data)[:limit]}
    _score(
        "utterances-baseline" if baseline else "utterances",
        suites,
        RegexBaseline if baseline else Language,
        out=out,
        workers=workers,
        fresh=fresh,
        as_json=as_json,
        system="regex" if baseline else "language",
    )


def _score(
    name: str,
    suites: dict[str, list[Case]],
    start: StartSystem,
    *,
    out: Path | None,
    workers: int,
    fresh: bool,
    as_json: bool,
    system: str = "language",
    options: str = "",
) -> None:
    from rich.console import Console

    from evals.runner import run_cases
    from evals.tables import as_json as lines_as_json
    from evals.tables import as_table, summarise

    home = Path(os.environ.get("INTERAREC_HOME") or ".interarec")
    out = out or home / "evals" / f"{name}.jsonl"
    cases = [case for suite in suites.values() for case in suite]
    results = run_cases(
        cases, start, out, system=system, options=options, workers=workers, fresh=fresh
    )
    by_id = {result.case.id: result for result in results}
    shown: dict[str, Any] = {}
    console = Console(width=120)
    for suite, members in suites.items():
        if not members:
            continue
        mine = [by_id[case.id] for case in members]
        lines = summarise(mine)
        shown[suite] = lines_as_json(lines)
        if not as_json:
            seconds = sum(result.seconds for result in mine)
            title = f"{name}: {len(mine)} {suite}, {seconds:.1f} s in the system"
            console.print(as_table(title, lines), "\n")
    if as_json:
        print(json.dumps({"suites": shown, "results": str(out)}, allow_nan=False))
    else:
        console.print(f"Every case with the reason of each miss: {out}", soft_wrap=True)


@app.command()
def calibrate(
    pairs: Annotated[int, typer.Option(min=10, help="Simulated pairs of systems.")] = 1000,
) -> None:
    """Print the false-alarm rate and the power of the comparison on simulated systems."""
    from evals.calibration import report

    typer.echo(report(pairs=pairs))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; errors meant for people are one line on stderr and exit status 2."""
    run: Callable[..., Any] = app
    try:
        run(args=None if arguments is None else list(arguments), prog_name="python -m evals")
    except InteraRecError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main(sys.argv[1:])
