"""Whether a word of the vocabulary means its value here: the colour wine, or the drink."""

from __future__ import annotations

from collections.abc import Sequence

from agent.language.brands import COMMON_WORDS
from agent.language.clauses import left_of, right_of
from agent.language.mentions import Mode
from agent.language.symbols import Symbol
from agent.language.vocabulary import Lexicon, Value, fold_word
from agent.language.wordsets import words

_ORDER = ("colors", "brands", "sizes", "categories", "attributes")
FIELD_CLASS = {
    "F_COLORS": "colors",
    "F_BRANDS": "brands",
    "F_SIZES": "sizes",
    "F_CATEGORIES": "categories",
}
_JEWELLERY = words(
    "ring rings necklace necklaces earring earrings bracelet bracelets chain chains pendant "
    "watch watches jewelry jewellery stud studs hoop hoops nitrate plated band bands filled"
)
_COLOR_NAMES = words("shade color colour colors colours tone hue colorway")
"""Names under which shops keep colours among the details."""
_FOR_ANOTHER = words("for with my fits fit compatible like replacement replaces of")
_FOLLOWS_PRODUCT = frozenset(("compatible", "fits", "fit"))


class ValueChoice:
    """Chooses among the readings of a value by the words around it."""

    def __init__(self, symbols: Sequence[Symbol], lexicon: Lexicon, *, follow_up: bool) -> None:
        self.symbols = symbols
        self.lexicon = lexicon
        self.follow_up = follow_up

    def _cue(self, k: int) -> str:
        """The field that the words around a value name: "in", "by", "brand", "colour"."""
        symbols = self.symbols
        for j in [*left_of(symbols, k)[:3]]:
            symbol = symbols[j]
            for name, field in FIELD_CLASS.items():
                if symbol.has(name):
                    return field
            if symbol.low in ("by", "from", "made by", "from by"):
                return "brands"
            if symbol.low in ("in", "in a", "in the") or symbol.low.endswith(" in"):
                return "in"
            if symbol.kind == "stop" and symbol.low not in ":":
                break
            if not (symbol.has("FILLER", "AND") or symbol.kind in ("stop", "value")):
                break
        ahead = k + 1
        if ahead < len(symbols):
            for name, field in FIELD_CLASS.items():
                if symbols[ahead].has(name):
                    return field
        return ""

    def _choose(self, k: int, symbol: Symbol, mode: Mode) -> Value | None:
        cue = self._cue(k)
        values = list(symbol.values)
        if cue in _ORDER:
            named = [v for v in values if v.field == cue]
            if named:
                return named[0]
        rank = {name: place for place, name in enumerate(_ORDER)}
        if symbol.capital:
            rank["brands"] = -1
        for value in sorted(values, key=lambda v: rank[v.field]):
            if value.field == "attributes" and value.name.casefold() in _COLOR_NAMES:
                return value._replace(field="colors", name="")
            if self._fits(k, symbol, value, mode, cue):
                return value
        return None

    def _fits(self, k: int, symbol: Symbol, value: Value, mode: Mode, cue: str) -> bool:
        symbols = self.symbols
        before = symbols[k - 1] if k else None
        if value.field == "brands":
            if not value.sure and cue != "brands":
                # A name known elsewhere: in a first wish it may be part of the thing itself.
                named = self.follow_up or mode in ("only", "exclude") or self._made_by(k)
                if not named or (symbol.low in COMMON_WORDS and not symbol.capital):
                    return False
            if before is not None and before.low in ("for", "with", "my") and not self.follow_up:
                prior = symbols[k - 2] if k > 1 else None
                if before.low == "for" or (prior is not None and prior.low in _FOLLOWS_PRODUCT):
                    return False
            if before is not None and before.low in _FOLLOWS_PRODUCT:
                return False
            if symbol.low in COMMON_WORDS and not symbol.capital:
                return cue == "brands" or mode in ("only", "exclude") or self._alone(k)
            return True
        if value.field == "colors":
            return self._is_color(k, value, mode, cue)
        if value.field == "attributes":
            return len(symbol.low) >= 4 and not symbol.low.isdigit()
        if value.field == "sizes" and self._of_another(k, symbol):
            return False
        if value.field == "sizes":
            return len(symbol.low) > 1 or cue in ("sizes", "in")
        return True

    def _made_by(self, k: int) -> bool:
        """ "Nike trainers": a name with a capital right before the thing that is wished for."""
        symbol = self.symbols[k]
        if not symbol.text[:1].isupper() or symbol.low in COMMON_WORDS:
            return False
        near = [self.symbols[j].low for j in left_of(self.symbols, k)[:3]]
        if any(w in _FOR_ANOTHER for low in near for w in low.split()):
            return False  # "a case for an Apple phone"
        follow = self.symbols[k + 1] if k + 1 < len(self.symbols) else None
        return follow is not None and follow.kind in ("word", "value")

    def _is_color(self, k: int, value: Value, mode: Mode, cue: str) -> bool:
        symbol = self.symbols[k]
        before = self.symbols[k - 1] if k else None
        after = self.symbols[k + 1] if k + 1 < len(self.symbols) else None
        if after is not None and after.low in ("and white film", "out", "hat", "friday", "market"):
            return False
        if symbol.low in ("gold", "silver", "platinum", "bronze", "steel"):
            ahead = [self.symbols[j].low for j in right_of(self.symbols, k)[:3]]
            metal = before is not None and before.low in ("stainless", "sterling", "solid", "kt")
            if metal or (cue not in ("colors", "in") and set(ahead[:1]) & _JEWELLERY):
                return False
        if before is not None and before.low == "stainless":
            return False
        if value.sure:
            return True
        if (
            before is not None
            and before.low == ","
            and k > 1
            and self.symbols[k - 2].kind == "size"
        ):
            return True  # "in large, cream"
        if cue in ("colors", "in"):
            return True
        asked = mode in ("only", "exclude", "add", "drop")
        if (asked and (after is None or after.kind != "word")) or self._alone(k):
            return True
        if self.follow_up and after is not None and after.has("INSTEAD", "ADD_AFTER"):
            return True
        linked = self._joined(k - 1, k - 2) or self._joined(k + 1, k + 2)
        key = tuple(fold_word(w) for w in symbol.low.split())
        garment = after is not None and any(v.field == "categories" for v in after.values)
        return linked or (key in self.lexicon.shop_colors and garment)

    def _joined(self, link: int, other: int) -> bool:
        """Whether "and" or a stroke joins a value to another colour: "wine and cream"."""
        if not (0 <= link < len(self.symbols) and 0 <= other < len(self.symbols)):
            return False
        joint, value = self.symbols[link], self.symbols[other]
        joins = joint.has("AND") or joint.low in ("/", ",", "&")
        return joins and any(v.field == "colors" and v.sure for v in value.values)

    def _alone(self, k: int) -> bool:
        """Whether the statement holds nothing else that could be a product."""
        around = [*left_of(self.symbols, k), *right_of(self.symbols, k)]
        return self.follow_up and not any(
            self.symbols[j].kind in ("word",) for j in around if not self.symbols[j].used
        )

    def _of_another(self, k: int, symbol: Symbol) -> bool:
        """Whether a size belongs to what the product is for: "desk for small spaces"."""
        symbols = self.symbols
        after = symbols[k + 1] if k + 1 < len(symbols) else None
        before = symbols[k - 1] if k else None
        plain = symbol.low in ("small", "medium", "large", "long", "short", "extra large")
        if after is not None and after.low in ("sleeve", "sleeves", "sleeved"):
            return True
        return (
            plain
            and before is not None
            and before.low == "for"
            and after is not None
            and after.kind in ("word", "value")
        )

    def _specified(self, k: int) -> bool:
        """ "I don't want shoes from Nike" refuses Nike, not shoes."""
        ahead = self.symbols[k + 1 : k + 3]
        return (
            len(ahead) == 2
            and ahead[0].low in ("from", "by", "in", "made by")
            and ahead[1].kind in ("value", "size")
        )
