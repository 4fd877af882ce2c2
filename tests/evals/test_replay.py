"""Recorded answers of hosted models: replayed by content, never called out for when missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.config import load_settings
from agent.models.factory import make_hosted
from evals.replay import NotRecorded, ReplayCache, recorded
from tests.support.stub_server import completion, serving


def model(base_url: str, cache: ReplayCache, **settings: Any) -> Any:
    hosted = make_hosted("openai:tiny", load_settings(openai_base_url=base_url, **settings))
    hosted.cache = cache
    return hosted


def test_an_answer_is_recorded_once_and_replayed_without_a_server(tmp_path: Path) -> None:
    with serving(completion("good day")) as stub:
        cache = ReplayCache(tmp_path, "record")
        assert model(stub.base_url, cache).invoke("hello").text == "good day"
        assert len(stub.requests) == 1
    (file,) = recorded(tmp_path)
    assert json.loads(file.read_text("utf-8"))["answers"][0]["content"] == "good day"
    # Another address, and nobody there: only the content counts.
    replay = ReplayCache(tmp_path)
    assert model("http://127.0.0.1:9/v1", replay).invoke("hello").text == "good day"
    assert replay.replayed == 1


def test_a_missing_answer_fails_and_calls_nobody(tmp_path: Path) -> None:
    with serving() as stub:
        hosted = model(stub.base_url, ReplayCache(tmp_path, told="compose@2:abc"))
        with pytest.raises(NotRecorded, match="no recorded answer for compose@2:abc"):
            hosted.invoke("hello")
        assert stub.requests == []


def test_words_parameters_tools_and_models_make_another_call(tmp_path: Path) -> None:
    with serving(completion("one")) as stub:
        cache = ReplayCache(tmp_path, "record")
        model(stub.base_url, cache).invoke("hello")
        replay = ReplayCache(tmp_path)
        with pytest.raises(NotRecorded):
            model(stub.base_url, replay).invoke("hello!")
        with pytest.raises(NotRecorded):
            model(stub.base_url, replay, temperature=0.5).invoke("hello")
        tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
        with pytest.raises(NotRecorded):
            model(stub.base_url, replay).bind_tools([tool]).invoke("hello")


def test_a_damaged_recording_is_named(tmp_path: Path) -> None:
    with serving(completion("one")) as stub:
        model(stub.base_url, ReplayCache(tmp_path, "record")).invoke("hello")
        (file,) = recorded(tmp_path)
        file.write_text("{", encoding="utf-8")
        with pytest.raises(NotRecorded, match="the recorded answer is damaged"):
            model(stub.base_url, ReplayCache(tmp_path)).invoke("hello")
