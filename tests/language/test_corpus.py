"""The corpora: turns in many words, each with the limits it has to lead to."""

from __future__ import annotations

import pytest

from tests.language.cases import Case, cases, differs

FILES = ("limits.txt", "fresh.txt", "third.txt", "fourth.txt", "fifth.txt", "sixth.txt")
CASES = [case for name in FILES for case in cases(name)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.state}: {case.turn}"[:60])
def test_a_turn_changes_what_it_says_and_nothing_else(case: Case) -> None:
    assert not differs(case)


def test_the_corpora_are_not_empty_and_not_all_alike() -> None:
    assert len(CASES) > 980
    assert len({case.turn for case in CASES}) > 950
    assert sum(case.asks for case in CASES) >= 10
