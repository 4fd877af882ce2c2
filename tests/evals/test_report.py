"""The HTML report of two runs: verdicts, worst cases first, what happened, nothing fetched."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evals.report.cases import worst_cases
from evals.report.page import render
from evals.report.read import columns_of
from tools.errors import CaseError


def row(number: int, right: bool, **more: Any) -> dict[str, Any]:
    grounded = [float(right), 1.0]
    trace = {
        "case": f"c{number}",
        "message": "A <b>dress</b>",
        "calls": [{"name": "search_catalog", "arguments": {"query": "<dress>"}}],
    }
    return {
        "case": f"c{number}", "cluster": f"c{number}", "why": "", "texts": ["a dress"],
        "frames": [], "misses": [] if right else ["turn 1: a number from nowhere"],
        "scores": {"grounded": float(right)}, "tallies": {"grounded": grounded}, "trace": trace,
        **more,
    }  # fmt: skip


def a_run(folder: Path, rows: list[dict[str, Any]], prompts: str = "shipped") -> Path:
    folder.mkdir()
    told = {
        "suites": {"no_tool": {"cases": len(rows)}}, "models": ["embedded"], "epochs": 1,
        "prompts": {prompts: {"assistant": "assistant@2:abc"}}, "commit": None,
        "libraries": {"langgraph": "1"}, "python": "3.11",
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")
    name = f"no_tool--embedded--{Path(prompts).name}.jsonl"
    (folder / name).write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return folder


def test_a_worse_run_is_called_so_and_its_cases_come_first(tmp_path: Path) -> None:
    good = a_run(tmp_path / "one", [row(n, n != 3) for n in range(20)])
    bad = a_run(tmp_path / "two", [row(n, n not in (3, 7)) for n in range(20)], str(tmp_path / "p"))
    page = render([good, bad])
    assert 'class="word worse">worse' in page
    assert "every item, price and number grounded fell in case c7" in page
    cases = worst_cases(columns_of([good, bad]))
    assert [(c["row"]["case"], bool(c["fell"])) for c in cases] == [
        ("c7", True), ("c3", False), ("c3", False),
    ]  # fmt: skip
    assert "fell behind embedded, shipped" in page
    assert page.count('<article class="case') == 3
    assert '<div class="turn bad">' in page


def test_what_a_model_says_is_text_on_the_page_and_nothing_is_fetched(tmp_path: Path) -> None:
    page = render([a_run(tmp_path / "one", [row(0, False)])])
    assert "A &lt;b&gt;dress&lt;/b&gt;" in page
    assert "<b>dress" not in page
    assert "<dress>" not in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\(""", page)


def test_runs_over_other_cases_are_shown_and_not_compared(tmp_path: Path) -> None:
    one = a_run(tmp_path / "one", [row(n, True) for n in range(12)])
    two = a_run(tmp_path / "two", [row(n, True) for n in range(11)])
    page = render([one, two])
    assert "not compared" in page
    assert "stands in one only" in page


def test_a_run_that_stopped_is_named(tmp_path: Path) -> None:
    one = a_run(tmp_path / "one", [{"case": "c0", "key": "k", "trace": {}}])
    with pytest.raises(
        CaseError, match=r"no_tool--embedded--shipped\.jsonl: the run is unfinished"
    ):
        render([one])
    with pytest.raises(CaseError, match="there is no run"):
        render([tmp_path / "none"])
