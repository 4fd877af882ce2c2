"""What the plain runner adds to a case: the graph alone, and the same cases through the runner.

Both sides run in this process in turn, over the same dialogues of the shipped suites (those without
pictures), with the same loaded shop. The runner's side traces every turn, solves what has to be
checked, scores, and writes the result file. Prints CPU milliseconds a case and the difference.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.assistant import Assistant
from evals.cases import Case
from evals.runner import run_cases
from evals.suites import SUITES

EVERY = 4
"""Of the cases without pictures, every fourth is run."""
ROUNDS = 5


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
    for _ in range(ROUNDS):
        for (name, times), side in zip(sides.items(), (graph_alone, through_runner), strict=True):
            began = time.process_time()
            side(assistant, cases)
            times.append((time.process_time() - began) * 1000 / len(cases))
            print(f"{name:<20} {times[-1]:7.2f} ms", file=sys.stderr)
    alone, through = (statistics.median(times) for times in sides.values())
    turns = sum(len(case.texts) for case in cases)
    print(f"{len(cases)} cases of {turns} turns, medians of {ROUNDS} rounds, CPU a case")
    print(f"the graph alone      {alone:7.2f} ms")
    print(f"through the runner   {through:7.2f} ms")
    print(f"the runner adds      {through - alone:7.2f} ms")


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
