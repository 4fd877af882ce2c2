"""The report of one or several runs as HTML: matrix, worst cases, tool traces, prompt changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evals.report.read import Column, columns_of
from evals.scorers import SCORERS, Figure, figures
from evals.statistics import Interval, cluster_bootstrap
from tools.errors import TooFewClusters

WORST = 40
"""Cases shown in full, those of the lowest mean score first."""
_PICTURES = 1_500_000
"""Bytes of screenshots on the page."""


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
    worst = _worst(columns)
    return environment.get_template("report.html").render(
        columns=columns,
        suites=list(_suites(columns)),
        worst=worst,
        pictures=_pictures([case["row"] for case in worst]),
        metrics=sorted({miss for case in worst for miss in case["missed"]}),
        labels={name: f.label.strip() for name, f in figures(SCORERS.values()).items()},
        changes=list(_prompt_changes(columns)),
    )


def _suites(columns: Sequence[Column]) -> Iterator[dict[str, Any]]:
    """A table per suite: a row per figure, a cell per column."""
    known = figures(SCORERS.values())
    for suite in dict.fromkeys(c.suite for c in columns):
        mine = [c for c in columns if c.suite == suite]
        names = dict.fromkeys(n for c in mine for row in c.rows for n in row["tallies"])
        order = [n for n in known if n in names] + [n for n in names if n not in known]
        lines = []
        for name in order:
            figure = known.get(name) or Figure(name.removeprefix("op_").replace("_", " "))
            cells = [_cell(column, name, figure) for column in mine]
            if any(cells):
                lines.append({"name": name, "figure": figure, "cells": cells})
        yield {"name": suite, "columns": mine, "lines": lines}


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
    }


def _worst(columns: Sequence[Column]) -> list[dict[str, Any]]:
    known = figures(SCORERS.values())
    found = []
    for number, column in enumerate(columns):
        for row in column.rows:
            if not row["misses"]:
                continue
            goods = {
                name: 1 - score if known[name].low_is_good else score
                for name, score in row["scores"].items()
                if name in known
            }
            missed = [name for name, good in goods.items() if good < 1]
            hard = any(known[name].hard for name in missed)
            mean = sum(goods.values()) / len(goods) if goods else 0.0
            found.append(
                {
                    "column": column,
                    "number": number,
                    "row": row,
                    "missed": missed,
                    "hard": hard,
                    "mean": mean,
                    "answers": _answers(row),
                }
            )
    found.sort(key=lambda case: (not case["hard"], case["mean"]))
    return found[:WORST]


def _answers(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Turn by turn: what was said, which tools ran, what was answered."""
    trace = row["trace"]
    answers = trace.get("answers") or ([trace] if "message" in trace else [])
    texts = row["texts"]
    first = len(texts) - len(answers)
    return [
        {
            "said": texts[first + number] if 0 <= first + number < len(texts) else "",
            "calls": answer.get("calls", ()),
            "message": answer.get("message", ""),
        }
        for number, answer in enumerate(answers)
    ]


def _pictures(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Name of a frame -> its picture as a `data:` address, as far as there is room."""
    from agent.config import load_settings
    from agent.report.pictures import frame_pictures
    from evals.pictures import frames_of
    from tools.errors import InteraRecError

    home = load_settings().home
    frames = {}
    for name in dict.fromkeys(name for row in rows for name in row["frames"][:3]):
        try:
            frames[name] = frames_of([name], home)[0]
        except InteraRecError:
            continue  # a picture that has gone since is left out
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
