"""Calling models in order until one answers: the configured one, a second one, the embedded one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from langchain_core.exceptions import OutputParserException
from pydantic import ValidationError

from agent.config import Price
from agent.models.circuit import Circuit
from agent.models.deadline import at_most
from agent.models.ledger import NOTHING, Budget, BudgetSpent, Meter, Spent, metered
from tools.errors import ModelUnavailable

Model = TypeVar("Model")
Result = TypeVar("Result")

TOO_LATE = "the time of this turn was up"
_OURS = frozenset({400, 422})
"""HTTP statuses that speak of one request, not of the server or the model."""


@dataclass(frozen=True)
class Way(Generic[Model]):
    """One model that can be asked."""

    name: str
    model: Model
    server: str = ""
    """Its address; empty for one that runs in this process and is always there."""
    price: Price | None = None


@dataclass(frozen=True)
class Answered(Generic[Result]):
    """What asking the models in order came to."""

    result: Result
    by: str
    """Name of the model that answered."""
    reasons: tuple[str, ...] = ()
    """Why models before it could not be used; none: the first one answered."""
    given_up: tuple[str, ...] = ()
    """Their names."""
    spent: Spent = NOTHING


@dataclass
class Means:
    """What calls may take, and which servers are left alone."""

    circuit: Circuit = field(default_factory=Circuit)
    budget: Budget = field(default_factory=Budget)
    turn: Spent = NOTHING
    """What this turn took so far."""
    thread: Spent = NOTHING
    """What the whole conversation took so far."""
    seconds: float | None = None
    """Wall seconds that may be waited for models; None: as each model's own limit says."""


def first_answer(
    ways: Sequence[Way[Model]], call: Callable[[Model], Result], means: Means | None = None
) -> Answered[Result]:
    """The first answer of the models in order; the last one is not guarded.

    Args:
        ways: the models; the last one is the embedded one, which is always there.
        call: asks one model and gives a usable answer, or raises what `failure` knows.
        means: what the calls may take.

    Raises:
        Exception: any bug, as it is.
    """
    means = means or Means()
    *guarded, last = ways
    reasons: list[str] = []
    given_up: list[str] = []
    spent = NOTHING
    with ExitStack() as stack:
        if means.seconds is not None:
            stack.enter_context(at_most(means.seconds))
        for way in guarded:
            reason = _refusal(way, means)
            if reason is None:
                meter = Meter(means.budget, means.turn + spent, means.thread + spent, way.price)
                try:
                    with metered(meter):
                        result = call(way.model)
                except Exception as error:
                    if (reason := failure(error)) is None:
                        means.circuit.let_go(*_keys(way))
                        raise
                    _note(way, error, reason, means.circuit)
                    spent += meter.spent
                else:
                    means.circuit.worked(*_keys(way))
                    spent += meter.spent
                    return Answered(result, way.name, tuple(reasons), tuple(given_up), spent)
            reasons.append(reason)
            given_up.append(way.name)
    return Answered(call(last.model), last.name, tuple(reasons), tuple(given_up), spent)


def failure(error: Exception) -> str | None:
    """One safe sentence when the error is a model's failure to answer; None when it is a bug.

    The sentence never repeats what a server sent: that may hold keys or the shopper's data.
    """
    import openai

    if isinstance(error, ModelUnavailable):
        return str(error)
    if isinstance(error, OutputParserException | ValidationError):
        return "the model's answer did not fit the schema"
    if isinstance(error, openai.LengthFinishReasonError):
        return "the model's answer was cut off at its length limit"
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return "the model declined to answer"
    if isinstance(error, openai.APITimeoutError):
        return "the model did not answer in time"
    if isinstance(error, openai.APIConnectionError):
        return _connection_failure(error)
    if isinstance(error, openai.APIStatusError):
        return f"the model's server answered with HTTP status {error.status_code}"
    if isinstance(error, openai.OpenAIError):
        return "the model's answer could not be used"
    return None


def _connection_failure(error: BaseException) -> str:
    import httpx2

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, httpx2.ReadError | httpx2.RemoteProtocolError):
            return "the model's answer broke off"
        cause = cause.__cause__
    return "the model's server could not be reached"


def _refusal(way: Way[Any], means: Means) -> str | None:
    if means.seconds is not None and means.seconds <= 0:
        return TOO_LATE
    resting = means.circuit.refusal(*_keys(way))
    return f"{resting}; it is left alone for a while" if resting else None


def _keys(way: Way[Any]) -> tuple[str, ...]:
    return (way.server, f"{way.name} at {way.server}") if way.server else ()


def _note(way: Way[Any], error: Exception, reason: str, circuit: Circuit) -> None:
    """Leaves the server, or the model on it, alone where asking again soon would be in vain."""
    import openai

    from agent.models.hosted import TimedOut, retry_after

    if not way.server:
        return
    server, model = _keys(way)
    if isinstance(error, openai.APIConnectionError | openai.AuthenticationError | TimedOut):
        circuit.failed(server, reason)
    elif isinstance(error, openai.APIStatusError) and error.status_code not in _OURS:
        circuit.failed(model, reason, seconds=retry_after(error))
    elif isinstance(error, BudgetSpent):
        circuit.let_go(server, model)
    else:
        circuit.worked(server, model)  # what it said was of no use, but it is there
