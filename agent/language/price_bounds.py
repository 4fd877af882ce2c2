"""Amounts that bound the price: ranges, "under 50", "50 or more", "around 50"."""

from __future__ import annotations

import re
from decimal import Decimal

from agent.language.clauses import left_of, negated, right_of
from agent.language.price_scene import PERSONS, Bound, PriceReading, PriceScene
from agent.language.symbols import Symbol
from agent.language.wordsets import words
from tools.changes import SetPrice

AROUND_SHARE = Decimal("0.2")
"""How far "around 50" reaches to either side, as a share of the amount."""

_MEASURED = words(
    "width height length depth weight size power usage voltage age ages aged diameter "
    "capacity resolution range temperature model year rating wattage speed thickness waist "
    "bust radius volume consumption frequency level percentage percent count dimension "
    "dimensions page pages version chapter season episode number series storage memory ram "
    "screen battery hips inseam zoom iso weighs weighing holds holding supports fits carries "
    "inches calories"
)
_PLAIN = words(
    "under below beneath less lower cheaper over above more greater higher pricier dearer "
    "beyond spend pay spending paying cost costs "
    "costing exceeding exceeds past upwards upward north "
    "south in"
)
MARKS = words(
    "mark line level threshold barrier window bracket band region zone territory range ballpark "
    "point figure neighbourhood neighborhood area limit cap ceiling"
)
"""Nouns behind a number that make it a price, in a talk about limits."""
_REFUSED = re.compile(
    r"(is|are|was|would be|will be|gets|s) (just |simply |really |definitely |a bit |way |far )*"
    r"(a no|no go|no good|not|never|out\b|off the|off limits|too|beyond|ruled out|rejected|"
    r"excluded|unacceptable|impossible|over my|more than i|steep|a stretch too|a deal ?breaker)|"
    r"(isnt|is not|arent|are not|wont|will not|cant|cannot|doesnt|does not|dont|do not)\b|"
    r"(i|ill|id|im) (\w+ ){0,2}(skip|refuse|ignore|pass|reject|cant|wont|dont|not)\b|"
    r"no thanks|scares me|hurts|puts me off|exceeds|breaks"
)
"""What follows a price range that is turned down."""
_ENDS = words("limits bounds ends boundaries prices limit range bracket")
_UPWARDS = words("up upwards upward on onwards")


