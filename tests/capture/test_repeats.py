from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from agent.capture.frames import Frame
from agent.capture.gate import admit
from agent.capture.repeats import cell_means, changed_cells, drop_duplicates
from agent.demo.recorded import session_frames


def shot(
    scroll: int = 0, price: str = "£24.99", kind: str = "JPEG", quality: int = 80, pt: int = 13
) -> Frame:
    """A 640 x 480 page of cards, scrolled by so many pixels; the last card has a price."""
    picture = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(12):
        for column in range(4):
            left, top = 20 + 155 * column, 10 + 130 * row - scroll
            grey = (37 * row + 71 * column) % 200
            draw.rectangle((left, top, left + 130, top + 90), fill=(grey, 80, 255 - grey))
    font = ImageFont.load_default(pt)
    draw.text((487, 362), price, font=font, fill="#444")
    out = io.BytesIO()
    picture.save(out, kind, quality=quality)
    return admit(out.getvalue(), f"{scroll} {price} {kind} {quality}")


def test_fifty_copies_of_one_picture_are_one() -> None:
    kept, dropped = drop_duplicates([shot()] * 50)
    assert (len(kept), len(dropped)) == (1, 49)


def test_the_same_page_coded_otherwise_is_dropped_and_a_scroll_is_not() -> None:
    frames = [shot(), shot(kind="PNG"), shot(quality=60), shot(8), shot(200)]
    kept, dropped = drop_duplicates(frames)
    assert kept == [frames[0], *frames[3:]]
    assert dropped == frames[1:3]


@pytest.mark.parametrize("pt", [13, 16, 24])
def test_a_changed_price_alone_keeps_a_frame(pt: int) -> None:
    # Two memory sizes of one phone: the pages differ in the price and one word.
    frames = [shot(price="£114.99", pt=pt), shot(price="£104.99", pt=pt)]
    assert drop_duplicates(frames) == (frames, [])


def test_a_return_to_an_exact_earlier_page_is_dropped() -> None:
    kept, _ = drop_duplicates([shot(), shot(200), shot()])
    assert [f.name for f in kept] == [shot().name, shot(200).name]


def test_pictures_of_other_sizes_are_never_repeats() -> None:
    def blank(size: tuple[int, int]) -> Frame:
        out = io.BytesIO()
        Image.new("RGB", size, "white").save(out, "PNG")
        return admit(out.getvalue(), str(size))

    assert len(drop_duplicates([blank((64, 64)), blank((64, 65))])[0]) == 2
    assert len(drop_duplicates([blank((1, 1)), blank((1, 1))])[0]) == 1


def test_where_a_page_changed_is_told() -> None:
    one, other = shot(price=""), shot(price="£24.99")
    where = changed_cells(cell_means(one), cell_means(other))
    assert where.shape == (60, 80)
    rows, columns = where.nonzero()
    assert 44 <= rows.min() <= rows.max() <= 48
    assert 60 <= columns.min() <= columns.max() <= 68


def test_nothing_gives_nothing() -> None:
    assert drop_duplicates([]) == ([], [])


@pytest.mark.parametrize(("form", "quality"), [("JPEG", 85), ("PNG", None)])
def test_a_photographed_page_coded_anew_is_dropped(form: str, quality: int | None) -> None:
    path = session_frames("dresses")[0]
    again = io.BytesIO()
    with Image.open(path) as picture:
        picture.save(again, form, **({"quality": quality} if quality else {}))
    frames = [admit(path.read_bytes(), "first"), admit(again.getvalue(), "again")]
    kept, dropped = drop_duplicates(frames)
    assert [f.name for f in kept] == ["first"]
    assert [f.name for f in dropped] == ["again"]
