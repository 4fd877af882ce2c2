"""`interarec recommend`: the whole graph, one turn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.shared import JsonFlag, finish, print_json, warn

if TYPE_CHECKING:
    from agent.config import Settings
    from agent.report.story import Draw

CatalogOption = Annotated[
    str | None,
    typer.Option(help="Catalogue: a folder or postgresql://…; without one the demo shop is used."),
]


def recommend(
    frames: Annotated[
        list[Path], typer.Argument(help="Screenshots in order: files, or folders of them.")
    ],
    *,
    say: Annotated[str, typer.Option(help="What the shopper says.")] = "",
    catalog: CatalogOption = None,
    objective: Annotated[str | None, typer.Option(help="balanced, revenue or surplus.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write the story as one HTML page to this file.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Recommend the set proved best for what screenshots show."""
    from agent.answer import read_json, turn_json
    from agent.assembly import make_context
    from agent.capture.take import take
    from agent.config import load_settings
    from agent.graph import make_graph
    from agent.report import tell, write_page
    from agent.session import Session

    settings = load_settings(catalog=catalog, objective=objective)
    taken = take(frames)
    context = make_context(settings)
    session = Session(context, "once", make_graph())
    state = session.turn(say, taken.kept)
    if report is not None:
        write_page(tell(session, state, taken, draw=_drawing(settings)), report)
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
        print_turn(state, len(taken.kept), len(taken.dropped), session.seconds)
        if report is not None:
            typer.echo(f"The story as a page: {report.resolve()}")
    finish(warnings, degraded=bool(state["degraded"]))


def _drawing(settings: Settings) -> Draw | None:
    """How products without a picture are drawn: only the demo shop knows its own."""
    if settings.catalog is not None:
        return None
    from agent.demo.pictures import draw_product

    return draw_product
