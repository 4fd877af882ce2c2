"""What goes wrong when a model reads screens, over real HTTP, and what a turn makes of it.

`python -m tests.agent.vision_faults` prints the table: what is asked of each fault beside what was
seen. The same table is a test (`test_vision_faults.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.capture.frames import Frame
from agent.config import Settings
from agent.context import Context
from agent.models.factory import make_vision
from tests.agent.faults import (
    BUSY,
    CALL_SECONDS,
    SHORT,
    BaseFault,
    Seen,
    every,
    print_table,
    turn_under,
)
from tests.agent.llm_faults import make_context as make_chat_context
from tests.support.shop import frame as unchecked_frame
from tests.support.stub_server import Reply, Request, completion, refusing
from tools.catalog import Catalog
from tools.preferences import CATEGORIES

FRAMES = 3
PRICES = (30.0, 40.0, 60.0)
READ = "a dress, as the model read it"


def frame(number: int) -> Frame:
    """A picture that passed the gate."""
    return replace(unchecked_frame(number), checked=True)


def category(text: str = "not available", **more: Any) -> dict[str, Any]:
    """One category as a model answers it."""
    return {"text": text, "values": [], "confidence": 0.0, "frames": []} | more


def product(price: float | None = 40.0, **more: Any) -> dict[str, Any]:
    """One product as a model answers it."""
    return {
        "title": f"Aster green dress {price:g}", "price": price, "list_price": None,
        "currency": "GBP", "brand": "Aster", "color": "green", "category": "dress", "rating": 4.5,
        "reviews": 12, "opened": True, "in_basket": False, "clipped": False,
    } | more  # fmt: skip


def summary(**categories: dict[str, Any]) -> dict[str, Any]:
    """The eight categories as a model answers them."""
    found = {"product_characteristics": category(READ, confidence=0.9, frames=[0])} | categories
    return {key: found.get(key, category()) for key in CATEGORIES}


def answer(frames: int = FRAMES, **more: Any) -> dict[str, Any]:
    """What a model that does its job says of so many frames."""
    return {"summary": summary(), "frames": [screen() | more for _ in range(frames)]}


def screen() -> dict[str, Any]:
    """One frame as a model answers it."""
    return {
        "kind": "detail", "products": [product(price) for price in PRICES], "search_query": None,
        "active_filters": [], "promotions": [], "specifications": [], "suspicious_text": [],
    }  # fmt: skip


def pictures(request: Request) -> list[dict[str, Any]]:
    """The picture blocks of a request."""
    blocks = [m["content"] for m in request.body["messages"] if isinstance(m["content"], list)]
    return [block for content in blocks for block in content if block["type"] == "image_url"]


def well_behaved(request: Request) -> Reply:
    """A good answer to this request."""
    shown = len(pictures(request))
    return completion(json.dumps(answer(shown) if shown else summary()))


def without(whole: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The answer without one field."""
    return {k: v for k, v in whole.items() if k != key}


@dataclass(frozen=True)
class Fault(BaseFault):
    """A fault of a turn of screens alone."""

    calls: int = 1
    """Requests that are made."""


def _sent_back(seen: Seen) -> bool:
    last = seen.requests[1].body["messages"][-1]["content"]
    return "cannot be used" in last and len(pictures(seen.requests[1])) == FRAMES


def _strict_refused(request: Request) -> Reply | None:
    return refusing(400, "no strict") if "response_format" in request.body else None


GOOD = answer()
PROSE = completion("Sorry, I cannot look at pictures.")
FENCED = completion(f"Here you are:\n```json\n{json.dumps(GOOD)}\n```\nAnything else?")
HALF = completion(json.dumps(GOOD)[:-40])
MISSING = completion(json.dumps(without(GOOD, "summary")))
INNER = completion(json.dumps(GOOD | {"summary": without(GOOD["summary"], "promotions")}))
EXTRA = completion(json.dumps(GOOD | {"limits": {"price_upper": 1}}))
COUNT = completion(json.dumps(answer(FRAMES - 1)))
NEGATIVE = completion(json.dumps(answer(products=[product(-5.0)])))
DRIPPING = replace(completion(json.dumps(GOOD)), drip="body")
CUT = replace(completion(json.dumps(GOOD)), cut=0.6)

