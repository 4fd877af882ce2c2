"""Counts, groups, ratings and measured attributes: what a number means when it is no price."""

from __future__ import annotations

from collections.abc import Sequence

from agent.language.clauses import left_of, negated, right_of
from agent.language.money import UNITS
from agent.language.symbols import Symbol
from agent.language.vocabulary import Lexicon, fold_phrase
from agent.language.wordsets import words
from tools.changes import (
    Change,
    CountItems,
    LimitAttribute,
    LimitGroup,
    MinimumRating,
    OnSale,
    Reset,
)
from tools.domain import Constraints

_ITEMS = words(
    "item items option options product products result results suggestion suggestions ones "
    "recommendation recommendations choice choices alternative alternatives pick picks one"
)
_COUNT_VERBS = frozenset(
    [
        "show",
        "show me",
        "give",
        "give me",
        "recommend",
        "suggest",
        "see",
        "let me see",
        "only",
        "just",
        "list",
        "pick",
        "lets see",
        "top",
        "find me",
        "find",
        "only show me",
        "just show me",
        "only show",
        "get me",
        "only give me",
        "limit to",
        "limit it to",
        "maximum",
        "exactly",
        "narrow it down to",
        "narrow down to",
    ]
)
_ATTRIBUTE_NOUNS = words(
    "bedroom bathroom door seat seater drawer shelf shelve pocket port burner core camera "
    "lens channel tier compartment blade wheel layer slot button"
)
_GROUPS = {"F_BRANDS": "brand", "F_COLORS": "color", "F_SIZES": "size", "F_CATEGORIES": "category"}
_SINGULAR = {"brands": "brand", "colors": "color", "sizes": "size", "categories": "category"}
_SMALL = ("the", "a", "my", "your", "up to", "at most", "at least", "exactly")
_EACH = frozenset(
    [
        "per",
        "for each",
        "of each",
        "from each",
        "each",
        "from the same",
        "of the same",
        "from any",
        "in each",
        "from one",
        "of one",
        "of any",
        "by the same",
        "in the same",
        "same",
        "the same",
        "any one",
        "every",
    ]
)
_OF = frozenset(("of", "of these", "of them", "of those", "these", "them", "those", "in", "from"))
_GOOD_REVIEWS = frozenset(
    [
        "highly rated",
        "top rated",
        "best rated",
        "well reviewed",
        "good reviews",
        "great reviews",
        "well rated",
        "good ratings",
        "high ratings",
        "best reviewed",
        "excellent reviews",
        "highly reviewed",
    ]
)


