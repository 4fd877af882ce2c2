"""A chat model that plays back prepared answers: for tests, here and in a shop's own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from pydantic import BaseModel, ConfigDict, PrivateAttr

from agent.models.in_process import InProcessChatModel

Step = AIMessage | Exception | Callable[[list[BaseMessage], list[dict[str, Any]]], AIMessage]
"""An answer, an error to raise, or a function of the messages and the bound tools."""


class Call(BaseModel):
    """One call as the model received it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    messages: list[BaseMessage]
    tools: list[dict[str, Any]]
    tool_choice: Any = None


class ScriptedChatModel(InProcessChatModel):
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

    def _answer(self, messages: list[BaseMessage], **options: Any) -> AIMessage:
        if not self.remaining_steps:
            raise AssertionError("the scripted model was asked more often than it has steps")
        step: Step = self.steps[len(self._calls)]
        tools = options.get("tools", [])
        self._calls.append(
            Call(messages=messages, tools=tools, tool_choice=options.get("tool_choice"))
        )
        if isinstance(step, Exception):
            raise step
        return step(messages, tools) if callable(step) else step
