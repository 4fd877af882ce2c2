"""What a system did with a case: the part of its output that scorers look at.

Every kind of trace has a counterpart among the golds of `evals.cases`. A trace with nothing but
the case's id is the trace of a system that did nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

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


class DialogueTrace(Trace):
    """The limits in force after each turn."""

    states: tuple[Constraints, ...] = ()


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


class AnswerTrace(Trace):
    """One whole answer of the assistant."""

    texts: tuple[str, ...] = ()
    """What the shopper said: a number they named may be repeated."""
    message: str = ""
    calls: tuple[Call, ...] = ()
    items: tuple[Product, ...] = ()
    infeasible: bool = False
    """Whether the answer says that nothing meets the limits."""
    value: float | None = None
    """The expected revenue that the answer claims."""
