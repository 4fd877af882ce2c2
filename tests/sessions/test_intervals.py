"""What a picture every few seconds catches of sessions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.sessions.data import Sessions
from tools.sessions.study.intervals import caught

rows = st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=8)


@given(rows, st.floats(0.1, 60), st.integers(0, 99))
def test_what_is_caught_is_part_of_each_session_in_order(
    views: list[list[int]], every: float, seed: int
) -> None:
    sessions = Sessions.from_rows(views, [0] * len(views))
    found = caught(sessions, every, seed=seed)
    assert 0 <= found.share <= 1
    for whole, part in zip(sessions, found.sessions, strict=True):
        rest = iter(whole.tolist())
        assert all(item in rest for item in part.tolist())
    if found.share == 0:
        assert found.pictures == 0


@given(rows, st.integers(0, 99))
def test_pictures_without_pause_catch_everything(views: list[list[int]], seed: int) -> None:
    sessions = Sessions.from_rows(views, [0] * len(views))
    found = caught(sessions, 1e-9, mean=1e6, seed=seed)
    assert np.array_equal(found.sessions.items, sessions.items)


def test_the_share_is_that_of_the_law() -> None:
    """A page of t seconds is caught with chance min(1, t / every), wherever pictures began."""
    rng = np.random.default_rng(3)
    sessions = Sessions.from_rows([[1] * 40] * 2000, [0] * 2000)
    seconds = 15 / 1.2658 * rng.weibull(0.7, 400_000)
    for every in (2, 4, 6):
        found = caught(sessions, every)
        assert abs(found.share - np.minimum(1, seconds / every).mean()) < 0.01
        assert abs(found.pictures - 40 * 15 / every) < 0.02 * found.pictures
