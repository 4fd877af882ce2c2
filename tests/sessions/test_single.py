"""What the parts of a hybrid say of one session, against sparse products over the catalogue."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import csr_array

from tests.sessions.worlds import shelves
from tools.sessions.candidates import PROPOSING, Parts
from tools.sessions.counting import view_weights
from tools.sessions.data import Sessions
from tools.sessions.features import write_places
from tools.sessions.hybrid import Hybrid
from tools.sessions.neighbours import over_best
from tools.sessions.protocol import top_k
from tools.sessions.rows import Row, first_of
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


def _places(values: np.ndarray) -> np.ndarray:
    """10 / (9 + place) by the definition: equal values share the last place."""
    place = (values[None, :] >= values[:, None]).sum(axis=1)
    return np.asarray(10 / (9 + place))


def _plain(parts: Parts, sessions: Sessions) -> dict[str, np.ndarray]:
    """The scores of every counting part over the whole catalogue, by sparse products."""
    found = {name: c.sparse_scores(sessions).toarray() for name, c in parts.counters.items()}
    found["back"] = (view_weights(sessions, parts.n_items, 0.6) @ parts.back).toarray()
    best = {k: np.maximum(found[k].max(axis=1, keepdims=True), 1e-12) for k in found}
    rules = found["rules last"] / best["rules last"]
    found["knn+rules"] = found["knn"] / best["knn"] + 0.5 * rules
    return found


@pytest.mark.parametrize("given", [False, True])
def test_counting_parts_are_those_of_sparse_products(given: bool) -> None:
    parts = _parts(20, text=False)
    sessions = _rows(parts.n_items)
    rng = np.random.default_rng(5)
    every = np.arange(parts.n_items, dtype=np.int32)
    drawn = [np.sort(rng.choice(every, 50, replace=False)) for _ in range(len(sessions))]
    found = parts.candidates(sessions, drawn if given else None)
    column = {name: i for i, name in enumerate(parts.feature_names)}
    for name, dense in _plain(parts, sessions).items():
        for row, (start, end) in enumerate(pairwise(found.offsets)):
            items, told = found.items[start:end], found.features[start:end]
            if given:
                np.testing.assert_array_equal(items, drawn[row])
            value = dense[row, items]
            relative = value / max(value.max(), 1e-12)
            np.testing.assert_allclose(told[:, column[f"{name}: of best"]], relative, atol=1e-5)
            logged = np.log(relative + 1e-3) / 6.9 + 1
            np.testing.assert_allclose(told[:, column[f"{name}: log"]], logged, atol=1e-4)
            # Sums of equal parts may differ in their last bit, and so change places.
            place = _places(told[:, column[f"{name}: of best"]])
            np.testing.assert_allclose(10 / told[:, column[f"{name}: place"]], 10 / place, atol=3)


def test_places_with_ties_negative_values_and_zeros() -> None:
    rng = np.random.default_rng(2)
    value = (rng.integers(-3, 4, (4, 50)) * 0.25).astype(np.float32)
    value[1, ::2] = -0.0
    value[2] = rng.normal(size=50)
    told = np.empty_like(value)
    write_places(value, told)
    np.testing.assert_allclose(told, [_places(row) for row in value], rtol=1e-6)


@pytest.mark.parametrize("width", [5, 100])
def test_the_first_of_every_part_are_candidates(width: int) -> None:
    parts = _parts(width, text=True)
    assert parts.texts is not None
    sessions = _rows(parts.n_items)
    found = parts.candidates(sessions)
    plain = _plain(parts, sessions)
    for row, (start, end) in enumerate(pairwise(found.offsets)):
        items = found.items[start:end]
        assert (np.diff(items) > 0).all()
        assert set(parts.popular) <= set(items)
        for name in PROPOSING:
            left_out = np.delete(plain[name][row], items)
            kept = np.sort(plain[name][row, items])
            floor = kept[-width] if len(kept) >= width else 0
            assert left_out.max(initial=0) <= floor + 1e-5


def test_what_was_viewed_and_how_often_and_lately() -> None:
    parts = _parts(20, text=False)
    found = parts.candidates(
        Sessions.from_rows([[7, 2, 7, 2, 9]]), [np.array([2, 3, 7, 9], np.int32)]
    )
    column = [
        parts.feature_names.index(f"viewed{end}") for end in ("", " how often", " how lately")
    ]
    expected = [[1, np.log(3), 1 / 2], [0, 0, 0], [1, np.log(3), 1 / 3], [1, np.log(2), 1]]
    np.testing.assert_allclose(found.features[:, column], expected, rtol=1e-6)


def test_the_sum_of_two_rows_is_that_of_dense_ones() -> None:
    rng = np.random.default_rng(7)
    for sizes in ((0, 0), (0, 4), (5, 0), (30, 20)):
        rows = [np.sort(rng.choice(60, size, replace=False)) for size in sizes]
        one, other = (Row(items, rng.random(len(items)).astype(np.float32)) for items in rows)
        dense = np.zeros(60)
        dense[one.items] += one.values
        dense[other.items] += 0.5 * other.values
        told = one.plus(other, 0.5)
        np.testing.assert_array_equal(told.items, np.union1d(one.items, other.items))
        np.testing.assert_allclose(told.values, dense[told.items], rtol=1e-6)


def test_a_best_value_too_small_to_be_inverted() -> None:
    tiny = np.array([1e-44, 4e-45, 0], np.float32)
    told = Row(np.arange(3), tiny).over_best().values
    np.testing.assert_allclose(told, [1, 0.4, 0], atol=0.1)
    dense = over_best(csr_array(tiny[None])).toarray()[0]
    np.testing.assert_array_equal(dense, told)


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
