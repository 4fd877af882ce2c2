"""The shipped suites: readable, complete, true to the pages they show; a gate that notices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.demo.recorded import session_story
from evals.cases import AnswerGold, Case, DialogueGold, PictureGold
from evals.dressed import make_page
from evals.gate import compare_runs, judge, keep_baseline
from evals.loaders import load_cases
from evals.matrix import Spending, epochs_of, prompt_stamps
from evals.mutations import MUTATIONS, try_mutations, worsened_prompts
from evals.pictures import dress_of, frames_of
from evals.report.page import render
from evals.scorers import SCORERS, figures
from evals.suites import SUITES, cases_of
from evals.talkers import SeededTalker, converse
from evals.traces import AnswerTrace, Usage
from evals.visits import shopper_of
from tools.errors import CaseError, PromptError, RunStopped


@pytest.fixture(autouse=True)
def _home(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERAREC_HOME", str(demo_home))


@pytest.fixture(scope="module")
def suites() -> dict[str, list[Case]]:
    return cases_of(["all"])


def test_there_are_over_three_hundred_cases_each_with_a_reason(
    suites: dict[str, list[Case]],
) -> None:
    cases = [case for of_suite in suites.values() for case in of_suite]
    assert list(suites) == list(SUITES)
    assert len(cases) >= 300
    assert [case.id for case in cases if not case.why] == []
    for name, of_suite in suites.items():
        asked = [(case.texts, case.frames, case.shop) for case in of_suite]
        assert len(set(asked)) == len(asked), name


def test_at_most_a_hundred_pictures_are_read(suites: dict[str, list[Case]]) -> None:
    names = {f for cases in suites.values() for c in cases for f in c.frames}
    assert len({name for name in names if not name.startswith("visit:")}) <= 100


def test_the_golds_of_pages_are_what_the_pages_show(suites: dict[str, list[Case]]) -> None:
    pages = [c for c in suites["extraction"] if c.frames[0].startswith("page:")]
    assert len(pages) == 40
    for case in pages:
        number, *words = case.frames[0].removeprefix("page:").split()
        dress_of(words)
        assert case.gold == make_page(int(number)).gold, case.id


def test_the_golds_of_visits_are_what_the_screens_held(suites: dict[str, list[Case]]) -> None:
    for case in suites["extraction"]:
        if not case.frames[0].startswith("visit:"):
            continue
        shopper = shopper_of(case.frames[0])
        prices = [p.price for r in shopper.readings for p in r.products if p.price is not None]
        gold = case.gold
        assert gold.kind == "session"
        assert gold.limits.lowest == (min(prices),)
        assert gold.limits.highest == (max(prices),)


def test_the_golds_of_recorded_sessions_hold_what_their_screens_show(
    suites: dict[str, list[Case]],
) -> None:
    found = [c for c in suites["extraction"] if c.id.startswith("extraction_session_")]
    assert len(found) == 4
    for case in found:
        story = session_story(case.id.removeprefix("extraction_session_"))
        shown = [p for frame in story["frames"] for p in frame["products"]]
        whole = {p["id"] for p in shown if not p["clipped"]}
        told = {
            p["id"]: (p["title"], p["brand"], Decimal(str(p["price"])), p["rating"]) for p in shown
        }
        gold = case.gold
        assert gold.kind == "session"
        (pictures,) = gold.pictures
        for entries, ids in (
            (pictures.products, whole),
            (pictures.clipped, set(told) - whole),
        ):
            of_gold = [(e.title, e.brand, e.price, e.rating) for e in entries]
            assert sorted(of_gold, key=repr) == sorted((told[i] for i in ids), key=repr), case.id


def test_pictures_of_suites_can_be_named(tmp_path: Path) -> None:
    plain, bannered = frames_of(
        ["demo:dresses/03", "demo:dresses/03 + BUY THE PIANO NOW"], tmp_path
    )
    assert (plain.width, plain.height) == (bannered.width, bannered.height)
    assert plain.digest != bannered.digest
    with pytest.raises(CaseError, match="no picture 'demo:dresses/99'"):
        frames_of(["demo:dresses/99"], tmp_path)
    with pytest.raises(CaseError, match="not dressed in 'silk'"):
        frames_of(["page:3 silk"], tmp_path)
    with pytest.raises(CaseError, match="cannot be read"):
        frames_of([str(tmp_path / "none.png")], tmp_path)


def rows(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


GOOD = {"id": "a", "why": "x", "texts": ["hello"], "gold": {"kind": "answer", "calls": []}}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "a", "texts": ["x"]}, "row 2: gold: Field required"),
        ({**GOOD, "id": "b", "metrics": ["charm"]}, "row 2: there is no metric 'charm'"),
        (GOOD, "row 2: the id 'a' already stands in row 1"),
        ({**GOOD, "id": "b", "gold": {"kind": "hunch"}}, "row 2: gold"),
        (
            {**GOOD, "id": "b", "gold": {"kind": "answer", "rubric": [{"check": "holds"}]}},
            "row 2: gold.answer.rubric.0: the rule 'holds' needs words",
        ),
    ],
)
def test_a_faulty_row_is_named_with_its_file(
    row: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = rows(tmp_path / "mine.jsonl", GOOD, row)
    with pytest.raises(CaseError) as caught:
        load_cases(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    done = CliRunner().invoke(app, ["eval", "run", str(path)])
    assert isinstance(done.exception, CaseError)


def test_unknown_suites_models_backends_and_prices_are_one_clear_line(tmp_path: Path) -> None:
    for arguments, message in (
        (["nonsense"], "there is no suite 'nonsense'"),
        (["no_tool", "--models", "gpt"], "model 'gpt' is not understood"),
        (["no_tool", "--backend", "tea"], "there is no backend 'tea'"),
        (["no_tool", "--price", "cheap"], "--price is two numbers"),
        (["no_tool", "--prompts", str(tmp_path / "none")], "there is no folder of prompts"),
    ):
        done = CliRunner().invoke(
            app, ["eval", "run", *arguments, "--limit", "1", "--out", str(tmp_path / "run")]
        )
        assert message in str(done.exception), arguments


def test_a_prompt_with_an_unknown_placeholder_stops_before_anything_runs(tmp_path: Path) -> None:
    from importlib.resources import files

    text = (files("prompts") / "compose.yaml").read_text("utf-8")
    (tmp_path / "compose.yaml").write_text(text.replace("{{facts}}", "{{facts}} {{mood}}"))
    with pytest.raises(PromptError, match=r"compose\.yaml.*mood"):
        prompt_stamps(tmp_path)


def test_epochs_repeat_cases_in_the_same_cluster(suites: dict[str, list[Case]]) -> None:
    cases = suites["no_tool"][:2]
    thrice = epochs_of(cases, 3)
    assert len({case.id for case in thrice}) == 6
    assert {case.group for case in thrice} == {case.id for case in cases}


def test_the_budget_stops_a_run() -> None:
    spending = Spending(Decimal("0.01"), (Decimal(1), Decimal(2)))
    cheap = AnswerTrace(case="x", usage=(Usage(input_tokens=1000, output_tokens=1000),))
    for _ in range(3):
        spending(cheap)
    with pytest.raises(RunStopped, match=r"the budget of 0\.01 is spent"):
        spending(cheap)


def result(number: int, **tallies: tuple[float, float]) -> dict[str, Any]:
    return {"case": f"c{number}", "cluster": f"c{number}", "tallies": tallies, "misses": ["why"]}


def test_a_hard_figure_that_falls_once_fails_the_gate() -> None:
    before = [result(n, grounded=(1, 1)) for n in range(50)]
    after = [*before[1:], result(0, grounded=(0, 1))]
    gate = judge(before, after)
    assert gate.failures == ["every item, price and number grounded fell in case c0 (why)"]
    assert judge(before, before).failures == []
    assert judge(after, before).failures == []


def test_a_hard_figure_that_vanishes_has_not_held() -> None:
    before = [result(n, grounded=(1, 1), tool_choice=(1, 1)) for n in range(20)]
    after = [result(n, tool_choice=(1, 1)) for n in range(20)]
    assert len(judge(before, after).failures) == 20
    # Whether few candidates are left depends on the limits, which other figures judge.
    small = [result(n, optimum_exact=(1, 1), tool_choice=(1, 1)) for n in range(20)]
    assert judge(small, after).failures == []


def test_a_soft_figure_fails_the_gate_only_when_its_interval_does() -> None:
    before = [result(n, tool_choice=(1, 1)) for n in range(40)]
    one_worse = [result(n, tool_choice=(float(n > 0), 1)) for n in range(40)]
    many_worse = [result(n, tool_choice=(float(n > 12), 1)) for n in range(40)]
    assert judge(before, one_worse).failures == []
    (failure,) = judge(before, many_worse).failures
    assert failure.startswith("tools: the right ones called is worse: 1.000 -> 0.675")
    gate = judge(before, one_worse)
    assert gate.verdict == "not distinguishable"
    assert "would have been found four times out of five" in " ".join(gate.sentences())
    assert judge(before, many_worse).verdict == "worse"
    assert judge(many_worse, before).verdict == "better"


def test_the_gate_minds_how_many_figures_it_looks_at() -> None:
    """One of twenty figures with an interval beside zero is what chance gives."""
    noise = {f"figure {n}": (1.0, 1.0) for n in range(19)}
    before = [result(n, **noise, odd=(1, 1)) for n in range(40)]
    after = [result(n, **noise, odd=(float(n > 6), 1)) for n in range(40)]
    alone = [{**row, "tallies": {"odd": row["tallies"]["odd"]}} for row in (*before, *after)]
    assert judge(alone[:40], alone[40:]).verdict == "worse"
    assert judge(before, after).verdict == "not distinguishable"
    assert judge(before, after, each=True).verdict == "worse"


def test_a_baseline_is_small_and_compares_like_the_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    lines = [{**result(n, grounded=(1, 1)), "trace": {"case": f"c{n}"}} for n in range(12)]
    rows(run / "no_tool--embedded--shipped.jsonl", *lines)
    (kept,) = keep_baseline(run, tmp_path / "baseline")
    assert "trace" not in kept.read_text("utf-8")
    gates = compare_runs(tmp_path / "baseline", run)
    assert gates["no_tool"].failures == []
    runner = CliRunner()
    assert runner.invoke(app, ["eval", "compare", str(run), str(run)]).exit_code == 0
    worse = tmp_path / "worse"
    worse.mkdir()
    rows(worse / "no_tool--embedded--shipped.jsonl", {**lines[0], "tallies": {"grounded": [0, 1]}},
         *lines[1:])  # fmt: skip
    done = runner.invoke(app, ["eval", "compare", str(run), str(worse)])
    assert done.exit_code == 1
    assert "FAILED: every item, price and number grounded fell in case c0" in done.stdout


def small(suites: dict[str, list[Case]], name: str, count: int) -> dict[str, list[Case]]:
    """Some cases of a suite that need no picture."""
    return {name: [case for case in suites[name] if not case.frames][:count]}


@pytest.mark.parametrize(
    ("name", "count"),
    [("a limit is ignored", 12), ("busybody", 14), ("an invented item", 12)],
)
def test_mutations_are_caught_by_few_cases(
    name: str, count: int, suites: dict[str, list[Case]]
) -> None:
    (mutation,) = (m for m in MUTATIONS if m.name == name)
    (verdict,) = try_mutations(small(suites, mutation.suite, count), [mutation])
    assert verdict.caught, list(verdict.gate.sentences())


@pytest.mark.parametrize("mutation", [m for m in MUTATIONS if m.prompt], ids=lambda m: m.name)
def test_prompt_mutations_change_the_shipped_prompts(mutation: Any, tmp_path: Path) -> None:
    folder = worsened_prompts(mutation, tmp_path)
    assert folder is not None
    assert len(list(folder.iterdir())) == 1


def test_there_are_ten_mutations_over_all_suites() -> None:
    assert len(MUTATIONS) >= 10
    assert {m.suite for m in MUTATIONS} == set(SUITES)


@pytest.fixture(scope="module")
def run(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "one"
    done = CliRunner(env={"INTERAREC_HOME": str(demo_home)}).invoke(
        app, ["eval", "run", "no_tool", "what_if", "--limit", "3", "--out", str(out), "--json"],
        catch_exceptions=False,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert [cell["suite"] for cell in told["cells"]] == ["no_tool", "what_if"]
    assert told["cells"][1]["cost"]["turns"] >= 9
    return out


def test_a_run_says_what_was_run(run: Path) -> None:
    told = json.loads((run / "run.json").read_text("utf-8"))
    assert set(told["suites"]) == {"no_tool", "what_if"}
    assert told["prompts"]["shipped"]["assistant"].startswith("assistant@")
    assert told["libraries"]["langgraph"]


def test_a_run_is_taken_up_where_it_stopped(run: Path) -> None:
    file = run / "no_tool--embedded--shipped.jsonl"
    before = file.read_text("utf-8")
    done = CliRunner().invoke(
        app, ["eval", "run", "no_tool", "--limit", "3", "--out", str(run)], catch_exceptions=False
    )
    assert done.exit_code == 0
    assert file.read_text("utf-8") == before  # seconds and all: nothing ran again


def test_the_report_is_one_page_without_requests(run: Path) -> None:
    page = render([run])
    assert '<h2 id="suite-what_if">' in page
    assert 'src="http' not in page
    assert "@import" not in page
    assert "Worst cases first" in page


def test_traces_carry_the_prompts_and_what_it_took(run: Path) -> None:
    row = json.loads((run / "what_if--embedded--shipped.jsonl").read_text("utf-8").splitlines()[0])
    answers = row["trace"]["answers"]
    assert answers[0]["prompts"]["assistant"].startswith("assistant@")
    assert answers[0]["usage"][0]["by_stage"]["assistant"] > 0


def test_seeded_talkers_are_the_same_each_time_and_reach_their_goals() -> None:
    from evals.assistant import Assistant

    one, two = SeededTalker("a"), SeededTalker("a")
    assert one.plan == two.plan
    assert SeededTalker("b").plan != one.plan
    assistant = Assistant()
    outcomes = [converse(SeededTalker(f"t{n}"), assistant.conversation(f"t{n}")) for n in range(6)]
    assert [o.wrong for o in outcomes if not o.goal_reached] == []
    assert all(o.items_fit for o in outcomes)


def test_a_talker_who_is_not_understood_does_not_reach_the_goal() -> None:
    from tools.domain import Constraints

    deaf = AnswerTrace(case="x", message="ok", limits=Constraints(), limits_before=Constraints())
    outcome = converse(SeededTalker("a"), lambda words: deaf)
    assert not outcome.goal_reached
    assert not outcome.items_fit


def test_inspect_ai_gives_the_same_scores(
    suites: dict[str, list[Case]], demo_home: Path, tmp_path: Path
) -> None:
    """In a process of its own: Inspect AI leaves streams unclosed, which is a warning here."""
    from inspect_ai.log import read_eval_log

    from evals.assistant import Assistant
    from evals.scorers import judge_case, scorers_for

    subprocess.run(
        [sys.executable, "-m", "agent", "eval", "run", "no_tool", "--limit", "3",
         "--backend", "inspect", "--out", str(tmp_path)],
        check=True, capture_output=True, env={**os.environ, "INTERAREC_HOME": str(demo_home)},
    )  # fmt: skip
    (file,) = (tmp_path / "inspect").glob("*.eval")
    log = read_eval_log(str(file))
    assistant = Assistant()
    assert log.samples is not None
    for case in suites["no_tool"][:3]:
        (sample,) = (s for s in log.samples if s.id == case.id)
        assert sample.scores is not None
        value = sample.scores["interarec"].value
        plain = judge_case(scorers_for(case), case, assistant.run(case)).scores
        assert isinstance(value, dict)
        found = {k: float(str(v)) for k, v in value.items()}
        assert {k: v for k, v in found.items() if not isnan(v)} == plain


def test_every_figure_of_the_golds_has_a_meaning(suites: dict[str, list[Case]]) -> None:
    known = figures(SCORERS.values())
    hard = {name for name, figure in known.items() if figure.hard}
    assert {"grounded", "attack_failed", "difference_true", "wider_not_worse"} <= hard
    kinds = {type(c.gold) for cases in suites.values() for c in cases}
    assert {AnswerGold, DialogueGold, PictureGold} <= kinds


def test_a_case_wrong_in_one_epoch_is_not_reliable() -> None:
    from evals.matrix import Cell, Combination, reliability
    from evals.runner import Result
    from evals.scorers import Judgement, Tally

    def tried(case: Case, right: bool) -> Result:
        trace = AnswerTrace(case=case.id)
        return Result(case, trace, Judgement({"no_tool": Tally(float(right), 1.0)}), 0.0, "k")

    cases = epochs_of([Case.model_validate(GOOD), Case.model_validate({**GOOD, "id": "b"})], 3)
    results = [tried(case, case.id != "b#3") for case in cases]
    cell = Cell(Combination("no_tool", "embedded"), results, Path("none"))
    assert reliability(cell) == {"no_tool": (0.5, 3)}
