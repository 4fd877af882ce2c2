"""A hosted model's run over HTTP: recorded once, replayed without a server, never mixed up."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import app
from evals.gate import compare_runs
from evals.replay import NotRecorded, recorded
from evals.runner import read_results
from tests.support.stub_server import Reply, Request, completion, serving
from tools.errors import RunStopped

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _home(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERAREC_HOME", str(demo_home))
    monkeypatch.setenv("OPENAI_API_KEY", "none")


def run(out: Path, *options: str) -> None:
    arguments = ["eval", "run", "no_tool", "--limit", "3", "--models", "openai:tiny"]
    RUNNER.invoke(
        app, [*arguments, "--out", str(out), *options], catch_exceptions=False
    )  # fmt: skip


def polite(request: Request) -> Reply:
    """Calls no tool, then writes a line."""
    return completion("done" if request.body.get("tools") else "You are welcome.")


def test_a_run_is_recorded_and_replayed_without_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(otherwise=polite) as stub:
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base_url)
        run(tmp_path / "one", "--replay", str(tmp_path / "kept"), "--record")
        asked = len(stub.requests)
    assert asked >= len(recorded(tmp_path / "kept")) >= 3
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    run(tmp_path / "two", "--replay", str(tmp_path / "kept"))
    gate = compare_runs(tmp_path / "one", tmp_path / "two")["no_tool"]
    assert gate.failures == []
    rows = [
        [(row["tallies"], row["trace"]["message"]) for row in read_results(path)]
        for folder in ("one", "two")
        for path in (tmp_path / folder).glob("*.jsonl")
    ]
    assert rows[0] == rows[1]


def test_a_recording_of_another_prompt_stops_the_run_by_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(otherwise=polite) as stub:
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base_url)
        run(tmp_path / "one", "--replay", str(tmp_path / "kept"), "--record")
        before = len(stub.requests)
        mine = tmp_path / "mine"
        mine.mkdir()
        shipped = Path(__file__).parents[2] / "prompts" / "assistant.yaml"
        text = shipped.read_text("utf-8").replace("You help a shopper", "You kindly help a shopper")
        (mine / "assistant.yaml").write_text(text, "utf-8")
        with pytest.raises(NotRecorded, match="no recorded answer for case 'no_tool_01' of openai"):
            run(tmp_path / "two", "--replay", str(tmp_path / "kept"), "--prompts", str(mine))
        assert len(stub.requests) == before


def test_an_unreachable_model_stops_the_run_and_nothing_else_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(RunStopped, match="openai:tiny could not be used: the model's server"):
        run(tmp_path / "one")
    (file,) = (tmp_path / "one").glob("*.jsonl")
    assert list(read_results(file)) == []
