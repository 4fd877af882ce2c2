from __future__ import annotations

from dataclasses import replace

from PIL import ImageFont

from agent.reader.layout import Ink, Piece, glyphs, measure_ink, paragraphs_of, pieces_of
from agent.reader.ocr import Line
from agent.reader.products import bold_start
from tests.reader.drawn import Page, piece


def line(
    text: str, left: int, top: int, step: int = 10, *, gap_after: int = 0, gap: int = 0
) -> Line:
    """A line whose characters stand `step` apart, with one wider gap."""
    centers = []
    x = left
    for i, c in enumerate(text):
        if not c.isspace():
            centers.append(x + step / 2)
        x += step + (gap if i == gap_after else 0)
    return Line(text, left, top, x, top + 20, 1.0, tuple(centers))


def test_a_line_over_two_columns_is_cut() -> None:
    pieces = pieces_of([line("Kettle Toaster", 0, 0, gap_after=6, gap=120)])
    assert [p.text for p in pieces] == ["Kettle", "Toaster"]
    assert pieces[1].left > 150


def test_ordinary_spaces_do_not_cut() -> None:
    assert [p.text for p in pieces_of([line("a red kettle", 0, 0)])] == ["a red kettle"]


def test_a_title_over_three_lines_is_one_paragraph_and_a_far_line_is_not() -> None:
    pieces = [
        piece("Strappy chiffon", 10, 100), piece("maxi dress in", 10, 122), piece("green", 10, 144),
        piece("Delivery", 10, 230), piece("Other column", 400, 122),
    ]  # fmt: skip
    texts = {p.text for p in paragraphs_of(pieces)}
    assert texts == {"Strappy chiffon maxi dress in green", "Delivery", "Other column"}


def test_ink_tells_size_colour_and_weight() -> None:
    page = Page(600, 120)
    page.text(10, 10, "BIG", 40)
    page.text(200, 20, "small", 16, "#c00000")
    big = measure_ink(page.pixels(), 5, 5, 110, 60)
    small = measure_ink(page.pixels(), 195, 15, 260, 45)
    assert big is not None
    assert small is not None
    assert big.height > 1.6 * small.height
    assert small.color[0] > 150
    assert small.color[1] < 60
    assert measure_ink(page.pixels(), 400, 10, 500, 60) is None


def test_only_a_line_from_end_to_end_is_a_strike() -> None:
    page = Page(500, 120)
    page.text(10, 10, "$249.99", 24, struck=True)
    page.text(10, 60, "$249.99", 24)
    struck = measure_ink(page.pixels(), 6, 6, 120, 44)
    plain = measure_ink(page.pixels(), 6, 56, 120, 94)
    assert struck is not None
    assert struck.struck
    assert plain is not None
    assert not plain.struck


def test_glyphs_come_from_left_to_right() -> None:
    page = Page(200, 60)
    page.text(10, 10, "I I", 30)
    shapes = glyphs(page.pixels(), 0, 0, 200, 60)
    assert len(shapes) == 2
    assert shapes[0][1] <= shapes[1][0]


def test_text_on_a_picture_is_told_from_text_on_a_flat_ground() -> None:
    page = Page(400, 200)
    for x in range(200, 400):
        page.pen.line((x, 0, x, 200), fill=(x % 200, (7 * x) % 255, 90))
    lines = [
        Line("flat", 20, 90, 80, 112, 1.0, (25.0, 40.0, 55.0, 70.0)),
        Line("photo", 240, 90, 320, 112, 1.0, (250.0, 265.0, 280.0, 295.0, 310.0)),
    ]
    page.text(22, 92, "flat", 18)
    page.text(242, 92, "photo", 18, "white")
    on = {p.text: p.on_picture for p in pieces_of(lines, page.pixels())}
    assert on == {"flat": False, "photo": True}


def test_bold_words_that_open_a_title_are_told_by_their_strokes() -> None:
    page = Page(700, 80)
    font = ImageFont.load_default(18)
    page.pen.text((10, 20), "Koton", font=font, fill="black", stroke_width=1)
    start = int(10 + font.getlength("Koton ")) + 3
    page.pen.text((start, 20), "Erkek Basic Pamuklu", font=font, fill="black")
    text = "Koton Erkek Basic Pamuklu"
    centers = []
    for i, c in enumerate(text):
        if not c.isspace():
            left = 10 + font.getlength(text[:i]) + (3 if i > 5 else 0)
            centers.append(left + font.getlength(c) / 2)
    end = start + font.getlength("Erkek Basic Pamuklu")
    whole = Piece(text, 8, 16, end, 46, tuple(centers))
    assert bold_start(whole, page.pixels()) == "Koton"
    plain = Piece(text[6:], start - 2, 16, end, 46, tuple(centers[5:]))
    assert bold_start(plain, page.pixels()) is None


def test_a_line_in_another_weight_is_another_paragraph() -> None:
    def drawn(text: str, top: float, stroke: float) -> Piece:
        ink = Ink(11.0, (20, 20, 20), 230.0, 0.3, top, stroke=stroke)
        return replace(piece(text, 20, top), ink=ink)

    maker = drawn("Brackenfold", 20, 1.95)
    title = [drawn("Cotton shirt with a", 41, 1.24), drawn("button-down collar", 62, 1.22)]
    texts = [p.text for p in paragraphs_of([maker, *title])]
    assert texts == ["Brackenfold", "Cotton shirt with a button-down collar"]


def test_text_between_lines_of_text_is_not_on_a_picture() -> None:
    page = Page(500, 200)
    for row in range(5):
        page.text(20, 20 + 19 * row, f"Line {row} of tightly set text", 18)
    tops = [20 + 19 * row for row in range(5)]
    lines = [Line("Line of tightly set text", 20, top, 270, top + 23) for top in tops]
    assert not any(p.on_picture for p in pieces_of(lines, page.pixels()))
