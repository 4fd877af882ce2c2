"""`interarec capture`: browse with a real Chromium and keep what was seen."""

from __future__ import annotations

import math
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.shared import JsonFlag, finish, print_json, warn
from tools.errors import InputError

if TYPE_CHECKING:
    from agent.capture.script import Step
    from agent.capture.session import Outcome, Plan, Stop
    from agent.config import Settings
    from agent.demo.words import Currency

DEMO = "demo"
_UNITS = {"ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def capture(
    url: Annotated[
        str | None, typer.Argument(help="Page to begin with, or `demo` for the demo shop.")
    ] = None,
    *,
    every: Annotated[
        str, typer.Option(help="Time between looks (2s, 500ms), or auto: follow the shopper.")
    ] = "2s",
    for_: Annotated[
        str | None, typer.Option("--for", help="Stop after this time (90s, 1m, 2h).")
    ] = None,
    count: Annotated[
        int | None, typer.Option(help="Stop after so many frames, kept or not.", min=1)
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="jpeg, png or webp.")] = "jpeg",
    headed: Annotated[
        bool, typer.Option("--headed", help="Open a window for a person to browse in.")
    ] = False,
    browse: Annotated[
        str | None,
        typer.Option(help="Play a script of steps: a YAML file, or a session of the demo shop."),
    ] = None,
    watch: Annotated[
        Path | None, typer.Option(help="Instead of a browser: a folder that frames appear in.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(help="Folder that keeps the browser's log-ins and cookies.")
    ] = None,
    pause: Annotated[
        bool, typer.Option("--pause", help="Let no picture in, in all processes, and end.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Let pictures in again, and end.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Keep what is seen while browsing; stop with Ctrl-C. Read it with `capture:last`."""
    from agent.capture.guard import set_pause
    from agent.config import load_settings

    settings = load_settings()
    given = [bool(url), watch is not None, pause, resume]
    if sum(given) != 1:
        raise InputError("give one of: an address, --watch FOLDER, --pause, --resume")
    if pause or resume:
        set_pause(settings.home, pause)
        state = {"paused": pause}
        print_json(state) if as_json else typer.echo("Paused." if pause else "Resumed.")
        return
    plan = _plan(every, for_, count, format_)
    if watch is not None:
        outcome = _watched(watch, plan, settings)
    else:
        outcome = _browsed(str(url), plan, settings, browse, headed=headed, profile=profile)
    if as_json:
        print_json(outcome.to_json())
    else:
        warn(outcome.warnings)
        _tell(outcome)
    finish(outcome.warnings)


def duration(text: str) -> float:
    """Seconds of `90`, `90s`, `1.5m`, `500ms`, `2h`. Raises InputError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)", text.strip().lower())
    seconds = float(match[1]) * _UNITS[match[2]] if match else math.nan
    if not 0 < seconds <= 7 * 24 * 3600:
        raise InputError(f"{text!r} is not a length of time such as 2s, 500ms or 1m")
    return seconds


def _plan(every: str, for_: str | None, count: int | None, kind: str) -> Plan:
    from agent.capture.browser import FORMATS
    from agent.capture.session import Plan

    chosen = next(
        (known for known in FORMATS if known == kind.lower().replace("jpg", "jpeg")), None
    )
    if chosen is None:
        raise InputError(f"{kind!r} is no format; use jpeg, png or webp")
    looks = None if every.strip().lower() == "auto" else max(0.1, duration(every))
    return Plan(looks, duration(for_) if for_ else None, count, chosen)


def _watched(folder: Path, plan: Plan, settings: Settings) -> Outcome:
    from agent.assembly import open_frames
    from agent.capture.guard import Guard
    from agent.capture.session import Stop
    from agent.capture.watch import watch

    with open_frames(settings) as store, Stop().listening() as stop:
        return watch(folder, store, Guard.of(settings), plan, stop)


def _browsed(
    url: str,
    plan: Plan,
    settings: Settings,
    browse: str | None,
    *,
    headed: bool,
    profile: Path | None,
) -> Outcome:
    from agent.assembly import open_frames
    from agent.capture.browser import open_browser
    from agent.capture.domains import place_of
    from agent.capture.guard import Guard
    from agent.capture.run import Capture
    from agent.capture.session import Stop

    steps, currency = _script(browse)
    guard = Guard.of(settings)
    if url != DEMO:
        url = url if "://" in url else f"https://{url}"
        if place_of(url) is None:
            raise InputError(f"{url!r} is not the address of a web page (http or https)")
        guard.check_page(url)
    with ExitStack() as stack:
        store = stack.enter_context(open_frames(settings))
        stop: Stop = stack.enter_context(Stop().listening())
        if url == DEMO:
            from agent.demo.serve import served

            url = stack.enter_context(served(currency))
        browser = stack.enter_context(
            open_browser(executable=settings.browser, headed=headed, profile=profile)
        )
        if not steps and plan.seconds is None and plan.count is None:
            typer.echo("capturing until Ctrl-C", err=True)
        return Capture(browser, store, guard, plan).run(url, stop, steps)


def _script(browse: str | None) -> tuple[list[Step], Currency]:
    if browse is None:
        return [], "GBP"
    from agent.capture.script import load_steps

    file = Path(browse)
    if file.is_file():
        return list(load_steps(file)), "GBP"
    from agent.demo.recorded import session_frames, session_names, session_story

    if browse not in session_names():
        raise InputError(f"there is no script {browse}")
    script = session_frames(browse)[0].parent / "script.yaml"
    return list(load_steps(script)), session_story(browse)["currency"]


def _tell(outcome: Outcome) -> None:
    covered = sum(outcome.boxes.values())
    typer.echo(
        f"{outcome.frames} frames: {outcome.kept} kept ({outcome.bytes / 1000:.0f} kB), "
        f"{outcome.dropped} showed nothing new, {covered} boxes over personal data"
    )
    for code, times in outcome.refused.items():
        typer.echo(f"not looked at {times} times: {code}")
    if outcome.kept:
        typer.echo(f"Read them with: interarec recommend capture:{outcome.session}")
