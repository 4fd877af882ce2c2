"""What goes wrong between us and a language model, over real HTTP, and what a turn makes of it.

`python -m tests.agent.llm_faults` prints the table: what is asked of each fault beside what was
seen. The same table is a test (`test_llm_faults.py`). A server that answers well is `well_behaved`;
a fault replaces some of its replies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.config import Settings
from agent.context import Context
from agent.models.circuit import Circuit
from agent.models.factory import make_chat
from tests.agent.faults import (
    BUSY,
    CALL_SECONDS,
    SHORT,
    TURN_SECONDS,
    BaseFault,
    Seen,
    every,
    print_table,
    turn_under,
)
from tests.support.shop import PreparedVision, frame, shop_context
from tests.support.stub_server import Reply, Request, completion, refusing
from tools.catalog import Catalog
from tools.preferences import SeenProduct

SAID = "dresses up to £60"
CHANGES = {
    "changes": [
        {"op": "set_price", "upper": 60},
        {"op": "want", "field": "categories", "values": ["dresses"]},
    ]
}
SEEN_LIMITS = {
    "price_lower": 30.0, "price_upper": 60.0, "currency": "GBP", "categories": ["dress"],
    "colors": [], "colors_lead": False, "brands": [], "brands_lead": False, "sizes": [],
}  # fmt: skip


def well_behaved(request: Request) -> Reply:
    """What a model that does its job says to this request."""
    messages = request.body["messages"]
    names = [tool["function"]["name"] for tool in request.body.get("tools", [])]
    if names == ["SeenLimits"]:
        return completion(calls=[("SeenLimits", SEEN_LIMITS)])
    if not names:
        return completion(_message(messages))
    last = max(i for i, m in enumerate(messages) if m["role"] == "user")
    if any(m["role"] == "tool" and '"after"' in m["content"] for m in messages[last:]):
        return completion("done")
    calls = (
        [("optimize_assortment", {})] if _only_frames(messages[last]) else [("what_if", CHANGES)]
    )
    if any(m.get("tool_calls") for m in messages[last:]) and _only_frames(messages[last]):
        return completion("done")
    return completion(calls=calls)


def _only_frames(message: dict[str, Any]) -> bool:
    return "says nothing" in message["content"]


def _message(messages: Sequence[dict[str, Any]]) -> str:
    found = re.search(r"<facts>(.*)</facts>", messages[-1]["content"], re.DOTALL)
    facts = json.loads(found.group(1)) if found else {}
    lines = [f"[[title:{item['id']}]] for [[price:{item['id']}]]" for item in facts["items"]]
    said = [f"[[figure:{name}]]" for name in (*facts["seen"], *facts["said"], *facts["notes"])]
    return "\n".join(["Look at these:", *lines, *said])


@dataclass(frozen=True)
class Fault(BaseFault):
    """A fault of a turn of words, or of one of a screen alone."""

    frames: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Of the context."""


def to_tools(reply: Reply) -> Callable[[Request], Reply | None]:
    """To requests that offer the shop's tools."""
    return lambda request: reply if len(request.body.get("tools", [])) > 1 else None


def to_compose(reply: Reply) -> Callable[[Request], Reply | None]:
    """To requests for the message."""
    return lambda request: None if request.body.get("tools") else reply


def to_limits(reply: Reply) -> Callable[[Request], Reply | None]:
    """To requests for what was seen, as a filled-in schema."""
    return lambda r: reply if len(r.body.get("tools", [])) == 1 else None


def answers(seen: Seen) -> list[Any]:
    """The tool answers of the turn."""
    return [m for m in seen.state["messages"] if m.type == "tool"]


def _searching(request: Request) -> Reply | None:
    if not request.body.get("tools"):
        return None
    number = len(request.body["messages"])
    return completion(calls=[("search_catalog", {"query": f"dress {number}"})])


def _strict_refused(request: Request) -> Reply | None:
    tools = request.body.get("tools", [])
    strict = any(tool["function"].get("strict") for tool in tools)
    if strict or "tool_choice" in request.body or "response_format" in request.body:
        return refusing(400, "strict is not supported")
    if tools or "<facts>" in request.body["messages"][-1]["content"]:
        return None
    return completion(json.dumps(SEEN_LIMITS))


