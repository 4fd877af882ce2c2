"""The models of a run: which are asked, in which order, in what time and for how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from agent.config import Price
from agent.models.calls import Way
from agent.models.circuit import Circuit
from agent.models.factory import EMBEDDED, name_of
from agent.models.ledger import Budget

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.models.vision import VisionReader

Model = TypeVar("Model")


@dataclass(frozen=True, kw_only=True)
class Models:
    """The models and what calls to them may take."""

    vision: VisionReader
    chat: BaseChatModel
    embedded_vision: VisionReader
    """Reads when `vision` cannot be used."""
    embedded_chat: BaseChatModel
    """Answers when `chat` cannot be used."""
    second_vision: VisionReader | None = None
    """Reads when `vision` cannot be used, before the embedded one."""
    second_chat: BaseChatModel | None = None
    """Answers when `chat` cannot be used, before the embedded one."""
    batches_in_flight: int = 4
    """Batches of frames that a model is asked about at the same time."""
    turn_seconds: float = 120.0
    """Wall seconds after which a turn waits for no model any more."""
    budget: Budget = field(default_factory=Budget)
    prices: Mapping[str, Price] = field(default_factory=dict)
    """What models cost, by their names in the settings."""
    circuit: Circuit = field(default_factory=Circuit)
    """Servers that are left alone for a while; shared by all turns of a process."""
    prompts: Path | None = None
    """A folder whose prompt files replace the shipped ones."""

    def chat_ways(self) -> list[Way[BaseChatModel]]:
        """The chat models in the order in which they are asked; the last is always there."""
        return self._ways(self.chat, self.second_chat, self.embedded_chat)

    def vision_ways(self) -> list[Way[VisionReader]]:
        """The vision models in the order in which they are asked."""
        return self._ways(self.vision, self.second_vision, self.embedded_vision)

    def _ways(self, first: Model, second: Model | None, embedded: Model) -> list[Way[Model]]:
        ways = []
        for number, model in enumerate((first, second)):
            if model is not None and model is not embedded:
                name = name_of(model) or f"model {number + 1}"
                server = getattr(model, "server", "")
                ways.append(Way(name, model, server, self.prices.get(name)))
        return [*ways, Way(EMBEDDED, embedded)]
