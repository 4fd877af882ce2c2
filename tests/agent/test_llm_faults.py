"""Every row of the fault table, and what several turns or several models make of faults."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.answer import turn_json
from agent.config import Price, Settings
from agent.events import Drafting, MessagePart, StageEnded, ToolAnswered, ToolCalled, TurnEnded
from agent.graph import make_graph
from agent.models.factory import make_chat
from agent.models.ledger import Budget
from agent.session import Session, kept_session
from tests.agent.faults import DEAD, every, row_id, rows_of
from tests.agent.llm_faults import (
    FAULTS,
    SAID,
    Fault,
    faults_of,
    make_context,
    run,
    well_behaved,
)
from tests.support.stub_server import Reply, Request, completion, refusing, serving
from tools.catalog import Catalog


@pytest.mark.parametrize(("fault", "mode"), rows_of(FAULTS), ids=row_id)
def test_a_turn_ends_honestly_whatever_the_model_does(
    fault: Fault, mode: str, catalog: Catalog, tmp_path: Path
) -> None:
    assert faults_of(fault, run(fault, mode, catalog, tmp_path)) == []


def test_a_turn_that_waits_for_several_models_ends_within_its_own_time(
    catalog: Catalog, tmp_path: Path
) -> None:
    with serving(otherwise=every(Reply(hang=True))) as one, serving(otherwise=well_behaved) as two:
        # Both calls may take a minute; the turn may not. It ends, so the turn's own time counts.
        context = make_context(catalog, tmp_path, one.base_url, 60.0, turn_seconds=1.0)
        state = Session(context, "t", make_graph()).turn(SAID)
        assert two.requests == []
    assert state["degraded"] == ["the model did not answer in time"]
    assert state["solution"]


def second(context: Any, base_url: str) -> Any:
    settings = Settings(chat_model="openai:second", openai_base_url=base_url, model_retries=0)
    return replace(context, second_chat=make_chat(settings, {}))


def test_a_second_model_takes_over_and_it_is_said(catalog: Catalog, tmp_path: Path) -> None:
    with (
        serving(otherwise=every(refusing(500))) as bad,
        serving(otherwise=well_behaved) as good,
    ):
        context = second(make_context(catalog, tmp_path, bad.base_url), good.base_url)
        state = Session(context, "t", make_graph()).turn(SAID)
        assert len(good.requests) == 3, "every step of the turn"
        assert len(bad.requests) == 2, "once and its retry, then not again in this turn"
        assert {r.body["model"] for r in good.requests} == {"second"}
    assert state["answered_by"] == ["openai:second"]
    shown = turn_json(state, "openai:stub-model")
    assert shown["degraded"] is True
    assert shown["degraded_reasons"] == ["the model's server answered with HTTP status 500"]


def test_when_both_models_fail_the_embedded_one_answers(catalog: Catalog, tmp_path: Path) -> None:
    with serving(otherwise=every(completion(""))) as stub:
        context = second(make_context(catalog, tmp_path, DEAD), stub.base_url)
        state = Session(context, "t", make_graph()).turn(SAID)
    assert state["degraded"] == [
        "the model's server could not be reached",
        "the model's answer was empty",
    ]
    assert state["answered_by"] == ["embedded"]
    assert state["limits"].price_upper == 60


def test_a_dead_server_is_not_waited_for_in_every_turn(catalog: Catalog, tmp_path: Path) -> None:
    with serving(otherwise=every(Reply(hang=True))) as stub:
        context = make_context(catalog, tmp_path, stub.base_url, 0.5)
        session = Session(context, "t", make_graph())
        states = [session.turn(SAID) for _ in range(4)]
        assert len(stub.requests) == 1
        # Another conversation of the same process does not wait for it either.
        Session(context, "other", make_graph()).turn(SAID)
        assert len(stub.requests) == 1
    assert all(len(state["degraded"]) == 1 for state in states)
    assert "left alone" in states[-1]["degraded"][0]


def test_a_server_that_came_back_is_used_again(catalog: Catalog, tmp_path: Path) -> None:
    now = [0.0]
    from agent.models.circuit import Circuit

    replies: list[Reply] = [refusing(503), refusing(503)]
    with serving(*replies, otherwise=well_behaved) as stub:
        circuit = Circuit(30.0, clock=lambda: now[0])
        context = make_context(catalog, tmp_path, stub.base_url, circuit=circuit)
        session = Session(context, "t", make_graph())
        assert session.turn(SAID)["degraded"]
        now[0] = 29.0
        assert session.turn(SAID)["degraded"]
        assert len(stub.requests) == 2
        now[0] = 31.0
        assert not session.turn(SAID)["degraded"]


def test_a_budget_of_tokens_ends_the_use_of_the_model_and_says_so(
    catalog: Catalog, tmp_path: Path
) -> None:
    with serving(otherwise=well_behaved) as stub:
        context = make_context(catalog, tmp_path, stub.base_url)
        whole = Session(context, "t", make_graph()).turn(SAID)
        assert whole["spent"].tokens == 3 * 18, "as the wire says: three calls of 11 and 7"
        assert not whole["spent"].estimated
        context = replace(context, budget=Budget(turn_tokens=100))
        state = Session(context, "t", make_graph()).turn(SAID)
        assert len(stub.requests) == 3, "the call is refused before it is sent"
    assert state["degraded"] == ["the budget of this turn, 100 tokens, does not allow the call"]
    assert state["spent"].tokens == 0
    assert state["solution"]


def test_a_budget_of_money_holds_for_the_whole_conversation(
    catalog: Catalog, tmp_path: Path
) -> None:
    prices = {"openai:stub-model": Price(input=Decimal(1000), output=Decimal(10_000))}
    each = Decimal("0.081") * 3  # three calls of 11 tokens in and 7 out
    with serving(otherwise=well_behaved) as stub:
        # The estimate of a call stands in for its price before it is made: about three in money.
        context = make_context(
            catalog, tmp_path, stub.base_url, prices=prices, budget=Budget(thread_money=Decimal(99))
        )
        with kept_session(context, "t", tmp_path) as session:
            first = session.turn(SAID)
            assert first["spent"].money == each
            assert not first["degraded"]
        with kept_session(replace(context, budget=Budget(thread_money=each)), "t", tmp_path) as s:
            second_turn = s.turn("no red")
            assert "budget of this conversation" in second_turn["degraded"][0]
            assert second_turn["spent"].money == each


def test_a_stream_tells_what_happens_and_shows_only_the_checked_message(
    catalog: Catalog, tmp_path: Path
) -> None:
    lie = "The Golden Gown for £9.99 is yours!"

    def reply(request: Request) -> Reply:
        return well_behaved(request) if request.body.get("tools") else completion(lie)

    with serving(otherwise=reply) as stub:
        session = Session(make_context(catalog, tmp_path, stub.base_url), "t", make_graph())
        events = list(session.events(SAID))
        assert all(r.body["stream"] is True for r in stub.requests)
    kinds = [type(e) for e in events]
    assert kinds.index(ToolCalled) < kinds.index(ToolAnswered) < kinds.index(Drafting)
    assert kinds[-1] is TurnEnded
    stages = [e.stage for e in events if isinstance(e, StageEnded)]
    assert stages == ["intake", "assistant", "tools", "assistant", "compose", "check"]
    message = "".join(e.text for e in events if isinstance(e, MessagePart))
    assert message == session.state["message"]
    assert "Golden" not in "".join(e.model_dump_json() for e in events)
    assert session.state["rewritten"] == 1


async def _collected(session: Session) -> list[Any]:
    return [event async for event in session.aevents(SAID)]


def test_the_same_events_come_to_an_event_loop(catalog: Catalog, tmp_path: Path) -> None:
    import asyncio

    with serving(otherwise=well_behaved) as stub:
        session = Session(make_context(catalog, tmp_path, stub.base_url), "t", make_graph())
        events = asyncio.run(_collected(session))
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].message == session.state["message"]
