"""Search is exact whatever the filter lets through, and odd queries do no harm."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.catalog import Catalog, build_catalog
from tools.catalog.lexical import LEXICON_FILES, Lexicon, LexiconWriter, save_lexicon
from tools.catalog.search import Mode, exact_top, top_k
from tools.domain import Constraints, Product
from tools.errors import CatalogError


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    draw = np.random.default_rng(5)
    found = draw.normal(size=(4000, 48))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found.astype(np.float32)


@pytest.mark.parametrize("scanned", [50_000, 1000])
@pytest.mark.parametrize("share", [0.001, 0.005, 0.05, 0.051, 0.2, 0.5, 0.95, 1.0])
def test_recall_is_one_at_every_selectivity(
    vectors: np.ndarray, share: float, scanned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.catalog.search.SCAN_ROWS", scanned)
    draw = np.random.default_rng(int(share * 1000))
    for _ in range(20):
        query = draw.normal(size=48).astype(np.float32)
        mask = np.zeros(4000, bool)
        mask[draw.choice(4000, max(1, int(4000 * share)), replace=False)] = True
        rows, scores = exact_top(vectors, query, 10, mask)
        truth = np.where(mask, vectors.astype(np.float64) @ query, -np.inf)
        best = np.argsort(-truth, kind="stable")[: min(10, mask.sum())]
        assert set(rows) == set(best)
        assert scores == pytest.approx(truth[rows], abs=1e-5)
        assert (np.diff(scores) <= 0).all()


def test_no_filter_and_an_empty_one(vectors: np.ndarray) -> None:
    rows, _ = exact_top(vectors, vectors[17], 1)
    assert rows.tolist() == [17]
    rows, scores = exact_top(vectors, vectors[17], 5, np.zeros(4000, bool))
    assert len(rows) == len(scores) == 0


@given(st.lists(st.integers(-4, 4), max_size=40), st.integers(1, 50))
def test_top_k_is_a_stable_sort(scores: list[int], k: int) -> None:
    array = np.array(scores, np.float32)
    assert top_k(array, k).tolist() == np.argsort(-array, kind="stable")[:k].tolist()


@pytest.mark.parametrize("k", [1, 10, 150])
@pytest.mark.parametrize("values", [3, 1000, 10**6])
def test_top_k_of_many_is_a_stable_sort(k: int, values: int) -> None:
    scores = np.random.default_rng(k).integers(0, values, 20_011).astype(np.float32)
    assert top_k(scores, k).tolist() == np.argsort(-scores, kind="stable")[:k].tolist()
    scores[5:] = -np.inf
    assert top_k(scores, k).tolist() == np.argsort(-scores, kind="stable")[:k].tolist()


def test_search_meets_every_filter_and_counts_them(shop: Catalog) -> None:
    limits = Constraints.of("said", categories=["running shoes"], price_upper=150)
    found = shop.search("kestrel navy running shoe", limits, k=1000)
    mask = shop.matching(limits)
    assert found.exact
    assert found.filtered == len(found.hits) == mask.sum()
    assert {shop.row_of(h.id) for h in found.hits} == set(np.flatnonzero(mask))
    scores = [h.score for h in found.hits]
    assert scores == sorted(scores, reverse=True)
    similarity = shop.similarity("kestrel navy running shoe")
    meant = shop.search("kestrel navy running shoe", limits, k=5, mode="dense")
    for hit in meant.hits:
        row = shop.row_of(hit.id)
        assert row is not None
        assert hit.score == pytest.approx(float(similarity[row]), abs=1e-5)


def test_a_title_finds_its_product(shop: Catalog) -> None:
    in_stock = np.flatnonzero(shop.available)
    for row in in_stock[:40]:
        product = shop.product(int(row))
        assert shop.search(product.title, k=1).hits[0].id == product.id


def test_search_within_some_ids(shop: Catalog) -> None:
    wanted = [shop.ids[row] for row in np.flatnonzero(shop.available)[:7]]
    found = shop.search("lamp", within=[*wanted, "not sold here"], k=50)
    assert {h.id for h in found.hits} == set(wanted)


def test_what_is_out_of_stock_is_never_found(shop: Catalog) -> None:
    gone = {shop.ids[row] for row in np.flatnonzero(~shop.available)}
    assert gone
    assert not gone & {h.id for h in shop.search("shoe", k=1000).hits}
    assert not gone & {h.id for h in shop.search(None, k=1000).hits}


def test_no_query_gives_the_most_attractive(shop: Catalog) -> None:
    found = shop.search(None, k=5)
    best = shop.utilities[shop.available].max()
    row = shop.row_of(found.hits[0].id)
    assert row is not None
    assert shop.utilities[row] == best
    assert shop.search("  \x00 ", k=5).hits == found.hits


@pytest.mark.parametrize(
    "query", ["x" * 20_000, "shoe " * 4000, "\ud800", "'; DROP TABLE products; --", "%s{}\\", "靴"]
)
def test_odd_queries_do_no_harm(shop: Catalog, query: str) -> None:
    assert len(shop.search(query, k=3).hits) == 3
    assert np.isfinite(shop.similarity(query)).all()


def test_k_out_of_range_is_said(shop: Catalog) -> None:
    for k in (0, -1, 1001):
        with pytest.raises(CatalogError, match=str(k)):
            shop.search("shoe", k=k)


def test_unknown_ids_are_named(shop: Catalog) -> None:
    with pytest.raises(CatalogError, match="'nope'"):
        shop.get(["item-1", "nope"])
    assert shop.row_of("nope") is None
    assert [p.id for p in shop.get(["item-9", "item-3", "item-9"])] == [
        "item-9",
        "item-3",
        "item-9",
    ]
    with pytest.raises(CatalogError, match="rows 0 to"):
        shop.product(len(shop))


def test_a_shop_of_one_item(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("id,title,price,currency\n1,lamp,5,GBP\n")
    build_catalog(path, tmp_path / "one", encoder="hashing", home=home, progress=False)
    with Catalog.open(tmp_path / "one") as catalog:
        assert [h.id for h in catalog.search("anything", k=10).hits] == ["1"]
        facts = catalog.facts()
    assert facts.cheapest == facts.dearest == ("1",)


def test_facts_agree_with_the_products(shop: Catalog) -> None:
    facts = shop.facts()
    products = [p for p in shop.products(range(len(shop))) if p.stock != 0]
    assert (facts.count, facts.out_of_stock) == (len(products), len(shop) - len(products))
    by_price = sorted(p.price.amount for p in products if p.price)
    assert (facts.price_lower, facts.price_upper) == (by_price[0], by_price[-1])
    cheapest = shop.get(list(facts.cheapest))
    assert [p.price.amount for p in cheapest if p.price] == by_price[:10]
    dearest = shop.get(list(facts.dearest))
    assert [p.price.amount for p in dearest if p.price] == by_price[::-1][:10]
    counts = {v.value: v.count for v in facts.brands}
    assert counts == {b: n for b in counts if (n := sum(p.brand == b for p in products))}
    assert facts.brand_count == len(counts)
    counts = {v.value: v.count for v in facts.sizes}
    assert counts == {s: sum(s in p.sizes for p in products) for s in counts}
    assert facts.on_sale == sum(p.on_sale for p in products)
    assert facts.to_json()["price_lower"] == float(by_price[0])


def test_hybrid_is_words_and_meaning_together(shop: Catalog) -> None:
    query = "kestrel ankel boots"
    words = shop.lexicon.scores(query)
    expected = (words + 0.4 * shop.similarity(query)) / 1.4
    for limits in (Constraints(), Constraints.of("said", brands=["Kestrel"], colors=["red"])):
        mask = shop.matching(limits)
        found = shop.search(query, limits, k=30)
        rows = shop.rows_of([h.id for h in found.hits])
        best = np.sort(expected[mask])[::-1][:30]
        assert expected[rows] == pytest.approx(best, abs=1e-5)
    assert found.spelling == {"ankel": ("ankle",)}
    lexical = shop.search("kestrel boots", k=1000, mode="lexical")
    assert {h.id for h in lexical.hits} == {
        p.id
        for p in shop.products(range(len(shop)))
        if p.stock != 0 and ("Kestrel" in p.title or p.brand == "Kestrel" or "boot" in p.title)
    }


def test_pages_follow_each_other(shop: Catalog) -> None:
    for query in ("red boot", None):
        whole = [h.id for h in shop.search(query, k=60).hits]
        pages = [h.id for start in (0, 20, 40) for h in shop.search(query, k=20, offset=start).hits]
        assert pages == whole


@pytest.mark.parametrize("sort", ["price", "-price", "rating", "discount"])
def test_other_orders(shop: Catalog, sort: Any) -> None:
    def key(product: Product) -> float:
        assert product.price is not None
        price = float(product.price.amount)
        if sort == "rating":
            return -(product.rating if product.rating is not None else -np.inf)
        if sort == "discount":
            if not product.on_sale or product.list_price is None:
                return np.inf
            return price / float(product.list_price.amount) - 1
        return price if sort == "price" else -price

    for query in (None, "boot"):
        products = shop.get([h.id for h in shop.search(query, k=100, sort=sort).hits])
        keys = [key(p) for p in products]
        assert keys == sorted(keys)
    everything = shop.get([h.id for h in shop.search(None, k=1000, sort=sort).hits])
    assert len(everything) == shop.available.sum()


def test_diversity_spreads_what_is_shown(shop: Catalog) -> None:
    def likeness(diversity: float) -> float:
        hits = shop.search("navy running shoe", k=10, diversity=diversity).hits
        vectors = shop.vectors.take(shop.rows_of([h.id for h in hits]))
        return float((vectors @ vectors.T).mean())

    assert likeness(0.7) < likeness(0.0)
    first = shop.search("navy running shoe", k=1).hits[0].id
    assert shop.search("navy running shoe", k=5, diversity=0.5).hits[0].id == first
    unlike = shop.search("navy running shoe", k=5, diversity=1.0).hits
    assert all(hit.score >= 0.5 * unlike[0].score for hit in unlike)


def test_more_like_this(shop: Catalog) -> None:
    row = int(np.flatnonzero(shop.available)[0])
    hits = shop.more_like(shop.ids[row], k=5).hits
    vectors = shop.vectors.take(np.arange(len(shop)))
    similarity = vectors @ vectors[row]
    similarity[row] = -1
    similarity[~shop.available] = -1
    assert [h.score for h in hits] == pytest.approx(
        np.sort(similarity)[::-1][:5].tolist(), abs=1e-5
    )
    with pytest.raises(CatalogError, match="'nope'"):
        shop.more_like("nope")


@pytest.mark.parametrize(
    "wrong", [{"offset": -1}, {"diversity": 2}, {"sort": "colour"}, {"mode": "psychic"}]
)
def test_wrong_search_settings_are_said(shop: Catalog, wrong: dict[str, Any]) -> None:
    with pytest.raises(CatalogError):
        shop.search("shoe", **wrong)


@given(
    st.lists(
        st.lists(st.sampled_from(["red", "blue", "lamp", "rug", "lamps"]), max_size=6), max_size=8
    ),
    st.lists(st.sampled_from(["red", "blue", "lamp", "rug", "kite"]), max_size=4),
)
def test_bm25_is_the_formula(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], query: list[str]
) -> None:
    if not any(texts):
        return
    folder = tmp_path_factory.mktemp("words")
    writer = LexiconWriter()
    for text in texts:
        writer.add(" ".join(text))
    save_lexicon(writer.words, writer.rows(), folder)
    paths = {name: folder / name for name in LEXICON_FILES}
    found = Lexicon.load(paths, len(texts)).scores(" ".join(query))
    plain = [[w.rstrip("s") for w in t] for t in texts]
    mean = sum(map(len, plain)) / len(plain)
    expected, ideal = [0.0] * len(plain), 0.0
    for word in dict.fromkeys(query):
        df = sum(word in t for t in plain)
        idf = math.log(1 + (len(plain) - df + 0.5) / (df + 0.5))
        ideal += idf if df else math.log(1 + 2 * len(plain) + 1)
        for row, text in enumerate(plain):
            tf = text.count(word)
            expected[row] += (
                idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * len(text) / mean)) if tf else 0
            )
    assert found == pytest.approx([e / ideal if ideal else 0 for e in expected], rel=1e-4, abs=1e-6)


def test_a_word_finds_what_the_shop_calls_its_synonym(tmp_path: Path, home: Path) -> None:
    titles = ["blue settee", "corner sofa", "eau de parfum rose", "rose scent", "wooden chair"]
    source = tmp_path / "few.csv"
    lines = [f"{n},{title},5,GBP" for n, title in enumerate(titles)]
    source.write_text("\n".join(["id,title,price,currency", *lines]))
    (tmp_path / "synonyms.txt").write_text("davenport, settee, corner sofa\nscent, eau de parfum\n")
    build_catalog(
        source,
        tmp_path / "few",
        encoder="hashing",
        home=home,
        progress=False,
        synonyms=tmp_path / "synonyms.txt",
    )
    with Catalog.open(tmp_path / "few") as catalog:
        for query, wanted in (
            ("davenport", {"0", "1"}),
            ("settees", {"0", "1"}),
            ("corner sofa", {"0", "1"}),
            ("eau de parfum", {"2", "3"}),
            ("rose scent", {"2", "3"}),
            ("chair", {"4"}),
        ):
            found = catalog.search(query, k=5, mode="lexical")
            assert {hit.id for hit in found.hits} == wanted, query
            assert not found.spelling
        assert catalog.search("settee", k=1).hits[0].id == "0"
        assert catalog.search("rose scent", k=1).hits[0].id == "3"
        assert catalog.search("parfun", k=1).spelling == {"parfun": ("parfum",)}


def test_another_order_takes_in_whatever_says_what_is_asked(shop: Catalog) -> None:
    products = [
        (p.price.amount, p.id)
        for p in shop.products(range(len(shop)))
        if p.stock != 0 and "shoe" in p.title and p.price is not None
    ]
    for mode in get_args(Mode):
        found = shop.search("running shoe", k=3, sort="price", mode=mode)
        assert [hit.id for hit in found.hits] == [i for _, i in sorted(products)[:3]]
    assert len(shop.search("running shoe", k=1000, sort="price").hits) == len(products)