class QuantityReader:
    """Reads counts, groups, ratings, sale wishes and ranges of attributes."""

    def __init__(self, symbols: Sequence[Symbol], lexicon: Lexicon, low: str) -> None:
        self.symbols = symbols
        self.lexicon = lexicon
        self.low = low
        self.found: list[tuple[int, Change]] = []

    def read(self) -> list[tuple[int, Change]]:
        """The changes with their places; their symbols are marked as used."""
        for k, symbol in enumerate(self.symbols):
            if symbol.used:
                continue
            if symbol.kind == "number":
                self._number(k, symbol)
            elif symbol.kind == "size" and symbol.size is not None and symbol.size.unit:
                self._measure(k, symbol)
            elif symbol.has("COUNT_FREE"):
                self._add(k, k, Reset(family="count"))
            elif (
                symbol.has("ON_SALE")
                and not negated(self.symbols, k, 3)
                and not (symbol.low == "on offer" and self._what(k))
            ):
                self._add(k, k, OnSale(value=True))
        if any(phrase in self.low for phrase in _GOOD_REVIEWS):
            self.found.append((0, MinimumRating(stars=4, soft=True)))
        return self.found

    def _add(self, first: int, last: int, change: Change) -> None:
        self.found.append((first, change))
        for k in range(first, last + 1):
            self.symbols[k].used = True

    def _near(self, k: int) -> tuple[int, Symbol | None, int, Symbol | None]:
        """(place, symbol) of the meaningful neighbours to the left and right."""
        left = next((j for j in left_of(self.symbols, k) if not _idle(self.symbols[j])), -1)
        right = next((j for j in right_of(self.symbols, k) if not _idle(self.symbols[j])), -1)
        return (
            left, self.symbols[left] if left >= 0 else None,
            right, self.symbols[right] if right >= 0 else None,
        )  # fmt: skip

    def _range_of(self, k: int) -> tuple[str, int, int]:
        """("lower", "upper" or "") that the words around a number give it, and their extent."""
        left, before, _, _ = self._near(k)
        if before is not None and before.has("UPPER", "LOWER"):
            upper = before.has("UPPER") != (negated(self.symbols, left) and True)
            return ("upper" if upper else "lower"), left, k
        for j in right_of(self.symbols, k)[:4]:
            symbol = self.symbols[j]
            if symbol.has("OR_MORE") or (symbol.kind == "stop" and symbol.low == "+"):
                return "lower", k, j
            if symbol.has("OR_LESS"):
                return "upper", k, j
            if symbol.kind not in ("word", "phrase", "value") or symbol.has("AND", "BUT"):
                break
        return "", k, k

    def _number(self, k: int, symbol: Symbol) -> None:
        number = symbol.number
        if number is None or symbol.negative:
            return
        follow = self.symbols[k + 1] if k + 1 < len(self.symbols) else None
        plus = follow is not None and follow.low == "+"
        noun_at = k + 2 if plus else k + 1
        noun = self.symbols[noun_at] if noun_at < len(self.symbols) else None
        noun_low = noun.low if noun is not None else ""
        side, first, last = self._range_of(k)
        if plus:
            side, last = "lower", k + 1
        if noun_low.startswith("star") or self._rated(k):
            if number <= 5 and (side != "upper"):
                end = max(last, noun_at if noun_low.startswith("star") else k)
                self._add(first, end, MinimumRating(stars=float(number)))
            return
        if self._group(k, int(number), side):
            return
        if self._count(k, int(number), side, first, noun_low):
            return
        key = fold_phrase(noun_low) if noun is not None and noun.kind != "stop" else ""
        name = self.lexicon.attribute_names.get(key, "")
        if not name and key in _ATTRIBUTE_NOUNS:
            name = noun_low
        if name and noun is not None:
            value = float(number)
            lower = value if side in ("lower", "") else None
            upper = value if side in ("upper", "") else None
            self._add(
                first, max(last, noun_at), LimitAttribute(name=name, lower=lower, upper=upper)
            )

    def _what(self, k: int) -> bool:
        """ "What's on offer" asks for everything there is."""
        return any(self.symbols[j].low.startswith("what") for j in left_of(self.symbols, k)[:3])

    def _rated(self, k: int) -> bool:
        near = [self.symbols[j].low for j in left_of(self.symbols, k)[:4]]
        return any(w in ("rated", "rating", "ratings", "a rating of", "rating of") for w in near)

    def _count(self, k: int, number: int, side: str, first: int, noun: str) -> bool:
        """ "show me 3", "just five options", "at most 4 items"."""
        if not 1 <= number <= 50:
            return False
        symbols = self.symbols
        follow = symbols[k + 1] if k + 1 < len(symbols) else None
        before = (symbols[j] for j in left_of(symbols, k))
        nearest = next((s for s in before if s.low not in _SMALL), None)
        verb = nearest is not None and (
            nearest.low in _COUNT_VERBS or (nearest.has("WISH", "ONLY") and noun in _ITEMS)
        )
        bare = (
            follow is None
            or follow.kind == "stop"
            or follow.low in ("please", "of", "of them", "of these", "more", "only", "max", "tops")
        )
        plural = bool(follow and follow.kind in ("word", "value") and follow.low.endswith("s"))
        if noun in _ITEMS and number > 1 and not noun.endswith("s"):
            return False
        counts = noun in _ITEMS or (verb and bare) or (verb and plural and number <= 12)
        if bare and noun not in _ITEMS and number > 12:
            return False
        if noun == "one" or (follow is not None and follow.low == "more" and noun not in _ITEMS):
            return False
        if (
            not counts
            or (symbols[k].counted not in ("", "one") and noun not in _ITEMS)
            or (not verb and side == "" and noun not in _ITEMS)
        ):
            return False
        end = k + 1 if noun in _ITEMS else k
        lower = number if side in ("", "lower") else None
        upper = number if side in ("", "upper") else None
        self._add(min(first, k), end, CountItems(minimum=lower, maximum=upper))
        return True

    def _group(self, k: int, number: int, side: str) -> bool:
        """ "two of these in blue", "at most one per brand", "two from Nike"."""
        symbols = self.symbols
        ahead = right_of(symbols, k)[:6]
        linked = [symbols[j] for j in ahead]
        per = next((n for n, s in enumerate(linked) if s.low in _EACH), None)
        if per is not None and per <= 3:
            for n, s in enumerate(linked[per : per + 3]):
                for name, attribute in _GROUPS.items():
                    if s.has(name):
                        minimum = 0
                        maximum = None if side == "lower" else number
                        change = LimitGroup(attribute=attribute, minimum=minimum, maximum=maximum)  # type: ignore[arg-type]
                        first = next(
                            (
                                j
                                for j in left_of(symbols, k)[:2]
                                if symbols[j].has("UPPER", "LOWER")
                            ),
                            k,
                        )
                        self._add(first, ahead[per + n], change)
                        return True
        if number > 20 or symbols[k].counted not in ("", "one"):
            return False
        before = symbols[k - 1].low if k else ""
        if before.endswith("of") or before in ("the", "that", "this", "a", "the same", "same"):
            return False  # "pack of 2 in lemon", "the one in gray"
        of = any(s.low in _OF for s in linked[:3])
        ones = len(linked) > 1 and linked[0].kind in ("value", "size") and linked[1].low in _ITEMS
        if not (of or ones):
            return False
        value_at = next((n for n, s in enumerate(linked) if s.kind in ("value", "size")), None)

        if (
            value_at is None
            or value_at > 4
            or any(s.kind in ("word", "stop") for s in linked[:value_at])
        ):
            return False
        symbol = linked[value_at]
        field = "sizes" if symbol.kind == "size" else next(
            (v.field for v in symbol.values if v.field in _SINGULAR), ""
        )  # fmt: skip
        if not field:
            return False
        change = LimitGroup(
            attribute=_SINGULAR[field],  # type: ignore[arg-type]
            value=symbol.size.text if symbol.size else symbol.text,
            minimum=0 if side == "upper" else number,
            maximum=number if side == "upper" else None,
        )
        self._add(k, ahead[value_at], change)
        return True

    def _measure(self, k: int, symbol: Symbol) -> None:
        """ "at least 128 GB", "40-45 inch", "under 2 kg": a range of a measured attribute."""
        size = symbol.size
        if size is None or size.number is None:
            return
        side, first, last = self._range_of(k)
        name = self.lexicon.units.get(size.unit) or UNITS.get(size.unit, "size")
        other = self._other_end(k)
        if other is not None:
            start, low = other
            self._add(
                start, k, LimitAttribute(name=name, lower=low, upper=size.number, unit=size.unit)
            )
        elif side:
            lower = size.number if side == "lower" else None
            upper = size.number if side == "upper" else None
            self._add(
                first,
                max(last, k),
                LimitAttribute(name=name, lower=lower, upper=upper, unit=size.unit),
            )

    def _other_end(self, k: int) -> tuple[int, float] | None:
        """The start of a range before a measure: "40-45 inch", "between 10 and 14 inches"."""
        symbols = self.symbols
        size = symbols[k].size
        if k < 2 or size is None or size.number is None:
            return None
        joint, one = symbols[k - 1], symbols[k - 2]
        if one.kind != "number" or one.used or one.number is None or one.number > size.number:
            return None
        opened = k >= 3 and symbols[k - 3].has("BETWEEN")
        if joint.low in ("-", "to") or (joint.low == "and" and opened):
            return (k - 3 if opened else k - 2), float(one.number)
        return None


