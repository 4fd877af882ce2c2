"""`interarec session dataset`: pages, pictures, readings and summaries from files of sessions."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from agent.dataset.build import READINGS, build_dataset, title_of
from agent.dataset.pages import LAYOUTS, item_page, picture_kind
from agent.reader.ocr import Line
from tests.sessions.test_command import written
from tests.sessions.worlds import shelves
from tests.support.command import refused, run
from tools.errors import SessionError
from tools.sessions.layout import read_layout
from tools.sessions.summaries import read_summaries

PRODUCTS = [
    ("a", "Oak desk lamp with switch", "Lumivex", "24.99", "green", "GBP"),
    ("b", "Ceramic mug with handle", "Brevaro", "9.50", "", "GBP"),
    ("c", "Walnut side table", "Oakmere", "", "", ""),  # no price at all
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three items, four sessions."""
    made = tmp_path / "data"
    made.mkdir()
    for part in ("train", "valid", "test"):
        (made / f"sessions_{part}.csv").write_text("prev_items,next_item\na b,c\nc,a\n")
    with (made / "products.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("id", "title", "brand", "price", "color", "currency"))
        table.writerows(PRODUCTS)
    return made


def test_pages_are_read_and_the_build_goes_on_where_it_stopped(
    folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("playwright")
    data, out = read_layout(folder), tmp_path / "out"
    built = build_dataset(data, folder, out, 2)
    assert (built.items, built.fresh, built.sessions) == (3, 3, 2)
    assert built.views == ("page", "product")
    assert built.pictured == {"shape": 2, "blank": 1}
    assert len(list((out / "pictures").glob("*.jpg"))) == 6
    pages = read_summaries(out, "test", 2)["page"]
    assert "Lumivex" in pages[0] or "lamp" in pages[0].casefold()
    assert "walnut" in pages[1].casefold()
    # The product's picture alone tells its colour and no words.
    bare = read_summaries(out, "test", 2)["product"][0].casefold()
    assert "green" in bare
    assert "lamp" not in bare
    # The folder is in the layout, and a torn line is read again, no other.
    again = read_layout(out)
    assert [len(part) for part in (again.train, again.valid, again.test)] == [2, 2, 2]
    readings = out / READINGS
    lines = readings.read_text().splitlines()
    assert {json.loads(line)["item"] for line in lines} == {"a", "b", "c"}
    readings.write_text("\n".join([*lines[:-1], lines[-1][:40]]))
    assert build_dataset(data, folder, out, 2).fresh == 1
    assert build_dataset(data, folder, out, 2).fresh == 0
    with pytest.raises(SessionError, match="seed 0"):
        build_dataset(data, folder, out, 2, seed=1)


def test_the_title_is_the_block_of_the_largest_type() -> None:
    page = [
        Line("Corner Shop", 23, 11, 151, 40),
        Line("Atlas Scientific", 398, 48, 531, 71),
        Line("Atlas Scientific pH 4.00, 7.00, 10.00", 398, 75, 910, 105),
        Line("Calibration Solution 250ml - 8oz (Pack of 3)", 399, 103, 1017, 134),
        Line("Add to basket", 398, 156, 531, 186),
        Line("0", 30, 30, 90, 130),
    ]
    words = "Atlas Scientific pH 4.00, 7.00, 10.00 Calibration Solution 250ml - 8oz (Pack of 3)"
    assert title_of(page) == words
    assert title_of(page[-1:]) == ""


def test_pages_differ_and_hold_text_as_text(tmp_path: Path) -> None:
    told = {"title": "<script>alert(1)</script> lamp", "brand": "A&B", "price": "nan"}
    pages = {item_page(f"i{n}", told, tmp_path) for n in range(30)}
    assert len({p.split("flex-direction:")[1].split(";")[0] for p in pages}) == len(LAYOUTS)
    for page in pages:
        assert "<script>" not in page
        assert "nan" not in page
    assert item_page("x", told, tmp_path) == item_page("x", told, tmp_path)


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/hostname", "https://x.test/a.png", "a.svg"]
)
def test_only_pictures_of_the_folder_are_shown(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"x")
    inside = tmp_path / "data"
    inside.mkdir()
    assert picture_kind({"image": name}, inside) == "blank"
    assert "base64" not in item_page("x", {"image": name}, inside)
    (inside / "own.png").write_bytes(b"x")
    assert picture_kind({"image": "own.png"}, inside) == "photo"
    # Without a picture a colour is shown, the column's or else the title's.
    assert picture_kind({"color": "navy"}, inside) == "shape"
    assert picture_kind({"title": "Filament, green"}, inside) == "shape"
    assert picture_kind({"title": "Filament"}, inside) == "blank"


def test_bad_usage_is_one_line(folder: Path, tmp_path: Path) -> None:
    base = ("session", "dataset", "--sessions")
    out = ("--out", tmp_path / "out")
    assert "another folder" in refused(run(*base, folder, "--out", folder, home=tmp_path))
    assert "between 0 and 1" in refused(run(*base, folder, *out, "--scales", "2", home=tmp_path))
    assert "--scales" in refused(run(*base, folder, *out, "--scales", "x", home=tmp_path))
    bare = written(tmp_path / "bare", shelves(20))
    assert "no products file" in refused(run(*base, bare, *out, home=tmp_path))
