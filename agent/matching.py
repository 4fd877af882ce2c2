"""Products of the catalogue that a title on a screen may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.reader.brands import fold

if TYPE_CHECKING:
    from tools.catalog import Catalog
    from tools.domain import Product

SAME_PRODUCT = 85.0
"""rapidfuzz ratio of folded titles from which a product on a screen is one of the catalogue."""
NEAREST = 3
"""Products nearest in meaning to a title that are compared with it word by word."""


def titled(title: str, catalog: Catalog, nearest: int = NEAREST) -> list[tuple[Product, float]]:
    """Products nearest to a title, with the likeness of the titles in percent; most alike first.

    Args:
        title: as read off a screen.
        catalog: of the shop.
        nearest: how many products near in meaning are compared.
    """
    near = catalog.get([hit.id for hit in catalog.search(title, k=nearest).hits])
    return sorted(((p, likeness(p.title, title)) for p in near), key=lambda found: -found[1])


def likeness(one: str, other: str) -> float:
    """rapidfuzz ratio in percent of two titles, without case, accents and an ellipsis."""
    from rapidfuzz import fuzz

    return float(fuzz.ratio(fold(one).rstrip(" .…"), fold(other).rstrip(" .…")))
