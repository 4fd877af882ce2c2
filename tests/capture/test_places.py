"""The same store over SQLite, Postgres and object storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from agent.capture.frames import Frame, Page
from agent.capture.store import FrameStore
from tests.capture.test_store import bytes_on_disk, picture
from tests.support.postgres import Postgres
from tools.errors import InputError, InteraRecError

Open = Callable[..., FrameStore]


@pytest.fixture(
    params=["sqlite", "sqlite + file", "sqlite + memory", "postgres", "postgres + file"]
)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    kind, _, bytes_kind = request.param.partition(" + ")
    place: Path | str = tmp_path / "db" / "frames.sqlite"
    if kind == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        place = postgres.new_database()
    at = {"": None, "file": f"file://{tmp_path}/pictures", "memory": f"memory://{uuid4()}"}[
        bytes_kind
    ]
    opened: list[FrameStore] = []

    def start(**options: Any) -> FrameStore:
        opened.append(FrameStore(place, bytes_at=at, **options))
        return opened[-1]

    yield start
    for store in opened:
        store.close()


def captured(seed: int, url: str = "https://shop.com/a", scroll: float = 0.0) -> Frame:
    return replace(
        picture(seed), checked=True, page=Page(url, f"Page {seed}", 1000.0 + seed, 0, scroll)
    )


def test_a_session_comes_back_in_order_with_its_pages(reopen: Open) -> None:
    store = reopen(clock=lambda: 2000.0)
    frames = [captured(3, scroll=40.5), captured(1), captured(2), captured(1)]
    for frame in frames:
        store.add("one", frame)
    store.add("two", captured(2, "https://other.org/"))
    again = reopen(clock=lambda: 2000.0)
    assert again.session("one") == frames
    assert [f.page for f in again.session("one")] == [f.page for f in frames]
    assert [(s.name, s.frames) for s in again.sessions()] == [("one", 4), ("two", 1)]
    assert [f.page.url for f in again.session("two") if f.page] == ["https://other.org/"]
    assert len(again) == 3
    assert all(f.checked for f in again.session("one"))
    with pytest.raises(InputError, match="no captured session"):
        again.session("three")


def test_deleting_a_session_keeps_what_another_one_shows(reopen: Open) -> None:
    store = reopen(clock=lambda: 2000.0)
    for seed in (1, 2):
        store.add("one", captured(seed))
    store.add("two", captured(2))
    assert store.delete_session("one") == 1
    assert not store.contains(picture(1).digest)
    assert store.session("two") == [captured(2)]
    assert [s.name for s in store.sessions()] == ["two"]
    assert store.delete_all() == 1
    assert (len(store), store.sessions()) == (0, [])
    with pytest.raises(InputError):
        store.session("last")


def test_age_and_room_are_limits(reopen: Open) -> None:
    now = [1000.0]
    store = reopen(keep=timedelta(hours=1), clock=lambda: now[0])
    store.add("old", replace(captured(1), page=Page("u", "t", now[0])))
    now[0] += 1800
    store.add("new", replace(captured(2), page=Page("u", "t", now[0])))
    now[0] += 1801
    again = reopen(keep=timedelta(hours=1), clock=lambda: now[0])
    assert [s.name for s in again.sessions()] == ["new"]
    assert len(again) == 1
    size = len(picture(3).data)
    small = reopen(most_bytes=2.5 * size, clock=lambda: now[0])
    for seed in range(3, 8):
        now[0] += 1
        small.put(picture(seed))
    assert len(small) == 2
    assert small.contains(picture(7).digest)
    assert small.contains(picture(6).digest)
    assert len(reopen(most_bytes=1.5 * size, clock=lambda: now[0])) == 1


def test_a_store_of_checked_frames_takes_no_other(reopen: Open) -> None:
    store = reopen(only_checked=True)
    with pytest.raises(InteraRecError, match="gate"):
        store.put(picture(1))
    assert store.put(replace(picture(1), checked=True))


@pytest.mark.parametrize("bytes_at", [None, "file"])
@pytest.mark.parametrize("how", ["delete", "session", "all", "age", "room"])
def test_deletion_leaves_no_byte_in_database_log_and_files(
    tmp_path: Path, how: str, bytes_at: str | None
) -> None:
    now = [2000.0]
    at = f"file://{tmp_path}/pictures" if bytes_at else None
    gone = replace(captured(1, "https://marker-address.com/"), name="marker-name")
    gone = replace(gone, page=replace(gone.page or Page(""), title="marker-title"))
    probes = [gone.data[100:140], gone.digest.encode(), b"marker-"]
    with FrameStore(tmp_path / "frames.sqlite", bytes_at=at, clock=lambda: now[0]) as store:
        store.add("marker-session", gone)
        now[0] += 1
        store.add("other", captured(2))
        assert all(probe in bytes_on_disk(tmp_path) for probe in probes[:1])
        if how == "delete":
            store.delete(gone.digest)
        elif how == "session":
            store.delete_session("marker-session")
        elif how == "all":
            store.delete_all()
        elif how == "age":
            now[0] += 24 * 3600 - 0.5
            store.add("other", replace(captured(3), page=Page("", "", now[0])))
        else:
            store.most_bytes = 1.5 * len(gone.data)
            store.sweep()
        left = bytes_on_disk(tmp_path)  # while the store is open: the log, too, must be clean
        assert not any(probe in left for probe in probes)
        assert gone.digest not in "".join(str(p) for p in tmp_path.rglob("*"))
        assert store.contains(picture(2).digest) is (how != "all")


def test_deletion_leaves_no_byte_in_the_tables_of_postgres(postgres: Postgres) -> None:
    gone = captured(77)  # no other database of this server holds it
    probe = gone.data[100:140]
    with FrameStore(postgres.new_database(), clock=lambda: 2000.0) as store:
        store.add("one", gone)
        store.add("two", captured(2))
        postgres.psql("postgres", "checkpoint")

        def tables() -> bytes:
            return bytes_on_disk(postgres.data / "base")

        assert probe in tables()
        store.delete_session("one")
        postgres.psql("postgres", "checkpoint")
        assert probe not in tables()
        assert store.session("two") == [captured(2)]


def test_a_picture_that_vanished_or_was_changed_in_storage_is_not_given(tmp_path: Path) -> None:
    with FrameStore(tmp_path / "f.sqlite", bytes_at=f"file://{tmp_path}/pictures") as store:
        for seed in (1, 2):
            store.put(picture(seed))
        (one,) = (tmp_path / "pictures").rglob(picture(1).digest)
        (two,) = (tmp_path / "pictures").rglob(picture(2).digest)
        one.unlink()
        two.write_bytes(picture(3).data)
        for seed in (1, 2):
            with pytest.raises(InputError, match="not, or no longer"):
                store.get(picture(seed).digest)


def test_names_that_no_database_takes_are_kept_all_the_same(reopen: Open) -> None:
    store = reopen()
    frame = replace(captured(1), name="a\x00b\udc80c", page=Page("u\x00", "\ud800t", 4e9))
    store.add("one", frame)
    assert store.session("one")[0].name == "ab?c"


def test_a_store_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "frames.sqlite"
    db = sqlite3.connect(path)
    db.execute(
        "CREATE TABLE frames (digest TEXT PRIMARY KEY, name TEXT NOT NULL, media_type TEXT NOT "
        "NULL, "
        "width INTEGER NOT NULL, height INTEGER NOT NULL, created REAL NOT NULL, data BLOB NOT "
        "NULL)"
    )
    frame = picture(1)
    row = (
        frame.digest,
        frame.name,
        frame.media_type,
        frame.width,
        frame.height,
        5000.0,
        frame.data,
    )
    db.execute("INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    db.commit()
    db.close()
    with FrameStore(path, clock=lambda: 5000.0) as store:
        assert store.get(frame.digest) == frame
        store.add("one", captured(2))
        assert store._db.run("SELECT SUM(size) FROM frames") == [
            (len(frame.data) + len(picture(2).data),)
        ]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("mysql://host/db", "sqlite:///PATH or postgresql"),
        ("frames", "sqlite:///PATH"),
        ("postgresql:///nowhere?host=/nowhere", "cannot be used"),
        ("postgresql://u:swordfish@127.0.0.1:9/x", "cannot be used"),
    ],
)
def test_a_place_that_is_none_is_one_sentence_without_its_password(place: str, said: str) -> None:
    with pytest.raises(InteraRecError, match=said) as caught:
        FrameStore(place)
    assert "swordfish" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["nowhere9://x/y", "file:///proc/none/x"])
def test_storage_that_is_none_is_one_sentence(tmp_path: Path, address: str) -> None:
    with pytest.raises(InteraRecError):
        FrameStore(tmp_path / "f.sqlite", bytes_at=address)


def test_a_lost_connection_is_made_again(postgres: Postgres) -> None:
    with FrameStore(postgres.new_database()) as store:
        store.put(picture(1))
        postgres.psql(
            "postgres",
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> "
            "pg_backend_pid()",
        )
        with pytest.raises(InteraRecError):
            store.contains(picture(1).digest)
        assert store.contains(picture(1).digest)
