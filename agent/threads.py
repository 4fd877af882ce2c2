"""Conversations that survive restarts: in a SQLite file, or in Postgres; listed, pruned, deleted.

Of a thread only its newest state is kept: the limits of earlier turns are part of it, so nothing
that a shopper can ask for needs older ones, and a thread does not grow with its turns.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString, Protocol

from agent.config import make_home
from tools.domain import Frozen
from tools.errors import InputError, InteraRecError, MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.checkpoint.postgres import PostgresSaver
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.types import StateSnapshot
    from psycopg import Connection
    from psycopg.rows import DictRow
    from psycopg_pool import ConnectionPool

    from agent.capture.store import FrameStore

_THREAD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
BUSY_SECONDS = 10.0
POOL = 10
"""Most connections to Postgres of one process."""
_SETUP_LOCK = 0x1A7E8A9EC
"""Postgres advisory lock under which one process at a time makes the tables."""


class Kept(Frozen):
    """A thread that is kept."""

    name: str
    turns: int
    changed: str
    """When its last turn ended, ISO 8601 in UTC."""


class Threads(Protocol):
    """Where threads are kept."""

    @property
    def saver(self) -> BaseCheckpointSaver[str]:
        """What the graph reads and writes them with."""

    def names(self) -> list[str]:
        """Names of all threads, in order."""

    def prune(self, name: str) -> None:
        """Drops every state of a thread but the newest."""

    def delete(self, name: str) -> None:
        """Removes a thread, so that as little as the database allows is left of it."""


class SqliteThreads:
    """Threads in one file; what is deleted leaves no byte in it or in its write-ahead log."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        from langgraph.checkpoint.sqlite import SqliteSaver

        self._connection = connection
        # What is deleted shall not be readable in freed pages.
        connection.execute("PRAGMA secure_delete=ON")
        self.saver: SqliteSaver = SqliteSaver(connection)
        self.saver.setup()
        self._empty_log()  # what a process that was killed left there

    def names(self) -> list[str]:
        """Names of all threads, in order."""
        with self.saver.cursor(transaction=False) as cursor:
            rows = cursor.execute("SELECT DISTINCT thread_id FROM checkpoints ORDER BY thread_id")
            return [name for (name,) in rows]

    def prune(self, name: str) -> None:
        """Drops every state of a thread but the newest; checkpoint ids grow with time."""
        newest = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :name"
        with self.saver.cursor() as cursor:
            for table in ("checkpoints", "writes"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE thread_id = :name AND checkpoint_id < ({newest})",
                    {"name": name},
                )

    def delete(self, name: str) -> None:
        """Removes a thread without a trace.

        Raises:
            InteraRecError: it is removed, but another process holds the log, so that bytes of it
                are left there until the file is next opened.
        """
        self.saver.delete_thread(name)
        if not self._empty_log():
            raise InteraRecError(
                f"the conversation {name} is deleted, but another process reads the file: its "
                "bytes leave the write-ahead log when the file is next opened alone"
            )

    def _empty_log(self) -> bool:
        with self.saver.lock:
            (busy, *_) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


