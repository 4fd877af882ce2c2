"""The frame store: pictures by the hash of their content, kept for a stated time, then gone."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from agent.capture import readings
from agent.capture.frames import Frame, Page
from agent.capture.places import Blobs, Bucket, Database, Row, open_database
from tools.errors import InputError, InteraRecError

if TYPE_CHECKING:
    from agent.reader.ocr import Line

KEEP = timedelta(hours=24)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_REMEMBERED = 500
"""Frames whose text is remembered in memory, so that it need not be read twice."""

_FRAMES = """
CREATE TABLE IF NOT EXISTS frames (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    created {real} NOT NULL,
    size BIGINT NOT NULL DEFAULT 0,
    checked INTEGER NOT NULL DEFAULT 0,
    data {blob} NOT NULL
)"""
_CAPTURES = """
CREATE TABLE IF NOT EXISTS captures (
    session TEXT NOT NULL,
    position INTEGER NOT NULL,
    digest TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    taken {real} NOT NULL,
    scroll_x {real} NOT NULL,
    scroll_y {real} NOT NULL,
    PRIMARY KEY (session, position)
)"""
_COLUMNS = "digest, data, media_type, width, height, name, checked"


@dataclass(frozen=True)
class CapturedSession:
    """One captured session as the store knows it."""

    name: str
    frames: int
    started: float
    """When its first kept frame was taken, seconds since 1970."""
    ended: float
    bytes: int


class FrameStore:
    """Frames and captured sessions, in SQLite or Postgres; safe to share between threads.

    The pictures lie in the rows, or under an fsspec address (`bytes_at`). Frames older than `keep`
    and, oldest first, those beyond `most_bytes` are swept when the store is opened and whenever one
    is put. In SQLite and in files a deleted picture leaves no byte behind; Postgres keeps its
    write-ahead log by its own rules.

    With `only_checked`, which is how the settings open it, frames that did not pass the whole gate
    (`agent.capture.guard`) are refused.

    Raises InteraRecError where the place cannot be used: damaged, locked for ten seconds,
    unreachable, or the disk is full.
    """

    def __init__(
        self,
        place: Path | str,
        keep: timedelta = KEEP,
        *,
        most_bytes: float | None = None,
        bytes_at: str | None = None,
        only_checked: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.keep = keep
        self.most_bytes = most_bytes
        self.only_checked = only_checked
        self._clock = clock
        self._lock = threading.RLock()
        self._lines: OrderedDict[str, tuple[Line, ...]] = OrderedDict()
        self._blobs: Blobs | None = None if bytes_at is None else Bucket(bytes_at)
        self._db: Database = open_database(place)
        try:
            self._make_tables()
            self.sweep()
        except InteraRecError:
            self._db.close()
            raise

    def _make_tables(self) -> None:
        known = self._db.columns("frames")
        types = {"real": self._db.real, "blob": self._db.blob}
        self._db.run(_FRAMES.format(**types))
        self._db.run(_CAPTURES.format(**types))
        for column, kind in (("size", "BIGINT"), ("checked", "INTEGER")):
            if known and column not in known:  # a store of the first version
                self._db.run(f"ALTER TABLE frames ADD COLUMN {column} {kind} NOT NULL DEFAULT 0")
                self._db.run("UPDATE frames SET size = length(data)")
        self._db.run("CREATE INDEX IF NOT EXISTS frames_created ON frames (created, size)")
        readings.make_tables(self._db)

    @contextmanager
    def _use(self) -> Iterator[Database]:
        with self._lock:
            yield self._db

    def put(self, frame: Frame) -> str:
        """Keep a frame and give its digest; one that is kept already starts its time anew."""
        if self.only_checked and not frame.checked:
            raise InteraRecError(f"{frame.name} was not looked at by the gate and is not kept")
        with self._use() as db:
            self.sweep()
            db.run(
                "INSERT INTO frames (digest, name, media_type, width, height, created, size, "
                "checked, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) "
                "DO UPDATE SET name = excluded.name, created = excluded.created, "
                "checked = excluded.checked",
                (
                    frame.digest,
                    _storable(frame.name),
                    frame.media_type,
                    frame.width,
                    frame.height,
                    self._clock(),
                    len(frame.data),
                    int(frame.checked),
                    b"" if self._blobs else frame.data,
                ),
            )
            # The row comes first and goes last, so that no picture lies where no row knows of it.
            if self._blobs:
                self._blobs.put(frame.digest, frame.data)
            if frame.lines is not None:
                self._remember(frame.digest, frame.lines)
            if self.most_bytes is not None:
                self._sweep_bytes(but=frame.digest)
        return frame.digest

    def get(self, digest: str) -> Frame:
        """The frame of that digest. Raises InputError when it is not, or no longer, kept."""
        with self._use() as db:
            rows = db.run(
                f"SELECT {_COLUMNS} FROM frames WHERE digest = ? AND created >= ?",
                (digest, self._oldest()),
            )
            frame = self._frame(rows[0]) if rows else None
        if frame is None:
            raise InputError(f"the picture {digest[:12]} is not, or no longer, kept")
        return frame

    def _frame(self, row: Row) -> Frame | None:
        digest, data, kind, width, height, name, checked = row
        whole = bytes(data) if self._blobs is None else self._blobs.get(digest)
        if whole is None or hashlib.sha256(whole).hexdigest() != digest:
            return None
        lines = self._lines.get(digest)
        return Frame(digest, whole, kind, width, height, name, checked=bool(checked), lines=lines)

    def addresses(self, digests: Sequence[str]) -> dict[str, str]:
        """Digest -> address of the page that the picture was captured from, where one was."""
        found: dict[str, str] = {}
        with self._use() as db:
            for digest in dict.fromkeys(digests):
                rows = db.run(
                    "SELECT url FROM captures WHERE digest = ? ORDER BY taken DESC LIMIT 1",
                    (digest,),
                )
                if rows and rows[0][0]:
                    found[digest] = str(rows[0][0])
        return found

    def reading(self, name: str) -> str | None:
        """What was kept under this name by `keep_reading`, while it may be kept."""
        with self._use() as db:
            return readings.find(db, name, self._oldest())

    def keep_reading(self, name: str, digests: Sequence[str], answer: str) -> None:
        """Keep what a model read of these frames; it goes with the first of them that goes."""
        with self._use() as db:
            readings.keep(db, name, digests, _storable(answer), self._clock())

    def contains(self, digest: str) -> bool:
        """Whether `get` would give it."""
        with self._use() as db:
            return bool(
                db.run(
                    "SELECT 1 FROM frames WHERE digest = ? AND created >= ?",
                    (digest, self._oldest()),
                )
            )

    def delete(self, digest: str) -> bool:
        """Remove one frame and what was read of it without a trace; whether there was one."""
        with self._use() as db:
            there = bool(db.run("SELECT 1 FROM frames WHERE digest = ?", (digest,)))
            if readings.forget(db, digest) or there:
                self._remove([digest])
                db.run("DELETE FROM captures WHERE digest = ?", (digest,))
                db.erase(thorough=True)
        return there

    def new_session(self) -> str:
        """A free name for a captured session, by the time: `2026-11-21T14.05.09`."""
        base = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H.%M.%S")
        taken = {session.name for session in self.sessions()}
        names = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)

    def add(self, session: str, frame: Frame) -> str:
        """Keep a captured frame as the next one of its session; gives its digest."""
        page = frame.page or Page("", taken=self._clock())
        with self._use() as db:
            ((last,),) = db.run("SELECT MAX(position) FROM captures WHERE session = ?", (session,))
            digest = self.put(frame)
            db.run(
                "INSERT INTO captures (session, position, digest, url, title, taken, scroll_x, "
                "scroll_y) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    session,
                    0 if last is None else last + 1,
                    digest,
                    _storable(page.url),
                    _storable(page.title),
                    page.taken,
                    page.scroll_x,
                    page.scroll_y,
                ),
            )
        return digest

    def sessions(self) -> list[CapturedSession]:
        """The captured sessions of which frames are kept, oldest first."""
        with self._use() as db:
            rows = db.run(
                "SELECT c.session, COUNT(*), MIN(c.taken), MAX(c.taken), SUM(f.size) "
                "FROM captures c JOIN frames f ON f.digest = c.digest WHERE f.created >= ? "
                "GROUP BY c.session ORDER BY MIN(c.taken), c.session",
                (self._oldest(),),
            )
        return [CapturedSession(n, int(k), a, b, int(size)) for n, k, a, b, size in rows]

    def session(self, name: str) -> list[Frame]:
        """The frames of a captured session in order, each with its page; `last` is the newest.

        Raises InputError where there is no such session, or no longer.
        """
        if name == "last":
            known = self.sessions()
            if not known:
                raise InputError("nothing is captured, or nothing is kept any longer")
            name = max(known, key=lambda s: (s.ended, s.name)).name
        with self._use() as db:
            rows = db.run(
                "SELECT digest, url, title, taken, scroll_x, scroll_y FROM captures "
                "WHERE session = ? ORDER BY position",
                (name,),
            )
            frames = [
                replace(self.get(digest), page=Page(*page))
                for digest, *page in rows
                if self.contains(digest)
            ]
        if not frames:
            raise InputError(f"there is no captured session {name[:80]!r}, or no longer")
        return frames

    def delete_session(self, name: str) -> int:
        """Remove a captured session and the frames that no other one shows; how many frames."""
        with self._use() as db:
            own = db.run("DELETE FROM captures WHERE session = ? RETURNING digest", (name,))
            digests = {digest for (digest,) in own}
            shared = {
                digest for (digest,) in db.run("SELECT digest FROM captures") if digest in digests
            }
            self._remove(sorted(digests - shared))
            if digests:
                db.erase(thorough=True)
        return len(digests - shared)

    def delete_all(self) -> int:
        """Remove everything without a trace; how many frames there were."""
        with self._use() as db:
            every = [digest for (digest,) in db.run("SELECT digest FROM frames")]
            self._remove(every)
            readings.forget_all(db)
            db.run("DELETE FROM captures")
            db.erase(thorough=True)
        return len(every)

    def sweep(self) -> int:
        """Remove every frame older than `keep`, and the oldest beyond `most_bytes`; how many."""
        with self._use() as db:
            old = [
                d
                for (d,) in db.run("SELECT digest FROM frames WHERE created < ?", (self._oldest(),))
            ]
            self._remove(old)
            forgotten = db.run(
                "DELETE FROM captures WHERE taken < ? OR digest NOT IN (SELECT digest FROM frames) "
                "RETURNING digest",
                (self._oldest(),),
            )
            if readings.sweep(db, self._oldest()) or old or forgotten:
                db.erase()
            more = self._sweep_bytes() if self.most_bytes is not None else 0
        return len(old) + more

    def _sweep_bytes(self, but: str = "") -> int:
        ((total,),) = self._db.run("SELECT COALESCE(SUM(size), 0) FROM frames")
        excess = float(total) - (self.most_bytes or 0.0)
        if excess <= 0:
            return 0
        gone: list[str] = []
        for digest, size in self._db.run(
            "SELECT digest, size FROM frames ORDER BY created, digest"
        ):
            if excess <= 0:
                break
            if digest != but:
                gone.append(digest)
                excess -= size
        self._remove(gone)
        if gone:
            self._db.run("DELETE FROM captures WHERE digest NOT IN (SELECT digest FROM frames)")
            self._db.erase()
        return len(gone)

    def _remove(self, digests: Sequence[str]) -> None:
        for digest in digests:
            self._lines.pop(digest, None)
            if self._blobs and _DIGEST.fullmatch(digest):
                self._blobs.delete(digest)
            self._db.run("DELETE FROM frames WHERE digest = ?", (digest,))
            readings.forget(self._db, digest)

    def _remember(self, digest: str, lines: tuple[Line, ...]) -> None:
        self._lines[digest] = lines
        while len(self._lines) > _REMEMBERED:
            self._lines.popitem(last=False)

    def __len__(self) -> int:
        with self._use() as db:
            ((count,),) = db.run("SELECT COUNT(*) FROM frames")
        return int(count)

    def close(self) -> None:
        """End the connection; the store is not used afterwards."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _oldest(self) -> float:
        return self._clock() - self.keep.total_seconds()


def _storable(text: str) -> str:
    """The text as every database takes it: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
