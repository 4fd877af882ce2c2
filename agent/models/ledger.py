"""What model calls cost in tokens and money, and the budgets that bound it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.tracers.context import register_configure_hook

from agent.config import Price
from tools.domain import Frozen
from tools.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import LLMResult

MILLION = 1_000_000
BYTES_A_TOKEN = 4
"""UTF-8 bytes that a token holds about; used where a server does not say what a call took."""
IMAGE_TOKENS = 1_500
"""What a picture is taken for before a call: the high end of the providers' tiles."""
IMAGES_COST = "image_tokens"
"""Key of a message's own reckoning of its pictures in its ``additional_kwargs``."""


class Spent(Frozen):
    """What model calls took."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    money: Decimal = Decimal(0)
    """In the currency of the configured prices; calls to models without a price add nothing."""
    estimated: bool = False
    """A part of it is our estimate, because a server did not say."""

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            money=self.money + other.money,
            estimated=self.estimated or other.estimated,
        )


NOTHING = Spent()


class Budget(Frozen):
    """The most that a turn and a whole thread may take; None bounds nothing."""

    turn_tokens: int | None = None
    thread_tokens: int | None = None
    turn_money: Decimal | None = None
    thread_money: Decimal | None = None

    def refusal(self, turn: Spent, thread: Spent, more: Spent) -> str | None:
        """Why a call that takes about `more` must not be made; None lets it through."""
        for whose, spent, tokens, money in (
            ("turn", turn, self.turn_tokens, self.turn_money),
            ("conversation", thread, self.thread_tokens, self.thread_money),
        ):
            if tokens is not None and spent.tokens + more.tokens > tokens:
                return f"the budget of this {whose}, {tokens:,} tokens, does not allow the call"
            if money is not None and spent.money + more.money > money:
                return f"the budget of this {whose}, {money} in money, does not allow the call"
        return None


class BudgetSpent(ModelUnavailable):
    """A call was not made because it would go beyond the budget."""


class Meter(BaseCallbackHandler):
    """Counts the calls that it is handed to; refuses one, before it is sent, beyond the budget."""

    raise_error = True  # else LangChain would swallow the refusal
    run_inline = True

    def __init__(
        self, budget: Budget, turn: Spent, thread: Spent, price: Price | None = None
    ) -> None:
        self.spent = NOTHING
        self._budget = budget
        self._turn = turn
        self._thread = thread
        self._price = price
        self._asked: dict[UUID, Spent] = {}
        self._lock = threading.Lock()

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        **kwargs: Any,
    ) -> None:
        """Estimates the call and refuses it where the budget does not allow it."""
        options = kwargs.get("invocation_params") or {}
        sent = sum(estimated_tokens(batch) for batch in messages)
        sent += len(str(options.get("tools") or "")) // BYTES_A_TOKEN
        more = self._priced(sent, int(options.get("max_completion_tokens") or 0), estimated=True)
        with self._lock:
            # Calls in flight have not been counted yet, but they will be.
            taken = sum(self._asked.values(), self.spent)
            reason = self._budget.refusal(self._turn + taken, self._thread + taken, more)
            if reason:
                raise BudgetSpent(reason)
            self._asked[run_id] = self._priced(sent, 0, estimated=True)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Adds what the server says that the call took, or the estimate."""
        with self._lock:
            asked = self._asked.pop(run_id, NOTHING)
            self.spent += self._taken(response, asked)

    def _taken(self, response: LLMResult, asked: Spent) -> Spent:
        message = getattr(response.generations[0][0], "message", None)
        usage = getattr(message, "usage_metadata", None)
        if usage and usage["input_tokens"] + usage["output_tokens"] > 0:
            cached = (usage.get("input_token_details") or {}).get("cache_read") or 0
            return self._priced(usage["input_tokens"], usage["output_tokens"], cached)
        written = estimated_tokens([message]) if message is not None else 0
        return self._priced(asked.input_tokens, written, estimated=True)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A call that failed on the way may have been charged for all the same."""
        with self._lock:
            self.spent += self._asked.pop(run_id, NOTHING)

    def _priced(
        self, sent: int, received: int, cached: int = 0, *, estimated: bool = False
    ) -> Spent:
        money = Decimal(0)
        if price := self._price:
            cheap = price.input if price.cached_input is None else price.cached_input
            money = price.input * (sent - cached) + cheap * cached + price.output * received
        return Spent(
            calls=1,
            input_tokens=sent,
            output_tokens=received,
            money=money / MILLION,
            estimated=estimated,
        )


# A refusal is no mishap, and the sentence about it is the caller's to say.
logging.getLogger("langchain_core.callbacks.manager").addFilter(
    lambda record: BudgetSpent.__name__ not in record.getMessage()
)

_meter: ContextVar[Meter | None] = ContextVar("interarec_meter", default=None)
register_configure_hook(_meter, inheritable=True)


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Every model call inside, however it is made, is counted by this meter."""
    token = _meter.set(meter)
    try:
        yield
    finally:
        _meter.reset(token)


def estimated_tokens(messages: Iterable[BaseMessage]) -> int:
    """About how many tokens the messages are, from their bytes.

    Pictures count what their message says that they cost, else a fixed number each.
    """
    tokens = 0
    for message in messages:
        reckoned = message.additional_kwargs.get(IMAGES_COST)
        tokens += reckoned or 0
        blocks = [message.content] if isinstance(message.content, str) else message.content
        for block in blocks:
            if isinstance(block, dict) and "image" in str(block.get("type", "")):
                tokens += IMAGE_TOKENS if reckoned is None else 0
            else:
                text = block if isinstance(block, str) else str(block.get("text", block))
                tokens += len(text.encode("utf-8", "replace")) // BYTES_A_TOKEN
        calls = getattr(message, "tool_calls", None)
        tokens += len(str(calls)) // BYTES_A_TOKEN if calls else 0
    return tokens
