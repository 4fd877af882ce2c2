"""A chat model that plays back prepared answers: for tests, here and in a shop's own code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, ConfigDict, PrivateAttr

Step = AIMessage | Exception | Callable[[list[BaseMessage], list[dict[str, Any]]], AIMessage]
"""An answer, an error to raise, or a function of the messages and the bound tools."""


class Call(BaseModel):
    """One call as the model received it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    messages: list[BaseMessage]
    tools: list[dict[str, Any]]
    tool_choice: Any = None


class ScriptedChatModel(BaseChatModel):
    """Answers with the given steps in order and records every call.

    A test ends well when `remaining_steps` is 0; a call past the last step is an error.
    """

    steps: Sequence[Any]
    _calls: list[Call] = PrivateAttr(default_factory=list)

    @property
    def calls(self) -> list[Call]:
        """What the model was asked, in order."""
        return self._calls

    @property
    def remaining_steps(self) -> int:
        """How many prepared answers were not asked for."""
        return len(self.steps) - len(self._calls)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: Any = None, **kwargs: Any
    ) -> Runnable[Any, AIMessage]:
        """The model with these tools on offer."""
        return bind(self, tools, tool_choice, kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if not self.remaining_steps:
            raise AssertionError("the scripted model was asked more often than it has steps")
        step: Step = self.steps[len(self._calls)]
        tools = kwargs.get("tools", [])
        self._calls.append(
            Call(messages=messages, tools=tools, tool_choice=kwargs.get("tool_choice"))
        )
        if isinstance(step, Exception):
            raise step
        message = step(messages, tools) if callable(step) else step
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        message = self._generate(messages, stop, run_manager, **kwargs).generations[0].message
        yield from as_chunks(message)


def bind(
    model: BaseChatModel, tools: Sequence[Any], tool_choice: Any, options: dict[str, Any]
) -> Runnable[Any, AIMessage]:
    """A model with tools bound in OpenAI's form; shared by the models of this package."""
    shown = [t if _is_openai_tool(t) else convert_to_openai_tool(t) for t in tools]
    options.pop("ls_structured_output_format", None)
    bound: Runnable[Any, AIMessage] = model.bind(tools=shown, tool_choice=tool_choice, **options)
    return bound


def as_chunks(message: BaseMessage) -> Iterator[ChatGenerationChunk]:
    """A whole answer as a stream: words first, then the tool calls and the usage."""
    text = message.text
    words = text.split(" ")
    for i, word in enumerate(words if text else []):
        piece = word if i == len(words) - 1 else f"{word} "
        yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    yield ChatGenerationChunk(
        message=AIMessageChunk(
            content="",
            tool_call_chunks=[
                {
                    "name": call["name"],
                    "args": _json(call["args"]),
                    "id": call["id"],
                    "index": index,
                    "type": "tool_call_chunk",
                }
                for index, call in enumerate(calls)
            ],
            usage_metadata=getattr(message, "usage_metadata", None),
            chunk_position="last",
        )
    )


def _json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _is_openai_tool(tool: object) -> bool:
    return isinstance(tool, dict) and "function" in tool
