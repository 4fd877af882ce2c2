"""`interarec prompt`: what is wrong with a prompt of one's own is found, with file and line."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import app
from prompts import available
from prompts.lint import Finding, lint_file

SHIPPED = {name: (files("prompts") / f"{name}.yaml").read_text("utf-8") for name in available()}


def own(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    text = SHIPPED[name]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def errors(found: list[Finding]) -> list[str]:
    return [f.message for f in found if f.level == "error"]


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_is_shipped_is_clean(name: str, tmp_path: Path) -> None:
    assert lint_file(own(tmp_path, name)) == []


def test_an_unknown_placeholder_is_an_error(tmp_path: Path) -> None:
    path = own(tmp_path, "compose", ("<facts>{{facts}}", "<facts>{{facts}}{{mood}}"))
    (message,) = errors(lint_file(path))
    assert message.endswith("the placeholder 'mood' is used but not described")


def test_a_placeholder_that_no_step_fills_is_an_error(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        "compose",
        ("placeholders:\n", "placeholders:\n  mood: how the shopper feels\n"),
        ("<facts>{{facts}}</facts>", "<facts>{{facts}}</facts> {{mood}}"),
    )
    (message,) = errors(lint_file(path))
    assert message == "no step fills the placeholder 'mood'; filled are: facts"


def test_data_outside_its_tags_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = own(tmp_path, "assistant", ("<wish>{{wish}}</wish>", "{{wish}}"))
    found = [f for f in lint_file(path) if f.level == "error"]
    assert [f.message for f in found] == [
        "'wish' is data and stands outside the tags that mark it so"
    ]
    assert path.read_text("utf-8").splitlines()[found[0].line - 1].strip() == "{{wish}}"


def test_a_tag_left_open_is_an_error(tmp_path: Path) -> None:
    path = own(tmp_path, "decompose", ("</summary>", ""))
    assert "the tag <summary> is not opened as often as it is closed" in errors(lint_file(path))


def test_other_words_under_the_same_version_are_a_warning(tmp_path: Path) -> None:
    changed = ("You write a short", "You write a very short")
    (finding,) = lint_file(own(tmp_path, "compose", changed))
    assert finding.level == "warning"
    assert "raise the version" in finding.message
    raised = own(tmp_path, "compose", changed, ("version: 1", "version: 2"))
    assert lint_file(raised) == []


def test_a_prompt_that_nobody_uses_and_a_broken_file_are_errors(tmp_path: Path) -> None:
    path = own(tmp_path, "compose", ("name: compose", "name: sonnet"))
    sonnet = path.rename(tmp_path / "sonnet.yaml")
    assert errors(lint_file(sonnet)) == ["no step uses a prompt 'sonnet'"]
    broken = tmp_path / "broken.yaml"
    broken.write_text("name: [", encoding="utf-8")
    assert errors(lint_file(broken)) == ["line 1: not valid YAML"]


def test_the_command_checks_a_folder_and_exits_with_2(tmp_path: Path) -> None:
    own(tmp_path, "assistant", ("<wish>{{wish}}</wish>", "{{wish}}"))
    own(tmp_path, "compose")
    result = CliRunner().invoke(app, ["prompt", "lint", str(tmp_path), "--json"])
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert told["checked"] == 2
    assert {f["level"] for f in told["findings"]} == {"error", "warning"}
    assert CliRunner().invoke(app, ["prompt", "lint"]).exit_code == 0


def test_a_difference_names_both_versions(tmp_path: Path) -> None:
    own(tmp_path, "compose", ("short, warm", "long, cold"), ("version: 1", "version: 2"))
    result = CliRunner().invoke(app, ["prompt", "diff", "compose", "--prompts", str(tmp_path)])
    assert "--- compose@1:" in result.stdout
    assert "+++ compose@2:" in result.stdout
    assert "+You write a long, cold" in result.stdout
    same = CliRunner().invoke(app, ["prompt", "diff", "compose"])
    assert "say the same" in same.stdout


def test_the_list_says_where_each_comes_from(tmp_path: Path) -> None:
    own(tmp_path, "compose", ("version: 1", "version: 7"))
    result = CliRunner().invoke(app, ["prompt", "list", "--prompts", str(tmp_path), "--json"])
    rows = {row["name"]: row for row in json.loads(result.stdout)["prompts"]}
    assert set(rows) == set(SHIPPED)
    assert (rows["compose"]["version"], rows["compose"]["from"]) == (7, str(tmp_path))
    assert rows["assistant"]["from"] == "shipped"
