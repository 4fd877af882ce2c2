"""Runs a system over cases: progress on stderr, workers, and resume from what is finished.

A result file is JSON Lines, one row per case: `case`, `cluster`, `key`, `seconds`, `trace`,
`scores` and `misses`. Rows are appended as cases finish, so that a crash loses at most the cases
in flight; a row counts as finished while its `key` (case, system, code of the product) is the
same. Scores are always computed anew from the trace, so a better scorer needs no new run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.cases import Case
from evals.crew import Crew
from evals.scorers import Judgement, judge_case, scorers_for
from evals.systems import StartSystem
from evals.traces import TRACES, Trace
from tools.errors import CaseError

Count = Callable[[Trace], None]

_PRODUCT = ("agent", "tools", "prompts")


@dataclass(frozen=True)
class Result:
    """One finished case."""

    case: Case
    trace: Trace
    judgement: Judgement
    seconds: float
    """Wall time of the system on this case."""
    key: str
    kept: bool = False
    """Whether the trace is of an earlier run."""

    def row(self) -> dict[str, Any]:
        """The row of the result file."""
        tallies = self.judgement.tallies
        return {
            "case": self.case.id,
            "cluster": self.case.group,
            "key": self.key,
            "seconds": round(self.seconds, 4),
            "scores": {name: round(s, 6) for name, s in self.judgement.scores.items()},
            "tallies": {name: list(tally) for name, tally in tallies.items()},
            "misses": self.judgement.misses,
            "why": self.case.why,
            "texts": list(self.case.texts),
            "frames": list(self.case.frames),
            "trace": self.trace.model_dump(mode="json", exclude_defaults=True),
        }


@cache
def code_digest() -> str:
    """SHA-256 over the product's own files: results of other code are not reused."""
    root = Path(__file__).resolve().parent.parent
    digest = sha256()
    for package in _PRODUCT:
        for path in sorted((root / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(root)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def case_key(case: Case, system: str, options: str = "") -> str:
    """What must be unchanged for a finished case to stay finished."""
    told = "\0".join((case.model_dump_json(), system, options, code_digest()))
    return sha256(told.encode()).hexdigest()[:24]


def run_cases(
    cases: Sequence[Case],
    start: StartSystem,
    out: Path,
    *,
    system: str,
    options: str = "",
    workers: int = 1,
    fresh: bool = False,
    count: Count | None = None,
    crew: Crew | None = None,
) -> list[Result]:
    """Run all cases that are not finished yet, and score all.

    Args:
        cases: with distinct ids.
        start: makes the system, once per worker; picklable if there are several.
        out: the result file; it is created with its folders.
        system: name of the system, part of what makes a finished case reusable.
        options: anything else that changes what the system does.
        workers: processes; 1 runs in this one.
        crew: runs the cases instead of new workers, and stays up.
        fresh: forget what is finished.
        count: is told of every trace as it comes, and may stop the run by raising.

    Returns:
        One result per case, in the order of the cases.

    Raises:
        CaseError: the result file cannot be written, or a case is at fault.
        RunStopped: the model of the run cannot be used; finished cases are kept.
    """
    keys = {case.id: case_key(case, system, options) for case in cases}
    finished = {} if fresh else dict(_finished(out, cases, keys))
    waiting = [case for case in cases if case.id not in finished]
    kept = [_bare(case, keys, *finished[case.id]) for case in cases if case.id in finished]
    _write(out, kept)
    with ExitStack() as stack:
        crew = crew or stack.enter_context(Crew(workers))
        file = stack.enter_context(out.open("a", encoding="utf-8"))
        bar = stack.enter_context(_bar(len(cases), len(finished)))
        for case, trace, seconds in crew.run(start, waiting):
            finished[case.id] = (trace, seconds)
            file.write(_line(_bare(case, keys, trace, seconds)))
            file.flush()
            bar.update()
            if count is not None:
                count(trace)
    new = {case.id for case in waiting}
    results = [_result(case, keys, *finished[case.id], kept=case.id not in new) for case in cases]
    _write(out, [result.row() for result in results])
    return results


def _result(
    case: Case, keys: Mapping[str, str], trace: Trace, seconds: float, *, kept: bool
) -> Result:
    judgement = judge_case(scorers_for(case), case, trace)
    return Result(case, trace, judgement, seconds, keys[case.id], kept)


def _bare(case: Case, keys: Mapping[str, str], trace: Trace, seconds: float) -> dict[str, Any]:
    dumped = trace.model_dump(mode="json", exclude_defaults=True)
    return {"case": case.id, "key": keys[case.id], "seconds": seconds, "trace": dumped}


def _bar(total: int, done: int) -> Any:
    from tqdm import tqdm

    return tqdm(
        total=total, initial=done, file=sys.stderr, unit="case", disable=not sys.stderr.isatty()
    )


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=True, allow_nan=False) + "\n"


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text("".join(map(_line, rows)), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise CaseError(f"{path}: cannot be written: {error.strerror}") from None


def read_results(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a result file; a last line cut by a crash is left out.

    Raises:
        CaseError: the file cannot be read, or a line before the last is damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CaseError(f"{path}: cannot be read: {reason}") from None
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            if number == len(lines):
                return
            raise CaseError(
                f"{path}: row {number}: not JSON; delete the file or use --fresh"
            ) from None
        if not isinstance(row, dict) or "case" not in row:
            raise CaseError(f"{path}: row {number}: not a row of results")
        yield row


def _finished(
    out: Path, cases: Sequence[Case], keys: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Trace, float]]]:
    if not out.exists():
        return
    by_id = {case.id: case for case in cases}
    for row in read_results(out):
        case = by_id.get(row["case"])
        if case is None or row.get("key") != keys[case.id]:
            continue
        try:
            trace = TRACES[case.gold.kind].model_validate(row["trace"])
        except ValidationError:
            continue  # a trace of an older form: the case is run again
        yield case.id, (trace, float(row.get("seconds", 0.0)))
