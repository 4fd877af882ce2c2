"""Limits that move: "20 more", "cut it by 10 %", "double my budget"."""

from __future__ import annotations

from decimal import Decimal

from agent.language.clauses import left_of, right_of
from agent.language.price_scene import Direction, PriceReading, PriceScene
from agent.language.symbols import Symbol
from agent.language.wordsets import words
from tools.changes import ShiftPrice

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
_THAN: dict[str, Direction] = {
    "less than": "down", "lower than": "down", "cheaper than": "down",
    "more than": "up", "higher than": "up", "pricier than": "up",
}  # fmt: skip
_PUTTERS = words("put stick whack slap lob bung add tack chuck pop pile stack")
_SAVED = words("saved spared trimmed shaved knocked deducted removed subtracted")
_REMOVERS = words("remove removing subtract lose withdraw retract")
_RAISING = ("increas", "rais", "boost", "lift", "extend", "expand", "bump", "up", "stretch", "top")
_TAKERS = words("take taking took knock cut shave trim chop strip pull carve slice lop peel deduct")
_WEAK = words(
    "spare borrow borrowed lend find found scrape rustle get tolerate allow save saved go"
)
"""Verbs of giving that name a whole budget as often as an addition."""
_OBJECTS = ("PRICE", "LIMIT", "THIS", "FILLER", "CEIL", "FLOOR", "AROUND")
_LEADING = ("SET", "UPPER", "LOWER", "SPEND", "TO")


