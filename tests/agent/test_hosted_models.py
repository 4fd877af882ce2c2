"""Hosted models over real HTTP, against a local server that checks the exact wire format."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from PIL import Image

from agent.capture.gate import admit
from agent.config import Settings
from agent.models.answers import structured
from agent.models.calls import Way, failure, first_answer
from agent.models.factory import make_chat, make_hosted, make_vision
from agent.models.hosted_vision import HostedVision
from agent.models.scripted import ScriptedChatModel
from agent.seen import SeenLimits
from tests.support.shop import PreparedVision
from tests.support.stub_server import Reply, Stub, completion, serving
from tools.errors import InputError, ModelCallsForbidden, ModelUnavailable
from tools.preferences import CATEGORIES

LIMITS = {
    "price_lower": 18.0,
    "price_upper": 144.0,
    "currency": "GBP",
    "categories": ["dress"],
    "colors": ["green"],
    "colors_lead": True,
    "brands": [],
    "brands_lead": False,
    "sizes": [],
}


def settings(stub: Stub, **more: Any) -> Settings:
    return Settings(
        chat_model="openai:stub-model",
        vision_model="openai:stub-vision",
        openai_base_url=stub.base_url,
        model_timeout=2.0,
        model_retries=more.pop("model_retries", 0),
        **more,
    )


def picture() -> Any:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(data, "PNG")
    return replace(admit(data.getvalue(), "green.png"), checked=True)


def category(text: str = "not available", **more: Any) -> dict[str, Any]:
    return {"text": text, "values": [], "confidence": 0.0, "frames": []} | more


def vision_reply(frames: int = 1) -> dict[str, Any]:
    product = {
        "title": "Fern dress", "price": 39.0, "list_price": 55.0, "currency": "GBP",
        "brand": "Fern", "color": "green", "category": "dress", "rating": 4.5, "reviews": 12,
        "opened": True, "in_basket": False, "clipped": False,
    }  # fmt: skip
    frame = {
        "kind": "detail", "products": [product], "search_query": None, "active_filters": [],
        "promotions": [], "specifications": [], "suspicious_text": [],
    }  # fmt: skip
    summary = dict.fromkeys(CATEGORIES, category())
    summary["lowest_price"] = category("£39", values=["39"], confidence=0.9, frames=[0])
    return {"summary": summary, "frames": [frame] * frames}


def test_limits_are_asked_for_by_one_strict_function_call() -> None:
    with serving(completion(calls=[("SeenLimits", LIMITS)])) as stub:
        model = make_chat(settings(stub), {})
        draft = structured(model, SeenLimits, "the rules", "the summary")
        (request,) = stub.requests
    assert draft == SeenLimits.model_validate(LIMITS)
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer none"
    body = request.body
    assert body["model"] == "stub-model"
    assert body["messages"] == [
        {"role": "system", "content": "the rules"},
        {"role": "user", "content": "the summary"},
    ]
    (tool,) = body["tools"]
    assert tool["function"]["name"] == "SeenLimits"
    assert tool["function"]["strict"] is True
    assert tool["function"]["parameters"]["additionalProperties"] is False
    assert set(tool["function"]["parameters"]["required"]) == set(LIMITS)
    assert body["tool_choice"] == {"type": "function", "function": {"name": "SeenLimits"}}
    assert body["parallel_tool_calls"] is False


def test_frames_go_out_as_image_blocks_under_a_strict_schema() -> None:
    with serving(completion(json.dumps(vision_reply()))) as stub:
        reader = make_vision(settings(stub), ())
        frame = picture()
        result = reader.read([frame], before=[], running=None)
        (request,) = stub.requests
    body = request.body
    system, user = body["messages"]
    assert system["role"] == "system"
    assert "eight categories" in system["content"]
    text, image = user["content"]
    assert "none yet" in text["text"]
    sent = "data:image/png;base64," + base64.b64encode(frame.data).decode()
    assert image == {"type": "image_url", "image_url": {"url": sent, "detail": "high"}}
    schema = body["response_format"]
    assert schema["type"] == "json_schema"
    assert schema["json_schema"]["strict"] is True
    assert schema["json_schema"]["schema"]["required"] == ["summary", "frames"]
    assert result.summary.lowest_price.text == "£39"
    assert not result.summary.comparisons.available
    (product,) = result.readings[0].products
    assert (product.title, float(product.price or 0)) == ("Fern dress", 39.0)
    assert result.readings[0].digest == frame.digest


def test_the_running_summary_goes_out_with_the_next_batch() -> None:
    with serving(*[completion(json.dumps(vision_reply()))] * 2) as stub:
        reader = make_vision(settings(stub), ())
        first = reader.read([picture()], before=[], running=None)
        reader.read([picture()], before=first.readings, running=first.summary)
        text = stub.requests[1].body["messages"][1]["content"][0]["text"]
    assert "£39" in text
    assert "frame\n1 of the session" in text


def with_fallback(model: Any, embedded: Any, call: Callable[[Any], Any]) -> tuple[Any, list[str]]:
    """The call's result, from the embedded model where the first cannot be used, and why."""
    answered = first_answer([Way("configured", model), Way("embedded", embedded)], call)
    return answered.result, list(answered.reasons)


