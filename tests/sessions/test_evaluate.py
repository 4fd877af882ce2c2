"""Evaluation, the paper's re-ranking, text vectors and serving."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.sessions.worlds import shelves
from tools.errors import SessionError
from tools.sessions.data import SessionData, Sessions
from tools.sessions.evaluate import fitted, judge, summary, viewed_removed, without_viewed
from tools.sessions.products import Products
from tools.sessions.protocol import TopK
from tools.sessions.registry import create
from tools.sessions.rerank import paper_rerank
from tools.sessions.serve import Ranker, renumbered, write_vocabulary
from tools.sessions.text import TextModel, item_vectors, word_matrix
from tools.text import HashingEncoder


class Counted(HashingEncoder):
    """Counts what it encodes."""

    seen = 0

    def encode(self, texts, progress=None):  # type: ignore[no-untyped-def]
        self.seen += len(texts)
        return super().encode(texts, progress)


def test_vectors_are_encoded_once_for_the_same_texts(tmp_path: Path) -> None:
    encoder = Counted(64)
    first = item_vectors(["a lamp", "", "a chair"], encoder, cache=tmp_path)
    again = item_vectors(["a lamp", "", "a chair"], encoder, cache=tmp_path)
    assert encoder.seen == 2
    np.testing.assert_array_equal(first, again)
    assert not first[1].any()
    item_vectors(["a lamp", "", "a rug"], encoder, cache=tmp_path)
    assert encoder.seen == 4
    for kept in tmp_path.glob("*.npy"):
        kept.write_bytes(b"torn")
    np.testing.assert_array_equal(
        first, item_vectors(["a lamp", "", "a chair"], encoder, cache=tmp_path)
    )


def test_recent_views_weigh_more_in_the_text_score() -> None:
    products = Products({"title": ["red lamp", "oak chair", "red lamp big", "oak chair big"]},
                        np.ones(4, bool))  # fmt: skip
    nothing = Sessions.from_rows([])
    data = SessionData([*"abcd"], 4, nothing, nothing, nothing, products)
    model = TextModel(0.7, "hashing")
    model.fit(data)
    scores = model.scores(Sessions.from_rows([[0, 1], [1, 0], []]))
    assert scores[0, 3] > scores[0, 2]
    assert scores[1, 2] > scores[1, 3]
    assert (scores[2] == -np.inf).all()


@pytest.mark.parametrize(
    "products", [None, Products({"price": ["1", "2"]}, np.ones(2, bool)),
                 Products({"title": ["", ""]}, np.ones(2, bool))]
)  # fmt: skip
def test_items_without_text_are_named_as_the_reason(products: Products | None) -> None:
    nothing = Sessions.from_rows([])
    with pytest.raises(SessionError, match="items have no text"):
        TextModel(encoder="hashing").fit(
            SessionData(["a", "b"], 2, nothing, nothing, nothing, products)
        )


def test_words_compare_by_what_is_rare() -> None:
    matrix = word_matrix(["blue mug", "blue rug", "green mug", "blue"]).toarray()
    likeness = matrix @ matrix.T
    np.testing.assert_allclose(np.diag(likeness)[[0, 3]], 1, rtol=1e-5)
    assert likeness[0, 2] > likeness[0, 1]


def test_the_papers_rule_orders_the_list_and_adds_nothing() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries = vectors[:3]
    ids = np.array([[4, 9, 0, -1], [5, 1, 7, 8], [-1, -1, -1, -1]], np.int32)
    ranked = paper_rerank(TopK(ids, np.zeros(ids.shape, np.float32)), queries, vectors)
    assert [set(r) for r in ranked.ids.tolist()] == [set(r) for r in ids.tolist()]
    assert ranked.ids[0, 0] == 0
    assert ranked.ids[0, -1] == -1
    assert ranked.ids[1, 0] == 1
    np.testing.assert_allclose(ranked.scores[1], vectors[ranked.ids[1]] @ queries[1], rtol=1e-5)
    with pytest.raises(SessionError, match="cannot be re-ranked"):
        paper_rerank(TopK(ids, np.zeros(ids.shape, np.float32)), queries[:, :4], vectors)


def test_taking_viewed_items_out_is_what_the_model_does_itself() -> None:
    data = shelves(100)
    model = create("itemknn")
    model.fit(data)
    whole = without_viewed(model.score(data.test, 60), data.test)
    removed = model.score(data.test, 20, remove_viewed=True)
    np.testing.assert_array_equal(whole.ids[:, :20], removed.ids)
    np.testing.assert_array_equal(whole.scores[:, :20], removed.scores)


@pytest.mark.parametrize("repeats", [True, False])
def test_validation_decides_about_viewed_items(repeats: bool) -> None:
    rng = np.random.default_rng(0)
    rows = [rng.choice(30, 4, replace=False).tolist() for _ in range(300)]
    targets = [row[0] if repeats else (row[-1] + 1) % 30 for row in rows]
    if not repeats:
        rows = [[i for i in row if i != t] for row, t in zip(rows, targets, strict=True)]
    sessions = Sessions.from_rows(rows, targets)
    data = SessionData([str(i) for i in range(30)], 30, sessions, sessions, sessions)
    model = create("itemknn")
    model.fit(data)
    # Item-kNN scores no item with itself, so look at the neighbours' votes instead.
    knn = create("vsknn")
    knn.fit(data)
    assert viewed_removed(knn, data.valid) is not repeats


def test_the_report_holds_what_is_promised() -> None:
    data = shelves(150)
    model = create("vsknn")
    report, removed = fitted(model, data)
    told = summary(judge(model, data, report, removed), data)
    assert {"recall@20", "recall@50", "mrr@20", "mrr@50", "viewed_removed", "ci"} <= told.keys()
    assert told["viewed_removed"] in {True, False}
    side = told["without_viewed" if removed else "with_viewed"]
    assert told["mrr@50"] == side["mrr@50"]
    for name, (low, high) in told["ci"].items():
        assert low <= told[name] <= high


def test_no_test_rows_are_one_sentence() -> None:
    data = shelves(50)
    model = create("rules")
    report, removed = fitted(model, data)
    nothing = Sessions.from_rows([])
    with pytest.raises(SessionError, match="no test rows"):
        judge(model, replace(data, test=nothing), report, removed)
    unknown = Sessions.from_rows([[1]])
    with pytest.raises(SessionError, match="known next_item"):
        judge(model, replace(data, test=unknown), report, removed)


def test_a_saved_model_ranks_item_ids(tmp_path: Path) -> None:
    data = shelves(100)
    model = create("vsknn+rules")
    model.fit(data)
    model.save(tmp_path)
    write_vocabulary(tmp_path, data.item_ids, True)
    ranker = Ranker.open(tmp_path)
    ranked = ranker.rank(["i3", "what", "i4"], 5)
    assert ranked.unknown == ["what"]
    assert len(ranked.items) == 5
    assert not {"i3", "i4"} & {i for i, _ in ranked.items}
    assert {i for i, _ in ranker.rank(["i3"], 5, among=["i5", "i6", "zzz"]).items} <= {"i5", "i6"}
    assert ranker.rank([], 5).items == []
    (tmp_path / "vocabulary.json").write_text("[")
    with pytest.raises(SessionError, match="cannot be read"):
        Ranker.open(tmp_path)


def test_data_in_another_vocabulary() -> None:
    data = shelves(20)
    other = renumbered(data, ["i5", "i4", "new"])
    assert other.n_items == 3
    assert set(other.test.items.tolist()) <= {0, 1}
