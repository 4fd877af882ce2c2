"""Star ratings and review counts, from digits beside stars or from the drawn stars themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from agent.reader.changes import Pixels
from agent.reader.layout import Piece
from agent.reader.lexicon import RATING_WORDS

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
_VALUE_THEN_COUNT = re.compile(
    rf"\s*([1-5][.,]\d)(\s*[|•·∙・,(/-]\s*[\d.,]+[kK]?\+?\s*(?:{RATING_WORDS.pattern})?\s*\)?)",
    re.I,
)
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


def is_star_line(text: str) -> bool:
    """Whether a line consists of drawn stars, with or without a count."""
    if len(re.findall(r"[★☆⭐]", text)) >= 2:
        return True
    return bool(re.fullmatch(rf"[\W\d]*[{_STAR}](?:\s?[{_STAR}k])+[\W\dk]*", text.strip()))


def is_rating_line(text: str) -> bool:
    """Whether a line begins with a rating in words or digits: "4.2 out of 5 stars (56"."""
    return bool(_VALUE.match(text.strip()) or _VALUE_THEN_COUNT.match(text))


def find_ratings(pieces: Sequence[Piece], rgb: Pixels | None = None) -> list[Rating]:
    """All rating lines, from top to bottom; parts that stand side by side are joined."""
    found = [r for p in pieces if not p.on_picture and (r := _of_piece(p, rgb)) is not None]
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
    height = min(one.bottom - one.top, other.bottom - other.top)
    gap = max(one.left, other.left) - min(one.right, other.right)
    same_row = abs(one.middle - other.middle) < 0.6 * height and gap < 2.5 * height
    # "★★★★☆" with "(5 reviews)" on the line below.
    below = 0 < other.middle - one.middle < 1.6 * height and abs(one.left - other.left) < height
    complete = one.value is not None and other.reviews is not None and other.value is None
    return same_row or (below and complete and one.reviews is None)


def _of_piece(piece: Piece, rgb: Pixels | None) -> Rating | None:
    text = piece.text
    words = RATING_WORDS.search(text)
    stars = _STARS.search(text)
    if re.search(r"\bno (rating|reviews?)|&\s*up\b|& above", text, re.I):
        return None
    # "4.196 Reviews": a rating glued to its count, since ratings have one decimal here.
    if words and (glued := re.search(r"(?<!\d)([1-5]\.\d)(\d{1,4})\s", text)):
        return _rating(piece, float(glued.group(1)), int(glued.group(2)))
    value, rest = _printed_value(text)
    drawn = False
    if value is None and stars and (piece.score < 0.97 or len(stars.group()) >= 3):
        rest = text[stars.end() :] if text[stars.end() :].strip() else text[: stars.start()]
        if rgb is not None:
            left, right = piece.span(stars.start(), stars.end())
            left = piece.left if stars.start() == 0 else left
            value = stars_of_pixels(rgb, left, piece.top, right, piece.bottom)
            if value is None:
                # Some stars were not detected as text: the row of five is longer on one side.
                value = stars_beside(rgb, left, piece.top, right, piece.bottom)
            drawn = value is not None
    reviews = None
    if value is not None or words or stars:
        reviews = _reviews(re.sub(rf"[{_STAR}]", " ", rest), value)
    if value is None and words and rgb is not None and re.match(r"^\W*\d", text):
        value = stars_before(rgb, piece.left, piece.top, piece.bottom)
        drawn = value is not None
    if value is None and reviews is None:
        if match := _BARE_VALUE.match(text):
            return _rating(piece, float(match.group(1).replace(",", ".")), None)
        return None
    if (value is None and not words) or (value is not None and value > 5):
        return None
    return _rating(piece, value, reviews, drawn)


def _rating(piece: Piece, value: float | None, reviews: int | None, drawn: bool = False) -> Rating:
    return Rating(value, reviews, piece.left, piece.top, piece.right, piece.bottom, drawn)


def _printed_value(text: str) -> tuple[float | None, str]:
    """The value printed in digits, and the text without it."""
    for pattern in (_VALUE, _VALUE_BY_STAR, _STAR_BY_VALUE):
        if match := pattern.search(text):
            value = float(match.group(1).replace(",", "."))
            return value, text[: match.start()] + " " + text[match.end() :]
    if match := _VALUE_THEN_COUNT.fullmatch(text):
        return float(match.group(1).replace(",", ".")), match.group(2)
    return None, text


def _reviews(rest: str, value: float | None) -> int | None:
    """The number of ratings in what is left of a rating line; the first of two counts."""
    counts = [(m.end(), _count(m)) for m in _COUNT.finditer(rest)]
    if not counts:
        return None
    words = RATING_WORDS.search(rest)
    if words is None:
        return counts[0][1]
    before = [count for end, count in counts if end <= words.start() + 1]
    return before[-1] if before else counts[0][1] if value is not None else None


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

    The first star is full in every rating from one up; its colour is the fill, and the share of
    fill in each star, against the first one's, is that star's part.
    """
    # A pale last star is often not read as one; look a star's width further.
    return _best_run(rgb, (left - 2, top, right + 1.2 * (bottom - top), bottom), left, right)


