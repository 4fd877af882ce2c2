"""The scorers by name: pure functions from a gold and a trace to figures between 0 and 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evals.cases import Case
from evals.scorers.answers import calls, grounding
from evals.scorers.assortment import optimality, satisfaction
from evals.scorers.attacks import attacks, declining, limits_after
from evals.scorers.base import Figure, Judgement, Scorer, Tally, judge_case, kind_of
from evals.scorers.confidence import confidence
from evals.scorers.fitting import fitting
from evals.scorers.limits import limits, requests, seen_limits
from evals.scorers.prices import prices
from evals.scorers.products import brands, colors, joined, promotions, ratings
from evals.scorers.ranking import ranking
from evals.scorers.rubric import rubric
from evals.scorers.state import state
from evals.scorers.summary import summary
from evals.scorers.whatif import answer_laws, dialogue_laws
from tools.errors import CaseError

SCORERS: Mapping[str, Scorer] = {
    scorer.name: scorer
    for scorer in (
        prices,
        joined,
        brands,
        colors,
        ratings,
        promotions,
        summary,
        confidence,
        seen_limits,
        limits,
        requests,
        state,
        calls,
        grounding,
        satisfaction,
        optimality,
        attacks,
        declining,
        limits_after,
        rubric,
        dialogue_laws,
        answer_laws,
        ranking,
        fitting,
    )
}


def scorer(name: str) -> Scorer:
    """The scorer of a name.

    Raises:
        CaseError: there is none; the message names those there are.
    """
    try:
        return SCORERS[name]
    except KeyError:
        known = ", ".join(SCORERS)
        raise CaseError(f"there is no metric {name!r}; known are {known}") from None


def scorers_for(case: Case) -> list[Scorer]:
    """The scorers that a case names, or else all that fit its kind of gold.

    Raises:
        CaseError: an unknown metric, or one that does not fit the gold.
    """
    if not case.metrics:
        return [s for s in SCORERS.values() if isinstance(case.gold, s.gold)]
    named = [scorer(name) for name in case.metrics]
    for one in named:
        if not isinstance(case.gold, one.gold):
            raise CaseError(
                f"metric {one.name!r} needs a gold of kind {kind_of(one.gold)!r}, "
                f"the case has {case.gold.kind!r}"
            )
    return named


def figures(scorers: Iterable[Scorer]) -> dict[str, Figure]:
    """Figure -> what it means, over several scorers."""
    return {name: figure for s in scorers for name, figure in s.figures.items()}


__all__ = [
    "SCORERS",
    "Figure",
    "Judgement",
    "Scorer",
    "Tally",
    "figures",
    "judge_case",
    "scorer",
    "scorers_for",
]
