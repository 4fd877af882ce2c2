"""The same suites as Inspect AI tasks: its logs, its viewer (`inspect view`), its static bundle.

Scores are those of the plain backend: the scorers are shared, and the trace of every case lies in
the log. Needs the extra ``evals``.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.assistant import Assistant
from evals.cases import Case
from evals.crew import attempt
from evals.matrix import Matrix
from evals.scorers import judge_case, scorers_for
from evals.traces import TRACES
from tools.errors import MissingExtra, RunStopped

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.log import EvalLog


def run_inspect(matrix: Matrix, out: Path) -> list[EvalLog]:
    """Runs every combination under Inspect AI; logs lie in ``out/inspect``.

    Raises:
        MissingExtra: Inspect AI is not installed.
        RunStopped: a task did not come to its end; its log says why.
    """
    try:
        from inspect_ai import eval as inspect_eval
    except ImportError:
        raise MissingExtra("the Inspect AI backend", "evals") from None
    tasks = [
        task_of(cell.suite, matrix.suites[cell.suite], Assistant(cell.model, cell.prompts))
        for cell in matrix.combinations()
    ]
    logs = inspect_eval(
        tasks,
        model="none/none",
        log_dir=str(out / "inspect"),
        epochs=matrix.epochs,
        display="plain",
        # The graph answers one conversation at a time; several would only wait for each other.
        max_samples=1,
    )
    for log in logs:
        if log.status != "success":
            reason = log.error.message if log.error else log.status
            raise RunStopped(f"{log.eval.task}: {reason}")
    return list(logs)


def task_of(suite: str, cases: Sequence[Case], assistant: Assistant) -> Task:
    """A suite as an Inspect AI task.

    Args:
        suite: its name.
        cases: of it.
        assistant: what is tried.
    """
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.scorer import Score, Target, scorer
    from inspect_ai.solver import Generate, TaskState, solver

    from evals.inspect_metrics import chances, rate

    by_id = {case.id: case for case in cases}
    figures = sorted({name for case in cases for s in scorers_for(case) for name in s.figures})

    @solver
    def graph() -> Any:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            case = by_id[str(state.sample_id)]
            trace, _ = await asyncio.to_thread(attempt, assistant, case)
            state.metadata["trace"] = trace.model_dump(mode="json", exclude_defaults=True)
            state.output.completion = getattr(trace, "message", "") or str(trace.refused)
            return state

        return solve

    @scorer(metrics={name: [rate(), chances()] for name in figures}, name="interarec")
    def figures_of_case() -> Any:
        async def score(state: TaskState, target: Target) -> Score:
            case = by_id[str(state.sample_id)]
            trace = TRACES[case.gold.kind].model_validate(state.metadata["trace"])
            judged = judge_case(scorers_for(case), case, trace)
            return Score(
                # A figure without a chance in this case has no value there.
                value={name: judged.scores.get(name, math.nan) for name in figures},
                explanation="\n".join(judged.misses) or "nothing missed",
            )

        return score

    return Task(
        name=f"{suite}, {assistant.name}",
        dataset=MemoryDataset(
            [
                Sample(
                    id=case.id,
                    input="\n".join(case.texts) or ", ".join(case.frames),
                    target=json.dumps(case.gold.model_dump(mode="json", exclude_defaults=True)),
                    metadata={"why": case.why, "cluster": case.group},
                )
                for case in cases
            ],
            name=suite,
        ),
        solver=graph(),
        scorer=figures_of_case(),
    )
