"""A chat model that answers at once in this process: what such models share.

A model of this kind writes only `_answer`; binding tools and streaming come with it.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool


class InProcessChatModel(BaseChatModel):
    """A whole answer first; a stream is the same answer word by word."""

    @abstractmethod
    def _answer(self, messages: list[BaseMessage], **options: Any) -> AIMessage:
        """The answer to a conversation.

        Args:
            options: what was bound: `tools` in OpenAI's form, `tool_choice` and others.
        """

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: Any = None, **kwargs: Any
    ) -> Runnable[Any, AIMessage]:
        """The model with these tools on offer, in OpenAI's form."""
        shown = [t if _is_openai_tool(t) else convert_to_openai_tool(t) for t in tools]
        kwargs.pop("ls_structured_output_format", None)
        bound: Runnable[Any, AIMessage] = self.bind(tools=shown, tool_choice=tool_choice, **kwargs)
        return bound

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = self._answer(messages, **kwargs)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in _as_chunks(self._answer(messages, **kwargs)):
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


def _as_chunks(message: AIMessage) -> Iterator[ChatGenerationChunk]:
    """A whole answer as a stream: words first, then the tool calls and the usage."""
    text = message.text
    words = text.split(" ")
    for i, word in enumerate(words if text else []):
        piece = word if i == len(words) - 1 else f"{word} "
        yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
    yield ChatGenerationChunk(
        message=AIMessageChunk(
            content="",
            tool_call_chunks=[
                {
                    "name": call["name"],
                    "args": json.dumps(call["args"], ensure_ascii=False),
                    "id": call["id"],
                    "index": index,
                    "type": "tool_call_chunk",
                }
                for index, call in enumerate(message.tool_calls)
            ],
            usage_metadata=message.usage_metadata,
            chunk_position="last",
        )
    )


def _is_openai_tool(tool: object) -> bool:
    return isinstance(tool, dict) and "function" in tool
