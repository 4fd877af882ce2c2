"""Estimated parameters kept in a SQLite database, every version with its date and its data."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.errors import InputError

_TABLE = """
CREATE TABLE IF NOT EXISTS choice_parameters (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created TEXT NOT NULL,
    source TEXT NOT NULL,
    source_sha256 TEXT NOT NULL,
    parameters TEXT NOT NULL
)
"""


@dataclass(frozen=True)
class Stored:
    """One version: what was estimated, when (UTC, ISO 8601) and from which data."""

    version: int
    name: str
    created: str
    source: str
    source_sha256: str
    parameters: dict[str, Any]


@contextmanager
def _open(database: Path) -> Iterator[sqlite3.Connection]:
    database.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(database, timeout=30.0)
    try:
        with connection:
            connection.execute(_TABLE)
            yield connection
    except sqlite3.DatabaseError as error:
        raise InputError(f"{database} cannot be used as a parameter store: {error}") from None
    finally:
        connection.close()


def save(database: Path, name: str, parameters: dict[str, Any], source: Path) -> int:
    """Store parameters as the newest version under a name; the version's number.

    Args:
        database: a SQLite file, made when absent; other tables in it are left alone.
        name: what the parameters are for.
        parameters: plain JSON values.
        source: the data file they were estimated from; its name and digest are kept.

    Raises:
        InputError: the database cannot be used.
    """
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with _open(database) as connection:
        cursor = connection.execute(
            "INSERT INTO choice_parameters (name, created, source, source_sha256, parameters) "
            "VALUES (?, ?, ?, ?, ?)",
            (name, now, source.name, digest, json.dumps(parameters, sort_keys=True)),
        )
        return int(cursor.lastrowid or 0)


def load(database: Path, name: str, version: int | None = None) -> Stored:
    """A version under a name, by default the newest.

    Raises:
        InputError: there is none, or the database cannot be used.
    """
    with _open(database) as connection:
        row = connection.execute(
            "SELECT version, name, created, source, source_sha256, parameters "
            "FROM choice_parameters WHERE name = ? AND (? IS NULL OR version = ?) "
            "ORDER BY version DESC LIMIT 1",
            (name, version, version),
        ).fetchone()
    if row is None:
        which = "" if version is None else f" in version {version}"
        raise InputError(f"{database} holds no parameters called {name!r}{which}")
    number, label, created, source, digest, parameters = row
    return Stored(number, label, created, source, digest, json.loads(parameters))


def versions(database: Path, name: str) -> list[int]:
    """The versions stored under a name, oldest first.

    Raises:
        InputError: the database cannot be used.
    """
    with _open(database) as connection:
        rows = connection.execute(
            "SELECT version FROM choice_parameters WHERE name = ? ORDER BY version", (name,)
        ).fetchall()
    return [int(row[0]) for row in rows]