class PriceMoves(PriceScene):
    """Reads amounts, percentages and factors that move a limit."""

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
            # "cut 10 more" cuts once more; "10 more" adds.
            again = right.low in ("more", "further", "extra") and verb == before >= 0
            direction, last = ("down" if again and self._cuts(verb) else "up"), after
        elif (right is not None and right.has("LESS", "CHEAPER") and not to) or (
            right is not None
            and right.has("OFF")
            and (verb >= 0 or self._price_talk(k) or self._taken(k) or self._only_that())
            and not to
        ):
            direction, last = "down", after
        elif right is not None and right.low in _THAN and not to and not self._number_at(after + 1):
            direction, last = _THAN[right.low], after
        elif self._put_on(k) and not to:
            direction, last = "up", right_of(symbols, k)[0]
        elif self._taken_away(k) and not to:
            direction = "down"
        elif (way := self._announced(k)) is not None:
            direction = way
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

        if direction is None and self._raised_with(left, verb, k):
            direction, by = "up", True
        if direction is None:
            return None
        if verb >= 0 and last == k and not by and self._whole_budget(verb, k):
            return None
        if not self.context.stands and verb >= 0 and first >= verb and last == k and not by:
            return None  # nothing stands that could move: "I can spare sixty for shoes"
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
        taken = self._taken_away(k)
        if symbol.kind == "number" and not taken and not self._money_talk(first, last, verb):
            return None
        if symbol.negative or self._minus(k):
            return PriceReading(first, last, None, "a price limit cannot be negative")
        if verb >= 0 and verb < first and self._clear_way(verb, first):
            first = verb
        return self._shift(first, last, direction, symbol)

    def _raised_with(self, left: Symbol | None, verb: int, k: int) -> bool:
        """ "Increase my maximum with 10": nobody raises a limit to less than it is."""
        base, number = self.context.upper, self.symbols[k].number
        if left is None or verb < 0 or base is None or number is None or number >= base:
            return False
        return left.low in ("with", "for") and self.symbols[verb].low.startswith(_RAISING)

    def _whole_budget(self, verb: int, k: int) -> bool:
        """ "I can spare seventy", with sixty in force: the new budget, not an addition."""
        weak = not _WEAK.isdisjoint(self.symbols[verb].low.split())
        now, number = self.context.upper, self.symbols[k].number
        return weak and now is not None and number is not None and number * 5 >= now * 3

    def _cuts(self, verb: int) -> bool:
        return verb >= 0 and self.symbols[verb].has("CUT") and not self.symbols[verb].has("RAISE")

    def _put_on(self, k: int) -> bool:
        """ "Put 30 back on", "stick another tenner on": both halves of the verb."""
        verb = any(self.symbols[j].low.split()[0] in _PUTTERS for j in left_of(self.symbols, k)[:4])
        ahead = [self.symbols[j].low for j in right_of(self.symbols, k)[:2]]
        return verb and (
            (bool(ahead) and ahead[0].split()[0] in ("on", "onto", "upon"))
            or ahead == ["back", "on"]
            or ahead[:1] == ["back on"]
        )

    def _taken_away(self, k: int) -> bool:
        """ "take 10 away", "knock 10 down": both halves of the verb around a small amount."""
        ahead = [self.symbols[j].low.split()[0] for j in right_of(self.symbols, k)[:1]]
        near = [self.symbols[j].low.split()[0] for j in left_of(self.symbols, k)[:4]]
        verb = not _TAKERS.isdisjoint(near)
        if self.context.stands and verb and ahead[:1] in (["away"], ["out"], ["off"], ["down"]):
            return True
        base, number = self.context.upper, self.symbols[k].number
        small = base is not None and number is not None and number * 2 < base
        right = ahead[:1] and ahead[0] in _SAVED
        removed = not _REMOVERS.isdisjoint(near[:2]) and self._ends_at(k)
        return small and bool(right or removed)

    def _announced(self, k: int) -> Direction | None:
        """ "A little more, 5 dollars": the direction first, then by how much."""
        symbols = self.symbols
        base, number = self.context.upper, symbols[k].number
        if base is None or number is None or number * 2 >= base or k < 2:
            return None
        if symbols[k - 1].low not in (",", ":", "-") or not self._ends_at(k):
            return None
        said = symbols[k - 2]
        if said.has("MORE", "PRICIER", "RAISE"):
            return "up"
        return "down" if said.has("LESS", "CHEAPER", "CUT") else None

    def _only_that(self) -> bool:
        """Whether a budget stands and the turn speaks of nothing else: "15 off"."""
        return self.context.stands and not self._content

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
        return all(s.low == "it" or (s.has(*_OBJECTS) and not s.has(*_LEADING)) for s in passed)

    def _shift(self, first: int, last: int, direction: Direction, symbol: Symbol) -> PriceReading:
        bound = self._bound_of(first)
        value = abs(symbol.number or Decimal(0))
        if symbol.kind == "percent":
            change = ShiftPrice(direction=direction, bound=bound, percent=value)
        else:
            currency = self._currency(symbol)
            change = ShiftPrice(direction=direction, bound=bound, amount=value, currency=currency)
        return PriceReading(first, last, change)

    def _times(self, k: int) -> PriceReading | None:
        """ "1.5 times my budget"."""
        symbols = self.symbols
        number = symbols[k].number
        if (
            number is not None
            and number > 0
            and self.context.stands
            and symbols[k].kind == "number"
        ):
            low = [symbols[j].low for j in left_of(symbols, k)[:5]]
            if "by" in low[:1] and any(w.startswith(("multipl", "times", "divid")) for w in low):
                split = any(w.startswith("divid") for w in low)
                share = 100 * (1 / number if split else number) - 100
                moved = ShiftPrice(
                    direction="up" if share >= 0 else "down",
                    percent=abs(share).quantize(Decimal("0.000001")),
                    bound=self._bound_of(k),
                )
                return PriceReading(k, k, moved)
        if number is None or k + 1 >= len(symbols) or symbols[k + 1].low not in ("times", "x"):
            return None
        after = self._after(k + 1)
        if after < 0 or not symbols[after].has("THIS", "PRICE", "LIMIT", "AS_MUCH"):
            return None
        change = 100 * (number - 1)
        direction: Direction = "up" if change >= 0 else "down"
        shift = ShiftPrice(direction=direction, percent=abs(change), bound=self._bound_of(k))
        return PriceReading(k, after, shift)

    def _percent(self, k: int) -> PriceReading | None:
        symbols = self.symbols
        symbol = symbols[k]
        before, _ = self._before(k)
        after = self._after(k)
        right = symbols[after] if after >= 0 else None
        left = symbols[before] if before >= 0 else None
        verb = self._find_left(k, "RAISE", "CUT", reach=7)
        talk = self._price_talk(k) or self.context.stands
        beside = {"over": "up", "above": "up", "under": "down", "below": "down"}
        if right is not None and right.low in beside and talk and self._ends_at(after):
            way: Direction = "up" if beside[right.low] == "up" else "down"
            return self._shift(k, after, way, symbol)
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
            right.has("THIS", "PRICE", "LIMIT", "CEIL", "FLOOR", "AS_MUCH")
            or right.low.startswith(("as much", "as high", "what "))
        )
        if right is not None and right.low == "price" and symbols[k].low == "half":
            return None
        verb = self._find_left(k, "RAISE", "CUT", reach=6)
        moved = right is not None and right.has("MORE", "LESS", "OFF")
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
        of = k + 1 < len(symbols) and symbols[k + 1].low in ("of", "of the", "of my")
        if of and verb < 0 and name in ("THIRD", "QUARTER", "FIFTH", "TENTH"):
            direction, percent = "down", 100 - percent
        # Verbs of cutting set the sense of "in half"; "by half" and "half more" need a look around.
        if name in ("THIRD", "QUARTER", "FIFTH", "TENTH", "HALVE"):
            more = (right is not None and right.has("MORE")) or (
                verb >= 0 and symbols[verb].has("RAISE")
            )
            if more and not (verb >= 0 and symbols[verb].has("CUT")):
                direction = "up"
            elif (
                name != "HALVE"
                and not of
                and not (
                    (right is not None and right.has("LESS", "OFF"))
                    or (verb >= 0 and symbols[verb].has("CUT"))
                )
            ):
                return None
        shift = ShiftPrice(
            direction="up" if direction == "up" else "down",
            percent=percent.quantize(Decimal("0.000001")),
            bound=self._bound_of(k),
        )
        return PriceReading(k, after if moved else k, shift)
