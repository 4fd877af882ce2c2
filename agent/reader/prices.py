"""Amounts of money in pieces of text, and what each of them is: selling price, old price, other.

price-parser turns a cleaned single token into a number; everything around it (which tokens are
amounts at all, glued tokens, small raised cents, discount arithmetic) is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from agent.reader.currency import SIGNS
from agent.reader.layout import Ink, Piece, measure_ink
from agent.reader.lexicon import (
    NOW_PRICE,
    OLD_PRICE,
    OTHER_AFTER,
    OTHER_BEFORE,
    OTHER_LINE,
    RATING_WORDS,
)
from agent.reader.ocr import Pixels

Role = Literal["price", "old", "other"]


@dataclass(frozen=True)
class Seen:
    """One amount on the picture."""

    value: Decimal
    sign: str | None
    left: float
    top: float
    right: float
    bottom: float
    piece: int
    """Index of the piece it stands in."""
    start: int
    end: int
    """Its place in the text of that piece."""
    role: Role = "price"
    marked: bool = False
    """A word beside it settles the role; else it is only the default."""
    shaped: bool = True
    """Has a sign or is grouped or has cents; a bare integer needs company."""
    ink: Ink | None = None

    @property
    def height(self) -> float:
        """Height of the box that it stands in."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Vertical middle."""
        return (self.top + self.bottom) / 2

    @property
    def size(self) -> float:
        """Height of the type."""
        return self.ink.height if self.ink else 0.68 * self.height


_SIGN = (
    "|".join(sorted((re.escape(s) for s in SIGNS if not s.isalpha()), key=len, reverse=True))
    + r"|Rs\.?|"
    + "|".join(s for s in SIGNS if s.isalpha() and s.isascii() and len(s) == 3)
    + (r"|TL|CHF|kr\.?|zł|zl|Kč|Ft|Lei|RM|Rp\.?|元|円|원")
)
_GROUPED = r"\d{1,3}(?:[,.'’]\d{2,3})*[,.'’]\d{3}(?:[.,]\d{1,2})?"
_PLAIN = r"\d{1,7}(?:[.,]\d{1,2})?"
_NUMBER = rf"(?:{_GROUPED}(?!\d)|{_PLAIN}(?![.,]?\d))"
# A space groups digits only where a sign after the number shows that it is an amount (14 995 kr).
_SPACED = r"\d{1,3}(?:[ \u00a0]\d{3})+(?:[.,]\d{2})?"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?P<pre>{_SIGN})\s?[.\-]?\s?(?P<a>{_NUMBER})(?:\s?(?P<post0>€|円|TL|₺))?"
    rf"|(?<![\w.,/-])(?P<b>{_SPACED}|{_NUMBER})\s?(?P<post>€|£|円|元|원|₺|₽|₫|zł|Kč|(?:TL|kr|USD|EUR|GBP|INR|TRY|CHF|PLN|SEK|Lei)(?![a-z]))"
    rf"|(?<![\w.,/-])(?<!\d:)(?P<c>{_NUMBER})(?![\w%°\"”″'/:-])",
    re.I,
)
# Digits glued to the next token by the recogniser: "$499.9910% Off", "Rs606Rs1045", "Rs104542% OFF".
_GLUED_PERCENT = re.compile(r"(?P<amount>\d+[.,]\d{2})(?P<percent>\d{1,2}\s?%)")
_CURRENCY_O = re.compile(r"((?:[$€£₹]|Rs\.?\s?)\d*)[Oo](?=[\d.,!]|\b)")
_UNITS = re.compile(
    r"^\s*(?:gb|tb|mb|mah|mm|cm|kg|g|lb|lbs|oz|ml|l|hz|w|v|mp|px|inch|inches|in\b|\"|″|ft|yd|pcs?|"
    r"pack|count|sheets?|cups?|colou?rs?|rolls?|years?|months?|days?|hours?|hrs?|min|mins|people|"
    r"generation|gen\b|th\b|st\b|nd\b|rd\b|x\s?\d|bit|core|stars?|out of|of\s+\d|bewertung|"
    r"sold|views?|likes?|followers|items?|results?|products?|miles?|km|sqft|sq\b|bds?\b|beds?|ba\b|"
    r"baths?|reams?|%|°)",
    re.I,
)  # fmt: skip
_PRICE_WORDS = re.compile(
    r"^(off|save|mrp|extra|was|list|price|from|now|inkl|incl|mwst|vat|tax|statt|details|uvp|rrp|"
    r"only|each|free|ebay|deal|sale|rabatt|desconto|indirim|limited|time)$",
    re.I,
)  # fmt: skip
_PERCENT = re.compile(r"[-−–↓]?\s?(\d{1,2}(?:[.,]\d)?)\s?%")


