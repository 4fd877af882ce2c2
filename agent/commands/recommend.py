"""`interarec recommend`: the whole graph, one turn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.shared import JsonFlag, finish, print_json, warn

CatalogOption = Annotated[
    Path | None, typer.Option(help="Catalogue folder; without one the demo shop is used.")
]


def recommend(
    frames: Annotated[
        list[Path], typer.Argument(help="Screenshots in order: files, or folders of them.")
    ],
    say: Annotated[str, typer.Option(help="What the shopper says.")] = "",
    catalog: CatalogOption = None,
    objective: Annotated[str | None, typer.Option(help="balanced, revenue or surplus.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Recommend the provably best set of products for what the screenshots show."""
    from agent.answer import read_json, turn_json
    from agent.assembly import make_context
    from agent.capture.take import take
    from agent.config import load_settings
    from agent.session import one_turn

    settings = load_settings(catalog=catalog, objective=objective)
    taken = take(frames)
    context = make_context(settings)
    state = one_turn(context, say, taken.kept)
    warnings = [*taken.warnings, *state["warnings"]]
    if as_json:
        shown = read_json(
            state["summary"],
            state["limits"],
            state["readings"],
            taken,
            model=settings.vision_model,
            warnings=state["warnings"],
        )
        turn = turn_json(state, settings.chat_model)
        print_json({**turn, **shown})
    else:
        from agent.story import print_turn

        warn(taken.warnings)
        print_turn(state, len(taken.kept), len(taken.dropped))
    finish(warnings, degraded=bool(state["degraded"]))
