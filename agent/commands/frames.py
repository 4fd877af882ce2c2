"""`interarec frames`: what is kept of captured sessions, and its removal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.commands.shared import JsonFlag, print_json
from tools.errors import InputError

frames_app = typer.Typer(
    name="frames", help="Captured sessions: list, export, delete.", no_args_is_help=True
)


@frames_app.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """The captured sessions that are kept, oldest first."""
    from agent.assembly import open_frames
    from agent.config import load_settings

    settings = load_settings()
    with open_frames(settings) as store:
        sessions = store.sessions()
        count = len(store)
    if as_json:
        keys = ("name", "frames", "started", "ended", "bytes")
        shown = [{key: getattr(session, key) for key in keys} for session in sessions]
        print_json({"sessions": shown, "frames": count, "keep_hours": settings.frames_keep_hours})
        return
    for session in sessions:
        when = datetime.fromtimestamp(session.started, UTC).astimezone()
        typer.echo(
            f"{session.name:<24} {when:%Y-%m-%d %H:%M}  {session.frames:>4} frames  "
            f"{session.bytes / 1000:>8.0f} kB"
        )
    typer.echo(f"{count} frames in all; each goes after {settings.frames_keep_hours:g} hours")


@frames_app.command()
def export(
    session: Annotated[str, typer.Argument(help="Name of the session, or last.")],
    folder: Annotated[Path, typer.Argument(help="Folder for the pictures and session.json.")],
    as_json: JsonFlag = False,
) -> None:
    """Write a session's pictures and pages into a folder.

    There they stay until you delete them.
    """
    import json
    from dataclasses import asdict

    from agent.assembly import open_frames
    from agent.config import load_settings

    with open_frames(load_settings()) as store:
        frames = store.session(session)
    told = []
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number, frame in enumerate(frames, start=1):
            suffix = frame.media_type.removeprefix("image/").replace("jpeg", "jpg")
            file = folder / f"{number:04}.{suffix}"
            file.write_bytes(frame.data)
            told.append({"file": file.name, **(asdict(frame.page) if frame.page else {})})
        (folder / "session.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written to: {error.strerror}") from None
    if as_json:
        print_json({"folder": str(folder), "frames": told})
    else:
        typer.echo(f"{len(told)} frames in {folder}")


@frames_app.command()
def delete(
    session: Annotated[str | None, typer.Argument(help="Name of the session, or last.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every frame that is kept.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Remove a session, or everything.

    No byte of it is left in the store.
    """
    from agent.assembly import open_frames
    from agent.config import load_settings

    if bool(session) == everything:
        raise InputError("give the name of a session, or --all")
    with open_frames(load_settings()) as store:
        if everything:
            gone = store.delete_all()
        else:
            names = [known.name for known in store.sessions()]
            name = names[-1] if session == "last" and names else str(session)
            if name not in names:
                raise InputError(f"there is no captured session {name[:80]!r}, or no longer")
            gone = store.delete_session(name)
    if as_json:
        print_json({"deleted": gone})
    else:
        typer.echo(f"{gone} frames deleted")
