"""Turn 300 costs what turn 10 does: counted on the wire and in the file, not timed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.session import kept_session
from tests.agent.llm_faults import make_context, shop, well_behaved
from tests.support.stub_server import Reply, Request, completion, serving

TURNS = 300


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
    context: Any = None
    sent: list[int] = []
    file: list[int] = []
    with serving(otherwise=lambda request: conversation(turn, request)) as stub:
        context = make_context(shop(tmp_path), tmp_path, stub.base_url, 30.0)
        with kept_session(context, "t", tmp_path) as session:
            for turn in range(1, TURNS + 1):
                before = len(stub.requests)
                state = session.turn(f"what about up to £{40 + turn % 50}? {'please ' * 300}")
                assert not state["degraded"]
                sent.append(sum(r.size for r in stub.requests[before:]))
                file.append((tmp_path / "threads.sqlite").stat().st_size)
        context.frames.close()
    assert state["turn"] == TURNS
    assert state["spent"].calls == 3 * TURNS
    print(f"bytes sent in turn 10: {sent[9]:,}; in turn {TURNS}: {sent[-1]:,}")
    assert sent[-1] == pytest.approx(sent[9], rel=0.02)
    assert max(sent[9:]) <= 1.05 * sent[9]
    assert len(state["messages"]) == 12
    assert file[-1] < 3_000_000
