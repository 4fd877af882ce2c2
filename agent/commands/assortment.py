"""`interarec assortment` and `interarec choice`: the optimiser and the estimator on files."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.commands.shared import DONE, IN_PART, JsonFlag, print_json

if TYPE_CHECKING:
    from tools.assortment import Problem, Solved
    from tools.assortment.instance import Instance

PATIENCE = 10.0
"""Seconds for the solution without one limit, where no deadline is given."""

assortment_app = typer.Typer(
    help="Solve assortment problems exactly; say what limits cost.", no_args_is_help=True
)
choice_app = typer.Typer(
    help="Estimate choice models from transactions or choice sets.", no_args_is_help=True
)


@assortment_app.callback()
def _assortment() -> None:
    """Solve assortment problems exactly; say what limits cost."""


@choice_app.callback()
def _choice() -> None:
    """Estimate choice models from transactions or choice sets."""


@assortment_app.command()
def solve(  # noqa: PLR0917  (one parameter per option)
    file: Annotated[Path, typer.Argument(help="JSON: one instance or a list of them.")],
    as_json: JsonFlag = False,
    deadline: Annotated[
        float | None, typer.Option(help="Seconds for each solution; the best so far then.", min=0)
    ] = None,
    all_conflicts: Annotated[
        bool, typer.Option("--all-conflicts", help="List every minimal conflict, not just one.")
    ] = False,
    objective: Annotated[str, typer.Option(help="revenue, surplus or balanced.")] = "revenue",
    prove: Annotated[
        bool | None,
        typer.Option(help="Mixed MNL: work on the proof, or do not even where it is quick."),
    ] = None,
) -> None:
    """Solve every instance of a file.

    An infeasible one is answered with its conflicts.
    """
    from tools.assortment.instance import read_instances

    results: list[dict[str, Any]] = []
    warnings: list[dict[str, str]] = []
    for instance in read_instances(file):
        with _own_output():
            result = _solve_one(instance, objective, deadline, all_conflicts, prove)
        if result["status"] == "unknown":
            reason = f"{instance.id}: the deadline passed before any set was found"
            warnings.append({"code": "deadline", "reason": reason})
        results.append(result)
        if not as_json:
            typer.echo(_line(result))
    if as_json:
        print_json({"instances": results, "warnings": warnings})
    for warning in warnings:
        typer.echo(f"warning: {warning['reason']}", err=True)
    raise typer.Exit(IN_PART if warnings else DONE)


@contextmanager
def _own_output() -> Iterator[None]:
    """Send what native code writes to stdout to stderr: HiGHS prints a line now and then."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # stdout is closed, so nothing can be written to it
        yield
        return
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _solve_one(
    instance: Instance,
    objective: str,
    deadline: float | None,
    all_conflicts: bool,
    prove: bool | None,
) -> dict[str, Any]:
    from tools.assortment import solve as optimise
    from tools.errors import InstanceError

    problem = instance.problem
    try:
        solved = optimise(problem, objective, deadline, prove=prove)  # type: ignore[arg-type]
        result: dict[str, Any] = {"id": instance.id} | solved.to_json()
        if solved.status == "infeasible":
            result |= _why_infeasible(problem, deadline, all_conflicts)
        else:
            result |= _values_without(problem, solved, deadline)
    except InstanceError as error:
        raise InstanceError(f"instance {instance.id!r}: {error}") from None
    return result


def _values_without(problem: Problem, solved: Solved, deadline: float | None) -> dict[str, Any]:
    from tools.assortment import explain_limits

    # The question asked is answered without a limit of time unless one is given; what each limit
    # costs is a by-product that must not hold the answer up.
    costs = explain_limits(problem, solved, PATIENCE if deadline is None else deadline)
    return {
        "value_without": {
            cost.name: None if math.isnan(cost.value_without) else cost.value_without
            for cost in costs
        },
        "value_without_proved": {cost.name: cost.proved for cost in costs},
    }