FENCED = f"Here you are:\n```json\n{json.dumps(SEEN_LIMITS)}\n```"
AS_TEXT = '<tool_call>{"name": "what_if", "arguments": ' + json.dumps(CHANGES) + "}</tool_call>"
MANY = completion(calls=[("search_catalog", {"query": f"dress {i}"}) for i in range(50)])
SAME = completion(calls=[("search_catalog", {"query": "dress"})])
CUT_CALL = completion(calls=[("what_if", CHANGES)], finish="length")
OBJECTS = completion(calls=[("what_if", CHANGES)], ids=False, usage=False, arguments=lambda a: a)
MINUS = completion(calls=[("what_if", {"changes": [{"op": "set_price", "upper": "cheap"}]})])

FAULTS = (
    Fault("none", "the model answers", also=lambda s: len(s.requests) == 3),
    Fault("401", "given up at once", always=every(refusing(401, "bad key sk-secret")),
          reason="401", also=lambda s: len(s.requests) == 1),
    Fault("429, Retry-After 1, once", "waited for, then the model answers",
          {0: refusing(429, "slow", Retry_After="1")},
          also=lambda s: s.requests[1].at - s.requests[0].at >= 0.95),
    Fault("429, Retry-After 600", "not waited for", always=every(refusing(429, "x",
          Retry_After="600")),
          reason="429", also=lambda s: len(s.requests) == 1),
    Fault("429, no Retry-After, once", "tried again", {0: BUSY},
          also=lambda s: len(s.requests) == 4),
    Fault("429, no Retry-After, always", "given up after one retry", always=every(BUSY),
          reason="429", also=lambda s: len(s.requests) == 2),
    Fault("500 once", "tried again", {1: refusing(500)}),
    Fault("500 always", "given up after one retry", always=every(refusing(500)), reason="500",
          also=lambda s: len(s.requests) == 2),
    Fault("hang", "given up at the deadline", always=every(Reply(hang=True)),
          call_seconds=SHORT, reason="in time",
          also=lambda s: len(s.requests) == 1),
    Fault("hang in the second call", "the first call stands", {1: Reply(hang=True)},
          call_seconds=SHORT, reason="in time"),
    Fault("drip in the headers", "given up at the deadline", always=every(Reply(drip="head")),
          call_seconds=SHORT, reason="in time"),
    Fault("drip in the body", "given up at the deadline",
          always=every(replace(completion("x"), drip="body")),
          call_seconds=SHORT, reason="in time"),
    Fault("body cut in text", "never shown", always=to_compose(replace(completion("a b c"),
          cut=.6)),
          reason="", modes=("whole",), also=lambda s: bool(s.reasons)),
    Fault("stream cut in text", "never shown", modes=("stream",), reason="broke off",
          always=to_compose(replace(completion("Look at [[title:p0]] now"), cut=.6))),
    Fault("stream cut in a tool call", "never run", modes=("stream",), reason="broke off",
          always=to_tools(replace(completion(calls=[("what_if", {"changes": []})]), cut=.55))),
    Fault("empty reply", "given up", always=to_tools(completion("")), reason="empty"),
    Fault("no content at all", "given up", always=every(completion(None)), reason="empty"),
    Fault("refusal", "given up", always=every(completion(None, refusal="No.")), reason="declined"),
    Fault("content filter", "given up", always=every(completion("", finish="content_filter")),
          reason="declined"),
    Fault("length cut in a tool call", "never run", always=to_tools(CUT_CALL), reason="cut off"),
    Fault("length cut in the message", "template", reason="cut off",
          always=to_compose(completion("Look at", finish="length"))),
    Fault("unknown tool", "told, then mended", {0: completion(calls=[("buy", {"id": "p1"})])},
          also=lambda s: "what_if" in answers(s)[0].text and answers(s)[0].status == "error"),
    Fault("bad arguments", "told what is allowed, then mended", {0: MINUS},
          also=lambda s: "set_price.upper" in answers(s)[0].text),
    Fault("arguments that are no JSON", "told, then mended",
          {0: completion(calls=[("what_if", {})], arguments=lambda _: "{oops")},
          also=lambda s: "not valid JSON" in answers(s)[0].text),
    Fault("50 parallel calls", "eight run, the rest refused", {0: MANY},
          also=lambda s: sum(a.status != "error" for a in answers(s)[:50]) == 8),
    Fault("endless tool loop", "ended at the step limit", always=_searching,
          also=lambda s: len(answers(s)) == 6),
    Fault("the same call without end", "run once, refused after", always=to_tools(SAME),
          also=lambda s: [a.status for a in answers(s)] == ["success"] + ["error"] * 5),
    Fault("more calls than a turn may make", "refused", always=_searching,
          changes={"max_tool_calls": 2}, also=lambda s: answers(s)[2].status == "error"),
    Fault("prose instead of a call, once", "asked again", {0: completion("Sure, happy to help!")}),
    Fault("prose instead of a call, always", "given up", always=to_tools(completion("Sure!")),
          reason="neither", also=lambda s: len(s.requests) == 2),
    Fault("a call written as text", "understood", {0: completion(AS_TEXT)}),
    Fault("thoughts in tags around the word", "understood",
          {1: completion("<think>3</think>\n\ndone")}),
    Fault("fenced JSON for a function call", "understood", {0: completion(FENCED)}, frames=True,
          also=lambda s: "SeenLimits" not in str(s.requests[1].body.get("tools"))),
    Fault("prose for a function call, once", "sent back once", {0: completion("It is a dress.")},
          frames=True,
          also=lambda s: "cannot be used" in s.requests[1].body["messages"][-1]["content"]),
    Fault("prose for a function call, always", "given up", always=to_limits(completion("A dress.")),
          frames=True, reason="structure"),
    Fault("no strict schemas (400)", "asked in words", always=_strict_refused, frames=True),
    Fault("objects for arguments, no ids, no usage", "understood", {0: OBJECTS}, modes=("whole",),
          also=lambda s: s.state["spent_in_turn"].estimated),
    Fault("a web page", "given up", always=every(Reply("<html>hello</html>")), reason="model"),
    Fault("no choices", "given up", always=every(Reply({"id": "1", "choices": None})),
          reason="answer"),
    Fault("no server at all", "given up after one retry", unreachable=True, reason="reached"),
    Fault("an error with status 200", "given up", always=every(Reply({"error": {"message": "x"}})),
          reason="answer"),
)  # fmt: skip


