"""`interarec session dataset`: pictures and summaries for files of sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.session_train import LocaleOption, SeedOption
from agent.commands.shared import DONE, JsonFlag, print_json


def dataset(  # noqa: PLR0917  (one parameter per option)
    sessions: Annotated[
        Path, typer.Option(help="Folder with sessions_{train,valid,test} and products.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for pictures, readings and summaries.")],
    limit: Annotated[int, typer.Option(min=1, help="Most test sessions.")] = 100,
    scales: Annotated[
        str, typer.Option(help="Further sizes at which pages are read, such as 0.5,0.75.")
    ] = "",
    locale: LocaleOption = None,
    seed: SeedOption = 0,
    as_json: JsonFlag = False,
) -> None:
    """Make pages, readings and summaries of the items viewed.

    A page per item is rendered and read; run again after an interruption, it goes on.
    """
    from agent.dataset.build import build_dataset
    from agent.progress import progress
    from tools.errors import SessionError
    from tools.sessions.layout import read_layout

    try:
        sizes = tuple(float(part) for part in scales.split(",") if part.strip())
    except ValueError:
        raise SessionError(f"--scales takes numbers with commas between, not {scales!r}") from None
    data = read_layout(sessions, locale=locale)
    chosen = data.some_test_rows(limit, seed).test
    with progress("item pages", len(set(chosen.items.tolist()))) as advance:
        built = build_dataset(
            data, sessions, out, limit, sizes, seed, lambda done, total: advance(done)
        )
    told = {**built.__dict__, "out": str(out)}
    if as_json:
        print_json(told)
    else:
        typer.echo(
            f"{built.items} item pages ({built.fresh} now), {built.sessions} sessions, summaries "
            f"from {', '.join(built.views)}: {out}"
        )
        kinds = {kind: built.pictured.get(kind, 0) for kind in ("photo", "shape", "blank")}
        typer.echo(
            f"Product pictures: {kinds['photo']} of the data's own, {kinds['shape']} plain shapes "
            f"in the product's colour, {kinds['blank']} that tell nothing."
        )
    raise typer.Exit(DONE)
