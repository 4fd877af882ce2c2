"""The story of a turn in the terminal: readable at 80 columns and without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agent.report.overlay import price_of
from agent.report.views import KINDS, SOURCES, shared_reasons, spans
from tools.domain import Constraints, show_money
from tools.phrases import phrase
from tools.preferences import FrameReading, PreferenceSummary
from tools.solution import Solution

if TYPE_CHECKING:
    from agent.state import State

WIDEST = 100
"""Columns used at most; longer lines are hard to read."""
SHORT = 150
"""Letters of a category's text in the story of a turn; the page and `read` have all of it."""

# Joiners are invisible too, but scripts of India and joined emoji need them.
_JOINERS = "\u200c\u200d"


def print_reading(
    summary: PreferenceSummary,
    limits: Constraints,
    kept: int,
    dropped: int,
    readings: Sequence[FrameReading] = (),
) -> None:
    """Frames, summary and limits."""
    console = _console()
    _print_frames(console, kept, dropped, readings)
    _print_summary(console, summary)
    _print_limits(console, limits, None)


def print_turn(
    state: State, kept: int, dropped: int, seconds: Mapping[str, float] | None = None
) -> None:
    """The whole turn: frames, summary in short, limits, items with why, tools, message.

    Args:
        state: the state after the turn.
        kept: frames that were read.
        dropped: frames that repeated an earlier one.
        seconds: stage -> wall seconds.
    """
    console = _console()
    solution = state.get("solution")
    if kept:
        _print_frames(console, kept, dropped, state.get("readings", ()))
        _print_summary(console, state["summary"], SHORT)
    _print_limits(console, state["limits"], solution)
    if solution is not None and solution.items:
        _print_items(console, solution)
    _head(console, "Message")
    _block(console, state["message"])
    _head(console, "How")
    _block(console, _how(state, seconds or {}))
    console.print()


def _console() -> Console:
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    return console


def _print_frames(
    console: Console, kept: int, dropped: int, readings: Sequence[FrameReading]
) -> None:
    repeats = f", {dropped} repeating an earlier one left out" if dropped else ""
    _head(console, "Screens", f"{kept} read{repeats}")
    table = _plain_table()
    for number, reading in enumerate(readings, 1):
        table.add_row(str(number), _text(_seen(reading)))
    if readings:
        console.print(Padding(table, (0, 0, 0, 2)))


def _seen(reading: FrameReading) -> str:
    count = len(reading.products)
    parts = [KINDS[reading.kind]]
    if count:
        parts.append("1 product" if count == 1 else f"{count} products")
    priced = sorted(
        (p for p in reading.products if p.price is not None), key=lambda p: p.price or 0
    )
    if priced:
        ends = dict.fromkeys(price_of(p, reading.currency) for p in (priced[0], priced[-1]))
        parts.append(" to ".join(ends))
    done = [p for p in reading.products if p.in_basket] or [p for p in reading.products if p.opened]
    if done:
        what = "in the basket" if done[0].in_basket else "opened"
        parts.append(f"{what}: {_shortened(done[0].title, 48)}")
    if reading.search_query:
        parts.append(f"searched for “{_shortened(reading.search_query, 40)}”")
    return ", ".join(parts)


def _print_summary(
    console: Console, summary: PreferenceSummary, letters: int | None = None
) -> None:
    _head(console, "What they show")
    table = _plain_table()
    for key, category in summary.items():
        text = category.text if letters is None else _shortened(category.text, letters)
        runs = spans([i + 1 for i in category.frames])
        if runs:
            many = len(runs) > 1 or "–" in runs[0].text
            text += f" (screen{'s' if many else ''} {', '.join(run.text for run in runs)})"
        table.add_row(key.replace("_", " ").capitalize(), _text(text))
    console.print(Padding(table, (0, 0, 0, 2)))


def _print_limits(console: Console, limits: Constraints, solution: Solution | None) -> None:
    relaxed = {r.limit: r.reason for r in solution.relaxed} if solution else {}
    table = _plain_table()
    # A currency alone is not worth a line: every price names it.
    standing = [field for field in limits.standing() if field != "currency"]
    _head(console, "Limits", "" if standing else "none")
    for field in standing:
        origin = limits.provenance[field]
        strength = "let go" if field in relaxed else origin.strength
        notes = [note for note in (origin.note, relaxed.get(field, "")) if note]
        table.add_row(
            _text(phrase(limits, field)),
            _text("; ".join([f"{SOURCES[origin.source]}, {strength}", *notes])),
        )
    if standing:
        console.print(Padding(table, (0, 0, 0, 2)))


def _print_items(console: Console, solution: Solution) -> None:
    proved = "proved best" if solution.status == "optimal" else "best found"
    many = solution.candidates != 1
    fitting = f"{solution.candidates:,} products that fit" if many else "1 product that fits"
    _head(console, "Recommended", f"{proved} of {fitting}, objective {solution.objective}")
    alike = shared_reasons(solution)
    if alike:
        _block(console, f"All of them: {'; '.join(alike)}.")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, justify="right", min_width=2)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, justify="right")
    for number, item in enumerate(solution.items, 1):
        what = _text(item.title, "bold")
        reasons = [reason for reason in item.reasons if reason not in alike]
        if reasons:
            what.append("\n").append_text(_text("; ".join(reasons)))
        chance = f"{item.choice_probability:.0%} choose it"
        table.add_row(str(number), what, _text(str(item.price), "bold"), chance)
    console.print(Padding(table, (0, 0, 0, 2)))
    if solution.expected_revenue is not None:
        revenue = show_money(round(solution.expected_revenue, 2), solution.currency)
        buy = f"; {solution.purchase_probability:.0%} buy" if solution.purchase_probability else ""
        _block(console, f"Expected from a visitor like this: {revenue}{buy}.")


def _how(state: State, seconds: Mapping[str, float]) -> str:
    lines = [f"Tools: {' → '.join(use.name for use in state['tools_used']) or 'none'}"]
    if seconds:
        reading = seconds.get("summarize", 0.0)
        rest = sum(seconds.values()) - reading
        lines.append(f"Time: {reading:.1f} s reading the screens, {rest:.1f} s everything else")
    return "\n".join(lines)


def _head(console: Console, name: str, rest: str = "") -> None:
    head = Text("\n").append(name, "bold")
    console.print(head.append(f"  {rest}") if rest else head)


def _block(console: Console, text: str) -> None:
    for line in text.split("\n"):
        console.print(Padding(_text(line), (0, 0, 0, 2)))


def _plain_table() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(max_width=28)
    table.add_column(ratio=1, overflow="fold")
    return table


def _text(text: str, style: str = "") -> Text:
    """Text as data: what a terminal would take for a command is left out."""
    return Text("".join(c for c in text if c.isprintable() or c in _JOINERS), style)


def _shortened(text: str, letters: int) -> str:
    """At most that many letters, cut between words, so that no price is cut in two."""
    if len(text) <= letters:
        return text
    kept = ""
    for word in text.split(" "):
        if len(kept) + len(word) + 1 >= letters:
            break
        kept += f"{word} "
    return f"{kept.rstrip(' ;,.') or text[: letters - 1]}…"
