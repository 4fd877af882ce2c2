"""Reaching a Postgres server: connections, their settings, and the version in force."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.layout import seal
from tools.catalog.postgres_filters import Part, both, in_force
from tools.catalog.postgres_schema import FORMAT, Address
from tools.catalog.vocabulary import Vocabulary
from tools.errors import CatalogError, MissingExtra

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    from tools.catalog.postgres_schema import Connection, Cursor

_CONNECT_SECONDS = 10
POOL_SECONDS = 10
"""How long a question waits for a server that went away."""
POOL_SIZE = 4


def connect(address: Address, *, read_only: bool) -> Connection:
    """One connection whose search path leads to the catalogue.

    Raises:
        CatalogError: the server cannot be reached or refuses; no password is shown.
        MissingExtra: psycopg is not installed.
    """
    if find_spec("psycopg") is None or find_spec("pgvector") is None:
        raise MissingExtra("a catalogue in Postgres", "postgres")
    import psycopg

    try:
        connection = psycopg.connect(
            address.conninfo, connect_timeout=_CONNECT_SECONDS, prepare_threshold=None
        )
        prepare(connection, address, read_only=read_only)
    except psycopg.Error as error:
        raise CatalogError(f"{address} cannot be used: {reason_of(error)}") from None
    return connection


def reason_of(error: Exception) -> str:
    """The first line of a driver's error; libpq names hosts and users in it, never passwords."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__


def prepare(connection: Connection, address: Address, *, read_only: bool) -> None:
    """Settings of a session: search path, snapshot isolation, no compilation of statements."""
    import psycopg

    connection.autocommit = True
    connection.execute(
        "SELECT set_config('search_path', %s, false), set_config('jit', 'off', false), "
        "set_config('application_name', 'interarec', false)",
        (f'"{address.schema}", public',),
    )
    know_vectors(connection)
    connection.autocommit = False
    connection.read_only = read_only
    if read_only:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ


def know_vectors(connection: Connection) -> None:
    """Teach a connection pgvector's type, where the database has it."""
    from pgvector.psycopg import register_vector

    known = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone()
    if known:
        register_vector(connection)


class Server:
    """A pool of connections that the versions of one catalogue share."""

    def __init__(self, address: Address) -> None:
        from psycopg_pool import ConnectionPool

        # The pool logs every attempt to reach a server that went away; the error says it once.
        logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
        connect(address, read_only=True).close()  # One clear error instead of a pool that waits.
        self.address = address
        self.users = 0
        self.pool: ConnectionPool[Connection] = ConnectionPool(
            address.conninfo,
            min_size=1,
            max_size=POOL_SIZE,
            open=True,
            timeout=POOL_SECONDS,
            kwargs={"connect_timeout": _CONNECT_SECONDS, "prepare_threshold": None},
            configure=lambda connection: prepare(connection, address, read_only=True),
            # A server that was started anew must not cost a question for every old connection.
            check=ConnectionPool.check_connection,
        )

    def release(self) -> None:
        """Close the pool once its last user went."""
        self.users -= 1
        if not self.users:
            self.pool.close()

    @contextmanager
    def reading(self, version: int | None = None) -> Iterator[Cursor]:
        """One snapshot of the server, in which a version (if one is given) is whole.

        Raises:
            CatalogError: the server went away, or the version was swept meanwhile.
        """
        import psycopg
        from psycopg_pool import PoolTimeout

        try:
            with self.pool.connection() as connection, connection.cursor() as cursor:
                if version is not None:
                    kept = "SELECT 1 FROM versions WHERE version = %s"
                    if cursor.execute(kept, (version,)).fetchone() is None:
                        raise CatalogError(
                            f"the version of {self.address} that was opened has been swept; "
                            "open it again"
                        )
                yield cursor
        except PoolTimeout:
            raise CatalogError(f"{self.address} does not answer") from None
        except psycopg.OperationalError as error:
            raise CatalogError(f"{self.address} cannot be used: {reason_of(error)}") from None


class Snapshot:
    """One version of a catalogue on a server.

    Args:
        server: that holds it.
        number: of the version.
        rows: its products.
    """

    def __init__(self, server: Server, number: int, rows: int) -> None:
        self.server = server
        self.number = number
        self.rows = rows

    @contextmanager
    def reading(self) -> Iterator[Cursor]:
        """A cursor that sees the version whole, until the block ends.

        Raises:
            CatalogError: the server went away, or the version was swept meanwhile.
        """
        with self.server.reading(self.number) as cursor:
            yield cursor

    def where(self, *parts: Part) -> Part:
        """What meets all of some conditions and belongs to the version."""
        return both([in_force(self.number), *parts])

    def products(self, what: str, *parts: Part) -> list[tuple[Any, ...]]:
        """Place, and columns `what`, of the products that meet some conditions, in row order."""
        where, given = self.where(*parts)
        with self.reading() as cursor:
            query = f"SELECT p.place, {what} FROM products p WHERE {where} ORDER BY p.place"
            return cursor.execute(query, given).fetchall()

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """The place of every row; places rise with rows and never change."""
        where, given = self.where()
        with self.reading() as cursor:
            rows = cursor.execute(f"SELECT p.place FROM products p WHERE {where} ORDER BY 1", given)
            return np.fromiter((place for (place,) in rows), np.int64, self.rows)

    def rows_at(self, places: Sequence[int]) -> NDArray[np.int64]:
        """The rows at some places."""
        return np.searchsorted(self.places, places)


def version_in_force(cursor: Cursor, address: Address) -> tuple[int, dict[str, Any], Vocabulary]:
    """Number, manifest and vocabulary of the newest version.

    Raises:
        CatalogError: there is none, or it is of another format or was altered.
    """
    import psycopg

    try:
        row = cursor.execute(
            "SELECT version, manifest, vocabulary FROM versions ORDER BY version DESC LIMIT 1"
        ).fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    if row is None:
        raise CatalogError(f"{address} holds no catalogue; make one with `catalog build --out`")
    number, written, vocabulary = row
    manifest = json.loads(written)
    if manifest.get("format") != FORMAT:
        raise CatalogError(f"{address} is not of the format {FORMAT}; build it again")
    digest = hashlib.sha256(vocabulary.encode()).hexdigest()
    if seal(manifest)["version"] != manifest.get("version") or manifest["vocabulary"] != digest:
        raise CatalogError(f"what {address} says of itself was altered after it was written")
    return number, manifest, Vocabulary.from_json(json.loads(vocabulary))
