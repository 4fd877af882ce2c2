"""Figures over all cases: pooled, with intervals by cluster, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from evals.paired import Comparison, compare_paired
from evals.proportions import holm
from evals.runner import Result
from evals.scorers import SCORERS, Figure, figures
from evals.statistics import DRAWS, Interval, cluster_bootstrap
from tools.errors import CaseError, TooFewClusters

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class Line:
    """One figure of a table."""

    name: str
    meaning: Figure
    estimate: float
    chances: float
    interval: Interval | None
    """None where there are too few clusters to give one."""

    @property
    def reached(self) -> bool | None:
        """Whether the estimate meets the target; None without a target."""
        target = self.meaning.target
        if target is None:
            return None
        return self.estimate <= target if self.meaning.low_is_good else self.estimate >= target


def _meaning(name: str, known: dict[str, Figure]) -> Figure:
    return known.get(name) or Figure(f"  {name.removeprefix('op_').replace('_', ' ')}")


def summarise(results: Sequence[Result]) -> list[Line]:
    """All figures that the results have a chance for, in the order of their scorers."""
    known = figures(SCORERS.values())
    seen = dict.fromkeys(name for r in results for name in r.judgement.tallies)
    order = [name for name in known if name in seen] + [name for name in seen if name not in known]
    lines = []
    for name in order:
        with_figure = [r for r in results if name in r.judgement.tallies]
        hits = [r.judgement.tallies[name].hits for r in with_figure]
        chances = [r.judgement.tallies[name].chances for r in with_figure]
        if not sum(chances) > 0:
            continue
        try:
            interval = cluster_bootstrap(hits, chances, [r.case.group for r in with_figure])
        except TooFewClusters:
            interval = None
        estimate = sum(hits) / sum(chances)
        lines.append(Line(name, _meaning(name, known), estimate, sum(chances), interval))
    return lines


def as_table(title: str, lines: Sequence[Line]) -> Table:
    """The table for people; `low` marks error rates, whose target is a ceiling."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_edge=False)
    table.add_column("figure", no_wrap=True)
    for column in ("reached", "95 % interval", "of", "clusters", "asked", ""):
        table.add_column(column, justify="right", no_wrap=True)
    for line in lines:
        target = line.meaning.target
        sign = "<=" if line.meaning.low_is_good else ">="
        interval = line.interval
        table.add_row(
            line.meaning.label,
            f"{line.estimate:.3f}",
            f"{interval.low:.3f} to {interval.high:.3f}" if interval else "under 10 clusters",
            f"{line.chances:g}",
            str(interval.clusters) if interval else "",
            "" if target is None else f"{sign} {target:.2f}",
            {True: "yes", False: "NO", None: ""}[line.reached],
        )
    return table


def as_json(lines: Sequence[Line]) -> dict[str, Any]:
    """Figure -> estimate, interval, chances, target."""
    return {
        line.name: {
            "label": line.meaning.label.strip(),
            "estimate": line.estimate,
            "interval": asdict(line.interval) if line.interval else None,
            "chances": line.chances,
            "target": line.meaning.target,
            "low_is_good": line.meaning.low_is_good,
            "reached": line.reached,
        }
        for line in lines
    }


@dataclass(frozen=True)
class Difference:
    """One figure of two result files."""

    name: str
    meaning: Figure
    found: Comparison
    p_holm: float
    """Adjusted over all figures of the comparison."""

    @property
    def moved(self) -> bool:
        """Whether any case differs."""
        return bool(self.found.wins or self.found.losses)

    @property
    def verdict(self) -> str:
        """ "better", "worse" or "not distinguishable", with the meaning of the figure in mind."""
        verdict = self.found.verdict
        if self.p_holm > 1 - self.found.confidence or verdict == "not distinguishable":
            return "not distinguishable"
        if self.meaning.low_is_good:
            return {"better": "worse", "worse": "better"}[verdict]
        return verdict


def compare_results(
    first: Sequence[dict[str, Any]], second: Sequence[dict[str, Any]], *, draws: int = DRAWS
) -> list[Difference]:
    """Every figure of the second run against the first, paired by case.

    Args:
        first: rows of a result file (`evals.runner.read_results`).
        second: rows of another, over the same cases.
        draws: of the intervals and the tests.

    Raises:
        CaseError: the cases differ, or the files hold no scores.
        TooFewClusters: not one figure has ten clusters; a figure that has fewer is left out.
    """
    rows = [{row["case"]: row for row in side} for side in (first, second)]
    if odd := sorted(rows[0].keys() ^ rows[1].keys()):
        raise CaseError(f"the runs are over different cases: {odd[0]!r} stands in one only")
    if any("tallies" not in row for side in rows for row in side.values()):
        raise CaseError("a run is unfinished: some of its cases are not scored")
    known = figures(SCORERS.values())
    names = dict.fromkeys(n for side in rows for row in side.values() for n in row["tallies"])
    found: dict[str, Comparison] = {}
    too_few: TooFewClusters | None = None
    for name in names:
        pairs = [
            (row["cluster"], row["tallies"][name], rows[1][case]["tallies"][name])
            for case, row in rows[0].items()
            if name in row["tallies"] and name in rows[1][case]["tallies"]
        ]
        if not all(sum(pair[side][1] for pair in pairs) > 0 for side in (1, 2)):
            continue
        try:
            found[name] = compare_paired(
                [a[0] for _, a, _ in pairs],
                [b[0] for _, _, b in pairs],
                [cluster for cluster, _, _ in pairs],
                first_denominators=[a[1] for _, a, _ in pairs],
                second_denominators=[b[1] for _, _, b in pairs],
                draws=draws,
            )
        except TooFewClusters as error:
            too_few = error
    if not found and too_few:
        raise too_few
    if not found:
        raise CaseError("the runs share no figure")
    adjusted = holm({name: comparison.p_value for name, comparison in found.items()})
    return [
        Difference(name, _meaning(name, known), comparison, adjusted[name])
        for name, comparison in found.items()
    ]


_ORDER = {"worse": 0, "better": 1, "not distinguishable": 2}


def difference_table(differences: Sequence[Difference]) -> Table | None:
    """The figures in which any case differs, the worse ones first; None where there are none.

    p is adjusted over all figures of the comparison (Holm).
    """
    from rich.table import Table

    moved = [d for d in differences if d.moved]
    if not moved:
        return None
    table = Table(title_justify="left", show_edge=False)
    table.add_column("figure")
    for column in ("first", "second", "difference, 95 %", "won-lost", "p"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("second is", no_wrap=True)
    for line in sorted(moved, key=lambda d: _ORDER[d.verdict]):
        found = line.found
        style = {"worse": "bold red", "better": "bold green"}.get(line.verdict, "")
        table.add_row(
            line.meaning.label.strip(),
            f"{found.first:.3f}",
            f"{found.second:.3f}",
            f"{found.difference:+.3f} [{found.low:+.3f}, {found.high:+.3f}]",
            f"{found.wins}-{found.losses}",
            f"{line.p_holm:.3f}",
            line.verdict if line.verdict != "not distinguishable" else "?",
            style=style,
        )
    return table
