"""The symbols that the grammar reasons over: amounts, numbers, percentages, values and phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from agent.language.money import (
    CENTS,
    CODES,
    COUNTED,
    DOLLAR_PREFIXES,
    HEAVY,
    PRICED,
    SIGNS,
    WORDS,
    is_code,
)
from agent.language.numbers import read_number
from agent.language.phrases import Phrase, find_phrases
from agent.language.sizes import Size, find_size, unit_at
from agent.language.tokens import Token
from agent.language.vocabulary import Lexicon, Value, fold_word
from tools.domain import Constraints

SymbolKind = Literal["money", "number", "percent", "size", "value", "phrase", "word", "stop"]
_NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Symbol:
    """One meaningful piece of a turn, made of the tokens from `start` to `end`."""

    kind: SymbolKind
    start: int
    end: int
    text: str
    classes: frozenset[str] = _NOTHING
    """Classes of the lexicon, for phrases."""
    number: Decimal | None = None
    currencies: tuple[str, ...] = ()
    """What the currency sign or word can stand for; empty for a bare number."""
    negative: bool = False
    counted: str = ""
    """The unit or counted noun right after a number."""
    values: tuple[Value, ...] = ()
    size: Size | None = None
    capital: bool = False
    low: str = ""
    used: bool = field(default=False)
    """Consumed by a rule already."""
    quantity: bool = field(default=False)
    """A number of things, stars or the like, which is no amount of money."""

    def has(self, *names: str) -> bool:
        """Whether it belongs to one of these classes."""
        return any(name in self.classes for name in names)


def read_symbols(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> list[Symbol]:
    """The symbols of a tokenised text, left to right, each token in at most one of them."""
    phrases = find_phrases(tokens)
    folded = [fold_word(token.low) if token.kind == "word" else token.low for token in tokens]
    heavy = any(t.low in HEAVY for t in tokens) and not any(t.low in PRICED for t in tokens)
    page = _Page(text, tokens, folded, phrases, lexicon, heavy)
    symbols: list[Symbol] = []
    i = 0
    while i < len(tokens):
        symbol = _next(page, i)
        if symbol.kind == "value":
            symbol = _with_leads(text, tokens, symbols, symbol, lexicon)
        symbols.append(symbol)
        i = symbol.end
    return symbols


def _make(text: str, tokens: Sequence[Token], kind: SymbolKind, i: int, j: int) -> Symbol:
    piece = text[tokens[i].start : tokens[j - 1].end]
    if any(text[t.start : t.end] != t.text for t in tokens[i:j]):
        piece = " ".join(t.text for t in tokens[i:j])  # put right, so not as it was typed
    return Symbol(kind, i, j, piece, low=" ".join(t.low for t in tokens[i:j]))


@dataclass(frozen=True, slots=True)
class _Page:
    """A tokenised text with what has been looked up for all its tokens."""

    text: str
    tokens: Sequence[Token]
    folded: Sequence[str]
    phrases: Sequence[Phrase | None]
    lexicon: Lexicon
    heavy: bool
    """It speaks of weights, so that "pounds" are no money."""


def _next(page: _Page, i: int) -> Symbol:
    text, tokens = page.text, page.tokens
    token = tokens[i]
    values = page.lexicon.find(tokens, page.folded, i) if token.kind != "stop" else []
    size = find_size(tokens, i)
    money = _money(text, tokens, i, page.heavy)
    phrase = _before_value(page, i, page.phrases[i])
    phrase_end = phrase.end if phrase else i
    value_end = values[0].end if values else i
    money_end = money.end if money else i

    if size and size.number is not None and money and money.kind == "money":
        size = None
    if money and money.counted == "pounds" and not size and money.number is not None:
        size = Size(i + 2, f"{token.text} {tokens[i + 1].low}", float(money.number), "lb")
    size_end = size.end if size else i
    # A value of several words wins over everything inside it ("Under Armour", "7 For All Mankind").
    if values and value_end - i > 1 and value_end >= max(phrase_end, size_end, money_end):
        return _value(text, tokens, i, values)
    if size and size_end >= phrase_end and size_end >= money_end:
        symbol = _make(text, tokens, "size", i, size_end)
        symbol.size = size
        return symbol
    if money and money_end >= phrase_end:
        return money
    if values and value_end > phrase_end:
        return _value(text, tokens, i, values)
    if values and value_end == phrase_end and (_proper(tokens, i) or _colored(tokens, i, values)):
        return _value(text, tokens, i, values)
    if phrase:
        symbol = _make(text, tokens, "phrase", i, phrase_end)
        symbol.classes = frozenset(phrase.classes)
        symbol.capital = _proper(tokens, i)
        return symbol
    if token.kind == "stop" or (token.kind == "sign" and token.low not in "&/-"):
        return _make(text, tokens, "stop", i, i + 1)
    symbol = _make(text, tokens, "word", i, i + 1)
    symbol.capital = _proper(tokens, i)
    return symbol


def _before_value(page: _Page, i: int, phrase: Phrase | None) -> Phrase | None:
    """The phrase, cut short where a value of several words begins inside it and leads out of it.

    "Sony or Under Armour" names a brand, not "or under".
    """
    if phrase is None:
        return None
    for j in range(i + 1, phrase.end):
        inside = page.lexicon.find(page.tokens, page.folded, j)
        if inside and inside[0].end > phrase.end and inside[0].end - j > 1:
            shorter = find_phrases(page.tokens[i:j])[0]
            return Phrase(shorter.classes, i + shorter.end) if shorter else None
    return phrase


def _colored(tokens: Sequence[Token], i: int, values: Sequence[Value]) -> bool:
    """Whether "in" or a word for colour makes a colour of a verb: "in rose"."""
    before = tokens[i - 1].low if i else ""
    return before in ("in", "colour", "color") and any(v.field == "colors" for v in values)


def _proper(tokens: Sequence[Token], i: int) -> bool:
    """Whether a word is written like a name: a capital that no sentence start explains."""
    token = tokens[i]
    if not token.text[:1].isupper():
        return False
    first = i == 0 or (tokens[i - 1].kind == "stop" and tokens[i - 1].text in ".!?\n")
    return not first


def _value(text: str, tokens: Sequence[Token], i: int, values: Sequence[Value]) -> Symbol:
    symbol = _make(text, tokens, "value", i, values[0].end)
    symbol.values = tuple(values)
    symbol.capital = _proper(tokens, i)
    return symbol


def _with_leads(
    text: str,
    tokens: Sequence[Token],
    symbols: list[Symbol],
    symbol: Symbol,
    lexicon: Lexicon,
) -> Symbol:
    """A colour together with what shades it: "light blue", "navy blue", "pink marble"."""
    if not any(v.field == "colors" for v in symbol.values):
        return symbol
    while symbols:
        last = symbols[-1]
        adjacent = last.end == symbol.start and last.kind in ("word", "value", "phrase")
        if not adjacent or not lexicon.leads(last.low.split()[-1]) or len(last.low.split()) > 3:
            break
        if last.kind == "phrase" and last.low != "all":
            break
        if tokens[symbol.start].glued and tokens[symbol.start - 1].text in "/&":
            break
        symbols.pop()
        start, values = last.start, symbol.values
        symbol = _make(text, tokens, "value", start, symbol.end)
        symbol.values = tuple(v._replace(sure=True) for v in values if v.field == "colors")
    if symbol.end < len(tokens) and lexicon.tails(tokens[symbol.end].low):
        values = symbol.values
        symbol = _make(text, tokens, "value", symbol.start, symbol.end + 1)
        symbol.values = tuple(v._replace(sure=True) for v in values if v.field == "colors")
    return symbol


def _money(text: str, tokens: Sequence[Token], i: int, heavy: bool) -> Symbol | None:
    """An amount, a percentage or a bare number that begins at token `i`, signs included."""
    j, negative = i, False
    currencies: tuple[str, ...] = ()
    before = tokens[i - 1] if i else None
    if tokens[j].text == "-" and _may_be_minus(tokens, j):
        if before and before.glued and before.kind == "number":
            return None
        negative, j = True, j + 1
    if j < len(tokens):
        currencies, j = _sign(tokens, j)
    if currencies and j < len(tokens) and tokens[j].text == "-" and not negative:
        negative, j = True, j + 1
    if j >= len(tokens):
        return None
    read = read_number(tokens, j)
    if read is None:
        return None
    number, end, slang = read
    if end < len(tokens) and tokens[end].low == "ish":
        end += 1
    follow = tokens[end] if end < len(tokens) else None
    kind: SymbolKind = "number"
    if currencies:
        kind = "money"
        if (
            follow is not None
            and follow.glued
            and follow.kind == "word"
            and not _money_tail(follow)
        ):
            return None  # "£1e9" is no amount
        if follow is not None and follow.low.upper() in CODES and len(follow.low) == 3:
            currencies, end = (follow.low.upper(),), end + 1
    elif follow is not None:
        after = _currency_after(tokens, end, heavy)
        if after:
            currencies, end, cents = after
            if cents and number == 1:
                return None  # "and not one penny more" names no price
            kind = "money"
            number = number / 100 if cents else number
            if not cents:
                number, end = _with_cents(tokens, number, end)
        elif follow.low in ("%", "percent", "pct", "prozent"):
            kind, end = "percent", end + 1
        elif follow.low == "per" and end + 1 < len(tokens) and tokens[end + 1].low == "cent":
            kind, end = "percent", end + 2
    part = _part(tokens, j, end) if kind == "number" else None
    if part is not None:
        kind, (number, end) = "percent", part
    if kind == "percent" and end < len(tokens) and tokens[end].low == "points":
        end += 1
    if kind == "number" and slang:
        kind = "money"
        currencies = WORDS["quid"] if tokens[end - 1].low in ("fiver", "tenner") else ()
    symbol = _make(text, tokens, kind, i, end)
    symbol.number, symbol.currencies, symbol.negative = number, currencies, negative
    if kind == "number":
        symbol.counted = _counted(tokens, end)
        if token_is_one(tokens, i, end):
            symbol.counted = symbol.counted or "one"
        if follow is not None and follow.text == "/" and follow.glued:
            symbol.counted = "code"
        if tokens[j].glued and before is not None and before.kind == "word" and not negative:
            symbol.counted = "code"
    return symbol


def _part(tokens: Sequence[Token], j: int, end: int) -> tuple[Decimal, int] | None:
    """A share of a whole, in percent, and the index after it: "two fifths", "1/3"."""
    read = read_number(tokens, j)
    if read is None or end >= len(tokens):
        return None
    top = read[0]
    if tokens[end].low in _PARTS and 1 < top < _PARTS[tokens[end].low]:
        below, end = Decimal(_PARTS[tokens[end].low]), end + 1
    elif (
        tokens[end].text == "/" and end + 1 < len(tokens) and tokens[end + 1].text in _DENOMINATORS
    ):
        below, end = Decimal(tokens[end + 1].text), end + 2
        if end < len(tokens) and (tokens[end].glued or tokens[end].text in "\"'"):
            return None
    else:
        return None
    return ((100 * top / below).quantize(Decimal("0.000001")), end) if top < below else None


_PARTS = {"thirds": 3, "quarters": 4, "fifths": 5, "sixths": 6, "eighths": 8, "tenths": 10}
_DENOMINATORS = frozenset(("2", "3", "4", "5", "10"))


def _with_cents(tokens: Sequence[Token], number: Decimal, end: int) -> tuple[Decimal, int]:
    """ "45 dollars and 50 cents": (the whole amount, index after it)."""
    j = end + 1 if end < len(tokens) and tokens[end].low == "and" else end
    read = read_number(tokens, j) if j < len(tokens) else None
    if read is None or not 0 < read[0] < 100 or read[1] >= len(tokens):
        return number, end
    return (number + read[0] / 100, read[1] + 1) if tokens[read[1]].low in CENTS else (number, end)


def token_is_one(tokens: Sequence[Token], i: int, end: int) -> bool:
    """Whether a number is the word "one", which stands for a thing and never for a price."""
    return end == i + 1 and tokens[i].low == "one"


def _money_tail(token: Token) -> bool:
    """Whether letters glued to an amount with its sign are harmless: "£50ish", "$20USD"."""
    return token.low == "ish" or token.low.upper() in CODES or token.low in WORDS


def _may_be_minus(tokens: Sequence[Token], j: int) -> bool:
    """Whether a dash is a minus sign: glued to what follows and not to a number before it."""
    if j + 1 >= len(tokens) or not tokens[j + 1].glued:
        return False
    return j == 0 or not (tokens[j].glued and tokens[j - 1].kind in ("number", "word"))


def _sign(tokens: Sequence[Token], j: int) -> tuple[tuple[str, ...], int]:
    """A currency before its number: "$", "US$", "Rs.", "USD", "PHP"."""
    token = tokens[j]
    after = tokens[j + 1] if j + 1 < len(tokens) else None
    if token.text in SIGNS:
        return SIGNS[token.text], j + 1
    if after is None or token.kind != "word":
        return (), j
    if token.low in DOLLAR_PREFIXES and after.text == "$" and after.glued:
        return (DOLLAR_PREFIXES[token.low],), j + 2
    written = token.low in ("rs", "rp", "php", "kr") or is_code(token.text)
    if written and (is_code(token.text) or token.low in WORDS):
        found = WORDS.get(token.low) or (token.text.upper(),)
        if after.text == "." and j + 2 < len(tokens) and tokens[j + 2].kind == "number":
            return found, j + 2
        if after.kind == "number":
            return found, j + 1
    return (), j


def _currency_after(
    tokens: Sequence[Token], end: int, heavy: bool
) -> tuple[tuple[str, ...], int, bool] | None:
    """A currency after its number: "50€", "50 bucks", "50 USD", "80p", "99 cents"."""
    token = tokens[end]
    if token.text in SIGNS:
        return SIGNS[token.text], end + 1, False
    if token.low in CENTS:
        return ("USD", "EUR", "GBP"), end + 1, True
    if token.text == "-" and token.glued and end + 1 < len(tokens):
        token, end = tokens[end + 1], end + 1
    if token.low in ("us", "canadian", "australian", "american", "british") and end + 1 < len(
        tokens
    ):
        country = {"us": "USD", "american": "USD", "canadian": "CAD", "australian": "AUD"}
        if tokens[end + 1].low in WORDS:
            code = country.get(token.low)
            return ((code,) if code else WORDS[tokens[end + 1].low]), end + 2, False
    if token.low in ("pound", "pounds") and heavy:
        return None
    if token.low in ("pound", "real", "rand", "won") and token.low != "pound":
        return (
            None if not token.glued and token.low != "rand" else (WORDS[token.low], end + 1, False)
        )
    if token.low in WORDS:
        stop = end + 1
        if (
            token.low in ("pounds", "pound")
            and stop < len(tokens)
            and tokens[stop].low == "sterling"
        ):
            stop += 1
        if (
            token.low == "rs"
            and stop < len(tokens)
            and tokens[stop].text == "."
            and tokens[stop].glued
        ):
            pass
        return WORDS[token.low], stop, False
    if token.text.upper() in CODES and (token.text.isupper() or token.low in ("php", "usd", "inr")):
        return (token.text.upper(),), end + 1, False
    if token.low in ("usd", "gbp", "eur", "cad", "aud", "jpy", "mxn", "chf", "sek"):
        return (token.low.upper(),), end + 1, False
    return None


def _counted(tokens: Sequence[Token], end: int) -> str:
    """The unit or counted noun that follows a bare number, else nothing."""
    if end >= len(tokens):
        return ""
    unit, _ = unit_at(tokens, end)
    if unit:
        return unit
    token = tokens[end]
    if token.text == "-" and token.glued and end + 1 < len(tokens):
        token = tokens[end + 1]
        if token.kind == "number":
            return ""
    if token.low in COUNTED and not (token.low == "x" and not token.glued):
        return token.low
    if token.low in ("pound", "pounds", "lb", "lbs"):
        return "pounds"
    if token.glued and token.kind == "word":
        return "code"
    return ""


_PRICED = (
    "UPPER", "LOWER", "BY", "EXTRA", "RAISE", "CUT", "MORE", "LESS", "OFF", "PRICE", "SPEND",
    "CEIL", "FLOOR", "BUDGET_OF", "OR_LESS", "OR_MORE", "BETWEEN", "TO_SPEND", "EXCEED", "WISH",
)  # fmt: skip
_NEXT_SIZES = 8.0
"""How far apart two sizes of one wardrobe are at most."""


def as_sizes(symbols: Sequence[Symbol], current: Constraints) -> None:
    """Turns bare numbers into sizes where a size stands that they lie near and a budget does not.

    With size 9 and a budget of 70 in force, "10 only" speaks of the size.
    """
    sizes = [float(s) for s in current.sizes if s.replace(".", "", 1).isdigit()]
    base = current.price_upper or current.price_lower
    if not sizes:
        return
    for k, symbol in enumerate(symbols):
        number = symbol.number
        if symbol.kind != "number" or number is None or symbol.counted or symbol.negative:
            continue
        near = any(abs(float(number) - size) <= _NEXT_SIZES for size in sizes)
        if not near or number < 1 or (base is not None and number * 3 > base):
            continue
        around = [*symbols[max(0, k - 2) : k], *symbols[k + 1 : k + 3]]
        if any(s.has(*_PRICED) for s in around):
            continue
        symbol.kind = "size"
        symbol.size = Size(symbol.end, symbol.text, named=True)