def clean(text: str) -> str:
    """The text with the recogniser's usual slips inside amounts mended (O for 0, lost spaces)."""
    text = _CURRENCY_O.sub(r"\g<1>0", text)
    text = re.sub(r"(?<=[\d.,])[Oo](?=\b)", "0", text)
    text = re.sub(r"\bB\$(?=[\s.]?\d)", "R$", text)
    text = re.sub(r"\bR\$\.?-?(?=\d)", "R$", text)
    return re.sub(r"(?<=\d)(?=M\.?\s?R\.?\s?P\b)", " ", text)


def parse_number(token: str) -> Decimal | None:
    """The number of one cleaned token (1,06,999 or 12,34 or 1.299,00), None when it has none."""
    from price_parser import Price

    token = token.strip()
    # "12.498.00": grouping and decimals with the same mark; the last two digits are the cents.
    if re.fullmatch(r"\d{1,3}([.,])\d{3}\1\d{2}", token):
        token = token[:-3].replace(".", "").replace(",", "") + "." + token[-2:]
    amount = Price.fromstring(token).amount
    return amount if isinstance(amount, Decimal) and amount.is_finite() else None


def find_percents(text: str) -> list[float]:
    """The percentages named in a text, 1 to 99; of digits glued together, the last two."""
    text = (
        re.sub(r"(?<=[\d.,])(?=\d{2}\s?%)", " ", text) if re.search(r"\d{3,}\s?%", text) else text
    )
    return [
        float(m.group(1).replace(",", "."))
        for m in _PERCENT.finditer(text)
        if 1 <= float(m.group(1).replace(",", ".")) <= 99
    ]


def find_amounts(pieces: Sequence[Piece], rgb: Pixels | None = None) -> list[Seen]:
    """Every amount of money in the pieces, role by the words on the same piece.

    With the picture given, each amount's ink is measured: size, weight, strike, raised cents.
    """
    found: list[Seen] = []
    for index, piece in enumerate(pieces):
        for seen in _in_piece(index, piece):
            if rgb is not None:
                ink = measure_ink(rgb, seen.left, seen.top, seen.right, seen.bottom)
                seen = replace(seen, ink=ink)
                seen = _with_raised_cents(seen, piece, rgb)
            found.append(seen)
    return _with_separate_cents(found, pieces)


def _in_piece(index: int, piece: Piece) -> Iterator[Seen]:
    text = piece.text
    mended = clean(text)
    if mended != text:
        same = len("".join(mended.split())) == len("".join(text.split()))
        piece = replace(piece, text=mended, centers=piece.centers if same else ())
        text = mended
    covered = 0
    for start, end, number, sign in _tokens(text, piece):
        if start < covered:
            continue
        covered = end
        value = parse_number(number)
        if value is None or value > Decimal("1e9"):
            continue
        before, after = text[:start], text[end:]
        shaped = sign is not None or bool(re.search(r"[.,]\d{2}$|[,.']\d{3}", number))
        if sign is None and not _may_be_price(number, before, after, text):
            continue
        role, marked = role_by_words(before, after)
        if struck := (piece.ink is not None and piece.ink.struck and len(text) < end - start + 4):
            role, marked = ("old", True) if role == "price" else (role, marked)
        left, right = piece.span(start, end)
        yield Seen(
            value, sign, left, piece.top, right, piece.bottom, index, start, end, role,
            marked or struck, shaped,
        )  # fmt: skip


