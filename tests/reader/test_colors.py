from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.reader.colors import color_of_picture, term_of_lab
from tests.reader.drawn import Page
from tools.colors import BASIC

COLORS = {
    "black": "#151515", "white": "#fcfcfc", "gray": "#808080", "red": "#c8141e",
    "orange": "#f28c1e", "yellow": "#f5d21e", "green": "#2e7d32", "blue": "#1e50b4",
    "purple": "#6a2d91", "pink": "#ec8fb4", "brown": "#6b3e1f", "beige": "#d9c7a3",
}  # fmt: skip


UNSEEN = {("white", "white"), ("black", "#202020")}
"""A thing of the colour of its ground cannot be told from it."""


@pytest.mark.parametrize(
    ("name", "ground"),
    [p for p in product(COLORS, ("white", "#ececec", "#202020")) if p not in UNSEEN],
)
def test_a_plain_thing_has_its_colour_on_any_ground(name: str, ground: str) -> None:
    page = Page(220, 220, ground)
    page.pen.rounded_rectangle((50, 40, 170, 180), 18, fill=COLORS[name])
    found = color_of_picture(page.pixels())
    assert found is not None
    assert found[0] == name


@pytest.mark.parametrize("name", ["navy #1f2a55 blue", "olive #6b7035 green", "maroon #6d1420 red"])
def test_shades_fall_under_their_basic_term(name: str) -> None:
    _, color, term = name.split()
    page = Page(200, 200)
    page.pen.ellipse((40, 40, 160, 160), fill=color)
    found = color_of_picture(page.pixels())
    assert found is not None
    assert found[0] == term


def test_many_hues_are_multicolor() -> None:
    page = Page(240, 240)
    for i, color in enumerate(("#d01020", "#1e50b4", "#2e9d32", "#f5d21e", "#8a2da1", "#f28c1e")):
        page.pen.rectangle((40 + 27 * i, 40, 66 + 27 * i, 200), fill=color)
    found = color_of_picture(page.pixels())
    assert found is not None
    assert found[0] == "multicolor"


def test_skin_does_not_count_on_worn_things() -> None:
    page = Page(200, 300)
    page.pen.ellipse((70, 10, 130, 80), fill="#d9a184")
    page.pen.rectangle((30, 80, 170, 120), fill="#d9a184")
    page.pen.rectangle((60, 80, 140, 290), fill="#111111")
    found = color_of_picture(page.pixels(), worn=True)
    assert found is not None
    assert found[0] == "black"


def test_an_empty_picture_has_no_colour() -> None:
    assert color_of_picture(np.full((100, 100, 3), 255, np.uint8)) is None
    assert color_of_picture(np.zeros((4, 4, 3), np.uint8)) is None


@given(st.floats(0, 100), st.floats(-100, 100), st.floats(-100, 100))
def test_every_colour_has_a_basic_term(light: float, a: float, b: float) -> None:
    assert term_of_lab(light, a, b) in BASIC


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_noise_is_named_or_refused_but_never_breaks(seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (60, 45, 3)).astype(np.uint8)
    found = color_of_picture(pixels)
    assert found is None or (found[0] in BASIC and 0 <= found[1] <= 1)
