"""The parts around model calls: circuit, deadline, ledger, settings, and answers put into form."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from agent.assembly import make_context
from agent.config import Price, Settings, load_settings
from agent.models.answers import objects_in, spoken
from agent.models.calls import Means, Way, first_answer
from agent.models.circuit import LONGEST, Circuit
from agent.models.deadline import at_most, time_left
from agent.models.factory import make_chat, name_of, second
from agent.models.hosted import HostedChatModel
from agent.models.ledger import NOTHING, Budget, BudgetSpent, Meter, estimated_tokens
from agent.nodes.assistant import as_step
from tests.support.stub_server import completion, refusing, serving
from tools.errors import InputError, ModelUnavailable


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_circuit_lets_one_call_try_when_the_rest_is_over() -> None:
    clock = Clock()
    circuit = Circuit(10, clock=clock)
    assert circuit.refusal("a", "a/m") is None
    circuit.failed("a", "it is dead")
    assert circuit.refusal("a", "a/m") == "it is dead"
    assert circuit.refusal("b") is None
    clock.now = 10.0
    assert circuit.refusal("a", "a/m") is None, "one may try"
    assert circuit.refusal("a", "a/m") == "it is dead", "while it does, no other"
    circuit.failed("a", "still dead")
    clock.now = 29.9
    assert circuit.refusal("a") == "still dead", "twice as long"
    clock.now = 30.0
    assert circuit.refusal("a") is None
    circuit.let_go("a")
    assert circuit.refusal("a") is None, "the call was not made after all"
    circuit.worked("a")
    assert circuit.refusal("a") is None


def test_a_circuit_rests_as_long_as_the_server_asks_within_reason() -> None:
    clock = Clock()
    circuit = Circuit(10, clock=clock)
    circuit.failed("a", "busy", seconds=77)
    clock.now = 76.0
    assert circuit.refusal("a")
    clock.now = 77.0
    assert not circuit.refusal("a")
    for _ in range(20):
        circuit.failed("a", "busy")
    clock.now += LONGEST
    assert not circuit.refusal("a")


def test_the_nearest_deadline_holds() -> None:
    assert time_left() is None
    with at_most(50):
        with at_most(500):
            assert (time_left() or 0) <= 50
        with at_most(1):
            assert (time_left() or 9) <= 1
        assert (time_left() or 0) > 1
    assert time_left() is None


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


def test_looking_up_a_name_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: waiting.wait(60))
    settings = Settings(openai_base_url="http://localhost:9/v1", chat_model="openai:x",
                        model_timeout=0.2, model_retries=0)  # fmt: skip
    ways: list[Way[Any]] = [Way("openai:x", make_chat(settings, {})), Way("embedded", None)]
    answered: Any = first_answer(ways, lambda m: m.invoke("hi") if m else "fallen back")
    waiting.set()
    assert answered.result == "fallen back"
    assert answered.reasons == ("the model did not answer in time",)


def test_a_turn_without_time_asks_nobody(silent: str) -> None:
    way = Way("a", "model", silent)
    answered = first_answer(
        [way, Way("embedded", "rules")], lambda model: model, Means(seconds=0.0)
    )
    assert (answered.by, answered.given_up) == ("embedded", ("a",))


def ended(**usage: Any) -> LLMResult:
    message = AIMessage("x" * 40, usage_metadata=usage or None)
    return LLMResult(generations=[[ChatGeneration(message=message)]])


def test_money_counts_cached_input_at_its_own_price() -> None:
    price = Price(input=Decimal(2), output=Decimal(10), cached_input=Decimal(1))
    meter = Meter(Budget(), NOTHING, NOTHING, price)
    run = uuid4()
    meter.on_chat_model_start({}, [[HumanMessage("hi")]], run_id=run)
    meter.on_llm_end(
        ended(input_tokens=1_000_000, output_tokens=100_000, total_tokens=1_100_000,
              input_token_details={"cache_read": 400_000}),
        run_id=run,
    )  # fmt: skip
    assert meter.spent.money == Decimal("1.2") + Decimal("0.4") + Decimal(1)
    assert not meter.spent.estimated


def test_what_a_server_does_not_say_is_estimated_and_a_failed_call_counts() -> None:
    meter = Meter(Budget(), NOTHING, NOTHING)
    one, two = uuid4(), uuid4()
    meter.on_chat_model_start({}, [[HumanMessage("a" * 400)]], run_id=one)
    meter.on_llm_end(ended(), run_id=one)
    assert (meter.spent.input_tokens, meter.spent.output_tokens) == (100, 10)
    assert meter.spent.estimated
    meter.on_chat_model_start({}, [[HumanMessage("a" * 400)]], run_id=two)
    meter.on_llm_error(TimeoutError(), run_id=two)
    assert meter.spent.input_tokens == 200
    assert meter.spent.calls == 2


def test_a_budget_is_checked_with_the_longest_reply_in_mind() -> None:
    meter = Meter(Budget(turn_tokens=1_000), NOTHING, NOTHING)
    words: list[list[Any]] = [[HumanMessage("a" * 400)]]
    meter.on_chat_model_start({}, words, run_id=uuid4())
    with pytest.raises(BudgetSpent, match="1,000 tokens"):
        meter.on_chat_model_start(
            {}, words, run_id=uuid4(), invocation_params={"max_completion_tokens": 901}
        )


def test_a_picture_counts_as_tokens_not_as_its_bytes() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 900_000}}
    assert estimated_tokens([HumanMessage([{"type": "text", "text": "a" * 40}, image])]) == 1_510


def test_a_budget_in_money_needs_prices(tmp_path: Path) -> None:
    settings = load_settings(
        home=tmp_path, chat_model="openai:x", openai_base_url="http://127.0.0.1:9/v1", turn_money=1
    )
    with pytest.raises(InputError, match="price of openai:x"):
        make_context(settings)


def test_the_second_model_has_its_own_server_and_key() -> None:
    settings = load_settings(
        chat_model="openai:one",
        openai_api_key="sk-one",
        fallback_model="openai:two",
        fallback_base_url="http://me:pw@127.0.0.1:9/v1",
    )
    model = make_chat(second(settings), {})
    assert isinstance(model, HostedChatModel)
    assert name_of(model) == "openai:two"
    assert model.server == "127.0.0.1:9", "no password"
    assert name_of(make_chat(settings, {})) == "openai:one"


def test_a_retry_after_that_is_a_date_is_understood() -> None:
    from datetime import UTC, datetime, timedelta
    from email.utils import format_datetime

    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with serving(refusing(429, "slow", Retry_After=soon), completion("hello")) as stub:
        settings = Settings(openai_base_url=stub.base_url, chat_model="openai:x")
        assert make_chat(settings, {}).invoke("hi").text == "hello"
        first, then = stub.requests
    assert then.at - first.at > 0.5
    assert time.monotonic() > then.at


def test_a_server_that_refuses_structure_is_asked_in_words_from_then_on() -> None:
    import json

    from agent.models.answers import structured
    from agent.seen import SeenLimits
    from tests.agent.llm_faults import SEEN_LIMITS

    good = completion(json.dumps(SEEN_LIMITS))
    with serving(refusing(400), good, good) as stub:
        model = make_chat(Settings(openai_base_url=stub.base_url, chat_model="openai:x"), {})
        for _ in range(2):
            assert structured(model, SeenLimits, "rules", "summary").price_upper == 60
        asked, again, later = (r.body for r in stub.requests)
    assert "tools" in asked
    assert "tools" not in again
    assert "JSON schema" in again["messages"][-1]["content"]
    assert "tools" not in later


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ('Sure:\n```json\n{"a": {"b": [1]}}\n``` and {"c": 2}', [{"a": {"b": [1]}}, {"c": 2}]),
        ('{"a": 1', []),
        ("{not json} {}", [{}]),
        ("[1, 2]", []),
        ("no braces", []),
        ("{" * 5_000, []),
    ],
)
def test_only_whole_objects_are_taken_out_of_text(text: str, found: list[Any]) -> None:
    assert list(objects_in(text)) == found


def test_thoughts_are_not_spoken() -> None:
    assert spoken(AIMessage("<think>£9.99?\n</think>\nHello")) == "Hello"


def test_calls_get_ids_that_no_other_call_of_the_thread_has() -> None:
    def asked(*ids: str) -> AIMessage:
        return AIMessage(
            "",
            tool_calls=[{"name": "explain", "args": {}, "id": i, "type": "tool_call"} for i in ids],
        )

    first = as_step(asked("call_0", "call_0", ""), [HumanMessage("hi")])
    ids = [c["id"] for c in first.tool_calls]
    assert len(set(ids)) == 3
    assert all(ids)
    later = as_step(asked("call_0"), [HumanMessage("hi"), first])
    assert later.tool_calls[0]["id"] not in ids


def test_bugs_in_a_call_stay_loud_and_do_not_close_the_circuit() -> None:
    means = Means()
    ways = [Way("a", "a", "server"), Way("embedded", "b")]
    with pytest.raises(ZeroDivisionError):
        first_answer(ways, lambda _: 1 / 0, means)
    answered = first_answer(ways, lambda model: model, means)
    assert answered.by == "a"


def test_a_model_that_talks_nonsense_is_not_left_alone() -> None:
    def nonsense(model: str) -> str:
        if model == "a":
            raise ModelUnavailable("it said nothing of use")
        return model

    means = Means()
    ways = [Way("a", "a", "server"), Way("embedded", "b")]
    for _ in range(3):
        assert first_answer(ways, nonsense, means).reasons == ("it said nothing of use",)
