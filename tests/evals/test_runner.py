from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from evals import runner
from evals.cases import Case, DialogueGold, LimitsGold
from evals.crew import Crew
from evals.runner import Result, case_key, read_results, run_cases
from evals.scorers import judge_case, scorers_for
from evals.tables import compare_results, summarise
from evals.traces import DialogueTrace, LimitsTrace, Trace
from tools.domain import Constraints
from tools.errors import CaseError, InputError, TooFewClusters


class Parrot:
    """Finds the colour that stands first; refuses shouting; breaks on "bug"."""

    name = "parrot"

    def __init__(self, log: Path | None = None, wrong: bool = False) -> None:
        self.log = log
        self.wrong = wrong

    def run(self, case: Case) -> Trace:
        (text,) = case.texts
        if self.log:
            with self.log.open("a") as file:
                file.write(case.id + "\n")
        if text.isupper():
            raise InputError("please do not shout")
        if text == "bug":
            raise ZeroDivisionError
        color = "brown" if self.wrong else text.split()[0]
        constraints = Constraints.of("said", colors=[color])
        return LimitsTrace(case=case.id, constraints=constraints)


def cases(*texts: str) -> list[Case]:
    return [
        Case(id=f"c{i}", texts=(text,), gold=LimitsGold(colors=(text.split()[0],)))
        for i, text in enumerate(texts)
    ]


TEXTS = [f"{color} cap {n}" for n in range(4) for color in ("red", "blue", "green")]


