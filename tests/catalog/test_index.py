"""The index of large catalogues, patches of vectors, and search that is exact under any filter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.conftest import make_records, write_jsonl
from tools.catalog import Catalog, build_catalog, ivf, update_catalog
from tools.catalog.embedding import product_text
from tools.catalog.ranking import fused_top
from tools.catalog.search import Mode, fuse
from tools.catalog.vector_file import VectorFile, VectorWriter
from tools.catalog.vectors import EMBEDDINGS, PATCH, SLOTS, VectorTable
from tools.domain import Constraints
from tools.errors import CatalogError

ROWS, DIMENSION = 3000, 32


def unit(draw: np.random.Generator, rows: int, dimension: int = DIMENSION) -> np.ndarray:
    centres = draw.normal(size=(max(1, rows // 30), dimension))
    found = centres[draw.integers(0, len(centres), rows)] + 0.7 * draw.normal(
        size=(rows, dimension)
    )
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> VectorTable:
    folder = tmp_path_factory.mktemp("index")
    draw = np.random.default_rng(3)
    vectors = unit(draw, ROWS)
    with VectorWriter(folder / EMBEDDINGS, ROWS, DIMENSION) as writer:
        writer.write(vectors[:1000])
        writer.write(vectors[1000:])
    queries = vectors[draw.integers(0, ROWS, 100)] + np.float32(0.1) * unit(draw, 100)
    made = ivf.build_index(VectorFile(folder / EMBEDDINGS), folder / ivf.INDEX, queries)
    assert made["recall@10"] >= 0.99
    assert made["probes"] < made["lists"] == 64
    paths = {p.name: p for p in folder.iterdir()}
    return VectorTable.open(paths, ROWS, DIMENSION, made)


def best(vectors: np.ndarray, query: np.ndarray, k: int, mask: np.ndarray) -> set[int]:
    scores = np.where(mask, vectors.astype(np.float64) @ query, -np.inf)
    return set(np.argsort(-scores, kind="stable")[: min(k, int(mask.sum()))].tolist())


def test_the_index_finds_nearly_all_and_says_that_it_is_not_exact(indexed: VectorTable) -> None:
    draw = np.random.default_rng(4)
    vectors, everything = indexed.take(np.arange(ROWS)), np.ones(ROWS, bool)
    hits = 0
    for query in vectors[draw.integers(0, ROWS, 50)] + 0.1 * unit(draw, 50):
        rows, scores, exact = indexed.top(query, 10, approximate=True)
        assert not exact
        assert scores == pytest.approx(vectors[rows] @ query, abs=1e-6)
        hits += len(best(vectors, query, 10, everything) & set(rows.tolist()))
    assert hits >= 0.98 * 500


@pytest.mark.parametrize("share", [0.001, 0.01, 0.04, 0.3, 0.49])
def test_a_selective_mask_is_exact_even_where_the_index_is_allowed(
    indexed: VectorTable, share: float
) -> None:
    draw = np.random.default_rng(int(1000 * share))
    vectors = indexed.take(np.arange(ROWS))
    for query in unit(draw, 10):
        mask = np.zeros(ROWS, bool)
        mask[draw.choice(ROWS, int(share * ROWS), replace=False)] = True
        rows, _, exact = indexed.top(query, 10, mask, approximate=True)
        assert exact
        assert set(rows.tolist()) == best(vectors, query, 10, mask)


def test_what_is_not_allowed_never_comes_from_the_index(indexed: VectorTable) -> None:
    draw = np.random.default_rng(9)
    mask = draw.random(ROWS) < 0.9
    for query in unit(draw, 20):
        rows, _, exact = indexed.top(query, 10, mask, approximate=True)
        assert not exact
        assert mask[rows].all()


@given(seed=st.integers(0, 10**6), words=st.integers(0, 2000), k=st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_hybrid_by_candidates_is_hybrid_over_all(
    indexed: VectorTable, seed: int, words: int, k: int
) -> None:
    draw = np.random.default_rng(seed)
    query = indexed.take(draw.integers(0, ROWS, 1))[0]
    lexical = np.zeros(ROWS, np.float32)
    lexical[draw.choice(ROWS, words, replace=False)] = draw.random(words)
    mask = draw.random(ROWS) < 0.95
    rows, scores, _ = fused_top(indexed, query, lexical, k, mask, approximate=True)
    sure, certain, exact = fused_top(indexed, query, lexical, k, mask)
    assert exact
    assert mask[rows].all()
    assert scores == pytest.approx(fuse(lexical[rows], indexed.take(rows) @ query), abs=1e-5)
    # Only what the index misses may be missing: nothing that it found, and nothing with a word of
    # the query, unless it lies nearer than all that was found.
    near, cosine, _ = indexed.top(query, k, mask, approximate=True)
    missing = np.setdiff1d(sure, rows)
    assert not np.intersect1d(missing, near).size
    held = missing[lexical[missing] > 0]
    assert (indexed.take(held) @ query > cosine[0] + 0.02 - 1e-6).all()
    assert (np.sort(scores) <= np.sort(certain) + 1e-5).all()


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_patches_are_the_vectors_that_they_stand_for(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    draw = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    truth = unit(draw, 60, 8)
    table = VectorTable(truth.copy())
    for _ in range(data.draw(st.integers(1, 4))):
        kept = draw.permutation(len(truth))[: data.draw(st.integers(max(1, len(truth) - 3), 60))]
        source = np.concatenate([np.sort(kept), np.full(data.draw(st.integers(0, 3)), -1)])
        fresh = unit(draw, int((source < 0).sum()), 8) if (source < 0).any() else truth[:0]
        truth = np.concatenate([truth[source[source >= 0]], fresh])
        folder = tmp_path_factory.mktemp("patch")
        if table.patch(source, fresh, folder):
            base = folder / EMBEDDINGS
            np.save(base, table._base)
            paths = {name: folder / name for name in (EMBEDDINGS, PATCH, SLOTS)}
        else:
            table.rewrite(source, fresh, folder / EMBEDDINGS)
            paths = {EMBEDDINGS: folder / EMBEDDINGS}
        table = VectorTable.open(paths, len(source), 8, {"kind": "flat"})
        assert np.array_equal(table.take(np.arange(len(truth))), truth)
    query = unit(draw, 1, 8)[0]
    assert table.products(query) == pytest.approx(truth @ query, abs=1e-6)
    mask = draw.random(len(truth)) < data.draw(st.sampled_from([0.01, 0.5, 1]))
    rows, scores, exact = table.top(query, 7, mask)
    assert exact
    assert set(rows.tolist()) == best(truth, query, 7, mask)
    assert scores == pytest.approx(truth[rows] @ query, abs=1e-6)


def test_a_file_that_is_no_index_is_refused_by_name(tmp_path: Path) -> None:
    for content in (b"", b"not an index" * 50):
        (tmp_path / "index.faiss").write_bytes(content)
        with pytest.raises(CatalogError, match=r"index\.faiss"):
            ivf.IvfIndex.load(tmp_path / "index.faiss", 10, 4, 2)
    for content in (b"", b"\x93NUMPY\x07\x00junk", b"no array at all"):
        (tmp_path / "embeddings.npy").write_bytes(content)
        with pytest.raises(CatalogError, match=r"embeddings\.npy"):
            VectorFile(tmp_path / "embeddings.npy")


@pytest.fixture
def large(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of 400 products that counts as a large one."""
    monkeypatch.setattr("tools.catalog.embedding.FLAT_ROWS", 300)
    source = write_jsonl(tmp_path / "products.jsonl", make_records(400))
    build_catalog(source, tmp_path / "large", encoder="hashing", home=home, progress=False)
    return tmp_path / "large"


