"""The two passes over the texts, against plain sorts and products."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from tests.sessions.worlds import shelves
from tools.sessions.data import Sessions
from tools.sessions.nearest import EXACT, FOUND, Nearest
from tools.sessions.single import Views
from tools.sessions.text import item_texts, item_vectors, unit, word_matrix
from tools.sessions.text_parts import TextParts
from tools.text import HashingEncoder


def _vectors(items: int, dimension: int, decay: float, seed: int = 0) -> np.ndarray:
    """Unit vectors whose spread falls by `decay` from direction to direction."""
    rng = np.random.default_rng(seed)
    return unit(rng.normal(size=(items, dimension)) * decay ** np.arange(dimension))


@pytest.mark.parametrize("decay", [0.9, 1.0])
def test_most_of_the_nearest_are_found_whatever_the_spectrum(decay: float) -> None:
    vectors = _vectors(4000, 200, decay)
    nearest = Nearest(vectors)
    queries = unit(vectors[:150:3] + 0.3 * vectors[1:151:3])
    shares = []
    for query, found in zip(queries, nearest.first(queries, 100), strict=True):
        exact = np.argsort(-(vectors @ query))[:100]
        shares.append(len(np.intersect1d(exact, found)) / 100)
        assert exact[0] in found
    assert np.mean(shares) >= FOUND - 0.02


def test_the_codes_are_as_fine_as_the_share_to_be_found_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors = _vectors(4000, 64, 0.98)
    sizes = []
    for share in (0.3, 0.8, 0.999):
        monkeypatch.setattr("tools.sessions.nearest.FOUND", share)
        sizes.append(Nearest(vectors).index.pq.dsub)
    assert sizes[0] > sizes[1] > sizes[2]


def test_the_first_pass_is_the_same_made_again_and_kept() -> None:
    # 203 dimensions: the last code holds fewer than the others.
    vectors = _vectors(3000, 203, 0.95)
    nearest = Nearest(vectors)
    kept = nearest.arrays()
    again = Nearest(vectors).arrays()
    np.testing.assert_array_equal(kept["nearest"], again["nearest"])
    restored = Nearest(vectors, kept)
    queries = unit(vectors[:20] + vectors[20:40])
    found = nearest.first(queries, 50)
    for row, query in enumerate(queries):
        # Whatever else is asked beside it.
        [alone] = restored.first(query[None], 50)
        np.testing.assert_array_equal(alone, found[row])


def test_where_nearly_all_texts_are_equal_the_others_are_found() -> None:
    vectors = np.repeat(_vectors(1, 384, 1.0), EXACT + 500, axis=0)
    vectors[7:57] = _vectors(50, 384, 1.0, seed=3)
    queries = unit(vectors[7:12] + 0.5 * vectors[12:17])
    for query, found in zip(queries, Nearest(vectors).first(queries, 100), strict=True):
        assert len(set(found.tolist())) == 100
        assert found.min() >= 0
        exact = vectors @ query
        nearer = np.flatnonzero(exact > exact[0] + 1e-6)
        assert exact.argmax() in found
        assert np.isin(nearer, found).mean() >= 0.7


def test_items_without_text_are_neither_looked_through_nor_found() -> None:
    vectors = np.zeros((5 * EXACT, 40), np.float32)
    vectors[::9] = _vectors(len(vectors[::9]), 40, 0.95)
    nearest = Nearest(vectors)
    assert nearest.index is None
    [found] = nearest.first(vectors[9:10], 2000)
    np.testing.assert_array_equal(np.sort(found), np.arange(0, len(vectors), 9))


def test_a_first_pass_over_other_vectors_is_made_anew() -> None:
    kept = Nearest(_vectors(EXACT + 100, 30, 0.9)).arrays()
    vectors = _vectors(EXACT + 10, 30, 0.9)
    damaged = {"nearest": kept["nearest"][:50]}
    expected = Nearest(vectors).first(vectors[:5], 100)
    for arrays in (kept, damaged):
        found = Nearest(vectors, arrays).first(vectors[:5], 100)
        np.testing.assert_array_equal(np.sort(found), np.sort(expected))


def test_small_catalogues_are_searched_exactly_and_ties_go_by_index() -> None:
    vectors = np.repeat(_vectors(20, 30, 0.9), 5, axis=0)
    nearest = Nearest(vectors)
    found, none = nearest.first(np.stack([vectors[50], np.zeros(30, np.float32)]), 7)
    assert set(range(50, 55)) <= set(found.tolist())
    other = sorted(set(found.tolist()) - set(range(50, 55)))
    assert other == [other[0], other[0] + 1]
    assert other[0] % 5 == 0
    assert not len(none)
    assert len(nearest.first(vectors[:1], 1000)[0]) == len(vectors)


def test_cosines_are_those_of_a_dense_product_and_equal_texts_tie() -> None:
    vectors = np.concatenate([_vectors(100, 70, 0.95)] * 2)
    nearest = Nearest(vectors)
    items = np.arange(0, 200, 3)
    told = nearest.cosines(vectors[:4], items)
    np.testing.assert_allclose(told, vectors[:4] @ vectors[items].T, atol=1e-6)
    whole = nearest.cosines(vectors[:4], np.arange(200))
    np.testing.assert_array_equal(whole[:, :100], whole[:, 100:])


def test_items_without_text_at_all() -> None:
    nearest = Nearest(np.zeros((EXACT + 1, 64), np.float32))
    assert not len(nearest.first(np.zeros((1, 64), np.float32), 10)[0])


def test_words_are_compared_as_a_sparse_product_compares_them() -> None:
    rng = np.random.default_rng(1)
    words = csr_array(random_array((300, 80), density=0.05, rng=rng, dtype=np.float32))
    parts = TextParts(_vectors(300, 40, 0.9), words)
    views = Views(Sessions.from_rows([[4, 9, 4, 200]]))
    asked = parts.asked(views)
    weights = np.zeros(300)
    weights[[9, 4, 200]] = 0.49, 0.7, 1.0
    exact = words @ (words.T @ (weights / weights.sum()))
    items = np.arange(300)
    column = parts.feature_names.index("words")
    np.testing.assert_allclose(parts.columns(asked, items)[column], exact, atol=1e-6)
    found = parts._first_by_words(asked.words[0], 20)
    assert len(found) == min(20, (exact > 0).sum())
    assert exact[found].min() >= np.sort(exact)[-20] - 1e-6


def test_a_session_of_items_without_words_proposes_nothing() -> None:
    data = shelves(50, text=True)
    assert data.products is not None
    data.products.columns["title"][0] = ""
    texts = item_texts(data.products)
    parts = TextParts(item_vectors(texts, HashingEncoder()), word_matrix(texts))
    for row in ([], [0]):
        assert not len(parts.first(parts.asked(Views(Sessions.from_rows([row]))), 10))
