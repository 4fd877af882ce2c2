"""Letting go and going back: "any colour", "forget the budget", "back to what I said first"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.language.clauses import is_hard_stop, left_of, right_of
from agent.language.lexicon import FIELD_OF
from agent.language.symbols import Symbol
from agent.language.wordsets import words
from tools.changes import Change, Reset, Restore

_NARROWING = words(
    "preference preferences restriction restrictions limit limits requirement requirements "
    "filter filters loyalty constraint constraints"
)


_STEPS = words("step steps change changes turn turns move moves time times message messages stage")
_COUNTS = {"two": 2, "2": 2, "couple": 2, "three": 3, "3": 3, "few": 3, "four": 4, "4": 4}
_LEAVES = re.compile(
    r"(limit |filter )?"
    r"((can|could|may|might|should|must|has to|have to|needs? to|is to|ought to|will|shall)"
    r" (just |also |now |simply )?(go|leave|disappear|vanish|be (gone|removed|dropped|ignored|"
    r"lifted|scrapped|forgotten|deleted|off|out|left out|left off|skipped|relaxed))|"
    r"(goes|is gone|is out|is off|is history|off|gone|away))"
    r"( now| then| too| please| again| away| entirely| completely| altogether| for good)*"
    r"( [.!,;].*)?$"
)
_ENDS = {
    "minimum": "price_lower", "min": "price_lower", "maximum": "price_upper", "max": "price_upper",
}  # fmt: skip
_NOT = words("not no never none neither nor hardly barely least")
_DISMISSING = words("ignore forget drop scrap scratch skip lose disregard ditch bin delete remove")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A reset or a restoration, with its place in the text."""

    place: int
    change: Change


def family_of(symbol: Symbol) -> str | None:
    """The family of limits that a noun names, if it names one."""
    for name, family in FIELD_OF.items():
        if symbol.has(name):
            return family
    return None


