"""The story of a turn in the terminal: readable at 80 columns and without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.domain import Constraints, show_money
from tools.phrases import phrase
from tools.preferences import PreferenceSummary
from tools.solution import Solution

if TYPE_CHECKING:
    from agent.state import State

_SOURCE = {"seen": "seen on screen", "said": "said", "assumed": "assumed"}


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)


def print_reading(summary: PreferenceSummary, limits: Constraints, kept: int, dropped: int) -> None:
    """Frames, summary and limits."""
    console = _console()
    repeats = f", {dropped} repeats dropped" if dropped else ""
    console.print(f"\n[bold]Screens[/bold]  {kept} read{repeats}")
    console.print("\n[bold]What they show[/bold]")
    table = _plain_table()
    for key, category in summary.items():
        frames = _frames(category.frames)
        table.add_row(
            key.replace("_", " ").capitalize(), Text(f"{category.text}{frames}"), style=None
        )
    console.print(table)
    _print_limits(console, limits)


def print_turn(state: State, kept: int, dropped: int) -> None:
    """The whole turn: frames, summary, limits, tools, items, message."""
    print_reading(state["summary"], state["limits"], kept, dropped)
    console = _console()
    uses = [use.name for use in state["tools_used"]]
    console.print(f"\n[bold]Tools[/bold]  {' → '.join(uses) or 'none'}")
    solution = state.get("solution")
    if solution is not None and solution.items:
        _print_items(console, solution)
    console.print("\n[bold]Message[/bold]")
    console.print(Text(state["message"]))


def _print_limits(console: Console, limits: Constraints) -> None:
    console.print("\n[bold]Limits[/bold]")
    table = _plain_table()
    for field in limits.standing():
        origin = limits.provenance[field]
        note = f"; {origin.note}" if origin.note else ""
        table.add_row(
            Text(phrase(limits, field)), Text(f"{_SOURCE[origin.source]}, {origin.strength}{note}")
        )
    if limits.standing():
        console.print(table)
    else:
        console.print("  none")


def _print_items(console: Console, solution: Solution) -> None:
    revenue = show_money(round(solution.expected_revenue or 0.0, 2), solution.currency)
    console.print(
        f"\n[bold]Recommended[/bold]  {solution.status}, objective {solution.objective}, "
        f"{revenue} expected per visitor, {solution.candidates:,} candidates"
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
    table.add_column("Item", ratio=1)
    table.add_column("Price", justify="right", no_wrap=True)
    table.add_column("Chosen", justify="right", no_wrap=True)
    for item in solution.items:
        table.add_row(Text(item.title), str(item.price), f"{item.choice_probability:.0%}")
    console.print(table)


def _plain_table() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    return table


def _frames(frames: tuple[int, ...]) -> str:
    if not frames:
        return ""
    return f"  (screen{'s' if len(frames) > 1 else ''} {', '.join(str(i + 1) for i in frames)})"
