"""Building and updating a catalogue on a Postgres server, each in one transaction."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog import layout
from tools.catalog.build import BuildReport, build_catalog
from tools.catalog.catalog import Catalog
from tools.catalog.changes import Changes, UpdateReport
from tools.catalog.embedding import default_home, encode_like, product_text, text_hash
from tools.catalog.layout import seal
from tools.catalog.postgres import _in_force, connect, know_vectors, reason_of
from tools.catalog.postgres_schema import (
    FORMAT,
    Address,
    Writer,
    folded,
    make_indexes,
    make_tables,
    storable,
)
from tools.catalog.units import to_base
from tools.catalog.vocabulary import FIELDS, AttributeSummary, Field, ValueCount, Vocabulary
from tools.catalog.words import stems
from tools.domain import Product
from tools.errors import CatalogError

if TYPE_CHECKING:
    from tools.catalog.postgres_schema import Connection, Cursor

_BATCH = 2000
_MAX_ATTRIBUTES = 1000
KEPT_SECONDS = 3600
"""How long a version that was replaced stays readable."""


@contextmanager
def _writing(address: Address) -> Iterator[Connection]:
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


def build_postgres(source: Path, place: str, home: Path | None = None, **how: Any) -> BuildReport:
    """Make a catalogue on a server of a shop's file; the one there is replaced in one step.

    The file is read and encoded here, as for a local catalogue (`build_catalog`, whose other
    arguments `how` takes), and the outcome is copied to the server.

    Raises:
        CatalogError: nothing usable came of it, or the server cannot be used.
        MissingExtra: a part that is needed is not installed.
    """
    address = Address.of(place)
    connect(address, read_only=True).close()  # Before the long part, not after it.
    home = home or default_home()
    staging = home / "postgres" / address.shop
    report = build_catalog(source, staging, home=home, **how)
    start = time.perf_counter()
    with Catalog.open(staging, verify=False) as local:
        version = publish(local, address)
    quarantine = report.quarantine_path
    if quarantine is not None:
        kept = staging.with_name(f"{address.shop}-{layout.QUARANTINE}")
        quarantine = Path(shutil.move(quarantine, kept))
    shutil.rmtree(staging)
    return replace(
        report,
        catalog=str(address),
        quarantine_path=quarantine,
        version=version,
        seconds=round(report.seconds + time.perf_counter() - start, 3),
    )


def publish(local: Catalog, address: Address) -> str:
    """Copy a local catalogue to a server and put it in force there; gives its version.

    Raises:
        CatalogError: the server cannot be used.
    """
    described = local.manifest["encoder"]
    with _writing(address) as connection:
        make_tables(connection, address)
        know_vectors(connection)
        cursor = connection.cursor()
        number = _next_number(cursor)
        cursor.execute("UPDATE products SET died = %s WHERE died IS NULL", (number,))
        files = _store_encoder(cursor, local.folder / described["folder"], described["digest"])
        writer = Writer(cursor, number, described["digest"])
        words = 0
        fitted = local.utilities if local.utility_source == "transactions" else None
        for start in range(0, len(local), _BATCH):
            rows = range(start, min(start + _BATCH, len(local)))
            products = local.products(rows)
            vectors = local.vectors.take(np.arange(rows.start, rows.stop))
            texts = _put_texts(writer, products, dict(zip(_hashes(products), vectors, strict=True)))
            given = (
                [None] * len(rows) if fitted is None else fitted[rows.start : rows.stop].tolist()
            )
            writer.add_products(
                ((p, None, None, u) for p, u in zip(products, given, strict=True)), texts
            )
            words += sum(_length(p) for p in products)
        make_indexes(connection)
        manifest = {
            key: local.manifest[key]
            for key in ("name", "created", "rows", "priced", "currency", "dimension", "metric",
                        "source")
        } | {
            "encoder": {k: v for k, v in described.items() if k != "folder"} | {"files": files},
            "words": words,
            "utilities": _utilities(cursor, local.utility_meta),
        }  # fmt: skip
        version = _put_in_force(cursor, number, manifest, local.vocabulary())
    _analyze(address)
    return version


def update_postgres(
    place: str,
    *,
    upsert: Path | None = None,
    products: Sequence[Product] = (),
    delete: Sequence[str] = (),
    columns: Mapping[str, str | None] | None = None,
    where: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> UpdateReport:
    """Change a catalogue on a server, as `update_catalog` does a local one.

    Raises:
        CatalogError: the server or the file cannot be used, or nothing would be left.
    """
    start = time.perf_counter()
    address, home = Address.of(place), home or default_home()
    with _writing(address) as connection, connection.cursor() as cursor:
        update = _Update(cursor, address)
        changes = Changes(update.find, update.manifest["currency"], update.manifest["priced"])
        changes.delete(delete)
        changes.put(products)
        if upsert is not None:
            changes.read(Path(upsert), columns, where)
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
        self.number, self.manifest, self._vocabulary = _in_force(cursor, address)
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
        cursor, number = self._cursor, _next_number(self._cursor)
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
            + sum(_length(p) for p in [*after, *added])
            - sum(_length(p) for p in gone),
            "utilities": self._meaning(changes),
            "updated": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        vocabulary = self._words(gone, [*after, *added], changes)
        version = _put_in_force(cursor, number, manifest, vocabulary)
        _sweep(cursor)
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
            return _utilities(self._cursor, {"source": "ratings"})
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


def _hashes(products: Sequence[Product]) -> list[bytes]:
    return [text_hash(product_text(p)) for p in products]


def _length(product: Product) -> int:
    return len(stems(product_text(product)))


def _put_texts(
    writer: Writer, products: Sequence[Product], vectors: Mapping[bytes, NDArray[np.float32]]
) -> dict[bytes, int]:
    texts = {text_hash(t): t for t in map(product_text, products)}
    known = writer.known_texts(list(texts))
    missing = [key for key in texts if key not in known]
    made = writer.add_texts([texts[k] for k in missing], [vectors[k] for k in missing])
    return known | made


def _next_number(cursor: Cursor) -> int:
    row = cursor.execute("SELECT coalesce(max(version), 0) + 1 FROM versions").fetchone()
    assert row is not None
    return int(row[0])


def _store_encoder(cursor: Cursor, folder: Path, digest: str) -> dict[str, str]:
    """Put the query encoder's files on the server; gives name -> SHA-256."""
    files = {}
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        files[path.name] = hashlib.sha256(content).hexdigest()
        cursor.execute(
            "INSERT INTO encoders VALUES (%s, %s, %s, %s) ON CONFLICT (digest, name) "
            "DO UPDATE SET sha256 = excluded.sha256, content = excluded.content",
            (digest, path.name, files[path.name], content),
        )
    return files


