"""Compiled trees give LightGBM's own sums."""

from __future__ import annotations

import numpy as np
import pytest

from tools.sessions.features import Candidates
from tools.sessions.trees import Forest, Trees

lightgbm = pytest.importorskip("lightgbm")


def _learned(leaves: int) -> Trees:
    rng = np.random.default_rng(0)
    sessions, each = 400, 12
    features = np.round(rng.normal(size=(sessions * each, 5)), 1).astype(np.float32)
    target = (features[:, 0] * features[:, 1] + features[:, 2]).reshape(sessions, each).argmax(1)
    items = np.tile(np.arange(each, dtype=np.int32), sessions)
    trees = Trees(rounds=20, leaves=leaves)
    trees.fit(Candidates(np.arange(sessions + 1) * each, items, features), target.astype(np.int32))
    return trees


@pytest.mark.parametrize("leaves", [2, 15, 32])
def test_the_sums_are_lightgbms(leaves: int) -> None:
    trees = _learned(leaves)
    rng = np.random.default_rng(1)
    # Values on the edges of the splits, too: steps of .1 as in training.
    features = np.round(rng.normal(size=(3000, 5)), 1).astype(np.float32)
    told = lightgbm.Booster(model_str=trees.text.decode()).predict(features, num_threads=1)
    np.testing.assert_allclose(trees.predict(features), told, atol=1e-6)
    assert np.ptp(told) > 0.1
    assert trees.predict(features[:0]).shape == (0,)


def test_a_tree_without_a_split_adds_its_value() -> None:
    lines = ["Tree=0", "num_leaves=1", "leaf_value=0.25", "", "Tree=1", "num_leaves=1"]
    forest = Forest.of("\n".join([*lines, "leaf_value=-1", "", "end of trees"]))
    np.testing.assert_allclose(forest.predict(np.zeros((3, 2), np.float32)), -0.75)


def test_more_leaves_than_a_word_has_bits() -> None:
    with pytest.raises(ValueError, match="at most 32 leaves"):
        Trees(leaves=33)
