"""What a system did with a case: the part of its output that scorers look at.

Every kind of trace has a counterpart among the golds of `evals.cases`. A trace with nothing but
the case's id is the trace of a system that did nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from evals.cases import Instance
from tools.domain import Constraints, Product
from tools.money import Amount, CurrencyCode, Frozen
from tools.preferences import Evidence, FrameReading, PreferenceSummary


class Trace(Frozen):
    """Base: whose trace it is, and why there is none if the system refused."""

    case: str
    refused: str = ""
    """The sentence of the error by which the system refused the case."""


class PictureTrace(Trace):
    """What was read from one picture."""

    reading: FrameReading | None = None


class SessionTrace(Trace):
    """What was concluded from a browsing session."""

    summary: PreferenceSummary | None = None
    evidence: Evidence | None = None
    constraints: Constraints | None = None


class LimitsTrace(Trace):
    """The limits understood from one sentence."""

    constraints: Constraints | None = None


class AskedRange(Frozen):
    """The price range understood for one item of a request."""

    lower: Amount | None = None
    upper: Amount | None = None
    currency: CurrencyCode | None = None


class RequestTrace(Trace):
    """What was understood from a request."""

    items: tuple[AskedRange, ...] = ()
    """One entry per item asked for; a single entry may stand for the whole request."""
    budget: AskedRange | None = None
    """An amount for everything together, told apart from the ranges of items."""


class Call(Frozen):
    """A tool call that was made, and what came back."""

    name: str
    arguments: Mapping[str, Any] = Field(default_factory=dict)
    result: Any = None
    """The tool's answer as JSON values."""


class Compared(Frozen):
    """A what-if as the answer states it, and as two solves made for the check find it."""

    items_in: tuple[str, ...] = ()
    items_out: tuple[str, ...] = ()
    revenue_before: float | None = None
    revenue_after: float | None = None
    solved_in: tuple[str, ...] = ()
    solved_out: tuple[str, ...] = ()
    solved_before: float | None = None
    solved_after: float | None = None


class Usage(Frozen):
    """What an answer took."""

    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    by_stage: Mapping[str, float] = Field(default_factory=dict)
    """Stage of the graph -> wall seconds."""


class RankingTrace(Trace):
    """A ranked list of item ids, best first."""

    ids: tuple[str, ...] = ()


class FitTrace(Trace):
    """What every way to recommend chose after each of a shopper's visits."""

    visits: tuple[str, ...] = ()
    """Names of the visits, as `evals.visits` reads them."""
    chosen: Mapping[str, tuple[tuple[str, ...], ...]] = Field(default_factory=dict)
    """Way to recommend -> ids after each visit."""


class AnswerTrace(Trace):
    """One whole answer of the assistant; of several turns, the last one."""

    texts: tuple[str, ...] = ()
    """What the shopper said: a number they named may be repeated."""
    message: str = ""
    calls: tuple[Call, ...] = ()
    items: tuple[Product, ...] = ()
    infeasible: bool = False
    """Whether the answer says that nothing meets the limits."""
    in_force: tuple[Product, ...] = ()
    """The recommendation that stands after the answer, made in this turn or before."""
    nothing_fits: bool = False
    """Whether it stands that nothing meets the limits."""
    value: float | None = None
    """The expected revenue that the answer claims."""
    limits: Constraints | None = None
    """The limits in force after the answer."""
    limits_before: Constraints | None = None
    """Those in force before it."""
    reasons: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Id -> the facts that speak for the item."""
    set_aside: tuple[str, ...] = ()
    """Paths of limits that the answer says it did not apply as they stand."""
    question: str = ""
    """The question that the answer ends with."""
    compared: tuple[Compared, ...] = ()
    """Every what-if of the conversation."""
    optimum: float | None = None
    """Expected revenue of a fresh solve of the limits in force for revenue alone."""
    optimum_wider: float | None = None
    """The same with the highest price a fifth higher."""
    small: Instance | None = None
    """The problem in force where it has few enough candidates to try every set."""
    rewritten: int = 0
    """Messages of the conversation that failed the check and were written from the template."""
    degraded: tuple[str, ...] = ()
    """Why a configured model was not used."""
    prompts: Mapping[str, str] = Field(default_factory=dict)
    """Prompt -> its version and digest."""
    usage: tuple[Usage, ...] = ()
    """One for each turn."""
    known: Any = None
    """What the answer may repeat besides tool results: the limits, what was read on screens."""


class DialogueTrace(Trace):
    """The limits in force after each turn."""

    states: tuple[Constraints, ...] = ()
    answers: tuple[AnswerTrace, ...] = ()
    """The answer to each turn, where a whole assistant was asked."""


TRACES: Mapping[str, type[Trace]] = {
    "picture": PictureTrace,
    "session": SessionTrace,
    "dialogue": DialogueTrace,
    "limits": LimitsTrace,
    "request": RequestTrace,
    "answer": AnswerTrace,
    "ranking": RankingTrace,
    "fit": FitTrace,
}
"""Kind of gold -> the trace of its cases."""
