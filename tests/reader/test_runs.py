from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.reader.runs import last_run, runs_of, without

TILE = [1.0] * 20
THING = [0.1, 0.4, 0.7, 0.9, 0.9, 0.6, 0.3, 0.1]
"""Rows of something round on the page's own ground."""


def test_tiles_with_a_gap_between_them_are_two_pictures() -> None:
    cover = np.array([*TILE, 0, 0, 0, 0, *TILE])
    assert runs_of(cover, gap=6, seams=True) == [(0, 20), (24, 44)]
    assert last_run(cover, gap=6, longest=100) == (24, 44)


def test_the_gap_within_a_thing_is_closed() -> None:
    cover = np.array([*THING, 0, 0, 0, 0, *THING])
    assert runs_of(cover, gap=6, seams=True) == [(0, 20)]
    assert last_run(cover, gap=6, longest=100) == (0, 20)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 8))
def test_runs_hold_every_set_row_once(rows: list[float], gap: int) -> None:
    cover = without(np.array(rows), 0.05)
    runs = runs_of(cover, gap, seams=True)
    inside = [i for a, b in runs for i in range(a, b)]
    assert len(inside) == len(set(inside))
    assert set(np.flatnonzero(cover)) <= set(inside)
    last = last_run(cover, gap, longest=1000)
    assert (last is None) == (not runs)
    assert last is None or last[1] == runs[-1][1]
