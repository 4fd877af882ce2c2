"""Where a frame store can lie: rows in SQLite or Postgres, pictures in them or under an address.

One small protocol each, so that the store itself knows no dialect. Statements are written with `?`
for values and with `RETURNING`, which both databases have.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from tools.errors import InputError, InteraRecError, MissingExtra

BUSY_SECONDS = 10.0
Row = tuple[Any, ...]


class Database(Protocol):
    """Tables of rows."""

    blob: str
    """The type of a column of bytes."""
    real: str
    """The type of a column of double precision."""

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """One statement as a transaction of its own, and the rows that it gives.

        Raises InteraRecError where the database cannot be used.
        """

    def columns(self, table: str) -> set[str]:
        """The names of a table's columns; none where there is no such table."""

    def erase(self, *, thorough: bool = False) -> None:
        """Makes deleted rows unreadable in the database's files, as far as it can."""

    def close(self) -> None:
        """Ends the connection."""


class Sqlite:
    """One file, readable by its owner only. Freed pages are overwritten and the log is emptied.

    While another process reads for longer than ten seconds the log cannot be emptied; the next
    statement does it then.
    """

    blob, real = "BLOB", "REAL"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log_full = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
        except OSError as error:
            raise InputError(f"no frame store at {path}: {error.strerror}") from None
        try:
            # Autocommit: every statement is a transaction of its own, which is all that is needed.
            self._db = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from None
        try:
            for pragma in ("journal_mode=WAL", "secure_delete=ON", "synchronous=NORMAL"):
                self.run(f"PRAGMA {pragma}")
            # What a process that was killed left in the log.
            self.erase()
        except InteraRecError:
            self._db.close()
            raise

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """See Database."""
        try:
            rows = self._db.execute(sql, tuple(values)).fetchall()
            if self._log_full:
                self.erase()
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise  # misuse of the store is a bug
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from None
        return rows

    def columns(self, table: str) -> set[str]:
        """See Database."""
        return {row[1] for row in self.run(f"PRAGMA table_info({table})")}

    def erase(self, *, thorough: bool = False) -> None:
        """See Database; `thorough` also gives the freed pages back to the file system."""
        try:
            if thorough:
                self._db.execute("VACUUM")
            busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from None
        self._log_full = bool(busy)

    def close(self) -> None:
        """See Database."""
        self._db.close()

    def _unusable(self, error: Exception) -> InteraRecError:
        return InteraRecError(f"the frame store {self.path} cannot be used: {error}")


class Postgres:
    """A Postgres database behind an address; one connection, opened again when lost.

    Deleted rows are gone from the tables' files after `VACUUM FULL` (`thorough`) and are free for
    reuse after `VACUUM`; the server's log and its backups follow the server's own rules.
    """

    blob, real = "BYTEA", "DOUBLE PRECISION"

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise MissingExtra("a frame store in Postgres", "postgres") from None
        self._driver = psycopg
        self._url = url
        self._db: Any = None
        self._connect()

    def _connect(self) -> None:
        try:
            self._db = self._driver.connect(
                self._url,
                autocommit=True,
                connect_timeout=int(BUSY_SECONDS),
                prepare_threshold=None,
            )
        except self._driver.Error as error:
            raise self._unusable(error) from None

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """See Database."""
        if self._db.closed or self._db.broken:
            self._connect()
        try:
            with self._db.cursor() as cursor:
                cursor.execute(sql.replace("?", "%s"), tuple(values))
                return list(cursor.fetchall()) if cursor.description else []
        except self._driver.ProgrammingError:
            raise  # a wrong statement is a bug
        except self._driver.Error as error:
            raise self._unusable(error) from None

    def columns(self, table: str) -> set[str]:
        """See Database."""
        found = self.run(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = ? AND table_schema = current_schema()",
            (table,),
        )
        return {name for (name,) in found}

    def erase(self, *, thorough: bool = False) -> None:
        """See Database."""
        for table in ("frames", "captures", "readings", "reading_frames"):
            self.run(f"VACUUM {'FULL ' if thorough else ''}{table}")

    def close(self) -> None:
        """See Database."""
        self._db.close()

    def _unusable(self, error: Exception) -> InteraRecError:
        host = urlsplit(self._url).hostname or "this machine"
        first = str(error).strip().partition("\n")[0]
        return InteraRecError(f"the frame store on {host} cannot be used: {first}")


def open_database(place: Path | str) -> Database:
    """The database at a path, `sqlite:///path` or `postgresql://…`.

    Raises InputError for an address of another kind, MissingExtra without the Postgres driver, and
    InteraRecError where it cannot be used.
    """
    if isinstance(place, Path):
        return Sqlite(place)
    scheme, _, rest = place.partition("://")
    if scheme in ("postgresql", "postgres"):
        return Postgres(place)
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return Sqlite(Path(rest[1:]))
    raise InputError(
        f"a frame store is sqlite:///PATH or postgresql://…, not {scheme if rest else place!r}"
    )


class Blobs(Protocol):
    """Bytes by the hash of their content."""

    def put(self, digest: str, data: bytes) -> None:
        """Keeps the bytes. Raises InteraRecError where that fails."""

    def get(self, digest: str) -> bytes | None:
        """The bytes, or None where they are not kept."""

    def delete(self, digest: str) -> None:
        """Removes them; no complaint where they are gone already."""


class Bucket:
    """Bytes in object storage or a folder, by an fsspec address: `s3://…`, `file://…`, `memory://…`.

    Schemes beyond the built-in ones need their fsspec plugin (s3fs, gcsfs, adlfs).
    """

    def __init__(self, address: str) -> None:
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise MissingExtra("pictures in object storage", "storage") from None
        scheme = address.partition("://")[0]
        try:
            self._fs, self._root = url_to_fs(address)
        except ImportError as error:
            raise InputError(f"pictures cannot be kept at {scheme}://…: {error}") from None
        except ValueError:
            raise InputError(f"{scheme}:// is not a kind of storage that fsspec knows") from None
        self._shown = f"{scheme}://{urlsplit(address).hostname or ''}"
        try:
            self._fs.makedirs(self._root, exist_ok=True)
            if self._fs.protocol == "file" or "file" in self._fs.protocol:
                Path(self._root).chmod(0o700)
        except OSError as error:
            raise self._unusable(error) from None

    def put(self, digest: str, data: bytes) -> None:
        """See Blobs."""
        try:
            self._fs.makedirs(self._fs._parent(self._at(digest)), exist_ok=True)
            self._fs.pipe_file(self._at(digest), data)
        except OSError as error:
            raise self._unusable(error) from None

    def get(self, digest: str) -> bytes | None:
        """See Blobs."""
        try:
            found: bytes = self._fs.cat_file(self._at(digest))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from None
        return found

    def delete(self, digest: str) -> None:
        """See Blobs."""
        try:
            self._fs.rm_file(self._at(digest))
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unusable(error) from None

    def _at(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest}"

    def _unusable(self, error: OSError) -> InteraRecError:
        why = error.strerror or type(error).__name__
        return InteraRecError(f"the pictures at {self._shown} cannot be used: {why}")
