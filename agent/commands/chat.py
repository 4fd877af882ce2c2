"""`interarec chat`: a conversation that can be pushed around."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.commands.recommend import CatalogOption
from agent.commands.shared import JsonFlag, print_json, warn


def chat(
    thread: Annotated[
        str, typer.Option(help="Name of the conversation; it survives restarts.")
    ] = "default",
    frames: Annotated[
        list[Path] | None, typer.Option(help="Screenshots to start the first turn with.")
    ] = None,
    catalog: CatalogOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Talk about a recommendation: one line in, one answer out, until the input ends."""
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
    with kept_session(context, thread, settings.home) as session:
        if taken:
            state = session.turn("", taken.kept)
            if as_json:
                answer = turn_json(state, settings.chat_model)
                refused = [w.model_dump(exclude_none=True) for w in taken.warnings]
                print_json({**answer, "warnings": [*refused, *answer["warnings"]]})
            else:
                warn(taken.warnings)
                typer.echo(state["message"])
        prompt = "\nyou> " if sys.stdin.isatty() and not as_json else ""
        while True:
            if prompt:
                sys.stderr.write(prompt)
                sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                break
            if not line.strip():
                continue
            state = session.turn(line.strip())
            if as_json:
                print_json(turn_json(state, settings.chat_model))
            else:
                typer.echo(state["message"])
