"""`interarec demo`: the main job on a shipped browsing session."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.commands.shared import JsonFlag, finish, print_json


def demo(
    session: Annotated[str, typer.Option(help="Which recorded session to play.")] = "dresses",
    say: Annotated[str, typer.Option(help="What the shopper says, on top.")] = "",
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only build the demo catalogues.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Play a recorded browsing session of the demo shop: no key, no network."""
    from agent.answer import read_json, turn_json
    from agent.assembly import make_context
    from agent.capture.take import take
    from agent.config import load_settings
    from agent.demo.catalogs import demo_catalogs
    from agent.demo.recorded import session_frames
    from agent.session import one_turn

    settings = load_settings()
    demo_catalogs(settings.home)
    if prepare:
        return
    taken = take(session_frames(session))
    context = make_context(settings.model_copy(update={"catalog": None}))
    state = one_turn(context, say, taken.kept)
    if as_json:
        shown = read_json(
            state["summary"],
            state["limits"],
            state["readings"],
            taken,
            model=settings.vision_model,
            warnings=state["warnings"],
        )
        print_json({**turn_json(state, settings.chat_model), **shown})
    else:
        from agent.story import print_turn

        typer.echo(f"A recorded browse of the demo shop: {session} (embedded models, no network)")
        print_turn(state, len(taken.kept), len(taken.dropped))
    finish(state["warnings"], degraded=bool(state["degraded"]))
