"""Is the chance of a purchase right? The estimate behind answers, against the demo shop's truth.

The demo shop's transactions are drawn from a known multinomial logit (`agent.demo.transactions`);
the catalogue's utilities were estimated from them, or from prices and ratings where a shop has no
transactions. For shelves offered at random (none of them among the transactions), prints per market
the chance that a visitor buys anything, as estimated and as it is: mean gap, expected calibration
error in ten bins, and the same for a chance that knows nothing but the shop's mean.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from agent.assembly import open_markets
from agent.config import load_settings
from agent.demo.shop import products
from agent.demo.transactions import OFFERED, truth

SETS = 4000
BINS = 10


def main() -> None:
    """Prints a line per market and side."""
    for currency, catalog in open_markets(load_settings()).items():
        model = truth(currency)
        shelves: dict[tuple[str, ...], list[str]] = {}
        true = {}
        for item in products(currency):
            if item.stock and item.price:
                shelves.setdefault(item.categories, []).append(item.id)
                true[item.id] = math.exp(model.utility(item))
        rows = catalog.known_rows(tuple(true))
        estimated = {i: math.exp(float(catalog.utilities[rows[i]])) for i in true}
        draw = random.Random(f"purchase chance {currency}")
        pairs = []
        for _ in range(SETS):
            shelf = draw.choice(list(shelves.values()))
            offered = draw.sample(shelf, min(len(shelf), draw.randint(*OFFERED)))
            pairs.append((chance(estimated, offered), chance(true, offered)))
        mean = sum(real for _, real in pairs) / len(pairs)
        print(f"{currency}: {SETS} shelves, {mean:.1%} buy; utilities {catalog.utility_source}")
        for name, side in (
            ("as estimated", pairs),
            ("the mean for all", [(mean, real) for _, real in pairs]),
        ):
            gap = sum(abs(said - real) for said, real in side) / len(side)
            print(f"  {name:<17} mean gap {gap:.4f}, calibration error {error(side):.4f}")


def chance(weights: dict[str, float], offered: Sequence[str]) -> float:
    """That a visitor buys one of them; leaving has weight 1."""
    total = sum(weights[i] for i in offered)
    return total / (1 + total)


def error(pairs: Sequence[tuple[float, float]]) -> float:
    """Expected calibration error in bins of equal width of what was said."""
    bins: dict[int, list[float]] = {}
    for said, real in pairs:
        bins.setdefault(min(BINS - 1, int(said * BINS)), []).append(said - real)
    return sum(abs(sum(gaps)) for gaps in bins.values()) / len(pairs)


if __name__ == "__main__":
    main()
