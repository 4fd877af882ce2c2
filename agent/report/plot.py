"""The frontier between revenue and the shopper's surplus, laid out for an inline SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.domain import show_money
from tools.solution import Solution

if TYPE_CHECKING:
    from tools.assortment import FrontierPoint

WIDTH, HEIGHT = 480, 340
LEFT, RIGHT, TOP, BOTTOM = 78, 462, 26, 262
_SAME = 1e-9


@dataclass(frozen=True)
class Mark:
    """A place in the plot with what it stands for."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Tick:
    """A place on an axis and its label; the second line may be empty."""

    at: float
    text: str
    below: str = ""


@dataclass(frozen=True)
class Row:
    """One set of the frontier in words."""

    revenue: str
    surplus: str
    chance: str
    items: int
    chosen: bool


@dataclass(frozen=True)
class Plot:
    """All that the template draws, in user units of the SVG."""

    points: tuple[Mark, ...]
    path: str
    chosen: Mark
    chosen_label: tuple[float, float, str]
    """x, y and text anchor of the label beside the chosen set."""
    threshold: float | None
    """x of the smallest purchase probability that `balanced` accepts."""
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    alt: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


def frontier_plot(points: Sequence[FrontierPoint], solution: Solution) -> Plot | None:
    """The plot, or None where fewer than two sets leave nothing to trade off.

    Surplus is ln of the choice denominator (Small and Rosen 1981), so the probability of a
    purchase is 1 - exp(-surplus); the horizontal axis shows both.
    """
    if len(points) < 2 or solution.expected_revenue is None or solution.surplus is None:
        return None
    revenue, surplus = solution.expected_revenue, solution.surplus
    xs = _Scale.over([*(p.surplus for p in points), surplus], LEFT, RIGHT)
    ys = _Scale.over([*(p.revenue for p in points), revenue], BOTTOM, TOP)
    marks = tuple(
        Mark(
            xs.at(p.surplus),
            ys.at(p.revenue),
            f"{show_money(round(p.revenue, 2), solution.currency)} a visitor, "
            f"{p.purchase_probability:.1%} buy, {_items(len(p.items))}",
        )
        for p in points
    )
    chosen = Mark(xs.at(surplus), ys.at(revenue), "chosen")
    # The frontier falls from left to right, so what lies above a point to its right is free.
    at_the_edge = chosen.x > RIGHT - 80
    label = (
        chosen.x + (8 if at_the_edge else 10),
        max(chosen.y - 12, TOP),
        "end" if at_the_edge else "start",
    )
    first, last = points[0], points[-1]
    money = [show_money(round(v, 2), solution.currency) for v in (first.revenue, last.revenue)]
    return Plot(
        points=marks,
        path=" ".join(f"{'M' if i == 0 else 'L'}{m.x:.1f} {m.y:.1f}" for i, m in enumerate(marks)),
        chosen=chosen,
        chosen_label=label,
        threshold=_threshold(points, solution, xs),
        x_ticks=tuple(
            Tick(xs.at(v), f"{v:g}", f"{1 - math.exp(-v):.{_digits(xs)}%}") for v in xs.ticks()
        ),
        y_ticks=tuple(Tick(ys.at(v), show_money(v, solution.currency)) for v in ys.ticks()),
        rows=tuple(
            Row(
                show_money(round(p.revenue, 2), solution.currency),
                f"{p.surplus:.3f}",
                f"{p.purchase_probability:.1%}",
                len(p.items),
                _close(p.revenue, revenue) and _close(p.surplus, surplus),
            )
            for p in points
        ),
        alt=(
            f"Expected revenue against shopper surplus for {len(points)} sets on the frontier, "
            f"from {money[0]} a visitor at a surplus of {first.surplus:.2f} to {money[1]} at "
            f"{last.surplus:.2f}; the chosen set earns "
            f"{show_money(round(revenue, 2), solution.currency)} at {surplus:.2f}."
        ),
    )


def _threshold(points: Sequence[FrontierPoint], solution: Solution, scale: _Scale) -> float | None:
    from tools.assortment.pareto import BALANCE

    if solution.objective != "balanced":
        return None
    needed = BALANCE * max(p.purchase_probability for p in points)
    surplus = -math.log1p(-needed) if needed < 1 else math.inf
    return scale.at(surplus) if scale.low <= surplus <= scale.high else None


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=_SAME)


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _digits(scale: _Scale) -> int:
    """Decimals in percent that keep neighbouring ticks apart."""
    shares = [1 - math.exp(-v) for v in scale.ticks()]
    for digits in (0, 1):
        if len({f"{s:.{digits}%}" for s in shares}) == len(shares):
            return digits
    return 2


@dataclass(frozen=True)
class _Scale:
    """A linear axis from data to user units."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> _Scale:
        low, high = min(values), max(values)
        room = (high - low) * 0.08 or max(abs(high) * 0.05, 0.05)
        return cls(low - room, high + room, start, end)

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Three to five round numbers (1, 2, 2.5 or 5 times a power of ten) within the axis."""
        span = self.high - self.low
        power = 10.0 ** math.floor(math.log10(span / 4))
        step = next(s * power for s in (1, 2, 2.5, 5, 10) if span / (s * power) <= 5)
        first = math.ceil(self.low / step)
        count = math.floor(self.high / step) - first + 1
        return [round((first + i) * step, 12) for i in range(count)]
