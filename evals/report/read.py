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
    def label(self) -> str:
        """Model and prompts."""
        prompts = self.prompts_folder.name if self.prompts_folder else "shipped"
        return f"{self.model}, {prompts}"


def columns_of(runs: Sequence[Path]) -> list[Column]:
    """The combinations of the runs, in order.

    Raises:
        CaseError: a folder holds no run, or a result is unfinished.
    """
    return [column for run in runs for column in _of_run(run)]


def _of_run(run: Path) -> list[Column]:
    try:
        told = json.loads((run / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CaseError(f"{run}: there is no run") from None
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
