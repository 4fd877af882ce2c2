"""A shopper's text as clean tokens: words, numbers, signs and punctuation."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

MAX_CHARACTERS = 20_000
"""What is read of one turn; a longer text is cut, so that time and memory stay bounded."""

Kind = Literal["word", "number", "sign", "stop"]

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\u20e3\U000e0000-\U000e007f]"
)
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")
_ESCAPES = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_QUOTES = re.compile("[\u2018\u2019\u201a\u201b\u2032\u00b4`]")
_DOUBLE_QUOTES = re.compile("[\u201c-\u201f\u2033]")
_FRACTIONS = {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "⅛": " 1/8"}
_MONEY_PICTURES = {"💵": " $ ", "💶": " € ", "💷": " £ ", "💴": " ¥ ", "💲": "$"}
_BANKNOTES = re.compile("[💰🤑💸]")

_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,]\d+)*|(?<![\w.])\.\d+)"
    r"|(?P<by>(?<=\d)[xX](?=\d))"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*(?:\d[\w]*)?)"
    r"|(?P<sign>[$€£¥₹₱₩₽₫₺₴₦฿%#+~<>=≤≥±¢×&/*@-])"
    r"|(?P<stop>[.,;:!?\n()\[\]{}\"|…•·])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the cleaned text."""

    text: str
    low: str
    """Lower case, without apostrophes: "Don't" is "dont"."""
    kind: Kind
    start: int
    end: int
    glued: bool
    """Nothing stands between it and the token before."""


def clean(text: str) -> str:
    """The text in composed form, one line a line, without what no shopper types on purpose.

    Terminal escapes, control characters, lone surrogates and invisible marks go; full-width
    digits, key-cap emoji, curly quotes and long dashes become their plain forms.
    """
    text = text[:MAX_CHARACTERS]
    for symbol, plain in (_FRACTIONS | _MONEY_PICTURES).items():
        if symbol in text:
            text = text.replace(symbol, plain)
    text = _UNPRINTABLE.sub(" ", _ESCAPES.sub(" ", text))
    text = _INVISIBLE.sub("", _BANKNOTES.sub(" ", text))
    text = unicodedata.normalize("NFKC", text)
    text = _DOUBLE_QUOTES.sub('"', _QUOTES.sub("'", _DASHES.sub("-", text)))
    return text[:MAX_CHARACTERS]


def tokenize(text: str) -> list[Token]:
    """The tokens of a cleaned text, in order; characters of no use to the grammar are skipped.

    A number directly followed by letters ("128gb", "2xl", "50ish") is two tokens, the second one
    glued. A hyphen between letters ("x-large") is dropped.
    """
    tokens: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        kind: Kind = "word" if match.lastgroup == "by" else match.lastgroup  # type: ignore[assignment]
        piece = match.group()
        glued = match.start() == end
        end = match.end()
        if piece == "-" and glued and tokens and tokens[-1].kind == "word":
            follower = text[end : end + 1]
            if follower.isalnum() or follower in "$€£":
                continue
        low = piece.casefold().replace("'", "") if kind == "word" else piece
        tokens.append(Token(piece, low, kind, match.start(), end, glued))
    return tokens
