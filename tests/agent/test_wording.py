from __future__ import annotations

import pytest

from agent.wording import Facts, ItemFacts, faults, fill, write

FACTS = Facts(
    kind="recommendation",
    items=(
        ItemFacts(id="a", title="Fern Midi Dress", price="£39", reason="in green", new=True),
        ItemFacts(id="b", title="Sage [[price:a]] Gown", price="£120"),
    ),
    out=(ItemFacts(id="c", title="Old Frock", price="£10"),),
    seen=("seen1",),
    said=("said1",),
    figures={"candidates": "143 products", "seen1": "£18 to £144", "said1": "no red"},
)


def test_the_template_passes_its_own_check_and_says_everything() -> None:
    text = write(FACTS)
    assert faults(text, FACTS) == []
    message = fill(text, FACTS)
    for part in ("Fern Midi Dress, £39 (in green)", "£120", "Old Frock", "143 products", "no red"):
        assert part in message


def test_a_placeholder_inside_a_title_is_not_filled_in() -> None:
    assert "Sage price:a Gown, £120" in fill(write(FACTS), FACTS)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[title:a]] and [[title:b]] for 99", "a figure that no tool gave"),
        ("[[title:a]] and [[title:b]] and [[title:z]]", "unknown title 'z'"),
        ("[[title:a]] [[title:b]] [[figure:profit]]", "unknown figure 'profit'"),
        ("only [[title:a]]", "a recommended item is not named"),
        ("[[title:a]] [[title:b]] [[title:", "a broken placeholder"),
        ("[[title:a]] [[title:b]] <b>now</b>", "markup or a link"),
        ("[[title:a]] [[title:b]] see http://x", "markup or a link"),
        ("  ", "no text"),
    ],
)
def test_what_may_not_be_sent_is_found(text: str, fault: str) -> None:
    assert fault in faults(text, FACTS)


def test_a_revenue_optimal_set_is_never_called_best_for_you() -> None:
    earning = FACTS.model_copy(update={"objective": "revenue"})
    text = "These are best for you: [[title:a]] [[title:b]]"
    assert faults(text, earning)
    assert not faults(text, FACTS)
    assert faults(write(earning), earning) == []


@pytest.mark.parametrize("objective", ["balanced", "revenue", "surplus"])
@pytest.mark.parametrize("kind", ["recommendation", "infeasible", "answer", "question", "nothing"])
def test_every_kind_of_message_passes_the_check(kind: str, objective: str) -> None:
    facts = Facts.model_validate(
        {
            "kind": kind,
            "objective": objective,
            "items": FACTS.items if kind == "recommendation" else (),
            "conflicts": ("x",),
            "helps": ("x",),
            "answers": ("x",),
            "notes": ("x",),
            "figures": {"x": "12 things", "candidates": "9"},
            "question": "Which of the two?",
        }
    )
    text = write(facts)
    assert faults(text, facts) == []
    assert "[[" not in fill(text, facts).replace("[[price:a]]", "")
