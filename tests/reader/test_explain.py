from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agent.reader import fonts
from agent.reader.explain import explain
from tests.reader.drawn import Page
from tools.preferences import Box, FrameReading, SeenProduct

TITLES = ("リネンシャツ <b>半袖</b>", "قميص كتان", "Льняная рубашка", "लिनन शर्ट", "Zażółć gęślą")


def test_the_page_tells_titles_of_any_script_and_escapes_them(tmp_path: Path) -> None:
    frame = Page(600, 300).frame('shop "1".png')
    products = tuple(
        SeenProduct(
            title=title, price=Decimal(1299), currency="JPY", rating=4.5, reviews=1024,
            box=Box(left=20 + 110 * i, top=20, right=120 + 110 * i, bottom=200),
        )
        for i, title in enumerate(TITLES)
    )  # fmt: skip
    reading = FrameReading(digest=frame.digest, products=products, currency="JPY")
    page = explain([frame], [reading], tmp_path / "out")
    text = page.read_text("utf-8")
    assert "<b>半袖" not in text
    assert "リネンシャツ &lt;b&gt;半袖&lt;/b&gt;" in text
    assert all(title in text for title in TITLES[1:])
    assert "¥1,299" in text
    (picture,) = page.parent.glob("*.png")
    assert f'src="{picture.name}"' in text
    with Image.open(picture) as drawn:
        assert drawn.width == 600
        assert drawn.height > 300


@given(st.text(alphabet="aZé€半袖リद़жیقไ😀\0\ue000 ", max_size=40))
def test_a_text_is_cut_into_stretches_without_loss(text: str) -> None:
    cut = fonts.stretches(text)
    assert sum(len(part) for _, part in cut) == len(text)
    for face, part in cut:
        assert face.file is None or all(face.has(c) for c in part)


def forget() -> None:
    for known in (fonts._matched, fonts.face_of, fonts._others):
        known.cache_clear()


def test_without_fontconfig_pillows_own_font_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(program: str) -> None:
        return None

    monkeypatch.setattr(shutil, "which", nothing)
    forget()
    try:
        assert fonts.stretches("Hemd 半袖") == [(fonts.OWN, "Hemd ??")]
        assert fonts.text_width("Hemd", 14) > 20
    finally:
        forget()
