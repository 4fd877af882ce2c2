"""`interarec read`: stages one and two on picture files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.shared import JsonFlag, finish, print_json, warn


def read(
    frames: Annotated[
        list[Path], typer.Argument(help="Screenshots in order: files, or folders of them.")
    ],
    explain: Annotated[
        Path | None,
        typer.Option(help="Folder for copies of the pictures with what was read drawn on them."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read screenshots into a summary and limits.

    The summary has eight categories; each limit tells where it comes from and how hard it is.
    """
    from agent.answer import images_json, read_json, spent_json
    from agent.capture.take import take
    from agent.config import load_settings
    from agent.reading import read_session

    settings = load_settings()
    taken = take(frames)
    result = read_session(taken.kept, settings)
    if explain:
        from agent.reader.explain import explain as explain_in

        page = explain_in(taken.kept, result.readings, explain)
    if as_json:
        shown = read_json(
            result.summary,
            result.limits,
            result.readings,
            taken,
            model=settings.vision_model,
            warnings=result.warnings,
        )
        print_json(
            {
                **shown,
                "mode": settings.vision_model,
                "degraded": bool(result.degraded),
                "degraded_reasons": list(dict.fromkeys(result.degraded)),
                "answered_by": list(result.answered_by),
                "spent": {"turn": spent_json(result.spent)},
                "images": images_json(result.images),
            }
        )
    else:
        from agent.story import print_reading

        warn([*taken.warnings, *result.warnings])
        print_reading(result.summary, result.limits, len(taken.kept), len(taken.dropped))
        if explain:
            typer.echo(f"Pictures with what was read: {page}")
    finish([*taken.warnings, *result.warnings], degraded=bool(result.degraded))
