"""What a tool call works on: the shop's desk, and the graph's state at the time of the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tools.catalog import Catalog
from tools.liking import Liking
from tools.next_items import NextItems
from tools.scenario import Engine


class Desk(Protocol):
    """What a run's context offers to the tools."""

    @property
    def next_items(self) -> NextItems | None:
        """Ranks what comes next in a session; None where no session model is configured."""

    def engine(self, market: str, liking: Liking | None = None) -> Engine:
        """The optimiser over one market's catalogue, for a shopper of whom this much is known."""

    def catalog(self, market: str) -> Catalog:
        """One market's catalogue."""


class Turn:
    """What a tool call works on: the desk, and the graph's state as it was when the call was made.

    A plain class on purpose. LangChain dumps every argument of a call through pydantic, the
    injected runtime included; a dataclass or a dictionary there would be copied with the whole
    catalogue and history inside it.
    """

    def __init__(self, desk: Desk, state: Mapping[str, Any]) -> None:
        self.desk = desk
        self.state = state

    def engine(self) -> Engine:
        """The optimiser over the turn's market, for its shopper."""
        return self.desk.engine(self.state["market"], self.state.get("liking"))

    def catalog(self) -> Catalog:
        """The catalogue of the turn's market."""
        return self.desk.catalog(self.state["market"])
