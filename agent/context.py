"""What a run is given: shop, frame store, models, limits of the loop. Never module globals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from agent.models.chain import Models
from tools.solution import Objective

if TYPE_CHECKING:
    from langgraph.prebuilt import ToolRuntime
    from langgraph.runtime import Runtime

    from agent.capture.store import FrameStore
    from tools.catalog import Catalog
    from tools.liking import Liking
    from tools.next_items import NextItems
    from tools.scenario import Engine


@dataclass(frozen=True, kw_only=True)
class Context(Models):
    """The dependencies of one run."""

    markets: Mapping[str, Catalog]
    """The shop's catalogues by currency code ("" for one without prices); the first is home."""
    frames: FrameStore
    objective: Objective = "balanced"
    size: int = 5
    beta: float = 6.0
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    max_steps: int = 6
    """Model steps in one turn before the turn ends with what it has."""
    max_tool_calls: int = 16
    """Tool calls that run in one turn; further ones are refused."""
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
