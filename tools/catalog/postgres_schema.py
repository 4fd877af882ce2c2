"""How a catalogue lies in Postgres: tables, versions, and what is written into them.

A shop's catalogue has a schema of its own. Nothing in it is changed in place: a product that
changes is written anew with the version in which it was born, and the old one is told in which it
died, so a reader of the old version goes on seeing all of it, and one transaction is the switch.
What is large (vectors, postings of words, attributes) hangs on texts and attribute sets that
several versions share, so a change of price or stock writes one narrow row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

import numpy as np
from numpy.typing import NDArray

from tools.catalog.embedding import product_text, text_hash
from tools.catalog.store import entry
from tools.catalog.units import find_quantities, to_base
from tools.catalog.words import stem, stems
from tools.domain import Product
from tools.errors import CatalogError

if TYPE_CHECKING:
    import psycopg

    Cursor = psycopg.Cursor[tuple[Any, ...]]
    Connection = psycopg.Connection[tuple[Any, ...]]

FORMAT = "interarec-postgres/2"
_SCHEMES = ("postgresql://", "postgres://")
_SHOP = re.compile(r"[a-z][a-z0-9_]{0,40}")

_TABLES = """
CREATE TABLE IF NOT EXISTS versions (
  version bigint PRIMARY KEY, made timestamptz NOT NULL DEFAULT now(),
  manifest text NOT NULL, vocabulary text NOT NULL
);
CREATE TABLE IF NOT EXISTS encoders (
  digest text, name text, sha256 text NOT NULL, content bytea NOT NULL, PRIMARY KEY (digest, name)
);
CREATE TABLE IF NOT EXISTS words (code bigserial, word text PRIMARY KEY);
CREATE TABLE IF NOT EXISTS texts (
  text bigserial PRIMARY KEY, encoder text NOT NULL, hash bytea NOT NULL, length integer NOT NULL,
  embedding vector NOT NULL, UNIQUE (encoder, hash)
);
CREATE TABLE IF NOT EXISTS postings (
  word text NOT NULL, text bigint NOT NULL, times integer NOT NULL, length integer NOT NULL
);
CREATE TABLE IF NOT EXISTS products (
  key bigserial PRIMARY KEY, place bigint NOT NULL, born bigint NOT NULL, died bigint,
  id text NOT NULL, text bigint NOT NULL, attrs bigint NOT NULL,
  price double precision, list_price double precision, rating double precision, reviews bigint,
  stock bigint, fitted double precision,
  brand text, colors text[] NOT NULL, categories text[] NOT NULL, sizes text[] NOT NULL,
  title_words text[] NOT NULL, quantity_kinds text[] NOT NULL,
  quantity_numbers double precision[] NOT NULL, data text NOT NULL
);
CREATE SEQUENCE IF NOT EXISTS places;
CREATE TABLE IF NOT EXISTS attributes (
  attrs bigint NOT NULL, name text NOT NULL, text text, stemmed text, number double precision,
  kind text, unit text
);
"""
# Made after a first load, which is then twice as fast.
_INDEXES = """
CREATE INDEX IF NOT EXISTS postings_by_word ON postings (word, text) INCLUDE (times, length);
CREATE UNIQUE INDEX IF NOT EXISTS products_in_force ON products (id) WHERE died IS NULL;
CREATE INDEX IF NOT EXISTS products_by_id ON products (id);
CREATE INDEX IF NOT EXISTS products_by_text ON products (text);
CREATE INDEX IF NOT EXISTS products_by_attrs ON products (attrs);
CREATE INDEX IF NOT EXISTS postings_by_text ON postings (text);
CREATE INDEX IF NOT EXISTS products_by_place ON products (place);
CREATE INDEX IF NOT EXISTS products_dead ON products (died) WHERE died IS NOT NULL;
CREATE INDEX IF NOT EXISTS products_by_price ON products (price);
CREATE INDEX IF NOT EXISTS products_by_brand ON products (brand);
CREATE INDEX IF NOT EXISTS products_by_color ON products USING gin (colors);
CREATE INDEX IF NOT EXISTS products_by_category ON products USING gin (categories);
CREATE INDEX IF NOT EXISTS products_by_size ON products USING gin (sizes);
CREATE INDEX IF NOT EXISTS products_by_title ON products USING gin (title_words);
CREATE INDEX IF NOT EXISTS attributes_by_set ON attributes (attrs, name);
CREATE INDEX IF NOT EXISTS attributes_by_name ON attributes (name, stemmed);
"""


@dataclass(frozen=True)
class Address:
    """Where a catalogue lies on a server: `postgresql://…/database#shop`.

    `conninfo` may hold a password and is never shown; `str()` gives the address without it.
    """

    conninfo: str
    shop: str

    @classmethod
    def of(cls, text: str) -> Address:
        """The address in a text.

        Raises:
            CatalogError: it is none, or the name of the shop is not a plain word.
        """
        if not is_postgres(text):
            raise CatalogError("a catalogue on a server is named postgresql://…")
        conninfo, shop = urldefrag(text)
        if shop and not _SHOP.fullmatch(shop):
            raise CatalogError(
                f"{shop[:60]!r} cannot name a catalogue on a server: lower-case letters, digits "
                "and _ can"
            )
        return cls(conninfo, shop or "catalog")

    @property
    def schema(self) -> str:
        """The schema that holds the catalogue."""
        return f"interarec_{self.shop}"

    def __str__(self) -> str:
        parts = urlsplit(self.conninfo)
        return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}#{self.shop}"

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"


def is_postgres(place: object) -> bool:
    """Whether a place is a server's address and not a folder."""
    return str(place).startswith(_SCHEMES)