def _utilities(cursor: Cursor, meaning: Mapping[str, Any]) -> dict[str, Any]:
    """What the utilities of the products in force rest on (`tools.catalog.utilities`).

    The same figures as there, from the server: the median number of reviews, the weighted mean of
    the ratings, and whether the shop counts reviews at all.
    """
    if meaning["source"] == "transactions":
        return dict(meaning)
    row = cursor.execute(
        "SELECT count(reviews), count(*) FILTER (WHERE rating > 0), "
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY reviews) FROM products WHERE died IS NULL"
    ).fetchone()
    assert row is not None
    counted, rated, median = int(row[0]), int(row[1]), float(row[2] or 0.0)
    if not counted and not rated:
        return {
            "source": "equal",
            "formula": "u = 0 for every item: neither transactions nor ratings are known",
        }
    prior = max(median, 1.0)
    mean = 1.0
    if rated:
        row = cursor.execute(
            "SELECT sum(rating * w) / sum(w) FROM (SELECT rating, "
            "greatest(coalesce(reviews, %s::float8), 1e-9) AS w FROM products "
            "WHERE died IS NULL AND rating > 0) r",
            (prior,),
        ).fetchone()
        assert row is not None
        mean = float(row[0])
    return {
        "source": "ratings",
        "formula": "u = 0.236 ln((1+n)/(1+median n)) + 0.417 ln(r/mean r), r a Bayesian average "
        "(elasticities: You, Vadakkepatt and Joshi 2015)",
        "median_reviews": median,
        "mean_rating": round(mean, 4) if rated else None,
        "median": median,
        "prior": prior,
        "mean": mean,
        "counted": bool(counted),
    }


def attribute_summaries(cursor: Cursor) -> dict[str, AttributeSummary]:
    """What is known of the attributes of the products in force (`store.ProductWriter`)."""
    source = "FROM attributes a JOIN products p ON p.attrs = a.attrs WHERE p.died IS NULL "
    counts = cursor.execute(
        f"SELECT a.name, count(DISTINCT p.key) AS n {source} GROUP BY a.name "
        'ORDER BY n DESC, a.name COLLATE "C" LIMIT %s',
        (_MAX_ATTRIBUTES,),
    ).fetchall()
    found = {}
    for name, count in counts:
        values = cursor.execute(
            f"SELECT a.text, count(*) AS n {source} AND a.name = %s AND a.text IS NOT NULL "
            'GROUP BY a.text ORDER BY n DESC, a.text COLLATE "C" LIMIT 200',
            (name,),
        ).fetchall()
        shown = tuple(ValueCount(value=v, count=n) for v, n in values)
        row = cursor.execute(
            f"SELECT a.unit, a.kind, count(*) AS n {source} AND a.name = %s AND a.text IS NULL "
            'GROUP BY a.unit, a.kind ORDER BY n DESC, a.unit COLLATE "C" LIMIT 1',
            (name,),
        ).fetchone()
        if row is None:
            found[name] = AttributeSummary(name=name, count=count, values=shown)
            continue
        unit, kind, _ = row
        ends = cursor.execute(
            f"SELECT min(a.number), max(a.number) {source} AND a.name = %s AND a.kind = %s",
            (name, kind),
        ).fetchone()
        assert ends is not None
        factor = to_base(unit)[1]
        found[name] = AttributeSummary(
            name=name, count=count, values=shown, lower=ends[0] / factor, upper=ends[1] / factor,
            unit=unit,
        )  # fmt: skip
    return found


def _put_in_force(
    cursor: Cursor, number: int, manifest: Mapping[str, Any], vocabulary: Vocabulary
) -> str:
    words = json.dumps(vocabulary.to_json(), ensure_ascii=True)
    sealed = seal(
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


def _sweep(cursor: Cursor) -> None:
    """Delete what no version of the last hour shows."""
    row = cursor.execute(
        "SELECT max(version) FROM versions WHERE made < now() - make_interval(secs => %s)",
        (KEPT_SECONDS,),
    ).fetchone()
    if row is None or row[0] is None:
        return
    oldest = row[0]  # In force when the hour began, so it stays.
    cursor.execute("DELETE FROM versions WHERE version < %s", (oldest,))
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


def _analyze(address: Address) -> None:
    """Tell the server's planner what is in the tables now, and which pages all readers see."""
    with connect(address, read_only=False) as connection:
        connection.autocommit = True
        for table in ("products", "texts", "postings", "attributes"):
            connection.execute(f"VACUUM (ANALYZE) {table}")
