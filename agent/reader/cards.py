"""Product entries of a page: which title, price, old price and rating belong together.

A price is the anchor: its title is the paragraph above it in its column, on its row to the left
(carts, lists, buy boxes) or just below it. Entries without a price are anchored by their rating or
their picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.reader.changes import Pixels
from agent.reader.layout import Paragraph, Piece
from agent.reader.lexicon import (
    BUTTON,
    CART_WORDS,
    FILTER_HEADINGS,
    LABEL,
    NOISE,
    OTHER_BEFORE,
    OTHER_LINE,
)
from agent.reader.prices import Seen, find_percents, settle
from agent.reader.promotions import is_offer
from agent.reader.ratings import Rating, is_star_line, stars_at

WAYS: tuple[Literal["above", "beside", "below"], ...] = ("above", "beside", "below")
WORST = -2.5
"""A title that fits worse than this is none."""


@dataclass
class Entry:
    """A product entry while it is put together."""

    title: Paragraph | None
    prices: list[Seen] = field(default_factory=list)
    rating: Rating | None = None
    percents: list[float] = field(default_factory=list)

    @property
    def price(self) -> Seen | None:
        """The selling price."""
        return next((s for s in self.prices if s.role == "price"), None)

    @property
    def old(self) -> Seen | None:
        """The struck-through price, if it is above the selling price."""
        price = self.price
        return next(
            (
                s
                for s in self.prices
                if s.role == "old" and (price is None or s.value > price.value)
            ),
            None,
        )

    @property
    def parts(self) -> list[Paragraph | Seen | Rating]:
        """Everything with a place on the picture."""
        found: list[Paragraph | Seen | Rating] = [*self.prices]
        if self.title is not None:
            found.append(self.title)
        if self.rating is not None:
            found.append(self.rating)
        return found

    @property
    def left(self) -> float:
        """Left edge of its text."""
        return min(p.left for p in self.parts)

    @property
    def right(self) -> float:
        """Right edge of its text."""
        return max(p.right for p in self.parts)

    @property
    def top(self) -> float:
        """Upper edge of its text."""
        return min(p.top for p in self.parts)

    @property
    def bottom(self) -> float:
        """Lower edge of its text."""
        return max(p.bottom for p in self.parts)


def group_amounts(amounts: Sequence[Seen], pieces: Sequence[Piece]) -> list[list[Seen]]:
    """Amounts of one product that stand together, with selling and old price told apart."""
    useful = [a for a in amounts if a.role != "other"]
    groups: list[list[Seen]] = []
    for seen in sorted(useful, key=lambda s: (s.top, s.left)):
        for group in groups:
            # A product has a price and perhaps an old one; a third amount has to stand close.
            reach = 2.5 if len(group) < 2 else 0.9
            if len(group) < 4 and any(_together(seen, other, reach) for other in group):
                group.append(seen)
                break
        else:
            groups.append([seen])
    settled = []
    for group in groups:
        percents = percents_near(group, pieces)
        settled.append(settle(group, percents))
    return settled


def percents_near(group: Sequence[Seen], pieces: Sequence[Piece]) -> list[float]:
    """Percentages printed beside, right above or right below a group of amounts."""
    height = max(s.height for s in group)
    left, right = min(s.left for s in group), max(s.right for s in group)
    top, bottom = min(s.top for s in group), max(s.bottom for s in group)
    found: list[float] = []
    for piece in pieces:
        beside = (
            piece.bottom > top
            and piece.top < bottom
            and (left - 5 * height < piece.right and piece.left < right + 5 * height)
        )
        stacked = (
            piece.right > left
            and piece.left < right
            and (top - 1.5 * height < piece.bottom and piece.top < bottom + 1.5 * height)
        )
        if beside or stacked:
            found.extend(find_percents(piece.text))
    return found


def _together(one: Seen, other: Seen, reach: float) -> bool:
    if one.piece == other.piece:
        return True
    if one.shaped != other.shaped:
        return False
    height = max(one.height, other.height)
    apart = max(one.left, other.left) - min(one.right, other.right)
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    if overlap > 0.3 * min(one.height, other.height) and apart < reach * height:
        return True
    gap = max(one.top, other.top) - min(one.bottom, other.bottom)
    aligned = (
        abs(one.left - other.left) < 1.5 * height or abs(one.right - other.right) < 1.5 * height
    )
    return (
        gap < 0.9 * height
        and (apart < 0 or aligned)
        and (one.role != other.role or one.size != other.size or one.value != other.value)
    )


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
    if text.endswith(":") or is_star_line(text) or len(re.findall(r"\s[>›»/]\s", text)) >= 2:
        return False
    # A block of prose ends with a full stop and runs over lines.
    sentences = len(re.findall(r"[a-z]{2}[.!?](?:\s|$)", text))
    if len(paragraph.pieces) >= 3 and sentences >= 2:
        return False
    return not re.fullmatch(r"(?i)[\W\d]*(from|off|save|only|new|price|preis|total)?[\W\d]*", text)


Way = Literal["above", "beside", "below"]


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


def build_entries(
    amounts: Sequence[Seen],
    paragraphs: Sequence[Paragraph],
    pieces: Sequence[Piece],
    ratings: Sequence[Rating],
    typical: float,
) -> tuple[list[Entry], list[Seen]]:
    """The entries of a page, and the amounts that are no product's price.

    Bare integers become prices only where they head an entry with a title and others like them do.
    """
    groups = group_amounts(amounts, pieces)
    left_over = [a for a in amounts if a.role == "other"]
    titles = [p for p in paragraphs if is_title_like(p)]
    entries: list[Entry] = []
    joined: list[tuple[Entry, float]] = []
    waiting: list[tuple[list[Seen], dict[Way, Match]]] = []
    shaped_exists = any(a.shaped and a.role == "price" for g in groups for a in g)
    for group in groups:
        if not any(s.role == "price" for s in group):
            left_over.extend(group)
            continue
        bare = not any(s.shaped for s in group)
        if bare and shaped_exists and len(group) < 2:
            continue
        if all(s.value == 0 for s in group if s.role == "price"):
            left_over.extend(group)
            continue
        matches = find_titles(group, titles, _others(group, groups), typical)
        if bare and (not matches or not _looks_sold(group, pieces)):
            continue
        waiting.append((group, matches))
    way = usual_way([m for _, m in waiting])
    for group, matches in waiting:
        chosen = max(
            matches.values(), key=lambda m: m.score + (1.5 if m.way == way else 0.0), default=None
        )
        entry = Entry(
            chosen.title if chosen else None, list(group), percents=percents_near(group, pieces)
        )
        joined.append((entry, chosen.score if chosen else WORST))
    joined.sort(key=lambda pair: -pair[1])
    for entry, _ in joined:
        same = next(
            (
                e
                for e in entries
                if entry.title is not None and e.title is not None and e.title is entry.title
            ),
            None,
        )
        if same is not None:
            _absorb(same, entry, left_over)
        elif entry.title is None and any(
            e.price and entry.price and e.price.value == entry.price.value for e in entries
        ):
            left_over.extend(entry.prices)
        else:
            entries.append(entry)
    _add_ratings(entries, ratings, titles, typical)
    return sorted(entries, key=lambda e: (e.top, e.left)), left_over


def _looks_sold(group: Sequence[Seen], pieces: Sequence[Piece]) -> bool:
    """Whether bare integers stand as a price does: beside an old one and a saving."""
    saving = any(re.search(r"(?i)\b(save|off)\b|%", pieces[s.piece].text) for s in group)
    return len(group) >= 2 and (saving or bool(percents_near(group, pieces)))


def _others(
    group: Sequence[Seen], groups: Sequence[Sequence[Seen]]
) -> Callable[[float, float, float, float], bool]:
    rest = [s for g in groups if g is not group for s in g if s.role == "price" and s.shaped]

    def inside(left: float, top: float, right: float, bottom: float) -> bool:
        return any(left < (s.left + s.right) / 2 < right and top < s.middle < bottom for s in rest)

    return inside


def _absorb(entry: Entry, other: Entry, left_over: list[Seen]) -> None:
    """A second price group of one title: a line total, a unit price, the buy box, an old price."""
    price, second = entry.price, other.price
    if price is None or second is None:
        return
    if entry.old is None and other.old is not None:
        entry.prices.append(other.old)
    lone = next((s for s in other.prices if s.role == "price"), None)
    if lone is not None:
        left_over.append(lone)


def _add_ratings(
    entries: list[Entry], ratings: Sequence[Rating], titles: Sequence[Paragraph], typical: float
) -> None:
    """Give each rating line to the entry it stands in, or start an entry without a price."""
    used = {id(e.title) for e in entries if e.title is not None}
    for rating in ratings:
        best: Entry | None = None
        best_distance = 1e9
        for entry in entries:
            distance = _distance(entry, rating)
            if distance < best_distance:
                best, best_distance = entry, distance
        if best is not None and best_distance < 6.5 * typical:
            if best.rating is None or best_distance < _distance(
                Entry(best.title, best.prices), best.rating
            ):
                best.rating = rating
            continue
        free = [t for t in titles if id(t) not in used]
        match = find_titles(rating, free, lambda *_: False, typical).get("above")
        if match is None or match.score <= 0 or match.title.pieces[0].on_picture:
            continue
        title = match.title
        if len(title.text.split()) > 1 or len(title.text) > 11:
            used.add(id(title))
            entries.append(Entry(title, rating=rating))


def add_drawn_ratings(entries: Sequence[Entry], rgb: Pixels) -> None:
    """Look for stars that the recogniser missed where the page's other entries have theirs."""
    models = [
        (e.title, e.rating) for e in entries
        if e.title is not None and e.rating is not None and e.rating.drawn
    ]  # fmt: skip
    for entry in entries:
        if entry.title is None or (entry.rating is not None and entry.rating.value is not None):
            continue
        for title, rating in models:
            down = rating.top - title.bottom
            if entry.rating is not None:
                down = entry.rating.top - entry.title.bottom
            left = entry.title.left + rating.left - title.left
            top = entry.title.bottom + down
            right, bottom = left + rating.right - rating.left, top + rating.bottom - rating.top
            value = stars_at(rgb, left - 6, top - 4, right + 6, bottom + 4)
            if value is not None:
                count = entry.rating.reviews if entry.rating is not None else None
                entry.rating = Rating(value, count, left, top, right, bottom, drawn=True)
                break


def _distance(entry: Entry, rating: Rating) -> float:
    """How far a rating line is from the text of an entry; infinite outside its column."""
    bare = Entry(entry.title, entry.prices)
    left, right = bare.left, bare.right
    if bare.title is not None:
        left, right = bare.title.left, max(bare.title.right, left)
    inside = min(right, rating.right) - max(left, rating.left)
    if inside < 0.3 * min(rating.right - rating.left, right - left):
        return float("inf")
    return max(0.0, rating.top - bare.bottom, bare.top - rating.bottom) + (
        0.0 if bare.title is None else 0.3 * max(0.0, bare.title.top - rating.middle)
    )
