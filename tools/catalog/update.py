"""Changing a catalogue without building it anew: upserts and deletions, in one step."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from tools.catalog import arrays, layout, store
from tools.catalog.catalog import Catalog
from tools.catalog.changes import Asked, Changes, Find, UpdateReport
from tools.catalog.embedding import (
    default_home,
    encode_like,
    index_vectors,
    product_text,
    text_hash,
)
from tools.catalog.ivf import INDEX
from tools.catalog.lexical import LEXICON_FILES, LexiconWriter, save_lexicon
from tools.catalog.utilities import utilities_from_ratings
from tools.catalog.vectors import EMBEDDINGS, PATCH, SLOTS
from tools.catalog.vocabulary import FIELDS, Vocabulary
from tools.domain import Product
from tools.errors import CatalogError


def update_catalog(
    folder: Path, *, home: Path | None = None, **asked: Unpack[Asked]
) -> UpdateReport:
    """Change a catalogue and put the outcome in force in one step; readers are undisturbed.

    A row of `upsert` whose id is known changes what the file has columns for and leaves the rest,
    so a file of ids, prices and stock is enough to change those. Only products whose text changed
    are encoded. Deletions come first: an id in both is replaced as a whole.

    Args:
        folder: the catalogue.
        home: where encoders and their caches are kept; else `INTERAREC_HOME`.
        asked: `upsert` (a file), `products`, `delete` (ids), and how the file is read: see `Asked`.

    Returns:
        What was done; nothing is written when nothing changes.

    Raises:
        CatalogError: the catalogue or the file cannot be used, or nothing would be left.
    """
    start = time.perf_counter()
    folder = Path(folder)
    layout.read_manifest(folder, verify=False)
    with layout.writing(folder), Catalog.open(folder) as old:
        changes = Changes.of(_finder(old), old.currency, old.priced, **asked)
        return _Update(old, home or default_home(), changes).write(start)


def _finder(catalog: Catalog) -> Find:
    def find(ids: Sequence[str]) -> dict[str, Product]:
        rows = catalog.known_rows(ids)
        return dict(zip(rows, catalog.products(list(rows.values())), strict=True))

    return find


class _Update:
    """The changes to one catalogue, written as its next version."""

    def __init__(self, old: Catalog, home: Path, changes: Changes) -> None:
        self.old = old
        self.home = home
        self.changes = changes
        self.rows = old.known_rows([*changes.deleted, *changes.changed])
        self.before = {i: (self.rows[i], before) for i, (before, _) in changes.changed.items()}
        """Id -> row and product as they were, for what is changed."""
        self.deleted = {i: self.rows[i] for i in changes.deleted}

    def write(self, start: float) -> UpdateReport:
        """Write the next version and put it in force."""
        old = self.old
        changed = {i: after for i, (_, after) in self.changes.changed.items()}
        added = self.changes.added
        rows = len(old) - len(self.deleted) + len(added)
        if rows <= 0:
            raise CatalogError("the update would leave the catalogue empty")
        version, encoded = old.version, 0
        if changed or added or self.deleted:
            version, encoded = self._publish(changed, added)
        if self.changes.refused:
            text = "".join(json.dumps(entry) + "\n" for entry in self.changes.refused)
            (old.folder / layout.QUARANTINE).write_text(text, "utf-8")
        return self.changes.report(
            catalog=old.folder,
            rows=rows,
            encoded=encoded,
            version=version,
            seconds=time.perf_counter() - start,
        )

    def _publish(self, changed: dict[str, Product], added: list[Product]) -> tuple[str, int]:
        old = self.old
        folder = layout.new_version_folder(old.folder)
        try:
            files, rest, encoded = self._write_files(folder, changed, added)
            manifest = layout.publish(old.folder, {**old.manifest, **rest, "files": files})
        except BaseException:
            # Whatever went wrong, the half-made version must not stay; the error goes on its way.
            if folder.name not in layout.named_folders(old.folder):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        return str(manifest["version"]), encoded

    def _write_files(
        self, folder: Path, changed: dict[str, Product], added: list[Product]
    ) -> tuple[dict[str, Any], dict[str, Any], int]:
        """The new version's files, what else changes in the manifest, and texts encoded."""
        old = self.old
        shutil.copyfile(old.path_of(store.PRODUCTS), folder / store.PRODUCTS)
        delta = [*changed.values(), *added]
        writer = store.ProductWriter(folder / store.PRODUCTS)
        try:
            origin = self._apply(writer, changed, added)
            writer.finish()
            touched = bool(self.deleted) or any(
                p.attributes != (self.before[p.id][1].attributes if p.id in self.before else {})
                for p in delta
            )
            vocabulary = old.vocabulary()
            attributes = writer.attributes() if touched else vocabulary.attributes
        finally:
            writer.close()
        gathered = arrays.ColumnWriter({f: vocabulary.values(f) for f in FIELDS})
        for product in delta:
            gathered.add(product)
        columns = old.columns.followed_by(gathered.columns()).take(origin)
        utility, meaning = self._utilities(columns, origin, changed)
        columns = replace(columns, utility=utility)
        arrays.save_columns(columns, folder / store.COLUMNS)
        counts = {
            f: list(
                zip(
                    gathered.names[f],
                    columns.members[f].counts(len(gathered.names[f])).tolist(),
                    strict=True,
                )
            )
            for f in FIELDS
        }
        store.save_vocabulary(
            Vocabulary(counts, attributes, vocabulary.synonyms), folder / store.VOCABULARY
        )
        made = [store.PRODUCTS, store.COLUMNS, store.VOCABULARY]
        index, encoded = old.manifest["index"], 0
        written = self._embed(folder, origin, delta)
        if written is not None:
            # The words change when the vectors do: both follow the text.
            self._index_words(folder, origin, delta)
            vector_files, index, encoded = written
            made += [*vector_files, *LEXICON_FILES]
        gone = {*made, PATCH, SLOTS, INDEX} if EMBEDDINGS in made else set(made)
        kept = {
            name: entry
            for name, entry in old.manifest["files"].items()
            if name.rpartition("/")[2] not in gone
        }
        files = kept | layout.describe_files(old.folder, [f"{folder.name}/{n}" for n in made])
        rest = {
            "rows": len(origin),
            "index": index,
            "utilities": meaning,
            "updated": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        return files, rest, encoded

    def _apply(
        self, writer: store.ProductWriter, changed: dict[str, Product], added: list[Product]
    ) -> NDArray[np.int64]:
        """Write the changes; for every new row its old row, or len(old) + number in the delta."""
        n = len(self.old)
        origin = list(range(n))
        delta = [*changed.values(), *added]
        rows: dict[str, int] = {}
        for number, (product_id, product) in enumerate(changed.items()):
            row, before = self.before[product_id]
            writer.replace(row, before, product)
            origin[row] = n + number
        for product_id, row in self.deleted.items():
            now = rows.pop(product_id, row)
            last = origin[-1]
            moved = delta[last - n] if last >= n else self.old.product(last)
            writer.remove(now, self.old.product(row), moved)
            if now != len(origin) - 1:
                origin[now] = last
                rows[moved.id] = now
            origin.pop()
        for number, product in enumerate(added, start=len(changed)):
            writer.add(product)
            origin.append(n + number)
        return np.array(origin, np.int64)

    def _utilities(
        self, columns: arrays.Columns, origin: NDArray[np.int64], changed: dict[str, Product]
    ) -> tuple[NDArray[np.float64], dict[str, Any]]:
        old = self.old
        if old.utility_source != "transactions":
            return utilities_from_ratings(columns.rating, columns.reviews)
        # A changed product keeps what was fitted to its sales; a new one is given the median.
        known = old.utilities[np.isfinite(old.utilities)]
        middle = float(np.median(known)) if len(known) else 0.0
        delta = np.full(int(origin.max(initial=0)) + 1, middle)
        for number, product_id in enumerate(changed):
            delta[number] = old.utilities[self.before[product_id][0]]
        unfitted = int((origin >= len(old) + len(changed)).sum())
        meaning = dict(old.utility_meta)
        meaning["unfitted"] = int(meaning.get("unfitted", 0)) + unfitted
        return np.concatenate([old.utilities, delta])[origin], meaning

    def _index_words(self, folder: Path, origin: NDArray[np.int64], delta: list[Product]) -> None:
        old = self.old.lexicon
        writer = LexiconWriter(old.words)
        for product in delta:
            writer.add(product_text(product), product.title)
        save_lexicon(writer.words, old.row_words.followed_by(writer.rows()).take(origin), folder)

    def _embed(
        self, folder: Path, origin: NDArray[np.int64], delta: list[Product]
    ) -> tuple[list[str], dict[str, Any], int] | None:
        """Write the vectors: files made, the manifest's `index`, texts encoded.

        None when the old files serve as they are.
        """
        old, n = self.old, len(self.old)
        keys = [text_hash(product_text(p)) for p in delta]
        texts = {key: product_text(p) for key, p in zip(keys, delta, strict=True)}
        source = np.concatenate([np.arange(n), np.full(len(delta), -1)])
        for number, (product, key) in enumerate(zip(delta, keys, strict=True)):
            if product.id in self.before:
                row, before = self.before[product.id]
                if text_hash(product_text(before)) == key:
                    source[n + number] = row
        wanted = source[origin]
        if len(wanted) == n and (wanted == np.arange(n)).all():
            return None
        needed = [keys[origin[row] - n] for row in np.flatnonzero(wanted < 0)]
        encoded = 0
        fresh = np.empty((0, old.vectors.dimension), np.float32)
        if needed:
            vectors, encoded = encode_like(old.manifest["encoder"], needed, texts, self.home)
            fresh = np.stack([vectors[key] for key in needed])
        if old.vectors.patch(wanted, fresh, folder):
            return [PATCH, SLOTS], old.manifest["index"], encoded
        old.vectors.rewrite(wanted, fresh, folder / EMBEDDINGS)

        def texts_of(rows: Sequence[int]) -> list[str]:
            sources = [int(origin[row]) for row in rows]
            return [product_text(delta[s - n] if s >= n else old.product(s)) for s in sources]

        beside = old.folder / old.manifest["encoder"]["folder"]
        index = index_vectors(folder / EMBEDDINGS, folder / INDEX, texts_of, beside)
        made = [EMBEDDINGS, INDEX] if (folder / INDEX).exists() else [EMBEDDINGS]
        return made, index, encoded
