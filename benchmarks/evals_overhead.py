"""What the plain runner adds to a case: the graph alone, and the same cases through the runner.

Both sides run in this process in turn, over the same dialogues of the shipped suites (those without
pictures), with the same loaded shop. The runner's side traces every turn, scores, and writes the
result file; it also solves every what-if and every budget afresh, to hold what was said against it,
and that part is told apart. Prints CPU milliseconds a case.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evals.assistant import Assistant
from evals.cases import Case
from evals.dialogue import Dialogue
from evals.runner import run_cases
from evals.suites import SUITES

EVERY = 6
"""Of the cases without pictures, every sixth is run."""
ROUNDS = 3


def main() -> None:
    """Measures both sides and prints a line each."""
    cases = [
        case
        for name in ("tool_choice", "no_tool", "what_if", "injection", "compose")
        for case in SUITES[name].cases()
        if not case.frames
    ][::EVERY]
    assistant = Assistant()
    graph_alone(assistant, cases)  # loads the shop and warms its caches
    through_runner(assistant, cases)
    sides: dict[str, list[float]] = {"the graph alone": [], "through the runner": []}
    solving = timed_solves()
    for _ in range(ROUNDS):
        for (name, times), side in zip(sides.items(), (graph_alone, through_runner), strict=True):
            began = time.process_time()
            side(assistant, cases)
            times.append((time.process_time() - began) * 1000 / len(cases))
            print(f"{name:<20} {times[-1]:7.2f} ms", file=sys.stderr)
    alone, through = (statistics.median(times) for times in sides.values())
    # Since the loading round nothing but the runner's side has solved anything afresh.
    solves = sum(solving) * 1000 / (ROUNDS * len(cases))
    turns = sum(len(case.texts) for case in cases)
    print(f"{len(cases)} cases of {turns} turns, medians of {ROUNDS} rounds, CPU a case")
    print(f"the graph alone                     {alone:7.2f} ms")
    print(f"through the runner                  {through:7.2f} ms")
    print(f"the runner adds                     {through - alone:7.2f} ms")
    print(f"  of which: the check's own solves  {solves:7.2f} ms")
    print(f"  tracing, scoring, writing         {through - alone - solves:7.2f} ms")


def timed_solves() -> list[float]:
    """CPU seconds of every fresh solve from now on; the list grows."""
    solve, found = Dialogue.solve, list[float]()

    def timed(self: Dialogue, *arguments: Any) -> Any:
        began = time.process_time()
        try:
            return solve(self, *arguments)
        finally:
            found.append(time.process_time() - began)

    Dialogue.solve = timed  # type: ignore[method-assign]
    return found


def graph_alone(assistant: Assistant, cases: Sequence[Case]) -> None:
    """Every conversation, and nothing kept of it."""
    for case in cases:
        for _ in assistant.turns(case):
            pass


def through_runner(assistant: Assistant, cases: Sequence[Case]) -> None:
    """The same conversations traced, checked, scored and written."""
    with TemporaryDirectory() as folder:
        run_cases(cases, lambda: assistant, Path(folder) / "out.jsonl", system="assistant")


if __name__ == "__main__":
    main()
