"""Writing to a catalogue on a Postgres server: versions, their switch, and updates."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from tools.catalog import layout
from tools.catalog.changes import Asked, Changes, UpdateReport
from tools.catalog.embedding import default_home, encode_like, product_text, text_hash
from tools.catalog.postgres_schema import FORMAT, Address, Writer, folded, storable
from tools.catalog.postgres_server import connect, reason_of, version_in_force
from tools.catalog.postgres_summaries import attribute_summaries, utility_meaning
from tools.catalog.vocabulary import FIELDS, Field, Vocabulary
from tools.catalog.words import stems
from tools.domain import Product
from tools.errors import CatalogError

if TYPE_CHECKING:
    from tools.catalog.postgres_schema import Connection, Cursor

KEPT_SECONDS = 3600
"""How long a version that was replaced stays readable."""


@contextmanager
def writing(address: Address) -> Iterator[Connection]:
    """A connection inside the one transaction that makes a version; other writers are refused.

    Raises:
        CatalogError: the server cannot be used, or another process writes this catalogue now.
    """
    import psycopg

    with connect(address, read_only=False) as connection:
        try:
            with connection.transaction():
                locked = connection.execute(
                    "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (address.schema,)
                ).fetchone()
                if not locked or not locked[0]:
                    raise CatalogError(f"{address} is being written by another process")
                yield connection
        except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as error:
            raise CatalogError(f"{address} could not be written: {reason_of(error)}") from error


def update_postgres(
    place: str, *, home: Path | None = None, **asked: Unpack[Asked]
) -> UpdateReport:
    """Change a catalogue on a server, as `update_catalog` does a local one.

    Args:
        place: its address.
        home: where encoders and their caches are kept; else `INTERAREC_HOME`.
        asked: what is to change.

    Raises:
        CatalogError: the server or the file cannot be used, or nothing would be left.
    """
    start = time.perf_counter()
    address, home = Address.of(place), home or default_home()
    with writing(address) as connection, connection.cursor() as cursor:
        update = _Update(cursor, address)
        held = update.manifest
        changes = Changes.of(update.find, held["currency"], held["priced"], **asked)
        rows = update.manifest["rows"] - len(changes.deleted) + len(changes.added)
        if rows <= 0:
            raise CatalogError("the update would leave the catalogue empty")
        version, encoded = update.manifest["version"], 0
        if changes.changed or changes.added or changes.deleted:
            version, encoded = update.write(changes, home)
    if changes.refused:
        kept = home / "postgres" / f"{address.shop}-{layout.QUARANTINE}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text("".join(json.dumps(entry) + "\n" for entry in changes.refused), "utf-8")
    return changes.report(
        catalog=str(address),
        rows=rows,
        encoded=encoded,
        version=version,
        seconds=time.perf_counter() - start,
    )


class _Update:
    """One update inside its transaction."""

    def __init__(self, cursor: Cursor, address: Address) -> None:
        self._cursor = cursor
        self.number, self.manifest, self._vocabulary = version_in_force(cursor, address)
        self._standing: dict[str, tuple[int, int, float | None]] = {}
        """Id -> place, attribute set and fitted utility of what is there."""

    def find(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products of some ids as they stand."""
        rows = self._cursor.execute(
            "SELECT id, place, attrs, fitted, data FROM products "
            "WHERE id = ANY(%s) AND died IS NULL",
            (storable(ids),),
        )
        found = {}
        for product_id, place, attrs, fitted, data in rows:
            self._standing[product_id] = (place, attrs, fitted)
            found[product_id] = Product.model_validate_json(data)
        return found

    def write(self, changes: Changes, home: Path) -> tuple[str, int]:
        """The next version; gives its digest and the number of texts that were encoded."""
        cursor, number = self._cursor, next_number(self._cursor)
        changed, added = changes.changed, changes.added
        cursor.execute(
            "UPDATE products SET died = %s WHERE id = ANY(%s) AND died IS NULL",
            (number, [*changed, *changes.deleted]),
        )
        after = [p for _, p in changed.values()]
        writer = Writer(cursor, number, self.manifest["encoder"]["digest"])
        texts, encoded = self._texts(writer, [*after, *added], home)
        median = (
            self._median_fitted()
            if self.manifest["utilities"]["source"] == "transactions"
            else None
        )
        members: list[tuple[Product, int | None, int | None, float | None]] = []
        for product_id, (before, product) in changed.items():
            place, attrs, fitted = self._standing[product_id]
            same = before.attributes == product.attributes
            members.append((product, place, attrs if same else None, fitted))
        members += [(p, None, None, median) for p in added]
        writer.add_products(members, texts)
        gone = [*(before for before, _ in changed.values()), *changes.deleted.values()]
        manifest = {
            **{k: v for k, v in self.manifest.items() if k != "version"},
            "rows": self.manifest["rows"] - len(changes.deleted) + len(added),
            "words": self.manifest["words"]
            + sum(text_length(p) for p in [*after, *added])
            - sum(text_length(p) for p in gone),
            "utilities": self._meaning(changes),
            "updated": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        vocabulary = self._words(gone, [*after, *added], changes)
        version = put_in_force(cursor, number, manifest, vocabulary)
        sweep(cursor)
        return version, encoded

    def _texts(
        self, writer: Writer, products: list[Product], home: Path
    ) -> tuple[dict[bytes, int], int]:
        texts = {text_hash(t): t for t in map(product_text, products)}
        known = writer.known_texts(list(texts))
        missing = [key for key in texts if key not in known]
        if not missing:
            return known, 0
        vectors, encoded = encode_like(self.manifest["encoder"], missing, texts, home)
        made = writer.add_texts([texts[k] for k in missing], [vectors[k] for k in missing])
        return known | made, encoded

    def _median_fitted(self) -> float:
        row = self._cursor.execute(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY fitted) FROM products "
            "WHERE died IS NULL AND fitted > '-Infinity'"
        ).fetchone()
        return float(row[0]) if row and row[0] is not None else 0.0

    def _meaning(self, changes: Changes) -> dict[str, Any]:
        held: dict[str, Any] = self.manifest["utilities"]
        if held["source"] == "transactions":
            return held | {"unfitted": int(held.get("unfitted", 0)) + len(changes.added)}
        touched = changes.added or changes.deleted
        if touched or any(
            (a.rating, a.reviews) != (b.rating, b.reviews) for a, b in changes.changed.values()
        ):
            return utility_meaning(self._cursor, {"source": "ratings"})
        return held

    def _words(self, gone: list[Product], come: list[Product], changes: Changes) -> Vocabulary:
        held = self._vocabulary
        counts: dict[Field, list[tuple[str, int]]] = {}
        for field in FIELDS:
            tally: Counter[str] = Counter()
            names: dict[str, str] = {}
            for value in (v for p in come for v in _values(p, field)):
                names.setdefault(folded(value), value)
                tally[folded(value)] += 1
            tally.subtract(folded(v) for p in gone for v in _values(p, field))
            table = dict(held.counts_in_order(field))
            known = {folded(v): v for v in table}
            for key, count in tally.items():
                name = known.get(key) or names[key]
                table[name] = table.get(name, 0) + count
            counts[field] = list(table.items())
        touched = changes.deleted or any(
            a.attributes != b.attributes for a, b in changes.changed.values()
        )
        attributes = held.attributes
        if touched or any(p.attributes for p in changes.added):
            attributes = attribute_summaries(self._cursor)
        return Vocabulary(counts, attributes, held.synonyms)


