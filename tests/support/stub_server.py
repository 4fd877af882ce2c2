"""A local OpenAI-compatible server that records each request and plays back prepared answers.

It refuses, as OpenAI does, a history in which a tool call has no answer, and it can misbehave:
hang, drip, break off, or speak the dialects of other servers.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DRIP_SECONDS = 0.05


@dataclass
class Reply:
    """One prepared answer.

    A body of a chat completion is sent as a stream where the request asks for one.
    """

    body: dict[str, Any] | str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    hang: bool = False
    """Say nothing until the server is closed."""
    drip: str = ""
    """`head` or `body`: send that part a byte at a time, without end."""
    cut: float | None = None
    """Break the connection after this share of the body."""


@dataclass
class Request:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float
    size: int = 0
    """Bytes of the body."""


Otherwise = Callable[[Request], Reply]


def completion(
    content: str | None = None,
    calls: Sequence[tuple[str, Any]] = (),
    *,
    finish: str | None = None,
    refusal: str | None = None,
    usage: bool = True,
    ids: bool = True,
    arguments: Callable[[Any], Any] = json.dumps,
) -> Reply:
    """A chat completion with text or tool calls.

    Args:
        finish: the finish reason; none: what fits.
        refusal: what the model says when it declines.
        usage: whether the server says what the call took.
        ids: whether tool calls carry ids; they count from 0 in every reply.
        arguments: how arguments are written; servers should send JSON text.
    """
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if refusal:
        message["refusal"] = refusal
    if calls:
        message["tool_calls"] = [
            {
                **({"id": f"call_{i}"} if ids else {}),
                "type": "function",
                "function": {"name": name, "arguments": arguments(given)},
            }
            for i, (name, given) in enumerate(calls)
        ]
    reason = finish or ("tool_calls" if calls else "stop")
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    }
    if usage:
        body["usage"] = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    return Reply(body)


def refusing(status: int, message: str = "no", **headers: str) -> Reply:
    """An error as OpenAI words it; keyword `Retry_After` becomes the header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply({"error": {"message": message, "type": "stub"}}, status, named)


class Stub:
    """The running server: its address, what it was asked, what it still has to say."""

    def __init__(self, replies: Sequence[Reply], otherwise: Otherwise | None = None) -> None:
        self.replies = list(replies)
        self.otherwise = otherwise or (lambda _: refusing(500, "the stub has no answer left"))
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def base_url(self) -> str:
        """Where an OpenAI client finds it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        """Stops the server."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {k.lower(): v for k, v in self.headers.items()}
                request = Request(self.path, headers, json.loads(raw), time.monotonic(), len(raw))
                stub.requests.append(request)
                if missing := unanswered(request.body.get("messages", [])):
                    reply = refusing(400, f"tool calls without an answer: {missing}")
                elif stub.replies:
                    reply = stub.replies.pop(0)
                else:
                    reply = stub.otherwise(request)
                try:
                    self._send(reply, request)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client gave up waiting, as it should

            def _send(self, reply: Reply, request: Request) -> None:
                if reply.hang:
                    stub.closing.wait()
                    self.close_connection = True
                    return
                time.sleep(reply.delay)
                body, kind = reply.body, "application/json"
                if isinstance(body, dict):
                    if request.body.get("stream") and reply.status == 200:
                        body, kind = as_stream(body, request.body), "text/event-stream"
                    else:
                        body = json.dumps(body)
                data = body.encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.drip == "head":
                    self.flush_headers()
                    self._drip(b"X-Slow: ")
                    return
                self.end_headers()
                if reply.drip == "body":
                    self._drip(data[:1])
                    return
                if reply.cut is not None:
                    data = data[: int(len(data) * reply.cut)]
                    self.close_connection = True
                self.wfile.write(data)

            def _drip(self, first: bytes) -> None:
                self.wfile.write(first)
                while not stub.closing.wait(DRIP_SECONDS):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                return

        return Handler


def unanswered(messages: Sequence[dict[str, Any]]) -> list[str]:
    """Ids of tool calls that the messages after them do not answer, as OpenAI demands it."""
    open_calls: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                return [message["tool_call_id"]]
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return open_calls
        else:
            open_calls = [call["id"] for call in message.get("tool_calls") or []]
    return open_calls


def as_stream(body: dict[str, Any], asked: dict[str, Any]) -> str:
    """A completion as server-sent events: text word by word, arguments in two pieces."""
    if not body.get("choices"):
        return f"data: {json.dumps(body)}\n\n"
    choice = body["choices"][0]
    message = choice["message"]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if message.get("refusal"):
        deltas.append({"refusal": message["refusal"]})
    words = (message["content"] or "").split(" ")
    deltas += [{"content": w + " " * (i < len(words))} for i, w in enumerate(words, 1) if w]
    for index, call in enumerate(message.get("tool_calls") or []):
        function = call["function"]
        text = function["arguments"]
        half = len(text) // 2 if isinstance(text, str) else 0
        first = text[:half] if half else text
        head = {k: v for k, v in call.items() if k != "function"}
        head |= {"index": index, "function": {"name": function["name"], "arguments": first}}
        deltas.append({"tool_calls": [head]})
        if half:
            deltas.append(
                {"tool_calls": [{"index": index, "function": {"arguments": text[half:]}}]}
            )
    frame = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
    events = [
        {**frame, "choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas
    ]
    end = choice["finish_reason"]
    events.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": end}]})
    if body.get("usage") and (asked.get("stream_options") or {}).get("include_usage"):
        events.append({**frame, "choices": [], "usage": body["usage"]})
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"


@contextmanager
def serving(*replies: Reply, otherwise: Otherwise | None = None) -> Iterator[Stub]:
    """A running stub with these answers, and what it says when they are used up."""
    stub = Stub(replies, otherwise)
    try:
        yield stub
    finally:
        stub.close()
