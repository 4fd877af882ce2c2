"""What shoppers who viewed the same items looked at next, within one shopper's limits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.domain import Constraints
from tools.scenario import Engine
from tools.solution import Relaxed


class NextItems(Protocol):
    """Ranks what comes next in a session (`tools.sessions.serve.Ranker`)."""

    def rank(self, viewed: Sequence[str], k: int, among: Sequence[str] | None = None) -> Ranked:
        """The k items most likely next after those viewed, oldest first, of `among` alone."""


class Ranked(Protocol):
    """What such a ranking holds."""

    @property
    def items(self) -> list[tuple[str, float]]:
        """(item id, score), best first."""

    @property
    def unknown(self) -> list[str]:
        """Viewed ids that the model does not know; they were left out."""

    @property
    def model(self) -> str:
        """The model's name."""


@dataclass(frozen=True)
class NextWithin:
    """A ranking of what this shopper may be shown."""

    ranked: Ranked
    within: int
    """Products that were ranked: they meet the limits and were not opened yet."""
    relaxed: Sequence[Relaxed]
    beyond_seen: bool
    """Whether limits that were only seen had to be left aside to find any."""


def rank_within(
    engine: Engine,
    model: NextItems,
    limits: Constraints,
    viewed: Sequence[str],
    *,
    opened: Collection[str],
    k: int,
) -> NextWithin:
    """The k products most likely next after those viewed, among those that meet the limits.

    Args:
        viewed: ids of the items that count as viewed, oldest first.
        opened: ids that are not to be ranked.
    """
    every = engine.catalog.ids

    def rank(asked: Constraints, *, beyond_seen: bool) -> NextWithin:
        applied, relaxed = engine.applicable(asked)
        ids = [every[row] for row in engine.matching(applied).nonzero()[0].tolist()]
        # What was opened already is no news, even where shoppers often go back.
        fresh = [item for item in ids if item not in opened]
        return NextWithin(model.rank(viewed, k, among=fresh), len(fresh), relaxed, beyond_seen)

    found = rank(limits, beyond_seen=False)
    seen = [path for path, origin in limits.provenance.items() if origin.source == "seen"]
    if found.ranked.items or not seen:
        return found
    # What was only seen need not bind those who looked on; what the shopper said does.
    return rank(limits.replace(dict.fromkeys(seen), {}), beyond_seen=True)
