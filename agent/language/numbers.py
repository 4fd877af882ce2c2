"""Numbers as people write them: digits with separators, words, "1.5k", "a couple of hundred"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from price_parser.parser import parse_number

from agent.language.tokens import Token
from tools.money import MAX_AMOUNT

_UNITS = {
    word: Decimal(value)
    for value, word in enumerate(
        [
            "zero",
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
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: Decimal(10 * value)
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
} | {"fourty": Decimal(40), "fivty": Decimal(50)}
_SCALES = {
    "hundred": Decimal(100),
    "hundreds": Decimal(100),
    "thousand": Decimal(1000),
    "thousands": Decimal(1000),
    "grand": Decimal(1000),
    "k": Decimal(1000),
    "lakh": Decimal(100_000),
    "lakhs": Decimal(100_000),
    "mil": Decimal(1_000_000),
    "million": Decimal(1_000_000),
    "mio": Decimal(1_000_000),
}
_SLANG = {
    "fiver": 5, "tenner": 10, "pony": 25, "hunnid": 100, "hundo": 100, "hunned": 100, "ton": 100,
    "twenny": 20, "monkey": 500, "tener": 10,
}  # fmt: skip
_COINS = frozenset(("pounds", "dollars", "euros", "bucks", "quid", "usd", "gbp", "eur"))
_ROUND = frozenset(("round", "full", "cool", "clean", "straight", "whole", "even", "flat", "solid"))
MAX_DIGITS = 20
"""A longer run of digits is no amount, size or count."""
ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
        ],
        start=1,
    )
}


@lru_cache(maxsize=4096)
def digits(text: str) -> Decimal | None:
    """The value of a run of digits with separators ("1,299.00", "1.299,00", "49,99")."""
    if len(text) > MAX_DIGITS:
        return None
    # After a leading nought a mark opens the decimals; "0.001" is no thousand.
    lead = re.fullmatch(r"(0+)[.,](\d+)", text)
    number: Decimal | None = (
        Decimal(f"0.{lead.group(2)}") if lead is not None else parse_number(text)
    )
    return number


def read_number(tokens: Sequence[Token], i: int) -> tuple[Decimal, int, bool] | None:
    """The number that begins at token `i`.

    Returns:
        (value, index after it, whether it is slang for money), or None where no number begins.
        "k" counts as thousand only when glued to its digits or after a number word.
    """
    token = tokens[i]
    read = None
    if token.kind == "number":
        value = digits(token.text)
        if value is not None:
            read = _scaled(tokens, value, i + 1, written=True)
    elif token.kind == "word":
        read = _spoken(tokens, i)
    return read if read is not None and read[0] <= MAX_AMOUNT else None


def _scaled(
    tokens: Sequence[Token], value: Decimal, i: int, *, written: bool
) -> tuple[Decimal, int, bool]:
    slang = False
    while i < len(tokens) and tokens[i].low in _SCALES:
        if tokens[i].low == "k" and written and not tokens[i].glued:
            break
        slang = slang or tokens[i].low == "grand"
        value *= _SCALES[tokens[i].low]
        i += 1
    return value, i, slang


def _spoken(tokens: Sequence[Token], i: int) -> tuple[Decimal, int, bool] | None:
    word = tokens[i].low
    article = word in ("a", "an", "one", "half")
    if word in _ROUND and i + 1 < len(tokens) and tokens[i + 1].low in ("hundred", "thousand"):
        return _sum(tokens, i + 1)  # "a round hundred", "a full thousand"
    nxt = tokens[i + 1].low if i + 1 < len(tokens) else ""
    if word in _SLANG:
        return Decimal(_SLANG[word]), i + 1, True
    if word in ("a", "an") and nxt in _SLANG:
        return Decimal(_SLANG[nxt]), i + 2, True
    if word == "half" and nxt == "a" and i + 2 < len(tokens) and tokens[i + 2].low in _SCALES:
        scale = _SCALES[tokens[i + 2].low]
        return scale / 2, i + 3, tokens[i + 2].low == "grand"
    if word in ("a", "couple") and "couple" in (word, nxt):
        return _couple(tokens, i + (2 if word == "a" else 1))
    if word in ("a", "an") and nxt not in _SCALES:
        return None
    if word not in _UNITS and word not in _TENS and not (article and nxt in _SCALES):
        return None
    return _sum(tokens, i)


def _couple(tokens: Sequence[Token], i: int) -> tuple[Decimal, int, bool] | None:
    if i < len(tokens) and tokens[i].low == "of":
        i += 1
    if i < len(tokens) and tokens[i].low in _SCALES:
        return 2 * _SCALES[tokens[i].low], i + 1, tokens[i].low == "grand"
    if i < len(tokens) and tokens[i].low in _COINS:
        return Decimal(2), i, False
    return None


def _sum(tokens: Sequence[Token], i: int) -> tuple[Decimal, int, bool]:
    """Number words by the usual arithmetic: "two hundred and fifty", "one fifty"."""
    total, part, slang = Decimal(0), Decimal(0), False
    last: Decimal | None = None
    start = i
    while i < len(tokens):
        word = tokens[i].low
        if word in ("a", "an") and i == start:
            part = Decimal(1)
        elif word in _UNITS or word in _TENS:
            value = _UNITS.get(word, _TENS.get(word, Decimal(0)))
            if (
                last is None
                or last in _SCALES.values()
                or (last >= 20 and last < 100 and value < 10)
            ):
                part += value
            elif last < 20 and 10 <= value < 100 and part == last:
                part = part * 100 + value  # "one fifty", "two twenty": said of prices
            else:
                break
            last = value
        elif word in _SCALES:
            scale = _SCALES[word]
            slang = slang or word == "grand"
            if scale == 100:
                part = (part or Decimal(1)) * 100
            else:
                total += (part or Decimal(1)) * scale
                part = Decimal(0)
            last = scale
        elif (
            word == "and"
            and last in _SCALES.values()
            and i + 1 < len(tokens)
            and (tokens[i + 1].low in _UNITS or tokens[i + 1].low in _TENS)
        ):
            pass
        else:
            break
        i += 1
    return total + part, i, slang
