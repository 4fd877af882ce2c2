"""Which paragraph of a page is the title of a price or a rating, and how well it fits.

A title stands above its price in its column, on its row to the left (carts, lists, buy boxes) or
just below it; the page's other entries tell which of these is usual.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.reader.layout import Paragraph
from agent.reader.lexicon import (
    BUTTON,
    CART_WORDS,
    FILTER_HEADINGS,
    LABEL,
    NOISE,
    OTHER_BEFORE,
    OTHER_LINE,
    RATING_WORDS,
)
from agent.reader.prices import Seen
from agent.reader.promotions import is_offer
from agent.reader.ratings import Rating, is_rating_line, is_star_line

Way = Literal["above", "beside", "below"]
WAYS: tuple[Way, ...] = ("above", "beside", "below")
WORST = -2.5
"""A title that fits worse than this is none."""


def is_title_like(paragraph: Paragraph) -> bool:
    """Whether a paragraph can be a product's title: no button, rating, price, label or notice."""
    text = paragraph.text.strip()
    letters = sum(c.isalpha() for c in text)
    if letters < 2 or letters < 0.35 * len(text.replace(" ", "")):
        return False
    if any(not ord(c) >= 0x2E80 for c in text if c.isalpha()) and letters < 3:
        return False
    if len(text) > 280 or len(paragraph.pieces) > 7:
        return False
    first = paragraph.pieces[0].text
    if BUTTON.match(text) or FILTER_HEADINGS.match(text) or LABEL.match(text):
        return False
    # "Shipping" may stand in a long title; a notice is short or starts with its notice words.
    notice = NOISE.search(first) or NOISE.search(text)
    if notice and (len(text) < 45 or notice.start() == 0 or len(first) == len(text) < 60):
        return False
    if len(text) < 60 and (OTHER_BEFORE.match(text) or OTHER_LINE.search(text)):
        return False
    if len(text) < 60 and is_offer(text):
        return False
    if CART_WORDS.search(text) and len(text) < 40:
        return False
    if len(text) < 60 and re.search(r"(?i)\b(for|from|of|over|up to|für|ab)$", text):
        return False
    if len(text) < 50 and re.match(
        r"(?i)^\W*(select )?(colou?r|size|fabric|style|cor|farbe)\s?[-:–]", text
    ):
        return False
    if (
        text.endswith(":")
        or is_star_line(text)
        or is_rating_line(first)
        or len(re.findall(r"\s[>›»/]\s", text)) >= 2
    ):
        return False
    if re.fullmatch(rf"(?i)[\W\d]*(?:{RATING_WORDS.pattern})[\W\d]*", text):
        return False
    # A block of prose ends with a full stop and runs over lines.
    sentences = len(re.findall(r"[a-z]{2}[.!?](?:\s|$)", text))
    if len(paragraph.pieces) >= 3 and sentences >= 2:
        return False
    return not re.fullmatch(r"(?i)[\W\d]*(from|off|save|only|new|price|preis|total)?[\W\d]*", text)


@dataclass(frozen=True)
class Match:
    """A title for an anchor, where it stands, and how well it fits (higher is surer)."""

    title: Paragraph
    way: Way
    score: float


def find_titles(
    anchor: Sequence[Seen] | Rating,
    paragraphs: Sequence[Paragraph],
    others: Callable[[float, float, float, float], bool],
    typical: float,
) -> dict[Way, Match]:
    """The best title of a group of amounts (or a rating line) above, beside and below it.

    Args:
        anchor: the amounts or the rating.
        paragraphs: title-like paragraphs.
        others: whether another anchor stands inside (left, top, right, bottom).
        typical: median type height of the page.
    """
    if isinstance(anchor, Rating):
        left, top, right, bottom = anchor.left, anchor.top, anchor.right, anchor.bottom
        height = bottom - top
    else:
        main = max(anchor, key=lambda s: (s.role == "price", s.size))
        left, right = min(s.start_left for s in anchor), max(s.right for s in anchor)
        top, bottom = min(s.top for s in anchor), max(s.bottom for s in anchor)
        height = min(main.height, 2.2 * typical)
    height = max(height, typical)
    best: dict[Way, Match] = {}
    for p in paragraphs:
        found = _fit(p, (left, top, right, bottom), height, typical, others)
        if found is None or found[1] <= WORST:
            continue
        way, score = found
        if way not in best or score > best[way].score:
            best[way] = Match(p, way, score)
    return best


def _fit(
    p: Paragraph,
    box: tuple[float, float, float, float],
    height: float,
    typical: float,
    others: Callable[[float, float, float, float], bool],
) -> tuple[Way, float] | None:
    left, top, right, bottom = box
    letters = sum(c.isalpha() for c in p.text)
    quality = 2.5 * min(letters, 36) / 36 + 1.5 * max(-0.6, min(1.2, p.size / typical - 1))
    if p.pieces[0].on_picture:
        quality -= 2.0
    overlap = min(right, p.right) - max(left, p.left)
    aligned = abs(p.left - left) < 1.6 * height
    centred = abs(p.center - (left + right) / 2) < 2.0 * height
    above = top - p.bottom
    beside = left - p.right
    if above > -0.4 * height and (aligned or centred or overlap > 0.5 * (right - left)):
        if above > 9 * height or (not aligned and not centred and above > 4 * height):
            return None
        if others(min(left, p.left) - 2, p.bottom, max(left + height, min(right, p.right)), top):
            return None
        loose = 0.0 if aligned or centred else 1.2
        return "above", quality + 1.0 - 0.45 * max(0.0, above) / height - loose
    vertical = max(p.top - bottom, top - p.bottom)
    if beside > -height and vertical < 6 * height and p.left < left:
        if vertical > 2.5 * height and top < p.top:
            return None
        # Something else is sold between the two.
        if others(p.right, min(top, p.top), left - 1, bottom):
            return None
        off_row = 0.8 + 0.5 * vertical / height if vertical > 0.3 * height else 0.0
        far = min(1.2, 0.07 * max(0.0, beside) / height)
        return "beside", quality - 0.6 - far - off_row - 0.5 * max(0.0, vertical) / height
    below = p.top - bottom
    if -0.3 * height < below < 7 * height and (aligned or centred):
        if others(left, bottom, right, p.top):
            return None
        return "below", quality - 1.0 - 0.5 * max(0.0, below) / height
    return None


def usual_way(matches: Sequence[Mapping[Way, Match]]) -> Way | None:
    """Where most entries of a page have their title; None with fewer than three to judge by."""
    if len(matches) < 3:
        return None
    counts = {way: sum(way in m and m[way].score > 0 for m in matches) for way in WAYS}
    best = max(WAYS, key=lambda way: counts[way])
    return best if counts[best] >= 0.6 * len(matches) else None
