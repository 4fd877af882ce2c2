"""Building a catalogue on a Postgres server: made here, copied there in one transaction."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog import layout
from tools.catalog.build import build_catalog
from tools.catalog.build_report import BuildReport
from tools.catalog.catalog import Catalog
from tools.catalog.embedding import default_home, product_text, text_hash
from tools.catalog.postgres_encoder import store_encoder
from tools.catalog.postgres_index import make_index
from tools.catalog.postgres_schema import Address, Writer, make_indexes, make_tables
from tools.catalog.postgres_server import connect, know_vectors
from tools.catalog.postgres_summaries import utility_meaning
from tools.catalog.postgres_write import next_number, put_in_force, sweep, text_length, writing
from tools.domain import Product

_BATCH = 2000


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
    # One folder a server and shop: another build of the same one is refused, not mixed with it.
    where = hashlib.sha256(str(address).encode()).hexdigest()[:8]
    staging = home / "postgres" / f"{address.shop}-{where}"
    staging.parent.mkdir(parents=True, exist_ok=True)
    with layout.locked(staging.with_suffix(".lock"), address):
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
    with writing(address) as connection:
        make_tables(connection, address)
        know_vectors(connection)
        cursor = connection.cursor()
        number = next_number(cursor)
        cursor.execute("UPDATE products SET died = %s WHERE died IS NULL", (number,))
        files = store_encoder(cursor, local.folder / described["folder"], described["digest"])
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
            words += sum(text_length(p) for p in products)
        make_indexes(connection)
        index = make_index(cursor, local)
        manifest = {
            key: local.manifest[key]
            for key in ("name", "created", "rows", "priced", "currency", "dimension", "metric",
                        "source")
        } | {
            "encoder": {k: v for k, v in described.items() if k != "folder"} | {"files": files},
            "index": index,
            "words": words,
            "utilities": utility_meaning(cursor, local.utility_meta),
        }  # fmt: skip
        version = put_in_force(cursor, number, manifest, local.vocabulary())
        sweep(cursor)
    _analyze(address)
    return version


def _hashes(products: Sequence[Product]) -> list[bytes]:
    return [text_hash(product_text(p)) for p in products]


def _put_texts(
    writer: Writer, products: Sequence[Product], vectors: Mapping[bytes, NDArray[np.float32]]
) -> dict[bytes, int]:
    texts = {text_hash(t): t for t in map(product_text, products)}
    known = writer.known_texts(list(texts))
    missing = [key for key in texts if key not in known]
    made = writer.add_texts([texts[k] for k in missing], [vectors[k] for k in missing])
    return known | made


def _analyze(address: Address) -> None:
    """Tell the server's planner what is in the tables now, and which pages all readers see."""
    with connect(address, read_only=False) as connection:
        connection.autocommit = True
        for table in ("products", "texts", "postings", "attributes"):
            connection.execute(f"VACUUM (ANALYZE) {table}")
