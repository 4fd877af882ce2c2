from __future__ import annotations

import io

from PIL import Image, ImageDraw

from agent.capture.frames import Frame
from agent.capture.gate import admit
from agent.capture.repeats import changed_share, drop_duplicates, tile_means


def shot(scroll: int = 0, banner: str = "navy", kind: str = "JPEG") -> Frame:
    """A 640 x 480 page of cards with a banner, scrolled by so many pixels."""
    picture = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(12):
        for column in range(4):
            left, top = 20 + 155 * column, 40 + 130 * row - scroll
            grey = (37 * row + 71 * column) % 200
            draw.rectangle((left, top, left + 130, top + 110), fill=(grey, 80, 255 - grey))
    draw.rectangle((0, 0, 200, 20), fill=banner)
    out = io.BytesIO()
    picture.save(out, kind, quality=80)
    return admit(out.getvalue(), f"{scroll}-{banner}-{kind}")


def test_fifty_copies_of_one_picture_are_one() -> None:
    kept, dropped = drop_duplicates([shot()] * 50)
    assert (len(kept), len(dropped)) == (1, 49)


def test_an_idle_second_and_a_blinking_banner_are_dropped_and_a_scroll_is_not() -> None:
    frames = [shot(), shot(banner="red"), shot(kind="WEBP"), shot(60), shot(200)]
    kept, dropped = drop_duplicates(frames)
    assert kept == [frames[0], frames[3], frames[4]]
    assert dropped == frames[1:3]


def test_a_return_to_an_exact_earlier_page_is_dropped() -> None:
    kept, _ = drop_duplicates([shot(), shot(200), shot()])
    assert [f.name for f in kept] == [shot().name, shot(200).name]


def test_a_near_copy_of_an_earlier_page_counts_as_a_return() -> None:
    # Only the last kept frame is compared: going back to a page is something the shopper did.
    kept, _ = drop_duplicates([shot(), shot(200), shot(banner="red")])
    assert len(kept) == 3


def test_pictures_of_other_sizes_are_never_repeats() -> None:
    def blank(size: tuple[int, int]) -> Frame:
        out = io.BytesIO()
        Image.new("RGB", size, "white").save(out, "PNG")
        return admit(out.getvalue(), str(size))

    assert len(drop_duplicates([blank((64, 64)), blank((64, 65))])[0]) == 2
    assert len(drop_duplicates([blank((1, 1)), blank((1, 1))])[0]) == 1


def test_drafted_jpeg_tiles_are_those_of_the_full_picture() -> None:
    jpeg, png = shot(), shot(kind="PNG")
    assert tile_means(jpeg).shape == tile_means(png).shape == (15, 20)
    assert changed_share(tile_means(jpeg), tile_means(png)) == 0


def test_nothing_gives_nothing() -> None:
    assert drop_duplicates([]) == ([], [])
