"""The story in the terminal: eighty columns, no colour, nothing cut that matters."""

from __future__ import annotations

import pytest

from agent.report import Story
from agent.story import print_reading, print_turn
from tools.preferences import PreferenceSummary

LONG = "Hand-embroidered floor-length evening gown with detachable train and lace overlay " * 2


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def told(story: Story, capsys: pytest.CaptureFixture[str]) -> str:
    print_turn(story.state, len(story.frames), story.dropped, story.seconds)
    return capsys.readouterr().out


def test_the_whole_story_fits_eighty_columns(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    out = told(story, capsys)
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    parts = ["Screens", "What they show", "Limits", "Recommended", "Message", "How"]
    places = [out.index(f"\n{part}") for part in parts]
    assert places == sorted(places)
    assert "3 read, 1 repeating an earlier one left out" in out
    assert "search_catalog → optimize_assortment" in out
    assert "proved best" in out


def test_long_titles_wrap_and_large_prices_stay_whole(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    solution = story.state["solution"]
    assert solution is not None
    item = solution.items[0]
    price = item.price.model_copy(update={"amount": 1234567890, "currency": "INR"})
    large = item.model_copy(update={"title": LONG.strip(), "price": price, "reasons": ("why so",)})
    state = story.state.copy()
    state["solution"] = solution.model_copy(update={"items": (large, *solution.items)})
    print_turn(state, 3, 0)
    out = capsys.readouterr().out
    block = out[out.index("\nRecommended") : out.index("\nMessage")]
    assert str(price) in block
    for word in LONG.split():
        assert word in block
    assert "…" not in block
    assert "why so" in block
    assert max(map(len, out.splitlines())) <= 80


def test_every_item_has_its_price_its_chance_and_its_why(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    out = " ".join(told(story, capsys).split())
    solution = story.state["solution"]
    assert solution is not None
    for item in solution.items:
        assert str(item.price) in out
        assert f"{item.choice_probability:.0%} choose it" in out
        for reason in item.reasons[1:]:
            assert reason in out


def test_no_price_is_cut_where_a_summary_is_shortened(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "x" * 139 + " £1,234,567.89 and more words that come after it"
    lowest = story.state["summary"].lowest_price.model_copy(update={"text": text})
    state = story.state.copy()
    state["summary"] = PreferenceSummary(lowest_price=lowest)
    print_turn(state, 3, 0)
    out = capsys.readouterr().out
    assert "£1" not in out[out.index("What they show") : out.index("\nLimits")]
    print_reading(state["summary"], state["limits"], 3, 0)
    assert "£1,234,567.89" in capsys.readouterr().out


def test_titles_cannot_command_the_terminal(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    state = story.state.copy()
    state["message"] = "a\x1b[2Jb\x07c\u202ed[bold]e"
    print_turn(state, 3, 0)
    out = capsys.readouterr().out
    assert "a[2Jbcd[bold]e" in out
    assert "\x1b" not in out
