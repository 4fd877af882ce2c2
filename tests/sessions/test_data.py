"""Sessions as arrays and the file layout."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.errors import SessionError
from tools.sessions.data import Sessions, joined, stitched
from tools.sessions.layout import nested, read_layout

rows_of_items = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=8)


def as_lists(sessions: Sessions) -> list[list[int]]:
    return [row.tolist() for row in sessions]


def write(folder: Path, name: str, text: str) -> None:
    if name.endswith(".gz"):
        (folder / name).write_bytes(gzip.compress(text.encode()))
    else:
        (folder / name).write_text(text)


def test_prefixes_of_a_session_end_with_its_own_target() -> None:
    expanded = Sessions.from_rows([[1, 2, 3], [5]], [4, 6]).prefixes()
    assert as_lists(expanded) == [[1], [1, 2], [1, 2, 3], [5]]
    assert expanded.targets.tolist() == [2, 3, 4, 6]


@given(rows_of_items, st.integers(1, 4))
def test_prefixes_are_what_a_loop_gives(rows: list[list[int]], longest: int) -> None:
    targets = [row[0] if row else -1 for row in rows]
    expanded = Sessions.from_rows(rows, targets).prefixes(longest)
    whole = [[*row, t] if t >= 0 else row for row, t in zip(rows, targets, strict=True)]
    expected = [(w[max(0, i - longest) : i], w[i]) for w in whole for i in range(1, len(w))]
    assert list(zip(as_lists(expanded), expanded.targets.tolist(), strict=True)) == expected


@given(rows_of_items, st.data())
def test_taking_latest_padding_and_joining_keep_rows_whole(
    rows: list[list[int]], data: st.DataObject
) -> None:
    sessions = Sessions.from_rows(rows, list(range(len(rows))))
    order = data.draw(st.permutations(range(len(rows))))
    taken = sessions.take(np.array(order, np.int64))
    assert as_lists(taken) == [rows[i] for i in order]
    assert taken.targets.tolist() == order
    assert as_lists(sessions.latest(2)) == [row[-2:] for row in rows]
    padded = sessions.padded(3)
    assert [[i for i in row if i >= 0] for row in padded.tolist()] == [r[-3:] for r in rows]
    assert as_lists(joined([sessions, taken])) == rows + as_lists(taken)


def test_unknown_items_are_dropped_and_unknown_targets_marked() -> None:
    table = np.array([-1, 1, 0], np.int32)
    mapped = Sessions.from_rows([[0, 1], [2, 0]], [2, 0]).mapped(table)
    assert as_lists(mapped) == [[1], [0]]
    assert mapped.targets.tolist() == [0, -1]


def test_growing_histories_are_counted_once() -> None:
    train = Sessions.from_rows([[1, 2]], [3])
    valid = Sessions.from_rows([[1, 2, 3], [2, 3, 4], [7]], [4, 5, 8])
    assert as_lists(stitched([train, valid]).sequences()) == [[7, 8], [1, 2, 3, 4, 5]]


def test_different_sessions_that_begin_alike_stay_apart() -> None:
    train = Sessions.from_rows([[1], [2]], [2, 3])
    valid = Sessions.from_rows([[1, 2], [4, 5], [5, 9]], [9, 6, 7])
    assert len(stitched([train, valid])) == 5


def test_reads_both_kinds_of_rows_and_orders_the_vocabulary(tmp_path: Path) -> None:
    write(tmp_path, "sessions_train.csv.gz", "prev_items,next_item\n\"['b' 'a'\n 'a']\",c\na b,a\n")
    write(tmp_path, "sessions_valid.csv", "prev_items,next_item\nc,d\n")
    write(tmp_path, "sessions_test.csv", "prev_items,next_item\na zzz,e\nzzz,yyy\n,a\n")
    write(tmp_path, "products.csv", "id,title\ne,Lamp\na,Chair\ne,Other\n")
    data = read_layout(tmp_path)
    assert set(data.item_ids[: data.n_train_items]) == {"a", "b", "c"}
    assert data.item_ids[data.n_train_items :] == ["d", "e"]
    names = data.item_ids
    assert [names[i] for i in data.train.row(0)] == ["b", "a", "a"]
    assert [[names[i] for i in row] for row in data.test] == [["a"], [], []]
    assert [names[t] if t >= 0 else None for t in data.test.targets] == ["e", None, "a"]
    assert data.products is not None
    assert data.products.texts()[names.index("e")] == "Lamp"
    assert "1 products" in data.notes["products"]


def test_without_validation_rows_some_training_sessions_are_set_aside(tmp_path: Path) -> None:
    lines = "".join(f"{i} {i + 1},{i + 2}\n" for i in range(50))
    write(tmp_path, "sessions_train.csv", "prev_items,next_item\n" + lines)
    write(tmp_path, "sessions_test.csv", "prev_items,next_item\n1 2,3\n1,2\n")
    one, same, other = (read_layout(tmp_path, seed=s) for s in (0, 0, 1))
    assert nested(one.test)
    assert len(one.train) == 45
    assert len(one.valid) == 10
    assert as_lists(one.valid) == as_lists(same.valid)
    assert one.item_ids == same.item_ids
    assert as_lists(one.train) != as_lists(other.train)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "holds no training sessions"),
        ({"sessions_train.csv": "a,b\n1,2\n"}, "no column prev_items"),
        ({"sessions_train.csv": "prev_items,next_item\n1,2,3\n"}, "line 2: 3 fields, not 2"),
        ({"sessions_train.csv.gz": "x"}, "cannot be read"),
        (
            {"sessions_train.csv": "prev_items,next_item\n1,2\n", "products.csv": "name\nx\n"},
            "no column id",
        ),
    ],
)
def test_bad_files_are_refused_in_one_sentence(
    tmp_path: Path, files: dict[str, str], says: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(SessionError, match=says):
        read_layout(tmp_path)


def test_a_share_takes_training_and_validation_rows_alike(tmp_path: Path) -> None:
    lines = "".join(f"{i},{i + 100}\n" for i in range(50))
    write(tmp_path, "sessions_train.csv", "prev_items,next_item\n" + lines)
    write(tmp_path, "sessions_valid.csv", "prev_items,next_item\n" + lines)
    data = read_layout(tmp_path).share(0.2, seed=3)
    assert (len(data.train), len(data.valid), data.n_train_items) == (10, 10, 20)
    with pytest.raises(SessionError, match="share"):
        data.share(0.0)