def make_context(
    catalog: Catalog,
    folder: Path,
    base_url: str,
    call_seconds: float = CALL_SECONDS,
    **changes: Any,
) -> Context:
    """A run whose chat model is the stub, with the embedded one behind it."""
    settings = Settings(
        chat_model="openai:stub-model",
        openai_base_url=base_url,
        model_timeout=call_seconds,
        model_retries=1,
    )
    dress = SeenProduct(title="Aster green dress", price=Decimal(40), currency="GBP",
                        brand="Aster", color="green", category="dress", opened=True)  # fmt: skip
    dresses = [dress.model_copy(update={"price": Decimal(p)}) for p in (30, 40, 60)]
    given = {"turn_seconds": TURN_SECONDS, "circuit": Circuit(30.0)} | changes
    vision = PreparedVision(*dresses)
    return shop_context(catalog, folder, vision, chat=make_chat(settings, {}), **given)


def run(fault: Fault, mode: str, catalog: Catalog, folder: Path) -> Seen:
    """One turn under the fault, in a mode of `MODES`."""

    def context_at(base_url: str) -> Context:
        return make_context(catalog, folder, base_url, fault.call_seconds, **fault.changes)

    given = ("", [frame(1)]) if fault.frames else (SAID, [])
    return turn_under(fault, mode, well_behaved, context_at, given)


def faults_of(fault: Fault, seen: Seen) -> list[str]:
    """What is wrong with how the turn went; empty when all is as asked."""
    state, wrong = seen.state, []
    limits, solution = state["limits"], state.get("solution")
    looping = "loop" in fault.name or "without end" in fault.name or "more calls" in fault.name
    if looping:
        if not state["message"]:
            wrong.append("no message")
    elif solution is None or not solution.items or solution.items[0].title not in state["message"]:
        wrong.append(f"no recommendation: {state['message']!r}")
    elif limits.price_upper != 60:
        wrong.append(f"price limit {limits.price_upper}")
    if fault.reason and fault.reason not in seen.reasons:
        wrong.append(f"reasons {seen.reasons!r}")
    if not fault.reason and seen.reasons and fault.name != "body cut in text":
        wrong.append(f"given up: {seen.reasons!r}")
    if bool(seen.reasons) and not looping and seen.reasons not in state["message"]:
        told_by_then = "compose" not in fault.name and "message" not in fault.name
        if told_by_then and "text" not in fault.name:
            wrong.append("the message does not say why")
    if "sk-secret" in state["message"] or "sk-secret" in seen.reasons:
        wrong.append("a key leaked")
    if not fault.also(seen):
        wrong.append(f"not as asked: {len(seen.requests)} requests, "
                     f"{[a.text[:80] for a in answers(seen)]}")  # fmt: skip
    return wrong


if __name__ == "__main__":
    print_table(FAULTS, run, faults_of, lambda seen: seen.reasons or "the model answered")
