from __future__ import annotations

from pathlib import Path

import pytest

import prompts
from prompts.loader import parse
from tools.errors import PromptError

GOOD = """
name: greet
version: 2
purpose: Says hello.
placeholders: {who: the name}
system: Be kind.
user: "Hello {{who}}, {{ who }}!"
"""


def test_every_shipped_prompt_loads_and_has_a_stamp() -> None:
    shipped = ("assistant", "compose", "decompose", "merge", "shopper", "summarize")
    assert prompts.available() == shipped
    for name in prompts.available():
        prompt = prompts.load(name)
        assert prompt.name == name
        assert prompt.stamp.startswith(f"{name}@{prompt.version}:")


def test_values_are_put_in_once_and_stay_data() -> None:
    system, user = parse(GOOD, "greet.yaml").render(who="{{who}} $x {y}")
    assert system == "Be kind."
    assert user == "Hello {{who}} $x {y}, {{who}} $x {y}!"


def test_a_changed_word_changes_the_digest() -> None:
    changed = parse(GOOD.replace("kind", "brief"), "greet.yaml")
    assert changed.digest != parse(GOOD, "greet.yaml").digest


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("{{ who }}", "{{whom}}"), "'whom' is used but not described"),
        (GOOD.replace("{who: the name}", "{who: a, when: b}"), "'when' is described but not used"),
        (GOOD.replace("version: 2", "version: 0"), "version"),
        (GOOD.replace("system: Be kind.", ""), "system"),
        ("name: [", "line 1: not valid YAML"),
        ("just text", "prompt"),
    ],
)
def test_a_broken_prompt_file_is_one_sentence(text: str, fault: str) -> None:
    with pytest.raises(PromptError, match=fault) as caught:
        parse(text, "greet.yaml")
    assert "\n" not in str(caught.value)
    assert "greet.yaml" in str(caught.value)


def test_missing_and_unknown_values_are_named() -> None:
    prompt = parse(GOOD, "greet.yaml")
    with pytest.raises(PromptError, match="no value for the placeholder 'who'"):
        prompt.render()
    with pytest.raises(PromptError, match="has no placeholder 'when'"):
        prompt.render(who="x", when="y")


def test_a_folder_of_ones_own_replaces_a_shipped_prompt(tmp_path: Path) -> None:
    own = tmp_path / "compose.yaml"
    own.write_text(GOOD.replace("name: greet", "name: compose"), encoding="utf-8")
    assert prompts.load("compose", tmp_path).version == 2
    assert prompts.load("assistant", tmp_path) == prompts.load("assistant")
    with pytest.raises(PromptError, match="no prompt 'nothing'"):
        prompts.load("nothing", tmp_path)