def _tokens(text: str, piece: Piece) -> Iterator[tuple[int, int, str, str | None]]:
    """(start, end, number, sign) of every candidate, glued ones separated."""
    for match in _AMOUNT.finditer(text):
        number = match.group("a") or match.group("b") or match.group("c")
        sign = match.group("pre") or match.group("post") or match.group("post0")
        where = "a" if match.group("a") else "b" if match.group("b") else "c"
        start, end = match.start(where), match.end(where)
        glued = _glued(text, start, end, piece)
        if glued is not None:
            for a, b in glued:
                yield (match.start() if a == start else a), b, text[a:b], sign
            continue
        yield match.start(), match.end(), number, sign
    for match in _GLUED_PERCENT.finditer(text):
        sign_match = re.search(rf"({_SIGN})\s?$", text[: match.start("amount")], re.I)
        start = sign_match.start() if sign_match else match.start("amount")
        sign = sign_match.group(1) if sign_match else None
        yield start, match.end("amount"), match.group("amount"), sign
    for match in re.finditer(rf"({_SIGN})\s?(\d{{3,8}})(?=\s?%)", text, re.I):
        digits = match.group(2)
        # "Rs104542% OFF": the last two digits belong to the percentage.
        yield match.start(), match.end() - 2, digits[:-2], match.group(1)
    for match in re.finditer(rf"(?<=\d)({_SIGN})\s?({_NUMBER})", text, re.I):
        yield match.start(), match.end(), match.group(2), match.group(1)


