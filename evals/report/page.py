"""The report of one or several runs as HTML: matrix, worst cases, tool traces, prompt changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.report.cases import worst_cases
from evals.report.read import Column, columns_of, facts_of
from evals.scorers import SCORERS, Figure, figures
from evals.statistics import Interval, cluster_bootstrap
from tools.errors import CaseError, TooFewClusters

_PICTURES = 1_500_000
"""Bytes of screenshots on the page."""
_PICTURES_A_CASE = 4


def write_report(runs: Sequence[Path], path: Path) -> Path:
    """Writes the page; gives its path.

    Args:
        runs: folders that `eval run` has written, shown side by side.
        path: the file.

    Raises:
        CaseError: a folder holds no run.
        InputError: the page cannot be written.
    """
    from agent.report.page import write_html

    return write_html(render(runs), path)


def render(runs: Sequence[Path]) -> str:
    """The page; everything that is not ours is escaped.

    Raises:
        CaseError: a folder holds no run.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    columns = columns_of(runs)
    environment = Environment(
        loader=PackageLoader("evals.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    worst = worst_cases(columns)
    return environment.get_template("report.html").render(
        columns=columns,
        suites=list(_suites(columns)),
        worst=worst,
        missed=sum(bool(row["misses"]) for column in columns for row in column.rows),
        pictures=_pictures([case["row"] for case in worst]),
        per_case=_PICTURES_A_CASE,
        metrics=sorted({miss for case in worst for miss in case["missed"]}),
        labels={name: f.label.strip() for name, f in figures(SCORERS.values()).items()},
        changes=list(_prompt_changes(columns)),
        runs=[{"name": str(run), "facts": facts_of(run)} for run in runs],
    )


def _suites(columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
    """A table per suite: a row per figure, a cell per column, a verdict on every later column."""
    known = figures(SCORERS.values())
    for suite in dict.fromkeys(c.suite for c in columns):
        mine = [c for c in columns if c.suite == suite]
        names = dict.fromkeys(n for c in mine for row in c.rows for n in row["tallies"])
        order = [n for n in known if n in names] + [n for n in names if n not in known]
        verdicts = [_verdict(mine[0], column) for column in mine[1:]]
        lines = []
        for name in order:
            figure = known.get(name) or Figure(name.removeprefix("op_").replace("_", " "))
            cells = [_cell(column, name, figure) for column in mine]
            if not any(cells):
                continue
            for cell, verdict in zip(cells[1:], verdicts, strict=True):
                if cell is not None:
                    cell["difference"] = verdict["figures"].get(name)
            perfect = all(c is None or c["estimate"] == (0 if figure.low_is_good else 1)
                          for c in cells)  # fmt: skip
            lines.append({"name": name, "figure": figure, "cells": cells, "perfect": perfect})
        yield {
            "name": suite,
            "columns": mine,
            "cases": len(mine[0].rows),
            "verdicts": verdicts,
            "shown": [line for line in lines if not line["perfect"]],
            "perfect": [line for line in lines if line["perfect"]],
        }


def _verdict(first: Column, second: Column) -> dict[str, Any]:
    """What `eval compare` says of two columns, with its figures by name."""
    from evals.gate import judge

    try:
        gate = judge(first.rows, second.rows)
    except CaseError as error:  # over other cases: shown side by side, not compared
        return {"word": "not compared", "sentences": [str(error)], "figures": {}}
    return {
        "word": gate.verdict,
        "sentences": list(gate.sentences()),
        "figures": {d.name: d for d in gate.differences if d.moved},
    }


def _cell(column: Column, name: str, figure: Figure) -> dict[str, Any] | None:
    rows = [row for row in column.rows if name in row["tallies"]]
    hits = [row["tallies"][name][0] for row in rows]
    chances = [row["tallies"][name][1] for row in rows]
    if not sum(chances):
        return None
    estimate = sum(hits) / sum(chances)
    interval: Interval | None
    try:
        interval = cluster_bootstrap(hits, chances, [row["cluster"] for row in rows])
    except TooFewClusters:
        interval = None
    reached = None
    if figure.target is not None:
        low = figure.low_is_good
        reached = estimate <= figure.target if low else estimate >= figure.target
    return {
        "estimate": estimate,
        "interval": interval,
        "reached": reached,
        "cases": len(rows),
        "difference": None,
    }


def _pictures(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Name of a frame -> its picture as a `data:` address, as far as there is room."""
    from agent.config import load_settings
    from agent.report.pictures import frame_pictures
    from evals.pictures import frames_of
    from tools.errors import InteraRecError

    home = load_settings().home
    frames = {}
    for name in dict.fromkeys(n for row in rows for n in row["frames"][:_PICTURES_A_CASE]):
        try:
            frames[name] = frames_of([name], home)[0]
        except InteraRecError:
            continue  # a visit has no pictures, and one that has gone since is left out
    shown = frame_pictures(list(frames.values()), _PICTURES) if frames else {}
    return {name: shown[f.digest] for name, f in frames.items() if f.digest in shown}


def _prompt_changes(columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
    """What differs between the prompts of the first column and those of every other."""
    from prompts import load
    from prompts.compare import differences

    if not columns:
        return
    first = columns[0].prompts_folder
    for folder in dict.fromkeys(column.prompts_folder for column in columns[1:]):
        if folder == first or any(p is not None and not p.is_dir() for p in (folder, first)):
            continue
        for name in columns[0].prompts:
            lines = differences(load(name, first), load(name, folder))
            if lines:
                yield {"name": name, "folder": str(folder or "shipped"), "lines": lines}
