"""The figures of the study from its cells, with bootstrap intervals: JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.data import SessionData
from tools.sessions.metrics import Bootstrap, chains, recall, reciprocal_rank
from tools.sessions.study.intervals import EVERY
from tools.sessions.study.plan import HYBRID, INPUT, Result
from tools.sessions.study.variants import (
    BLEND,
    FRESH,
    PAPER,
    PAPER_WIDE,
    PLAIN,
    RECENCY,
    RECENT,
    pictured,
    recent,
)

Floats = NDArray[np.float64]
CUT = 50
MEASURES = {"mrr@50": reciprocal_rank, "recall@50": recall}
PAGE, PICTURE = "summary of whole pages", "summary of product pictures"


@dataclass(frozen=True)
class Row:
    """One bar or point of a figure.

    `value` and its 95 % interval are of the mean over seeds; `difference` is paired, against
    the model alone with the same training data (and viewed items left out where the way does).
    """

    figure: str
    model: str
    way: str
    share: float
    measure: str
    value: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    seeds: int
    seconds: float


@dataclass(frozen=True)
class Study:
    """Everything that the study says.

    Attributes:
        rows: of all figures.
        not_run: figure -> why it could not be run on this data.
        about: data, settings, where summaries came from.
    """

    rows: list[Row]
    not_run: dict[str, str]
    about: dict[str, Any]

    def of(self, figure: str, measure: str = "mrr@50") -> list[Row]:
        """The rows of one figure."""
        return [r for r in self.rows if r.figure == figure and r.measure == measure]


FIGURES = {
    "11": "Models with and without re-ranking, smallest training data",
    "12": "Models alone as the training data grows",
    "13": "Re-ranked models as the training data grows",
    "viewed": "The paper's rule where viewed items are left out",
    "14": "Summaries of whole pages and of product pictures alone",
    "15": "Summaries of the whole session and of its recent part",
    "tokens": "Length of the summary",
    "resolution": "Resolution of the pictures",
    "interval": "Interval between screenshots",
    "input": "The summary as an input of the model and as a re-ranker",
}


def make_report(
    results: Sequence[Result], data: SessionData, about: dict[str, Any], seed: int = 0
) -> Study:
    """The rows of every figure that the cells can give.

    Args:
        results: the cells.
        data: as read; its test rows are those of the cells.
        about: goes into the report as it stands.
        seed: of the bootstrap.
    """
    draw = Bootstrap.of(chains(data.test), seed=seed)
    least, most = (f({r.cell.share for r in results}) for f in (min, max))
    stored = _summaries({way for r in results for way in r.ranks})
    rows: list[Row] = []

    def add(figure: str, model: str, way: str, share: float) -> None:
        rows.extend(_rows(figure, model, way, share, results, draw))

    models = list(dict.fromkeys(r.cell.model for r in results))
    shares = sorted({r.cell.share for r in results})
    for model in models:
        if model == INPUT:
            continue
        for way in (PLAIN, PAPER, PAPER_WIDE, BLEND):
            add("11", model, way, least)
        for share in shares:
            add("12", model, PLAIN, share)
            # The hybrid has taken the texts in by itself.
            for way in (PLAIN,) if model == HYBRID else (PAPER_WIDE, BLEND):
                add("13", model, way, share)
            for way in (PLAIN, PAPER_WIDE):
                add("viewed", model, way + FRESH, share)
        for way in (PAPER_WIDE, *(recent(n) for n in RECENT), RECENCY):
            add("15", model, way, least)
        for way in (PAPER_WIDE, *(pictured(every) for every in EVERY)):
            add("interval", model, way, least)
        pictured_ways = [way for way in (PAGE, PICTURE) if way in stored]
        for way in (PAPER_WIDE, *pictured_ways) if pictured_ways else ():
            add("14", model, way, least)
        for name, sign in (("tokens", " words"), ("resolution", " of the size")):
            less = [way for way in stored if way.endswith(sign)]
            for way in (PAGE, *less) if less else ():
                add(name, model, way, least)
    if INPUT in models:
        for share in shares:
            for model, way in (
                ("gru4rec", PLAIN), (INPUT, PLAIN), ("gru4rec", PAPER_WIDE), ("gru4rec", BLEND),
                (INPUT, BLEND),
            ):  # fmt: skip
                add("input", model, way, share)
    return Study(rows, _not_run(rows, least == most), about)


def _summaries(ways: set[str]) -> list[str]:
    """Ways with stored summaries, the longest and largest first."""

    def size(way: str) -> float:
        found = re.search(r"[\d.]+", way)
        return float(found[0]) if found else math.inf

    return sorted((w for w in ways if w.startswith("summary of")), key=lambda w: (-size(w), w))


def _rows(  # noqa: PLR0917
    figure: str,
    model: str,
    way: str,
    share: float,
    results: Sequence[Result],
    draw: Bootstrap,
) -> list[Row]:
    own = [r for r in results if (r.cell.model, r.cell.share) == (model, share) and way in r.ranks]
    if not own:
        return []
    found = []
    for measure, of in MEASURES.items():
        values = np.mean([of(np.asarray(r.ranks[way]), CUT) for r in own], axis=0)
        plain = _alone(way)
        alone = np.mean([of(np.asarray(r.ranks[plain]), CUT) for r in own], axis=0)
        spread = (draw.interval(values), draw.interval(values - alone))
        found.append(
            Row(
                figure, model, way, share, measure, float(values.mean()), *spread[0],
                float((values - alone).mean()), *spread[1], len(own),
                float(np.mean([r.told["seconds"] for r in own])),
            )
        )  # fmt: skip
    return found


def _not_run(rows: Sequence[Row], one_share: bool) -> dict[str, str]:
    there = {row.figure for row in rows}
    pictures = (
        "the data holds no summaries made from pictures (`interarec session dataset` makes them)"
    )
    reasons = {
        "14": pictures,
        "tokens": pictures,
        "resolution": f"{pictures}, or they were made at one size",
        "input": f"{INPUT} was not among the models",
    }
    told = {figure: reason for figure, reason in reasons.items() if figure not in there}
    if one_share:
        told["12"] = told["13"] = "only one size of the training data was asked for"
    return told


def write_report(study: Study, out: Path) -> list[Path]:
    """`report.json`, `report.csv` and `report.md` in the folder."""
    told = {
        "about": study.about,
        "figures": FIGURES,
        "not_run": study.not_run,
        "rows": [asdict(row) for row in study.rows],
    }
    paths = [out / f"report.{kind}" for kind in ("json", "csv", "md")]
    paths[0].write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    with paths[1].open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(Row.__dataclass_fields__))
        table.writeheader()
        table.writerows(asdict(row) for row in study.rows)
    paths[2].write_text(markdown(study), "utf-8")
    return paths


def markdown(study: Study) -> str:
    """The tables for a person."""
    lines = [f"# Study of re-ranking on {study.about.get('data', 'the data')}", ""]
    lines += [f"- {key}: {value}" for key, value in study.about.items()]
    lines += [
        "",
        "Means over seeds with 95 % bootstrap intervals over test rows; k = 50 is the cut",
    ]
    lines += ["of both measures, K the length of the list that is re-ranked."]
    for figure, title in FIGURES.items():
        name = f"Figure {figure}" if figure.isdigit() else figure.capitalize()
        lines += ["", f"## {name}: {title}", ""]
        if figure in study.not_run:
            lines += [f"Not run: {study.not_run[figure]}."]
            continue
        lines += [
            "| model | ranked by | share | MRR@50 | against the model alone | Recall@50 | "
            "against the model alone |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        other = {(r.model, r.way, r.share): r for r in study.of(figure, "recall@50")}
        for row in study.of(figure):
            found = other[row.model, row.way, row.share]
            cells = [row.model, row.way, f"{row.share:.0%}"]
            for r in (row, found):
                cells += [_shown(r.value, r.low, r.high), _apart(r)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _alone(way: str) -> str:
    """The way that a way is set beside."""
    return PLAIN + FRESH if way.endswith(FRESH) else PLAIN


def _apart(row: Row) -> str:
    if row.way == _alone(row.way):
        return ""
    return _shown(row.difference, row.difference_low, row.difference_high, "+")


def _shown(value: float, low: float, high: float, sign: str = "") -> str:
    return f"{value:{sign}.4f} [{low:{sign}.4f}, {high:{sign}.4f}]"
