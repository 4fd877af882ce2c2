"""What the commands share: output rules and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from agent.state import Warned

DONE, IN_PART = 0, 3

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]

# Remarks that leave the job done in full.
_HARMLESS = frozenset({"limit_relaxed", "instruction_in_picture", "image_tokens"})


def one_line(text: str) -> str:
    """A text on one line, without what a terminal would obey (it may quote a foreign file)."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def print_json(value: Any) -> None:
    """One JSON object on one line of stdout.

    ASCII only, so that a lone surrogate in a shopper's words cannot break the pipe.
    """
    print(json.dumps(value, ensure_ascii=True, allow_nan=False), flush=True)


def finish(warnings: Iterable[Warned], *, degraded: bool = False) -> NoReturn:
    """Ends the command: 0 when the job is done, 3 when it is done in part."""
    in_part = degraded or any(w.code not in _HARMLESS for w in warnings)
    raise typer.Exit(IN_PART if in_part else DONE)


def warn(warnings: Iterable[Warned]) -> None:
    """The warnings as lines on stderr."""
    for w in warnings:
        where = f"{w.file}: " if w.file else ""
        typer.echo(one_line(f"warning: {where}{w.reason}"), err=True)
