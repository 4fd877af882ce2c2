"""Whole conversations: every turn leads to the limits that were meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.context import Context
from agent.language import SimpleVocabulary, parse
from tests.language.dialogues import (
    BRANDS,
    COLORS,
    FOLDER,
    KINDS,
    MATERIALS,
    Dialogue,
    differences,
    make_context,
    read_dialogues,
    run,
)
from tools.changes import apply_changes
from tools.domain import Constraints
from tools.errors import InputError

DIALOGUES = [d for path in sorted(FOLDER.glob("*.txt")) for d in read_dialogues(path)]
THROUGH_THE_GRAPH = 5
"""Every so many dialogues one runs through the graph as well."""
VOCABULARY = SimpleVocabulary(
    brands=BRANDS,
    colors=COLORS,
    categories=list(KINDS),
    sizes=["S", "M", "L", "XL", "7", "8", "9", "10", "11", "12"],
    attributes={"material": MATERIALS},
)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder: Path = tmp_path_factory.mktemp("dialogues")
    return make_context(folder)


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.name)
def test_the_grammar_follows_a_conversation(dialogue: Dialogue) -> None:
    limits, history = Constraints(), list[Constraints]()
    for number, turn in enumerate(dialogue.turns, start=1):
        read = parse(turn.said, vocabulary=VOCABULARY, current=limits, currency="GBP")
        try:
            limits = apply_changes(
                limits, read.changes, turn=number, history=history, currency="GBP"
            )
        except InputError:
            assert turn.missed or turn.asks is None
        history.append(limits)
        assert not differences(limits, turn, read.question or ""), turn.said


@pytest.mark.parametrize("dialogue", DIALOGUES[::THROUGH_THE_GRAPH], ids=lambda d: d.name)
def test_the_graph_follows_a_conversation(dialogue: Dialogue, context: Context) -> None:
    assert not run(context, dialogue).misses


def test_there_are_enough_conversations_and_few_known_misses() -> None:
    turns = [turn for dialogue in DIALOGUES for turn in dialogue.turns]
    assert len(turns) >= 600
    assert sum(turn.missed for turn in turns) / len(turns) < 0.02
