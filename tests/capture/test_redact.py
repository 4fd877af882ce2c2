"""The gate from end to end: pictures in, nothing personal out."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from agent.capture.frames import Box, Frame, Page
from agent.capture.gate import admit
from agent.capture.guard import Guard, set_pause
from agent.capture.page_address import clean_address
from agent.capture.redact import Area, AreaReader, cover
from agent.capture.take import take
from agent.config import load_settings
from agent.reader.ocr import LineReader
from tools.errors import FrameRefused, InputError

MARK = "ada.quill@mail.example.org"


def shot(lines: list[str], kind: str = "PNG") -> bytes:
    picture = Image.new("RGB", (640, 60 + 44 * len(lines)), "white")
    draw = ImageDraw.Draw(picture)
    for row, text in enumerate(lines):
        draw.text((24, 24 + 44 * row), text, font=ImageFont.load_default(19), fill="#222")
    out = io.BytesIO()
    picture.save(out, kind, quality=85)
    return out.getvalue()


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return LineReader()


LINES = [
    "Linen dress",
    "£24.99",
    "Card 4539 1488 0343 6467",
    f"Contact {MARK}",
    "EAN 4006381333931",
]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_personal_is_under_solid_boxes_and_the_text_comes_from_what_is_left(
    reader: LineReader, kind: str
) -> None:
    raw = shot(LINES, kind)
    frame = Guard(_reader=reader).admit(raw, "shot")
    assert {box.kind for box in frame.boxes} == {"card", "email"}
    assert frame.checked
    assert frame.media_type == f"image/{kind.lower()}"
    rgb = frame.rgb()
    for box in frame.boxes:
        inside = rgb[box.top + 2 : box.bottom - 2, box.left + 2 : box.right - 2]
        assert inside.max() < 40
    told = " ".join(line.text for line in frame.lines or ())
    assert "24.99" in told
    assert "4006381333931" in told
    assert "4539" not in told
    assert "ada" not in told.lower()
    # Nothing of the covered part is elsewhere in the file, and a second look changes nothing.
    assert Guard(_reader=LineReader()).clear(replace(frame, lines=None)).digest == frame.digest


def test_a_page_without_personal_data_keeps_its_bytes(reader: LineReader) -> None:
    raw = shot(["Linen dress", "£24.99", "Rating 4.3 (1,204)"])
    frame = Guard(_reader=reader).admit(raw, "shot")
    assert frame.data == admit(raw, "shot").data
    assert frame.boxes == ()
    assert frame.lines == tuple(LineReader().read(frame.rgb()))


def test_redaction_is_switched_off_only_by_its_owner(reader: LineReader) -> None:
    frame = Guard(redact=False).admit(shot(LINES), "shot")
    assert (frame.boxes, frame.checked, frame.lines) == ((), True, None)
    assert load_settings().redact
    assert not Guard.of(load_settings(redact=False)).redact


def test_what_is_sent_to_a_model_and_kept_is_the_covered_picture(tmp_path: Path) -> None:
    """The frames that commands hand on are the only copies; their base64 holds no raw pixel."""
    raw = tmp_path / "1.png"
    raw.write_bytes(shot(LINES))
    taken = take([raw])
    (frame,) = taken.kept
    assert frame.boxes
    raw_rows = admit(raw.read_bytes(), "raw").rgb()
    kept_rows = frame.rgb()
    for box in frame.boxes:
        part = raw_rows[box.top : box.bottom, box.left : box.right]
        assert part.min() < 100 < part.max()  # there was text
        assert kept_rows[box.top + 1 : box.bottom - 1, box.left + 1 : box.right - 1].max() < 40
    wire = base64.b64encode(frame.data)
    assert base64.b64encode(raw.read_bytes())[:2000] not in wire


@pytest.mark.parametrize("reason", ["paused", "denied", "not_a_picture", "truncated"])
def test_the_gate_fails_closed(tmp_path: Path, reason: str) -> None:
    settings = load_settings(home=tmp_path / "home", deny_domains=["bank.com"])
    guard = Guard.of(settings)
    data, page = shot(["x"]), Page("https://shop.com/")
    if reason == "paused":
        set_pause(settings.home, True)
    elif reason == "denied":
        page = Page("https://bank.com@www.bank.com/")
    elif reason == "not_a_picture":
        data = b"<html>"
    else:
        data = data[:200]
    with pytest.raises(FrameRefused) as caught:
        guard.admit(data, "shot", page)
    assert caught.value.code == reason


def test_a_broken_list_is_refused_and_never_ignored() -> None:
    with pytest.raises(InputError, match="not a domain"):
        Guard.of(load_settings(deny_domains=["bank.com", "a b"]))


def test_a_pause_holds_for_files_too(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    file.write_bytes(shot(["x"]))
    settings = load_settings(home=tmp_path / "home")
    set_pause(settings.home, True)
    with pytest.raises(InputError, match="paused"):
        take([file], settings)


@pytest.mark.parametrize(
    "name",
    ["http://169.254.169.254/x.png", "https://a.com/b.png", "file:///etc/passwd", "//127.0.0.1/a"],
)
def test_an_address_given_as_a_picture_is_never_fetched(name: str) -> None:
    with pytest.raises(InputError, match="no file"):
        take([Path(name)])


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a\x00b", "x" * 4000, "\u202egnp.exe", "last/../../x", "", "'; DROP"],
)
def test_the_name_of_a_session_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        take([Path(f"capture:{name}")], load_settings(home=tmp_path / "home"))


def test_boxes_are_clipped_and_none_changes_nothing() -> None:
    frame = admit(shot(["x"]), "shot")
    assert cover(frame, []) is frame
    assert cover(frame, [Box(-50, -50, 0, 10, "card"), Box(900, 0, 950, 9, "card")]) is frame
    covered = cover(frame, [Box(-5, -5, 30, 30, "card")])
    assert covered.boxes == (Box(0, 0, 30, 30, "card"),)
    assert (covered.rgb()[:30, :30] == 0).all()


def test_a_picture_on_a_page_is_read_once_and_any_part_of_it_is_known(reader: LineReader) -> None:
    label = np.asarray(Image.open(io.BytesIO(shot([f"To {MARK}"]))).convert("RGB"))
    page = np.full((400, 800, 3), 255, np.uint8)
    page[20 : 20 + label.shape[0], 40 : 40 + label.shape[1]] = label
    look = AreaReader(reader)
    area = Area(40, 20, 40 + label.shape[1], 20 + label.shape[0], "img label")
    (box,) = look.boxes(page, [area])
    assert box.kind == "email"
    assert page[box.top : box.bottom, box.left : box.right].min() < 100
    read = look.read_pixels
    scrolled = np.roll(page, -40, axis=0)
    moved = replace(area, top=area.top - 40, bottom=area.bottom - 40)
    (again,) = look.boxes(scrolled, [moved])
    assert (again.left, again.top) == (box.left, box.top - 40)
    assert look.read_pixels == read
    assert look.boxes(page, [replace(area, name="")]) == [box]  # by its pixels
    assert look.read_pixels > read


def test_addresses_are_kept_without_secrets() -> None:
    assert (
        clean_address("https://u:pw@shop.com/search?q=green+dress&price=10-20&token=abc#frag")
        == "https://shop.com/search?q=green+dress&price=10-20"
    )
    assert "1234567" not in clean_address("https://shop.com/orders/112-1234567-1234567")
    assert clean_address("file:///home/ada/x.html") == "file:"


def test_frames_remember_their_text_in_memory_only(tmp_path: Path, reader: LineReader) -> None:
    from agent.capture.store import FrameStore

    frame: Frame = Guard(_reader=reader).admit(shot(["Linen dress"]), "shot")
    with FrameStore(tmp_path / "f.sqlite", only_checked=True) as store:
        store.put(frame)
        assert store.get(frame.digest).lines == frame.lines
    with FrameStore(tmp_path / "f.sqlite") as store:
        assert store.get(frame.digest).lines is None
    assert b"Linen" not in b"".join(f.read_bytes() for f in tmp_path.iterdir())
