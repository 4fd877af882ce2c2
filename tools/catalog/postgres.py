"""A catalogue on a Postgres server with pgvector: the same interface, past one machine.

Search and facts are answered by the server and load nothing but the vocabulary. What needs all
products at once (the optimiser's masks and prices) loads the filter columns at first use, some
hundred bytes a product; vectors, texts and the index of words stay on the server. Every search is
exact: the filters are conditions of the query, and all that meet them are scored.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Columns
from tools.catalog.catalog import MAX_OFFSET, MAX_RESULTS, Catalog
from tools.catalog.embedding import default_home
from tools.catalog.facts import TOP, CatalogFacts
from tools.catalog.filters import Filters
from tools.catalog.layout import seal
from tools.catalog.postgres_filters import Conditions, Part, both, in_titles, opposite
from tools.catalog.postgres_rank import Ranked, Words, floats, rank
from tools.catalog.postgres_schema import FORMAT, Address, folded, storable
from tools.catalog.results import SearchHit, SearchResult
from tools.catalog.search import SORTS, Mode, Sort
from tools.catalog.vocabulary import FIELDS, Field, ValueCount, Vocabulary
from tools.catalog.words import SynonymTable
from tools.domain import Constraints, Product
from tools.errors import CatalogError, MissingExtra
from tools.text import plain_text

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    from tools.catalog.lexical import Lexicon
    from tools.catalog.postgres_schema import Connection, Cursor
    from tools.catalog.store import ProductReader
    from tools.catalog.vectors import VectorTable

_CONNECT_SECONDS = 10
POOL_SIZE = 4
_IN_FORCE = "p.born <= %s AND (p.died IS NULL OR p.died > %s)"
_AVAILABLE: Part = ("p.stock IS DISTINCT FROM 0", [])
_PLURAL: Mapping[Field, str] = {
    "brand": "brands", "color": "colors", "category": "categories", "size": "sizes",
}  # fmt: skip
_UNNESTED: Mapping[Field, str] = {
    "brand": "SELECT p.brand, count(*) FROM products p WHERE p.brand IS NOT NULL AND ",
    "color": "SELECT v, count(*) FROM products p, unnest(p.colors) v WHERE ",
    "category": "SELECT v, count(*) FROM products p, unnest(p.categories) v WHERE ",
    "size": "SELECT v, count(*) FROM products p, unnest(p.sizes) v WHERE ",
}


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


class _Server:
    """A pool of connections that the versions of one catalogue share."""

    def __init__(self, address: Address) -> None:
        from psycopg_pool import ConnectionPool

        connect(address, read_only=True).close()  # One clear error instead of a pool that waits.
        self.address = address
        self.users = 0
        self.pool: ConnectionPool[Connection] = ConnectionPool(
            address.conninfo,
            min_size=1,
            max_size=POOL_SIZE,
            open=True,
            timeout=30,
            kwargs={"connect_timeout": _CONNECT_SECONDS, "prepare_threshold": None},
            configure=lambda connection: prepare(connection, address, read_only=True),
        )

    def release(self) -> None:
        """Close the pool once its last user went."""
        self.users -= 1
        if not self.users:
            self.pool.close()


class PostgresCatalog(Catalog):
    """A catalogue on a server; opened by `PostgresCatalog.open`.

    Like one on disk, it goes on showing the version that it opened; a version that was replaced
    more than an hour ago is swept by the next update, and then says so.
    """

    def __init__(self, server: _Server, home: Path) -> None:
        self._server = server
        self._home = home
        with self._reading(own=False) as cursor:
            number, manifest, vocabulary = _in_force(cursor, server.address)
        self.number = number
        self.manifest = manifest
        self.folder = Path(str(server.address))
        self.name = manifest["name"]
        self.currency = manifest["currency"]
        self.priced = manifest["priced"]
        self.version = manifest["version"]
        self._rows = manifest["rows"]
        self._vocabulary = vocabulary
        self._conditions = Conditions(vocabulary, self._any_product)
        server.users += 1

    @classmethod
    def open(
        cls, folder: str | Path, verify: bool = True, home: Path | None = None
    ) -> PostgresCatalog:
        """Open the version in force.

        Args:
            folder: the address, `postgresql://…/database#shop`.
            verify: has no meaning here; the server keeps its own checksums.
            home: where the query encoder is kept; else `INTERAREC_HOME`.

        Raises:
            CatalogError: the server cannot be reached or holds no such catalogue.
            MissingExtra: psycopg is not installed.
        """
        address = Address.of(str(folder))
        if find_spec("psycopg") is None or find_spec("psycopg_pool") is None:
            raise MissingExtra("a catalogue in Postgres", "postgres")
        server = _Server(address)
        try:
            return cls(server, home or default_home())
        except BaseException:
            server.pool.close()
            raise

    @property
    def address(self) -> Address:
        """Where it lies; shown without its password."""
        return self._server.address

    def latest(self) -> PostgresCatalog:
        """This catalogue, or the newer version when one was put in force since."""
        with self._reading(own=False) as cursor:
            row = cursor.execute("SELECT max(version) FROM versions").fetchone()
        if row is not None and row[0] == self.number:
            return self
        return PostgresCatalog(self._server, self._home)

    def close(self) -> None:
        """Let go of the server."""
        self._server.release()

    @contextmanager
    def _reading(self, own: bool = True) -> Iterator[Cursor]:
        """One snapshot of the server, in which this version (if `own`) is whole.

        Raises:
            CatalogError: the server went away, or the version was swept meanwhile.
        """
        import psycopg
        from psycopg_pool import PoolTimeout

        address = self._server.address
        try:
            with self._server.pool.connection() as connection, connection.cursor() as cursor:
                if own:
                    kept = "SELECT 1 FROM versions WHERE version = %s"
                    if cursor.execute(kept, (self.number,)).fetchone() is None:
                        raise CatalogError(
                            f"the version of {address} that was opened has been swept; "
                            "open it again"
                        )
                yield cursor
        except PoolTimeout:
            raise CatalogError(f"{address} does not answer") from None
        except psycopg.OperationalError as error:
            raise CatalogError(f"{address} cannot be used: {reason_of(error)}") from None

    def _where(self, *parts: Part) -> Part:
        number = self.number
        return both([(_IN_FORCE, [number, number]), *parts])

    def _any_product(self, text: str, values: list[Any]) -> bool:
        where, given = self._where((text, values))
        with self._reading() as cursor:
            found = cursor.execute(f"SELECT EXISTS (SELECT 1 FROM products p WHERE {where})", given)
            row = found.fetchone()
        return bool(row and row[0])

    def _allowed(self, constraints: Constraints) -> Part:
        paths = self.applied(constraints, "hard")
        return self._where(_AVAILABLE, *(self._conditions.one(constraints, p) for p in paths))

    # What a local catalogue reads from arrays, from the server instead.

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """The place of every row; places rise with rows and never change."""
        where, given = self._where()
        with self._reading() as cursor:
            rows = cursor.execute(f"SELECT p.place FROM products p WHERE {where} ORDER BY 1", given)
            return np.fromiter((place for (place,) in rows), np.int64, self._rows)

    @cached_property
    def _reader(self) -> ProductReader:  # type: ignore[override]
        return cast("ProductReader", _Reader(self))

    @cached_property
    def _columns(self) -> Columns:  # type: ignore[override]
        """The filter columns of all products, loaded at first use."""
        from tools.catalog.postgres_columns import load_columns

        with self._reading() as cursor:
            return load_columns(
                cursor, self._where(), self._vocabulary, self._rows, self.manifest["utilities"]
            )

    @cached_property
    def _filters(self) -> Filters:
        return _ServerFilters(self)

    @property
    def vectors(self) -> VectorTable:
        """Not to be had: the vectors stay on the server."""
        raise CatalogError("the vectors of a catalogue in Postgres stay on its server")

    @property
    def lexicon(self) -> Lexicon:
        """Not to be had: the index of words stays on the server."""
        raise CatalogError("the index of words of a catalogue in Postgres stays on its server")

    def path_of(self, name: str) -> Path:
        """Not to be had: there are no files."""
        raise CatalogError(f"a catalogue in Postgres has no file {name!r}")

    def find(self, ids: Sequence[str]) -> dict[str, Product]:
        """Id -> product, for those of some ids that are in the catalogue."""
        where, given = self._where(("p.id = ANY(%s)", [storable(ids)]))
        with self._reading() as cursor:
            rows = cursor.execute(f"SELECT p.id, p.data FROM products p WHERE {where}", given)
            return {i: Product.model_validate_json(data) for i, data in rows}

    def get(self, ids: Sequence[str]) -> list[Product]:
        """The products of some ids, in the order asked.

        Raises:
            CatalogError: ids that are not in the catalogue, by name.
        """
        found = self.find(ids)
        if unknown := [i for i in ids if i not in found]:
            named = ", ".join(repr(i[:80]) for i in unknown[:5])
            raise CatalogError(f"not in the catalogue: {named}")
        return [found[i] for i in ids]

    def names_a_brand(self, word: str) -> bool:
        """Whether a word in a text means the brand (see `Catalog.names_a_brand`)."""
        where, given = self._where(in_titles(word))
        brand, values = self._conditions.word("brand", word)
        with self._reading() as cursor:
            row = cursor.execute(
                f"SELECT count(*), count(*) FILTER (WHERE {brand}) FROM products p WHERE {where}",
                [*values, *given],
            ).fetchone()
        saying, named = row or (0, 0)
        if not saying:
            return bool(self._vocabulary.match("brand", word))
        return bool(named >= 0.9 * saying)

    def count(self, constraints: Constraints) -> int:
        """How many products in stock meet the hard limits."""
        where, given = self._allowed(constraints)
        with self._reading() as cursor:
            return self._count(cursor, (where, given))

    @staticmethod
    def _count(cursor: Cursor, where: Part) -> int:
        row = cursor.execute(f"SELECT count(*) FROM products p WHERE {where[0]}", where[1])
        found = row.fetchone()
        return int(found[0]) if found else 0

    @cached_property
    def _encode(self) -> Any:
        from tools.text import open_query_encoder

        return open_query_encoder(self._encoder_folder())

    def _encoder_folder(self) -> Path:
        """The query encoder, fetched once and kept under the home folder."""
        described = self.manifest["encoder"]
        folder: Path = self._home / "encoders" / described["digest"][:16] / "served"
        if folder.is_dir():
            return folder
        with self._reading() as cursor:
            files = cursor.execute(
                "SELECT name, content FROM encoders WHERE digest = %s", (described["digest"],)
            ).fetchall()
        expected: dict[str, str] = described["files"]
        got = {name: bytes(content) for name, content in files if name in expected}
        for name, digest in expected.items():
            if hashlib.sha256(got.get(name, b"")).hexdigest() != digest:
                raise CatalogError(f"the encoder's file {name!r} on {self.address} was altered")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            made = Path(temporary) / "served"
            made.mkdir()
            for name, content in got.items():
                (made / name).write_bytes(content)
            if not folder.exists():
                shutil.move(made, folder)
        return folder

    @cached_property
    def _words(self) -> Words:
        synonyms = SynonymTable(self._vocabulary.synonyms)
        return Words(self._rows, self.manifest["words"], self.number, synonyms)

    def similarity(self, text: str) -> NDArray[np.float32]:
        """Cosine of every row to a text, shape (n,); zeros for an empty text."""
        if not plain_text(text):
            return np.zeros(self._rows, np.float32)
        where, given = self._where()
        with self._reading() as cursor:
            rows = cursor.execute(
                "SELECT -(t.embedding <#> %s) FROM products p JOIN texts t ON t.text = p.text "
                f"WHERE {where} ORDER BY p.place",
                [self._encode(text), *given],
            )
            return np.fromiter((value for (value,) in rows), np.float32, self._rows)

    def search(
        self,
        query: str | None,
        constraints: Constraints | None = None,
        k: int = 20,
        within: Sequence[str] | None = None,
        *,
        mode: Mode = "hybrid",
        sort: Sort = "relevance",
        offset: int = 0,
        diversity: float = 0.0,
        exact: bool = False,
        allowed: NDArray[np.bool_] | None = None,
    ) -> SearchResult:
        """The products that suit a query best (see `Catalog.search`); always exact.

        Raises:
            CatalogError: a number is out of range, or an unknown mode or order.
        """
        if not 1 <= k <= MAX_RESULTS:
            raise CatalogError(f"between 1 and {MAX_RESULTS} results can be asked for, not {k}")
        if not 0 <= offset <= MAX_OFFSET or not 0 <= diversity <= 1:
            raise CatalogError(f"offset is 0 to {MAX_OFFSET} and diversity 0 to 1")
        if sort not in SORTS:
            raise CatalogError(f"there is no order {sort!r}, only {', '.join(SORTS)}")
        if mode not in get_args(Mode):
            raise CatalogError(f"there is no mode {mode!r}, only {', '.join(get_args(Mode))}")
        constraints = constraints or Constraints()
        where = self._allowed(constraints)
        if within is not None:
            where = both([where, ("p.id = ANY(%s)", [storable(within)])])
        if allowed is not None:
            where = both([where, ("p.place = ANY(%s)", [self._places[allowed].tolist()])])
        text = plain_text(query or "")
        vector = self._encode(text) if text and mode != "lexical" else None
        with self._reading() as cursor:
            words = self._words.look_up(cursor, text) if text and mode != "dense" else None
            found = rank(
                cursor, where, vector, words, self.manifest["utilities"],
                sort=sort, k=k, offset=offset, diversity=diversity,
            )  # fmt: skip
            filtered = self._count(cursor, where)
        return self._result(found, filtered, constraints, words.spelling if words else {})

    def _result(  # type: ignore[override]
        self,
        found: Ranked,
        filtered: int,
        constraints: Constraints,
        spelling: Mapping[str, tuple[str, ...]],
    ) -> SearchResult:
        return SearchResult(
            hits=tuple(SearchHit(i, round(score, 6)) for i, score in found),
            exact=True,
            filtered=filtered,
            warnings=tuple(dict.fromkeys(self.unapplied(constraints).values())),
            spelling=dict(spelling),
        )

    def more_like(
        self,
        product_id: str,
        constraints: Constraints | None = None,
        k: int = 20,
        *,
        offset: int = 0,
        exact: bool = False,
    ) -> SearchResult:
        """The products nearest in meaning to one of them, which is left out.

        Raises:
            CatalogError: it is not in the catalogue, or k or offset is out of range.
        """
        if not 1 <= k <= MAX_RESULTS or not 0 <= offset <= MAX_OFFSET:
            raise CatalogError(f"between 1 and {MAX_RESULTS} results can be asked for, not {k}")
        constraints = constraints or Constraints()
        self.get([product_id])
        where = both([self._allowed(constraints), ("p.id <> %s", [product_id])])
        mine, given = self._where(("p.id = %s", [product_id]))
        with self._reading() as cursor:
            row = cursor.execute(
                f"SELECT t.embedding FROM products p JOIN texts t ON t.text = p.text WHERE {mine}",
                given,
            ).fetchone()
            assert row is not None
            found = rank(
                cursor, where, floats(row[0]), None, self.manifest["utilities"],
                sort="relevance", k=k, offset=offset, diversity=0.0,
            )  # fmt: skip
            filtered = self._count(cursor, where)
        return self._result(found, filtered, constraints, {})

    def facts(self, constraints: Constraints | None = None) -> CatalogFacts:
        """Counts, price range, cheapest, dearest and values of what meets the hard limits."""
        constraints = constraints or Constraints()
        where, given = self._allowed(constraints)
        paths = self.applied(constraints, "hard")
        gone, gone_given = self._where(
            opposite(_AVAILABLE), *(self._conditions.one(constraints, p) for p in paths)
        )
        with self._reading() as cursor:
            cursor.execute(
                "SELECT count(*), min(p.price), max(p.price), "
                "percentile_disc(0.5) WITHIN GROUP (ORDER BY p.price), "
                "percentile_disc(0.5) WITHIN GROUP (ORDER BY p.price DESC), "
                "count(*) FILTER (WHERE p.list_price > p.price), count(p.rating), avg(p.rating) "
                f"FROM products p WHERE {where}",
                given,
            )
            row = cursor.fetchone()
            assert row is not None
            count, low, high, below, above, on_sale, rated, mean = row
            edges = [
                self._ids(cursor, where, given, f"p.price {way}, p.place")
                if low is not None
                else ()
                for way in ("ASC", "DESC")
            ]
            values: dict[str, Any] = {}
            for field in FIELDS:
                known = {folded(v): v for v in self._vocabulary.values(field)}
                found = cursor.execute(f"{_UNNESTED[field]}{where} GROUP BY 1", given)
                counts = sorted(((known[v], n) for v, n in found), key=lambda p: (-p[1], p[0]))
                values[_PLURAL[field]] = tuple(
                    ValueCount(value=v, count=n) for v, n in counts[:TOP]
                )
                values[f"{field}_count"] = len(counts)
            sold_out = self._count(cursor, (gone, gone_given))
        prices: dict[str, Any] = {}
        if low is not None:
            prices = {
                "price_lower": Decimal(str(low)),
                "price_upper": Decimal(str(high)),
                "price_median": Decimal(str(round((below + above) / 2, 2))),
            }
        return CatalogFacts(
            catalog=self.name,
            count=count,
            out_of_stock=sold_out,
            currency=self.currency,
            cheapest=edges[0],
            dearest=edges[1],
            on_sale=on_sale,
            rated=rated,
            mean_rating=None if mean is None else round(float(mean), 3),
            warnings=tuple(dict.fromkeys(self.unapplied(constraints).values())),
            **prices,
            **values,
        )

    @staticmethod
    def _ids(cursor: Cursor, where: str, given: list[Any], order: str) -> tuple[str, ...]:
        rows = cursor.execute(
            f"SELECT p.id FROM products p WHERE {where} AND p.price IS NOT NULL "
            f"ORDER BY {order} LIMIT 10",
            given,
        )
        return tuple(i for (i,) in rows)


def _in_force(cursor: Cursor, address: Address) -> tuple[int, dict[str, Any], Vocabulary]:
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


class _ServerFilters(Filters):
    """Masks over the rows of a catalogue on a server; titles are asked of the server."""

    def __init__(self, catalog: PostgresCatalog) -> None:
        self._catalog = catalog
        super().__init__(
            cast("Columns", _Late(catalog)),
            catalog.vocabulary(),
            catalog._reader,
            cast("Lexicon", None),
            currency=catalog.currency,
            priced=catalog.priced,
        )

    def __len__(self) -> int:
        return len(self._catalog)

    def in_titles(self, word: str) -> NDArray[np.bool_]:
        """Rows whose titles hold all words of a phrase."""
        mask = np.zeros(len(self), bool)
        where, given = self._catalog._where(in_titles(word))
        with self._catalog._reading() as cursor:
            rows = cursor.execute(f"SELECT p.place FROM products p WHERE {where}", given)
            places = [place for (place,) in rows]
        mask[np.searchsorted(self._catalog._places, places)] = True
        return mask

    def _title_quantities(self, kind: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The quantities of one kind in the titles: their rows, and numbers in base units."""
        where, given = self._catalog._where(("q.kind = %s", [kind]))
        with self._catalog._reading() as cursor:
            found = cursor.execute(
                "SELECT p.place, q.number FROM products p, "
                "unnest(p.quantity_kinds, p.quantity_numbers) q(kind, number) "
                f"WHERE {where} ORDER BY 1",
                given,
            ).fetchall()
        places = np.array([place for place, _ in found], np.int64)
        rows = np.searchsorted(self._catalog._places, places)
        return rows, np.array([number for _, number in found], np.float64)


