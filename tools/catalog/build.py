"""From a shop's file to a catalogue: survey, parse, quarantine, encode, write, switch."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog import arrays, layout, store
from tools.catalog.build_report import BuildReport
from tools.catalog.embedding import (
    Engine,
    PreparedEncoder,
    agreement,
    default_home,
    embed,
    index_vectors,
    prepare_encoder,
    product_text,
)
from tools.catalog.ivf import INDEX
from tools.catalog.lexical import LEXICON_FILES, LexiconWriter, save_lexicon
from tools.catalog.parse import RowParser, reason_kind
from tools.catalog.rows import BadRow
from tools.catalog.source import open_source
from tools.catalog.survey import Survey, catalog_currency, survey
from tools.catalog.synonyms import read_synonyms
from tools.catalog.utilities import utilities_from_ratings
from tools.catalog.values import Unusable
from tools.catalog.variants import fold_variants
from tools.catalog.vector_file import VectorFile
from tools.catalog.vectors import EMBEDDINGS
from tools.catalog.vocabulary import Vocabulary
from tools.domain import Product
from tools.errors import CatalogError
from tools.text import copy_query_encoder

FitUtilities = Callable[[Path, tuple[str, ...]], tuple[NDArray[np.float64], dict[str, Any]]]
"""(transactions, ids in row order) -> (u_i per row, what to say about the fit)."""

_SAMPLE = 128


def build_catalog(
    source: Path,
    out: Path,
    *,
    encoder: str | Path | None = None,
    transactions: Path | None = None,
    currency: str | None = None,
    name: str | None = None,
    progress: bool = True,
    fit_utilities: FitUtilities | None = None,
    columns: Mapping[str, str | None] | None = None,
    where: Mapping[str, str] | None = None,
    engine: Engine = "full",
    query_prefix: str = "",
    text_prefix: str = "",
    synonyms: Path | None = None,
    home: Path | None = None,
    workers: int = 0,
    cluster: str | None = None,
) -> BuildReport:
    """Make a catalogue of a shop's file; a catalogue that stands there is replaced in one step.

    Args:
        source: CSV, TSV, JSON Lines, JSON or XML feed (each plain or gzip), or Parquet.
        out: the catalogue's folder.
        encoder: sentence-transformers model by name or path, or "hashing" for the one that needs
            no model; None for all-MiniLM-L6-v2.
        transactions: the shop's transactions, handed to `fit_utilities`.
        currency: ISO 4217; else the most frequent one in the file.
        name: what the catalogue is called; else the file's name.
        progress: show progress bars on stderr.
        fit_utilities: fits u_i to the transactions; without it, u_i comes from ratings.
        columns: field -> column of the file where the guess by name is wrong; None for a field
            that is not to be taken from the file.
        where: column -> value; only rows that say so are taken.
        engine: whether the catalogue is encoded by the full model or by its int8 export.
        query_prefix: what the model wants before queries ("query: ").
        text_prefix: what it wants before texts ("passage: ").
        synonyms: a text file of the shop's own synonyms (`read_synonyms`).
        home: where encoders and their caches are kept; else `INTERAREC_HOME`.
        workers: encode in this many processes over Ray; 0 for none.
        cluster: address of a Ray cluster for them; None starts one on this machine.

    Returns:
        What was done.

    Raises:
        CatalogError: nothing usable came of it; a catalogue that was there stays in force.
        MissingExtra: a part that encoding needs is not installed.
    """
    start = time.perf_counter()
    source, out = Path(source), Path(out)
    if transactions is not None and not Path(transactions).is_file():
        raise CatalogError(f"there is no file {transactions}")
    if transactions is not None and fit_utilities is None:
        raise CatalogError("transactions were given, but nothing to fit utilities with")
    found = survey(open_source(source, where), columns)
    currency, warnings = catalog_currency(found, currency)
    if not found.priced:
        warnings.append(
            "the file has no prices: the catalogue can be searched and ranked, not optimised"
        )
    prepared = prepare_encoder(encoder, home or default_home(), engine, query_prefix, text_prefix)
    job = _Job(
        source=source,
        out=out,
        name=name or source.name.partition(".")[0] or "catalogue",
        survey=found,
        currency=currency,
        encoder=prepared,
        model=None if encoder is None else str(encoder),
        prefixes=(query_prefix, text_prefix),
        synonyms=[] if synonyms is None else read_synonyms(Path(synonyms)),
        transactions=None if transactions is None else Path(transactions),
        fit_utilities=fit_utilities,
        progress=progress,
        warnings=warnings,
        start=start,
    )
    with ExitStack() as held, layout.writing(out):
        if workers:
            from tools.catalog.ray_encode import EncoderSpec, Workers, with_workers

            spec = EncoderSpec(
                None if encoder is None else str(encoder), engine, query_prefix, text_prefix,
                str((home or default_home()).resolve()), prepared.digest,
            )  # fmt: skip
            crew = held.enter_context(Workers(spec, workers, cluster))
            job.encoder = with_workers(prepared, crew)
        folder = layout.new_version_folder(out)
        try:
            return job.run(folder)
        except BaseException:
            # Whatever went wrong, the half-made version must not stay; the error goes on its way.
            if folder.name not in layout.named_folders(out):
                shutil.rmtree(folder, ignore_errors=True)
            raise


@dataclass
class _Job:
    source: Path
    out: Path
    name: str
    survey: Survey
    currency: str | None
    encoder: PreparedEncoder
    model: str | None
    prefixes: tuple[str, str]
    synonyms: list[list[str]]
    transactions: Path | None
    fit_utilities: FitUtilities | None
    progress: bool
    warnings: list[str]
    start: float
    ids: dict[str, int] = field(default_factory=dict)
    folded: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def run(self, folder: Path) -> BuildReport:
        """Write the version into an empty folder and put it in force."""
        found, prepared = self.survey, self.encoder
        parser = RowParser(found.mapping, found.source.columns, self.currency, found.priced)
        gathered, lexicon = arrays.ColumnWriter(), LexiconWriter()
        writer = store.ProductWriter(folder / store.PRODUCTS)
        try:
            self._read(parser, gathered, lexicon, writer, folder / layout.QUARANTINE)
            writer.finish()
            attributes = writer.attributes()
            hashes = writer.hashes()
            with _bar(self.progress, len(hashes), "encoding") as tick:
                encoded = embed(writer.texts, hashes, folder / EMBEDDINGS, prepared, tick)
            agreed = _agreement(writer, hashes, folder / EMBEDDINGS, prepared)
            index = index_vectors(
                folder / EMBEDDINGS, folder / INDEX, writer.texts_of, prepared.folder
            )
        finally:
            writer.close()
        utility, meaning = self._utilities(gathered)
        save_lexicon(lexicon.words, lexicon.rows(), folder)
        del lexicon
        arrays.save_columns(gathered.columns(utility), folder / store.COLUMNS)
        store.save_vocabulary(
            Vocabulary(gathered.counts(), attributes, self.synonyms), folder / store.VOCABULARY
        )
        beside = f"encoder-{prepared.digest[:16]}"
        copy_query_encoder(prepared.folder, self.out / beside)
        bad = sum(self.reasons.values())
        if bad:
            self.warnings.append(f"{bad} of {found.rows} rows were not usable and are quarantined")
        quarantine = _place_quarantine(folder / layout.QUARANTINE, self.out, bad)
        files = [f"{folder.name}/{n}" for n in _VERSION_FILES]
        files += [f"{folder.name}/{INDEX}"] if (folder / INDEX).exists() else []
        files += [f"{beside}/{p.name}" for p in sorted(prepared.folder.iterdir())]
        manifest = layout.publish(
            self.out,
            {
                "name": self.name,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "rows": gathered.rows,
                "priced": found.priced,
                "currency": self.currency,
                "dimension": prepared.dimension,
                "metric": "cosine",
                "index": index,
                "encoder": {
                    "name": prepared.name,
                    "digest": prepared.digest,
                    "engine": prepared.engine,
                    "source": self.model,
                    "query_prefix": self.prefixes[0],
                    "text_prefix": self.prefixes[1],
                    "folder": beside,
                    "agreement": agreed,
                },
                "utilities": meaning,
                "source": {"file": self.source.name, "rows": found.rows, "quarantined": bad},
                "files": layout.describe_files(self.out, files),
            },
        )
        return BuildReport(
            name=self.name,
            catalog=self.out,
            format=found.source.dialect,
            rows=found.rows,
            kept=gathered.rows,
            folded=self.folded,
            skipped=found.source.skipped,
            quarantined=bad,
            reasons=dict(self.reasons.most_common()),
            quarantine_path=quarantine,
            currency=self.currency,
            priced=found.priced,
            mapping=found.mapping,
            attribute_columns=tuple(parser.extra),
            encoder=prepared.name,
            alike=len(hashes) - len(set(hashes)),
            encoded=encoded,
            agreement=agreed,
            utility_source=str(meaning["source"]),
            version=str(manifest["version"]),
            seconds=round(time.perf_counter() - self.start, 3),
            warnings=tuple(self.warnings),
        )

    def _read(
        self,
        parser: RowParser,
        gathered: arrays.ColumnWriter,
        lexicon: LexiconWriter,
        writer: store.ProductWriter,
        quarantine: Path,
    ) -> None:
        with (
            quarantine.open("w", encoding="utf-8") as refused,
            _bar(self.progress, self.survey.rows, "reading") as tick,
        ):
            for outcome, rows in _products(self.survey, parser, self.ids):
                self.folded += rows - 1
                if isinstance(outcome, Product):
                    gathered.add(outcome)
                    lexicon.add(product_text(outcome), outcome.title)
                    writer.add(outcome)
                else:
                    self.reasons[reason_kind(outcome["reason"])] += 1
                    refused.write(json.dumps(outcome, ensure_ascii=True) + "\n")
                tick(rows)
        if not gathered.rows:
            common = "; ".join(f"{r} ({n})" for r, n in self.reasons.most_common(3))
            raise CatalogError(f"{self.source} has no usable product: {common}")

    def _utilities(
        self, gathered: arrays.ColumnWriter
    ) -> tuple[NDArray[np.float64], dict[str, Any]]:
        if self.transactions is None or self.fit_utilities is None:
            plain = gathered.columns()
            return utilities_from_ratings(plain.rating, plain.reviews)
        fitted, meaning = self.fit_utilities(self.transactions, tuple(self.ids))
        utility = np.asarray(fitted, np.float64)
        if utility.shape != (gathered.rows,) or np.isnan(utility).any() or (utility > 700).any():
            raise CatalogError("the fit to the transactions gave no usable utilities")
        return utility, {**meaning, "source": "transactions"}


_VERSION_FILES = (
    store.PRODUCTS, store.COLUMNS, store.VOCABULARY, EMBEDDINGS, *LEXICON_FILES
)  # fmt: skip


def _products(
    found: Survey, parser: RowParser, ids: dict[str, int]
) -> Iterator[tuple[Product | dict[str, Any], int]]:
    """Products, and for every other row its quarantine entry, each with its number of rows.

    `ids` (id -> line) fills up in row order.
    """
    for count, (row, rows) in enumerate(fold_variants(found.source.rows(), found.mapping)):
        if isinstance(row, BadRow):
            yield {"line": row.line, "reason": row.reason}, rows
            continue
        try:
            product = parser(row.fields, str(count + 1))
            if product.id in ids:
                raise Unusable(f"duplicate id {product.id!r}, first on line {ids[product.id]}")
        except Unusable as unusable:
            shown = {str(k)[:80]: str(v)[:500] for k, v in list(row.fields.items())[:50]}
            yield {"line": row.line, "reason": str(unusable), "row": shown}, rows
            continue
        ids[product.id] = row.line
        yield product, rows


def _place_quarantine(written: Path, out: Path, bad: int) -> Path | None:
    target = out / layout.QUARANTINE
    if bad:
        written.replace(target)
        return target
    written.unlink()
    target.unlink(missing_ok=True)
    return None


def _agreement(
    writer: store.ProductWriter, hashes: list[bytes], path: Path, prepared: PreparedEncoder
) -> dict[str, float]:
    rows = np.unique(np.linspace(0, len(hashes) - 1, min(_SAMPLE, len(hashes))).astype(int))
    texts = writer.texts([hashes[r] for r in rows])
    vectors = VectorFile(path).take(rows)
    return agreement([texts[hashes[r]] for r in rows], vectors, prepared)


@contextmanager
def _bar(show: bool, total: int, what: str) -> Iterator[Callable[[int], None]]:
    if not show:
        yield lambda _count: None
        return
    from tqdm import tqdm

    with tqdm(
        total=total, desc=what, unit=" products", leave=False, delay=0.5, disable=None
    ) as bar:

        def tick(count: int) -> None:
            bar.update(count)

        yield tick
