"""`interarec chat`: a conversation that can be pushed around."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.recommend import CatalogOption
from agent.commands.shared import JsonFlag, print_json, warn

if TYPE_CHECKING:
    from agent.capture.take import Taken
    from agent.events import Event


def chat(
    thread: Annotated[
        str, typer.Option(help="Name of the conversation; it survives restarts.")
    ] = "default",
    frames: Annotated[
        list[Path] | None, typer.Option(help="Screenshots to start the first turn with.")
    ] = None,
    catalog: CatalogOption = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="Show what happens while it happens.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Talk about a recommendation: one line in, one answer out."""
    from agent.answer import turn_json
    from agent.assembly import make_context
    from agent.capture.take import take
    from agent.config import load_settings
    from agent.session import kept_session
    from agent.threads import check_thread

    check_thread(thread)
    if isinstance(sys.stdin, io.TextIOWrapper):
        # Bytes that are no text must not end the conversation, whatever the locale.
        sys.stdin.reconfigure(errors="replace")
    settings = load_settings(catalog=catalog)
    taken = take(frames) if frames else None
    context = make_context(settings)
    with kept_session(context, thread, settings.home, settings.threads_address) as session:

        def answer(text: str, given: Taken | None = None) -> None:
            kept = given.kept if given else ()
            if stream:
                _show(session.events(text, kept), as_json)
            else:
                session.turn(text, kept)
            if as_json:
                shown = turn_json(session.state, settings.chat_model)
                refused = [w.model_dump(exclude_none=True) for w in given.warnings] if given else []
                print_json({**shown, "warnings": [*refused, *shown["warnings"]]})
            elif not stream:
                typer.echo(session.state["message"])

        if taken:
            if not as_json:
                warn(taken.warnings)
            answer("", taken)
        prompt = "\nyou> " if sys.stdin.isatty() and not as_json else ""
        if prompt:
            typer.echo("Say what you are looking for; Ctrl-D ends.", err=True)
        while True:
            if prompt:
                sys.stderr.write(prompt)
                sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                break
            if line.strip():
                answer(line.strip())
        if prompt:
            typer.echo(err=True)


def _show(events: Iterator[Event], as_json: bool) -> None:
    """Every event as a line of JSON, or the message as it comes with the tools on stderr."""
    from agent.events import MessagePart, ToolCalled, TurnEnded

    for event in events:
        if as_json:
            print_json(event.model_dump(mode="json"))
        elif isinstance(event, MessagePart):
            typer.echo(event.text, nl=False)
            sys.stdout.flush()
        elif isinstance(event, ToolCalled):
            typer.echo(f"[{event.name}]", err=True)
        elif isinstance(event, TurnEnded):
            typer.echo()
