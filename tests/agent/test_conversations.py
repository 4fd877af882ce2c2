"""Generated conversations: whatever is said, the answers stay true.

A seeded shopper says things in words; after every turn the state is checked against independent
solves. A hundred conversations run here; `INTERAREC_CONVERSATIONS=1000` runs more.
"""

from __future__ import annotations

import os
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agent.context import Context
from agent.facts import gather
from agent.graph import make_graph
from agent.session import Session
from agent.state import State
from tests.support.shop import shop_context
from tools.catalog import Catalog
from tools.domain import Constraints
from tools.solution import Objective

CONVERSATIONS = int(os.environ.get("INTERAREC_CONVERSATIONS", "100"))
TURNS = 6
OBJECTIVES: tuple[Objective, ...] = ("revenue", "balanced", "surplus")
CHUNKS = 10


@pytest.fixture(scope="module")
def context(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Context:
    return shop_context(catalog, tmp_path_factory.mktemp("frames"), objective="revenue")


def say(draw: random.Random) -> str:
    """One thing a shopper might say."""
    amount = draw.choice([20, 28, 35, 45, 60, 290, 310, 400])
    color = draw.choice(["green", "red", "blue", "black", "turquoise"])
    brand = draw.choice(["Aster", "Birch", "Clover", "Nike"])
    kind = draw.choice(["dresses", "shirts", "phones"])
    return draw.choice(
        [
            f"{kind} up to £{amount}",
            f"what if my budget were £{amount}?",
            f"under {amount}",
            "20% more",
            "£5 less",
            f"no {color}",
            f"only {brand}",
            "any brand",
            f"make it {color}",
            "any colour is fine",
            "back to the first budget",
            f"show me {draw.randint(1, 4)}",
            "rated 4 or better",
            "why the first one?",
            f"why not the {color} one?",
            f"how many {kind} do you have under £{amount}?",
            "cheaper but pricier",
            f"at least £{amount}",
            "thanks",
            f"what about {kind}?",
            "at most one per brand",
            "compare the first two",
            "what's the difference between these?",
            "cheapest first",
            "sort by rating",
            "show me more like the second one",
            "go back two steps",
            f"£{amount} give or take 10",
            f"under £{amount}, no, £{amount + 5}",
            f"anything but {brand}",
            f"{brand}'s fine after all",
            "one size up",
            "size M",
            "do you have Aster shirts?",
            "make it $200",
            f"not {color} but black",
            "double the budget",
            "money is no object",
            "swap the first one",
            "is the second one waterproof?",
        ]
    )


def check_answer(context: Context, state: State) -> None:
    """Every hard limit holds, the stated optimum and difference are those of fresh solves."""
    catalog, solution = context.catalog("GBP"), state.get("solution")
    facts = gather(state)
    assert state["message"].strip()
    assert "[[" not in state["message"]
    known = " ".join([*facts.figures.values(), *(f"{i.title} {i.price} {i.reason}" for i in
                      (*facts.items, *facts.out)), facts.question])  # fmt: skip
    for number in re.findall(r"\d[\d.,]*\d|\d", state["message"]):
        assert number in known, (number, state["message"])
    if solution is None:
        return
    limits, wish = state["limits"], state.get("wish", "")
    engine = context.engine("GBP", state.get("liking"))
    allowed = catalog.matching(limits)
    for item in solution.items:
        row = catalog.row_of(item.id)
        assert row is not None
        assert allowed[row], (item.title, limits.to_json())
        assert catalog.product(row).price == item.price
    fresh = engine.solve(limits, wish)
    assert fresh.status == solution.status
    assert fresh.expected_revenue == pytest.approx(solution.expected_revenue)
    if scenario := state["scenario"]:
        before = engine.solve(scenario.before, "" if scenario.before == Constraints() else wish)
        if before.status == scenario.solution_before.status == "optimal":
            old, new = set(scenario.solution_before.ids), set(solution.ids)
            assert {i.id for i in scenario.difference.items_in} == new - old
            assert {i.id for i in scenario.difference.items_out} == old - new
        assert scenario.after == limits


def check_wider(context: Context, state: State) -> None:
    """A wider budget never lowers the optimum."""
    limits, solution = state["limits"], state.get("solution")
    if solution is None or limits.price_upper is None or solution.expected_revenue is None:
        return
    engine = context.engine("GBP", state.get("liking"))
    wider = limits.replace({"price_upper": limits.price_upper * 2}, {})
    more = engine.solve(wider, state.get("wish", "")).expected_revenue
    assert more is not None
    assert more >= solution.expected_revenue * (1 - 1e-9)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_is_said_the_answers_stay_true(chunk: int, context: Context) -> None:
    for number in range(chunk, CONVERSATIONS, CHUNKS):
        draw = random.Random(number)
        objective: Objective = draw.choice(OBJECTIVES)
        run = replace(context, objective=objective)
        session = Session(run, str(number), make_graph(InMemorySaver()))
        for _ in range(TURNS):
            state = session.turn(say(draw))
            check_answer(run, state)
            if objective == "revenue":
                check_wider(run, state)


@pytest.mark.parametrize("seed", range(20))
def test_undo_restores_the_limits_before(seed: int, context: Context, tmp_path: Path) -> None:
    draw = random.Random(1000 + seed)
    session = Session(context, f"undo{seed}", make_graph(InMemorySaver()))
    before = session.turn("dresses up to £45")["limits"]
    changed = session.turn(draw.choice(["what if I had £60?", "no red", "only Aster", "20% less"]))
    assert changed["limits"] != before
    undone = session.turn(draw.choice(["undo that", "go back", "forget that last change"]))
    assert _bare(undone["limits"]) == _bare(before)


def _bare(limits: Constraints) -> dict[str, object]:
    return {path: limits.value(path) for path in limits.standing()}