FAULTS: tuple[Fault, ...] = (
    Fault("none", "the model reads"),
    Fault("401", "given up at once", always=every(refusing(401, "bad key sk-secret")),
          reason="401"),
    Fault("429, Retry-After 1, once", "waited for, then read",
          {0: refusing(429, "slow", Retry_After="1")}, calls=2,
          also=lambda s: s.requests[1].at - s.requests[0].at >= 0.95),
    Fault("429, Retry-After 600", "not waited for", always=every(refusing(429, "x",
          Retry_After="600")), reason="429"),
    Fault("429, no Retry-After, once", "tried again", {0: BUSY}, calls=2),
    Fault("429, no Retry-After, always", "given up after one retry", always=every(BUSY),
          reason="429", calls=2),
    Fault("500 once", "tried again", {0: refusing(500)}, calls=2),
    Fault("500 always", "given up after one retry", always=every(refusing(500)), reason="500",
          calls=2),
    Fault("hang", "given up at the deadline", always=every(Reply(hang=True)),
          call_seconds=SHORT, reason="in time"),
    Fault("drip in the headers", "given up at the deadline", always=every(Reply(drip="head")),
          call_seconds=SHORT, reason="in time"),
    Fault("drip in the body", "given up at the deadline", always=every(DRIPPING),
          call_seconds=SHORT, reason="in time"),
    Fault("body cut", "never used", always=every(CUT), reason="model", modes=("whole",), calls=2),
    Fault("stream cut", "never used", always=every(CUT), reason="broke off", modes=("stream",)),
    Fault("prose once", "sent back once", {0: PROSE}, calls=2, also=_sent_back),
    Fault("prose always", "given up", always=every(PROSE), reason="structure", calls=2),
    Fault("fenced JSON in prose", "understood", {0: FENCED}),
    Fault("half a JSON once", "sent back once", {0: HALF}, calls=2, also=_sent_back),
    Fault("half a JSON always", "given up", always=every(HALF), reason="structure", calls=2),
    Fault("no summary once", "sent back once", {0: MISSING}, calls=2, also=_sent_back),
    Fault("no summary always", "given up", always=every(MISSING), reason="structure", calls=2),
    Fault("a category missing once", "sent back once", {0: INNER}, calls=2, also=_sent_back),
    Fault("a field too many once", "sent back once", {0: EXTRA}, calls=2, also=_sent_back),
    Fault("a field too many always", "given up", always=every(EXTRA), reason="structure", calls=2),
    Fault("a frame too few once", "told the number, mended", {0: COUNT}, calls=2,
          also=lambda s: "2 entries" in s.requests[1].body["messages"][-1]["content"]),
    Fault("a frame too few always", "given up", always=every(COUNT), reason="structure", calls=2),
    Fault("a negative price once", "sent back once", {0: NEGATIVE}, calls=2, also=_sent_back),
    Fault("a negative price always", "given up", always=every(NEGATIVE), reason="structure",
          calls=2),
    Fault("refusal", "given up", always=every(completion(None, refusal="No.")), reason="declined"),
    Fault("content filter", "given up", reason="declined",
          always=every(completion("", finish="content_filter"))),
    Fault("length cut", "never used", reason="cut off",
          always=every(completion(json.dumps(GOOD)[:200], finish="length"))),
    Fault("whole, yet marked as cut", "never used", reason="cut off",
          always=every(completion(json.dumps(GOOD), finish="length"))),
    Fault("empty", "given up", always=every(completion("")), reason="empty"),
    Fault("no content at all", "given up", always=every(completion(None)), reason="empty"),
    Fault("an empty object always", "given up", always=every(completion("{}")), reason="structure",
          calls=2),
    Fault("a web page", "given up", always=every(Reply("<html>hello</html>")), reason="model"),
    Fault("no choices", "given up", always=every(Reply({"id": "1", "choices": None})),
          reason="answer"),
    Fault("an error with status 200", "given up", reason="answer",
          always=every(Reply({"error": {"message": "x"}}))),
    Fault("no strict schemas (400)", "asked in words", always=_strict_refused, calls=2,
          also=lambda s: "JSON schema" in s.requests[1].body["messages"][-1]["content"]),
    Fault("no server at all", "given up after one retry", unreachable=True, reason="reached",
          calls=0),
)  # fmt: skip


def make_context(
    catalog: Catalog, folder: Path, base_url: str, call_seconds: float = CALL_SECONDS, **more: Any
) -> Context:
    """A run whose vision model is the stub, with a prepared reader in the embedded one's place.

    Args:
        more: settings of the vision model, beside its address.
    """
    settings = Settings(
        vision_model=more.pop("vision_model", "openai:stub-vision"),
        openai_base_url=base_url,
        model_timeout=call_seconds,
        model_retries=more.pop("model_retries", 1),
        **more,
    )
    context = make_chat_context(catalog, folder, base_url)
    return replace(
        context, chat=context.embedded_chat, vision=make_vision(settings, (), context.frames)
    )


def run(fault: Fault, mode: str, catalog: Catalog, folder: Path) -> Seen:
    """One turn of three screens under the fault, in a mode of `MODES`."""

    def context_at(base_url: str) -> Context:
        return make_context(catalog, folder, base_url, fault.call_seconds)

    frames = [frame(number) for number in range(FRAMES)]
    return turn_under(fault, mode, well_behaved, context_at, ("", frames))


def faults_of(fault: Fault, seen: Seen) -> list[str]:
    """What is wrong with how the turn went; empty when all is as asked."""
    state, wrong = seen.state, []
    said = state["summary"].product_characteristics.text
    if fault.reason:
        if fault.reason not in seen.reasons:
            wrong.append(f"reasons {seen.reasons!r}")
        if seen.embedded != [FRAMES] or said == READ:
            wrong.append(f"not read by the embedded reader: {said!r}")
        if seen.reasons not in state["message"]:
            wrong.append("the message does not say why")
    elif seen.reasons or seen.embedded or said != READ:
        wrong.append(f"not read by the model: {seen.reasons!r}, {said!r}")
    if [len(r.products) for r in state["readings"]] not in ([3] * FRAMES, [3, 3, 3]):
        wrong.append("products are missing")
    if state["limits"].price_upper != 60 or not state["summary"].product_characteristics.available:
        wrong.append(f"no valid summary: {state['limits'].price_upper}, {said!r}")
    if len(seen.requests) != fault.calls:
        wrong.append(f"{len(seen.requests)} requests, asked {fault.calls}")
    if "sk-secret" in state["message"] + seen.reasons:
        wrong.append("a key leaked")
    if not fault.also(seen):
        wrong.append("not as asked")
    return wrong


def came_of(seen: Seen) -> str:
    """Who read the screens."""
    return f"embedded, {seen.reasons}" if seen.reasons else "the model's summary"


if __name__ == "__main__":
    print_table(FAULTS, run, faults_of, came_of)
