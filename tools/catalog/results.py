"""What a search gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SearchHit:
    """One product found, with its score (0 when nothing was asked); only the order matters."""

    id: str
    score: float


@dataclass(frozen=True)
class SearchResult:
    """What a search gave.

    `exact` says that no better product was passed over; `filtered` is the number of products
    that met the limits, of which the hits are the best.
    """

    hits: tuple[SearchHit, ...]
    exact: bool
    filtered: int
    warnings: tuple[str, ...] = ()
    spelling: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of the query that no title holds -> the near ones that were used for them."""
