"""Looking around an amount: what stands beside it, and whether the talk is of money at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from agent.language.clauses import is_hard_stop, left_of, right_of
from agent.language.money import LOOSE, resolve
from agent.language.symbols import Symbol
from agent.language.wordsets import words
from tools.changes import SetPrice, ShiftPrice

PERSONS = words(
    "women woman men man kids kid boys boy girls girl adults adult people moms mom dads dad "
    "seniors children child babies baby toddlers toddler teens teenagers age aged ages anyone "
    "everyone guys ladies someone folks players users year years"
)
_PRICE_WORDS = ("PRICE", "SPEND", "CEIL", "FLOOR", "BUDGET_OF", "TO_SPEND")
_SPEAKERS = words("i im ive id ill my we our weve wed us me mine")
_ROLES = (
    "UPPER", "LOWER", "BETWEEN", "BY", "EXTRA", "RAISE", "CUT", "SET", "PRICE", "SPEND", "CEIL",
    "FLOOR", "BUDGET_OF", "NEG", "INSTEAD_OF", "BACK", "TO", "HAVE", "EXCEED", "GIVE_TAKE",
)  # fmt: skip
_AFTER = (
    "MORE", "LESS", "OFF", "OR_LESS", "OR_MORE", "AROUND", "TO_SPEND", "PRICE", "THIS",
    "EITHER_SIDE",
)  # fmt: skip
Direction = Literal["up", "down"]
Bound = Literal["lower", "upper"]


@dataclass(frozen=True, slots=True)
class PriceReading:
    """One statement about the price, and the symbols that make it."""

    first: int
    last: int
    change: SetPrice | ShiftPrice | None
    problem: str = ""
    """Why it cannot be applied, as a clause for a question."""


@dataclass(frozen=True, slots=True)
class PriceContext:
    """What is known before the turn is read."""

    lower: Decimal | None = None
    upper: Decimal | None = None
    currency: str | None = None
    shop_currency: str | None = None
    follow_up: bool = False
    """Whether the conversation is under way."""

    @property
    def stands(self) -> bool:
        """Whether any price limit is in force."""
        return self.lower is not None or self.upper is not None


class PriceScene:
    """The symbols of one turn, as seen from its amounts."""

    def __init__(self, symbols: Sequence[Symbol], context: PriceContext) -> None:
        self.symbols = symbols
        self.context = context
        self._talkative = sum(not _polite(symbol) for symbol in symbols)
        self._content = sum(s.kind in ("word", "value") for s in symbols)
        speaking = (
            k
            for k, s in enumerate(symbols)
            if s.low.partition(" ")[0] in _SPEAKERS or (s.has("WISH") and not s.has("SEARCH"))
        )
        self._speaker = next(speaking, len(symbols))
        self._vouchers = _voucher_places(symbols)

    def _voucher(self, k: int) -> bool:
        """Whether the sentence up to here is about vouchers, shipping or old prices."""
        symbols = self.symbols
        if k in self._vouchers:
            return True
        for j in left_of(symbols, k)[:5]:
            if symbols[j].has("SHIPPING"):
                return True
            if symbols[j].kind == "stop" or symbols[j].has("SPEND", "PRICE", "AND"):
                break
        ahead = right_of(symbols, k)[:2]
        return any(symbols[j].has("VOUCHER") for j in ahead)

    def _before(self, k: int, skip: tuple[str, ...] = ("FILLER", "AROUND")) -> tuple[int, bool]:
        """(nearest meaningful place to the left or -1, whether "around" was passed)."""
        around = False
        for j in left_of(self.symbols, k):
            symbol = self.symbols[j]
            if symbol.kind == "phrase" and symbol.has(*skip) and not symbol.has(*_ROLES):
                around = around or symbol.has("AROUND")
                continue
            return (-1, around) if symbol.kind == "stop" else (j, around)
        return -1, around

    def _after(self, k: int) -> int:
        """Place of the nearest meaningful symbol to the right, or -1."""
        for j in right_of(self.symbols, k):
            symbol = self.symbols[j]
            if symbol.kind == "phrase" and symbol.has("FILLER") and not symbol.has(*_AFTER):
                continue
            return -1 if symbol.kind == "stop" and symbol.low not in "+" else j
        return -1

    def _find_left(self, k: int, *classes: str, reach: int = 9) -> int:
        for j in left_of(self.symbols, k)[:reach]:
            symbol = self.symbols[j]
            if symbol.has(*classes):
                return j
            if symbol.kind in ("money", "percent") or symbol.has("CORRECT"):
                break
        return -1

    def _price_talk(self, k: int) -> bool:
        """Whether the statement around `k` speaks of money in words."""
        for j in left_of(self.symbols, k)[:8]:
            symbol = self.symbols[j]
            if symbol.has(*_PRICE_WORDS) and symbol.low not in ("for", "amount"):
                return True
            if symbol.kind == "stop":
                break
        for j in right_of(self.symbols, k)[:4]:
            symbol = self.symbols[j]
            if symbol.has("PRICE", "TO_SPEND", "CEIL") and symbol.low != "amount":
                return True
            if symbol.kind in ("stop", "word", "value"):
                break
        return False

    def _currency(self, *symbols: Symbol) -> str | None:
        return currency_of(symbols, self.context)

    def _set(
        self,
        first: int,
        last: int,
        *,
        currency: str | None,
        negative: bool = False,
        **bounds: Decimal,
    ) -> PriceReading:
        if negative or (bounds.get("upper") is not None and not bounds["upper"]):
            if not negative:
                return PriceReading(first, last, None, "a budget of nothing buys nothing")
            return PriceReading(first, last, None, "a price limit cannot be negative")
        lower, upper = bounds.get("lower"), bounds.get("upper")
        change = SetPrice(lower=lower, upper=upper, currency=currency)
        return PriceReading(first, last, change)

    def _number_at(self, j: int) -> bool:
        return 0 <= j < len(self.symbols) and self.symbols[j].kind in ("money", "number")

    def _trusted(self, k: int) -> bool:
        """Whether a number may be money: it has a currency, or the talk is of money."""
        return self.symbols[k].kind == "money" or self._price_talk(k)

    def _ends_at(self, place: int) -> bool:
        """Whether a statement ends after this symbol."""
        follow = right_of(self.symbols, place)[:1]
        return not follow or self.symbols[follow[0]].kind == "stop"

    def _alone(self, k: int) -> bool:
        """Whether nothing but politeness stands beside the amount."""
        return self._talkative == int(not _polite(self.symbols[k]))

    def _bound_of(self, k: int) -> Bound:
        """Which limit a moving amount speaks of: the lower one if its name stands near."""
        near = [*left_of(self.symbols, k)[:7], *right_of(self.symbols, k)[:5]]
        return "lower" if any(self._is_floor(self.symbols[j]) for j in near) else "upper"

    @staticmethod
    def _is_floor(symbol: Symbol) -> bool:
        return symbol.has("FLOOR") or symbol.low in ("minimum", "min", "floor")

    def _of_persons(self, k: int) -> bool:
        """Whether a bare number is an age: "kids 7 and up", "ages 20+"."""
        if self.symbols[k].kind == "money":
            return False
        near = [self.symbols[j] for j in left_of(self.symbols, k)[:2]]
        return any(word in PERSONS for s in near for word in s.low.split())


def currency_of(symbols: Sequence[Symbol], context: PriceContext) -> str | None:
    """The currency of the first amount that names one."""
    for symbol in symbols:
        if symbol.currencies:
            if context.stands and context.currency and _loose(symbol):
                return context.currency
            return resolve(symbol.currencies, context.currency, context.shop_currency)
    return None


def _voucher_places(symbols: Sequence[Symbol]) -> frozenset[int]:
    """Places in sentences that speak of vouchers before them; a budget ends such talk."""
    places: set[int] = set()
    within = False
    for k, symbol in enumerate(symbols):
        # The point after the number of a rule ("2. It is valid ...") ends no sentence.
        numbered = symbol.low == "." and k > 0 and symbols[k - 1].kind == "number"
        if (is_hard_stop(symbol) and not numbered) or (
            symbol.has("PRICE") and symbol.low.startswith("budget")
        ):
            within = False
        elif symbol.has("VOUCHER"):
            within = True
        elif within:
            places.add(k)
    return frozenset(places)


def _loose(symbol: Symbol) -> bool:
    """Whether an amount is named in slang: "20 bucks" in a talk about pounds are pounds."""
    return not LOOSE.isdisjoint(symbol.low.split())


def _polite(symbol: Symbol) -> bool:
    """Whether a symbol may stand beside an amount that is the whole of a turn."""
    return symbol.kind == "stop" or symbol.has(
        "FILLER",
        "AROUND",
        "SET",
        "CORRECT",
        "GREETING",
        "THANKS",
        "HYPOTHETICAL",
        "ADD",
        "CUT",
        "IT_IS",
        "AND",
        "BUT",
    )