def tried(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def test_rows_hold_scores_and_the_reason_of_each_miss(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out.jsonl"
    results = run_cases(cases(*TEXTS), partial(Parrot, wrong=True), out, system="p")
    rows = list(read_results(out))
    assert [row["case"] for row in rows] == [f"c{i}" for i in range(12)]
    assert rows[0]["scores"]["color_f1"] == 0.0
    assert rows[0]["misses"] == ["color not understood: red", "color not meant: brown"]
    assert results[0].trace == LimitsTrace.model_validate(rows[0]["trace"])


def test_a_refusal_is_recorded_and_the_run_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    results = run_cases(cases("RED", "blue"), Parrot, out, system="p")
    assert results[0].judgement.misses[0] == "refused: please do not shout"
    assert results[1].judgement.scores["color_f1"] == 1.0


def test_a_bug_stays_loud_names_the_case_and_finished_cases_are_kept(tmp_path: Path) -> None:
    out, log = tmp_path / "out.jsonl", tmp_path / "log"
    with pytest.raises(ZeroDivisionError) as caught:
        run_cases(cases("red", "blue", "bug", "gray"), partial(Parrot, log), out, system="p")
    assert caught.value.__notes__ == ["while running case 'c2'"]
    fixed = cases("red", "blue", "green", "gray")
    run_cases(fixed, partial(Parrot, log), out, system="p")
    assert tried(log) == ["c0", "c1", "c2", "c2", "c3"]


def test_a_line_cut_by_a_crash_costs_one_case(tmp_path: Path) -> None:
    out, log = tmp_path / "out.jsonl", tmp_path / "log"
    run_cases(cases("red", "blue"), partial(Parrot, log), out, system="p")
    whole = out.read_text()
    out.write_text(whole[:-20])
    run_cases(cases("red", "blue"), partial(Parrot, log), out, system="p")
    assert tried(log) == ["c0", "c1", "c1"]
    assert [json.loads(line)["case"] for line in out.read_text().splitlines()] == ["c0", "c1"]
    out.write_text(whole[20:])
    with pytest.raises(CaseError, match="row 1: not JSON"):
        run_cases(cases("red", "blue"), Parrot, out, system="p")


def test_finished_means_same_case_same_system_same_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, log = tmp_path / "out.jsonl", tmp_path / "log"
    start = partial(Parrot, log)
    run_cases(cases("red", "blue"), start, out, system="p")
    run_cases(cases("red", "green"), start, out, system="p")
    assert tried(log) == ["c0", "c1", "c1"]
    run_cases(cases("red"), start, out, system="p", options="other")
    run_cases(cases("red"), start, out, system="p", options="other", fresh=True)
    assert tried(log)[3:] == ["c0", "c0"]
    before = case_key(cases("red")[0], "p")
    monkeypatch.setattr(runner, "code_digest", lambda: "new code")
    assert case_key(cases("red")[0], "p") != before


def test_workers_give_the_same_rows(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    run_cases(cases(*TEXTS[:4]), Parrot, one, system="p")
    run_cases(cases(*TEXTS[:4]), Parrot, two, system="p", workers=2)
    rows = [[row | {"seconds": 0} for row in read_results(path)] for path in (one, two)]
    assert rows[0] == rows[1]
    with pytest.raises(CaseError, match="at least one worker"):
        run_cases([], Parrot, one, system="p", workers=0)


def test_a_crew_makes_a_system_once_however_many_suites(tmp_path: Path) -> None:
    made: list[Parrot] = []

    def start() -> Parrot:
        made.append(Parrot())
        return made[-1]

    with Crew() as crew:
        for name in ("one", "two"):
            out = tmp_path / f"{name}.jsonl"
            results = run_cases(cases(*TEXTS[:3]), start, out, system="p", crew=crew)
            assert [result.kept for result in results] == [False] * 3
            results = run_cases(cases(*TEXTS[:4]), start, out, system="p", crew=crew)
            assert [result.kept for result in results] == [True] * 3 + [False]
    assert len(made) == 1


def test_a_result_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CaseError, match="cannot be written"):
        run_cases(cases("red"), Parrot, tmp_path / "file" / "out.jsonl", system="p")


def test_a_trace_of_another_case_is_refused() -> None:
    (case,) = cases("red")
    with pytest.raises(CaseError, match="trace of case 'c9' was given for case 'c0'"):
        judge_case(scorers_for(case), case, LimitsTrace(case="c9"))
    with pytest.raises(CaseError, match="needs a LimitsTrace, got a DialogueTrace"):
        judge_case(scorers_for(case), case, DialogueTrace(case="c0"))


def results_of(*right: bool) -> list[Result]:
    made = []
    for number, is_right in enumerate(right):
        state = Constraints.of("said", price_upper=50, currency="USD")
        gold = DialogueGold(states=({"price_upper": 50}, {"price_upper": 50 if is_right else 9}))
        case = Case(id=f"d{number}", texts=("a", "b"), gold=gold)
        trace = DialogueTrace(case=case.id, states=(state, state))
        made.append(Result(case, trace, judge_case(scorers_for(case), case, trace), 0.0, "k"))
    return made


def test_figures_are_pooled_with_intervals_by_dialogue() -> None:
    lines = {line.name: line for line in summarise(results_of(*[True] * 9, *[False] * 3))}
    turn, dialogue = lines["price_turn"], lines["price_dialogue"]
    assert (turn.estimate, turn.chances, turn.reached) == (21 / 24, 24, False)
    assert (dialogue.estimate, dialogue.chances) == (9 / 12, 12)
    assert turn.interval is not None
    assert turn.interval.clusters == 12
    assert turn.interval.low < turn.estimate < turn.interval.high
    few = summarise(results_of(True, False))
    assert all(line.interval is None for line in few)


def test_runs_are_compared_case_by_case() -> None:
    good = [r.row() for r in results_of(*[True] * 30)]
    bad = [r.row() for r in results_of(*[True] * 18, *[False] * 12)]
    found = {d.name: d for d in compare_results(good, bad)}
    assert found["price_dialogue"].verdict == "worse"
    assert found["price_dialogue"].found.losses == 12
    assert found["price_dialogue"].p_holm >= found["price_dialogue"].found.p_value
    same = compare_results(good, good)
    assert {d.verdict for d in same} == {"not distinguishable"}
    worse = found["price_dialogue"]
    assert replace(worse, p_holm=0.06).verdict == "not distinguishable"
    error_rate = worse.meaning._replace(low_is_good=True)
    assert replace(worse, meaning=error_rate).verdict == "better"
    with pytest.raises(CaseError, match="different cases: 'd29'"):
        compare_results(good, bad[:-1])
    with pytest.raises(TooFewClusters):
        compare_results(good[:5], bad[:5])


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evals", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_bad_input_is_one_line_and_exit_two(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"id": "x", "turns": []}]
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(rows[0]))
    done = run_command("score", "whatif", "--data", str(path), "--out", str(tmp_path / "o.jsonl"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {path}: row 1: turns: ")
    assert done.stderr.count("\n") == 1


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, evals.__main__ as m\n"
        "try: m.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'torch', 'cv2', 'onnxruntime', 'rapidfuzz', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "calibrate" in done.stdout
    assert done.stderr.strip() == "[]"
