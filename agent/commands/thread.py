"""`interarec thread`: the conversations that are kept, and forgetting them."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.commands.shared import JsonFlag, print_json
from tools.errors import InputError

thread_app = typer.Typer(help="List the conversations that are kept; delete them.")


@thread_app.command("list")
def list_threads(as_json: JsonFlag = False) -> None:
    """List the conversations: name, turns, time of the last one."""
    from agent.config import load_settings
    from agent.threads import kept, open_threads

    settings = load_settings()
    with open_threads(settings.home, settings.threads_address) as threads:
        found = kept(threads)
    if as_json:
        print_json({"threads": [each.model_dump() for each in found]})
        return
    for each in found:
        typer.echo(f"{each.name}  {each.turns} turns, last {each.changed[:19]} UTC")
    if not found:
        typer.echo("No conversation is kept.")


@thread_app.command("delete")
def delete_threads(
    names: Annotated[list[str] | None, typer.Argument(help="Names of conversations.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Delete every conversation.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Delete conversations and their pictures.

    No byte of them is left in the files.
    """
    from agent.assembly import open_frames
    from agent.config import load_settings
    from agent.threads import check_thread, forget, open_threads

    if bool(names) == every:
        raise InputError("name the conversations to delete, or say --all")
    for name in names or ():
        check_thread(name)
    settings = load_settings()
    with open_threads(settings.home, settings.threads_address) as threads:
        asked = threads.names() if every else list(names or ())
        with open_frames(settings) as frames:
            deleted = [name for name in asked if forget(threads, name, frames)]
    unknown = [name for name in asked if name not in deleted]
    if as_json:
        print_json({"deleted": deleted, "unknown": unknown})
    else:
        typer.echo(f"Deleted: {', '.join(deleted) or 'none'}.")
    if unknown:
        raise InputError(f"there is no conversation {', '.join(unknown)}")
