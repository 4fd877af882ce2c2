"""Vectors of product texts: the encoder made ready once, every text encoded once.

What was computed lies under `HOME/encoders/<digest>/`: the exported query encoder and a cache from
text (by content hash) to vector, so that a second catalogue with the same texts encodes nothing
and a build that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tools.catalog.ivf import FLAT_ROWS, build_index
from tools.catalog.vector_file import VectorFile, VectorWriter
from tools.domain import Product
from tools.errors import CatalogError
from tools.text import (
    HASHING,
    PINNED_PACKAGE,
    HashingEncoder,
    OnnxEncoder,
    Progress,
    QueryEncoder,
    SentenceEncoder,
    TextEncoder,
    Vectors,
    model_digest,
    model_folder,
    open_query_encoder,
    plain_text,
    write_query_encoder,
)

Engine = Literal["full", "int8"]
_CHUNK = 2048
# Queries that the index of a large catalogue is tuned on.
_QUERIES = 256


def default_home() -> Path:
    """`INTERAREC_HOME`, else `.interarec` in the working folder."""
    return Path(os.environ.get("INTERAREC_HOME") or ".interarec")


def product_text(product: Product) -> str:
    """What is encoded of a product: its title, then what the title does not already say."""
    parts = [product.title]
    said = product.title.casefold()
    extra = [product.brand, *product.categories[-2:], *product.colors[:3]]
    for part in extra:
        if part and part.casefold() not in said:
            parts.append(part)
            said += " " + part.casefold()
    return plain_text(". ".join(parts))


def text_hash(text: str) -> bytes:
    """The key of a text in the cache: 16 bytes of BLAKE2b."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


class VectorCache:
    """Text hash -> unit vector, in SQLite; what was added survives a crash from the next commit.

    Args:
        path: the database; made when missing.
        dimension: length of every vector.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._dimension = dimension
        self._db = sqlite3.connect(path, timeout=60)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS vectors (hash BLOB NOT NULL UNIQUE, vector BLOB NOT NULL)"
        )

    def read(self, hashes: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors that are there; a damaged entry counts as absent."""
        found: dict[bytes, Vectors] = {}
        for start in range(0, len(hashes), 500):
            part = hashes[start : start + 500]
            marks = ",".join("?" * len(part))
            query = f"SELECT hash, vector FROM vectors WHERE hash IN ({marks})"
            for key, blob in self._db.execute(query, part):
                if len(blob) == 4 * self._dimension:
                    found[key] = np.frombuffer(blob, np.float32)
        return found

    def write(self, hashes: Iterable[bytes], vectors: Vectors) -> None:
        """Add vectors and commit."""
        rows = [(key, v.tobytes()) for key, v in zip(hashes, vectors, strict=True)]
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def close(self) -> None:
        """Close the database."""
        self._db.close()


