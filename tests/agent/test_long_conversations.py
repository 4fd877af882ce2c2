"""Turn 300 costs what turn 10 does: counted on the wire and in the file, not timed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.session import kept_session
from tests.agent.llm_faults import make_context, well_behaved
from tests.support.shop import small_catalog
from tests.support.stub_server import Reply, Request, completion, serving

TURNS = 300
MEASURED = (10, 150, TURNS)


def conversation(number: int, request: Request) -> Reply:
    """A model that changes the price in every turn, a little differently each time."""
    if any(m["role"] == "tool" for m in request.body["messages"][-1:]):
        return completion("done")
    if request.body.get("tools"):
        return completion(
            calls=[("what_if", {"changes": [{"op": "set_price", "upper": 40 + number % 50}]})]
        )
    return well_behaved(request)


def test_turn_300_sends_what_turn_10_sends(tmp_path: Path) -> None:
    turn = 0
    sent: dict[int, int] = {}
    file: dict[int, int] = {}
    with serving(otherwise=lambda request: conversation(turn, request)) as stub:
        context = make_context(small_catalog(tmp_path), tmp_path, stub.base_url, 30.0)
        with kept_session(context, "t", tmp_path) as session:
            for turn in range(1, TURNS + 1):
                # What a turn sends hangs on the state alone, so most turns need no server.
                asked = turn in MEASURED
                session.context = context if asked else replace(context, chat=context.embedded_chat)
                state = session.turn(f"what about up to £{40 + turn % 50}? {'please ' * 300}")
                assert not state["degraded"]
                assert state["limits"].price_upper == 40 + turn % 50
                if asked:
                    sent[turn] = sum(r.size for r in stub.requests)
                    stub.requests.clear()
                    file[turn] = (tmp_path / "threads.sqlite").stat().st_size
        context.frames.close()
    assert state["turn"] == TURNS
    print(f"bytes sent in a turn {sent}; bytes of the file after it {file}")
    assert sent[TURNS] == pytest.approx(sent[10], rel=0.03)
    assert len(state["messages"]) == 14, (
        "six turns of words, five answers, a call, its answer, ours"
    )
    assert file[TURNS] < 1_500_000