@pytest.mark.parametrize(
    "reply",
    [
        completion("Sorry, I cannot look at pictures."),
        completion("```json\n{}\n```"),
        completion(json.dumps(vision_reply(2))),
        completion(json.dumps(vision_reply() | {"extra": 1})),
        completion(json.dumps({"summary": {}})),
        completion(""),
        Reply("not json at all"),
        Reply({"error": {"message": "bad key sk-secret"}}, 401),
        Reply({"error": {"message": "overloaded"}}, 500),
    ],
)
def test_an_unusable_answer_falls_back_and_says_why(reply: Reply) -> None:
    with serving(reply) as stub:
        reader, embedded = make_vision(settings(stub), ()), PreparedVision()
        result, reasons = with_fallback(
            reader, embedded, lambda r: r.read([picture()], before=[], running=None)
        )
    assert embedded.batches == [1]
    assert not result.summary.lowest_price.available
    assert len(reasons) == 1
    assert "sk-secret" not in reasons[0]


def test_retry_after_is_honoured() -> None:
    busy = Reply({"error": {"message": "slow down"}}, 429, {"Retry-After": "1"})
    with serving(busy, completion("hello")) as stub:
        model = make_chat(settings(stub, model_retries=1), {})
        assert model.invoke([HumanMessage("hi")]).text == "hello"
        first, second = stub.requests
    assert second.at - first.at >= 0.9


def test_a_server_that_hangs_is_given_up_in_time() -> None:
    with serving(Reply("", delay=5)) as stub:
        model = make_chat(settings(stub), {})
        started = time.monotonic()
        embedded = ScriptedChatModel(steps=[AIMessage("done")])
        _, reasons = with_fallback(model, embedded, lambda m: m.invoke([HumanMessage("hi")]))
        assert time.monotonic() - started < 4
    assert reasons == ["the model did not answer in time"]


def test_usage_comes_back_with_the_answer() -> None:
    with serving(completion("hello")) as stub:
        answer = make_chat(settings(stub), {}).invoke([SystemMessage("s"), HumanMessage("hi")])
    assert answer.usage_metadata
    assert answer.usage_metadata["input_tokens"] == 11


def test_a_stream_arrives_in_pieces_with_usage() -> None:
    def chunk(delta: dict[str, Any], **more: Any) -> str:
        body = {
            "id": "1", "object": "chat.completion.chunk", "created": 1, "model": "stub",
            "choices": [{"index": 0, "delta": delta, "finish_reason": more.pop("end", None)}],
        } | more  # fmt: skip
        return f"data: {json.dumps(body)}\n\n"

    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    body = (
        chunk({"role": "assistant", "content": "Hel"})
        + chunk({"content": "lo"})
        + chunk({}, end="stop")
        + chunk({}, choices=[], usage=usage)
        + "data: [DONE]\n\n"
    )
    with serving(Reply(body, headers={"X-Kind": "stream"})) as stub:
        pieces = list(make_chat(settings(stub), {}).stream([HumanMessage("hi")]))
        assert stub.requests[0].body["stream"] is True
        assert stub.requests[0].body["stream_options"] == {"include_usage": True}
    assert [p.text for p in pieces if p.text] == ["Hel", "lo"]
    assert any(p.usage_metadata and p.usage_metadata["total_tokens"] == 5 for p in pieces)


def test_real_models_cannot_be_called_from_tests() -> None:
    model = make_hosted("openai:gpt-x", Settings(openai_api_key="sk-test"))  # type: ignore[arg-type]
    with pytest.raises(ModelCallsForbidden):
        model.invoke([HumanMessage("hi")])
    with pytest.raises(ModelCallsForbidden):
        list(model.stream([HumanMessage("hi")]))


def test_forbidding_covers_loopback_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERAREC_MODEL_CALLS", "forbid")
    with serving() as stub:
        with pytest.raises(ModelCallsForbidden):
            make_chat(settings(stub), {}).invoke([HumanMessage("hi")])
        assert stub.requests == []


@pytest.mark.parametrize("name", ["gpt-5", "openai:", "mistral:small", ""])
def test_an_unknown_model_name_is_one_clear_sentence(name: str) -> None:
    with pytest.raises(InputError, match="not understood"):
        make_hosted(name, Settings(openai_api_key="sk-x"))  # type: ignore[arg-type]


def test_a_public_model_without_a_key_says_which_variable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        make_hosted("openai:gpt-x", Settings())


def test_bugs_are_not_taken_for_model_failures() -> None:
    assert failure(KeyError("x")) is None
    assert failure(ModelUnavailable("gone")) == "gone"
    with pytest.raises(ZeroDivisionError):
        with_fallback("hosted", "embedded", lambda m: m if m == "embedded" else 1 / 0)


def test_the_reader_names_its_model() -> None:
    with serving() as stub:
        reader = make_vision(settings(stub), ())
    assert isinstance(reader, HostedVision)
    assert reader.name == "stub-vision"
