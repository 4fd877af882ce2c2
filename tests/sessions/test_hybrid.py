"""The hybrid on small worlds where it is known which part should win."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.sessions.worlds import shelves
from tools.errors import SessionError
from tools.sessions.data import Sessions
from tools.sessions.evaluate import fitted, judge, paired, summary
from tools.sessions.features import Candidates
from tools.sessions.hybrid import Hybrid
from tools.sessions.registry import create, load_model
from tools.sessions.serve import write_vocabulary
from tools.sessions.softmax import Softmax


def test_the_softmax_finds_the_weights_that_drew_the_targets() -> None:
    rng = np.random.default_rng(0)
    n, each = 3000, 8
    features = rng.normal(size=(n * each, 3)).astype(np.float32)
    truth = np.array([1.5, -0.7, 0.0])
    gumbel = rng.gumbel(size=n * each)
    drawn = (features @ truth + gumbel).reshape(n, each).argmax(axis=1)
    items = np.tile(np.arange(each, dtype=np.int32), n)
    found = Candidates(np.arange(n + 1) * each, items, features)
    learned = Softmax(penalty=1e-6)
    learned.fit(found, drawn.astype(np.int32))
    np.testing.assert_allclose(learned.weights * learned.scale, truth, atol=0.12)


def test_ids_alone_suffice_and_the_hybrid_is_no_worse_than_its_parts() -> None:
    data = shelves(600)
    hybrid = Hybrid()
    report, removed = fitted(hybrid, data)
    one = judge(hybrid, data, report, removed)
    for name in ("vsknn+rules", "popularity"):
        rival = create(name)
        other = judge(rival, data, *fitted(rival, data))
        pair = paired(one, other, data)
        assert pair["mrr@50"]["ci"][1] > 0
        assert pair["recall@50"]["ci"][1] >= 0
    told = summary(one, data)
    assert told["ci"]["mrr@20"][0] <= told["mrr@20"] <= told["ci"]["mrr@20"][1]


def test_cold_items_are_found_by_their_words() -> None:
    data = shelves(600, text=True)
    assert data.products is not None
    texts = [*data.products.texts(), "lamp number 99"]
    with_cold = replace(
        data,
        item_ids=[*data.item_ids, "new"],
        products=replace(
            data.products,
            columns={"title": texts},
            listed=np.ones(len(texts), bool),
        ),
    )
    hybrid = Hybrid(encoder="hashing")
    hybrid.fit(with_cold)
    cold = len(data.item_ids)
    lists = hybrid.score(Sessions.from_rows([[0, 1, 2], [cold]]), 70)
    assert cold in lists.ids[0]
    # The first session seen with a cold item alone: its shelf comes before the others.
    first = lists.ids[1][lists.ids[1] != cold][:5]
    assert (first < 10).all()


def test_steps_back_to_its_best_part_when_the_blend_is_worse() -> None:
    data = shelves(400)
    hybrid = Hybrid(learner="linear")
    hybrid.fit(data)
    assert hybrid.decision.part is None
    hybrid.decision.part = "rules last"
    rules = create("rules")
    rules.fit(replace(data, train=_both(data.train, data.valid)))
    ours, theirs = (m.score(data.test, 5) for m in (hybrid, rules))
    np.testing.assert_array_equal(ours.ids[:, 0], theirs.ids[:, 0])
    # Rules have nothing to say of a new shopper; what is popular stands in.
    new = hybrid.score(Sessions.from_rows([[]]), 5).ids[0]
    np.testing.assert_array_equal(np.sort(hybrid.parts.counts[new])[::-1], hybrid.parts.counts[new])
    assert new[0] == hybrid.parts.counts.argmax()


def _both(one: Sessions, other: Sessions) -> Sessions:
    from tools.sessions.data import stitched

    return stitched([one, other])


def test_odd_sessions_and_few_rows() -> None:
    data = shelves(40, text=True)
    hybrid = Hybrid(encoder="hashing")
    hybrid.fit(data)
    long = np.random.default_rng(0).integers(0, data.n_items, 10_000).tolist()
    rows = Sessions.from_rows([[], [3], long])
    lists = hybrid.score(rows, 10, remove_viewed=False)
    assert (lists.ids[:, 0] >= 0).all()
    assert hybrid.scores(rows).shape == (3, data.n_items)
    assert hybrid.score(Sessions.from_rows([]), 10).ids.shape == (0, 10)
    assert not set(hybrid.score(rows, 10, remove_viewed=True).ids[1].tolist()) & {3}


def test_without_validation_rows_it_still_ranks() -> None:
    data = replace(shelves(100), valid=Sessions.from_rows([]))
    hybrid = Hybrid()
    hybrid.fit(data)
    assert (hybrid.score(data.test, 5).ids[:, 0] >= 0).all()


def test_trained_on_nothing_it_lists_nothing() -> None:
    nothing = Sessions.from_rows([])
    data = replace(shelves(100), train=nothing, valid=nothing)
    hybrid = Hybrid()
    hybrid.fit(data)
    assert (hybrid.score(data.test.slice(0, 3), 5).ids == -1).all()


def test_candidates_that_are_no_items_or_too_few_lists_are_refused() -> None:
    data = shelves(100)
    hybrid = Hybrid(learner="linear")
    hybrid.fit(data)
    rows = data.test.slice(0, 2)
    for given in ([[3, -1], [4]], [[3], [data.n_items]], [[3]], [[1], [2], [3]]):
        with pytest.raises(ValueError, match=r"items to order|zip"):
            hybrid.rerank(rows, [np.array(own, np.int32) for own in given])


def test_given_candidates_are_ordered_and_nothing_else() -> None:
    data = shelves(200, text=True)
    hybrid = Hybrid(encoder="hashing")
    hybrid.fit(data)
    rows = data.test.slice(0, 3)
    given = [np.array(g, np.int32) for g in ([5, 1, 40], [2, 3, 59], [0, 10, 20])]
    lists = hybrid.rerank(rows, given)
    assert [set(r.tolist()) for r in lists.ids] == [set(g.tolist()) for g in given]
    assert (np.diff(lists.scores, axis=1) <= 0).all()


@pytest.mark.parametrize("learner", ["linear", "trees", "both"])
def test_fits_alike_and_survives_the_disk(learner: str, tmp_path: Path) -> None:
    data = shelves(150, text=True)
    first, again = Hybrid(learner=learner, encoder="hashing"), Hybrid(
        learner=learner, encoder="hashing"
    )  # fmt: skip
    first.fit(data, seed=4)
    again.fit(data, seed=4)
    lists = first.score(data.test, 10)
    np.testing.assert_array_equal(lists.scores, again.score(data.test, 10).scores)
    first.save(tmp_path)
    np.testing.assert_array_equal(lists.scores, load_model(tmp_path).score(data.test, 10).scores)
    stored = tmp_path / "arrays.safetensors"
    stored.write_bytes(stored.read_bytes()[:-1])
    with pytest.raises(SessionError, match="digest"):
        load_model(tmp_path)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network trained on the shelves, as `interarec session train` keeps it."""
    pytest.importorskip("torch")
    data = shelves(150)
    model = create("gru4rec", dim=16, hidden=16, lr=0.02, batch=64, epochs=12)
    model.fit(data)
    folder = tmp_path_factory.mktemp("gru4rec")
    model.save(folder)
    write_vocabulary(folder, data.item_ids, viewed_removed=False)
    return folder


def test_a_trained_network_is_one_more_source(network: Path, tmp_path: Path) -> None:
    data = shelves(150)
    hybrid = Hybrid(others=[str(network)], learner="linear")
    report = hybrid.fit(data)
    assert "gru4rec: z" in hybrid.parts.feature_names
    # On its own it is tried like every other part.
    assert report.notes["validation"]["gru4rec"][0] > report.notes["validation"]["popularity"][0]
    lists = hybrid.score(data.test, 10)
    hybrid.save(tmp_path)
    again = load_model(tmp_path)
    np.testing.assert_array_equal(lists.ids, again.score(data.test, 10).ids)
    hybrid.decision.part = "gru4rec"
    alone = load_model(network).score(data.test, 3)
    np.testing.assert_array_equal(hybrid.score(data.test, 3).ids, alone.ids)


def test_a_network_of_other_items_is_refused(network: Path) -> None:
    with pytest.raises(SessionError, match="other items"):
        Hybrid(others=[str(network)]).fit(shelves(150, per_kind=9))


def test_a_learner_that_is_not_there() -> None:
    with pytest.raises(SessionError, match="linear, trees or both"):
        Hybrid(learner="deep")
