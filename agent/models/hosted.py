"""Models behind an OpenAI-compatible server: OpenAI itself, Ollama, vLLM and their like."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from typing import Any, ClassVar

from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI

from agent.models.switch import require_allowed
from tools.errors import ModelUnavailable


class HostedChatModel(ChatOpenAI):
    """`ChatOpenAI`, obeying the switch on model calls at every call.

    The client waits as a Retry-After header asks, and retries 408, 409, 429 and 5xx answers.
    """

    function_call_options: ClassVar[dict[str, Any]] = {"method": "function_calling", "strict": True}
    """How a schema is asked for by a function call; a server's own JSON mode is the default."""

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        with _guarded(self.openai_api_base):
            return super()._generate(*args, **kwargs)

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        with _guarded(self.openai_api_base):
            return await super()._agenerate(*args, **kwargs)

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        with _guarded(self.openai_api_base):
            yield from super()._stream(*args, **kwargs)

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        with _guarded(self.openai_api_base):
            async for chunk in super()._astream(*args, **kwargs):
                yield chunk


@contextmanager
def _guarded(base_url: str | None) -> Iterator[None]:
    require_allowed(base_url)
    try:
        yield
    except JSONDecodeError:
        # The client lets this through as it is; a web page in front of a server looks like this.
        raise ModelUnavailable("the model's server did not answer with JSON") from None