def _why_infeasible(
    problem: Problem, deadline: float | None, all_conflicts: bool
) -> dict[str, Any]:
    from tools.assortment import conflicts

    found = conflicts(problem, all=True, deadline=deadline)
    shown = found.conflicts if all_conflicts else found.conflicts[:1]
    return {
        "conflicts": [list(names) for names in shown],
        "relaxations": [
            {"drop": list(r.drop), "value": r.value, "items": list(r.items)}
            for r in found.relaxations
        ],
        "complete": found.complete,
        "value_without": {},
    }


def _line(result: dict[str, Any]) -> str:
    head = f"{result['id']}: {result['status']}"
    if result["status"] == "infeasible":
        lines = [head]
        lines += ["  cannot be kept together: " + ", ".join(c) for c in result["conflicts"]]
        lines += [
            f"  without {', '.join(r['drop'])}: "
            + ("still none" if r["value"] is None else f"{r['value']:.6g}")
            for r in result["relaxations"]
        ]
        return "\n".join(lines)
    if result["value"] is None:
        return f"{head} ({result['proof']})"
    shown = result["items"][:30]
    more = f" and {len(result['items']) - 30} more" if len(result["items"]) > 30 else ""
    gap = "" if result["status"] == "optimal" else f", at most {result['gap']:.2%} below the bound"
    lines = [
        f"{head}, value {result['value']:.6g}{gap}, {result['seconds'] * 1e3:.1f} ms",
        f"  items {' '.join(map(str, shown))}{more}",
        f"  {result['proof']}",
    ]
    lines += [
        f"  without {name}: "
        + ("none" if value is None else f"{value:.6g}")
        + ("" if result["value_without_proved"][name] or value is None else " (not proved)")
        for name, value in result["value_without"].items()
    ]
    return "\n".join(lines)


@choice_app.command()
def fit(  # noqa: PLR0917  (one parameter per option)
    file: Annotated[Path, typer.Argument(help="Transactions or choice sets: CSV, .gz, Parquet.")],
    spec: Annotated[
        Path | None, typer.Option(help="YAML: how to read the file, what utilities hold.")
    ] = None,
    as_json: JsonFlag = False,
    save: Annotated[
        Path | None, typer.Option(help="SQLite file that keeps every version of the parameters.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name under which they are kept.")] = "default",
    plot: Annotated[
        Path | None, typer.Option(help="Write an SVG of observed against predicted shares.")
    ] = None,
) -> None:
    """Estimate a choice model.

    Prints coefficients, standard errors and the log-likelihood.
    """
    from tools.assortment.choice_fit import fit_file
    from tools.assortment.choice_spec import read_spec

    found = fit_file(file, read_spec(spec))
    report = dict(found.report)
    if save is not None:
        from tools.assortment.store import save as keep

        report["version"] = keep(save, name, report, file)
    if plot is not None:
        from tools.assortment.plot import plot_fit

        report["plot"] = str(plot_fit(found.shares, plot, file.name))
    if as_json:
        print_json(report)
    else:
        _print_fit(report)
    for warning in report["warnings"]:
        typer.echo(f"warning: {warning}", err=True)
    raise typer.Exit(DONE if report["converged"] else IN_PART)


def _print_fit(report: dict[str, Any]) -> None:
    width = max(len(label) for label in report["coef"])
    for label, value in report["coef"].items():
        error = report["se"][label]
        shown = "-inf" if value is None else f"{value:.6g}"
        typer.echo(f"{label:{width}s} {shown:>14s}" + ("" if error is None else f"  ({error:.3g})"))
    typer.echo(
        f"log-likelihood {report['loglik']:.4f}, {report['n_obs']} choices, "
        f"{'converged' if report['converged'] else 'NOT converged'} in {report['iterations']} "
        f"steps, {report['seconds']:.3f} s"
    )
    if "version" in report:
        typer.echo(f"kept as version {report['version']}")
