from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.neural.support import NAMES, SMALL, ring
from tools.sessions.data import Sessions
from tools.sessions.neural.batches import scoring_batches
from tools.sessions.neural.models import NeuralModel
from tools.sessions.neural.srgnn import of_like_length, session_graphs
from tools.sessions.registry import create


def make(name: str, **settings: object) -> NeuralModel:
    model = create(name, preset="paper", **{**SMALL, **settings})
    assert isinstance(model, NeuralModel)
    return model


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_rule_that_follows_from_the_last_item_is_learned(name: str, normalize: bool) -> None:
    data = ring()
    more: dict[str, object] = {}
    if name == "npe":
        # A sum knows no order, and rectified vectors need room: only one-item prefixes are asked.
        more = {"dim": 64, "tied": False, "epochs": 120}
    model = make(name, normalize=normalize, **more)
    report = model.fit(data)
    assert report.history[-1]["loss"] < report.history[0]["loss"]
    asked = Sessions.from_rows([[i] for i in range(12)])
    best = model.score(asked, 1, remove_viewed=name == "hrm").ids[:, 0]
    step = (best - np.arange(12)) % 12
    # HRM has one table for what was viewed and what comes next: it cannot tell after from before.
    assert set(step.tolist()) <= ({1, 11} if name == "hrm" else {1})


@pytest.mark.parametrize("name", NAMES)
def test_every_prefix_of_a_row_is_scored_as_if_it_stood_alone(name: str) -> None:
    """One pass over a whole session gives what a pass over each prefix gives."""
    network = make(name)._network(30, seed=1).eval()
    torch.nn.init.normal_(network.items.weight)
    rng = np.random.default_rng(0)
    rows = [rng.integers(0, 30, length).tolist() for length in (1, 2, 5, 9, 9, 3)]
    prefixes = [row[: end + 1] for row in rows for end in range(len(row))]
    alone = np.zeros((len(prefixes), network.dim), np.float32)
    with torch.inference_mode():
        for index, batch in scoring_batches(Sessions.from_rows(prefixes), 50, cells=1):
            alone[index] = network.represented(batch).numpy()
        together = np.zeros_like(alone)
        for index, batch in scoring_batches(Sessions.from_rows(prefixes), 50):
            together[index] = network.represented(batch).numpy()
        np.testing.assert_allclose(together, alone, atol=2e-6)
        if network.rows == "prefixes":
            return
        whole = np.zeros_like(alone)
        starts = np.cumsum([0, *(len(row) for row in rows)])
        for index, batch in scoring_batches(Sessions.from_rows(rows), 50, cells=64):
            real = torch.arange(batch.items.shape[1])[None] < batch.lengths[:, None]
            row, step = real.nonzero(as_tuple=True)
            every = type(batch)(batch.items, batch.lengths, row, step, batch.targets)
            whole[starts[index[row.numpy()]] + step.numpy()] = network.represented(every).numpy()
    np.testing.assert_allclose(whole, alone, atol=2e-6)


@pytest.mark.parametrize("name", NAMES)
def test_short_long_empty_and_cold_sessions_are_answered(name: str) -> None:
    data = ring()
    model = make(name, epochs=1)
    model.fit(data)
    long = [i % 12 for i in range(10_000)]
    rows = [[3], [], long, long[-50:], [3, 12], [12]]
    scores = model.scores(Sessions.from_rows(rows))
    assert scores.shape == (6, 13)
    assert scores.dtype == np.float32
    assert np.isneginf(scores[:, 12]).all(), "a cold item gets no score"
    assert np.isfinite(scores[[0, 2, 3, 4], :12]).all()
    np.testing.assert_allclose(scores[2], scores[3], rtol=1e-5)
    np.testing.assert_allclose(scores[0], scores[4], rtol=1e-5)
    assert np.isneginf(scores[[1, 5]]).all(), "nothing known was viewed"


def test_a_session_graph_is_that_of_the_paper() -> None:
    """The example of the paper: v1, v2, v3, v2, v4."""
    items = torch.tensor([[11, 12, 13, 12, 14], [7, 0, 0, 0, 0]])
    nodes, alias, arcs = session_graphs(items, torch.tensor([5, 1]))
    assert nodes.tolist() == [[11, 12, 13, 14], [7, 0, 0, 0]]
    assert alias.tolist() == [[0, 1, 2, 1, 3], [0, 0, 0, 0, 0]]
    leaving = [[0, 1, 0, 0], [0, 0, 0.5, 0.5], [0, 1, 0, 0], [0, 0, 0, 0]]
    arriving = [[0, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 1, 0, 0], [0, 1, 0, 0]]
    assert arcs[1, 0].tolist() == leaving
    assert arcs[0, 0].tolist() == arriving
    assert not arcs[:, 1].any()


def test_an_arc_taken_twice_weighs_twice_and_a_repeat_is_an_arc_to_itself() -> None:
    items = torch.tensor([[5, 6, 5, 6, 6, 8]])
    _, _, arcs = session_graphs(items, torch.tensor([6]))
    torch.testing.assert_close(
        arcs[1, 0], torch.tensor([[0.0, 1, 0], [1 / 3, 1 / 3, 1 / 3], [0, 0, 0]])
    )
    torch.testing.assert_close(
        arcs[0, 0], torch.tensor([[0.0, 1, 0], [2 / 3, 1 / 3, 0], [0, 1, 0]])
    )


@given(st.lists(st.integers(1, 60), min_size=1, max_size=80))
def test_rows_of_like_length_are_each_in_one_group(lengths: list[int]) -> None:
    groups = of_like_length(torch.tensor(lengths))
    assert sorted(torch.cat(groups).tolist()) == list(range(len(lengths)))
    for group in groups:
        found = [lengths[row] for row in group.tolist()]
        assert max(found) < 2 * min(found)
