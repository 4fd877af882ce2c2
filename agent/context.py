"""What a run is given: shop, frame store, models, limits of the loop. Never module globals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from agent.config import Price
from agent.models.calls import Way
from agent.models.circuit import Circuit
from agent.models.factory import EMBEDDED, name_of
from agent.models.ledger import Budget
from tools.solution import Objective

Model = TypeVar("Model")

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langgraph.prebuilt import ToolRuntime
    from langgraph.runtime import Runtime

    from agent.capture.store import FrameStore
    from agent.models.vision import VisionReader
    from tools.catalog import Catalog
    from tools.liking import Liking
    from tools.scenario import Engine
    from tools.toolset import NextItems


@dataclass(frozen=True)
class Context:
    """The dependencies of one run."""

    markets: Mapping[str, Catalog]
    """The shop's catalogues by currency code ("" for one without prices); the first is home."""
    frames: FrameStore
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
    objective: Objective = "balanced"
    size: int = 5
    beta: float = 6.0
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    max_steps: int = 6
    """Model steps in one turn before the turn ends with what it has."""
    max_tool_calls: int = 16
    """Tool calls that run in one turn; further ones are refused."""
    turn_seconds: float = 120.0
    """Wall seconds after which a turn waits for no model any more."""
    budget: Budget = field(default_factory=Budget)
    prices: Mapping[str, Price] = field(default_factory=dict)
    """What models cost, by their names in the settings."""
    circuit: Circuit = field(default_factory=Circuit)
    """Servers that are left alone for a while; shared by all turns of a process."""
    prompts: Path | None = None
    """A folder whose prompt files replace the shipped ones."""
    next_items: NextItems | None = None
    """Ranks what comes next in a session; None: no session model is configured."""

    def engine(self, market: str, liking: Liking | None = None) -> Engine:
        """The optimiser over one market's catalogue, for a shopper of whom this much is known."""
        from tools.scenario import Engine

        return Engine(
            catalog=self.catalog(market),
            objective=self.objective,
            size=self.size,
            beta=self.beta,
            liking=liking,
            rates=self.rates,
        )

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

    def catalog(self, market: str) -> Catalog:
        """The catalogue of that market, or the home catalogue."""
        return self.markets.get(market) or next(iter(self.markets.values()))

    def market_for(self, currency: str | None) -> str:
        """The market that sells in this currency, else the home market."""
        return currency if currency and currency in self.markets else next(iter(self.markets))


@dataclass(frozen=True)
class Configured:
    """Stands for the context that the settings describe, where a host can give no other."""


def context_of(runtime: Runtime[Any] | ToolRuntime[Any, Any]) -> Context:
    """The run's context; a host that gives none (`langgraph dev`) gets the configured one."""
    given = runtime.context
    return given if isinstance(given, Context) else _default()


@cache
def _default() -> Context:
    from agent.assembly import make_context
    from agent.config import load_settings

    return make_context(load_settings())
