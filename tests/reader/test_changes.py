from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.reader.changes import CELL, Pixels, find_scroll, new_areas, unchanged_cells
from tests.reader.drawn import Page


def tall_page() -> Pixels:
    page = Page(640, 2000)
    for i in range(60):
        page.text(
            20 + 37 * (i % 7), 30 * i, f"Line {i} of a long page, {i * 7919 % 1000} pieces", 18
        )
    return page.pixels()


TALL = tall_page()


@pytest.mark.parametrize("down", [40, 133, 300])
def test_a_scroll_is_found_to_the_pixel(down: int) -> None:
    before, after = TALL[300:900], TALL[300 + down : 900 + down]
    assert find_scroll(before, after) == -down
    assert find_scroll(after, before) == down


def test_a_fixed_head_does_not_hide_the_scroll() -> None:
    head = np.full((60, 640, 3), 30, np.uint8)
    before = np.vstack([head, TALL[300:900]])
    after = np.vstack([head, TALL[420:1020]])
    assert find_scroll(before, after) == -120
    assert unchanged_cells(before, after, 0)[: 56 // CELL].all()


def test_another_page_is_no_scroll() -> None:
    other = np.random.default_rng(3).integers(0, 255, (600, 640, 3)).astype(np.uint8)
    assert find_scroll(TALL[:600], other) == 0
    assert find_scroll(TALL[:600], TALL[:600]) == 0


@settings(max_examples=40, deadline=None)
@given(
    left=st.integers(0, 560), top=st.integers(0, 520), wide=st.integers(10, 80),
    high=st.integers(10, 80),
)  # fmt: skip
def test_every_changed_pixel_lies_in_a_new_area(left: int, top: int, wide: int, high: int) -> None:
    before = TALL[:600].copy()
    after = before.copy()
    after[top : top + high, left : left + wide] = 255 - after[top : top + high, left : left + wide]
    areas = new_areas(unchanged_cells(before, after, 0), *after.shape[:2])
    changed = (before != after).any(axis=2)
    for a, b, c, d in areas:
        changed[b:d, a:c] = False
    assert not changed.any()
    assert sum(d - b for _, b, _, d in areas) <= high + 2 * 16 + 2 * CELL


def test_jpeg_noise_is_no_change() -> None:
    noise = np.random.default_rng(0).integers(-3, 4, TALL[:600].shape)
    after = np.clip(TALL[:600].astype(int) + noise, 0, 255).astype(np.uint8)
    assert unchanged_cells(TALL[:600], after, 0).all()
    assert new_areas(unchanged_cells(TALL[:600], after, 0), 600, 640) == []
