from __future__ import annotations

import pytest

from agent.reader.ratings import find_ratings, stars_at, stars_before, stars_of_pixels
from tests.reader.drawn import Page, piece


@pytest.mark.parametrize(
    ("text", "value", "reviews"),
    [
        ("4.5★|1400", 4.5, 1400), ("★4.60/5", 4.6, None), ("4.1|249", 4.1, 249),
        ("16,696 Ratings & 536 Reviews", None, 16696), ("595 ratings | Search", None, 595),
        ("★★★★☆ 4.196 Reviews", 4.1, 96), ("Rating 4.7 out of 5 stars (1,203)", 4.7, 1203),
        ("(5 avaliações)", None, 5), ("4.6 ★ | 1,284 reviews", 4.6, 1284), ("0★|0", 0.0, 0),
        ("4.3 (2.1K)", 4.3, 2100),
    ],
)  # fmt: skip
def test_printed_ratings(text: str, value: float | None, reviews: int | None) -> None:
    found = find_ratings([piece(text, 10, 10)])
    assert [(r.value, r.reviews) for r in found] == [(value, reviews)]


@pytest.mark.parametrize("text", ["★★★★☆ & Up", "No Rating", "$4.50", "Model 4.5", "Save 10%"])
def test_filters_and_amounts_are_no_ratings(text: str) -> None:
    assert find_ratings([piece(text, 10, 10)]) == []


@pytest.mark.parametrize("value", [1.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0])
@pytest.mark.parametrize("size", [14, 20, 28])
def test_drawn_stars_are_measured_to_half_a_star(value: float, size: int) -> None:
    page = Page(400, 80)
    page.stars(20, 20, size, value)
    wide = int(5.6 * size)
    assert stars_of_pixels(page.pixels(), 18, 16, 22 + wide, 24 + size) == value


def test_stars_left_of_a_count_are_found_without_being_read() -> None:
    page = Page(500, 60)
    page.stars(20, 20, 18, 3.5)
    page.text(135, 18, "432 ratings", 18)
    assert stars_before(page.pixels(), 134, 17, 43) == 3.5


def test_pale_stars_and_words_are_no_rating() -> None:
    page = Page(500, 60)
    page.stars(20, 20, 18, 0.0)
    page.text(250, 20, "winter", 18)
    assert stars_of_pixels(page.pixels(), 18, 16, 130, 42) is None
    assert stars_at(page.pixels(), 248, 16, 320, 44) is None


def test_stars_and_the_count_below_them_are_one_rating() -> None:
    page = Page(400, 120)
    page.stars(20, 20, 20, 4.0)
    pieces = [piece("★★★★☆", 18, 16, 28, 23), piece("(12 reviews)", 20, 46, 20)]
    found = find_ratings(pieces, page.pixels())
    assert [(r.value, r.reviews) for r in found] == [(4.0, 12)]
