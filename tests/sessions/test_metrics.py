"""What counts as found, and how sure the figures are."""

from __future__ import annotations

import numpy as np

from tools.sessions.data import Sessions
from tools.sessions.metrics import (
    Bootstrap,
    chains,
    coverage,
    per_row,
    popularity_lift,
    target_ranks,
)
from tools.sessions.protocol import TopK


def lists(*rows: list[tuple[int, float]], k: int = 4) -> TopK:
    ids = np.full((len(rows), k), -1, np.int32)
    scores = np.full((len(rows), k), -np.inf, np.float32)
    for r, row in enumerate(rows):
        for c, (item, score) in enumerate(row):
            ids[r, c], scores[r, c] = item, score
    return TopK(ids, scores)


def test_ties_count_against_the_target() -> None:
    top = lists([(1, 3.0), (2, 2.0), (3, 2.0)])
    assert target_ranks(top, np.array([2], np.int32)).tolist() == [3.0]
    assert target_ranks(top, np.array([1], np.int32)).tolist() == [1.0]


def test_a_tie_at_the_end_of_a_full_list_is_a_miss() -> None:
    top = lists([(1, 3.0), (2, 2.0), (3, 1.0), (4, 1.0)])
    assert target_ranks(top, np.array([3], np.int32)).tolist() == [np.inf]
    assert target_ranks(top, np.array([4], np.int32)).tolist() == [np.inf]


def test_cold_and_absent_targets_are_misses() -> None:
    top = lists([(1, 3.0)], [(1, 3.0)], [])
    ranks = target_ranks(top, np.array([-1, 9, 1], np.int32))
    assert ranks.tolist() == [np.inf] * 3
    values = per_row(np.array([1.0, 4.0, np.inf]), (2, 5))
    assert values["recall@5"].tolist() == [1, 1, 0]
    assert values["mrr@5"].tolist() == [1, 0.25, 0]
    assert values["mrr@2"].tolist() == [1, 0, 0]


def test_coverage_and_popularity_lift() -> None:
    top = lists([(0, 2.0), (1, 1.0)], [(0, 2.0)])
    assert coverage(top, 4, 10) == 0.2
    assert coverage(top, 1, 10) == 0.1
    counts = np.array([6.0, 3.0, 2.5])
    lift = popularity_lift(top, 4, counts, Sessions.from_rows([[2], [2]]))
    assert lift == (15 / 3 - 2.5) / 2.5


def test_prefixes_of_one_session_are_drawn_together() -> None:
    rows = Sessions.from_rows([[1, 2, 3], [1, 2], [1], [4], [4, 5], [6, 7]])
    assert chains(rows).tolist() == [0, 0, 0, 1, 1, 2]


def test_intervals_cover_the_mean_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for trial in range(200):
        values = (rng.random(150) < 0.3).astype(float)
        low, high = Bootstrap.of(np.arange(150), seed=trial, resamples=300).interval(values)
        inside += low <= 0.3 <= high
    assert 0.90 <= inside / 200 <= 0.99


def test_rows_that_go_together_widen_the_interval() -> None:
    values = np.repeat((np.random.default_rng(1).random(50) < 0.5).astype(float), 10)
    alone = Bootstrap.of(np.arange(500)).interval(values)
    together = Bootstrap.of(np.repeat(np.arange(50), 10)).interval(values)
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])
