"""Finds what is personal in the text pieces of one screen.

A piece is a run of text with its place: a line that OCR read, or the text of an element of a page.
Some things are told by their own shape (a card number, an e-mail address); others only by what
stands beside them (an order number, a postcode), so labels to the left and above are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.capture.personal import labels
from agent.capture.personal.addresses import bare_postcodes, strong_addresses, weak_addresses
from agent.capture.personal.numbers import Span, cards, ibans, phones


@dataclass(frozen=True)
class Piece:
    """A run of text and where it stands, in picture pixels from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Found:
    """A stretch of a piece that is personal."""

    piece: int
    """Position of the piece."""
    start: int
    end: int
    kind: str
    """card, email, phone, iban, postcode, address, order, name or secret."""


_TLD = (
    r"(?:com|net|org|edu|gov|info|biz|io|me|co|uk|de|fr|es|it|nl|pl|pt|br|in|jp|se|ch|at|be|ie"
    r"|us|ca|au|example|test|invalid)"
)
_EMAIL = re.compile(
    r"[^\s@<>()\[\]:;,\"|＠]+ ?[@＠] ?[\w-]{2,}(?:[ ]?[.,·][ ]?[\w-]+)*"
    rf"(?:(?<=\w) {_TLD}(?!\w))?"
)
_MISREAD_EMAIL = re.compile(
    rf"[\w.+%-]{{2,}}(?:[©®¢]| ?[\[(](?:at|@)[\])] ?)[\w-]{{2,}}(?:\.[\w-]+)*\.{_TLD}(?!\w)"
    r"|[\w.+%-]{3,}(?:gmail|yahoo|hotmail|outlook|icloud|googlemail|protonmail|gmx"
    r"|example)\.[a-z.]{2,6}(?!\w)",
    re.IGNORECASE,
)
_KNOWN_ORDERS = re.compile(
    r"(?<![\w-])(?:[DC0-9]\d{2}-\d{7}-\d{7}|OD\d{12,20}|1Z[0-9A-Z]{16}"
    r"|[A-Z]{2}\d{9}[A-Z]{2})(?![\w-])"
)
# What an order number looks like behind its label: at least four digits, whatever is between.
_TOKEN = re.compile(r"#?[A-Za-z0-9][A-Za-z0-9./_-]{3,39}(?: \d{3,8}){0,3}")
_MONEY = re.compile(r"[£$€₹¥₺]|\b(?:usd|eur|gbp|inr|rs)\b", re.IGNORECASE)
_DATE_ONLY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$")
_SECRET_VALUE = re.compile(r"(?<![\d.,])(?:\d{3,6}|\d{2} ?/ ?\d{2,4}|\d{2}-\d{2})(?![\d.,])")
_DIGITS_OF_PHONE = re.compile(r"[+(]?\d(?:[ \u00a0./()–-]{0,3}\d){5,14}")
_LONGEST_VALUE = 60
_ADDRESS_LINES = 6
_NEAR, _FAR = 12.0, 26.0
"""How far right of its label a value stands, in heights: any text, and what looks the part."""


def find_personal(pieces: Sequence[Piece]) -> list[Found]:
    """Everything personal among the pieces of one screen, in order of the pieces.

    Spans of one piece may touch but do not overlap.
    """
    screen = _Screen(pieces)
    spans: list[list[Span]] = [[*_alone(piece.text)] for piece in pieces]
    for at, extra in screen.labelled():
        spans[at].append(extra)
    for at, extra in screen.near_addresses(spans):
        spans[at].append(extra)
    return [
        Found(at, start, end, kind)
        for at, found in enumerate(spans)
        for start, end, kind in _merged(found)
    ]


def scrub(text: str, mask: str = "█") -> str:
    """The text with what is personal in it replaced by a mask of the same length.

    For titles and addresses of pages, which are kept as text.
    """
    for found in find_personal([Piece(text, 0, 0, 10.0 * len(text), 20)]):
        text = text[: found.start] + mask * (found.end - found.start) + text[found.end :]
    return text


@lru_cache(maxsize=20_000)
def _alone(text: str) -> tuple[Span, ...]:
    """What is personal by its own shape, or by a label in front of it in the same piece.

    Cached, since most lines of a page stand on the next picture of it, too.
    """
    if len(text) < 3:
        return ()
    spans = [
        *((m.start(), m.end(), "email") for m in _EMAIL.finditer(text) if _is_email(m[0])),
        *((m.start(), m.end(), "email") for m in _MISREAD_EMAIL.finditer(text)),
        *((m.start(), m.end(), "order") for m in _KNOWN_ORDERS.finditer(text)),
        *_labelled_inside(text),
    ]
    if sum(map(str.isdigit, text)) >= 2:
        numbers = [*cards(text), *ibans(text), *phones(text)]
        spans += [s for s in numbers if not _of_product(text[: s[0]])]
    if any(map(str.isdigit, text)):
        spans += strong_addresses(text)
    return tuple(spans)


