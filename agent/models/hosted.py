"""Models behind an OpenAI-compatible server: OpenAI itself, Ollama, vLLM and their like."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from json import JSONDecodeError
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx2
import openai
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import model_validator
from tenacity import RetryCallState, Retrying, retry_if_exception

from agent.models.deadline import at_most, time_left
from agent.models.network import keep_deadline
from agent.models.switch import require_allowed
from tools.errors import ModelUnavailable

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
"""Seconds before the first retry where the server names none; doubled for each further one."""
_PASSING = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
"""HTTP statuses that may be over in a moment."""


class TimedOut(ModelUnavailable):
    """The answer had begun, but did not end within the call's time."""


class HostedChatModel(ChatOpenAI):
    """`ChatOpenAI`, obeying the switch on model calls and a deadline for each call.

    A call and its retries end within `call_seconds`, and within the deadline in force
    (`agent.models.deadline`), whatever the server does. It waits as a Retry-After header asks if
    that is within the deadline; else it gives up at once.
    """

    call_seconds: float = 60.0
    retries: int = 2
    takes_schemas: bool = True
    """False once the server refused a request that asked for a structure."""

    @property
    def server(self) -> str:
        """Host and port of the server, without what else an address may hold."""
        parts = urlsplit(self.openai_api_base or "https://api.openai.com")
        return parts.netloc.rpartition("@")[2]

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        keep_deadline(self.root_client._client)
        return self

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        ask = super()._generate
        with self._guarded():
            return self._retried(lambda: ask(*args, **kwargs))

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        with self._guarded():
            return await super()._agenerate(*args, **kwargs)

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        ask = super()._stream

        def begin() -> Iterator[ChatGenerationChunk]:
            # The request is only sent when the first piece is asked for.
            pieces = iter(ask(*args, **kwargs))
            first = next(pieces, None)
            if first is None:
                raise ModelUnavailable("the model's server gave no answer")
            return chain([first], pieces)

        ended = False
        arguments: dict[Any, tuple[str, str]] = {}
        with self._guarded():
            for piece in self._retried(begin):
                ended = ended or "finish_reason" in (piece.generation_info or {})
                _collect(piece, arguments)
                yield piece
            if not ended:
                # Half a tool call would otherwise be completed by guessing, and run.
                raise ModelUnavailable("the model's answer broke off")
        if unreadable := [own for own, text in arguments.values() if not _is_object(text)]:
            told = AIMessageChunk(content="", additional_kwargs={"unreadable": unreadable})
            yield ChatGenerationChunk(message=told)

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        with self._guarded():
            async for chunk in super()._astream(*args, **kwargs):
                yield chunk

    def _create_chat_result(
        self, response: Any, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        if isinstance(response, dict | openai.BaseModel):
            whole = response if isinstance(response, dict) else response.model_dump(warnings=False)
            if whole.get("error") or not whole.get("choices"):
                raise ModelUnavailable("the model's server gave no answer")
            if _arguments_as_text(whole["choices"]):
                response = whole
        return super()._create_chat_result(response, generation_info)

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], *args: Any, **kwargs: Any
    ) -> ChatGenerationChunk | None:
        choices = chunk.get("choices") or []
        _arguments_as_text(choices)
        piece = super()._convert_chunk_to_generation_chunk(chunk, *args, **kwargs)
        refusal = (choices[0].get("delta") or {}).get("refusal") if choices else None
        if piece is not None and refusal:
            piece.message.additional_kwargs["refusal"] = refusal  # which would be dropped
        return piece

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        require_allowed(self.openai_api_base)
        try:
            with at_most(self.call_seconds):
                yield
        except JSONDecodeError:
            # The client lets this through as it is; a web page in front of a server looks so.
            raise ModelUnavailable("the model's server did not answer with JSON") from None
        except httpx2.TimeoutException:
            raise TimedOut("the model did not answer in time") from None
        except httpx2.HTTPError:
            raise ModelUnavailable("the model's answer broke off") from None

    def _retried(self, call: Callable[[], T]) -> T:
        retrying = Retrying(
            retry=retry_if_exception(_passing),
            stop=self._enough,
            wait=pause_before_retry,
            reraise=True,
        )
        return retrying(call)

    def _enough(self, state: RetryCallState) -> bool:
        left = time_left()
        late = left is not None and pause_before_retry(state) >= left
        return late or state.attempt_number > self.retries


def _passing(error: BaseException) -> bool:
    """Whether the same request may well succeed in a moment.

    One that ran into its time limit is not repeated: it would take that time again.
    """
    if isinstance(error, openai.APITimeoutError):
        return False
    if isinstance(error, openai.APIStatusError):
        return error.status_code in _PASSING
    return isinstance(error, openai.APIConnectionError)


def pause_before_retry(state: RetryCallState) -> float:
    """Seconds to wait: what the server asked for, else growing pauses that differ a little."""
    error = state.outcome.exception() if state.outcome else None
    asked = retry_after(error)
    if asked is not None:
        return asked
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (state.attempt_number - 1))
    # Spread by the attempt's own start, so that callers that failed together part ways.
    return pause * (0.75 + 0.25 * (state.start_time % 1.0))


def retry_after(error: BaseException | None) -> float | None:
    """Seconds that a server asked to be left alone (RFC 9110 section 10.2.3); None: it did not."""
    if not isinstance(error, openai.APIStatusError):
        return None
    said: str = error.response.headers.get("retry-after", "")
    try:
        return max(0.0, float(said)) if said else None
    except ValueError:
        return _seconds_until(said)


def _seconds_until(date: str) -> float | None:
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        when = parsedate_to_datetime(date)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _collect(piece: ChatGenerationChunk, arguments: dict[Any, tuple[str, str]]) -> None:
    """Adds the piece's arguments to those of their calls: index -> id and text so far."""
    for part in getattr(piece.message, "tool_call_chunks", ()):
        own, text = arguments.get(part["index"], ("", ""))
        arguments[part["index"]] = (own or part["id"] or "", text + (part["args"] or ""))


def _is_object(text: str) -> bool:
    """Whether the arguments are whole; LangChain completes half ones by guessing."""
    try:
        return isinstance(json.loads(text or "{}"), dict)
    except ValueError:
        return False


def _arguments_as_text(choices: list[Any]) -> bool:
    """Puts tool arguments that came as an object into the text that they have to be.

    Returns:
        Whether there were any.
    """
    changed = False
    for choice in choices:
        message = choice.get("message") or choice.get("delta") or {}
        for call in message.get("tool_calls") or []:
            function = call.get("function") or {}
            if isinstance(function.get("arguments"), dict):
                function["arguments"] = json.dumps(function["arguments"])
                changed = True
    return changed
