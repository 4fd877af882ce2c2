"""Models that count, against plain loops and against bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.sessions.worlds import shelves
from tools.errors import SessionError
from tools.sessions.counting import ItemWalk, item_cosines
from tools.sessions.data import SessionData, Sessions
from tools.sessions.neighbours import VSKNN
from tools.sessions.protocol import SessionModel
from tools.sessions.registry import create, load_model

NAMES = ["popularity", "rules", "itemknn", "itemwalk", "vsknn", "vsknn+rules"]


def small() -> SessionData:
    train = Sessions.from_rows([[0, 1], [1, 2], [0, 3, 1]], [2, 3, 4])
    nothing = Sessions.from_rows([])
    return SessionData([*"abcdef"], 5, train, nothing, nothing)


def fitted(name: str, data: SessionData | None = None) -> SessionModel:
    model = create(name)
    model.fit(data or small())
    return model


def test_rules_weigh_by_distance() -> None:
    scores = fitted("rules").scores(Sessions.from_rows([[3, 0]]))[0]
    # After 0: 1 at distance 1 and 2; 2 at distance 2; 3 at distance 1; 4 at distance 3.
    assert scores[1] == pytest.approx(1.5)
    assert scores[2] == pytest.approx(0.5)
    assert scores[3] == pytest.approx(1.0)
    assert scores[4] == pytest.approx(1 / 3)
    assert scores[5] == -np.inf


def test_item_knn_is_the_cosine_of_session_sets() -> None:
    model = create("itemknn", decay=0.0)
    model.fit(small())
    scores = model.scores(Sessions.from_rows([[0]]))[0]
    assert scores[1] == pytest.approx(2 / np.sqrt(2 * 3))
    assert scores[3] == pytest.approx(1 / np.sqrt(2 * 2))


def test_vsknn_is_what_plain_loops_give() -> None:
    data = shelves(120)
    model = VSKNN(20, 0.8, 0.6, 0.5, 1.0)
    model.fit(data)
    rows = data.test.slice(0, 25)
    held = [set(row.tolist()) for row in data.train.sequences()]
    occurs = np.array([sum(i in h for h in held) for i in range(data.n_items)])
    for row, got in zip(rows, model.scores(rows), strict=True):
        age = {}
        for place, item in enumerate(row.tolist()):
            age[item] = len(row) - 1 - place
        votes = []
        for number, items in enumerate(held):
            shared = items & age.keys()
            if shared:
                like = sum(0.8 ** age[i] for i in shared) / len(items) ** 0.5
                votes.append((like, number, 0.6 ** min(age[i] for i in shared)))
        votes.sort(key=lambda v: (-np.float32(v[0]), -v[1]))
        expected = np.zeros(data.n_items)
        for like, number, decay in votes[:20]:
            expected[list(held[number])] += like * decay
        expected *= np.log(len(held) / np.maximum(occurs, 1))
        seen = expected > 0
        np.testing.assert_allclose(got[seen], expected[seen], rtol=2e-3)
        assert (got[~seen] == -np.inf).all()


@pytest.mark.parametrize("name", NAMES)
def test_lists_agree_with_scores_and_hold_no_zero(name: str) -> None:
    data = shelves(100)
    model = fitted(name, data)
    rows = data.test.slice(0, 30)
    dense = model.scores(rows)
    for removed in (False, True):
        lists = model.score(rows, 15, remove_viewed=removed)
        for row, ids, values, full in zip(rows, lists.ids, lists.scores, dense, strict=True):
            known = ids >= 0
            assert (values[known] > 0).all()
            assert (np.diff(values[known]) <= 0).all()
            np.testing.assert_allclose(values[known], full[ids[known]], rtol=1e-5)
            assert (values[~known] == -np.inf).all()
            if removed:
                assert not set(ids[known].tolist()) & set(row.tolist())
            left = np.setdiff1d(np.flatnonzero(full > 0), row if removed else [])
            assert known.sum() == min(15, len(left))


@pytest.mark.parametrize("name", NAMES)
def test_odd_sessions_are_answered(name: str) -> None:
    data = shelves(100)
    model = fitted(name, data)
    rng = np.random.default_rng(0)
    long = rng.integers(0, data.n_items, 10_000)
    rows = Sessions.from_rows([[], [3], long.tolist(), [3, 3, 3]])
    lists = model.score(rows, 5)
    if name != "popularity":
        assert (lists.ids[0] == -1).all()
    assert (lists.ids[1:, 0] >= 0).all()
    alone = model.score(rows.slice(2, 3), 5)
    np.testing.assert_array_equal(alone.ids[0], lists.ids[2])
    cold = fitted(name).scores(Sessions.from_rows([[5]]))
    assert cold.shape == (1, 6)
    assert cold[0, 5] == -np.inf
    assert model.score(Sessions.from_rows([]), 5).ids.shape == (0, 5)


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_model_answers_the_same_and_a_cut_file_is_refused(
    name: str, tmp_path: Path
) -> None:
    data = shelves(100)
    model = fitted(name, data)
    model.save(tmp_path)
    before = model.score(data.test, 10)
    after = load_model(tmp_path).score(data.test, 10)
    np.testing.assert_array_equal(before.ids, after.ids)
    np.testing.assert_array_equal(before.scores, after.scores)
    stored = tmp_path / "arrays.safetensors"
    stored.write_bytes(stored.read_bytes()[:-10])
    with pytest.raises(SessionError, match="digest"):
        load_model(tmp_path)
    stored.unlink()
    with pytest.raises(SessionError, match="cannot be read"):
        load_model(tmp_path)


def test_names_and_settings_that_are_not_there() -> None:
    with pytest.raises(SessionError, match="no model is called"):
        create("nope")
    with pytest.raises(SessionError, match="no such setting"):
        create("vsknn", colour=1)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="holds no session model"):
        load_model(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(SessionError, match="cannot be read"):
        load_model(tmp_path)


def test_a_walk_of_two_steps_is_the_product_of_two_single_ones() -> None:
    data = shelves(300)
    cosines = item_cosines(data.train.sequences(), data.n_items)
    walk = ItemWalk(near=data.n_items, kept=data.n_items)
    walk.take(cosines)
    step = cosines.toarray() / cosines.toarray().sum(axis=1, keepdims=True)
    twice = step @ step
    np.fill_diagonal(twice, 0)
    np.testing.assert_allclose(walk.similar.toarray(), twice, atol=1e-6)


def test_a_walk_takes_the_nearest_and_keeps_the_likeliest() -> None:
    data = shelves(300)
    cosines = item_cosines(data.train.sequences(), data.n_items)
    walk = ItemWalk(near=3, kept=4)
    walk.take(cosines)
    dense = cosines.toarray()
    near = np.zeros_like(dense)
    for row, own in enumerate(dense):
        best = np.argsort(-own, kind="stable")[:3]
        near[row, best] = own[best] / own[best].sum()
    twice = near @ near
    np.fill_diagonal(twice, 0)
    for row, own in enumerate(walk.similar.toarray()):
        assert (own > 0).sum() == min(4, (twice[row] > 0).sum())
        np.testing.assert_allclose(np.sort(own)[-4:], np.sort(twice[row])[-4:], atol=1e-6)


def test_a_walk_reaches_what_never_met_the_viewed_item() -> None:
    rows = Sessions.from_rows([[0, 1], [1, 2]])
    data = SessionData(["a", "b", "c"], 3, rows, rows.slice(0, 0), rows)
    walk = ItemWalk()
    walk.fit(data)
    assert walk.score(Sessions.from_rows([[0]]), 3).ids[0].tolist() == [2, -1, -1]