class _Late:
    """The filter columns, loaded when one of them is first read."""

    def __init__(self, catalog: PostgresCatalog) -> None:
        self._catalog = catalog

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog.columns, name)


class _Reader:
    """Products by row, as `store.ProductReader` reads them."""

    def __init__(self, catalog: PostgresCatalog) -> None:
        self._catalog = catalog

    def _rows(self, what: str, *parts: Part) -> list[tuple[Any, ...]]:
        where, given = self._catalog._where(*parts)
        with self._catalog._reading() as cursor:
            query = f"SELECT p.place, {what} FROM products p WHERE {where} ORDER BY p.place"
            return cursor.execute(query, given).fetchall()

    def _at(self, what: str, rows: Sequence[int]) -> list[Any]:
        places = self._catalog._places[np.asarray(rows, np.int64)].tolist()
        held = dict(self._rows(what, ("p.place = ANY(%s)", [places])))
        return [held[place] for place in places]

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Id -> row, for those that are there."""
        found = self._rows("p.id", ("p.id = ANY(%s)", [storable(ids)]))
        rows = np.searchsorted(self._catalog._places, [place for place, _ in found])
        return {i: int(row) for (_, i), row in zip(found, rows, strict=True)}

    def products(self, rows: Sequence[int]) -> list[Product]:
        """The products of some rows, in the order asked."""
        return [Product.model_validate_json(data) for data in self._at("p.data", rows)]

    def ids(self) -> tuple[str, ...]:
        """All ids in row order."""
        return tuple(i for _, i in self._rows("p.id"))

    def ids_of(self, rows: Sequence[int]) -> list[str]:
        """The ids of some rows, in the order asked."""
        return self._at("p.id", rows)

    def titles(self) -> Iterator[str]:
        """All titles in row order."""
        return (json.loads(data)["title"] for _, data in self._rows("p.data"))

    def attribute(self, name: str) -> Iterator[tuple[int, str | None, float | None, str | None]]:
        """(row, text, number in base units, kind of unit) of every entry of one attribute."""
        where, given = self._catalog._where(("a.name = %s", [name]))
        with self._catalog._reading() as cursor:
            found = cursor.execute(
                "SELECT p.place, a.text, a.number, a.kind FROM attributes a "
                f"JOIN products p ON p.attrs = a.attrs WHERE {where} ORDER BY p.place",
                given,
            ).fetchall()
        rows = np.searchsorted(self._catalog._places, [place for place, *_ in found]).tolist()
        for row, (_, text, number, kind) in zip(rows, found, strict=True):
            yield row, text, number, kind

    def close(self) -> None:
        """Nothing is held."""