def _is_email(text: str) -> bool:
    local, _, domain = text.replace("＠", "@").partition("@")
    local, domain = local.strip(), domain.strip()
    if not re.search(r"[A-Za-z]", domain) or not re.search(r"\w", local):
        return False
    # "2 @ Large" is no address; a dot, or a name long enough to have lost one, makes it one.
    return bool(re.search(r"[.,·]|\s" + _TLD + "$", domain)) or (
        " " not in text and len(domain) >= 6 and len(local) >= 2
    )


def _of_product(before: str) -> bool:
    return bool(labels.PRODUCT_LABEL.search(before[-40:].rstrip(" :#.-")))


def _labelled_inside(text: str) -> Iterator[Span]:
    """Values behind a label in one piece: "Order #A-1234567", "Postcode: 1010"."""
    for match in labels.ORDER_LABEL.finditer(text):
        value = _order_value(text, match.end(), bool(labels.EXPLICIT.search(match[0])))
        if value:
            yield value
    for label, find in _INSIDE:
        for match in label.finditer(text):
            gap = re.match(r"[\s:.#№()-]{0,5}", text[match.end() :])
            at = match.end() + (gap.end() if gap else 0)
            for start, end, kind in find(text[at : at + 48])[:1]:
                if start <= 2:
                    yield at + start, at + end, kind


def _order_value(text: str, at: int, explicit: bool) -> Span | None:
    gap = re.match(r"[\s:.#№()-]*(?:is|was|lautet|est|es|é)?[\s:#]*", text[at:])
    begin = at + (gap.end() if gap else 0)
    explicit = explicit or bool(re.search(r"[:#№]", text[at:begin]))
    token = _TOKEN.match(text, begin)
    if not token or _MONEY.search(text[max(0, begin - 2) : token.end() + 2]):
        return None
    value = token[0].rstrip(".")
    digits = sum(map(str.isdigit, value))
    if _DATE_ONLY.fullmatch(value) or digits < (4 if explicit else 6):
        return None
    return begin, begin + len(value), "order"


def _phone_values(value: str) -> list[Span]:
    return [(m.start(), m.end(), "phone") for m in _DIGITS_OF_PHONE.finditer(value)]


def _card_values(value: str) -> list[Span]:
    return [
        (m.start(), m.end(), "card")
        for m in re.finditer(r"\d(?:[ \u00a0.–-]{0,2}[\dOIl]){11,18}", value)
    ]


def _secret_values(value: str) -> list[Span]:
    begin = len(value) - len(value.lstrip())
    match = _SECRET_VALUE.match(value, begin)
    return [(begin, match.end(), "secret")] if match else []


def _order_finder(explicit: bool) -> Callable[[str], list[Span]]:
    def find(value: str) -> list[Span]:
        span = _order_value(value, 0, explicit)
        return [span] if span and span[0] <= 2 else []

    return find


def _email_values(value: str) -> list[Span]:
    compact = value.strip()
    if " " in compact or len(compact) < 6 or not re.search(r"[.@]", compact):
        return []
    return [(0, len(value), "email")]


def _postcode_values(value: str) -> list[Span]:
    return list(bare_postcodes(value))


# A label, and what its value looks like.
_INSIDE = (
    (labels.PHONE_LABEL, _phone_values),
    (labels.POSTCODE_LABEL, _postcode_values),
    (labels.CARD_LABEL, _card_values),
    (labels.SECRET_LABEL, _secret_values),
)
_BESIDE = (*_INSIDE, (labels.EMAIL_LABEL, _email_values))


