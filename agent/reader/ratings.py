"""Star ratings and review counts, from digits beside stars or from the drawn stars themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.reader.layout import Piece
from agent.reader.lexicon import RATING_WORDS
from agent.reader.ocr import Pixels

# What the recogniser makes of drawn stars.
_STAR = "★☆⭐✩✪*食會会合古女士釘幻全☑㊛"
_STARS = re.compile(rf"[{_STAR}](?:\s?[{_STAR}k]){{1,5}}")
_VALUE = re.compile(
    r"(?<![\d.,])([0-5](?:[.,]\d{1,2})?)\s*(?:/\s*5(?:\.0)?\b|out of 5|von 5|de 5|sur 5|su 5|"
    r"stars?\b|sterne\b|estrelas\b)",
    re.I,
)
_VALUE_BY_STAR = re.compile(rf"(?<![\d.,$€£₹])([0-5][.,]\d{{1,2}}|[0-5])\s*\(?\s*[★☆⭐✩|{_STAR}]")
_STAR_BY_VALUE = re.compile(r"[★⭐✩☆]\s*\(?\s*([0-5][.,]\d{1,2})(?!\d)")
_BARE_VALUE = re.compile(r"^\W*([1-5][.,]\d)\W*$")
_COUNT = re.compile(r"(\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d)?)\s*([kKmM]?)\+?")


@dataclass(frozen=True)
class Rating:
    """A rating line: value 0 to 5 and number of reviews, either may be missing."""

    value: float | None
    reviews: int | None
    left: float
    top: float
    right: float
    bottom: float
    drawn: bool = False
    """The value was measured on drawn stars, to half a star."""

    @property
    def middle(self) -> float:
        """Vertical middle."""
        return (self.top + self.bottom) / 2


def find_ratings(pieces: Sequence[Piece], rgb: Pixels | None = None) -> list[Rating]:
    """All rating lines, from top to bottom; parts that stand side by side are joined."""
    found = [r for p in pieces if (r := _of_piece(p, rgb)) is not None]
    joined: list[Rating] = []
    for rating in sorted(found, key=lambda r: (r.top, r.left)):
        partner = next(
            (
                i
                for i, other in enumerate(joined)
                if _side_by_side(other, rating)
                and (other.value is None or rating.value is None or rating.drawn or other.drawn)
            ),
            None,
        )
        if partner is None:
            joined.append(rating)
            continue
        other = joined[partner]
        first, second = (rating, other) if other.drawn and not rating.drawn else (other, rating)
        joined[partner] = Rating(
            first.value if first.value is not None else second.value,
            first.reviews if first.reviews is not None else second.reviews,
            min(other.left, rating.left), min(other.top, rating.top),
            max(other.right, rating.right), max(other.bottom, rating.bottom),
            first.drawn if first.value is not None else second.drawn,
        )  # fmt: skip
    return joined


def _side_by_side(one: Rating, other: Rating) -> bool:
    height = max(one.bottom - one.top, other.bottom - other.top)
    gap = max(one.left, other.left) - min(one.right, other.right)
    same_row = abs(one.middle - other.middle) < 0.6 * height and gap < 3 * height
    # "★★★★☆" with "(5 reviews)" on the line below.
    below = 0 < other.middle - one.middle < 1.6 * height and abs(one.left - other.left) < height
    complete = one.value is not None and other.reviews is not None and other.value is None
    return same_row or (below and complete and one.reviews is None)


def _of_piece(piece: Piece, rgb: Pixels | None) -> Rating | None:
    text = piece.text
    box = (piece.left, piece.top, piece.right, piece.bottom)
    words = RATING_WORDS.search(text)
    if re.search(r"\bno (rating|reviews?)", text, re.I):
        return None
    if re.search(r"&\s*up\b|& above", text, re.I):
        return None
    # "4.196 Reviews": a rating glued to its count, since ratings have one decimal here.
    if (glued := re.search(r"(?<!\d)([1-5]\.\d)(\d{1,4})\s", text)) and words:
        return Rating(float(glued.group(1)), int(glued.group(2)), *box)
    value: float | None = None
    rest = text
    for pattern in (_VALUE, _VALUE_BY_STAR, _STAR_BY_VALUE):
        if match := pattern.search(text):
            value = float(match.group(1).replace(",", "."))
            rest = text[: match.start()] + " " + text[match.end() :]
            break
    stars = _STARS.search(text)
    solid = bool(stars and (piece.score < 0.97 or len(stars.group()) >= 3))
    if value is None and re.fullmatch(r"\s*[1-5][.,]\d\s*[|•·(]\s*[\d.,]+[kK]?\s*\)?", text):
        value = float(re.match(r"\s*([1-5][.,]\d)", text).group(1).replace(",", "."))  # type: ignore[union-attr]
        rest = text[3:]
    drawn = False
    if value is None and stars and solid:
        rest = text[stars.end() :] if text[stars.end() :].strip() else text[: stars.start()]
        if rgb is not None:
            left, right = piece.span(stars.start(), stars.end())
            # A leading star that was lost shows as a margin; five stars have a known width.
            value = stars_of_pixels(rgb, piece.left if stars.start() == 0 else left, piece.top,
                                    right, piece.bottom)  # fmt: skip
            drawn = value is not None
    reviews = None
    if value is not None or words or stars:
        rest = re.sub(rf"[{_STAR}]", " ", rest)
        counts = [(m.start(), m.end(), _count(m)) for m in _COUNT.finditer(rest)]
        if words and not (value is not None and not counts):
            before = [
                c for s, e, c in counts if e <= (RATING_WORDS.search(rest) or words).start() + 1
            ]
            reviews = before[-1] if before and not re.search(r"ratings?.*reviews?", rest, re.I) else (
                counts[0][2] if counts else None
            )  # fmt: skip
        elif counts:
            reviews = counts[0][2]
    if value is None and reviews is None:
        if match := _BARE_VALUE.match(text):
            return Rating(float(match.group(1).replace(",", ".")), None, *box)
        return None
    if value is None and not words:
        return None
    if value is not None and value > 5:
        return None
    return Rating(value, reviews, *box, drawn)


def _count(match: re.Match[str]) -> int:
    number, unit = match.groups()
    if unit:
        return int(float(number.replace(",", ".")) * (1000 if unit in "kK" else 1_000_000))
    digits = re.sub(r"[.,]", "", number) if re.search(r"[.,]\d{3}", number) else number
    return int(float(digits.replace(",", ".")))


def stars_of_pixels(
    rgb: Pixels, left: float, top: float, right: float, bottom: float
) -> float | None:
    """The value of a row of five drawn stars, to half a star; None when none is filled.

    The first star is full in every rating above one; its colour is the fill, and the share of
    fill in each fifth of the row, against the first star's, is that star's part.
    """
    crop = rgb[int(top) : int(bottom) + 1, max(0, int(left)) : int(right) + 1].astype(float)
    height, width = crop.shape[:2]
    if height < 8 or width < 3 * 8:
        return None
    ground = np.median(crop.reshape(-1, 3), axis=0)
    apart = np.linalg.norm(crop - ground, axis=2)
    inked = apart > 40
    rows = np.flatnonzero(inked.any(axis=1))
    columns = np.flatnonzero(inked.any(axis=0))
    if not columns.size or not rows.size:
        return None
    size = rows[-1] - rows[0] + 1
    crop = crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inked = inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # The stars end where a gap wider than those between stars begins (the count stands behind).
    filled = inked.any(axis=0)
    run = _first_run(filled, max(3, int(0.55 * size)))
    width = run
    if width < 3.2 * size:
        return None
    pitch = width / 5 if width < 7.5 * size else None
    if pitch is None:
        return None
    first = crop[:, : int(pitch)][inked[:, : int(pitch)]]
    if not len(first):
        return None
    fill = np.median(first, axis=0)
    saturation = float(fill.max() - fill.min())
    if saturation < 30 and float(np.abs(fill - ground).max()) < 110:
        return None  # pale grey stars: nobody has rated
    alike = (np.linalg.norm(crop - fill, axis=2) < 70) & inked
    # Within a star the fill stands in the middle band; outlines of empty stars do not.
    band = slice(int(0.3 * size), int(0.75 * size))
    parts = [float(alike[band, round(i * pitch) : round((i + 1) * pitch)].mean()) for i in range(5)]
    full = max(parts[0], 1e-6)
    shares = [min(1.0, p / full) for p in parts]
    value = 0.0
    for share in shares:
        value += 1.0 if share > 0.78 else 0.5 if share > 0.38 else 0.0
    return value if value >= 0.5 else None


def _first_run(filled: np.ndarray, gap: int) -> int:
    """Length of the first stretch of filled columns, gaps up to `gap` columns included."""
    last = -1
    for i, on in enumerate(filled):
        if on:
            if last >= 0 and i - last > gap:
                break
            last = i
    return last + 1
