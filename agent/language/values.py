"""Which values a turn asks for, refuses, adds or lets go of, by the words that govern them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.language.clauses import is_hard_stop, left_of, right_of
from agent.language.mentions import Mention, Mode
from agent.language.symbols import Symbol
from agent.language.value_choice import FIELD_CLASS, ValueChoice
from agent.language.vocabulary import Lexicon, VocabularyLike
from agent.language.wordsets import words

_REFUSING = (
    "dont",
    "do not",
    "doesnt",
    "never",
    "cant",
    "hate",
    "avoid",
    "nothing",
    "not interested",
)
MAX_LOOKUPS = 8
"""How many unknown words of one turn are looked up for a misspelling."""
MAX_VALUE = 60
"""Longest value in characters; anything longer is no size, colour or brand."""
_MATERIALS = words(
    "cotton leather wool silk linen polyester denim suede velvet bamboo wood wooden metal "
    "steel plastic glass ceramic rubber nylon cashmere satin fleece canvas titanium "
    "aluminium aluminum waterproof wireless organic vegan"
)

_UNNEEDED = words(
    "important matter matters necessary required needed relevant essential must compulsory "
    "mandatory irrelevant optional immaterial priority requirement unimportant"
)
_PARTICIPLES = words(
    "made produced manufactured branded sold coloured colored labelled called named designed "
    "dyed painted anything something things stuff ones"
)
_EXCLUDED = (
    "excluded",
    "omitted",
    "removed",
    "left out",
    "banned",
    "barred",
    "ruled out",
    "exempt",
)
_GOES = re.compile(
    r"(one |ones |thing |option |requirement |part |colour |brand )?"
    r"(can|could|may|should|must|has to|needs to) (now )?(go|be (dropped|removed|ignored|left out))"
    r"( now| then| too| please)*( [.!,;].*)?$"
)
"""What follows a wish that may go."""
_DISOWNED = re.compile(
    r"(isnt|is not|wasnt|was not|arent|are not|aint) (really |quite |exactly |actually )?"
    r"(what|it\b|for (me|us)|right|my (thing|taste|style|color|colour)|the one|doing it|working)"
)
"""What follows a value that turned out wrong: "teal isn't what I want"."""
_PARTICLES = words("out off away")
_TAKERS = words("take taking leave leaving rule cut knock kick throw cross weed filter count chuck")
_NO_NAMES = words("nan inf infinity null none undefined nil")


class ValueReader(ValueChoice):
    """Reads the values of one turn from its symbols."""

    def __init__(
        self,
        symbols: Sequence[Symbol],
        lexicon: Lexicon,
        vocabulary: VocabularyLike,
        *,
        follow_up: bool,
    ) -> None:
        super().__init__(symbols, lexicon, follow_up=follow_up)
        self.vocabulary = vocabulary
        self.mentions: list[Mention] = []
        self.looked_up = 0

    def read(self) -> list[Mention]:
        """All mentions in the order of the text; their symbols are marked as used."""
        mode: Mode = "want"
        soft = False
        swapping = False
        for k, symbol in enumerate(self.symbols):
            if symbol.kind == "stop":
                if is_hard_stop(symbol) or not self._listing(k, mode):
                    mode, swapping = "want", False
                    soft = soft and not is_hard_stop(symbol)
                continue
            if symbol.kind == "phrase":
                if symbol.has("SWAP") and self._swaps(k):
                    mode, swapping = "drop", True
                elif swapping and symbol.has("FOR"):
                    mode, swapping = "want", False
                else:
                    mode = self._mode(k, symbol, mode)
                soft = soft or symbol.has("SOFT")
                continue
            if symbol.used:
                continue
            mention = self._mention(k, symbol, mode, soft)
            if mention is not None:
                symbol.used = True
                self.mentions.append(mention)
            elif mode == "exclude" and symbol.kind == "word" and not self._reaches_on(k):
                mode = "want"
        self._settle_categories()
        return self.mentions

    # -- what governs a value ---------------------------------------------------------------

    def _reaches_on(self, k: int) -> bool:
        """Whether a negation goes on behind a word: "I don't want shoes from Nike".

        In "shoes without laces in black" it ends with the thing that is not wanted.
        """
        if self.symbols[k].low in _PARTICIPLES:
            return True
        follow = self.symbols[k + 1] if k + 1 < len(self.symbols) else None
        linked = follow is not None and follow.low in ("from", "by", "in", "made by", "or", "and")
        verbs = (self.symbols[j] for j in left_of(self.symbols, k)[:3])
        return linked and any(s.has("NO") and s.low.startswith(_REFUSING) for s in verbs)

    def _listing(self, k: int, mode: Mode) -> bool:
        """Whether a comma goes on with the list that a negation or "only" governs."""
        if mode == "want" or self.symbols[k].low not in ",":
            return False
        if (
            mode == "exclude"
            and k == 1
            and self.symbols[0].low in ("no", "nope", "nah", "not that")
        ):
            return False  # "no, blue" corrects what was said before
        for j in range(k + 1, min(k + 4, len(self.symbols))):
            symbol = self.symbols[j]
            if symbol.kind in ("value", "size"):
                if mode == "exclude" and self._just_not(k) and j == k + 1:
                    ahead = self.symbols[j + 1] if j + 1 < len(self.symbols) else None
                    if ahead is None or is_hard_stop(ahead):
                        return False
                rest = self.symbols[j + 1] if j + 1 < len(self.symbols) else None
                return rest is None or not rest.has("INSTEAD", "ADD_AFTER", "ONLY_AFTER")
            if not symbol.has("AND", "FILLER"):
                return False
        return False

    def _just_not(self, k: int) -> bool:
        """ "not Nike, Adidas": one value refused with a plain "not", then another one named."""
        return k >= 2 and self.symbols[k - 2].low == "not"

    def _swaps(self, k: int) -> bool:
        ahead = right_of(self.symbols, k)[:5]
        return any(self.symbols[j].kind in ("value", "size") for j in ahead[:2]) and any(
            self.symbols[j].has("FOR") for j in ahead
        )

    def _mode(self, k: int, symbol: Symbol, mode: Mode) -> Mode:
        if symbol.has("NOT_REQUIRED"):
            ahead = [self.symbols[j] for j in range(k + 1, min(k + 8, len(self.symbols)))]
            more = any(s.has("ADD", "ADD_AFTER") for s in ahead)
            return "add" if symbol.low in ("not just", "not only") and more else "drop"
        if symbol.has("ONLY"):
            return "only"
        if symbol.has("INSTEAD_OF") and not symbol.has("NO"):
            return "exclude" if symbol.low in ("and not", "but not") else "drop"
        if symbol.low == "over" and 0 < k < len(self.symbols) - 1:
            # "Adidas over Nike" says what is preferred to what.
            both = (self.symbols[k - 1], self.symbols[k + 1])
            return "drop" if all(s.kind == "value" for s in both) else mode
        if symbol.has("NO") and symbol.has("FORGET"):
            return "forget"
        if symbol.has("NO") or symbol.low in ("no", "not"):
            return "exclude"
        if symbol.has("FORGET"):
            return "forget"
        if symbol.has("ADD") and not symbol.has("BUT"):
            return "add"
        if symbol.low == "but" and self._all_but(k):
            return "exclude"
        if symbol.has("BUT"):
            return "add" if symbol.low in ("also", "and also", "oh and") else "want"
        if symbol.has("WISH", "SET", "CORRECT", "RAISE") and not symbol.has("FILLER", "AND"):
            keeps = mode == "only" and symbol.has("WISH")
            return mode if keeps else "want"
        if symbol.has("AND") and symbol.low == "or" and k == 0:
            return "add"
        return mode

    def _all_but(self, k: int) -> bool:
        """ "any brand but Sony", "every colour but red"."""
        before = [self.symbols[j] for j in range(max(0, k - 3), k)]
        free = any(s.has("ANY", "IRRELEVANT") or s.low in ("any", "all", "every") for s in before)
        kinds = any(v.field == "categories" for s in before for v in s.values)
        return free and (kinds or any(s.has(*FIELD_CLASS) for s in before))

    def _after(self, k: int, mode: Mode) -> Mode:
        """What stands behind a value can change its sense: "Nike only", "red too"."""
        if self._taken_out(k):
            return "forget"
        behind = " ".join(s.low for s in self.symbols[k + 1 : k + 5])
        if mode == "want" and (_GOES.match(behind) or (self.follow_up and _DISOWNED.match(behind))):
            return "drop"
        if k + 1 < len(self.symbols) and mode == "want" and self.symbols[k + 1].low == "also":
            return "add"
        linked = False
        for j in right_of(self.symbols, k)[:4]:
            symbol = self.symbols[j]
            if symbol.kind == "value" and linked:
                continue  # "red and grey are good also" says it of both
            linked = symbol.has("AND")
            if symbol.has("ONLY_AFTER") and mode in ("want", "only") and self._ends(j, symbol):
                return "only"
            if symbol.has("ADD_AFTER") and mode in ("want", "add"):
                return "add"
            if symbol.low in _EXCLUDED and mode in ("want", "add"):
                return "exclude"
            if symbol.has("IRRELEVANT") and _UNNEEDED & set(symbol.low.split()):
                return "drop" if mode in ("want", "add") else mode
            if symbol.kind == "stop" or not symbol.has("FILLER", "F_COLORS", "F_BRANDS", "AND"):
                break
        return mode

    def _taken_out(self, k: int) -> bool:
        """ "Take Nike out", "leave the red ones off": the two halves of the verb stand apart."""
        ahead = [self.symbols[j].low for j in right_of(self.symbols, k)[:3]]
        particle = next((w for w in ahead if w.split()[0] in _PARTICLES), "")
        if not particle or any(w in ahead for w in (",", ".")):
            return False
        before = [self.symbols[j].low.split()[0] for j in left_of(self.symbols, k)[:3]]
        return any(w in _TAKERS for w in before)

    def _ends(self, j: int, symbol: Symbol) -> bool:
        """Whether "only" belongs to what stands before it, as in "Nike only"."""
        ahead = right_of(self.symbols, j)[:1]
        if symbol.low != "only" or not ahead:
            return True
        follow = self.symbols[ahead[0]]
        return follow.kind == "stop" or follow.has("FILLER", "BUT", "ADD", "AND")

    # -- values -----------------------------------------------------------------------------

    def _mention(self, k: int, symbol: Symbol, mode: Mode, soft: bool) -> Mention | None:
        if symbol.kind == "size" and symbol.size is not None:
            return self._size(k, symbol, self._after(k, mode), soft)
        if symbol.kind == "value":
            chosen = self._choose(k, symbol, mode)
            if chosen is None:
                return None
            if mode == "exclude" and chosen.field == "categories" and self._specified(k):
                return None
            after = self._after(k, mode)
            word = self.lexicon.without_possessive(symbol.text)
            return Mention(k, chosen.field, word, after, soft, chosen.name)
        if symbol.kind == "word":
            return self._unknown(k, symbol, mode, soft)
        return None

    def _size(self, k: int, symbol: Symbol, mode: Mode, soft: bool) -> Mention | None:
        size = symbol.size
        assert size is not None
        if self._of_another(k, symbol):
            return None
        word = " ".join(size.text.split())
        if len(word) > MAX_VALUE:
            return None
        if size.unit and not size.named:
            name = self.lexicon.units.get(size.unit, "")
            return Mention(
                k, "attributes" if name else "sizes", word, mode, soft, name, size.number, size.unit
            )
        return Mention(k, "sizes", word, mode, soft)

    def _unknown(self, k: int, symbol: Symbol, mode: Mode, soft: bool) -> Mention | None:
        """A word that no list knows, where the talk asks for a brand; it is kept as typed."""
        if not 2 <= len(symbol.low) <= MAX_VALUE or not symbol.low[0].isalpha():
            return None
        if symbol.low in _NO_NAMES:  # an empty field of some program, not a brand
            return None
        cue = self._cue(k)
        end = k + 1
        while symbol.capital and end < len(self.symbols) and self._named_on(end):
            end += 1
        follow = self.symbols[end] if end < len(self.symbols) else None
        plain = follow is None or follow.kind in ("stop", "phrase")
        before = self.symbols[k - 1] if k else None
        field, word = self._misspelt(k, mode, cue)
        if field:
            return Mention(k, field, word, self._after(k, mode), soft)
        if symbol.low in _MATERIALS and mode in ("only", "exclude") and plain:
            name = "material" if symbol.low not in ("waterproof", "wireless") else "feature"
            return Mention(k, "attributes", symbol.text, mode, soft, name)
        if (
            follow is not None
            and follow.low in ("only", "exclusively", "alone")
            and symbol.text[0].isupper()
            and self._brand_like(k)
        ):
            return Mention(k, "brands", symbol.text, "only", soft)  # "Asics only please"
        free = k >= 2 and self.symbols[k - 2].has("ANY", "NO", "NEG", "FORGET")
        labelled = before is not None and before.has("F_BRANDS") and not free
        if before is not None and before.has("PRICE") and not symbol.capital:
            return None  # "all price levels"
        labelled = labelled and not (before is not None and before.low == "makes")
        if cue == "brands" and (symbol.capital or (labelled and plain)):
            pass
        elif (
            cue == "colors"
            and before is not None
            and before.has("F_COLORS")
            and not before.low.endswith("ing")
            and plain
            and not (k >= 2 and (self.symbols[k - 2].has("ANY") or self._colors(k - 2)))
        ):
            return Mention(k, "colors", symbol.text, mode, soft)
        elif (mode == "only" and plain and (symbol.capital or self._brand_like(k))) or (
            symbol.capital
            and plain
            and self.follow_up
            and (mode in ("exclude", "add", "drop", "forget") or self._alone_but(k))
        ):
            pass
        else:
            return None
        return Mention(k, "brands", self._name(k), self._after(k, mode), soft)

    def _colors(self, k: int) -> bool:
        """Whether a colour is named: "a grey coloured coat" has it before the word for colour."""
        return any(value.field == "colors" for value in self.symbols[k].values)

    def _named_on(self, k: int) -> bool:
        return self.symbols[k].kind == "word" and self.symbols[k].capital

    def _misspelt(self, k: int, mode: Mode, cue: str) -> tuple[str, str]:
        """(field, word) where the shop knows a word spelled nearly like this one; else nothing.

        It is looked for only where the talk asks for a value, and names of things are left alone.
        The word is kept as typed where the vocabulary can match it.
        """
        low = self.symbols[k].low
        slot = mode != "want" or cue in ("brands", "colors", "sizes", "in") or self._alone_but(k)
        if len(low) < 4 or not self.follow_up or not slot or self.looked_up >= MAX_LOOKUPS:
            return "", ""
        self.looked_up += 1
        fields = (cue,) if cue in ("brands", "colors", "sizes") else ("colors", "brands")
        for field in fields:
            near: Sequence[str]
            if len(low) == 4:
                near = [v for v in getattr(self.vocabulary, field) if _swapped(low, v.casefold())]
            else:
                # Nobody mistypes the first letter: "weather" is no heather.
                near = [v for v in self.vocabulary.match(field, low) if v[:1].casefold() == low[0]]
            if near:
                return field, near[0] if len(low) == 4 else self.symbols[k].text
        return "", ""

    def _brand_like(self, k: int) -> bool:
        """Whether a lower-case unknown word after "only" can be a brand: nothing else is asked."""
        symbol = self.symbols[k]
        if symbol.low.endswith(("ing", "ed", "able", "less", "proof", "free", "y")):
            return False
        return self.follow_up and self._alone_but(k)

    def _alone_but(self, k: int) -> bool:
        around = [*left_of(self.symbols, k), *right_of(self.symbols, k)]
        own = self.symbols[k].capital
        return not any(
            self.symbols[j].kind in ("word", "value") and not (own and self.symbols[j].capital)
            for j in around
        )

    def _name(self, k: int) -> str:
        """A name of several capitalised words: "Ben Sherman"."""
        words = [self.symbols[k].text]
        j = k + 1
        while j < len(self.symbols) and self._named_on(j) and len(words) < 4:
            words.append(self.symbols[j].text)
            self.symbols[j].used = True
            j += 1
        return " ".join(words)

    def _settle_categories(self) -> None:
        """Of several categories in one phrase the head counts: "dress shoes" are shoes."""
        kept: list[Mention] = []
        for mention in self.mentions:
            last = kept[-1] if kept else None
            if (
                mention.field == "categories"
                and last is not None
                and last.field == "categories"
                and mention.mode == last.mode == "want"
            ):
                between = self.symbols[last.place + 1 : mention.place]
                if all(s.kind in ("word", "value") for s in between):
                    kept[-1] = mention
                    continue
                if not any(s.has("AND") for s in between):
                    continue
            kept.append(mention)
        self.mentions[:] = kept


def _swapped(one: str, other: str) -> bool:
    """Whether two words of four letters differ by two neighbours swapped within them."""
    return len(other) == 4 and one != other and one[0] == other[0] and sorted(one) == sorted(other)
