"""Price limits in a turn: which amounts bound what is to be paid, and by how much limits move."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from agent.language.clauses import is_hard_stop, left_of, right_of
from agent.language.price_bounds import PriceBounds
from agent.language.price_moves import PriceMoves
from agent.language.price_scene import Bound, PriceContext, PriceReading
from agent.language.symbols import Symbol
from agent.language.wordsets import words
from tools.changes import SetPrice

__all__ = ["PriceContext", "PriceReader", "PriceReading"]

_VERBS = words(
    "be suffice enough do work cover now then set buys buy gets get might may could should must "
    "would will does did is was were sounds seems feels looks makes works suits covers ought shall "
    "gonna wouldnt final tops max tho though pls please lol mate pal bro dude sir madam ma love "
    "thanks cheers ta yeah yes ok okay instead"
)
_WHO = words("i we you id ill im hed shed he she to could can might would")
MIN_BARE = 5
"""A smaller bare number is a count or a size, whatever the budget."""
SIZES_AND_MORE = ("F_SIZES", "F_COLORS", "F_BRANDS", "F_COUNT", "F_RATING")


class PriceReader(PriceMoves, PriceBounds):
    """Reads the price statements of one turn from its symbols."""

    def __init__(self, symbols: Sequence[Symbol], context: PriceContext) -> None:
        super().__init__(symbols, context)
        self.readings: list[PriceReading] = []

    def read(self) -> list[PriceReading]:
        """All statements, in the order of the text; their symbols are marked as used."""
        for k, symbol in enumerate(self.symbols):
            if symbol.used or symbol.kind not in ("money", "number", "percent"):
                continue
            if symbol.kind == "number" and symbol.counted and symbol.counted != "x":
                continue
            if self._voucher(k):
                continue
            reading = self._spread(k) or (
                self._percent(k) if symbol.kind == "percent" else self._amount(k)
            )
            if reading is not None:
                self._take(reading)
        for k, symbol in enumerate(self.symbols):
            if symbol.kind == "phrase" and not symbol.used:
                reading = self._factor(k)
                if reading is not None:
                    self._take(reading)
        self.readings.sort(key=lambda r: r.first)
        return self.readings

    def _take(self, reading: PriceReading) -> None:
        # A spread takes in the amount before it, which may have been read on its own.
        self.readings = [r for r in self.readings if not reading.first <= r.first <= reading.last]
        self.readings.append(reading)
        for k in range(reading.first, reading.last + 1):
            self.symbols[k].used = True

    def _amount(self, k: int) -> PriceReading | None:
        return (
            self._times(k)
            or self._range(k)
            or self._delta(k)
            or self._bounded(k)
            or self._or_bounded(k)
            or self._named(k)
            or self._mentioned(k)
            or self._following(k)
        )

    def _mentioned(self, k: int) -> PriceReading | None:
        """Money named without any of the known phrases.

        In a conversation that has a price limit it is the new one ("my partner agreed to £200");
        in a first wish only where the shopper speaks of themselves and no thing bears the amount.
        """
        symbols = self.symbols
        symbol = symbols[k]
        if symbol.kind != "money" or symbol.negative or not symbol.currencies:
            return None
        follow = symbols[k + 1] if k + 1 < len(symbols) else None
        if (
            follow is not None
            and follow.kind in ("word", "value", "size")
            and follow.low not in _VERBS
            and not (follow.kind == "word" and follow.low.endswith("ing"))
        ):
            return None
        if k and symbols[k - 1].has("BY"):
            return None
        weighs = symbol.low.endswith(("pound", "pounds")) and not self.context.stands
        if weighs and not (follow is None or is_hard_stop(follow)):
            return None  # "10 pounds of sea salt"
        for j in left_of(symbols, k)[:6]:
            if symbols[j].has(
                "WH_FACT", "WHY", "COMPARE", "NEG", "NO", "INSTEAD_OF", "FORGET", "KEEP"
            ):
                return None
            if symbols[j].kind == "stop" or symbols[j].has("RAISE", "SPEND", "HAVE"):
                break  # a verb of money opens a statement of its own
        if self._speaker > k and not (self.context.stands and self._content <= 3):
            return None
        return self._set(k, k, currency=self._currency(symbol), upper=symbol.number or Decimal(0))

    def _following(self, k: int) -> PriceReading | None:
        """A bare number in a talk about a budget, of the budget's own order: "55 might be wiser".

        Nothing else may claim it: no thing that is counted or numbered ("iPhone 14"), no question,
        no refusal.
        """
        symbols = self.symbols
        symbol = symbols[k]
        base = self.context.upper or self.context.lower
        number = symbol.number
        if base is None or number is None or symbol.kind != "number" or symbol.negative:
            return None
        if symbol.counted or not base / 4 <= number <= base * 5 or number < MIN_BARE:
            return None
        if k and symbols[k - 1].kind in ("value", "size", "number", "percent"):
            return None
        if k and symbols[k - 1].kind == "word" and not self._verbal(k - 1):
            return None
        follow = symbols[k + 1] if k + 1 < len(symbols) else None
        if follow is not None and (
            (follow.kind in ("word", "value", "size") and follow.low not in _VERBS)
            or follow.has(*SIZES_AND_MORE)
        ):
            return None
        for j in [*left_of(symbols, k)[:6], *right_of(symbols, k)[:6]]:
            if symbols[j].has("WH_FACT", "WHY", "COMPARE", "F_SIZES", "F_COUNT", "F_RATING"):
                return None
        for j in left_of(symbols, k)[:5]:
            if symbols[j].has("NEG", "NO", "INSTEAD_OF", "FORGET", "KEEP", "BY", "VOUCHER"):
                return None
            if symbols[j].kind == "stop":
                break
        bounds: dict[str, Decimal] = {self._bound_of(k): number}
        return PriceReading(k, k, SetPrice.model_validate(bounds))

    def _verbal(self, k: int) -> bool:
        """Whether a word that no list knows is most likely a verb: "if that became two fifty"."""
        symbol = self.symbols[k]
        if symbol.capital or self._content > 2:
            return False
        before = self.symbols[k - 1] if k else None
        return before is not None and (before.has("THIS", "LIMIT", "PRICE") or before.low in _WHO)

    def _named(self, k: int) -> PriceReading | None:
        """An amount that is the budget by context: "my budget is 50", "make it £80", "$80?"."""
        symbols = self.symbols
        symbol = symbols[k]
        number = symbol.number or Decimal(0)
        before, _ = self._before(k, ("FILLER", "AROUND"))
        left = symbols[before] if before >= 0 else None
        if left is not None and left.has("INSTEAD_OF", "NEG", "NO") and not left.has("SET", "ADD"):
            return None
        if left is not None and left.has("BY"):
            return None
        after = self._after(k)
        right = symbols[after] if after >= 0 else None
        if self._rather(k):
            return self._set(
                k, k, currency=self._currency(symbol), negative=symbol.negative, upper=number
            )
        said = self._find_left(k, "PRICE", "SPEND", "CEIL", "FLOOR", "LIMIT", reach=8)
        money = symbol.kind == "money"
        bound: Bound = "upper"
        first = k
        if said >= 0 and symbols[said].low != "amount" and self._no_words(said, k):
            if symbols[said].has("FLOOR"):
                bound = "lower"
            elif symbols[said].has("LIMIT"):
                bound = self._bound_of(k)
            if symbols[said].has("LIMIT") and not money and not self.context.stands:
                return None
            first = said
        elif (
            (right is not None and right.has("TO_SPEND", "PRICE", "CEIL") and right.low != "amount")
            or (right is not None and right.has("INSTEAD_OF") and (money or self.context.stands))
            or (right is not None and right.has("IT_IS") and money and after == k + 1)
        ):
            pass
        elif left is not None and left.has("TO") and self._led_to(before, money=money):
            first = before
            bound = self._bound_of(before)
        elif left is not None and left.has("BACK") and (money or self.context.stands):
            first = before
        elif left is not None and left.has("SET", "HAVE") and (money or self._settable(before, k)):
            if left.low == "with" and not money:
                return None
            first = before
        elif (
            left is not None
            and left.has("BUDGET_OF")
            and after < 0
            and (money or left.low.endswith("budget of"))
        ):
            first = before
        elif not (self._alone(k) and (money or self._asked_for(number)) and not symbol.counted):
            return None
        last = after if right is not None and right.has("TO_SPEND") else k
        return self._set(
            first,
            last,
            currency=self._currency(symbol),
            negative=symbol.negative,
            **{bound: number},
        )

    def _asked_for(self, number: Decimal) -> bool:
        """Whether a number that is the whole of a turn can be a budget."""
        if number < MIN_BARE and (self.context.upper or 0) >= 5 * MIN_BARE:
            return False  # "make it two" is no budget where thirty is one
        large = number >= 20 and self.context.follow_up
        return self.context.upper is not None or large

    def _rather(self, k: int) -> bool:
        """ "not 80 but 100": the second amount replaces the first."""
        if k < 3 or self.symbols[k - 1].low != "but" or not self._number_at(k - 2):
            return False
        return self.symbols[k - 3].has("NEG", "NO") and self._number_at(k)

    def _led_to(self, to: int, *, money: bool) -> bool:
        """ "stretch to 110", "change my limit to 95": a verb leads to the amount."""
        verb = self._find_left(to, "RAISE", "CUT", "SET", "SWAP", "LIMIT", "BACK", reach=6)
        return verb >= 0 and (money or self.context.stands)

    def _no_words(self, said: int, k: int) -> bool:
        """Whether only phrases stand between a word of price and its amount."""
        unknown = [s for s in self.symbols[said + 1 : k] if s.kind in ("word", "value", "size")]
        return len(unknown) <= 1

    def _settable(self, before: int, k: int) -> bool:
        """Whether a bare number after "make it" can be a budget: one stands and nothing follows."""
        if not self.context.stands or (self.symbols[k].number or 0) < 5:
            return False
        follow = right_of(self.symbols, k)[:1]
        return not follow or self.symbols[follow[0]].kind in ("phrase", "stop")
