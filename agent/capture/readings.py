"""What a model read of frames, kept beside them, so that the same frames are not asked for twice.

An answer tells what stood on a screen. It lives where the frames live, no longer than they may, and
goes with the first of its frames that goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.capture.places import Database

MOST_BYTES = 32_000_000
"""Answers kept at most; the oldest go first. One of ten frames takes some ten kilobytes."""

_MADE = (
    """
CREATE TABLE IF NOT EXISTS readings (
    name TEXT PRIMARY KEY,
    created {real} NOT NULL,
    size BIGINT NOT NULL,
    answer TEXT NOT NULL
)""",
    """
CREATE TABLE IF NOT EXISTS reading_frames (
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (digest, name)
)""",
)


def make_tables(db: Database) -> None:
    """Makes the tables where they are missing."""
    for statement in _MADE:
        db.run(statement.format(real=db.real))


def find(db: Database, name: str, oldest: float) -> str | None:
    """The answer of that name if it is not older than `oldest` (seconds since 1970)."""
    rows = db.run("SELECT answer FROM readings WHERE name = ? AND created >= ?", (name, oldest))
    return str(rows[0][0]) if rows else None


def keep(db: Database, name: str, digests: Sequence[str], answer: str, now: float) -> None:
    """Keeps the answer about these frames."""
    # The links come first: an answer without them would outlive its frames.
    for digest in digests:
        db.run(
            "INSERT INTO reading_frames (digest, name) VALUES (?, ?) "
            "ON CONFLICT (digest, name) DO NOTHING",
            (digest, name),
        )
    db.run(
        "INSERT INTO readings (name, created, size, answer) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET created = excluded.created, size = excluded.size, "
        "answer = excluded.answer",
        (name, now, len(answer.encode()), answer),
    )


def forget(db: Database, digest: str) -> int:
    """Removes what was read of this frame, alone or with others; how many answers."""
    rows = db.run("SELECT name FROM reading_frames WHERE digest = ?", (digest,))
    return _remove(db, [name for (name,) in rows])


def forget_all(db: Database) -> int:
    """Removes every answer; how many there were."""
    db.run("DELETE FROM reading_frames")
    return len(db.run("DELETE FROM readings RETURNING name"))


def sweep(db: Database, oldest: float) -> int:
    """Removes answers older than `oldest`, and the oldest beyond `MOST_BYTES`; how many."""
    rows = db.run("SELECT name FROM readings WHERE created < ?", (oldest,))
    gone = _remove(db, [name for (name,) in rows])
    ((total,),) = db.run("SELECT COALESCE(SUM(size), 0) FROM readings")
    excess, names = float(total) - MOST_BYTES, []
    if excess > 0:
        for name, size in db.run("SELECT name, size FROM readings ORDER BY created, name"):
            if excess <= 0:
                break
            excess -= float(size)
            names.append(name)
    return gone + _remove(db, names)


def _remove(db: Database, names: Sequence[str]) -> int:
    for name in names:
        db.run("DELETE FROM readings WHERE name = ?", (name,))
        db.run("DELETE FROM reading_frames WHERE name = ?", (name,))
    return len(names)
