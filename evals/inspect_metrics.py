"""Metrics for Inspect AI that leave out cases in which a figure had no chance (NaN).

Imported only where Inspect AI is installed: it reads the annotations at run time.
"""

import math

from inspect_ai.scorer import Metric, SampleScore, metric


def _given(scores: list[SampleScore]) -> list[float]:
    values = (score.score.as_float() for score in scores)
    return [value for value in values if not math.isnan(value)]


@metric
def rate() -> Metric:
    """The mean over the cases that had a chance; NaN without any."""

    def over(scores: list[SampleScore]) -> float:
        found = _given(scores)
        return sum(found) / len(found) if found else math.nan

    return over


@metric
def chances() -> Metric:
    """How many cases had one."""

    def over(scores: list[SampleScore]) -> float:
        return float(len(_given(scores)))

    return over
