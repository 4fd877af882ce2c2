"""What a scorer is: a pure function from a gold and a trace to named figures between 0 and 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from evals.cases import Case
from evals.traces import Trace
from tools.errors import CaseError


class Tally(NamedTuple):
    """Hits out of chances; figures are pooled over cases as sum of hits over sum of chances."""

    hits: float
    chances: float


@dataclass
class Judgement:
    """What one scorer says about one case."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    """The reason of each miss, one readable line each."""

    @property
    def scores(self) -> dict[str, float]:
        """Figure -> rate in this case; a figure without a chance is left out."""
        return {n: t.hits / t.chances for n, t in self.tallies.items() if t.chances > 0}

    def add(self, name: str, hits: float, chances: float) -> None:
        """Record hits out of chances for a figure."""
        self.tallies[name] = Tally(float(hits), float(chances))

    def check(self, name: str, right: bool, miss: str = "") -> None:
        """Record one yes or no, with the reason if it is a miss."""
        self.add(name, right, 1)
        if not right and miss:
            self.misses.append(miss)


class Figure(NamedTuple):
    """What a figure means, for tables and gates."""

    label: str
    target: float | None = None
    """What it must reach; None: no target."""
    low_is_good: bool = False
    """An error rate: 0 is perfect, and the target is a ceiling."""
    hard: bool = False
    """Must be perfect in every case; a fall is never excused by an interval."""
    by_state: bool = False
    """Has a chance only under some limits; without one it has neither held nor fallen."""


Judge = Callable[[Any, Any], Judgement]


@dataclass(frozen=True)
class Scorer:
    """A pure scorer for one kind of gold and its trace."""

    name: str
    gold: type
    trace: type[Trace]
    judge_pair: Judge
    figures: Mapping[str, Figure]

    def judge(self, gold: Any, trace: Trace) -> Judgement:
        """Figures as tallies, and the reason of each miss.

        Raises:
            CaseError: the gold or the trace is of a kind that this scorer does not score.
        """
        if not isinstance(gold, self.gold):
            raise CaseError(
                f"metric {self.name!r} needs a gold of kind {kind_of(self.gold)!r}, "
                f"got {kind_of(type(gold))!r}"
            )
        if not isinstance(trace, self.trace):
            raise CaseError(
                f"metric {self.name!r} needs a {self.trace.__name__}, got a {type(trace).__name__}"
            )
        return self.judge_pair(gold, trace)

    def __call__(self, gold: Any, trace: Trace) -> dict[str, float]:
        """Figure -> score in this case.

        Raises:
            CaseError: as `judge`.
        """
        return self.judge(gold, trace).scores


def kind_of(gold: type) -> str:
    """The `kind` by which rows name a class of golds."""
    fields = getattr(gold, "model_fields", {})
    return str(fields["kind"].default) if "kind" in fields else gold.__name__


def judge_case(scorers: list[Scorer], case: Case, trace: Trace) -> Judgement:
    """All scorers of one case in one judgement.

    Raises:
        CaseError: the trace belongs to another case.
    """
    if trace.case != case.id:
        raise CaseError(f"the trace of case {trace.case!r} was given for case {case.id!r}")
    whole = Judgement()
    if trace.refused:
        whole.misses.append(f"refused: {trace.refused}")
    for scorer in scorers:
        part = scorer.judge(case.gold, trace)
        whole.tallies |= part.tallies
        whole.misses += part.misses
    return whole
