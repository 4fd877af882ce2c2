"""Runs as columns: what was run, with which prompts, and its rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.gate import files_of
from evals.runner import read_results
from tools.errors import CaseError


@dataclass(frozen=True)
class Column:
    """One combination of one run."""

    run: str
    suite: str
    model: str
    prompts_folder: Path | None
    prompts: dict[str, str]
    """Prompt -> version stamp."""
    rows: Sequence[dict[str, Any]]

    @property
    def cases(self) -> int:
        """How many there are."""
        return len(self.rows)

    @property
    def label(self) -> str:
        """Model and prompts."""
        prompts = self.prompts_folder.name if self.prompts_folder else "shipped"
        return f"{self.model}, {prompts}"


def facts_of(run: Path) -> dict[str, str]:
    """What `run.json` says of a run, in words.

    Raises:
        CaseError: the folder holds no run.
    """
    told = _told(run)
    prompts = [f"{folder}: {', '.join(s.values())}" for folder, s in told["prompts"].items()]
    libraries = told["libraries"] | {"python": told["python"]}
    return {
        "models": ", ".join(told["models"]),
        "prompts": "; ".join(prompts),
        "suites": ", ".join(f"{n} ({s['cases']} cases)" for n, s in told["suites"].items()),
        "epochs": str(told["epochs"]),
        "commit": told["commit"] or "not known",
        "libraries": ", ".join(f"{name} {number}" for name, number in libraries.items()),
    }


def _told(run: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads((run / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CaseError(f"{run}: there is no run") from None
    return told


def columns_of(runs: Sequence[Path]) -> list[Column]:
    """The combinations of the runs, in order.

    Raises:
        CaseError: a folder holds no run, or a result is unfinished.
    """
    return [column for run in runs for column in _of_run(run)]


def _of_run(run: Path) -> list[Column]:
    told = _told(run)
    found = []
    for name, path in files_of(run).items():
        suite, model, prompts = name.split("--")
        rows = list(read_results(path))
        if any("tallies" not in row or "trace" not in row for row in rows):
            raise CaseError(f"{path}: the run is unfinished, or a baseline without traces")
        folder, stamps = _prompts(told, prompts)
        found.append(Column(run.name, suite, model, folder, stamps, rows))
    return found


def _prompts(told: dict[str, Any], name: str) -> tuple[Path | None, dict[str, str]]:
    for folder, stamps in told["prompts"].items():
        if folder == "shipped" == name:
            return None, stamps
        if Path(folder).name == name and folder != "shipped":
            return Path(folder), stamps
    return None, {}
