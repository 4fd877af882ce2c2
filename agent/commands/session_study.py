"""`interarec session study`: the paper's study of re-ranking, repeated on any data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.commands.session_train import DataOption, LocaleOption, home, terminal
from agent.commands.shared import DONE, JsonFlag, print_json

if TYPE_CHECKING:
    from tools.sessions.data import SessionData
    from tools.sessions.study.plan import Cell, Options, Stored
    from tools.text import TextEncoder

QUICK_EPOCHS, QUICK_ROWS = 8, 2000


def study(  # noqa: PLR0917  (one parameter per option)
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Folder for cells, tables and plots.")],
    models: Annotated[
        str | None, typer.Option(help="Models with commas between; none: the paper's and ours.")
    ] = None,
    shares: Annotated[
        str, typer.Option(help="Shares of the training data, with commas between.")
    ] = "0.1,0.3,1",
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds for the networks.")] = 3,
    epochs: Annotated[int | None, typer.Option(min=1, help="The most epochs.")] = None,
    preset: Annotated[str, typer.Option(help="Networks: tuned or paper.")] = "tuned",
    encoder: Annotated[
        str | None, typer.Option(help="Of texts; `hashing` for no model at all.")
    ] = None,
    dwell: Annotated[
        float | None,
        typer.Option(
            help="Mean seconds of a page in view (drawn, not recorded); none: the study's."
        ),
    ] = None,
    test_rows: Annotated[int | None, typer.Option(min=1, help="Only so many test rows.")] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="One seed, at most 8 epochs, at most 2,000 test rows."),
    ] = False,
    locale: LocaleOption = None,
    plots: Annotated[bool, typer.Option(help="Draw the figures (extra `study`).")] = True,
    as_json: JsonFlag = False,
) -> None:
    """Repeat figures 11 to 15 of the paper: tables, plots, intervals.

    Run again after an interruption, it goes on where it stopped.
    """
    from tools.sessions.layout import read_layout
    from tools.sessions.study.plan import Options, run
    from tools.sessions.study.report import make_report, write_report

    chosen: dict[str, Any] = {"epochs": epochs, "preset": preset, "encoder": encoder}
    if models:
        chosen["models"] = tuple(m.strip() for m in models.split(",") if m.strip())
    if dwell is not None:
        chosen["dwell"] = dwell
    drawn = tuple(range(1 if quick else seeds))
    options = Options(shares=_shares(shares), seeds=drawn, **chosen)
    if quick:
        from dataclasses import replace

        options = replace(options, epochs=min(epochs or QUICK_EPOCHS, QUICK_EPOCHS))
        test_rows = min(test_rows or QUICK_ROWS, QUICK_ROWS)
    rows = read_layout(data, locale=locale)
    whole = len(rows.test)
    if test_rows is not None:
        rows = rows.some_test_rows(test_rows)
    stored, source = _stored(data, rows, options.encoder, whole)
    results = run(
        rows, stored, options, out, cache=home() / "sessions" / "vectors", done=_Bar(options)
    )
    about = _about(rows, options, source) | _cost(data, whole) | _taken(rows, options)
    made = make_report(results, rows, about)
    files = write_report(made, out)
    if plots:
        from tools.sessions.study.plots import draw

        files += draw(made, out)
    if as_json:
        from dataclasses import asdict

        print_json(
            {
                "about": about,
                "not_run": made.not_run,
                "rows": [asdict(row) for row in made.rows],
                "files": [str(path) for path in files],
            }
        )
    else:
        for row in made.of("11"):
            typer.echo(
                f"{row.model:16s} {row.way:32s} MRR@50 {row.value:.4f} "
                f"[{row.low:.4f}, {row.high:.4f}]"
            )
        typer.echo(f"Summaries from {source}.")
        for figure, reason in made.not_run.items():
            typer.echo(f"Not run: {figure}: {reason}.")
        typer.echo(f"Tables and plots: {out}")
    raise typer.Exit(DONE)


class _Bar:
    """A progress bar over the cells, on a terminal."""

    def __init__(self, options: Options) -> None:
        from tqdm import tqdm

        count = sum(1 for _ in options.cells())
        self.bar = tqdm(total=count, desc="study", unit="cell", disable=not terminal())

    def __call__(self, cell: Cell, fresh: bool) -> None:
        self.bar.set_postfix_str(f"{cell.stem} {'fitted' if fresh else 'kept'}")
        self.bar.update()


def _stored(folder: Path, rows: SessionData, name: str | None, whole: int) -> tuple[Stored, str]:
    """Vectors of item texts, and of stored summaries; and what the summaries are made from."""
    from tools.sessions.data import drawn_rows
    from tools.sessions.study.plan import Stored
    from tools.sessions.summaries import read_summaries
    from tools.sessions.text import encoder_named, item_texts, item_vectors

    encoder = encoder_named(name)
    vectors = item_vectors(
        item_texts(rows.products),
        encoder,
        cache=home() / "sessions" / "vectors",
        progress=terminal(),
    )
    told = "item texts (mean of the viewed items' vectors), not pictures"
    chosen = drawn_rows(whole, len(rows.test))
    found = {
        view: [texts[i] for i in chosen]
        for view, texts in read_summaries(folder, "test", whole).items()
    }
    if not found:
        return Stored(vectors), told
    return Stored(vectors, _kinds(found, encoder)), f"{told}; {_pictures(folder)}"


def _pictures(folder: Path) -> str:
    """What the summaries of figure 14 and of the ablations were read from."""
    read = "figure 14 and the ablations: drawn pages, as read by the embedded reader"
    kinds = _dataset(folder).get("pictured")
    if not isinstance(kinds, dict):
        return read
    photos, shapes, blank = (kinds.get(kind, 0) for kind in ("photo", "shape", "blank"))
    return (
        f"{read}; product pictures: {photos} of the data's own, {shapes} plain shapes in the "
        f"product's colour and {blank} that tell nothing"
    )


def _dataset(folder: Path) -> dict[str, Any]:
    """What the dataset builder told; nothing where summaries came from elsewhere."""
    import json

    try:
        told = json.loads((folder / "dataset.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _kinds(found: dict[str, list[str]], encoder: TextEncoder) -> dict[str, Any]:
    from tools.sessions.study.report import PAGE, PICTURE
    from tools.sessions.summaries import WORDS, as_queries, cut

    names = {"page": PAGE, "product": PICTURE}
    kinds = {}
    for view, texts in found.items():
        size = view.removeprefix("page@")
        name = names.get(view) or f"summary of pages at {size} of the size"
        kinds[name] = as_queries(texts, encoder)
    for words in WORDS if "page" in found else ():
        shorter = [cut(text, words) for text in found["page"]]
        kinds[f"summary of at most {words} words"] = as_queries(shorter, encoder)
    return kinds


def _cost(folder: Path, whole: int) -> dict[str, str]:
    """What reading the pictures and keeping the summaries costs, where there are any."""
    from tools.sessions.summaries import WORDS, cut, read_summaries

    told: dict[str, str] = {}
    found = read_summaries(folder, "test", whole)
    for view, texts in found.items():
        words = [len(text.split()) for text in texts]
        told[f"cost, words of a summary from {view}"] = f"{sum(words) / max(1, len(words)):.1f}"
    for most in WORDS if "page" in found else ():
        words = [len(cut(text, most).split()) for text in found["page"]]
        told[f"cost, words of a summary of at most {most}"] = f"{sum(words) / len(words):.1f}"
    for view, seconds in _dataset(folder).get("seconds", {}).items():
        told[f"cost, CPU seconds to read a picture, {view}"] = f"{float(seconds):.2f}"
    return told


def _taken(rows: SessionData, options: Options) -> dict[str, str]:
    """What the interval between pictures costs and catches, with times in view that are drawn."""
    from tools.sessions.study.intervals import EVERY, SHAPE, caught

    told = {
        "times in view": f"drawn, Weibull with shape {SHAPE:g} and a mean of {options.dwell:g} s: "
        "sessions files hold none"
    }
    for every in EVERY:
        found = caught(rows.test, every, mean=options.dwell)
        told[f"cost, a picture every {every} s"] = (
            f"{found.pictures:.1f} pictures a session, of {found.share:.0%} of the pages viewed"
        )
    return told


def _shares(text: str) -> tuple[float, ...]:
    from tools.errors import SessionError

    try:
        return tuple(sorted({float(part) for part in text.split(",") if part.strip()}))
    except ValueError:
        raise SessionError(f"--shares takes numbers with commas between, not {text!r}") from None


def _about(rows: SessionData, options: Options, source: str) -> dict[str, Any]:
    return {
        "data": rows.name,
        "train rows": len(rows.train),
        "test rows": len(rows.test),
        "items": rows.n_items,
        "models": ", ".join(options.models),
        "shares": ", ".join(f"{share:g}" for share in options.shares),
        "seeds of the networks": len(options.seeds),
        "most epochs": options.epochs or "each network's own",
        "preset": options.preset,
        "summaries": f"summaries from {source}",
        **{f"note on {key}": value for key, value in rows.notes.items()},
    }
