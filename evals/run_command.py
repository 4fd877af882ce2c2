"""`interarec eval run`: suites over prompts and models, a table for each combination."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from evals.matrix import Cell

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
SHIPPED = "shipped"


def run(
    suites: Annotated[list[str], typer.Argument(help="Shipped suites, `all`, or files of cases.")],
    *,
    prompts: Annotated[
        list[str] | None,
        typer.Option(help="Folder of prompts of your own, or `shipped`; may be repeated."),
    ] = None,
    models: Annotated[
        list[str] | None, typer.Option(help="`embedded` or `openai:MODEL`; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run.")] = None,
    epochs: Annotated[int, typer.Option(min=1, max=100, help="Times every case is run.")] = 1,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that run cases.")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run finished cases again.")] = False,
    replay: Annotated[
        Path | None, typer.Option(help="Folder of recorded answers of hosted models.")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Call the model where no answer is recorded.")
    ] = False,
    budget: Annotated[float | None, typer.Option(min=0, help="Money after which it stops.")] = None,
    price: Annotated[
        str, typer.Option(help="Of a million input and output tokens: 2.5,10.")
    ] = "0,0",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first cases.")] = None,
    backend: Annotated[str, typer.Option(help="`plain`, or `inspect` (extra: evals).")] = "plain",
    as_json: AsJson = False,
) -> None:
    """Run suites over every prompt and model given."""
    from decimal import Decimal, InvalidOperation

    from agent.config import load_settings
    from evals.matrix import Matrix, Spending, run_matrix
    from evals.suites import cases_of
    from tools.errors import InputError

    try:
        first, second = (Decimal(part) for part in price.split(","))
    except (ValueError, InvalidOperation):
        raise InputError(f"--price is two numbers with a comma between, not {price!r}") from None
    if record and replay is None:
        raise InputError("--record needs --replay, the folder to keep the answers in")
    chosen = {name: cases[:limit] for name, cases in cases_of(suites).items()}
    folders = [None if p == SHIPPED else Path(p) for p in prompts or [SHIPPED]]
    matrix = Matrix(chosen, models or ["embedded"], folders, epochs)
    home = load_settings().home
    out = out or home / "evals" / "runs" / "latest"
    if backend == "inspect":
        from evals.inspect_backend import run_inspect

        run_inspect(matrix, out)
        return
    if backend != "plain":
        raise InputError(f"there is no backend {backend!r}; there are plain and inspect")
    money = None if budget is None else Decimal(str(budget))
    cells = []
    clock = _Clock()
    for cell in run_matrix(
        matrix,
        out,
        workers=workers,
        fresh=fresh,
        replay=replay,
        record=record,
        spending=Spending(money, (first, second)),
    ):
        cells.append(cell)
        if not as_json:
            _show(cell)
    if as_json:
        told = {"run": str(out), "cells": [_plain(c) for c in cells], **clock.told(cells)}
        print(json.dumps(told, allow_nan=False))
    else:
        typer.echo(clock.sentence(cells))
        typer.echo(f"Every case with the reason of each miss: {out}")


class _Clock:
    """Wall and CPU seconds since it was made, those of ended processes of ours included."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), self._used()

    @staticmethod
    def _used() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system

    def told(self, cells: Sequence[Cell]) -> dict[str, float]:
        results = [result for cell in cells for result in cell.results]
        return {
            "cases": len(results),
            "kept": sum(result.kept for result in results),
            "seconds": round(time.perf_counter() - self._wall, 1),
            "cpu_seconds": round(self._used() - self._cpu, 1),
        }

    def sentence(self, cells: Sequence[Cell]) -> str:
        told = self.told(cells)
        kept = f", {told['kept']} of them kept from an earlier run" if told["kept"] else ""
        return (
            f"{told['cases']} cases{kept}, in {told['seconds']:.0f} s "
            f"({told['cpu_seconds']:.0f} s of CPU)"
        )


def _show(cell: Cell) -> None:
    from rich.console import Console

    from evals.matrix import calibration, cost_lines, reliability
    from evals.tables import as_table, summarise

    console = Console(width=120)
    where = cell.combination
    prompts = where.prompts.name if where.prompts else SHIPPED
    title = f"{where.suite}: {len(cell.results)} cases, {where.model}, prompts {prompts}"
    if all(result.case.gold.kind == "fit" for result in cell.results):
        _show_fit(cell, title)
        return
    console.print(as_table(title, summarise(cell.results)))
    if took := cost_lines(cell):
        tokens = took["input_tokens"] + took["output_tokens"]
        console.print(
            f"a turn takes {took['p50_seconds'] * 1000:.0f} ms (half of them), "
            f"{took['p95_seconds'] * 1000:.0f} ms (95 of 100); {tokens:,} tokens in all"
        )
    if (error := calibration(cell)) is not None:
        console.print(f"confidence of the categories: expected calibration error {error:.3f}")
    for name, (share, k) in reliability(cell).items():
        console.print(f"{name}: right in all {k} runs of a case: {share:.3f}")
    console.print()


def _show_fit(cell: Cell, title: str) -> None:
    from evals.fit import Score, summarise_fit
    from evals.fit_command import print_fit
    from evals.scorers.fitting import scores_of
    from evals.traces import FitTrace
    from tools.errors import TooFewClusters

    scores: dict[str, list[Score]] = {}
    names: list[str] = []
    for result in cell.results:
        assert isinstance(result.trace, FitTrace)
        names += [result.case.group] * len(result.trace.visits)
        for way, found in scores_of(result.trace).items():
            scores.setdefault(way, []).extend(found)
    try:
        print_fit(summarise_fit(scores, names), title)
    except TooFewClusters as error:
        typer.echo(f"{title}: {error}")


def _plain(cell: Cell) -> dict[str, Any]:
    from evals.matrix import calibration, cost_lines, reliability
    from evals.tables import as_json, summarise

    where = cell.combination
    return {
        "suite": where.suite,
        "model": where.model,
        "prompts": str(where.prompts or SHIPPED),
        "cases": len(cell.results),
        "figures": as_json(summarise(cell.results)),
        "cost": cost_lines(cell),
        "calibration_error": calibration(cell),
        "all_epochs": {name: share for name, (share, _) in reliability(cell).items()},
        "results": str(cell.file),
    }
