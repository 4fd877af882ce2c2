"""Amounts of money on a picture, and what each of them is: selling price, old price, other.

Which numbers are amounts is decided in agent.reader.numerals; here they get their place and their
type from the picture (size, strike, small raised cents), and their role from the words beside
them and from the amounts that they stand with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from agent.reader.changes import Pixels
from agent.reader.currency import THOUSANDTHS, currency_of_sign
from agent.reader.layout import Ink, Piece, glyphs, measure_ink
from agent.reader.lexicon import NOW_PRICE, OLD_PRICE, OTHER_AFTER, OTHER_BEFORE, OTHER_LINE
from agent.reader.numerals import clean, find_tokens, may_be_price, parse_number, separate

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
    line_left: float | None = None
    """Left edge of the piece, with the label before the amount."""

    @property
    def start_left(self) -> float:
        """Left edge of the amount with its label."""
        return self.left if self.line_left is None else self.line_left

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


_PRICE_WORDS = re.compile(
    r"^(off|save|mrp|extra|was|list|price|from|now|inkl|incl|mwst|vat|tax|statt|details|uvp|rrp|"
    r"only|each|free|ebay|deal|sale|rabatt|desconto|indirim|limited|time)$",
    re.I,
)  # fmt: skip


def find_amounts(pieces: Sequence[Piece], rgb: Pixels | None = None) -> list[Seen]:
    """Every amount of money in the pieces, role by the words on the same piece.

    With the picture given, each amount's ink is measured: size, weight, strike, raised cents.
    """
    found: list[Seen] = []
    for index, piece in enumerate(pieces):
        for seen in _in_piece(index, piece):
            if rgb is not None:
                ink = measure_ink(rgb, seen.left, seen.top, seen.right, seen.bottom)
                text = separate(clean(piece.text), piece.centers)
                found.append(_with_raised_cents(replace(seen, ink=ink), text, rgb))
            else:
                found.append(seen)
    return _with_separate_cents(found, pieces)


def _in_piece(index: int, piece: Piece) -> Iterator[Seen]:
    mended = clean(piece.text)
    if len("".join(mended.split())) != len("".join(piece.text.split())):
        piece = replace(piece, centers=())
    text = separate(mended, piece.centers)
    piece = replace(piece, text=text)
    covered = 0
    for start, end, number, sign in find_tokens(text):
        if start < covered:
            continue
        covered = end
        code = currency_of_sign(sign) if sign is not None else None
        value = parse_number(number, thousandths=code in THOUSANDTHS)
        if value is None or value > Decimal("1e9"):
            continue
        before, after = text[:start], text[end:]
        shaped = sign is not None or bool(re.search(r"[.,]\d{2}$|[,.']\d{3}", number))
        if sign is None and not may_be_price(number, before, after, text):
            continue
        role, marked = role_by_words(before, after)
        if struck := (piece.ink is not None and piece.ink.struck and len(text) < end - start + 4):
            role, marked = ("old", True) if role == "price" else (role, marked)
        left, right = piece.span(start, end)
        yield Seen(
            value, sign, left, piece.top, right, piece.bottom, index, start, end, role,
            marked or struck, shaped, line_left=piece.left,
        )  # fmt: skip


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


def _with_raised_cents(seen: Seen, text: str, rgb: Pixels) -> Seen:
    """Mend "$4500" whose last two digits are drawn small and raised: it is 45.00."""
    token = text[seen.start : seen.end]
    digits = re.sub(r"\D", "", token)
    if seen.sign is None or not 3 <= len(digits) <= 7 or re.search(r"[.,]\d{2}\s*$", token):
        return seen
    shapes = glyphs(rgb, seen.left - 2, seen.top, seen.right + 2, seen.bottom)
    if len(shapes) < 3:
        return seen
    highest = max(bottom - top for _, _, top, bottom in shapes)
    tall = [s for s in shapes if s[3] - s[2] > 0.7 * highest]
    # The sign may reach above and below the digits; the middle of the tall shapes is a digit.
    tallest = sorted(s[3] - s[2] for s in tall)[len(tall) // 2]
    base = sorted(s[3] for s in tall)[len(tall) // 2]
    last = max(s[1] for s in tall)
    raised: list[tuple[int, int, int, int]] = []
    for shape in (s for s in shapes if s[0] >= last):
        if shape[3] > base - 0.2 * tallest or shape[3] - shape[2] > 0.75 * tallest:
            # What follows at a distance is the next word; what follows at once is the amount.
            if not raised or shape[0] - raised[-1][1] < 0.2 * tallest:
                return seen
            break
        raised.append(shape)
    wide = raised[-1][1] - raised[0][0] if raised else 0
    if 0.35 * tallest < wide < 1.6 * tallest:
        return replace(seen, value=Decimal(f"{digits[:-2]}.{digits[-2:]}"))
    return seen


def _with_separate_cents(found: list[Seen], pieces: Sequence[Piece]) -> list[Seen]:
    """Join "$12" with a small raised "99" that was detected as a piece of its own."""
    cents = {i: p for i, p in enumerate(pieces) if re.fullmatch(r"\d{2}", p.text.strip())}
    if not cents:
        return found
    used: set[int] = set()
    joined: list[Seen] = []
    for amount in found:
        seen = amount
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