def storable(words: Sequence[str]) -> list[str]:
    """Those of some texts that Postgres can hold: without NUL and lone surrogates."""
    return [w for w in words if "\0" not in w and not any("\ud800" <= c <= "\udfff" for c in w)]


def make_tables(connection: Connection, address: Address) -> None:
    """The schema and its tables, where they are missing; the search path then leads there.

    Raises:
        CatalogError: the server has no pgvector, or the user may not make what is needed.
    """
    import psycopg
    from psycopg import sql

    try:
        with connection.transaction():
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.Error as error:
        known = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone()
        if known is None:
            reason = str(error).splitlines()[0]
            raise CatalogError(f"{address} has no pgvector: {reason}") from None
    connection.execute(
        sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(address.schema))
    )
    connection.execute(_TABLES)


def make_indexes(connection: Connection) -> None:
    """The indexes, where they are missing."""
    connection.execute(_INDEXES)


class Writer:
    """Puts texts and products of one version into the tables, in batches.

    Args:
        cursor: inside the transaction that makes the version.
        version: its number.
        encoder: digest of the encoder whose vectors are given.
    """

    def __init__(self, cursor: Cursor, version: int, encoder: str) -> None:
        self._cursor = cursor
        self._version = version
        self._encoder = encoder

    def known_texts(self, hashes: Sequence[bytes]) -> dict[bytes, int]:
        """Hash -> text, for those that are there already."""
        rows = self._cursor.execute(
            "SELECT hash, text FROM texts WHERE encoder = %s AND hash = ANY(%s)",
            (self._encoder, list(hashes)),
        )
        return {bytes(key): text for key, text in rows}

    def add_texts(
        self, texts: Sequence[str], vectors: Sequence[NDArray[np.float32]]
    ) -> dict[bytes, int]:
        """Texts that are not there yet, with their vectors; hash -> text."""
        numbers = self._numbers("texts", "text", len(texts))
        made = {text_hash(text): number for text, number in zip(texts, numbers, strict=True)}
        words: dict[str, None] = {}
        postings: list[tuple[str, int, int, int]] = []
        with self._cursor.copy(
            "COPY texts (text, encoder, hash, length, embedding) FROM STDIN WITH (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int8", "text", "bytea", "int4", "vector"])
            for number, text, vector in zip(numbers, texts, vectors, strict=True):
                held = stems(text)
                copy.write_row((number, self._encoder, text_hash(text), len(held), vector))
                for word in dict.fromkeys(held):
                    words[word] = None
                    postings.append((word, number, held.count(word), len(held)))
        with self._cursor.copy("COPY postings FROM STDIN") as copy:
            for posting in postings:
                copy.write_row(posting)
        # In order of first use, as a local catalogue numbers them.
        self._cursor.execute(
            "INSERT INTO words (word) SELECT w FROM unnest(%s::text[]) WITH ORDINALITY u(w, n) "
            "ORDER BY n ON CONFLICT DO NOTHING",
            (list(words),),
        )
        return made

    def add_products(
        self, members: Iterable[tuple[Product, int | None, int | None, float | None]],
        texts: dict[bytes, int],
    ) -> None:  # fmt: skip
        """Products of this version.

        Args:
            members: product, its place and its attribute set (None: new ones), fitted utility.
            texts: text hash -> text.
        """
        held = list(members)
        keys = self._numbers("products", "key", len(held))
        unplaced = sum(place is None for _, place, _, _ in held)
        places = iter(self._places(unplaced))
        attributes: list[tuple[Any, ...]] = []
        with self._cursor.copy(
            "COPY products (key, place, born, id, text, attrs, price, list_price, rating, reviews, "
            "stock, fitted, brand, colors, categories, sizes, title_words, quantity_kinds, "
            "quantity_numbers, data) FROM STDIN"
        ) as copy:
            for key, (product, place, attrs, fitted) in zip(keys, held, strict=True):
                if attrs is None:
                    attributes += _attributes(key, product)
                copy.write_row(
                    (
                        key,
                        next(places) if place is None else place,
                        self._version,
                        product.id,
                        texts[text_hash(product_text(product))],
                        key if attrs is None else attrs,
                        *_columns(product),
                        fitted,
                        *_words(product),
                        product.model_dump_json(exclude_defaults=True),
                    )
                )
        with self._cursor.copy("COPY attributes FROM STDIN") as copy:
            for row in attributes:
                copy.write_row(row)

    def _numbers(self, table: str, column: str, count: int) -> list[int]:
        rows = self._cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            (table, column, count),
        )
        return [number for (number,) in rows]

    def _places(self, count: int) -> list[int]:
        rows = self._cursor.execute(
            "SELECT nextval('places') FROM generate_series(1, %s)", (count,)
        )
        return [number for (number,) in rows]


def _columns(product: Product) -> tuple[Any, ...]:
    price, listed = product.price, product.list_price
    return (
        None if price is None else float(price.amount),
        None if listed is None else float(listed.amount),
        product.rating,
        product.reviews,
        product.stock,
    )


def folded(value: str) -> str:
    """A value as it is compared; a catalogue keeps its first spelling for showing."""
    return value.casefold()


def _words(product: Product) -> tuple[Any, ...]:
    quantities = []
    for quantity in find_quantities(product.title):
        kind, factor = to_base(quantity.unit)
        quantities.append((kind or stem(quantity.unit), quantity.number * factor))
    return (
        folded(product.brand) if product.brand else None,
        [folded(v) for v in product.colors],
        [folded(v) for v in product.categories],
        [folded(v) for v in product.sizes],
        list(dict.fromkeys(stems(product.title))),
        [kind for kind, _ in quantities],
        [number for _, number in quantities],
    )


def _attributes(attrs: int, product: Product) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for name, value in product.attributes.items():
        for member in value if isinstance(value, tuple) else (value,):
            text, number, kind, unit = entry(member)
            rows.append(
                (attrs, name, text, None if text is None else stem(text), number, kind, unit)
            )
    return rows
