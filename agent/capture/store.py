"""The frame store: pictures by the hash of their content, kept for a stated time, then gone."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Self

from agent.capture.frames import Frame
from tools.errors import InputError, InteraRecError

KEEP = timedelta(hours=24)
_BUSY_SECONDS = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS frames (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    created REAL NOT NULL,
    data BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS frames_created ON frames (created);
"""


class FrameStore:
    """Frames in one SQLite file, readable by its owner only; safe to share between threads.

    Frames older than `keep` are swept when the store is opened and whenever one is put. Deleted
    pictures leave no byte behind: freed pages are overwritten (`secure_delete`) and the
    write-ahead log is emptied after every deletion. While another process reads for longer than
    ten seconds the log cannot be emptied; the next call does it then.

    Raises InteraRecError where the file cannot be used: damaged, locked for ten seconds, or the
    disk is full.
    """

    def __init__(
        self, path: Path, keep: timedelta = KEEP, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self.keep = keep
        self._clock = clock
        self._lock = threading.RLock()
        self._log_full = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
        except OSError as error:
            raise InputError(f"no frame store at {path}: {error.strerror}") from None
        # Autocommit: every statement is a transaction of its own, which is all that is needed.
        with self._use():
            self._db = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            with self._use():
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA secure_delete=ON")
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._db.executescript(_SCHEMA)
                self.sweep()
                self._empty_log()  # what a process that was killed left there
        except InteraRecError:
            self._db.close()
            raise

    @contextmanager
    def _use(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
                if self._log_full:
                    self._empty_log()
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise  # misuse of the store is a bug
        except sqlite3.DatabaseError as error:
            raise InteraRecError(f"the frame store {self.path} cannot be used: {error}") from None

    def put(self, frame: Frame) -> str:
        """Keep a frame and give its digest; one that is kept already starts its time anew."""
        with self._use():
            self.sweep()
            self._db.execute(
                "INSERT INTO frames VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) "
                "DO UPDATE SET name = excluded.name, created = excluded.created",
                (
                    frame.digest,
                    frame.name,
                    frame.media_type,
                    frame.width,
                    frame.height,
                    self._clock(),
                    frame.data,
                ),
            )
        return frame.digest

    def get(self, digest: str) -> Frame:
        """The frame of that digest. Raises InputError when it is not, or no longer, kept."""
        with self._use():
            row = self._db.execute(
                "SELECT digest, data, media_type, width, height, name FROM frames "
                "WHERE digest = ? AND created >= ?",
                (digest, self._oldest()),
            ).fetchone()
        if row is None:
            raise InputError(f"the picture {digest[:12]} is not, or no longer, kept")
        return Frame(*row)

    def contains(self, digest: str) -> bool:
        """Whether `get` would give it."""
        with self._use():
            row = self._db.execute(
                "SELECT 1 FROM frames WHERE digest = ? AND created >= ?", (digest, self._oldest())
            ).fetchone()
        return row is not None

    def delete(self, digest: str) -> bool:
        """Remove one frame without a trace; whether there was one."""
        with self._use():
            gone = self._db.execute("DELETE FROM frames WHERE digest = ?", (digest,)).rowcount
            if gone:
                self._empty_log()
        return gone > 0

    def sweep(self) -> int:
        """Remove every frame that is older than `keep`; how many there were."""
        with self._use():
            gone = self._db.execute(
                "DELETE FROM frames WHERE created < ?", (self._oldest(),)
            ).rowcount
            if gone:
                self._empty_log()
        return gone

    def __len__(self) -> int:
        with self._use():
            (count,) = self._db.execute("SELECT COUNT(*) FROM frames").fetchone()
        return int(count)

    def close(self) -> None:
        """Close the file; the store is not used afterwards."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _oldest(self) -> float:
        return self._clock() - self.keep.total_seconds()

    def _empty_log(self) -> None:
        busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._log_full = bool(busy)