class ForgettingReader:
    """Reads resets and restorations from the symbols of one turn."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self.symbols = symbols
        self.found: list[Forgotten] = []
        self.kept: set[str] = set()

    def read(self) -> list[Forgotten]:
        """All of them in the order of the text; families said to be kept are left alone."""
        self._keeping()
        for k, symbol in enumerate(self.symbols):
            if symbol.used or symbol.kind != "phrase":
                continue
            if symbol.has("BACK", "UNDO") and self._steps(k) > 1:
                self._add(k, Restore(to="undo", steps=self._steps(k)))
                continue
            if symbol.has("PRICE_FREE") and not self._asked(k):
                self._add(k, Reset(family="price"))
                continue
            if symbol.has("BRAND_FREE"):
                self._add(k, Reset(family="brands"))
                continue
            family = family_of(symbol) or self._end_of(k)
            if family and family not in self.kept:
                self._noun(k, family)
        nouns = bool(self.found)
        for k, symbol in enumerate(self.symbols):
            if symbol.used or symbol.kind != "phrase":
                continue
            if symbol.has("BACK", "AGAIN", "KEEP") and not nouns:
                self._first_of_all(k)
            elif symbol.has("BACK") and isinstance(self.found[-1].change, Reset):
                self._first_of_it(k, self.found[-1].change)
            elif symbol.has("RESET_ALL") and not self._object(k):
                self._add(k, Reset(family=None))
            if (
                symbol.has("UNDO")
                and not nouns
                and not self._object(k)
                and not self.symbols[k].used
            ):
                if not self._pronoun(k):
                    self._add(k, Restore(to="undo", steps=self._steps(k)))
                nouns = True
        return sorted(self.found, key=lambda f: f.place)

    def _steps(self, k: int) -> int:
        """How many steps "go back two steps", "undo the last three changes", "undo twice" mean."""
        own = self.symbols[k].low.split()
        if k >= 2 and self.symbols[k - 1].low.split()[0] in _STEPS and self._plain_count(k - 2):
            return self._plain_count(k - 2)
        if _STEPS & set(own) or own[-1] in _COUNTS:
            named = next((_COUNTS[w] for w in own if w in _COUNTS), 1)
            if named > 1:
                return named
        for j in right_of(self.symbols, k)[:5]:
            symbol = self.symbols[j]
            if symbol.low in ("twice", "both"):
                return 2
            if symbol.kind == "number" and symbol.number is not None:
                follow = self.symbols[j + 1] if j + 1 < len(self.symbols) else None
                step = follow is not None and follow.low.split()[0] in _STEPS
                return int(symbol.number) if step and 1 <= symbol.number <= 20 else 1
            if symbol.kind != "phrase":
                return 1
        return 1

    def _plain_count(self, k: int) -> int:
        number = self.symbols[k].number
        fits = self.symbols[k].kind == "number" and number is not None and 1 <= number <= 20
        return int(number) if fits and number is not None else 0

    def _pronoun(self, k: int) -> bool:
        """ "The size is just a guess, ignore it": it is what was spoken of, not the last change."""
        verb, _, rest = self.symbols[k].low.partition(" ")
        if verb not in _DISMISSING or rest.split()[-1:] not in (["it"], ["that"], ["them"]):
            return False
        for j in left_of(self.symbols, k)[:10]:
            family = family_of(self.symbols[j])
            if family and family != "all" and not self.symbols[j].used:
                self._add(j, Reset(family=family))  # type: ignore[arg-type]
                self.symbols[k].used = True
                return True
            if self.symbols[j].kind in ("money", "percent", "value"):
                return False
        return False

    def _add(self, k: int, change: Change) -> None:
        self.symbols[k].used = True
        if not any(f.change == change for f in self.found):
            self.found.append(Forgotten(k, change))

    def _keeping(self) -> None:
        """ "Keep the size", "same price": families that are to stay as they are."""
        for k, symbol in enumerate(self.symbols):
            if not symbol.has("KEEP") or symbol.kind != "phrase":
                continue
            for j in right_of(self.symbols, k)[:4]:
                follow = self.symbols[j]
                family = family_of(follow)
                ahead = [self.symbols[n] for n in right_of(self.symbols, j)[:3]]
                if any(s.has("FIRST") for s in ahead):
                    break
                if family and not follow.used:
                    self.kept.add(family)
                    follow.used = True
                elif not follow.has("FILLER", "AND") and not (
                    follow.kind == "stop" and follow.low == ","
                ):
                    break

    def _asked(self, k: int) -> bool:
        """Whether the statement is a question about the shop or an explanation."""
        return any(
            self.symbols[j].has("WH_FACT", "WHY", "COMPARE")
            for j in [*left_of(self.symbols, k), k, *right_of(self.symbols, k)]
        )

    def _segment(self, k: int) -> tuple[list[int], list[int]]:
        """Places before (nearest first) and after `k` up to the next comma or amount."""
        before: list[int] = []
        for j in left_of(self.symbols, k):
            if self.symbols[j].kind in ("stop", "money", "percent"):
                break
            before.append(j)
        after: list[int] = []
        for j in right_of(self.symbols, k):
            if self.symbols[j].kind in ("money", "percent"):
                break
            after.append(j)
        return before, after

    def _noun(self, k: int, family: str) -> None:
        if self._asked(k):
            return
        symbols = self.symbols
        before, after = self._segment(k)
        near = [symbols[j] for j in before[:5]]
        ahead = [symbols[j] for j in after[:7]]
        if self._restores(k, family, before, after):
            return
        if family in ("all",):
            if any(s.has("FORGET") and not s.has("UNDO") for s in near[:3]):
                self._add(k, Reset(family=None))
            return
        if any(s.kind in ("value", "size") and s.used for s in ahead[:3]):
            return
        # "any colour": the noun follows its quantifier, with nothing but small words between.
        for s in near[:4]:
            if s.has("ANY", "FORGET", "NOT_REQUIRED") and not (
                s.has("RAISE") and not s.has("FORGET")
            ):
                excepted = bool(ahead) and ahead[0].has("NO", "BUT", "IRRELEVANT")
                if s.low in ("every", "all") and not excepted and not self._free_all(k):
                    return
                if family.startswith("price") and self._moved(k):
                    return
                if family == "price" and s.low in ("reduce", "relax", "loosen", "cut"):
                    return
                self._reset(k, family)
                return
            if s.has("IRRELEVANT") and " any" in f" {s.low}":
                self._reset(k, family)
                return
            if s.low.endswith(" all") and family == "price":
                self._reset(k, family)
                return
            if _NARROWING & set(symbols[k].low.split()) and s.has("NO", "NEG"):
                self._reset(k, family)
                return
            if s.has("IRRELEVANT") and s.low.startswith(("i dont", "dont", "who cares")):
                self._reset(k, family)
                return
            if s.low in ("no", "without", "without a", "without any", "not a", "no more"):
                preference = "preference" in symbols[k].low or any(
                    x.has("LIMIT") or x.low in ("preference", "preferences") for x in ahead[:2]
                )
                if family in ("price", "price_upper", "price_lower") or preference:
                    self._reset(k, family)
                return
            if not s.has(
                "FILLER",
                "AND",
                "LIMIT",
                "F_COLORS",
                "F_BRANDS",
                "F_SIZES",
                "PRICE",
                "SET",
                "PREVIOUS",
                "FIRST",
            ):
                break
        answer = symbols[k + 1 : k + 3]
        if (
            len(answer) == 2
            and answer[0].kind == "stop"
            and answer[1].has("ANY", "IRRELEVANT", "F_ALL")
        ):
            self._reset(k, family)
            return
        taken = any(s.low in ("take", "taking", "took") for s in near[:3])
        if taken and any(s.has("OFF") or s.low in ("out", "away") for s in ahead[:2]):
            self._reset(k, family)
            return
        sentence = " ".join(s.low for s in self.symbols[k + 1 : k + 7])
        if _LEAVES.match(sentence) or self._unwanted(k, family):
            self._reset(k, family)
            return
        stop = False
        for s in ahead:
            if s.has("IRRELEVANT") or (s.has("ANY") and s.low.startswith(("whatever", "any"))):
                self._reset(k, family)
                return
            if s.kind == "stop" and s.low == ",":
                stop = True
                continue
            if not s.has("FILLER", "AND", "LIMIT", "NEG", "THIS") and not family_of(s):
                break
            if stop:
                break

    def _end_of(self, k: int) -> str | None:
        """ "No minimum", "drop the maximum": the word alone names an end of the price range."""
        family = _ENDS.get(self.symbols[k].low)
        follow = self.symbols[k + 1] if k + 1 < len(self.symbols) else None
        opens = follow is not None and follow.kind in ("money", "number", "size", "word", "value")
        return None if opens else family

    def _unwanted(self, k: int, family: str) -> bool:
        """A negation in a statement about colour, brand or size that names none of them.

        "Colour is not something I worry about", "I never look at the label": there is nothing to
        refuse, so it is the limit itself that is let go of. A question lets go of nothing.
        """
        if family not in ("colors", "brands", "sizes"):
            return False
        places = [*left_of(self.symbols, k), *right_of(self.symbols, k)]
        others = [self.symbols[j] for j in places]
        if any(s.kind in ("value", "size", "money", "percent") for s in others):
            return False
        if any(
            s.has("LIKING", "KEEP", "WISH", "ONLY", "FIRST", "PREVIOUS", "BACK") for s in others
        ):
            return False
        end = next((s.low for s in self.symbols[k:] if is_hard_stop(s)), "")
        return end != "?" and any(s.has("NEG", "IRRELEVANT") or s.low in _NOT for s in others)

    def _moved(self, k: int) -> bool:
        """ "drop the budget by £20": the verb moves the limit, it does not lift it."""
        for s in self.symbols[k + 1 : k + 4]:
            if s.kind == "stop":
                break
            if s.kind in ("money", "percent", "number") and s.used:
                return True
        return False

    def _free_all(self, k: int) -> bool:
        """ "All brands" lets go of the brand when it is all that is said of it."""
        words = [s for s in self.symbols if s.kind in ("word", "value")]
        return not words

    def _reset(self, k: int, family: str) -> None:
        self._add(k, Reset(family=family))  # type: ignore[arg-type]
        # In "forget the colour and the brand" the verb reaches every noun of the list.
        for j in right_of(self.symbols, k)[:6]:
            other = family_of(self.symbols[j])
            if other and other not in self.kept and other != "all" and not self.symbols[j].used:
                between = self.symbols[k + 1 : j]
                if all(s.has("AND", "FILLER", "ANY") or s.kind == "stop" for s in between):
                    self._add(j, Reset(family=other))  # type: ignore[arg-type]

    def _restores(self, k: int, family: str, before: list[int], after: list[int]) -> bool:
        symbols = self.symbols
        near = [symbols[j] for j in [*before[:6], *after[:6]]]
        close = [symbols[j] for j in [*self._own(before[:4]), *self._own(after[:7])]]
        first = any(s.has("FIRST") for s in close)
        previous = any(s.has("PREVIOUS") for s in close)
        if not (first or previous):
            return False
        forget = any(
            symbols[j].has("FORGET") and not symbols[j].has("UNDO", "BACK") for j in before[:3]
        )
        if forget and any(symbols[j].has("FIRST", "PREVIOUS") for j in before[:2]):
            return False
        asks = any(s.has("BACK", "AGAIN", "UNDO", "SET", "KEEP", "WISH", "ONLY") for s in near)
        asks = asks or any(symbols[j].low.startswith(("reset", "set")) for j in before[:4])
        short = not any(s.kind in ("word", "value", "money", "size") for s in near)
        if not (asks or short):
            return False
        if symbols[k].used:
            return False
        target = None if family == "all" else "price" if family.startswith("price") else family
        to = "first" if first else "undo"
        self._add(k, Restore(to=to, family=target))  # type: ignore[arg-type]
        for s in near:
            if s.has("UNDO", "BACK", "FIRST", "FORGET"):
                s.used = True
        return True

    def _first_of_it(self, k: int, reset: Reset) -> None:
        """ "Forget the new budget, go back to the first one": "one" is what was spoken of."""
        nearby = [self.symbols[j] for j in right_of(self.symbols, k)[:3]]
        if any(s.has("FIRST") for s in nearby):
            self._add(k, Restore(to="first", family=reset.family))

    def _own(self, places: list[int]) -> list[int]:
        """Places up to the next noun of a family: what lies beyond speaks of something else."""
        for n, j in enumerate(places):
            if family_of(self.symbols[j]):
                return places[:n]
        return places

    def _first_of_all(self, k: int) -> None:
        """ "Back to what I said first", without a noun: everything."""
        after = right_of(self.symbols, k)[:7]
        nearby = [self.symbols[j] for j in after]
        if any(s.kind in ("money", "value", "size", "number") for s in nearby):
            return
        if any(family_of(s) for s in nearby):
            return
        spoken = any(
            s.has("SPEND", "TO_SPEND") or s.low in ("number", "sum", "amount") for s in nearby
        )
        to = None
        if self.symbols[k].has("BACK"):
            pointed = bool(nearby) and nearby[0].has("THIS")
            if pointed and any(s.has("FIRST") for s in self.symbols[:k]):
                self._add(k, Restore(to="first"))  # "what did I say first? go back to that"
                return
            to = "first" if any(s.has("FIRST") for s in nearby) else None
            if to is None and any(s.has("PREVIOUS") for s in nearby):
                to = "undo"
        if to is not None:
            self._add(k, Restore(to=to, family="price" if spoken else None))  # type: ignore[arg-type]
            for s in nearby:
                if s.has("UNDO", "BACK"):
                    s.used = True

    def _object(self, k: int) -> bool:
        """Whether a verb of forgetting has an object of its own, which another rule reads."""
        for j in right_of(self.symbols, k)[:4]:
            symbol = self.symbols[j]
            if is_hard_stop(symbol) or symbol.kind == "stop":
                return False
            if family_of(symbol) or symbol.kind in ("value", "size", "money"):
                return True
            if not symbol.has("FILLER"):
                return False
        return False
