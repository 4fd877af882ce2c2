"""`interarec eval`: run suites over prompts and models, compare runs, look at a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.fit_command import fit
from evals.run_command import AsJson, run

if TYPE_CHECKING:
    from evals.gate import Gate

eval_app = typer.Typer(
    name="eval",
    help="Evaluate prompts and models, and compare runs.",
    no_args_is_help=True,
)

eval_app.command()(run)
eval_app.command()(fit)


@eval_app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="A run, a result file, or a baseline.")],
    second: Annotated[Path, typer.Argument(help="Another, over the same cases.")],
    each: Annotated[
        bool, typer.Option("--each", help="Fail by any figure's own interval, not adjusted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare two runs case by case; exit status 1 when the second is worse.

    Worse: a hard figure falls in any case, or the paired interval of a figure lies wholly on the
    wrong side of zero and its p-value, adjusted over all figures, is 0.05 at most.
    """
    from rich.console import Console

    from evals.gate import compare_runs
    from evals.tables import difference_table

    found = compare_runs(first, second, each=each)
    if as_json:
        print(json.dumps({"suites": {n: g.plain() for n, g in found.items()}}, allow_nan=False))
    else:
        console = Console()
        console.width = max(console.width, 100)
        for name, gate in found.items():
            console.rule(f"{name}: {gate.verdict}", align="left")
            if (table := difference_table(gate.differences)) is not None:
                console.print(table)
            for sentence in gate.sentences():
                console.print(sentence, markup=False, highlight=False)
            console.print()
        console.print(_verdict(found), markup=False, highlight=False)
    if any(gate.failures for gate in found.values()):
        raise typer.Exit(1)


def _verdict(found: Mapping[str, Gate]) -> str:
    """One line over all suites."""
    of = {word: [n or "this suite" for n, g in found.items() if g.verdict == word]
          for word in ("worse", "better")}  # fmt: skip
    if of["worse"]:
        return f"VERDICT: the second run is worse in {', '.join(of['worse'])}."
    if of["better"]:
        return f"VERDICT: the second run is better in {', '.join(of['better'])}, and worse nowhere."
    if not any(d.moved for gate in found.values() for d in gate.differences):
        return "VERDICT: the two runs are the same in every case."
    return "VERDICT: the two runs cannot be told apart at this sample size."


@eval_app.command()
def baseline(
    run: Annotated[Path, typer.Argument(help="A run.")],
    out: Annotated[Path, typer.Argument(help="Folder that keeps the baseline, under review.")],
) -> None:
    """Keep the scores of a run as the baseline that later runs are compared with."""
    from evals.gate import keep_baseline

    for path in keep_baseline(run, out):
        typer.echo(path)


@eval_app.command()
def view(
    runs: Annotated[list[Path], typer.Argument(help="Runs to show side by side.")],
    out: Annotated[Path | None, typer.Option(help="File of the report.")] = None,
) -> None:
    """Write one self-contained HTML page: the matrix, the worst cases, traces, prompt changes."""
    from evals.report import write_report

    target = out or runs[0] / "report.html"
    write_report(runs, target)
    typer.echo(target)


@eval_app.command()
def mutate(
    only: Annotated[
        list[str] | None, typer.Option(help="Names of mutations; default: all.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that run cases.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Worsen prompts and models on purpose, and show whether the gate catches each."""
    from rich.console import Console
    from rich.table import Table

    from evals.mutations import MUTATIONS, try_mutations
    from evals.suites import SUITES
    from tools.errors import InputError

    chosen = [m for m in MUTATIONS if only is None or m.name in only]
    if not chosen:
        names = ", ".join(m.name for m in MUTATIONS)
        raise InputError(f"there is no such mutation; there are {names}")
    suites = {name: SUITES[name].cases() for name in dict.fromkeys(m.suite for m in chosen)}
    verdicts = list(try_mutations(suites, chosen, workers=workers))
    if as_json:
        told = [
            {
                "mutation": v.mutation.name,
                "suite": v.mutation.suite,
                "caught": v.caught,
                "by": v.gate.failures[:5],
            }
            for v in verdicts
        ]
        print(json.dumps({"mutations": told}, allow_nan=False))
    else:
        table = Table(title="mutations", title_justify="left", show_edge=False)
        for column in ("mutation", "suite", "cases", "caught", "first of what fails"):
            table.add_column(column)
        for v in verdicts:
            first = v.gate.failures[0] if v.caught else ""
            if len(v.gate.failures) > 1:
                first += f" (and {len(v.gate.failures) - 1} more)"
            caught = "yes" if v.caught else "NO"
            table.add_row(v.mutation.name, v.mutation.suite, str(v.rows), caught, first)
        Console(width=150).print(table)
    if not all(v.caught for v in verdicts):
        raise typer.Exit(1)


@eval_app.command()
def talk(
    count: Annotated[int, typer.Option(min=1, help="Simulated shoppers.")] = 30,
    seed: Annotated[int, typer.Option(help="Of their goals and words.")] = 7,
    model: Annotated[str, typer.Option(help="`embedded` or `openai:MODEL`.")] = "embedded",
    prompts: Annotated[Path | None, typer.Option(help="Folder of prompts of your own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let simulated shoppers talk to the whole graph, scored by how they end up."""
    from dataclasses import asdict

    from tqdm import tqdm

    from evals.assistant import Assistant
    from evals.statistics import cluster_bootstrap
    from evals.talkers import SeededTalker, converse

    assistant = Assistant(model, prompts)
    names = [f"{seed}-{number:03}" for number in range(count)]
    outcomes = [
        converse(SeededTalker(name), assistant.conversation(name))
        for name in tqdm(names, unit="shopper", disable=None)
    ]
    if as_json:
        print(json.dumps({"outcomes": [asdict(o) for o in outcomes]}, allow_nan=False))
        return
    for label, values in (
        ("ended with the limits they wanted", [o.goal_reached for o in outcomes]),
        ("ended with items that keep them", [o.items_fit for o in outcomes]),
    ):
        if count < 10:
            typer.echo(f"{label}: {sum(values)} of {count}")
            continue
        found = cluster_bootstrap([float(v) for v in values], None, names)
        typer.echo(f"{label}: {found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]")
    typer.echo(f"turns: {sum(o.turns for o in outcomes) / count:.1f} each")
    for outcome in outcomes:
        if not (outcome.goal_reached and outcome.items_fit):
            typer.echo(f"  {outcome.name}: {'; '.join(outcome.wrong) or 'items'}: {outcome.said}")