def _glued(text: str, start: int, end: int, piece: Piece) -> list[tuple[int, int]] | None:
    """Two integers read as one because a thin sign between them was lost ("165179")."""
    digits = text[start:end]
    if not digits.isdigit() or not 5 <= len(digits) <= 8 or not piece.centers:
        return None
    skipped = sum(not c.isspace() for c in text[:start])
    at = piece.centers[skipped : skipped + len(digits)]
    if len(at) < len(digits):
        return None
    steps = [b - a for a, b in zip(at, at[1:], strict=False)]
    widest = max(range(len(steps)), key=steps.__getitem__)
    rest = sorted(steps)[: len(steps) - 1]
    if steps[widest] < 1.7 * rest[len(rest) // 2] or not 1 <= widest <= len(digits) - 3:
        return None
    return [(start, start + widest + 1), (start + widest + 1, end)]


def _may_be_price(number: str, before: str, after: str, text: str) -> bool:
    """Whether a number without a sign can be a price at all."""
    if _UNITS.match(after) or RATING_WORDS.search(after[:24]) or re.match(r"\s*[-/]\s*\d", after):
        return False
    if re.search(r"[★☆食會会#:]\s*\(?\s*$|\($", before) and not re.search(
        r"(price|preis|preço|precio|fiyat|prix|m\.?r\.?p\.?)\s*:\s*$", before, re.I
    ):
        return False
    grouped = re.search(r"[,.']\d{3}(?!\d)", number)
    cents = re.search(r"\d[.,]\d{2}$", number)
    if re.search(
        r"[A-Za-z]{3,}", re.sub(r"(?i)m\.?r\.?p|from|price|now|was|off|save|extra", "", text)
    ):
        # In running text only amounts after a price word count.
        return bool(
            (grouped or cents)
            and (
                OLD_PRICE.search(before)
                or NOW_PRICE.search(before)
                or OTHER_BEFORE.search(before)
                or re.match(r"\s*M\.?R\.?P", after, re.I)
                or re.search(r"-?\d+%\s*$", before)
            )
        )
    if grouped or cents:
        return True
    bare = len(number) <= 6 and number.isdigit() and (len(number) >= 2)
    return bool(bare and not re.match(r"(19|20)\d{2}$", number))


def role_by_words(before: str, after: str) -> tuple[Role, bool]:
    """The role that the words on both sides of an amount give it, and whether they settle it."""
    # Only what belongs to this amount: words after an earlier amount on the line start anew.
    if re.search(r"\d\s?x\s+(de\s+|of\s+)?\W{0,3}(r\$|us\$|\D)?\s*$", before.lower()):
        return "other", True
    near = (
        re.split(r"\d[\d.,]*\s*(?:%|€|£)?\s*\)?", before)[-1]
        if re.search(r"\d", before)
        else before
    )
    low = near.lower()
    other = list(OTHER_BEFORE.finditer(low))
    old = list(OLD_PRICE.finditer(low))
    now = list(NOW_PRICE.finditer(low))
    last = max((m.end() for m in (*other, *old, *now)), default=-1)
    if OTHER_AFTER.match(after.lower()) or OTHER_LINE.search(
        f"{before.lower()} \u0000 {after.lower()}"
    ):
        return "other", True
    if any(m.end() == last for m in now):
        return "price", True
    if any(m.end() == last for m in old):
        return "old", True
    if other:
        return "other", True
    whole = before.lower()
    # An amount that other words follow belongs to a sentence or a title ("$25 gift card").
    follow = [w for w in re.findall(r"[^\W\d_]{3,}", after) if not _PRICE_WORDS.match(w)]
    if len(follow) >= 2:
        return "other", True
    # "(47,21 €/kg)" and other amounts in brackets explain the one before them.
    if whole.rstrip().endswith("(") and re.search(r"\d", whole):
        return "other", True
    return "price", False


def _with_raised_cents(seen: Seen, piece: Piece, rgb: Pixels) -> Seen:
    """Mend "$4500" whose last two digits are drawn small and raised: it is 45.00."""
    token = piece.text[seen.start : seen.end]
    digits = re.sub(r"\D", "", token)
    if len(digits) < 3 or re.search(r"[.,]", token) or not token.rstrip()[-2:].isdigit():
        return seen
    if seen.sign is None:
        return seen
    cut = seen.end - 2
    head = measure_ink(rgb, *_box(piece, seen.start, cut))
    tail = measure_ink(rgb, *_box(piece, cut, seen.end))
    if head is None or tail is None or seen.ink is None:
        return seen
    if tail.height <= 0.72 * head.height and tail.top <= head.top + 0.3 * head.height:
        return replace(seen, value=Decimal(digits[:-2] + "." + digits[-2:]))
    return seen


def _box(piece: Piece, start: int, end: int) -> tuple[float, float, float, float]:
    left, right = piece.span(start, end)
    return left, piece.top, right, piece.bottom


def _with_separate_cents(found: list[Seen], pieces: Sequence[Piece]) -> list[Seen]:
    """Join "$12" with a small raised "99" that was detected as a piece of its own."""
    cents = {i: p for i, p in enumerate(pieces) if re.fullmatch(r"\d{2}", p.text.strip())}
    if not cents:
        return found
    used: set[int] = set()
    joined: list[Seen] = []
    for seen in found:
        if seen.sign and seen.value == seen.value.to_integral_value() and seen.piece not in cents:
            for i, p in cents.items():
                beside = -0.2 * seen.height <= p.left - seen.right <= 0.5 * seen.height
                raised = p.height < 0.8 * seen.height and abs(p.top - seen.top) < 0.4 * seen.height
                if beside and raised and i not in used:
                    used.add(i)
                    value = seen.value + Decimal(p.text.strip()) / 100
                    seen = replace(seen, value=value, right=p.right)
                    break
        joined.append(seen)
    return [s for s in joined if s.piece not in used]


def settle(group: Sequence[Seen], percents: Sequence[float] = ()) -> list[Seen]:
    """Tell the selling price from the old one among amounts of one product that stand together.

    Words and strikes first; then discount arithmetic (price = old x (1 - share) within 1 %); then
    the type: of two amounts the larger one that is set smaller, paler, or just beside the lower
    one is the old price. Sites differ in the order, so the order decides nothing.
    """
    amounts = list(group)
    open_ones = [i for i, s in enumerate(amounts) if s.role == "price"]
    if len(open_ones) < 2 and not (len(open_ones) == 1 and any(s.role == "old" for s in amounts)):
        return amounts
    for i in open_ones:
        for j in open_ones:
            low, high = amounts[i], amounts[j]
            if low.role != "price" or high.role != "price" or not 0 < low.value < high.value:
                continue
            share = 100 * float(1 - low.value / high.value)
            if any(abs(share - p) <= 1.0 for p in percents):
                amounts[j] = replace(high, role="old", marked=True)
    rest = [i for i in open_ones if amounts[i].role == "price"]
    if len(rest) < 2:
        return amounts
    struck = [i for i in rest if amounts[i].ink is not None and amounts[i].ink.struck]  # type: ignore[union-attr]
    if struck and len(struck) < len(rest):
        for i in struck:
            amounts[i] = replace(amounts[i], role="old")
        rest = [i for i in rest if i not in struck]
    if len(rest) < 2:
        return amounts
    lowest = min(rest, key=lambda i: amounts[i].value)
    for i in rest:
        if i == lowest:
            continue
        same = amounts[i].value == amounts[lowest].value
        amounts[i] = replace(amounts[i], role="other" if same else "old")
    return amounts