def reductions(symbols: Sequence[Symbol]) -> list[tuple[int, Change]]:
    """ "At least 20% off" asks for reduced items; call it when the prices have been read."""
    for k, symbol in enumerate(symbols[:-1]):
        off = symbols[k + 1].has("OFF")
        if symbol.kind == "percent" and off and not symbol.used and not symbols[k + 1].used:
            return [(k, OnSale(value=True))]
    return []


def _idle(symbol: Symbol) -> bool:
    return symbol.kind == "phrase" and symbol.has("FILLER") and not symbol.has(
        "UPPER", "LOWER", "OR_MORE", "OR_LESS", "ONLY", "WISH"
    )  # fmt: skip


def counted_again(symbols: Sequence[Symbol], current: Constraints) -> list[tuple[int, Change]]:
    """ "Make it two", where a number of items stands and two would be no budget."""
    if current.count_max is None and current.count_min is None:
        return []
    content = [s for s in symbols if s.kind not in ("phrase", "stop") and not s.used]
    if len(content) != 1 or content[0].kind != "number" or content[0].currencies:
        return []
    number, base = content[0].number, current.price_upper
    if number is None or not 1 <= number <= 20 or number != int(number):
        return []
    if base is not None and number * 5 >= base:
        return []
    if any(s.has("PRICE", "SPEND", "UPPER", "LOWER", "RAISE", "CUT", "BY") for s in symbols):
        return []
    content[0].used = True
    place = next(k for k, s in enumerate(symbols) if s is content[0])
    least = int(number) if current.count_min is not None else None
    return [(place, CountItems(minimum=least, maximum=int(number)))]