def _values(product: Product, field: Field) -> Sequence[str]:
    if field == "brand":
        return (product.brand,) if product.brand else ()
    return {"color": product.colors, "category": product.categories, "size": product.sizes}[field]


def text_length(product: Product) -> int:
    """Words of what is encoded of a product."""
    return len(stems(product_text(product)))


def next_number(cursor: Cursor) -> int:
    """The number of the version that comes next."""
    row = cursor.execute("SELECT coalesce(max(version), 0) + 1 FROM versions").fetchone()
    assert row is not None
    return int(row[0])


def put_in_force(
    cursor: Cursor, number: int, manifest: Mapping[str, Any], vocabulary: Vocabulary
) -> str:
    """Make a version the newest one, once the transaction is committed; gives its digest."""
    words = json.dumps(vocabulary.to_json(), ensure_ascii=True)
    sealed = layout.seal(
        {
            **manifest,
            "format": FORMAT,
            "number": number,
            "vocabulary": hashlib.sha256(words.encode()).hexdigest(),
        }
    )
    cursor.execute(
        "INSERT INTO versions (version, manifest, vocabulary) VALUES (%s, %s, %s)",
        (number, json.dumps(sealed, ensure_ascii=True, allow_nan=False), words),
    )
    return str(sealed["version"])


def sweep(cursor: Cursor) -> None:
    """Delete what no version of the last hour shows."""
    row = cursor.execute(
        "SELECT max(version) FROM versions WHERE made < now() - make_interval(secs => %s)",
        (KEPT_SECONDS,),
    ).fetchone()
    if row is None or row[0] is None:
        return
    oldest = row[0]  # In force when the hour began, so it stays.
    cursor.execute("DELETE FROM versions WHERE version < %s", (oldest,))
    cursor.execute(
        "DELETE FROM encoders WHERE digest NOT IN "
        "(SELECT manifest::json -> 'encoder' ->> 'digest' FROM versions)"
    )
    gone = cursor.execute(
        "DELETE FROM products WHERE died <= %s RETURNING text, attrs", (oldest,)
    ).fetchall()
    texts, sets = ([*dict.fromkeys(row[i] for row in gone)] for i in (0, 1))
    for column, keys, tables in (
        ("text", texts, ("postings", "texts")),
        ("attrs", sets, ("attributes",)),
    ):
        used = cursor.execute(
            f"SELECT DISTINCT {column} FROM products WHERE {column} = ANY(%s)", (keys,)
        )
        left = {key for (key,) in used}
        unused = [key for key in keys if key not in left]
        for table in tables:
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", (unused,))
