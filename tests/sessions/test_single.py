"""One session alone is answered exactly as it is within a batch."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sessions.worlds import shelves
from tools.sessions.candidates import Parts
from tools.sessions.data import Sessions
from tools.sessions.hybrid import Hybrid
from tools.sessions.protocol import top_k
from tools.sessions.single import first_of
from tools.sessions.text import item_texts, item_vectors, word_matrix
from tools.sessions.text_parts import TextParts
from tools.text import HashingEncoder


def _rows(n_items: int) -> Sessions:
    rng = np.random.default_rng(3)
    drawn = [rng.integers(0, n_items, size).tolist() for size in rng.integers(0, 14, 60)]
    repeated = [[4, 4, 4], [7, 2, 7, 2, 9], rng.integers(0, n_items, 1500).tolist()]
    return Sessions.from_rows([[], [1], *repeated, *drawn])


def _parts(width: int, text: bool) -> Parts:
    data = shelves(2500, per_kind=40, text=text)
    parts = Parts(width)
    if text:
        texts = item_texts(data.products)
        parts.texts = TextParts(item_vectors(texts, HashingEncoder()), word_matrix(texts))
    parts.learn(data.train.sequences(), data.n_items)
    return parts


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("width", [5, 100])
def test_alone_and_in_a_batch_the_features_are_equal(text: bool, width: int) -> None:
    parts = _parts(width, text)
    sessions = _rows(parts.n_items)
    many = parts.candidates(sessions)
    for row in range(len(sessions)):
        one = parts.candidates(sessions.slice(row, row + 1))
        own = slice(many.offsets[row], many.offsets[row + 1])
        np.testing.assert_array_equal(one.items, many.items[own])
        np.testing.assert_array_equal(one.features, many.features[own])


@pytest.mark.parametrize("text", [False, True])
def test_given_candidates_are_judged_alike_alone_and_in_a_batch(text: bool) -> None:
    parts = _parts(20, text)
    n_items = parts.n_items
    sessions = _rows(n_items)
    rng = np.random.default_rng(5)
    given = [np.sort(rng.choice(n_items, 50, replace=False)) for _ in range(len(sessions))]
    many = parts.candidates(
        sessions, np.concatenate([row * n_items + own for row, own in enumerate(given)])
    )
    for row, own in enumerate(given):
        one = parts.candidates(sessions.slice(row, row + 1), own)
        place = slice(many.offsets[row], many.offsets[row + 1])
        np.testing.assert_array_equal(one.features, many.features[place])


@pytest.mark.parametrize("learner", ["linear", "both"])
def test_a_list_is_the_same_alone_and_in_a_batch(learner: str) -> None:
    data = shelves(150, text=True)
    hybrid = Hybrid(encoder="hashing", learner=learner)
    hybrid.fit(data)
    sessions = data.test.slice(0, 30)
    given = [np.arange(row, row + 30, dtype=np.int32) for row in range(30)]
    many = hybrid.rerank(sessions, given)
    for row in range(30):
        alone = hybrid.rerank(sessions.slice(row, row + 1), [given[row]])
        np.testing.assert_array_equal(alone.ids[0], many.ids[row])
        np.testing.assert_array_equal(alone.scores[0], many.scores[row])


@pytest.mark.parametrize("steps", [2, 50, 100_000])
def test_the_first_of_many_are_those_of_a_full_sort(steps: int) -> None:
    rng = np.random.default_rng(steps)
    for size in (30, 999, 5000, 20_001):
        told = (rng.integers(0, steps, size) / steps).astype(np.float32)
        assert set(first_of(told, 40)) == set(top_k(told[None], 40).ids[0]) - {-1}
    np.testing.assert_array_equal(np.sort(first_of(np.zeros(500, np.float32), 5)), np.arange(5))
