"""Prompts x models x suites: every combination run, resumable, with what it took and cost.

A run is a folder: `run.json` says what was run with what, and one result file for every
combination (`evals.runner` says what its rows hold).
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evals.assistant import Assistant
from evals.cases import Case, SessionGold
from evals.crew import Crew
from evals.runner import Result, code_digest, run_cases
from evals.traces import AnswerTrace, DialogueTrace, SessionTrace, Trace, Usage
from tools.errors import CaseError, RunStopped

_LIBRARIES = ("langgraph", "langchain-core", "langchain-openai", "rapidocr", "faiss-cpu", "ortools")


@dataclass(frozen=True)
class Combination:
    """One cell of the matrix."""

    suite: str
    model: str
    prompts: Path | None = None

    @property
    def name(self) -> str:
        """Suite, model and prompts, fit for a file's name."""
        words = (self.suite, self.model, self.prompts.name if self.prompts else "shipped")
        return "--".join("".join(c if c.isalnum() or c in "._-" else "_" for c in w) for w in words)


@dataclass(frozen=True)
class Cell:
    """What came of a combination."""

    combination: Combination
    results: Sequence[Result]
    file: Path


@dataclass
class Spending:
    """Stops a run when the money for it is spent."""

    most: Decimal | None = None
    per_million: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    """Price of a million input and output tokens."""
    spent: Decimal = Decimal(0)

    def __call__(self, trace: Trace) -> None:
        """Counts what a case took.

        Raises:
            RunStopped: the budget is spent; finished cases are kept.
        """
        for usage in usage_of(trace):
            self.spent += usage.input_tokens * self.per_million[0] / 1_000_000
            self.spent += usage.output_tokens * self.per_million[1] / 1_000_000
        if self.most is not None and self.spent > self.most:
            raise RunStopped(
                f"the budget of {self.most} is spent ({self.spent:.4f}); finished cases are kept, "
                "run again with more to go on"
            )


def usage_of(trace: Trace) -> Sequence[Usage]:
    """What the turns of a case took; empty where that is not recorded."""
    if isinstance(trace, AnswerTrace):
        return trace.usage
    if isinstance(trace, DialogueTrace):
        return [u for answer in trace.answers for u in answer.usage]
    return ()


def epochs_of(cases: Sequence[Case], epochs: int) -> list[Case]:
    """Every case as often as asked; repeats share the cluster of the first."""
    repeats = [
        case.model_copy(update={"id": f"{case.id}#{n}", "cluster": case.group})
        for n in range(2, epochs + 1)
        for case in cases
    ]
    return [*cases, *repeats]


@dataclass(frozen=True)
class Matrix:
    """What is run: every suite with every prompt folder and every model."""

    suites: Mapping[str, Sequence[Case]]
    models: Sequence[str] = ("embedded",)
    """`embedded` or `openai:MODEL`."""
    prompts: Sequence[Path | None] = (None,)
    """Folders whose files replace the shipped prompts; None: as shipped."""
    epochs: int = 1
    """How often every case is run."""

    def combinations(self) -> Iterator[Combination]:
        """The cells, suite by suite."""
        for suite in self.suites:
            for folder in self.prompts:
                for model in self.models:
                    yield Combination(suite, model, folder)


def run_matrix(
    matrix: Matrix,
    out: Path,
    *,
    workers: int = 1,
    fresh: bool = False,
    replay: Path | None = None,
    record: bool = False,
    spending: Spending | None = None,
) -> Iterator[Cell]:
    """Runs every combination; cells come as they are finished.

    Args:
        matrix: what is run.
        out: folder of the run.
        workers: processes.
        fresh: forget what is finished.
        replay: folder of recorded answers of hosted models.
        record: keep new answers there.
        spending: stops the run when the money is spent.

    Raises:
        CaseError: a file cannot be written.
        RunStopped: the money is spent, or a model or recording is missing.
        PromptError: a prompt is at fault.
    """
    stamps = {folder: prompt_stamps(folder) for folder in matrix.prompts}
    _manifest(matrix, stamps, out)
    systems = {
        (model, folder): partial(Assistant, model, folder, replay, record)
        for folder in matrix.prompts
        for model in matrix.models
    }
    with Crew(workers) as crew:
        for cell in matrix.combinations():
            file = out / f"{cell.name}.jsonl"
            results = run_cases(
                epochs_of(matrix.suites[cell.suite], matrix.epochs),
                systems[cell.model, cell.prompts],
                file,
                system=f"assistant {cell.model}",
                options=json.dumps(stamps[cell.prompts]),
                fresh=fresh,
                count=spending or Spending(),
                crew=crew,
            )
            yield Cell(cell, results, file)


