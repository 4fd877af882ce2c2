"""Where the next item of a session stands in a ranking."""

from __future__ import annotations

from evals.cases import RankingGold
from evals.scorers.base import Figure, Judgement, Scorer
from evals.traces import RankingTrace

CUT = 50
"""Places that count."""


def _judge_ranking(gold: RankingGold, trace: RankingTrace) -> Judgement:
    found = Judgement()
    places = trace.ids[:CUT]
    place = places.index(gold.target) + 1 if gold.target in places else 0
    found.add("mrr_50", 1 / place if place else 0.0, 1)
    found.check("recall_50", place > 0, f"{gold.target} is not among the first {CUT}")
    return found


ranking = Scorer(
    "ranking",
    RankingGold,
    RankingTrace,
    _judge_ranking,
    {
        "mrr_50": Figure("mean reciprocal rank within 50"),
        "recall_50": Figure("next item within 50"),
    },
)
