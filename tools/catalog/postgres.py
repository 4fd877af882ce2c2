"""A catalogue on a Postgres server with pgvector: the same interface, past one machine.

Search and facts are answered by the server and load nothing but the vocabulary. What needs all
products at once (the optimiser's masks and prices) loads the filter columns at first use, some
hundred bytes a product; vectors, texts and the index of words stay on the server. A search under a
filter is exact: the filters are conditions of the query, and all that meet them are scored. Without
one, a large catalogue is searched by an index (`postgres_index.py`), and the answer says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Columns
from tools.catalog.catalog import Catalog
from tools.catalog.embedding import default_home
from tools.catalog.facts import CatalogFacts
from tools.catalog.filters import Filters
from tools.catalog.postgres_columns import load_columns
from tools.catalog.postgres_encoder import fetch_encoder
from tools.catalog.postgres_facts import count_products, figures
from tools.catalog.postgres_filters import AVAILABLE, Conditions, Part, both, in_titles
from tools.catalog.postgres_index import ServerIndex
from tools.catalog.postgres_rank import Query, Ranked, floats, rank
from tools.catalog.postgres_rows import ServerFilters, ServerReader
from tools.catalog.postgres_schema import Address, storable
from tools.catalog.postgres_server import Server, Snapshot, version_in_force
from tools.catalog.postgres_words import Words
from tools.catalog.results import SearchHit, SearchResult
from tools.catalog.search import GATHER_SHARE, Wanted
from tools.catalog.words import SynonymTable
from tools.domain import Constraints, Product
from tools.errors import CatalogError, MissingExtra
from tools.text import plain_text

if TYPE_CHECKING:
    from tools.catalog.lexical import Lexicon
    from tools.catalog.postgres_schema import Cursor
    from tools.catalog.store import ProductReader
    from tools.catalog.vectors import VectorTable


class PostgresCatalog(Catalog):
    """A catalogue on a server; opened by `PostgresCatalog.open`.

    Like one on disk, it goes on showing the version that it opened; a version that was replaced
    more than an hour ago is swept by the next update, and then says so.
    """

    def __init__(self, server: Server, home: Path) -> None:
        self._server = server
        self._home = home
        with server.reading() as cursor:
            number, manifest, vocabulary = version_in_force(cursor, server.address)
        self.number = number
        self.manifest = manifest
        self.folder = Path(str(server.address))
        self.name = manifest["name"]
        self.currency = manifest["currency"]
        self.priced = manifest["priced"]
        self.version = manifest["version"]
        self._rows = manifest["rows"]
        self._vocabulary = vocabulary
        self._snapshot = Snapshot(server, number, self._rows)
        self._reading = self._snapshot.reading
        self._where = self._snapshot.where
        self._conditions = Conditions(vocabulary, self._any_product)
        self._index = ServerIndex.of(manifest)
        self._free_count: int | None = None
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
        server = Server(address)
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
        with self._server.reading() as cursor:
            row = cursor.execute("SELECT max(version) FROM versions").fetchone()
        if row is not None and row[0] == self.number:
            return self
        return PostgresCatalog(self._server, self._home)

    def close(self) -> None:
        """Let go of the server."""
        self._server.release()

    def _any_product(self, text: str, values: list[Any]) -> bool:
        where, given = self._where((text, values))
        with self._reading() as cursor:
            found = cursor.execute(f"SELECT EXISTS (SELECT 1 FROM products p WHERE {where})", given)
            row = found.fetchone()
        return bool(row and row[0])

    def _limits(self, constraints: Constraints) -> Part:
        """The hard limits, stock aside."""
        paths = self.applied(constraints, "hard")
        return both(self._conditions.one(constraints, p) for p in paths)

    # What a local catalogue reads from arrays, from the server instead.

    @cached_property
    def _reader(self) -> ProductReader:  # type: ignore[override]
        return cast("ProductReader", ServerReader(self._snapshot))

    @cached_property
    def _columns(self) -> Columns:  # type: ignore[override]
        """The filter columns of all products, loaded at first use."""
        with self._reading() as cursor:
            return load_columns(
                cursor, self._where(), self._vocabulary, self._rows, self.manifest["utilities"]
            )

    @cached_property
    def _filters(self) -> Filters:
        return ServerFilters(
            self._snapshot,
            lambda: self._columns,
            self._vocabulary,
            currency=self.currency,
            priced=self.priced,
        )

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
        where = self._where(AVAILABLE, self._limits(constraints))
        with self._reading() as cursor:
            return count_products(cursor, where)

    def _count_free(self, cursor: Cursor, where: Part) -> int:
        """How many meet the condition that stands without limits, counted once a version."""
        if self._free_count is None:
            self._free_count = count_products(cursor, where)
        return self._free_count

    @cached_property
    def _encode(self) -> Any:
        from tools.text import open_query_encoder

        return open_query_encoder(
            fetch_encoder(self._snapshot, self.manifest["encoder"], self._home)
        )

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

    def _search(
        self,
        text: str,
        constraints: Constraints,
        wanted: Wanted,
        within: Sequence[str] | None,
        allowed: NDArray[np.bool_] | None,
    ) -> SearchResult:
        parts = [AVAILABLE, self._limits(constraints)]
        if within is not None:
            parts.append(("p.id = ANY(%s)", [storable(within)]))
        if allowed is not None:
            parts.append(("p.place = ANY(%s)", [self._snapshot.places[allowed].tolist()]))
        where = self._where(*parts)
        free = within is None and allowed is None and self._unlimited(constraints)
        index = self._index if free and not wanted.exact else None
        mode = wanted.mode
        vector = self._encode(text) if text and mode != "lexical" else None
        with self._reading() as cursor:
            filtered = self._count_free(cursor, where) if free else count_products(cursor, where)
            words = self._words.look_up(cursor, text) if text and mode != "dense" else None
            few = words is not None and filtered <= GATHER_SHARE * self._rows
            query = Query(vector, words, _texts(cursor, where) if few else None)
            found = rank(cursor, where, query, self.manifest["utilities"], wanted, index)
        return self._found(found, filtered, constraints, words.spelling if words else {})

    def _unlimited(self, constraints: Constraints) -> bool:
        return not self.applied(constraints, "hard")

    def _found(
        self,
        found: tuple[Ranked, bool],
        filtered: int,
        constraints: Constraints,
        spelling: Mapping[str, tuple[str, ...]],
    ) -> SearchResult:
        ranked, exact = found
        return SearchResult(
            hits=tuple(SearchHit(i, round(score, 6)) for i, score in ranked),
            exact=exact,
            filtered=filtered,
            warnings=tuple(dict.fromkeys(self.unapplied(constraints).values())),
            spelling=dict(spelling),
        )

    def _more_like(self, product_id: str, constraints: Constraints, wanted: Wanted) -> SearchResult:
        self.get([product_id])
        where = self._where(AVAILABLE, self._limits(constraints), ("p.id <> %s", [product_id]))
        mine, given = self._where(("p.id = %s", [product_id]))
        free = self._unlimited(constraints)
        index = self._index if free and not wanted.exact else None
        with self._reading() as cursor:
            row = cursor.execute(
                f"SELECT t.embedding FROM products p JOIN texts t ON t.text = p.text WHERE {mine}",
                given,
            ).fetchone()
            assert row is not None
            query = Query(floats(row[0]), None)
            found = rank(cursor, where, query, self.manifest["utilities"], wanted, index)
            filtered = count_products(cursor, where)
        return self._found(found, filtered, constraints, {})

    def facts(self, constraints: Constraints | None = None) -> CatalogFacts:
        """Counts, price range, cheapest, dearest and values of what meets the hard limits."""
        constraints = constraints or Constraints()
        return CatalogFacts(
            catalog=self.name,
            currency=self.currency,
            warnings=tuple(dict.fromkeys(self.unapplied(constraints).values())),
            **figures(self._snapshot, self._limits(constraints), self._vocabulary),
        )


def _texts(cursor: Cursor, where: Part) -> list[int]:
    rows = cursor.execute(f"SELECT DISTINCT p.text FROM products p WHERE {where[0]}", where[1])
    return [text for (text,) in rows]