def stars_beside(rgb: Pixels, left: float, top: float, right: float, bottom: float) -> float | None:
    """As stars_of_pixels, for a row of which the recogniser saw only a part."""
    height = bottom - top
    reach = int(max(0.0, 7.0 * height - (right - left)))
    return next(
        (
            value
            for a, b in ((left - reach, right), (left, right + reach))
            if (value := _best_run(rgb, (a, top, b, bottom), left, right)) is not None
        ),
        None,
    )


def stars_before(rgb: Pixels, left: float, top: float, bottom: float) -> float | None:
    """The stars left of a review count whose stars the recogniser did not see at all."""
    height = bottom - top
    return _best_run(
        rgb, (left - 9 * height, top, left - 0.15 * height, bottom), 0, left, vivid=True
    )


def stars_at(rgb: Pixels, left: float, top: float, right: float, bottom: float) -> float | None:
    """Stars inside a rectangle where other entries of the page have theirs."""
    return _best_run(rgb, (left, top, right, bottom), left, right, vivid=True)


def _best_run(
    rgb: Pixels,
    box: tuple[float, float, float, float],
    wanted_left: float,
    wanted_right: float,
    *,
    vivid: bool = False,
) -> float | None:
    """The value of five equal shapes inside a box that overlap the wanted columns."""
    left, top, right, bottom = box
    first = max(0, int(left))
    crop = rgb[max(0, int(top)) : int(bottom) + 1, first : int(right) + 1].astype(float)
    if crop.shape[0] < 8 or crop.shape[1] < 40:
        return None
    ground = np.median(crop.reshape(-1, 3), axis=0)
    inked = np.linalg.norm(crop - ground, axis=2) > 40
    for a, b, upper, lower in _rows_of_five(inked):
        if first + a < wanted_right and first + b > wanted_left:
            value = _value_of_run(
                crop[upper:lower, a:b], inked[upper:lower, a:b], ground, vivid=vivid
            )
            if value is not None:
                return value
    return None


def _rows_of_five(inked: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int, int, int]]:
    """Where five equal shapes may stand side by side: (left, right, top, bottom), likeliest first.

    Stars that touch form one run of inked columns; others are runs of their own.
    """
    runs: list[tuple[int, int, int, int]] = []
    for position in np.flatnonzero(inked.any(axis=0)):
        if runs and position == runs[-1][1]:
            runs[-1] = (runs[-1][0], int(position) + 1, 0, 0)
        else:
            runs.append((int(position), int(position) + 1, 0, 0))
    shapes = []
    for a, b, _, _ in runs:
        rows = np.flatnonzero(inked[:, a:b].any(axis=1))
        shapes.append((a, b, int(rows[0]), int(rows[-1]) + 1))
    found = []
    for i, (a, _, top, bottom) in enumerate(shapes):
        size = bottom - top
        if size < 7:
            continue
        last = i
        while (
            last + 1 < len(shapes)
            and shapes[last + 1][0] - shapes[last][1] <= 0.9 * size
            and abs((shapes[last + 1][3] - shapes[last + 1][2]) - size) <= 0.25 * size
        ):
            last += 1
        for j in range(i, last + 1):
            wide, count = shapes[j][1] - a, j - i + 1
            widths = [s[1] - s[0] for s in shapes[i : j + 1]]
            if count == 5 and min(widths) > 0.72 * size and max(widths) < 1.45 * min(widths):
                found.append((0, a, shapes[j][1], top, bottom))
            elif count < 5 and 4.2 * size <= wide <= 6.6 * size:
                found.append((1, a, shapes[j][1], top, bottom))
    for _, a, b, top, bottom in sorted(found, key=lambda f: f[0]):
        yield a, b, top, bottom


def _value_of_run(
    crop: npt.NDArray[np.float64], inked: npt.NDArray[np.bool_],
    ground: npt.NDArray[np.float64], *, vivid: bool = False,
) -> float | None:  # fmt: skip
    size, width = crop.shape[:2]
    if not 3.2 * size <= width < 8 * size:
        return None
    pitch = width / 5
    first = crop[:, : int(pitch)][inked[:, : int(pitch)]]
    if not len(first):
        return None
    fill = np.median(first, axis=0)
    saturation = float(fill.max() - fill.min())
    # Pale grey stars mean that nobody has rated; unseen ones have to be vivid to count.
    if saturation < (70 if vivid else 30) and (vivid or float(np.abs(fill - ground).max()) < 110):
        return None
    alike = (np.linalg.norm(crop - fill, axis=2) < 70) & inked
    # Within a star the fill stands in the middle band; outlines of empty stars do not.
    band = slice(int(0.3 * size), max(int(0.3 * size) + 1, int(0.75 * size)))
    parts = [float(alike[band, round(i * pitch) : round((i + 1) * pitch)].mean()) for i in range(5)]
    if vivid and (parts[0] < 0.3 or any(b > a + 0.25 for a, b in pairwise(parts))):
        return None
    full = max(parts[0], 1e-6)
    value = sum(1.0 if p > 0.78 * full else 0.5 if p > 0.38 * full else 0.0 for p in parts)
    return value if value >= 0.5 else None
