"""Product entries of a page: which title, price, old price and rating belong together.

A price is the anchor; entries without a price are anchored by their rating or their picture. How
well a title fits an anchor is decided in agent.reader.titles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.reader.changes import Pixels
from agent.reader.layout import Paragraph, Piece
from agent.reader.numerals import find_percents
from agent.reader.prices import Seen, settle
from agent.reader.ratings import Rating, stars_at
from agent.reader.titles import WORST, Match, Way, find_titles, is_title_like, usual_way


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
    # Half a line apart is another line: that of the next column.
    if overlap > 0.5 * min(one.height, other.height) and apart < reach * height:
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
