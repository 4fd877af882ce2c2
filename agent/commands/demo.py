"""`interarec demo`: the main job on a shipped browsing session."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.shared import JsonFlag, finish, print_json


def demo(
    session: Annotated[str, typer.Option(help="Which recorded session to play.")] = "dresses",
    say: Annotated[str, typer.Option(help="What the shopper says, on top.")] = "",
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only build the demo catalogues.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Where the story page is written; else under the home folder."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Play a recorded browse of the demo shop: no key, no network."""
    from agent.answer import read_json, turn_json
    from agent.assembly import make_context
    from agent.capture.take import take
    from agent.config import load_settings
    from agent.demo.catalogs import demo_catalogs
    from agent.demo.pictures import draw_product
    from agent.demo.recorded import session_frames, session_story
    from agent.graph import make_graph
    from agent.report import tell, write_page
    from agent.session import Session

    settings = load_settings()
    demo_catalogs(settings.home)
    if prepare:
        return
    taken = take(session_frames(session))
    context = make_context(settings.model_copy(update={"catalog": None}))
    browse = Session(context, "demo", make_graph())
    state = browse.turn(say, taken.kept)
    title = session_story(session)["title"]
    page = write_page(
        tell(browse, state, taken, title=title, draw=draw_product),
        report or settings.home / "reports" / f"{session}.html",
    )
    if as_json:
        shown = read_json(
            state["summary"],
            state["limits"],
            state["readings"],
            taken,
            model=settings.vision_model,
            warnings=state["warnings"],
        )
        print_json(
            {**turn_json(state, settings.chat_model), **shown, "report": str(page.resolve())}
        )
    else:
        from agent.story import print_turn

        typer.echo(f"A recorded browse of the demo shop: {session} (embedded models, no network)")
        print_turn(state, len(taken.kept), len(taken.dropped), browse.seconds)
        typer.echo(f"The story as a page: {page.resolve()}")
    finish(state["warnings"], degraded=bool(state["degraded"]))
