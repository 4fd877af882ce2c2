"""Threads that are kept: past restarts and kills, in SQLite and Postgres, and forgotten whole."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from agent.context import Context
from agent.graph import make_graph
from agent.session import Session, kept_session
from agent.threads import PostgresThreads, SqliteThreads, forget, kept, open_threads
from tests.agent.llm_faults import SAID, make_context, well_behaved
from tests.support.postgres import Postgres
from tests.support.shop import frame
from tests.support.stub_server import Reply, serving
from tools.catalog import Catalog
from tools.errors import InputError, InteraRecError

MARK = "zebrafinch7391"


@pytest.fixture
def context(catalog: Catalog, tmp_path: Path) -> Iterator[Context]:
    made = make_context(catalog, tmp_path, "http://127.0.0.1:9/v1")
    made = replace(made, chat=made.embedded_chat)
    yield made
    made.frames.close()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


def test_a_thread_survives_a_restart(context: Context, tmp_path: Path, url: str | None) -> None:
    with kept_session(context, "t", tmp_path, url) as session:
        session.turn("", [frame(1)])
        session.turn(SAID)
    with kept_session(context, "t", tmp_path, url) as session:
        state = session.turn("what if I went up to £80?")
    assert state["turn"] == 3
    assert state["limits"].price_upper == 80
    assert state["scenario"] is not None
    assert state["scenario"].before.price_upper == 60
    assert type(state["spent"]).__name__ == "Spent"


def test_threads_do_not_mix(context: Context, tmp_path: Path, url: str | None) -> None:
    with open_threads(tmp_path, url) as threads:
        one, two = (
            Session(context, name, make_graph(threads.saver), threads) for name in ("one", "two")
        )
        one.turn("dresses up to £60")
        two.turn("shirts up to £40")
        assert one.turn("no red")["limits"].price_upper == 60
        assert [(k.name, k.turns) for k in kept(threads)] == [("one", 2), ("two", 1)]
        assert forget(threads, "one", context.frames)
        assert not forget(threads, "one", context.frames)
        assert two.turn("no red")["limits"].price_upper == 40


def test_only_the_newest_state_is_kept(context: Context, tmp_path: Path, url: str | None) -> None:
    with kept_session(context, "t", tmp_path, url) as session:
        for upper in range(40, 52):
            session.turn(f"dresses up to £{upper}")
        assert session.threads is not None
        saved = list(session.threads.saver.list({"configurable": {"thread_id": "t"}}))
        assert len(saved) == 1
        assert session.turn("back to the first budget")["limits"].price_upper == 40


def test_odd_characters_are_kept(context: Context, tmp_path: Path, url: str | None) -> None:
    with kept_session(context, "t", tmp_path, url) as session:
        state = session.turn("dresses up to £60 \0 \ud800 \U0001f457")
    assert state["limits"].price_upper == 60
    with kept_session(context, "t", tmp_path, url) as session:
        assert "\U0001f457" in session.turn("no red")["messages"][0].text


def raw(folder: Path, pattern: str = "*.sqlite*") -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob(pattern))


def test_a_forgotten_thread_leaves_no_byte_in_the_files(context: Context, tmp_path: Path) -> None:
    picture = frame(77)
    with open_threads(tmp_path) as threads:
        for name in ("kept", "gone"):
            session = Session(context, name, make_graph(threads.saver), threads)
            session.turn(f"dresses up to £60, {name} {MARK if name == 'gone' else ''}")
            session.turn("", [picture] if name == "gone" else [])
            for _ in range(7):  # so that the words leave the messages, and were pruned meanwhile
                session.turn("no red")
        session.turn(f"{MARK} shirts")
        assert MARK.encode() in raw(tmp_path)
        assert picture.data in raw(tmp_path)
        assert forget(threads, "gone", context.frames)
        # With the connection still open: nothing waits for a close.
        assert MARK.encode() not in raw(tmp_path)
        assert picture.data not in raw(tmp_path)
        assert threads.names() == ["kept"]
    assert MARK.encode() not in raw(tmp_path)


def test_words_that_left_the_conversation_leave_the_file(context: Context, tmp_path: Path) -> None:
    with kept_session(context, "t", tmp_path) as session:
        session.turn(f"hello {MARK}")
        for _ in range(8):
            session.turn("dresses up to £60")
    with kept_session(context, "t", tmp_path):
        assert MARK.encode() not in raw(tmp_path, "threads.sqlite*")


def test_a_log_that_another_process_holds_is_said_and_emptied_later(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.threads.BUSY_SECONDS", 0.1)
    with kept_session(context, "t", tmp_path) as session:
        session.turn(f"hello {MARK}")
    reader = sqlite3.connect(tmp_path / "threads.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM checkpoints").fetchone()
    with open_threads(tmp_path) as threads, pytest.raises(InteraRecError, match="another process"):
        forget(threads, "t", context.frames)
    reader.close()
    with open_threads(tmp_path) as threads:
        assert threads.names() == []
        assert MARK.encode() not in raw(tmp_path, "threads.sqlite*")


def test_a_forgotten_thread_leaves_no_byte_in_the_tables_of_postgres(
    context: Context, tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.new_database()
    database = url.split("/")[3].split("?")[0]

    def files() -> bytes:
        postgres.psql(database, "checkpoint")
        folder = postgres.psql(database, f"select oid from pg_database where datname='{database}'")
        return b"".join(p.read_bytes() for p in (postgres.data / "base" / folder).iterdir())

    with open_threads(tmp_path, url) as threads:
        session = Session(context, "t", make_graph(threads.saver), threads)
        session.turn(f"dresses up to £60, {MARK}")
        assert MARK.encode() in files()
        forget(threads, "t", context.frames)
        assert MARK.encode() not in files()
        assert threads.names() == []


def test_pictures_and_page_text_are_never_kept_in_a_thread(
    context: Context, tmp_path: Path
) -> None:
    picture = frame(5)
    with kept_session(context, "t", tmp_path) as session:
        state = session.turn("", [picture])
        assert state["readings"]
    raw_thread = raw(tmp_path, "threads.sqlite*")
    assert picture.data not in raw_thread
    assert b"suspicious_text" in raw_thread, "the field is there"
    assert all(not reading.suspicious_text for reading in state["readings"])


def test_many_processes_may_make_the_tables_at_once(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    failed: list[BaseException] = []

    def opened() -> None:
        try:
            with open_threads(tmp_path, url) as threads:
                assert isinstance(threads, PostgresThreads)
                assert threads.names() == []
        except BaseException as error:
            failed.append(error)

    workers = [threading.Thread(target=opened) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []


def test_a_database_that_was_restarted_is_used_again(
    context: Context, tmp_path: Path, postgres: Postgres
) -> None:
    with kept_session(context, "t", tmp_path, postgres.new_database()) as session:
        session.turn(SAID)
        postgres.stop(kill=True)
        postgres.start()
        assert session.turn("no red")["turn"] == 2


def test_a_database_that_is_away_is_one_sentence_without_the_address(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="threads_url") as caught,
        open_threads(tmp_path, "postgresql://me:secret@127.0.0.1:9/x?connect_timeout=1"),
    ):
        pass
    assert "secret" not in str(caught.value)


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "threads.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match="cannot be used"), open_threads(tmp_path) as threads:
        assert isinstance(threads, SqliteThreads)


KILLED = """
import sys
from pathlib import Path
from dataclasses import replace
import agent.session
from agent.session import kept_session
from tests.agent.llm_faults import SAID, make_context
from tools.catalog import Catalog

