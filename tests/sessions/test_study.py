"""`interarec session study`: what it runs, keeps, says and draws."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.sessions.test_command import written
from tests.sessions.worlds import shelves
from tests.support.command import answered, refused, run
from tools.errors import SessionError
from tools.sessions.evaluate import fitted
from tools.sessions.neural.summary_input import SummaryGRU4Rec
from tools.sessions.registry import create
from tools.sessions.study.plan import Options, Result, Stored
from tools.sessions.study.plan import run as run_study
from tools.sessions.study.report import make_report
from tools.sessions.study.variants import (
    BLEND,
    FRESH,
    PAPER,
    PAPER_WIDE,
    PLAIN,
    Texts,
    ranked_ways,
)
from tools.sessions.summaries import cut, read_summaries
from tools.sessions.text import TextModel


def test_the_papers_rule_only_orders_and_the_blend_is_no_worse_on_validation() -> None:
    data = shelves(150, text=True)
    text = TextModel(1.0, encoder="hashing")
    text.fit(data)
    model = create("rules")
    _, removed = fitted(model, data)
    found = ranked_ways(model, removed, data, Texts(text.vectors), model)
    assert np.array_equal(found.ranks[PLAIN] <= 50, found.ranks[PAPER] <= 50)
    assert set(found.ranks) >= {PLAIN, PAPER, PAPER_WIDE, BLEND}
    # Where viewed items are left out, a target that was viewed is missed.
    viewed = [target in row for row, target in zip(data.test, data.test.targets, strict=True)]
    assert any(viewed)
    assert np.isinf(found.ranks[PLAIN + FRESH][viewed]).all()
    assert np.isinf(found.ranks[PAPER_WIDE + FRESH][viewed]).all()
    # Shelves stand in the titles, so text finds what rules have never seen.
    assert (found.ranks[BLEND] <= 50).mean() >= (found.ranks[PLAIN] <= 50).mean()


def test_stored_summaries_are_used_as_they_stand() -> None:
    data = shelves(100, text=True)
    text = TextModel(1.0, encoder="hashing")
    text.fit(data)
    model = create("popularity")
    _, removed = fitted(model, data)
    # A summary that says exactly what comes next puts it first.
    telling = text.vectors[data.test.targets]
    ways = ranked_ways(
        model, removed, data, Texts(text.vectors, {"summary of x": telling}), None
    ).ranks
    assert BLEND not in ways
    listed = np.isfinite(ways[PAPER_WIDE])
    assert listed.any()
    assert (ways["summary of x"][listed] <= 3).mean() > 0.9


def test_the_study_goes_on_where_it_stopped(tmp_path: Path) -> None:
    data = shelves(120, text=True)
    text = TextModel(1.0, encoder="hashing")
    text.fit(data)
    options = Options(models=("rules", "popularity"), shares=(0.5, 1.0), encoder="hashing")
    fresh: list[tuple[str, bool]] = []

    def go() -> list[Result]:
        fresh.clear()
        return run_study(
            data, Stored(text.vectors), options, tmp_path,
            done=lambda cell, new: fresh.append((cell.stem, new)),
        )  # fmt: skip

    first = go()
    assert [new for _, new in fresh] == [True] * 4
    torn = tmp_path / "cells" / "rules_0.5_0.npz"
    torn.write_bytes(torn.read_bytes()[:60])
    second = go()
    assert [stem for stem, new in fresh if new] == ["rules_0.5_0"]
    for one, other in zip(first, second, strict=True):
        assert all(np.array_equal(one.ranks[w], other.ranks[w]) for w in one.ranks)
    report = make_report(second, data, {})
    assert {r.share for r in report.of("12")} == {0.5, 1.0}
    for row in report.rows:
        assert row.low <= row.value <= row.high
    with pytest.raises(SessionError, match="other data or settings"):
        run_study(shelves(90, text=True), Stored(text.vectors), options, tmp_path)


@pytest.mark.parametrize("changes", [{"models": ()}, {"shares": (2.0,)}, {"models": ("nope",)}])
def test_options_that_make_no_study(changes: dict[str, object]) -> None:
    with pytest.raises(SessionError):
        Options(**changes)  # type: ignore[arg-type]


def test_the_summary_as_an_input_tells_the_network_something(tmp_path: Path) -> None:
    data = shelves(60, text=True)
    text = TextModel(1.0, encoder="hashing")
    text.fit(data)
    told = SummaryGRU4Rec(text.vectors, epochs=3)
    told.fit(data, seed=1)
    again = SummaryGRU4Rec(text.vectors, epochs=3)
    again.fit(data, seed=1)
    assert np.array_equal(told.scores(data.test), again.scores(data.test))
    blind = SummaryGRU4Rec(np.zeros_like(text.vectors), epochs=3)
    blind.fit(data, seed=1)
    assert not np.allclose(told.scores(data.test), blind.scores(data.test))


def test_the_command_writes_tables_and_plots(tmp_path: Path) -> None:
    folder = written(tmp_path / "data", shelves(80, text=True), text=True)
    lines = [
        f"{i},{view},lamp number {i % 9} of oak"
        for i in range(40)
        for view in ("page", "product", "page@0.5")
    ]
    (folder / "summaries_test.csv").write_text("\n".join(["session,view,text", *lines]))
    built = {"seconds": {"page": 1.234}, "pictured": {"shape": 2, "blank": 5}}
    (folder / "dataset.json").write_text(json.dumps(built))
    out = tmp_path / "out"
    args: list[str | Path] = [
        "session",
        "study",
        "--data",
        folder,
        "--out",
        out,
        "--shares",
        "0.5,1",
        "--json",
    ]
    args += ["--models", "rules,gru4rec,gru4rec+summary", "--quick", "--epochs", "2"]
    args += ["--encoder", "hashing"]
    told = answered(run(*args, home=tmp_path))
    assert not told["not_run"]
    assert "drawn" in told["about"]["times in view"]
    assert "not pictures" in told["about"]["summaries"]
    assert "0 of the data's own, 2 plain shapes" in told["about"]["summaries"]
    assert told["about"]["cost, words of a summary from page"] == "5.0"
    assert told["about"]["cost, CPU seconds to read a picture, page"] == "1.23"
    assert {row["figure"] for row in told["rows"]} == {
        "11", "12", "13", "viewed", "14", "15", "tokens", "resolution", "interval", "input",
    }  # fmt: skip
    assert all((tmp_path / path).is_file() or Path(path).is_file() for path in told["files"])
    for name in ("figure_11.svg", "figure_13.png", "figure_14.svg", "report.md"):
        assert (out / name).stat().st_size > 1000
    with (out / "report.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(told["rows"])
    assert json.loads((out / "report.json").read_text())["rows"] == told["rows"]
    text = (out / "report.md").read_text()
    assert "pictures a session" in text
    assert "not pictures" in text


def test_bad_usage_is_one_line(tmp_path: Path) -> None:
    folder = written(tmp_path / "data", shelves(20))
    base = ("session", "study", "--data", folder, "--out", tmp_path / "out", "--encoder", "hashing")
    assert "no text" in refused(run(*base, home=tmp_path))
    assert "--dwell" in refused(run(*base, "--dwell", "0", home=tmp_path))
    assert "--shares" in refused(run(*base, "--shares", "a", home=tmp_path))
    assert "no model is called" in refused(run(*base, "--models", "x", home=tmp_path))


def test_summaries_are_read_and_cut(tmp_path: Path) -> None:
    assert read_summaries(tmp_path, "test", 2) == {}
    file = tmp_path / "summaries_test.csv"
    file.write_text("session,view,text\n1,page,green lamp\n")
    assert read_summaries(tmp_path, "test", 2) == {"page": ["", "green lamp"]}
    file.write_text("session,view,text\n5,page,green lamp\n")
    with pytest.raises(SessionError, match="line 2"):
        read_summaries(tmp_path, "test", 2)
    file.write_text("view,text\n")
    with pytest.raises(SessionError, match="columns"):
        read_summaries(tmp_path, "test", 2)
    assert cut("a b  c d", 3) == "a b c"
