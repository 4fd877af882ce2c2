"""Sizes and measures in a text: "size 10.5", "x-large", "queen", "10 oz", "20x30x1", "3T"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agent.language.money import AMBIGUOUS_UNITS, UNITS, WORDS
from agent.language.numbers import digits
from agent.language.tokens import Token
from agent.language.wordsets import words
from tools.colors import basic_color

_LETTERS = words("xxs xs xl xxl xxxl xxxxl 2xl 3xl 4xl 5xl")
_SHORT = frozenset(["s", "m", "l"])
_NAMED = frozenset(["small", "medium", "large"])
_BEDS = frozenset(["twin", "queen", "king", "double", "single", "full"])
_PHRASES = tuple(
    tuple(phrase.split())
    for phrase in (
        "plus size", "plus sized", "one size fits all", "one size", "king size", "king sized",
        "queen size",
        "queen sized", "full size", "full sized", "twin size", "twin xl", "california king",
        "cal king",
        "double size", "single size", "toddler size", "travel size", "extra extra large",
        "extra extra small", "extra large", "extra small", "x large", "x small", "xx large",
        "xx small", "xxx large", "xxxx large", "knee length", "tea length", "free size",
        "extra long",
        "extra wide", "medium large", "small medium", "large x large", "floor length",
    )
)  # fmt: skip
_SUFFIX = words("t c y dd ddd d b h xl xxl l w wide narrow toddler infant youth kids eu uk us")
_AGES = words("months month mos mo years yrs y")
_COUNTRIES = frozenset(["uk", "us", "eu", "eur", "european"])
_UNIT_PAIRS = {("cubic", "feet"), ("cubic", "foot"), ("cu", "ft"), ("fl", "oz"), ("square", "feet"),
               ("sq", "ft"), ("fluid", "ounces"), ("fluid", "ounce"), ("cubic", "inch"),
               ("cubic", "inches"), ("linear", "feet")}  # fmt: skip
_NOT_INCHES = words(
    "a an the my your this that these those it one all each total stock any some our their "
    "both between size sizes large medium small xl leather cotton wool silk usd euros "
    "dollars pounds cash which case order general addition other every person store stores "
    "time pack gold silver matte light dark bright navy royal"
)
_FOOTWEAR = words(
    "boots shoes sneakers sandals heels slippers loafers flats trainers clogs boot shoe "
    "sneaker sandal cleats pumps mules"
)
_WEARERS = words("women men womens mens woman man girls boys kids toddler ladies")
_CARATS = (9, 10, 12, 14, 18, 22, 24)
_GOLDEN = ("gold", "white", "rose", "yellow", "plated", "solid", "stud")
_DENOMINATORS = words("2 3 4 5 6 8 16 32 64")


_OPENS = words("or and then in a an size womens mens kids ladies girls boys unisex adult adults")
_WEARS = words("wear wears wearing take takes taking fit fits wore")
_IS_A = words("im am shes hes theyre is are was")
_WORN_BY_THE_WAY = words(
    "a an really more of like usually probably about around normally actually into in always "
    "only now just often mostly i id"
)
_WORN_ON = words("in usually normally though really please now these actually then so and")


class Size(NamedTuple):
    """A size or measure at some tokens."""

    end: int
    text: str
    """As the shopper put it, without the word "size"."""
    number: float | None = None
    """The number of a measure with a unit."""
    unit: str = ""
    named: bool = False
    """Said with the word "size"."""


def find_size(tokens: Sequence[Token], i: int) -> Size | None:
    """The size or measure that begins at token `i`, if one does."""
    token = tokens[i]
    if token.kind == "word":
        return _worded(tokens, i) or _worn(tokens, i)
    if token.kind == "number":
        return (
            _worn(tokens, i)
            or _dimensions(tokens, i)
            or _measure(tokens, i)
            or _suffixed(tokens, i)
            or _shoe(tokens, i)
            or _fraction(tokens, i)
        )
    if token.low == "#" and i + 1 < len(tokens) and tokens[i + 1].glued:
        return None
    return None


def _worn(tokens: Sequence[Token], i: int) -> Size | None:
    """The size of a person: "I'm more of a 12", "she takes a nine", "I usually wear a 10.5"."""
    token = tokens[i]
    if token.kind == "word":
        small = _small_number(token.low)
        text = str(small) if small and small > 1 else ""
    else:
        value = digits(token.text)
        text = token.text if value is not None and 1 < value <= 60 else ""
    follow = tokens[i + 1] if i + 1 < len(tokens) else None
    if not text or (follow is not None and follow.kind != "stop" and follow.low not in _WORN_ON):
        return None
    article = False
    for j in range(i - 1, max(-1, i - 7), -1):
        low = tokens[j].low
        if low in _WEARS or (article and low in _IS_A):
            return Size(i + 1, text, named=True)
        article = article or low in ("a", "an")
        if low not in _WORN_BY_THE_WAY:
            return None
    return None


def _text(tokens: Sequence[Token], i: int, j: int) -> str:
    out = ""
    for place in range(i, j):
        token = tokens[place]
        hyphen = place > i and token.start - tokens[place - 1].end == 1 and not token.glued
        gap = "" if token.glued or place == i else " "
        out += (gap if hyphen or gap else "") + token.text
    return out


def _worded(tokens: Sequence[Token], i: int) -> Size | None:
    for phrase in _PHRASES:
        if all(i + k < len(tokens) and tokens[i + k].low == w for k, w in enumerate(phrase)):
            return Size(i + len(phrase), " ".join(phrase))
    low = tokens[i].low
    if low in ("size", "sizes", "sized", "sz"):
        return _after_size_word(tokens, i)
    if low in _LETTERS or low in _NAMED:
        return Size(i + 1, tokens[i].text)
    follower = tokens[i + 1].low if i + 1 < len(tokens) else ""
    if low in _BEDS and follower in ("size", "sized"):
        return Size(i + 2, f"{low} {follower}")
    if low in ("queen", "twin"):
        return Size(i + 1, tokens[i].text)
    worn = low != "eur" or any(t.low in _FOOTWEAR or t.low == "size" for t in tokens)
    if low in _COUNTRIES and worn and i + 1 < len(tokens) and tokens[i + 1].kind == "number":
        value = digits(tokens[i + 1].text)
        if value is not None and value <= 60 and not _money_next(tokens, i + 2):
            return Size(i + 2, f"{tokens[i].text} {tokens[i + 1].text}", named=True)
    if tokens[i].text in ("S", "M", "L") and _stands_alone(tokens, i):
        return Size(i + 1, tokens[i].text)
    if low in ("s", "m", "l") and i and tokens[i - 1].low in ("a", "an", "in", "size"):
        last = i + 1 == len(tokens) or tokens[i + 1].kind == "stop"
        if last and not tokens[i].glued:
            return Size(i + 1, tokens[i].text)
    return None


def _stands_alone(tokens: Sequence[Token], i: int) -> bool:
    """Whether a capital letter is a word of its own: "S or M", "M I mean", not "M&S"."""
    before = tokens[i - 1] if i else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if tokens[i].glued or (after is not None and (after.glued and after.kind != "stop")):
        return False
    opened = before is None or before.kind == "stop" or before.low in _OPENS
    closed = after is None or after.kind == "stop" or after.low in ("or", "and", "please", "i")
    return opened and closed


def _money_next(tokens: Sequence[Token], i: int) -> bool:
    return i < len(tokens) and (tokens[i].low in WORDS or tokens[i].low in "$€£%")


def _after_size_word(tokens: Sequence[Token], i: int) -> Size | None:
    j = i + 1
    while j < len(tokens) and (
        tokens[j].low in {"of", "is", "a", "an", "in", "for", "to", "was", "should", "be", "as"}
        or (tokens[j].text in ":=-" and j == i + 1)
    ):
        j += 1
    if j >= len(tokens) or j - i > 4:
        return None
    start = j
    if tokens[j].low in _COUNTRIES and j + 1 < len(tokens):
        j += 1
    if tokens[j].kind == "number":
        end = _number_run(tokens, j)
        inner = _measure(tokens, j) if end == j + 1 else None
        dims = _dimensions(tokens, j)
        if dims:
            return dims._replace(named=True)
        if inner:
            return inner._replace(named=True)
        if _money_next(tokens, end):
            return None
        if end < len(tokens) and (
            (tokens[end].glued and tokens[end].low in _SUFFIX) or tokens[end].low in _AGES
        ):
            end += 1
        return Size(end, _text(tokens, start, end), named=True)
    if tokens[j].kind == "word":
        inner = _worded(tokens, j) if tokens[j].low not in ("size", "sizes") else None
        if inner:
            return inner._replace(named=True)
        if tokens[j].low in _SHORT | _BEDS:
            return Size(j + 1, tokens[j].text, named=True)
        small = _small_number(tokens[j].low)
        if small:
            return Size(j + 1, str(small), named=True)
    return None


def _small_number(word: str) -> int | None:
    words = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
    ]
    return words.index(word) + 1 if word in words else None


def _number_run(tokens: Sequence[Token], j: int) -> int:
    """End of a number with its fraction or range: "7 1/2", "9-11", "8 to 10"."""
    j += 1
    if j + 1 < len(tokens) and tokens[j].text == "/" and tokens[j + 1].kind == "number":
        return j + 2
    if (
        j + 2 < len(tokens)
        and tokens[j].kind == "number"
        and tokens[j + 1].text == "/"
        and tokens[j + 2].kind == "number"
    ):
        return j + 3
    if (
        j + 1 < len(tokens)
        and tokens[j].text in ("-", "to")
        and tokens[j + 1].kind == "number"
        and not _money_next(tokens, j + 2)
        and (tokens[j].text == "to" or tokens[j].glued)
    ):
        return j + 2
    return j


def _dimensions(tokens: Sequence[Token], i: int) -> Size | None:
    """ "20x30x1", "60 x 120", "5 by 7 inches", "61*41cm"."""
    j, parts = i, 0
    while j < len(tokens) and tokens[j].kind == "number" and parts < 4:
        parts += 1
        j += 1
        if j < len(tokens) and tokens[j].low in UNITS and tokens[j].glued:
            j += 1
        if j + 1 < len(tokens) and tokens[j].low in ("x", "×", "*", "by"):
            if tokens[j + 1].kind == "number":
                j += 1
                continue
            break
        break
    if parts < 2:
        return None
    if j < len(tokens) and tokens[j].low in UNITS and tokens[j].low not in {"in", "g", "p"}:
        j += 1
    return Size(j, _text(tokens, i, j))


def _after_inches(token: Token) -> bool:
    """Whether "in" before this word can only be inches: "12 in miter saw", not "10 in black"."""
    low = token.low
    return token.kind == "word" and low not in _NOT_INCHES and basic_color(low) is None


def unit_at(tokens: Sequence[Token], j: int) -> tuple[str, int]:
    """(unit, index after it) of a unit of measure at token `j`; ("", j) when there is none."""
    if j >= len(tokens):
        return "", j
    if j + 1 < len(tokens) and (tokens[j].low, tokens[j + 1].low) in _UNIT_PAIRS:
        return f"{tokens[j].low} {tokens[j + 1].low}", j + 2
    token = tokens[j]
    if token.text == '"' and token.glued:
        return "inch", j + 1
    if token.text == "-" and j + 1 < len(tokens) and tokens[j + 1].low in UNITS and tokens[j].glued:
        token, j = tokens[j + 1], j + 1
        return token.low, j + 1
    low = token.low
    if low not in UNITS or low in WORDS:
        return "", j
    if low in AMBIGUOUS_UNITS and not token.glued:
        last = j + 1 == len(tokens) or tokens[j + 1].kind == "stop"
        if not (low == "in" and (last or _after_inches(tokens[j + 1]))):
            return "", j
    if low == "g" and token.glued and tokens[j - 1].text in ("2", "3", "4", "5", "6"):
        return "", j  # 5G is a network, not a weight
    return low, j + 1


def _measure(tokens: Sequence[Token], i: int) -> Size | None:
    """A number with a unit: "10 oz", "3.5mm", "1-1/2 inch", "20-volt"."""
    j = i + 1
    number = digits(tokens[i].text)
    if j + 1 < len(tokens) and tokens[j].text == "/" and tokens[j + 1].kind == "number":
        below = digits(tokens[j + 1].text)
        if number is None or not below:
            return None
        number, j = number / below, j + 2
    elif (
        j + 3 < len(tokens)
        and tokens[j].text == "-"
        and tokens[j + 2].text == "/"
        and tokens[j + 3].kind == "number"
    ):
        j += 4
    unit, end = unit_at(tokens, j)
    if not unit and j < len(tokens) and tokens[j].low in ("long", "wide", "tall", "deep", "high"):
        unit, end = tokens[j].low, j + 1
        return Size(end, _text(tokens, i, end))
    if not unit:
        return None
    return Size(end, _text(tokens, i, end), None if number is None else float(number), unit)


def _shoe(tokens: Sequence[Token], i: int) -> Size | None:
    """A bare number that ends a wish for footwear: "boots for women 9"."""
    last = i + 1 == len(tokens)
    value = digits(tokens[i].text)
    if not last or i == 0 or tokens[i].glued or value is None or not 1 <= value <= 50:
        return None
    before = [token.low for token in tokens[max(0, i - 4) : i]]
    if tokens[i - 1].kind != "word" or tokens[i - 1].low not in _WEARERS | _FOOTWEAR:
        return None
    if not any(word in _FOOTWEAR for word in before):
        return None
    return Size(i + 1, tokens[i].text)


def _fraction(tokens: Sequence[Token], i: int) -> Size | None:
    """ "3/8", "7 5/8", "1-1/2": fractions that measure; 9/11 and 24/7 do not."""
    j = i
    if i + 1 < len(tokens) and tokens[i + 1].kind == "number" and not tokens[i + 1].glued:
        j = i + 1
    if j + 2 >= len(tokens) or tokens[j + 1].text != "/" or not tokens[j + 2].glued:
        return None
    below = tokens[j + 2].text
    whole = j == i or tokens[i].text.isdigit()
    proper = (
        tokens[j].text.isdigit() and below in _DENOMINATORS and int(tokens[j].text) < int(below)
    )
    return Size(j + 3, _text(tokens, i, j + 3)) if whole and proper else None


def _suffixed(tokens: Sequence[Token], i: int) -> Size | None:
    """A number glued to letters that make it a size: "3T", "6c", "32DD", "2XL"."""
    j = i + 1
    if j >= len(tokens) or not tokens[j].glued or tokens[j].kind != "word":
        return None
    low = tokens[j].low
    value = digits(tokens[i].text)
    if value is None or value > 60:
        return None
    follower = tokens[j + 1].low if j + 1 < len(tokens) else ""
    if low == "k" and value in _CARATS and follower in _GOLDEN:
        return Size(j + 1, tokens[i].text + tokens[j].text)
    if low in ("t", "c", "xl", "dd", "ddd", "xs", "xxl") or (
        low in ("b", "d", "a", "aa", "ff") and 28 <= value <= 48
    ):
        return Size(j + 1, tokens[i].text + tokens[j].text)
    return None
