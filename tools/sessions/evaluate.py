"""Fit a model, choose on validation, score the test rows, say how sure the figures are."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import SessionError
from tools.sessions.counting import Counting
from tools.sessions.data import SessionData, Sessions, stitched
from tools.sessions.metrics import (
    CUTS,
    RESAMPLES,
    Bootstrap,
    chains,
    coverage,
    per_row,
    popularity_lift,
    target_ranks,
)
from tools.sessions.protocol import FitReport, SessionModel, TopK

Floats = NDArray[np.float64]
Rerank = Callable[[TopK, Sessions], TopK]

DEPTH = 200
"""Length of the lists that are scored: longer than the longest cut, so that ties are seen."""
VIEWED_ROOM = 100
"""Further places, from which viewed items can be taken without shortening the list."""


@dataclass(frozen=True)
class Judged:
    """A model on the test rows.

    Attributes:
        name: of the model.
        ranks: places of the targets with viewed items kept (False) and removed (True).
        removed: whether validation favours removing viewed items.
        report: of the fit.
        figures: everything else, ready for JSON.
    """

    name: str
    ranks: dict[bool, Floats]
    removed: bool
    report: FitReport
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def chosen(self) -> Floats:
        """The places under the choice made on validation."""
        return self.ranks[self.removed]


def fitted(
    model: SessionModel,
    data: SessionData,
    *,
    seed: int = 0,
    progress: bool = False,
    checkpoint: Path | None = None,
) -> tuple[FitReport, bool]:
    """Fit a model and choose on validation whether viewed items are removed.

    A model that only counts is fitted on the training sessions for that choice and then on
    training and validation sessions together; the hybrid does the like by itself; a model with
    epochs stays with the training sessions, since validation stopped it.

    Args:
        model: not fitted yet.
        data: training and validation rows.
        seed: of everything random.
        progress: draw a bar on stderr.
        checkpoint: a folder where a model with epochs keeps its state and takes it up again.

    Returns:
        The report of the fit and whether to remove viewed items.
    """
    kept: dict[str, Any] = {}
    if checkpoint is not None and "checkpoint" in signature(model.fit).parameters:
        kept["checkpoint"] = checkpoint
    report = model.fit(data, seed=seed, progress=progress, **kept)
    told = getattr(model, "viewed_removed", None)
    removed = viewed_removed(model, data.valid) if told is None else bool(told)
    if isinstance(model, Counting) and len(data.valid):
        # Without validation rows nothing is chosen anew: it would be chosen on what was learned.
        nothing = data.valid.slice(0, 0)
        both = replace(data, train=stitched([data.train, data.valid]), valid=nothing)
        again = model.fit(both, seed=seed)
        report = replace(report, seconds=report.seconds + again.seconds)

    return report, removed


def viewed_removed(model: SessionModel, valid: Sessions, most: int = 3000) -> bool:
    """Whether the validation rows are answered better without the viewed items.

    Better is the product of Recall@50 and MRR@50. Without validation rows: no.
    """
    rows = valid.slice(0, min(most, len(valid)))
    if len(valid) > most:
        rows = valid.take(np.linspace(0, len(valid) - 1, most).astype(np.int64))
    if not len(rows):
        return False
    quality = {}
    kept = model.score(rows, DEPTH)
    for removed in (False, True):
        lists = without_viewed(kept, rows) if removed else kept
        ranks = target_ranks(lists, rows.targets)
        means = per_row(ranks, (50,))
        quality[removed] = math.prod(float(v.mean()) for v in means.values())
    return quality[True] > quality[False]


def judge(
    model: SessionModel,
    data: SessionData,
    report: FitReport,
    removed: bool,
    *,
    cuts: Sequence[int] = CUTS,
    rerank: Rerank | None = None,
    candidates: int | None = None,
) -> Judged:
    """Score the test rows with a fitted model.

    Args:
        model: fitted on `data`.
        data: whose test rows are scored.
        report: of the fit.
        removed: the choice about viewed items.
        cuts: the k of the metrics.
        rerank: applied to the model's lists.
        candidates: length of the list that is re-ranked (the K of it).

    Raises:
        SessionError: there are no test rows, or none has a next item.
    """
    test = data.test
    if not len(test):
        raise SessionError(f"{data.name or 'the data'} holds no test rows (sessions_test.csv)")
    if (test.targets < 0).all():
        raise SessionError(f"no test row of {data.name or 'the data'} has a known next_item")
    depth = candidates if rerank and candidates else max(DEPTH, 2 * max(cuts))
    begun = time.perf_counter()
    ranks: dict[bool, Floats] = {}
    figures: dict[str, Any] = {}
    sequences = data.train.sequences()
    counts = np.bincount(sequences.items, minlength=data.n_items).astype(float)
    # Ranked once, with room for what is then taken out.
    room = min(VIEWED_ROOM, int(test.lengths.max(initial=0)))
    ranked = model.score(test, depth + room)
    for side in (False, True):
        lists = without_viewed(ranked, test) if side else ranked
        lists = TopK(lists.ids[:, :depth], lists.scores[:, :depth])
        if rerank:
            lists = rerank(lists, test)
        ranks[side] = target_ranks(lists, test.targets)
        key = "without_viewed" if side else "with_viewed"
        figures[key] = {n: _rounded(v.mean()) for n, v in per_row(ranks[side], cuts).items()}
        if side == removed:
            for k in (20, 100):
                figures[f"coverage@{k}"] = _rounded(coverage(lists, k, data.n_items))
            figures["popularity_lift@20"] = _rounded(popularity_lift(lists, 20, counts, test))
            listed = (lists.ids >= 0).sum(axis=1)
            figures["listed"] = _rounded(float(listed.mean()), 1)
    figures["seconds_score"] = _rounded(time.perf_counter() - begun, 2)
    return Judged(model.name, ranks, removed, report, figures)


def without_viewed(lists: TopK, sessions: Sessions) -> TopK:
    """The lists without the items that their session viewed; what follows moves up."""
    n = int(max(lists.ids.max(initial=0), sessions.items.max(initial=0))) + 1
    keys = np.arange(len(sessions))[:, None] * n + lists.ids
    gone = np.isin(keys, sessions.row_of * n + sessions.items) | (lists.ids < 0)
    order = np.argsort(gone, axis=1, kind="stable")
    left = np.take_along_axis(gone, order, axis=1)
    ids = np.take_along_axis(lists.ids, order, axis=1)
    scores = np.take_along_axis(lists.scores, order, axis=1)
    return TopK(np.where(left, np.int32(-1), ids), np.where(left, np.float32(-np.inf), scores))


def summary(
    judged: Judged, data: SessionData, *, cuts: Sequence[int] = CUTS, seed: int = 0
) -> dict[str, Any]:
    """The figures of one model as one JSON object.

    `recall@k` and `mrr@k` under the choice made on validation, `ci` with the 95 % bootstrap
    interval of each (rows that are prefixes of one session are drawn together).
    """
    draw = Bootstrap.of(chains(data.test), seed=seed)
    values = per_row(judged.chosen, cuts)
    cold = data.test.targets < 0
    cold |= data.test.targets >= data.n_train_items
    return {
        "model": judged.name,
        "data": data.name,
        **{name: _rounded(v.mean()) for name, v in values.items()},
        "viewed_removed": judged.removed,
        "ci": {name: [_rounded(x) for x in draw.interval(v)] for name, v in values.items()},
        "seconds_per_epoch": _rounded(judged.report.seconds_per_epoch, 3),
        "seconds_fit": _rounded(judged.report.seconds, 2),
        "epochs": judged.report.epochs,
        "cuts": list(cuts),
        "rows": {"train": len(data.train), "valid": len(data.valid), "test": len(data.test)},
        "test_sessions": int(draw.weights.shape[1]),
        "items": {"train": data.n_train_items, "all": data.n_items},
        "cold_targets": _rounded(cold.mean()),
        "resamples": RESAMPLES,
        "seed": seed,
        "notes": {**data.notes, **judged.report.notes},
        **judged.figures,
    }


def paired(
    one: Judged, other: Judged, data: SessionData, *, cuts: Sequence[int] = CUTS, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Difference one - other of every metric with its paired 95 % interval."""
    draw = Bootstrap.of(chains(data.test), seed=seed)
    theirs = per_row(other.chosen, cuts)
    told = {}
    for name, mine in per_row(one.chosen, cuts).items():
        apart = mine - theirs[name]
        low, high = draw.interval(apart)
        told[name] = {"difference": _rounded(apart.mean()), "ci": [_rounded(low), _rounded(high)]}
    return told


def _rounded(value: float, digits: int = 5) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None