class PriceBounds(PriceScene):
    """Reads amounts beside a comparison."""

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
        before, _ = self._before(k)
        opened = before >= 0 and symbols[before].has("BETWEEN")
        ends = self._find_left(k, "F_LIMIT", "PRICE", "LIMIT", reach=4)
        plural = ends >= 0 and symbols[ends].low.split()[-1] in _ENDS
        if joint in ("and", "or") and not (opened and symbols[before].low != "from") and not plural:
            return None
        if two.counted or one.number is None or two.number is None:
            if two.counted:
                one.counted = two.counted
            return None
        first = before if opened else k
        if joint in ("to", "up to") and self._moves(first, one):
            currency = self._currency(two, one)
            low_end = one.number == self.context.lower
            bound = "lower" if low_end else self._bound_of(first)
            upper, lower = (two.number, None) if bound == "upper" else (None, two.number)
            change = SetPrice(lower=lower, upper=upper, currency=currency)
            return PriceReading(first, j, change)
        money = one.kind == "money" or two.kind == "money"
        if not money and not self._bare_range(first, k, j, opened):
            return None
        low, high = one.number, two.number
        if low > high and one.text.isdigit() and high >= 1000 > low:
            return None
        if low > high and joint not in ("and", "to", "-", "or"):
            return None  # "at least 90 and at most 20" contradicts itself
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

    def _spread(self, k: int) -> PriceReading | None:
        """ "80 give or take 10", "twenty quid either side": the same to both sides of an amount."""
        symbols = self.symbols
        symbol = symbols[k]
        if symbol.number is None or symbol.negative:
            return None
        first = last = k
        before, _ = self._before(k)
        after = self._after(k)
        if before >= 0 and symbols[before].has("GIVE_TAKE"):
            first = before
        elif after >= 0 and symbols[after].has("EITHER_SIDE") and not self._number_at(after + 1):
            last = after
        else:
            return None
        middle = self._middle(first)
        if middle is not None:
            first, number = middle, symbols[middle].number
        elif self.context.upper is not None:
            low = self.context.lower
            number = self.context.upper if low is None else (low + self.context.upper) / 2
        else:
            return None
        assert number is not None
        step = number * symbol.number / 100 if symbol.kind == "percent" else symbol.number
        if step >= number or (first == k and symbol.has("AROUND")):
            return None
        currency = self._currency(symbols[first], symbol)
        return self._set(first, last, currency=currency, lower=number - step, upper=number + step)

    def _middle(self, first: int) -> int | None:
        """The amount right before a spread, in the same sentence."""
        for j in left_of(self.symbols, first)[:4]:
            symbol = self.symbols[j]
            if symbol.kind in ("money", "number"):
                return j if not symbol.counted else None
            if symbol.kind not in ("stop", "phrase"):
                return None
        return None

    def _moves(self, first: int, one: Symbol) -> bool:
        """Whether "from A to B" says that a limit moves, not that it is a range."""
        if one.number is not None and one.number == self.context.upper:
            return True
        if one.number is not None and one.number == self.context.lower:
            led = self._find_left(first, "RAISE", "CUT", "SET", "SWAP", "LIMIT", reach=4)
            return led >= 0 or self.symbols[first - 1].low == "the"
        near = left_of(self.symbols, first)[:6]
        return self.context.stands and any(
            self.symbols[j].has("RAISE", "CUT") or self.symbols[j].low.startswith("change")
            for j in near
        )

    def _bare_range(self, first: int, k: int, j: int, opened: bool) -> bool:
        if self._of_persons(first) or self._of_persons(k):
            return False
        if self._price_talk(first) or self._price_talk(j):
            return True
        symbols = self.symbols
        if self.context.follow_up and not self._content and (symbols[j].number or 0) >= 15:
            return not symbols[first].has("KEEP")
        if j + 1 < len(symbols) and symbols[j + 1].low in MARKS:
            return True
        if not opened:
            after = right_of(symbols, j)[:2]
            return any(symbols[n].low in ("range", "bracket", "ballpark") for n in after)
        if any(symbols[n].low == "with" for n in left_of(symbols, first)[1:4]):
            return False  # "with SPF between 41 and 50" speaks of something else
        for n in left_of(symbols, first)[:3]:
            if symbols[n].low in _MEASURED or symbols[n].low in PERSONS:
                return False
            if any(v.field in ("sizes", "attributes") for v in symbols[n].values):
                return False
        one, two = symbols[k].number, symbols[j].number
        years = one is not None and two is not None and 1900 <= one <= two <= 2100
        after_word = j + 1 < len(symbols) and symbols[j + 1].kind == "word"
        return not years and not after_word and symbols[first].low != "from"

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
        if bound == "lower" and self._permitted(k):
            return None
        if self._refused(k):
            bound = "upper" if bound == "lower" else "lower"
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

    def _refused(self, k: int) -> bool:
        """ "Anything pricier than 50 is a no": what the comparison holds is refused as a whole."""
        ahead = " ".join(self.symbols[j].low for j in right_of(self.symbols, k)[:7])
        return _REFUSED.match(ahead) is not None

    def _permitted(self, k: int) -> bool:
        """ "Over 39 is ok", with 39 as the limit: more may be spent; that is no floor."""
        upper, number = self.context.upper, self.symbols[k].number
        ahead = " ".join(self.symbols[j].low for j in right_of(self.symbols, k)[:3])
        fine = ahead.startswith(("is ok", "is fine", "is alright", "is all right", "is possible"))
        return fine and upper is not None and number is not None and number >= upper

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
            if symbols[j].kind == "stop":
                break
            if low in _MEASURED or symbols[j].kind == "size":
                return False
            if low in PERSONS and (number <= 18 or bound == "lower") and number < 100:
                return False
        after = right_of(symbols, k)[:1]
        follower = symbols[after[0]] if after else None
        if follower is not None and follower.low in MARKS:
            return True
        if follower is not None and follower.low in _MEASURED | PERSONS:
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
        follow = after + 1 if right is not None and right.has("AROUND") else -1
        if 0 <= follow < len(symbols) and symbols[follow].has("OR_LESS") and self._trusted(k):
            return self._set(k, follow, currency=currency, upper=number)  # "25 or so is my max"
        ish = symbol.low.endswith("ish")
        around = around or ish or (right is not None and right.has("AROUND"))
        if not around or not (self._trusted(k) or ish) or symbol.negative:
            return None
        said = self._find_left(k, "PRICE", "SPEND", "HAVE", "CEIL")
        plain = said >= 0 and symbols[said].low in ("price", "prices", "priced")
        near = all(s.kind not in ("word", "value") for s in symbols[said + 1 : k])
        if said >= 0 and not plain and near:
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

    def _closing(self, k: int, after: int) -> bool:
        """Whether "60 tops" ends its statement, so that a bare number is most likely a price."""
        if not self.symbols[after].has("OR_LESS"):
            return False
        if (self.symbols[k].number or 0) < 5 or after != k + 1:
            return False
        follow = right_of(self.symbols, after)[:1]
        return not follow or self.symbols[follow[0]].kind in ("stop", "phrase")
