"""The eight-category summary of a session, judged fact by fact against a written gold.

The rubric. The gold text of a category is cut into facts: each price, brand, star value and count
is one; elsewhere each part between commas and semicolons is one. A fact is right when

- lowest and highest price: the amount that the summary states first is an accepted one;
- brands: the name appears;
- reviews: the star value or count appears, whatever the words around it; where the gold text only
  says that there are none, saying nothing is right too;
- comparisons: something is said where something was compared;
- elsewhere: every number of the part appears (a percentage may lie within a stated range), and at
  least half of its content words do, up to one slip in a long word, another name of the same
  colour, kind of product or basket; what stands before a colon is the subject and no fact;
- "not available": the summary says so too.

A claim is a price, brand, star value or percentage that the summary states. It is invented when
neither the gold text nor any label of the session's pictures holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from evals.cases import SessionGold
from evals.scorers.base import Figure, Judgement, Scorer
from evals.scorers.words import close_kinds, close_names, fold
from evals.traces import SessionTrace
from tools.colors import basic_color
from tools.preferences import CATEGORIES, NOT_AVAILABLE, Category

# A run of digits that may hold grouping marks, and a decimal part.
_NUMBER = re.compile(r"\d[\d.,'\u00a0\u202f]*\d|\d")
_SHARES = re.compile(r"(\d+)\s*(?:to|-|–)\s*(\d+)\s*%")
_BASKET = frozenset({"cart", "basket", "bag", "trolley"})
_STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and the of in on or for with by to from at is are was were it its be been as into "
        "per opened shown seen listed list put also offered other some several two three all one "
        "each bought compared results up show shows showing",
    )
)


def read_numbers(text: str) -> list[Decimal]:
    """The numbers of a text in order: "1,349.99", "60,36", "1.299,00", "12 498" and plain ones."""
    return list(_numbers(text))


@lru_cache(maxsize=50_000)
def _numbers(text: str) -> tuple[Decimal, ...]:
    return tuple(_number(match.group()) for match in _NUMBER.finditer(text))


def _number(token: str) -> Decimal:
    token = re.sub(r"['\u00a0\u202f]", "", token).rstrip(".,")
    last = max(token.rfind(","), token.rfind("."))
    if last < 0:
        return Decimal(token)
    mark, tail = token[last], token[last + 1 :]
    whole = re.sub(r"[.,]", "", token[:last])
    # Three digits after the only kind of mark are a group ("12,498"), unless it is ".5"-like.
    grouped = len(tail) == 3 and (mark == "," or token.count(mark) > 1)
    return Decimal(whole + tail) if grouped else Decimal(f"{whole}.{tail}")


def _parts(text: str) -> list[str]:
    text = re.sub(r"(^|;)[^;:]*:\s", r"\1", text)
    parts = re.split(r";\s*|,\s+|\s+and\s+|\(|\)|/(?=\D)", text)
    return [part.strip() for part in parts if _content(part) or read_numbers(part)]


def _spelled(text: str) -> list[str]:
    """Folded words, numbers apart from their units: "120Hz" and "120 Hz" are the same."""
    return re.sub(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)", " ", fold(text)).split()


def _content(text: str) -> list[str]:
    return [w for w in _spelled(text) if w not in _STOP and len(w) > 1 and not w.isdigit()]


def _said_text(category: Category) -> str:
    return " | ".join([category.text, *category.values]) if category.available else ""


def _holds(part: str, said: str) -> bool:
    numbers = set(read_numbers(said))
    shares = [(Decimal(a), Decimal(b)) for a, b in _SHARES.findall(said)] if "%" in part else []
    for number in read_numbers(part):
        if number not in numbers and not any(low <= number <= high for low, high in shares):
            return False
    words = _content(part)
    heard = _spelled(said)
    return 2 * sum(_heard(word, heard) for word in words) >= len(words)


def _heard(word: str, heard: list[str]) -> bool:
    from rapidfuzz.fuzz import ratio

    if word in heard or (word in _BASKET and not _BASKET.isdisjoint(heard)):
        return True
    color = basic_color(word)
    return any(
        (len(word) >= 5 and ratio(word, other) >= 85)
        or close_kinds(word, other)
        or (color is not None and basic_color(other) == color)
        for other in heard
    )


class _Page:
    """Everything that may be claimed about a session without inventing it."""

    def __init__(self, gold: SessionGold) -> None:
        entries = [e for p in gold.pictures for e in (*p.products, *p.clipped)]
        offers = " | ".join(o for p in gold.pictures for o in p.promotions)
        self.brands = [e.brand for e in entries if e.brand]
        self.text = " | ".join([*gold.summary.values(), offers, *(e.title for e in entries)])
        limits = gold.limits
        self.amounts = {
            *limits.lowest,
            *limits.highest,
            *(amount for p in gold.pictures for amount in p.other_amounts),
            *(price for e in entries for price in (e.price, e.old_price) if price is not None),
            *read_numbers(self.text),
        }
        self.ratings = {Decimal(str(e.rating)) for e in entries if e.rating is not None}

    def invented(self, key: str, category: Category) -> tuple[list[str], int]:
        """(claims that nothing supports, number of claims)."""
        said = _said_text(category)
        claims: list[tuple[str, bool]] = []
        if key in {"lowest_price", "highest_price"}:
            claims = [(f"price {n}", n in self.amounts) for n in _stated(category)]
        elif key == "brand_preference":
            claims = [(f"brand {value}", self._knows(value)) for value in category.values]
        elif key == "user_reviews":
            stars = [n for n in read_numbers(said) if n <= 5 and n != n.to_integral_value()]
            known = self.ratings | self.amounts
            claims = [(f"rating {n}", n in known) for n in dict.fromkeys(stars)]
        elif key == "promotions":
            shares = [Decimal(n) for n in dict.fromkeys(re.findall(r"(\d+)\s*%", said))]
            claims = [(f"{n} %", n in self.amounts) for n in shares]
        return [claim for claim, known in claims if not known], len(claims)

    def _knows(self, brand: str) -> bool:
        if any(close_names(brand, known) for known in self.brands):
            return True
        return f" {fold(brand)} " in f" {fold(self.text)} "


def _stated(category: Category) -> list[Decimal]:
    """The amounts a price category states: of its typed values, else of its sentence."""
    if not category.available:
        return []
    source: Iterable[str] = category.values or (category.text,)
    return [number for text in source for number in read_numbers(text)]


def facts_of(key: str, gold: SessionGold, category: Category) -> list[tuple[str, bool]]:
    """The facts of the gold text of one category, each with whether the category holds it."""
    text, said = gold.summary[key], _said_text(category)
    if text.casefold() == NOT_AVAILABLE:
        return [("not available", not category.available)]
    if key in {"lowest_price", "highest_price"}:
        accepted = getattr(gold.limits, key.removesuffix("_price"))
        return [(text, bool(set(accepted) & set(_stated(category)[:1])))]
    if key == "brand_preference":
        known = [b for p in gold.pictures for e in p.products if (b := e.brand)]
        names = list(dict.fromkeys(b for b in known if fold(b) in fold(text)))
        values = [*category.values, *re.split(r"[,;()]|\band\b", category.text)]
        names = names or _parts(text)
        return [(name, any(_names(value, name) for value in values)) for name in names]
    if key == "user_reviews":
        counts = [number for part in _parts(text) for number in read_numbers(part)]
        heard_counts = set(read_numbers(said))
        if counts:
            return [(f"{number}", number in heard_counts) for number in counts]
        return [(text, not category.available or _holds(text, said))]
    if key == "comparisons":
        return [(text, category.available)]
    return [(part, _holds(part, said)) for part in _parts(text)]


def _names(value: str, brand: str) -> bool:
    return close_names(value, brand) or f" {fold(brand)} " in f" {fold(value)} "


def _judge(gold: SessionGold, trace: SessionTrace) -> Judgement:
    found = Judgement()
    page = _Page(gold)
    right = total = invented = claims = absent = filled = 0
    for key in CATEGORIES:
        category = getattr(trace.summary, key) if trace.summary else Category()
        facts = facts_of(key, gold, category) if trace.summary else [(gold.summary[key], False)]
        kept = sum(holds for _, holds in facts)
        found.add(f"facts_{key}", kept, len(facts))
        right, total = right + kept, total + len(facts)
        for fact, holds in facts:
            if not holds:
                said = f"said is {category.text[:80]!r}" if category.available else "left open"
                found.misses.append(f"{key}: {fact[:60]!r} is missing; {said}")
        if gold.summary[key].casefold() == NOT_AVAILABLE:
            absent, filled = absent + 1, filled + category.available
        wrong, number = page.invented(key, category)
        invented, claims = invented + len(wrong), claims + number
        found.misses += [f"{key}: invented {claim}" for claim in wrong]
    found.add("facts_right", right, total)
    found.add("facts_invented", invented, claims)
    found.add("false_fill", filled, absent)
    return found


summary = Scorer(
    "summary",
    SessionGold,
    SessionTrace,
    _judge,
    {
        "facts_right": Figure("eight categories: facts right", 0.80),
        "facts_invented": Figure("eight categories: claims invented", 0.05, low_is_good=True),
        "false_fill": Figure("eight categories: filled where gold is empty", low_is_good=True),
        **{f"facts_{key}": Figure(f"  {key.replace('_', ' ')}") for key in CATEGORIES},
    },
)
