from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.sessions.data import Sessions
from tools.sessions.neural.batches import Batch, Corpus, prefix_batches, warm, whole_batches

rows = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=1, max_size=30)


def pairs(batch: Batch) -> list[tuple[tuple[int, ...], int]]:
    found = []
    for row, step, target in zip(
        batch.row.tolist(), batch.step.tolist(), batch.targets.tolist(), strict=True
    ):
        assert step < batch.lengths[row]
        found.append((tuple(batch.items[row, : step + 1].tolist()), target))
    return found


@given(rows, st.integers(1, 20), st.integers(0, 5))
def test_an_epoch_holds_every_pair_once(walks: list[list[int]], size: int, seed: int) -> None:
    """Both ways of batching, against prefixes made one by one."""
    sessions = Sessions.from_rows([w[:-1] for w in walks], [w[-1] for w in walks])
    corpus = Corpus.of(sessions)
    expected = Counter((tuple(w[:i]), w[i]) for w in walks for i in range(1, len(w)))
    assert corpus.n_pairs == expected.total()
    for make in (whole_batches, prefix_batches):
        batches = list(make(corpus, size, 20, np.random.default_rng(seed)))
        assert Counter(p for b in batches for p in pairs(b)) == expected
        longest = max((len(w) for w in walks), default=1)
        assert all(len(b.targets) < size + longest for b in batches)


@given(rows, st.integers(1, 4))
def test_long_sessions_keep_all_their_targets(walks: list[list[int]], most: int) -> None:
    sessions = Sessions.from_rows([w[:-1] for w in walks], [w[-1] for w in walks])
    corpus = Corpus.of(sessions)
    expected = Counter(w[i] for w in walks for i in range(1, len(w)))
    last = Counter((tuple(w[max(0, i - most) : i]), w[i]) for w in walks for i in range(1, len(w)))
    for make in (whole_batches, prefix_batches):
        found = [p for b in make(corpus, 8, most, np.random.default_rng(0)) for p in pairs(b)]
        assert Counter(target for _, target in found) == expected
        assert all(len(prefix) <= most for prefix, _ in found)
        if make is prefix_batches:
            assert Counter(found) == last


def test_a_batch_of_prefixes_holds_short_and_long_ones() -> None:
    sessions = Sessions.from_rows([list(range(9))] * 100, [9] * 100)
    batches = list(prefix_batches(Corpus.of(sessions), 100, 20, np.random.default_rng(0)))
    assert len(batches) == 9
    assert all(set(b.lengths.tolist()) == set(range(1, 10)) for b in batches)


def test_processes_get_disjoint_batches_and_as_many_each() -> None:
    walks = [[i % 7, (i + 1) % 7, (i + 2) % 7] for i in range(50)]
    corpus = Corpus.of(Sessions.from_rows([w[:2] for w in walks], [w[2] for w in walks]))
    parts = [
        list(whole_batches(corpus, 10, 5, np.random.default_rng(1), rank=rank, world=3))
        for rank in range(3)
    ]
    assert len({len(part) for part in parts}) == 1
    whole = list(whole_batches(corpus, 10, 5, np.random.default_rng(1)))
    dealt = Counter(p for part in parts for b in part for p in pairs(b))
    assert dealt <= Counter(p for b in whole for p in pairs(b))
    assert sum(map(len, parts)) > len(whole) - 3


def test_what_training_has_not_seen_is_taken_out() -> None:
    sessions = Sessions.from_rows([[0, 5, 1], [6], []], [6, 1, -1])
    known = warm(sessions, 5)
    assert [row.tolist() for row in known] == [[0, 1], [], []]
    assert known.targets.tolist() == [-1, 1, -1]
