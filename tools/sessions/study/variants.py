"""The ways in which one fitted model's ranking is used: alone, re-ranked, blended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import view_weights
from tools.sessions.data import SessionData, Sessions
from tools.sessions.evaluate import DEPTH, VIEWED_ROOM, without_viewed
from tools.sessions.metrics import reciprocal_rank, target_ranks
from tools.sessions.protocol import SessionModel, TopK, stacked, top_k
from tools.sessions.rerank import paper_rerank
from tools.sessions.study.intervals import EVERY, MEAN_SECONDS, caught
from tools.sessions.text import unit
from tools.text import Vectors

PLAIN = "model alone"
PAPER, PAPER_WIDE = "paper's rule, K=50", "paper's rule, K=100"
RECENCY = "paper's rule, K=100, recency-weighted"
FRESH = ", viewed left out"
"""Ends the name of a way that leaves viewed items out, whatever validation says."""
BLEND = "blend over the whole catalogue"
ALPHAS = tuple(round(0.1 * i, 1) for i in range(11))
RECENT = (1, 2, 3)
DECAY = 0.7
WIDE = 100
VALID_ROWS = 1000

Floats = NDArray[np.float64]
Queries = Callable[[Sessions], Vectors]


def recent(views: int) -> str:
    """Name of the paper's rule with a summary of the last so many views."""
    return f"paper's rule, K={WIDE}, last {views} view{'s' if views > 1 else ''}"


def pictured(every: float) -> str:
    """Name of the paper's rule with a summary of the views that a picture was taken of."""
    return f"paper's rule, K={WIDE}, a picture every {every:g} s"


@dataclass(frozen=True)
class Texts:
    """Items and summaries as unit vectors.

    Attributes:
        items: float32 [n_items, dimension], zero where an item has no text.
        summaries: name of a kind of summary -> vectors of the test rows, where some are stored.
        dwell: seconds that a page is in view on average, for the interval between pictures.
    """

    items: Vectors
    summaries: Mapping[str, Vectors] = field(default_factory=dict)
    dwell: float = MEAN_SECONDS

    def of_views(self, sessions: Sessions, decay: float = 1.0) -> Vectors:
        """A stand-in for the summary: the mean of the viewed items' vectors, recent ones more."""
        return unit(view_weights(sessions, len(self.items), decay) @ self.items)


@dataclass(frozen=True)
class Ranked:
    """Places of the targets of the test rows by every way.

    Attributes:
        ranks: name of the way -> place of the target, inf where missed.
        notes: what was chosen on validation.
    """

    ranks: dict[str, Floats]
    notes: dict[str, float | bool]


def ranked_ways(
    model: SessionModel,
    removed: bool,
    data: SessionData,
    texts: Texts,
    chooser: SessionModel | None,
) -> Ranked:
    """Rank the test rows by the model alone and with its lists put in another order.

    Args:
        model: fitted on `data`.
        removed: whether viewed items are left out of every list.
        data: whose test rows are ranked and on whose validation rows the blend is chosen.
        texts: items, and stored summaries of the test rows.
        chooser: the like of `model` that has not learned from the validation rows, for the weight
            of the blend; None where there is none (the hybrid, which blends by itself).
    """
    test = data.test
    room = min(VIEWED_ROOM, int(test.lengths.max(initial=0)))
    lists = model.score(test, DEPTH + room)
    if removed:
        lists = without_viewed(lists, test)
    ranks = {PLAIN: target_ranks(_first(lists, DEPTH), test.targets)}

    def paper(queries: Vectors, width: int = WIDE) -> Floats:
        return target_ranks(paper_rerank(_first(lists, width), queries, texts.items), test.targets)

    whole = texts.of_views(test)
    ranks[PAPER], ranks[PAPER_WIDE] = paper(whole, 50), paper(whole)
    # The rule puts what was viewed first, since it is most like the summary; without those items
    # it shows what it does to the others.
    fresh = without_viewed(lists, test)
    ranks[PLAIN + FRESH] = target_ranks(_first(fresh, DEPTH), test.targets)
    ordered = paper_rerank(_first(fresh, WIDE), whole, texts.items)
    ranks[PAPER_WIDE + FRESH] = target_ranks(ordered, test.targets)
    for views in RECENT:
        ranks[recent(views)] = paper(texts.of_views(test.latest(views)))
    ranks[RECENCY] = paper(texts.of_views(test, DECAY))
    for every in EVERY:
        seen = caught(test, every, mean=texts.dwell).sessions
        ranks[pictured(every)] = paper(texts.of_views(seen))
    for name, queries in texts.summaries.items():
        ranks[name] = paper(queries)
    notes: dict[str, float | bool] = {"viewed removed": removed}
    if chooser is not None:
        notes["alpha"] = alpha = _chosen_alpha(chooser, removed, data.valid, texts)
        ranks[BLEND] = target_ranks(_blended(model, test, texts, alpha, removed), test.targets)
    return Ranked(ranks, notes)


def _first(lists: TopK, k: int) -> TopK:
    return TopK(lists.ids[:, :k], lists.scores[:, :k])


def _chosen_alpha(model: SessionModel, removed: bool, valid: Sessions, texts: Texts) -> float:
    """The weight of the model's own scores with the best MRR@50 on validation rows."""
    if not len(valid):
        return 0.5
    if len(valid) > VALID_ROWS:
        valid = valid.take(np.linspace(0, len(valid) - 1, VALID_ROWS).astype(np.int64))
    found = {}
    for alpha in ALPHAS:
        lists = _blended(model, valid, texts, alpha, removed)
        found[alpha] = reciprocal_rank(target_ranks(lists, valid.targets), 50).mean()
    return max(found, key=lambda alpha: found[alpha])


def _blended(
    model: SessionModel, sessions: Sessions, texts: Texts, alpha: float, removed: bool
) -> TopK:
    """alpha * z(model's score) + (1 - alpha) * z(cosine), over every item with an opinion."""
    parts = []
    for rows in sessions.batches(512):
        own = _z(model.scores(rows))
        cosine = _z(texts.of_views(rows, DECAY) @ texts.items.T)
        mixed = (alpha * own + (1 - alpha) * cosine).astype(np.float32)
        parts.append(top_k(mixed, DEPTH, rows if removed else None))
    return stacked(parts, DEPTH)


def _z(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean 0 and spread 1 within a row; no opinion counts as the row's lowest."""
    known = np.isfinite(scores)
    lowest = np.where(known, scores, np.inf).min(axis=1, keepdims=True)
    filled = np.where(known, scores, np.where(np.isfinite(lowest), lowest, 0))
    apart = filled - filled.mean(axis=1, keepdims=True)
    spread = apart.std(axis=1, keepdims=True)
    return np.asarray(apart / np.maximum(spread, 1e-9), np.float32)