catalog, home, url, durability = sys.argv[1:]
agent.session.DURABILITY = durability
context = make_context(Catalog.open(Path(catalog)), Path(home), url, 60.0)
with kept_session(context, "t", Path(home)) as session:
    session.turn(SAID)
"""


@pytest.mark.parametrize("durability", ["exit", "sync"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_turn_that_is_killed_leaves_a_thread_that_can_go_on(
    catalog: Catalog, tmp_path: Path, durability: str, at: int
) -> None:
    """Killed while it waits for the model's first, second or third answer.

    The stub refuses a history in which a tool call has no answer, as OpenAI does. `sync` is what
    another host (`langgraph dev`) may use; it does leave half a turn behind.
    """
    asked = threading.Event()
    count = iter(range(100))

    def reply(request: Any) -> Reply:
        if next(count) == at:
            asked.set()
            return Reply(hang=True)
        return well_behaved(request)

    home = tmp_path / "home"
    home.mkdir()
    with serving(otherwise=reply) as stub:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                KILLED,
                str(catalog.folder),
                str(home),
                stub.base_url,
                durability,
            ],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert asked.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        context = make_context(catalog, home, stub.base_url)
        with kept_session(context, "t", home) as session:
            state = session.turn(SAID)
        context.frames.close()
    assert not state["degraded"], "the model took the history as it is"
    assert state["limits"].price_upper == 60
    assert state["solution"]
    kinds = [type(m) for m in state["messages"] if not getattr(m, "tool_calls", None)]
    assert kinds[0] is HumanMessage
    assert kinds[-1] is AIMessage
