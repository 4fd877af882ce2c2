"""Is a summary as sure as it is right? The confidence shown beside each of the eight categories.

A category that is filled claims to be right with its confidence; it is right when every fact of the
gold text is in it. The squared gap of the two is Brier's score (1950); how far confidence and
rightness lie apart among categories of like confidence is the expected calibration error (Naeini,
Cooper and Hauskrecht, 2015).
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.cases import SessionGold
from evals.scorers.base import Figure, Judgement, Scorer
from evals.scorers.summary import facts_of
from evals.traces import SessionTrace
from tools.preferences import CATEGORIES, NOT_AVAILABLE

BINS = 10


def sure_and_right(gold: SessionGold, trace: SessionTrace) -> list[tuple[float, bool]]:
    """Confidence of every category that is filled, and whether all of its facts are right."""
    if trace.summary is None:
        return []
    found = []
    for key in CATEGORIES:
        category = getattr(trace.summary, key)
        if category.available:
            right = all(holds for _, holds in facts_of(key, gold, category))
            found.append((float(category.confidence), right))
    return found


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error in ten bins of equal width, 0 to 1.

    The gap between mean confidence and share right in each bin, weighted by its size.

    Args:
        pairs: confidence in [0, 1] and whether it was right; at least one.
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for sure, right in pairs:
        bins.setdefault(min(BINS - 1, int(sure * BINS)), []).append((sure, right))
    return sum(abs(sum(s - r for s, r in held)) for held in bins.values()) / len(pairs)


def _judge(gold: SessionGold, trace: SessionTrace) -> Judgement:
    found = Judgement()
    pairs = sure_and_right(gold, trace)
    found.add("confidence_right", sum(right for _, right in pairs), len(pairs))
    found.add("confidence_brier", sum((s - r) ** 2 for s, r in pairs), len(pairs))
    told = [key for key in CATEGORIES if gold.summary[key].casefold() != NOT_AVAILABLE]
    silent = [
        key for key in told if trace.summary is None or not getattr(trace.summary, key).available
    ]
    found.add("not_sure", len(silent), len(told))
    return found


confidence = Scorer(
    "confidence",
    SessionGold,
    SessionTrace,
    _judge,
    {
        "confidence_right": Figure("categories filled: all facts right"),
        "confidence_brier": Figure("confidence against right, squared gap", low_is_good=True),
        "not_sure": Figure("categories left open that gold fills", low_is_good=True),
    },
)