@dataclass
class PreparedEncoder:
    """An encoder for building, with the folder of its query encoder."""

    name: str
    digest: str
    dimension: int
    engine: str
    folder: Path
    """Holds what a query needs, to be copied beside the catalogue."""
    cache_path: Path
    _load: Callable[[], TextEncoder] = field(repr=False)
    text_prefix: str = ""
    """What the model wants before the texts of products."""
    _loaded: TextEncoder | None = field(default=None, repr=False)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors; the model is loaded at the first call."""
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded.encode(texts)


def query_folder(home: Path, digest: str) -> Path:
    """Where the query encoder of that digest lies under HOME once it was made ready."""
    return home / "encoders" / digest[:16] / "query"


def prepare_encoder(
    model: str | Path | None,
    home: Path,
    engine: Engine = "full",
    query_prefix: str = "",
    text_prefix: str = "",
) -> PreparedEncoder:
    """Make an encoder ready for building: find the model and export its query side, once.

    Args:
        model: name or path for sentence-transformers, `hashing` for the one that needs no model,
            None for all-MiniLM-L6-v2.
        home: where exports and caches are kept.
        engine: what encodes the catalogue: the full model or its int8 export.
        query_prefix: what the model wants before queries.
        text_prefix: what it wants before texts.

    Raises:
        CatalogError: the model cannot be had or its files are not safe to load.
        MissingExtra: a part that is needed is not installed.
    """
    if str(model) == HASHING:
        encoder = HashingEncoder()
        place = home / "encoders" / f"{HASHING}-{encoder.digest[:16]}"
        query = place / "query"
        if not query.exists():
            query.mkdir(parents=True)
            encoder.save(query)
        cache = place / "vectors.sqlite"
        return PreparedEncoder(
            HASHING, encoder.digest, encoder.dimension, HASHING, query, cache, lambda: encoder
        )
    source = model_folder(model)
    prefixes = f"{query_prefix}\0{text_prefix}"
    digest = hashlib.sha256(f"{model_digest(source)} {prefixes}".encode()).hexdigest()
    query = query_folder(home, digest)
    place = query.parent
    held: list[SentenceEncoder] = []

    def full() -> SentenceEncoder:
        if not held:
            held.append(SentenceEncoder(model, text_prefix))
        return held[0]

    if not query.exists():
        write_query_encoder(full(), query, query_prefix)
    exported = OnnxEncoder(query)
    return PreparedEncoder(
        exported.name,
        digest,
        exported.dimension,
        engine,
        query,
        place / f"vectors-{engine}.sqlite",
        full if engine == "full" else lambda: _Int8(exported, text_prefix),
        text_prefix,
    )


def ready_encoder(home: Path | None = None) -> QueryEncoder | None:
    """The query encoder of all-MiniLM-L6-v2, exported once; None where the model is not installed.

    Args:
        home: where it is kept; none: `default_home`.
    """
    if find_spec(PINNED_PACKAGE) is None or find_spec("sentence_transformers") is None:
        return None
    return open_query_encoder(prepare_encoder(None, home or default_home()).folder)


class _Int8:
    """The exported encoder with the prefix that texts want."""

    def __init__(self, encoder: OnnxEncoder, prefix: str) -> None:
        self.name, self.dimension = encoder.name, encoder.dimension
        self._encoder, self._prefix = encoder, prefix

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._encoder.encode([self._prefix + t for t in texts], progress)


def vectors_of(
    hashes: Sequence[bytes],
    texts: Callable[[Sequence[bytes]], dict[bytes, str]],
    encoder: PreparedEncoder,
    cache: VectorCache,
) -> tuple[dict[bytes, Vectors], int]:
    """The vectors of some texts, from the cache where they are there, else encoded and kept.

    Args:
        hashes: of the texts.
        texts: hashes -> their texts, asked only for what the cache lacks.
        encoder: from `prepare_encoder`.
        cache: the encoder's.

    Returns:
        Hash -> unit vector, and how many were encoded.

    Raises:
        CatalogError: the encoder gave values that are no numbers.
    """
    distinct = list(dict.fromkeys(hashes))
    known = cache.read(distinct)
    missing = [key for key in distinct if key not in known]
    if missing:
        wanted = texts(missing)
        vectors = encoder.encode([wanted[key] for key in missing])
        if not np.isfinite(vectors).all():
            raise CatalogError(f"the encoder {encoder.name!r} gave infinite or NaN values")
        cache.write(missing, vectors)
        known.update(zip(missing, vectors, strict=True))
    return known, len(missing)


def embed(
    texts: Callable[[Sequence[bytes]], dict[bytes, str]],
    hashes: Sequence[bytes],
    out: Path,
    encoder: PreparedEncoder,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the vectors of all rows as a float32 .npy of shape (rows, dimension).

    Args:
        texts: hashes -> their texts, asked only for what the cache lacks.
        hashes: one per row, in row order.
        out: the .npy to write.
        encoder: from `prepare_encoder`.
        progress: called with numbers of rows done.

    Returns:
        How many texts were encoded; the rest came from the cache.
    """
    cache = VectorCache(encoder.cache_path, encoder.dimension)
    encoded = 0
    try:
        with VectorWriter(out, len(hashes), encoder.dimension) as writer:
            for start in range(0, len(hashes), _CHUNK):
                part = hashes[start : start + _CHUNK]
                known, now = vectors_of(part, texts, encoder, cache)
                encoded += now
                writer.write(np.array([known[key] for key in part], np.float32))
                if progress:
                    progress(len(part))
    finally:
        cache.close()
    return encoded