class PostgresThreads:
    """Threads in Postgres, behind a pool of our own."""

    def __init__(self, pool: ConnectionPool[Connection[DictRow]]) -> None:
        from langgraph.checkpoint.postgres import PostgresSaver

        self._pool = pool
        self.saver: PostgresSaver = PostgresSaver(pool)
        self._make_tables()

    def names(self) -> list[str]:
        """Names of all threads, in order."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT DISTINCT thread_id FROM checkpoints ORDER BY thread_id"
            )
            return [row["thread_id"] for row in rows]

    def prune(self, name: str) -> None:
        """Drops every state of a thread but the newest, unless another process does it now."""
        from psycopg.errors import DeadlockDetected, SerializationFailure

        try:
            self.saver.prune([name], strategy="keep_latest")
        except (SerializationFailure, DeadlockDetected):
            return

    def delete(self, name: str) -> None:
        """Removes a thread's rows and rewrites the tables, so that their files hold none of it.

        What was written ahead stays in the server's log until that is recycled (docs/models.md).
        """
        self.saver.delete_thread(name)
        with self._pool.connection() as connection:
            for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
                connection.execute(f"VACUUM FULL {table}".encode())

    def _make_tables(self) -> None:
        with self._pool.connection() as connection:
            if self._made(connection):
                return
            # Indexes are made concurrently and wait for every statement that runs meanwhile; one
            # that waited for the lock would wait for them in turn, so the lock is only tried.
            while not _first(connection, "SELECT pg_try_advisory_lock(%s)", _SETUP_LOCK):
                time.sleep(0.05)
            try:
                self.saver.setup()
            finally:
                connection.execute("SELECT pg_advisory_unlock(%s)", (_SETUP_LOCK,))

    def _made(self, connection: Connection[DictRow]) -> bool:
        if _first(connection, "SELECT to_regclass('checkpoint_migrations')") is None:
            return False
        newest = _first(connection, "SELECT max(v) FROM checkpoint_migrations")
        return newest is not None and newest >= len(self.saver.MIGRATIONS) - 1


def _first(connection: Connection[DictRow], query: LiteralString, *values: Any) -> Any:
    row = connection.execute(query, values).fetchone() or {}
    return next(iter(row.values()), None)


@contextmanager
def open_threads(home: Path, url: str | None = None) -> Iterator[Threads]:
    """The threads in `threads.sqlite` under `home`, or in the Postgres database at `url`.

    Raises:
        InputError: the file or the database cannot be used.
        MissingExtra: a Postgres address, and its driver is not installed.
    """
    if url:
        with _postgres(url) as threads:
            yield threads
        return
    path = make_home(home) / "threads.sqlite"
    try:
        with closing(
            sqlite3.connect(path, check_same_thread=False, timeout=BUSY_SECONDS)
        ) as connection:
            path.chmod(0o600)
            yield SqliteThreads(connection)
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise  # misuse of the connection is a bug
    except sqlite3.DatabaseError as error:
        raise InputError(f"the threads in {path} cannot be used: {error}") from None


@contextmanager
def _postgres(url: str) -> Iterator[Threads]:
    try:
        import langgraph.checkpoint.postgres  # noqa: F401  (used further down)
        import psycopg
        from psycopg.rows import dict_row
        from psycopg_pool import ConnectionPool, PoolTimeout
    except ImportError:
        raise MissingExtra("keeping conversations in Postgres", "postgres") from None
    options: dict[str, Any] = {
        "autocommit": True,
        "row_factory": dict_row,
        # Statements that the server remembers do not get along with transaction poolers.
        "prepare_threshold": None,
        "connect_timeout": int(BUSY_SECONDS),
    }
    # What it has to say is said by the error below; on its own it would write to the terminal.
    logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
    pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
        url,
        min_size=1,
        max_size=POOL,
        timeout=BUSY_SECONDS,
        kwargs=options,
        # A server that was restarted in between costs one new connection, not the turn.
        check=ConnectionPool.check_connection,
        open=False,
        name="interarec-threads",
    )
    try:
        with pool:
            pool.wait(BUSY_SECONDS)
            yield PostgresThreads(pool)
    except (psycopg.OperationalError, PoolTimeout):
        # The driver's own words hold the address, and with it perhaps a password.
        raise InputError(
            "the database of the setting threads_url cannot be reached or used"
        ) from None


def kept(threads: Threads) -> list[Kept]:
    """Every thread with its number of turns and the time of the last one."""
    found = []
    for name in threads.names():
        saved = saved_state(threads, name)
        turns = saved.values.get("turn", 0)
        found.append(Kept(name=name, turns=turns, changed=saved.created_at or ""))
    return found


def forget(threads: Threads, name: str, frames: FrameStore) -> bool:
    """Deletes a thread and the pictures that it was given.

    Returns:
        Whether there was one.

    Raises:
        InteraRecError: it is gone, but bytes of it are left for now; the sentence says where.
    """
    if name not in threads.names():
        return False
    try:
        values = saved_state(threads, name).values
    except InputError:
        values = {}  # damaged: what can be deleted is
    for digest in (*(r.digest for r in values.get("readings", ())), *values.get("frames", ())):
        frames.delete(digest)
    threads.delete(name)
    return True


def saved_state(threads: Threads, name: str) -> StateSnapshot:
    """The state of a thread as its last turn left it; without values where there is none.

    Raises:
        InputError: it is damaged.
    """
    from agent.graph import make_graph

    # Through the graph, whose schema says which types may be built from what was kept.
    try:
        return make_graph(threads.saver).get_state({"configurable": {"thread_id": name}})
    except (ValueError, TypeError) as error:
        raise InputError(f"the thread {name} is damaged: {error}") from None


def check_thread(name: str) -> str:
    """The name, if it is one. Names match a strict pattern, and never become a path.

    Raises:
        InputError: it holds anything but letters, digits, '.', '_', ':' and '-'.
    """
    if not _THREAD.fullmatch(name):
        raise InputError(
            "a thread's name has 1 to 100 letters, digits, '.', '_', ':' or '-', "
            "and begins with a letter or digit"
        )
    return name