class _Screen:
    """The pieces of a screen and what stands beside each of them."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.is_label = [
            bool(labels.FIELD_LABEL.match(p.text)) or _is_label(p.text) for p in pieces
        ]
        # One word such as "City" stands on many pages; two different ones make a form.
        named = {
            p.text.casefold().strip(" :*")
            for p, is_ in zip(pieces, self.is_label, strict=True)
            if is_
        }
        self.is_form = len(named) >= 2

    def labelled(self) -> Iterator[tuple[int, Span]]:
        """Values whose label is a piece of its own, to the left or above."""
        for at, piece in enumerate(self.pieces):
            text = piece.text.strip()
            if len(text) > _LONGEST_VALUE or not _could_be_label(text):
                continue
            finders: list[Callable[[str], list[Span]]]
            finders = [find for label, find in _BESIDE if _ends_with_label(label, text)]
            if _ends_with_label(labels.ORDER_LABEL, text):
                finders.append(_order_finder(bool(labels.EXPLICIT.search(text))))
            is_field = self.is_form and bool(labels.FIELD_LABEL.match(text))
            values = self.values_of(at, _FAR) if finders else []
            for find in finders:
                # The first of the neighbours that looks the part.
                for value in values:
                    spans = find(self.pieces[value].text)
                    yield from ((value, span) for span in spans)
                    if spans:
                        break
            for value in self.values_of(at, _NEAR)[:1] if is_field else ():
                words = self.pieces[value].text
                if not _MONEY.search(words):
                    yield value, (0, len(words), "name")

    def values_of(self, at: int, reach: float) -> list[int]:
        """The pieces that a label may belong to, likeliest first: right of it, and below it.

        `reach` is the widest gap to the right, in heights of the label.
        """
        label = self.pieces[at]
        height = max(8.0, label.bottom - label.top)
        beside: list[tuple[float, int]] = []
        below: list[tuple[float, int]] = []
        for other, piece in enumerate(self.pieces):
            if other == at:
                continue
            middle = (piece.top + piece.bottom) / 2
            if label.top - 0.2 * height <= middle <= label.bottom + 0.2 * height:
                gap = piece.left - label.right
                if -4 <= gap <= reach * height:
                    beside.append((gap, other))
            elif (
                -0.3 * height <= piece.top - label.bottom <= 2.2 * height
                and abs(piece.left - label.left) <= 2 * height
            ):
                below.append((piece.top, other))
        right = [other for _, other in sorted(beside)[:1] if not self.is_label[other]]
        under = [other for _, other in sorted(below)[:1] if not self.is_label[other]]
        return [*right, *under] if beside and min(beside)[0] <= 3 * height else [*under, *right]

    def near_addresses(self, spans: Sequence[Sequence[Span]]) -> Iterator[tuple[int, Span]]:
        """Weak signs of an address, beside a strong one or below a label of an address."""
        known = {
            at
            for at, found in enumerate(spans)
            if any(kind in ("address", "postcode") for _, _, kind in found)
        }
        for at, piece in enumerate(self.pieces):
            label = labels.ADDRESS_LABEL.search(piece.text) if len(piece.text) <= 90 else None
            if label is None:
                continue
            if label.start() <= 12 and (rest := piece.text[label.end() :]).strip(" :"):
                yield from (
                    (at, (label.end() + a, label.end() + b, k)) for a, b, k in weak_addresses(rest)
                )
            # Something must look like an address before the lines below are taken for one.
            block = self.block_below(at)
            signs = [b for b in block if b in known or any(weak_addresses(self.pieces[b].text))]
            if signs:
                last = block.index(signs[-1])
                for line in block[: last + 1]:
                    known.add(line)
                    yield line, (0, len(self.pieces[line].text), "address")
        for at in sorted(known):
            near = [b for b in range(len(self.pieces)) if b not in known and self.adjoin(at, b)]
            for other in near:
                for span in weak_addresses(self.pieces[other].text):
                    yield other, span
            yield from ((at, span) for span in weak_addresses(self.pieces[at].text))

    def block_below(self, at: int) -> list[int]:
        """The lines that stand right below one another under a label, left edges in line."""
        block: list[int] = []
        last = self.pieces[at]
        left = last.left
        height = max(8.0, last.bottom - last.top)
        for _ in range(_ADDRESS_LINES):
            below = [
                (piece.top, other)
                for other, piece in enumerate(self.pieces)
                if other != at
                and other not in block
                and -0.35 * height <= piece.top - last.bottom <= 1.3 * height
                and piece.top > last.top + 0.4 * height
                and abs(piece.left - left) <= 2.5 * height
            ]
            if not below:
                break
            nearest = min(below)[1]
            piece = self.pieces[nearest]
            if self.is_label[nearest] or len(piece.text) > 80 or _MONEY.search(piece.text):
                break
            block.append(nearest)
            last, left = piece, piece.left
        return block

    def adjoin(self, one: int, other: int) -> bool:
        """Whether two pieces are neighbours in a block of lines, or in one row."""
        a, b = self.pieces[one], self.pieces[other]
        height = max(8.0, min(a.bottom - a.top, b.bottom - b.top))
        apart = max(b.top - a.bottom, a.top - b.bottom)
        if apart > 1.3 * height:
            return False
        if apart < -0.5 * height:  # the same row
            return max(b.left - a.right, a.left - b.right) < 3 * height
        return abs(a.left - b.left) <= 3 * height


def _could_be_label(text: str) -> bool:
    return any(c.isalpha() for c in text) or "☎" in text or "#" in text


def _ends_with_label(label: re.Pattern[str], text: str) -> bool:
    return any(
        not re.search(r"\w", text[m.end() :]) and m.start() <= 24 for m in label.finditer(text)
    )


def _is_label(text: str) -> bool:
    words = text.strip()
    return len(words) <= 40 and any(
        label.fullmatch(words.strip(" :*()?#"))
        for label in (
            labels.ORDER_LABEL,
            labels.PHONE_LABEL,
            labels.POSTCODE_LABEL,
            labels.CARD_LABEL,
            labels.SECRET_LABEL,
            labels.EMAIL_LABEL,
            labels.ADDRESS_LABEL,
        )
    )


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans as one; the kind is that of the first."""
    merged: list[Span] = []
    for start, end, kind in sorted(spans, key=lambda s: (s[0], -s[1])):
        if start >= end:
            continue
        if merged and start < merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), before[2])
        else:
            merged.append((start, end, kind))
    return merged
