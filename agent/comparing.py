"""A comparison of products in words: only what the tool's result holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.comparison import Compared, Comparison
from tools.domain import Constraints
from tools.phrases import phrase

_LIKELIER = 1.15
"""From this ratio of attractions on, one of the products is called the likelier choice."""


def compared_in_words(result: Mapping[str, Any], limits: Constraints) -> list[str]:
    """Sentences, each of them a line of the message."""
    found = Comparison.model_validate(result)
    lines = [_side(product) for product in found.products]
    if found.price_gap is not None and found.price_gap.amount:
        dearest = max(found.products, key=_price)
        cheapest = min(found.products, key=_price)
        lines.append(f"{dearest.title} costs {found.price_gap} more than {cheapest.title}.")
    elif found.price_gap is not None:
        lines.append("They cost the same.")
    for difference in found.differs[:4]:
        values = "; ".join(value or "not said" for value in difference.values)
        lines.append(f"They differ in {difference.name}: {values}.")
    if found.shared:
        alike = ", ".join(f"{name} {value}" for name, value in list(found.shared.items())[:3])
        lines.append(f"Alike in {alike}.")
    lines += [_broken(p, limits) for p in found.products if p.broken]
    if not any(p.broken for p in found.products) and limits.standing():
        lines.append("All of them meet your limits.")
    likely = _likeliest(found)
    return [*lines, *([likely] if likely else [])]


def _side(product: Compared) -> str:
    parts = [product.title]
    if product.price is not None:
        price = str(product.price)
        if product.list_price is not None and product.list_price > product.price:
            price += f" (was {product.list_price})"
        parts.append(price)
    if product.rating is not None:
        count = f" from {product.reviews} reviews" if product.reviews else ""
        parts.append(f"rated {product.rating:g} of 5{count}")
    return f"• {', '.join(parts)}"


def _price(product: Compared) -> float:
    return float(product.price.amount) if product.price else 0.0


def _broken(product: Compared, limits: Constraints) -> str:
    words = [
        "it is sold out" if path == "stock" else f"you asked for “{phrase(limits, path)}”"
        for path in product.broken
        if path == "stock" or path in limits.provenance
    ]
    reason = f": {' and '.join(words)}" if words else ""
    return f"{product.title} is outside your limits{reason}."


def _likeliest(found: Comparison) -> str:
    shares = sorted(
        ((p.attraction, p.title) for p in found.products if p.attraction is not None), reverse=True
    )
    if len(shares) < 2 or shares[0][0] < _LIKELIER * shares[1][0]:
        return ""
    return f"From what I know of your taste, {shares[0][1]} suits you better."
