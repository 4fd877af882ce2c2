"""Price limits in a turn: which amounts bound what is to be paid, and by how much limits move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from agent.language.clauses import is_hard_stop, left_of, negated, right_of
from agent.language.money import resolve
from agent.language.symbols import Symbol
from tools.changes import SetPrice, ShiftPrice

AROUND_SHARE = Decimal("0.2")
"""How far "around 50" reaches to either side, as a share of the amount."""

_PERSONS = frozenset(
    [
        "women",
        "woman",
        "men",
        "man",
        "kids",
        "kid",
        "boys",
        "boy",
        "girls",
        "girl",
        "adults",
        "adult",
        "people",
        "moms",
        "mom",
        "dads",
        "dad",
        "seniors",
        "children",
        "child",
        "babies",
        "baby",
        "toddlers",
        "toddler",
        "teens",
        "teenagers",
        "age",
        "aged",
        "ages",
        "anyone",
        "everyone",
        "guys",
        "ladies",
        "someone",
        "folks",
        "players",
        "users",
        "year",
        "years",
    ]
)
_MEASURED = frozenset(
    [
        "width",
        "height",
        "length",
        "depth",
        "weight",
        "size",
        "power",
        "usage",
        "voltage",
        "age",
        "ages",
        "aged",
        "diameter",
        "capacity",
        "resolution",
        "range",
        "temperature",
        "model",
        "year",
        "rating",
        "wattage",
        "speed",
        "thickness",
        "waist",
        "bust",
        "radius",
        "volume",
        "consumption",
        "frequency",
        "level",
        "percentage",
        "percent",
        "count",
        "dimension",
        "dimensions",
        "page",
        "pages",
        "version",
        "chapter",
        "season",
        "episode",
        "number",
        "series",
        "storage",
        "memory",
        "ram",
        "screen",
        "battery",
        "hips",
        "inseam",
        "zoom",
        "iso",
        "weighs",
        "weighing",
        "holds",
        "holding",
        "supports",
        "fits",
        "carries",
        "inches",
        "calories",
    ]
)
_PRICE_WORDS = ("PRICE", "SPEND", "CEIL", "FLOOR", "BUDGET_OF", "TO_SPEND")
_FACTORS: dict[str, tuple[str, Decimal]] = {
    "DOUBLE": ("up", Decimal(100)),
    "TRIPLE": ("up", Decimal(200)),
    "QUADRUPLE": ("up", Decimal(300)),
    "AGAIN_HALF": ("up", Decimal(50)),
    "HALVE": ("down", Decimal(50)),
    "THIRD": ("down", Decimal(100) / 3),
    "QUARTER": ("down", Decimal(25)),
    "FIFTH": ("down", Decimal(20)),
    "TENTH": ("down", Decimal(10)),
    "TWO_THIRDS": ("down", Decimal(100) / 3),
    "THREE_QUARTERS": ("down", Decimal(25)),
}
_PLAIN = frozenset(
    [
        "under",
        "below",
        "beneath",
        "less",
        "lower",
        "cheaper",
        "over",
        "above",
        "more",
        "greater",
        "higher",
        "pricier",
        "dearer",
        "beyond",
        "spend",
        "pay",
        "spending",
        "paying",
        "cost",
        "costs",
        "costing",
        "exceeding",
        "exceeds",
        "past",
        "upwards",
        "north",
        "south",
    ]
)
_SPEAKERS = frozenset(
    ["i", "im", "ive", "id", "ill", "my", "we", "our", "weve", "wed", "us", "me", "mine"]
)
_VERBS = frozenset(["be", "suffice", "enough", "do", "work", "cover", "now", "then", "set"])
_UPWARDS = frozenset(("up", "upwards", "upward", "on", "onwards"))
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

    @property
    def stands(self) -> bool:
        """Whether any price limit is in force."""
        return self.lower is not None or self.upper is not None


class PriceReader:
    """Reads the price statements of one turn from its symbols."""

    def __init__(self, symbols: Sequence[Symbol], context: PriceContext) -> None:
        self.symbols = symbols
        self.context = context
        self.readings: list[PriceReading] = []
        self._talkative = sum(not _polite(symbol) for symbol in symbols)
        self._content = sum(s.kind in ("word", "value") for s in symbols)
        speaking = (k for k, s in enumerate(symbols) if s.low.partition(" ")[0] in _SPEAKERS)
        self._speaker = next(speaking, len(symbols))
        self._vouchers = _voucher_places(symbols)

    def read(self) -> list[PriceReading]:
        """All statements, in the order of the text; their symbols are marked as used."""
        for k, symbol in enumerate(self.symbols):
            if symbol.used or symbol.kind not in ("money", "number", "percent"):
                continue
            if symbol.kind == "number" and symbol.counted:
                continue
            if self._voucher(k):
                continue
            reading = self._percent(k) if symbol.kind == "percent" else self._amount(k)
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
        self.readings.append(reading)
        for k in range(reading.first, reading.last + 1):
            self.symbols[k].used = True

    # -- looking around ---------------------------------------------------------------------

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
        """(place of the nearest meaningful symbol to the left or -1, whether "around" was passed)."""
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
        for symbol in symbols:
            if symbol.currencies:
                return resolve(symbol.currencies, self.context.currency, self.context.shop_currency)
        return None

    # -- amounts ----------------------------------------------------------------------------

    def _amount(self, k: int) -> PriceReading | None:
        return (
            self._range(k)
            or self._delta(k)
            or self._bounded(k)
            or self._or_bounded(k)
            or self._named(k)
            or self._mentioned(k)
        )

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

    def _range(self, k: int) -> PriceReading | None:
        """ "between 20 and 50", "20-50 dollars", "from £20 to £50", "£20 up to £50"."""
        symbols = self.symbols
        one = symbols[k]
        j = k + 1
        while j < len(symbols) and symbols[j].low in (
            "and",
            "to",
            "-",
            "up to",
            "until",
            "till",
            "through",
            "or",
            "at most",
            "and up to",
            "and no more than",
            "and at most",
        ):
            j += 1
        while j < len(symbols) and j > k + 1 and symbols[j].has("AROUND", "FILLER"):
            j += 1
        if j == k + 1 or not self._number_at(j):
            return None
        two = symbols[j]
        joint = symbols[k + 1].low
        before, around = self._before(k)
        opened = before >= 0 and symbols[before].has("BETWEEN")
        if joint in ("and", "or") and not (opened and symbols[before].low != "from"):
            return None
        if two.counted or one.number is None or two.number is None:
            if two.counted:
                one.counted = two.counted
            return None
        first = before if opened else k
        if joint in ("to", "up to") and self._moves(first, one):
            currency = self._currency(two, one)
            return self._set(first, j, currency=currency, upper=two.number)
        money = one.kind == "money" or two.kind == "money"
        if not money and not self._bare_range(first, k, j, opened):
            return None
        low, high = one.number, two.number
        if low > high and one.text.isdigit() and high >= 1000 > low:
            return None
        # "1-2k" means both ends in thousands
        if (
            high >= 1000
            and low < 100
            and "k" in two.low
            and "k" not in one.low
            and joint in ("-", "to")
        ):
            low *= 1000
        if low > high:
            low, high = high, low
        return self._set(
            first, j, currency=self._currency(one, two), negative=one.negative or two.negative,
            lower=low, upper=high,
        )  # fmt: skip

    def _moves(self, first: int, one: Symbol) -> bool:
        """Whether "from A to B" says that a limit moves, not that it is a range."""
        if one.number is not None and one.number == self.context.upper:
            return True
        near = left_of(self.symbols, first)[:6]
        return any(
            self.symbols[j].has("RAISE", "CUT") or self.symbols[j].low.startswith("change")
            for j in near
        )

    def _bare_range(self, first: int, k: int, j: int, opened: bool) -> bool:
        if self._of_persons(first) or self._of_persons(k):
            return False
        if self._price_talk(first) or self._price_talk(j):
            return True
        symbols = self.symbols
        if not opened:
            after = right_of(symbols, j)[:2]
            return any(symbols[n].low in ("range", "bracket", "ballpark") for n in after)
        if any(symbols[n].low == "with" for n in left_of(symbols, first)[1:4]):
            return False  # "with SPF between 41 and 50" speaks of something else
        for n in left_of(symbols, first)[:3]:
            if symbols[n].low in _MEASURED or symbols[n].low in _PERSONS:
                return False
            if any(v.field in ("sizes", "attributes") for v in symbols[n].values):
                return False
        one, two = symbols[k].number, symbols[j].number
        years = one is not None and two is not None and 1900 <= one <= two <= 2100
        after_word = j + 1 < len(symbols) and symbols[j + 1].kind == "word"
        return not years and not after_word and symbols[first].low != "from"

    def _trusted(self, k: int) -> bool:
        """Whether a number may be money: it has a currency, or the talk is of money."""
        return self.symbols[k].kind == "money" or self._price_talk(k)

    def _delta(self, k: int) -> PriceReading | None:
        """ "20 more", "cut £10 off", "raise it by 15", "an extra 20"."""
        symbols = self.symbols
        symbol = symbols[k]
        before, _ = self._before(k)
        after = self._after(k)
        right = symbols[after] if after >= 0 else None
        left = symbols[before] if before >= 0 else None
        direction: Direction | None = None
        first, last = k, k
        by = left is not None and left.has("BY")
        if by or (left is not None and left.low == "by at least"):
            first = before
        if right is not None and right.has("OR_MORE", "OR_LESS") and not right.has("MORE", "LESS"):
            return None

        to = left is not None and (
            left.has("TO", "UPPER", "LOWER", "BETWEEN") or left.low.endswith(" to")
        )
        verb = self._find_left(first, "RAISE", "CUT", reach=6)
        if right is not None and right.has("MORE", "PRICIER") and not to:
            direction, last = "up", after
        elif (right is not None and right.has("LESS", "CHEAPER") and not to) or (
            right is not None
            and right.has("OFF")
            and (verb >= 0 or self._price_talk(k) or self._taken(k))
            and not to
        ):
            direction, last = "down", after
        elif left is not None and left.has("EXTRA") and not to:
            direction, first = ("down" if self._cuts(verb) else "up"), before
        elif (
            right is not None
            and right.low in ("over", "above", "under", "below")
            and self._ends_at(after)
        ):
            direction, last = ("up" if right.low in ("over", "above") else "down"), after
        elif by and verb >= 0:
            direction = "down" if symbols[verb].has("CUT") else "up"
        elif by and self._find_left(first, "EXCEED", "PRICIER", "MORE", reach=5) >= 0:
            direction = "up"
        elif by and self._find_left(first, "CHEAPER", "LESS", reach=5) >= 0:
            direction = "down"
        elif verb >= 0 and not to and (verb == before or self._object(verb, k)):
            direction = "down" if symbols[verb].has("CUT") else "up"

        if direction is None:
            return None
        if (
            direction == "up"
            and right is not None
            and right.low in ("more", "extra")
            and symbol.kind == "number"
        ):
            tail = right_of(symbols, after)[:1]
            if tail and symbols[tail[0]].kind in ("word", "value"):
                return None
            if not (self._price_talk(k) or self.context.stands):
                return None
        if symbol.kind == "number" and not self._money_talk(first, last, verb):
            return None
        if symbol.negative or self._minus(k):
            return PriceReading(first, last, None, "a price limit cannot be negative")
        if verb >= 0 and verb < first and self._clear_way(verb, first):
            first = verb
        return self._shift(first, last, direction, symbol)

    def _cuts(self, verb: int) -> bool:
        return verb >= 0 and self.symbols[verb].has("CUT") and not self.symbols[verb].has("RAISE")

    def _ends_at(self, place: int) -> bool:
        """Whether a statement ends after this symbol."""
        follow = right_of(self.symbols, place)[:1]
        return not follow or self.symbols[follow[0]].kind == "stop"

    def _taken(self, k: int) -> bool:
        """ "take a tenner off"."""
        near = left_of(self.symbols, k)[:3]
        return any(self.symbols[j].low in ("take", "took", "taking") for j in near)

    def _minus(self, k: int) -> bool:
        """ "my budget is minus fifty"; "my budget minus 50" takes something away."""
        if k < 2 or self.symbols[k - 1].low != "minus":
            return False
        return self.symbols[k - 2].has("SET", "TO", "UPPER", "LOWER", "BUDGET_OF", "SPEND")

    def _clear_way(self, verb: int, first: int) -> bool:
        return all(self.symbols[j].kind == "phrase" for j in range(verb, first))

    def _money_talk(self, first: int, last: int, verb: int) -> bool:
        return (
            self._price_talk(first)
            or self._price_talk(last)
            or (self.context.stands and (verb >= 0 or last > first))
        )

    def _object(self, verb: int, k: int) -> bool:
        """Whether the amount is what the verb moves: "raise the budget 20", "cut it 10"."""
        passed = [self.symbols[j] for j in range(verb + 1, k)]
        return all(
            (s.kind == "phrase" and s.has("PRICE", "LIMIT", "THIS", "FILLER", "CEIL", "FLOOR", "AROUND")
            and not s.has("SET", "UPPER", "LOWER", "SPEND", "TO")) or s.low == "it"
            for s in passed
        )  # fmt: skip

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

    def _shift(self, first: int, last: int, direction: Direction, symbol: Symbol) -> PriceReading:
        bound = self._bound_of(first)
        value = abs(symbol.number or Decimal(0))
        if symbol.kind == "percent":
            change = ShiftPrice(direction=direction, bound=bound, percent=value)
        else:
            currency = self._currency(symbol)
            change = ShiftPrice(direction=direction, bound=bound, amount=value, currency=currency)
        return PriceReading(first, last, change)

    def _bounded(self, k: int) -> PriceReading | None:
        """A comparison right before the amount: "under 50", "not more than 50", "at least £20"."""
        symbols = self.symbols
        symbol = symbols[k]
        before, _ = self._before(k, ("FILLER", "AROUND", "PRICE", "BUDGET_OF"))
        if before < 0:
            return None
        cue = symbols[before]
        bound: Bound
        if cue.has("EXCEED") and not cue.has("UPPER", "LOWER"):
            if not negated(symbols, before):
                return None
            bound = "upper"
        elif cue.has("UPPER") and not cue.has("LOWER"):
            bound = "lower" if self._flipped(before) else "upper"
        elif cue.has("LOWER"):
            bound = "upper" if self._flipped(before) else "lower"
        elif cue.has("OR_LESS", "OR_MORE") and cue.low.startswith(("and ", "or ")):
            bound = "upper" if cue.has("OR_LESS") else "lower"
        elif cue.has("CEIL"):
            bound = "upper"
        elif cue.has("FLOOR") or (cue.low == "from" and self._opens_upwards(k)):
            bound = "lower"
        else:
            return None
        if symbol.kind == "number" and not self._bare_bound(before, k, bound):
            return None
        # "maximum" may stand on both sides of its amount, and words of price before it.
        first = before
        while first and symbols[first - 1].kind == "phrase" and symbols[first - 1].has(
            "SPEND", "PRICE", "BUDGET_OF", "FILLER", "NEG"
        ) and not symbols[first - 1].has("WISH", "ONLY", "FORGET"):  # fmt: skip
            first -= 1
        after = self._after(k)
        last = after if after == k + 1 and symbols[after].has("TO_SPEND", "OR_LESS") else k
        return self._set(
            first, last, currency=self._currency(symbol), negative=symbol.negative,
            **{bound: symbol.number or Decimal(0)},
        )  # fmt: skip

    def _flipped(self, cue: int) -> bool:
        """Whether a negation turns a comparison round: "don't show me anything over 80"."""
        plain = self.symbols[cue].low.split()[0] in _PLAIN
        return plain and negated(self.symbols, cue)

    def _opens_upwards(self, k: int) -> bool:
        """ "from £40 up", "from £40"."""
        if self._find_left(k, "RAISE", "CUT", "FORGET", "BACK", reach=6) >= 0:
            return False
        after = right_of(self.symbols, k)[:1]
        rises = bool(after) and self.symbols[after[0]].low in _UPWARDS
        return rises or (self.symbols[k].kind == "money" and not after)

    def _bare_bound(self, cue: int, k: int, bound: Bound) -> bool:
        """Whether a bare number after a comparison is a price and not an age, a count or a spec."""
        symbols = self.symbols
        if self._price_talk(k) or self._price_talk(cue):
            return True
        number = symbols[k].number or Decimal(0)
        for j in left_of(symbols, cue)[:2]:
            low = symbols[j].low
            if low in _MEASURED or symbols[j].kind == "size":
                return False
            if low in _PERSONS and (number <= 18 or bound == "lower") and number < 100:
                return False
        after = right_of(symbols, k)[:1]
        follower = symbols[after[0]] if after else None
        if follower is not None and follower.low in _MEASURED | _PERSONS:
            return False
        word_next = follower is not None and follower.kind in ("word", "value", "size")
        if bound == "upper":
            return not word_next or number >= 10
        return not word_next

    def _or_bounded(self, k: int) -> PriceReading | None:
        """A bound after the amount: "50 or less", "£50 max", "$20 and up", "around 50", "50ish"."""
        symbols = self.symbols
        symbol = symbols[k]
        before, around = self._before(k)
        after = self._after(k)
        right = symbols[after] if after >= 0 else None
        currency = self._currency(symbol)
        number = symbol.number or Decimal(0)
        if (
            right is not None
            and right.has("OR_LESS", "OR_MORE")
            and (self._trusted(k) or self.context.stands or self._closing(k, after))
            and not self._of_persons(k)
            and not self._compares_next(after)
        ):
            bound: Bound = "upper" if right.has("OR_LESS") else "lower"
            return self._set(
                k, after, currency=currency, negative=symbol.negative, **{bound: number}
            )
        ish = symbol.low.endswith("ish")
        around = around or ish or (right is not None and right.has("AROUND"))
        if not around or not (self._trusted(k) or ish) or symbol.negative:
            return None
        if self._find_left(k, "PRICE", "SPEND", "HAVE", "CEIL") >= 0 and symbols[
            self._find_left(k, "PRICE", "SPEND", "HAVE", "CEIL")
        ].low not in ("price", "prices", "priced"):
            return None  # "a budget of around 50" is a budget
        if symbol.kind != "money" and before >= 0 and symbols[before].low in _MEASURED:
            return None
        reach = number * AROUND_SHARE
        change = SetPrice(
            lower=number - reach,
            upper=number + reach,
            currency=currency,
            note=f"around {symbol.text}: a fifth to either side",
        )
        first = k
        while first and symbols[first - 1].has("AROUND", "PRICE"):
            first -= 1
        last = after if right is not None and right.has("AROUND") else k
        return PriceReading(first, last, change)

    def _compares_next(self, after: int) -> bool:
        """ "over 20 and under 50": the words belong to the amount behind them."""
        return self.symbols[after].low.startswith(("and ", "or ")) and self._number_at(after + 1)

    def _of_persons(self, k: int) -> bool:
        """Whether a bare number is an age: "kids 7 and up", "ages 20+"."""
        if self.symbols[k].kind == "money":
            return False
        near = [self.symbols[j] for j in left_of(self.symbols, k)[:2]]
        return any(word in _PERSONS for s in near for word in s.low.split())

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
        ):
            return None
        for j in left_of(symbols, k)[:6]:
            if symbols[j].has(
                "WH_FACT", "WHY", "COMPARE", "NEG", "NO", "INSTEAD_OF", "FORGET", "KEEP"
            ):
                return None
            if symbols[j].kind == "stop":
                break
        if self._speaker > k and not (self.context.stands and self._content <= 3):
            return None
        return self._set(k, k, currency=self._currency(symbol), upper=symbol.number or Decimal(0))

    def _closing(self, k: int, after: int) -> bool:
        """Whether "60 tops" ends its statement, so that a bare number is most likely a price."""
        if not self.symbols[after].has("OR_LESS"):
            return False
        if (self.symbols[k].number or 0) < 5 or after != k + 1:
            return False
        follow = right_of(self.symbols, after)[:1]
        return not follow or self.symbols[follow[0]].kind in ("stop", "phrase")

    def _named(self, k: int) -> PriceReading | None:
        """An amount that is the budget by context: "my budget is 50", "make it £80", "$80?"."""
        symbols = self.symbols
        symbol = symbols[k]
        number = symbol.number or Decimal(0)
        before, _ = self._before(k, ("FILLER", "AROUND"))
        left = symbols[before] if before >= 0 else None
        if left is not None and left.has("INSTEAD_OF", "NEG", "NO") and not left.has("SET", "ADD"):
            return None
        after = self._after(k)
        right = symbols[after] if after >= 0 else None
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
            right is not None and right.has("TO_SPEND", "PRICE", "CEIL") and right.low != "amount"
        ) or (right is not None and right.has("INSTEAD_OF") and (money or self.context.stands)):
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
        elif money and left is not None and left.has("BUDGET_OF") and after < 0:
            first = before
        elif not (
            self._alone(k) and (money or self.context.upper is not None) and not symbol.counted
        ):
            return None
        last = after if right is not None and right.has("TO_SPEND") else k
        return self._set(
            first,
            last,
            currency=self._currency(symbol),
            negative=symbol.negative,
            **{bound: number},
        )

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

    # -- percentages and factors ------------------------------------------------------------

    def _percent(self, k: int) -> PriceReading | None:
        symbols = self.symbols
        symbol = symbols[k]
        before, _ = self._before(k)
        after = self._after(k)
        right = symbols[after] if after >= 0 else None
        left = symbols[before] if before >= 0 else None
        verb = self._find_left(k, "RAISE", "CUT", reach=7)
        talk = self._price_talk(k) or self.context.stands
        if right is not None and right.has("MORE", "PRICIER"):
            return self._shift(k, after, "up", symbol)
        if (
            right is not None
            and right.has("LESS", "CHEAPER")
            and not (right.has("OFF") and verb < 0)
        ):
            return self._shift(k, after, "down", symbol)
        if right is not None and right.has("OFF"):
            if verb >= 0 or self._price_talk(k):
                return self._shift(k, after, "down", symbol)
            return None
        of = k + 1 < len(symbols) and symbols[k + 1].low in ("of", "of the", "of my")
        if talk and (of or (left is not None and left.low in ("to", "at"))) and symbol.number:
            if of and not any(
                symbols[j].has("PRICE", "THIS", "LIMIT") for j in right_of(symbols, k)[:5]
            ):
                return None
            change = symbol.number - 100
            direction: Direction = "up" if change >= 0 else "down"
            shift = ShiftPrice(direction=direction, percent=abs(change), bound=self._bound_of(k))
            return PriceReading(k, k + 1 if of else k, shift)
        if symbol.negative and talk:
            return self._shift(k, k, "down", symbol)
        if verb >= 0 and talk:
            return self._shift(
                min(verb, k), k, "down" if symbols[verb].has("CUT") else "up", symbol
            )
        if left is not None and left.has("EXTRA") and talk:
            return self._shift(before, k, "up", symbol)
        if self._find_left(k, "EXCEED", reach=4) >= 0:
            return self._shift(k, k, "up", symbol)
        return None

    def _factor(self, k: int) -> PriceReading | None:
        """ "double my budget", "halve it", "a third more", "twice as much"."""
        symbols = self.symbols
        name = next((n for n in _FACTORS if symbols[k].has(n)), None)
        if name is None:
            return None
        direction, percent = _FACTORS[name]
        after = self._after(k)
        right = symbols[after] if after >= 0 else None
        pointed = right is not None and (
            right.has("THIS", "PRICE", "LIMIT", "CEIL", "FLOOR", "AS_MUCH") or right.low.startswith("as much")
            or right.low.startswith("as high") or right.low.startswith("what ")
        )  # fmt: skip
        if right is not None and right.low == "price" and symbols[k].low == "half":
            return None
        verb = self._find_left(k, "RAISE", "CUT", reach=6)
        moved = right is not None and right.has("MORE", "LESS")
        talk = any(
            symbols[j].has("PRICE", "SPEND", "LIMIT", "CEIL", "FLOOR")
            for j in [*left_of(symbols, k)[:6], *right_of(symbols, k)[:4]]
        )
        had = bool(left_of(symbols, k)) and symbols[left_of(symbols, k)[0]].has("HAVE")
        pointed = pointed or (had and self._ends_at(k))
        verbal = symbols[k].low in ("halve", "halved", "doubled", "tripled", "doubling", "halving")
        if not (
            talk
            or (self.context.stands and (pointed or moved or verb >= 0 or verbal or self._alone(k)))
        ):
            return None
        if not pointed and not moved and not verbal and verb < 0:
            beside = right_of(symbols, k)[:1]
            if beside and symbols[beside[0]].kind in ("word", "value", "size"):
                return None
        # Verbs of cutting set the sense of "in half"; "by half" and "half more" need a look around.
        if name in ("THIRD", "QUARTER", "FIFTH", "TENTH", "HALVE"):
            more = (right is not None and right.has("MORE")) or (
                verb >= 0 and symbols[verb].has("RAISE")
            )
            if more and not (verb >= 0 and symbols[verb].has("CUT")):
                direction = "up"
            elif name != "HALVE" and not (
                (right is not None and right.has("LESS", "OFF"))
                or (verb >= 0 and symbols[verb].has("CUT"))
            ):
                return None
        shift = ShiftPrice(
            direction="up" if direction == "up" else "down",
            percent=percent.quantize(Decimal("0.000001")),
            bound=self._bound_of(k),
        )
        return PriceReading(k, after if moved else k, shift)


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


def _polite(symbol: Symbol) -> bool:
    """Whether a symbol may stand beside an amount that is the whole of a turn."""
    return symbol.kind == "stop" or symbol.has(
        "FILLER", "AROUND", "SET", "CORRECT", "GREETING", "THANKS", "HYPOTHETICAL", "ADD", "CUT"
    )


_ROLES = (
    "UPPER", "LOWER", "BETWEEN", "BY", "EXTRA", "RAISE", "CUT", "SET", "PRICE", "SPEND", "CEIL",
    "FLOOR", "BUDGET_OF", "NEG", "INSTEAD_OF", "BACK", "TO", "HAVE", "EXCEED",
)  # fmt: skip
_AFTER = ("MORE", "LESS", "OFF", "OR_LESS", "OR_MORE", "AROUND", "TO_SPEND", "PRICE", "THIS")
