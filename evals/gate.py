"""Is the second run worse than the first? Paired by case, with a gate that fails loudly.

A baseline is a result file without its traces: case, cluster and tallies, a row each, small enough
to be read in a review.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.runner import read_results
from evals.scorers import SCORERS, figures
from evals.tables import Difference, compare_results
from tools.errors import CaseError, TooFewClusters

_SLACK = 1e-9


@dataclass
class Gate:
    """One suite of two runs."""

    differences: Sequence[Difference] = ()
    fallen: Sequence[str] = ()
    """Hard figures that fell, a sentence each."""
    too_few: str = ""
    """Why no interval can be given, where none can."""
    failures: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """ "worse" where the gate fails, else "better" or "not distinguishable"."""
        if self.failures:
            return "worse"
        better = any(d.verdict == "better" for d in self.differences)
        return "better" if better else "not distinguishable"

    def sentences(self) -> Iterator[str]:
        """The verdict in words: what fell, what rose, and what could have been seen."""
        yield from (f"FAILED: {failure}" for failure in self.failures)
        if better := [d.meaning.label.strip() for d in self.differences if d.verdict == "better"]:
            yield f"Better: {'; '.join(better)}."
        if self.too_few:
            yield f"No interval: {self.too_few}"
        same = [d for d in self.differences if not d.moved]
        unclear = [d for d in self.differences if d.moved and d.verdict == "not distinguishable"]
        if unclear:
            yield f"Not distinguishable at this sample size: {_figures(len(unclear))}."
        if same:
            yield f"The same in every case: {_figures(len(same))}."
        if sizes := [d.found.smallest_detectable for d in (*same, *unclear)]:
            least, most = f"{min(sizes):.3f}", f"{max(sizes):.3f}"
            span = least if least == most else f"{least} to {most}, by the figure,"
            yield f"A difference of {span} would have been found four times out of five."

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "verdict": self.verdict,
            "failures": self.failures,
            "figures": {
                d.name: {
                    "first": d.found.first,
                    "second": d.found.second,
                    "difference": d.found.difference,
                    "interval": [d.found.low, d.found.high],
                    "p_holm": d.p_holm,
                    "smallest_detectable": d.found.smallest_detectable,
                    "verdict": d.verdict,
                }
                for d in self.differences
            },
        }


def _figures(count: int) -> str:
    return "1 figure" if count == 1 else f"{count} figures"


def judge(
    first: Sequence[dict[str, Any]], second: Sequence[dict[str, Any]], *, each: bool = False
) -> Gate:
    """The gate over the rows of two result files.

    Args:
        first: rows of a result file.
        second: rows of another, over the same cases.
        each: any figure whose own interval lies wholly on the wrong side fails, however many are
            looked at. Right where a run repeats itself exactly, as the embedded models do.

    Raises:
        CaseError: they are over different cases, or one is unfinished.
    """
    gate = Gate(fallen=tuple(_fallen(first, second)))
    try:
        gate.differences = compare_results(first, second)
    except TooFewClusters as error:
        gate.too_few = str(error)
    gate.failures += gate.fallen
    gate.failures += [
        f"{d.meaning.label.strip()} is worse: {d.found.first:.3f} -> {d.found.second:.3f} "
        f"[{d.found.low:+.3f}, {d.found.high:+.3f}]"
        for d in gate.differences
        if d.verdict == "worse" or (each and _wholly_worse(d))
    ]
    return gate


def _wholly_worse(difference: Difference) -> bool:
    found = difference.found
    if difference.meaning.low_is_good:
        return found.low > _SLACK
    return found.high < -_SLACK


def _fallen(first: Sequence[dict[str, Any]], second: Sequence[dict[str, Any]]) -> Iterator[str]:
    hard = {name: f for name, f in figures(SCORERS.values()).items() if f.hard}
    before = {row["case"]: row.get("tallies", {}) for row in first}
    for row in second:
        for name, figure in hard.items():
            old = before.get(row["case"], {}).get(name)
            new = row.get("tallies", {}).get(name)
            if old is None or not old[1]:
                continue
            if figure.by_state and not (new and new[1]):
                continue
            # A figure that vanished is no figure that held.
            rate = new[0] / new[1] if new and new[1] else 0.0
            if rate < old[0] / old[1] - _SLACK:
                reason = next(iter(row.get("misses", ())), "")
                yield f"{figure.label.strip()} fell in case {row['case']}" + (
                    f" ({reason})" if reason else ""
                )


def files_of(place: Path) -> dict[str, Path]:
    """Suite (and model and prompts, where there are several) -> its result file.

    Raises:
        CaseError: there is no run.
    """
    if place.is_file():
        return {"": place}
    found = {path.stem: path for path in sorted(place.glob("*.jsonl"))}
    if not found:
        raise CaseError(f"{place}: there are no results")
    return found


def compare_runs(first: Path, second: Path, *, each: bool = False) -> Mapping[str, Gate]:
    """Suite -> gate. Runs of one combination a suite are paired by suite, whatever was run.

    Raises:
        CaseError: a file cannot be read, or the runs are over different suites or cases.
    """
    sides = [_by_suite(files_of(place)) for place in (first, second)]
    if odd := sorted(sides[0].keys() ^ sides[1].keys()):
        raise CaseError(f"only one of the runs has {odd[0] or 'a single file'}")
    return {
        name: judge(_finished_rows(one), _finished_rows(sides[1][name]), each=each)
        for name, one in sides[0].items()
    }


def _finished_rows(path: Path) -> list[dict[str, Any]]:
    rows = list(read_results(path))
    if any("tallies" not in row for row in rows):
        raise CaseError(f"{path}: the run is unfinished; the same command goes on with it")
    return rows


def _by_suite(files: Mapping[str, Path]) -> dict[str, Path]:
    suites: dict[str, list[str]] = {}
    for name in files:
        suites.setdefault(name.partition("--")[0], []).append(name)
    if all(len(names) == 1 for names in suites.values()):
        return {suite: files[names[0]] for suite, names in suites.items()}
    return dict(files)


def keep_baseline(run: Path, out: Path) -> list[Path]:
    """Writes the tallies of every result file of a run; returns the files written.

    Raises:
        CaseError: a result is unfinished, or a file cannot be written.
    """
    written = []
    for path in files_of(run).values():
        rows = sorted(_finished_rows(path), key=lambda row: str(row["case"]))
        kept = [{"case": r["case"], "cluster": r["cluster"], "tallies": r["tallies"]} for r in rows]
        target = out / path.name
        try:
            out.mkdir(parents=True, exist_ok=True)
            text = "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in kept)
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CaseError(f"{target}: cannot be written: {error.strerror}") from None
        written.append(target)
    return written