def index_vectors(
    embeddings: Path,
    out: Path,
    texts: Callable[[Sequence[int]], Sequence[str]],
    encoder: Path,
) -> dict[str, Any]:
    """Index the vectors of a catalogue, where there are so many that it needs an index.

    Args:
        embeddings: what `embed` wrote.
        out: the index to write.
        texts: rows -> their texts, asked for a few hundred.
        encoder: folder of the query encoder, for the queries that the index has to answer well.

    Returns:
        The manifest's `index` entry.
    """
    vectors = VectorFile(embeddings)
    if vectors.rows <= FLAT_ROWS:
        return {"kind": "flat"}
    return build_index(vectors, out, tuning_queries(vectors.rows, texts, encoder, _QUERIES))


def tuning_queries(
    rows: int, texts: Callable[[Sequence[int]], Sequence[str]], encoder: Path, count: int
) -> Vectors:
    """Vectors of queries such as will be asked: some words of a catalogue's own texts.

    Args:
        rows: of the catalogue.
        texts: rows -> their texts.
        encoder: folder of the query encoder.
        count: how many.

    Returns:
        Shape (count, d).
    """
    from tools.text import open_query_encoder

    draw = random.Random(0)
    queries = []
    for text in texts(sorted(draw.sample(range(rows), count))):
        words = text.split() or ["?"]
        kept = max(1, round(len(words) * draw.uniform(1 / 3, 0.6)))
        queries.append(" ".join(draw.sample(words, kept)))
    ask = open_query_encoder(encoder)
    return np.stack([ask(query) for query in queries])


def agreement(texts: Sequence[str], vectors: Vectors, encoder: PreparedEncoder) -> dict[str, float]:
    """How near the query encoder comes to the vectors that were stored: cosine, mean and least.

    Args:
        texts: a sample of the encoded texts.
        vectors: their stored vectors.
        encoder: whose query side is compared.
    """
    from tools.text import open_query_encoder

    ask = open_query_encoder(encoder.folder).encoder
    again = ask.encode([encoder.text_prefix + text for text in texts])
    cosines = np.einsum("ij,ij->i", again, vectors)
    return {
        "texts": len(texts),
        "mean_cosine": round(float(cosines.mean()), 5),
        "min_cosine": round(float(cosines.min()), 5),
    }


def encode_like(
    described: Mapping[str, Any], hashes: Sequence[bytes], texts: Mapping[bytes, str], home: Path
) -> tuple[dict[bytes, Vectors], int]:
    """Vectors of more texts by the encoder that a catalogue was built with.

    Args:
        described: the `encoder` entry of its manifest.
        hashes: of the texts.
        texts: hash -> text.
        home: where encoders and their caches are kept.

    Returns:
        Hash -> unit vector, and how many were encoded now.

    Raises:
        CatalogError: the model is not the one that it was.
    """
    engine: Engine = "int8" if described["engine"] == "int8" else "full"
    prepared = prepare_encoder(
        described["source"], home, engine, described["query_prefix"], described["text_prefix"]
    )
    if prepared.digest != described["digest"]:
        raise CatalogError(
            f"the encoder {described['name']!r} has changed since the catalogue was built; "
            "build it again"
        )
    cache = VectorCache(prepared.cache_path, prepared.dimension)
    try:
        return vectors_of(hashes, lambda keys: {k: texts[k] for k in keys}, prepared, cache)
    finally:
        cache.close()