def prompt_stamps(folder: Path | None) -> dict[str, str]:
    """Prompt -> name, version and digest, as a folder gives them.

    Raises:
        PromptError: a prompt in the folder is at fault, or nothing uses it.
    """
    from prompts import available, load
    from prompts.lint import lint_file
    from tools.errors import PromptError

    if folder is not None:
        if not folder.is_dir():
            raise PromptError(f"there is no folder of prompts {folder}")
        for path in sorted(folder.glob("*.yaml")):
            for finding in lint_file(path):
                if finding.level == "error":
                    raise PromptError(str(finding))
    return {name: load(name, folder).stamp for name in available()}


def _manifest(matrix: Matrix, stamps: Mapping[Path | None, Mapping[str, str]], out: Path) -> None:
    told = {
        "suites": {
            name: {"cases": len(cases), "digest": _digest(cases)}
            for name, cases in matrix.suites.items()
        },
        "models": list(matrix.models),
        "prompts": {str(folder or "shipped"): dict(s) for folder, s in stamps.items()},
        "epochs": matrix.epochs,
        "code": code_digest(),
        "commit": _commit(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        part = out / "run.json.part"
        part.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        os.replace(part, out / "run.json")
    except OSError as error:
        raise CaseError(f"{out}: cannot be written: {error.strerror}") from None


def _digest(cases: Sequence[Case]) -> str:
    return sha256("\n".join(case.model_dump_json() for case in cases).encode()).hexdigest()


def _commit() -> str | None:
    root = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def reliability(cell: Cell) -> dict[str, tuple[float, int]]:
    """Hard or exact figure -> share of cases right in all epochs (pass^k), and k.

    Empty with one epoch. A case counts as right where its figure is 1.
    """
    by_case: dict[str, dict[str, list[bool]]] = {}
    for result in cell.results:
        case = result.case.id.partition("#")[0]
        for name, score in result.judgement.scores.items():
            by_case.setdefault(name, {}).setdefault(case, []).append(score == 1.0)
    return {
        name: (sum(all(times) for times in cases.values()) / len(cases), k)
        for name, cases in by_case.items()
        if (k := min(map(len, cases.values()))) > 1
    }


def calibration(cell: Cell) -> float | None:
    """Expected calibration error of the confidence shown beside categories; None without any."""
    from evals.scorers.confidence import calibration_error, sure_and_right

    pairs = [
        pair
        for result in cell.results
        if isinstance(result.case.gold, SessionGold) and isinstance(result.trace, SessionTrace)
        for pair in sure_and_right(result.case.gold, result.trace)
    ]
    return calibration_error(pairs) if pairs else None


def cost_lines(cell: Cell) -> dict[str, Any]:
    """Wall seconds (p50, p95) a turn and by stage, and tokens in all."""
    import numpy as np

    used = [u for result in cell.results for u in usage_of(result.trace)]
    if not used:
        return {}
    seconds = [u.seconds for u in used]
    stages = {stage for u in used for stage in u.by_stage}
    return {
        "turns": len(used),
        "p50_seconds": float(np.percentile(seconds, 50)),
        "p95_seconds": float(np.percentile(seconds, 95)),
        "input_tokens": sum(u.input_tokens for u in used),
        "output_tokens": sum(u.output_tokens for u in used),
        "p50_by_stage": {
            stage: float(np.median([u.by_stage[stage] for u in used if stage in u.by_stage]))
            for stage in sorted(stages)
        },
    }
