"""`interarec eval fit`: does the recommendation suit simulated shoppers? A table, or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from tqdm import tqdm

from evals.fit import OBJECTIVES, OTHERS, Line, Visit, run_fit, summarise_fit, unmet, visits_of

if TYPE_CHECKING:
    from rich.table import Table

    from evals.paired import Comparison
    from evals.statistics import Interval
    from tools.catalog import Catalog
    from tools.solution import Objective

SEED = 2024


def fit(
    *,
    shoppers: Annotated[int, typer.Option(min=10, help="Simulated shoppers.")] = 30,
    rendered: Annotated[
        int, typer.Option(min=0, help="Of these, played in Chromium and read by OCR.")
    ] = 10,
    visits: Annotated[int, typer.Option(min=1, help="That each shopper pays.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the shoppers' tastes and visits.")] = SEED,
    objective: Annotated[
        list[str] | None, typer.Option(help="balanced, revenue or surplus; default: all three.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Play and read again what an earlier run has read.")
    ] = False,
    again: Annotated[
        int,
        typer.Option(min=0, help="Repeat with the seeds that follow, none rendered, and count."),
    ] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on stdout.")
    ] = False,
) -> None:
    """Ask whether the recommendation suits simulated shoppers with hidden tastes."""
    import json

    from agent.assembly import open_markets
    from agent.config import load_settings
    from evals.shoppers import shoppers as simulated

    goals = _objectives(objective)
    settings = load_settings()
    markets = open_markets(settings)
    brands = sorted({b for catalog in markets.values() for b in catalog.vocabulary().brands})
    people = simulated(shoppers, seed, visits)
    kept = settings.home / "evals" / "rendered"
    found = visits_of(people, rendered, brands, kept, fresh=fresh)
    lines = _lines(found, markets, goals)
    asked = "balanced" in goals
    missed = unmet(lines) if asked else []
    repeats = []
    if asked:
        for other in tqdm(range(seed + 1, seed + 1 + again), desc="seeds", disable=not again):
            others = visits_of(simulated(shoppers, other, visits), 0, brands, kept, fresh=False)
            repeats.append(unmet(_lines(others, markets, ("balanced",))))
    if as_json:
        told = _plain(lines, missed) | {
            "shoppers": shoppers,
            "visits": visits,
            "rendered": rendered,
            "seed": seed,
            "repeats": repeats,
        }
        print(json.dumps(told, allow_nan=False))
        return
    title = f"fit: {shoppers} shoppers, {visits} visits each, {rendered} rendered, seed {seed}"
    print_fit(lines, title)
    if repeats:
        reached = sum(not r for r in repeats)
        typer.echo(f"It is reached with {reached} of the {again} seeds that follow.")


def _lines(
    visits: Sequence[Visit], markets: Mapping[str, Catalog], goals: Sequence[Objective]
) -> list[Line]:
    scores = run_fit(visits, markets, goals)
    return summarise_fit(scores, [visit.shopper.name for visit in visits])


def _objectives(named: Sequence[str] | None) -> tuple[Objective, ...]:
    from tools.errors import InputError

    for name in named or ():
        if name not in OBJECTIVES:
            raise InputError(f"{name!r} is no objective; there are: {', '.join(OBJECTIVES)}")
    return tuple(goal for goal in OBJECTIVES if not named or goal in named)


def print_fit(lines: Sequence[Line], title: str, width: int = 150) -> list[str]:
    """Prints the ways to recommend side by side, and what is asked of `balanced`.

    Returns:
        What is asked and not reached, a sentence each.
    """
    from rich.console import Console

    console = Console(width=width)
    console.print(_table(lines, title))
    if not any(line.name == "balanced" for line in lines):
        return []
    missed = unmet(lines)
    for sentence in missed or ["What is asked of `balanced` is reached."]:
        console.print(sentence)
    return missed


def _table(lines: Sequence[Line], title: str) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_edge=False)
    for heading in ("", "category fit", "hit rate", "taste regret", "price"):
        table.add_column(heading, justify="left" if not heading else "right")
    for other in OTHERS:
        table.add_column(f"hits over\n{other}", justify="right")
    for line in lines:
        table.add_row(
            line.name,
            *(_shown(i) for i in (line.category_fit, line.hit_rate, line.regret)),
            f"{line.spend:.2f}",
            *(
                f"{c.difference:+.2f} [{c.low:+.2f}, {c.high:+.2f}]" if c else ""
                for c in map(line.hits_over.get, OTHERS)
            ),
        )
    return table


def _shown(interval: Interval) -> str:
    return f"{interval.estimate:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def _plain(lines: Sequence[Line], missed: Sequence[str]) -> dict[str, Any]:
    def ends(interval: Interval) -> list[float]:
        return [interval.estimate, interval.low, interval.high]

    def paired(found: Mapping[str, Comparison]) -> dict[str, list[float]]:
        return {name: [c.difference, c.low, c.high, c.p_value] for name, c in found.items()}

    return {
        "systems": {
            line.name: {
                "category_fit": ends(line.category_fit),
                "hit_rate": ends(line.hit_rate),
                "regret": ends(line.regret),
                "price_over_median": line.spend,
                "hits_over": paired(line.hits_over),
                "regret_over": paired(line.regret_over),
            }
            for line in lines
        },
        "unmet": list(missed),
    }