def test_a_large_catalogue_says_how_it_was_searched(large: Path) -> None:
    with Catalog.open(large) as catalog:
        assert catalog.manifest["index"]["kind"] == "ivf-sq8"
        assert catalog.manifest["index"]["recall@10"] >= 0.98
        modes: tuple[Mode, ...] = ("hybrid", "dense")
        for mode in modes:
            found = catalog.search("navy running shoe", k=5, mode=mode)
            sure = catalog.search("navy running shoe", k=5, mode=mode, exact=True)
            assert (found.exact, sure.exact) == (False, True)
            assert len({h.id for h in found.hits} & {h.id for h in sure.hits}) >= 4
        assert not catalog.more_like("item-3", k=3).exact
        assert catalog.more_like("item-3", k=3, exact=True).exact
        # Under a filter it is exact, even under one that lets everything through.
        for limits in ({"price_upper": 10**6, "currency": "GBP"}, {"colors": ["red"]}):
            assert catalog.search("shoe", Constraints.of("said", **limits), k=5).exact
        assert catalog.search("shoe", within=list(catalog.ids), k=5).exact
        assert catalog.search("shoe", mode="lexical").exact


def test_updates_patch_and_then_rewrite_a_large_catalogue(large: Path, home: Path) -> None:
    with Catalog.open(large) as old:
        products = old.get(["item-1", "item-2"])
        whole = old.path_of(EMBEDDINGS)
    fresh = [p.model_copy(update={"title": f"violet {p.title}"}) for p in products]
    update_catalog(large, products=fresh, delete=["item-7"], home=home)
    with Catalog.open(large) as patched:
        assert patched.path_of(EMBEDDINGS) == whole, "the vectors were not written again"
        assert patched.vectors.patched == 2
        agrees(patched)
        assert patched.search("violet", k=2, mode="dense").hits
        assert {h.id for h in patched.search("violet", k=2).hits} == {"item-1", "item-2"}
        many = [
            p.model_copy(update={"title": f"teal {p.title}"}) for p in patched.products(range(60))
        ]
    update_catalog(large, products=many, home=home)
    with Catalog.open(large) as rewritten:
        assert rewritten.path_of(EMBEDDINGS) != whole
        assert rewritten.vectors.patched == 0
        assert PATCH not in str(rewritten.manifest["files"])
        assert rewritten.vectors.index is not None
        assert rewritten.vectors.index.rows == len(rewritten)
        agrees(rewritten)


def agrees(catalog: Catalog) -> None:
    """Every stored vector is that of its product's text."""
    from tools.text import HashingEncoder

    texts = [product_text(p) for p in catalog.products(range(len(catalog)))]
    expected = HashingEncoder().encode(texts)
    assert catalog.vectors.take(np.arange(len(catalog))) == pytest.approx(expected, abs=1e-6)


def test_only_some_rows_may_be_found(shop: Catalog) -> None:
    allowed = np.zeros(len(shop), bool)
    allowed[::7] = True
    found: Any = shop.search("shoe", k=1000, allowed=allowed)
    assert set(shop.rows_of([h.id for h in found.hits])) == set(
        np.flatnonzero(allowed & shop.available)
    )


def test_titles_hold_words_that_brands_and_categories_do_not(shop: Catalog) -> None:
    from tools.catalog.words import stems

    for phrase in ("running shoe", "fashion", "kestrel", "desk lamp", "sky blue", "nothing"):
        wanted = set(stems(phrase))
        rows = shop.lexicon.titles_holding(wanted).tolist()
        products = enumerate(shop.products(range(len(shop))))
        assert rows == [row for row, p in products if wanted <= set(stems(p.title))]
