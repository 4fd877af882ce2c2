"""The approximate index of a large catalogue on a server, and what it is never asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.conftest import make_records, write_jsonl
from tools.catalog import open_catalog
from tools.catalog.opening import build_at, update_at
from tools.catalog.postgres import PostgresCatalog
from tools.catalog.search import Mode
from tools.domain import Constraints

MODES: tuple[Mode, ...] = ("dense", "hybrid")
ASKED = ("blue running shoe", "a desk lamp", "nimbus smartphone 128", "summer", "ankle boot red")


@pytest.fixture
def place(postgres_url: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A catalogue of 400 products that counts as a large one."""
    monkeypatch.setattr("tools.catalog.postgres_index.SERVER_FLAT_ROWS", 300)
    source = write_jsonl(tmp_path / "p.jsonl", make_records(400))
    place = f"{postgres_url}#{tmp_path.name.replace('-', '_')[-40:].lower().strip('_')}"
    build_at(source, place, home=home, encoder="hashing", progress=False)
    return place


@pytest.fixture
def large(place: str, home: Path) -> Iterator[PostgresCatalog]:
    with PostgresCatalog.open(place, home=home) as catalog:
        yield catalog


def test_without_a_filter_the_index_finds_nearly_all(large: PostgresCatalog) -> None:
    described = large.manifest["index"]
    assert described["kind"] == "hnsw"
    assert described["recall@10"] >= 0.98
    for mode in MODES:
        for query in ASKED:
            for page in ({}, {"offset": 10}, {"diversity": 0.4}):
                found = large.search(query, k=10, mode=mode, **page)
                sure = large.search(query, k=10, mode=mode, exact=True, **page)
                assert (found.exact, sure.exact) == (False, True)
                assert found.filtered == sure.filtered
                last = sure.hits[-1].score
                if "diversity" not in page:
                    assert sum(hit.score >= last - 1e-5 for hit in found.hits) >= 9
    like = large.more_like("item-3", k=5)
    assert not like.exact
    assert "item-3" not in [hit.id for hit in like.hits]
    assert large.more_like("item-3", k=5, exact=True).hits == like.hits


def test_hybrid_by_candidates_passes_over_nothing_that_the_index_finds(
    large: PostgresCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With so few seeds that the words have to be asked again."""
    monkeypatch.setattr("tools.catalog.postgres_rank.POOL", -10)
    for query in ("lamp", "shoe", "black shoe"):
        found, sure = (large.search(query, k=5, exact=exact) for exact in (False, True))
        assert not found.exact
        assert found.hits == sure.hits


def test_words_that_most_products_hold_are_counted_whole(
    large: PostgresCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a list of texts that is too short for all that hold a word of the query."""
    monkeypatch.setattr("tools.catalog.postgres_rank.POOL", -10)
    answers = set()
    for short in (2, 30, 100):
        monkeypatch.setattr("tools.catalog.postgres_rank._MOST_SAYING", short)
        for query in ("lamp", "black shoe", "model 17", "nimbus lamp"):
            found, sure = (large.search(query, k=5, exact=exact) for exact in (False, True))
            assert found.hits == sure.hits
            answers.add(found.exact)
    assert answers == {True, False}, "some had to be scored whole"


def test_the_index_is_never_asked_under_a_filter(large: PostgresCatalog) -> None:
    every: dict[str, Any] = {"price_upper": 10**6, "currency": "GBP"}
    for limits in (every, {"colors": ["red"]}, {"on_sale": True}):
        assert large.search("shoe", Constraints.of("said", **limits), k=5).exact
        assert large.more_like("item-3", Constraints.of("said", **limits), k=5).exact
    assert large.search("shoe", within=list(large.ids), k=5).exact
    assert large.search("shoe", allowed=large.available, k=5).exact
    assert large.search("shoe", mode="lexical").exact
    assert large.search("shoe", sort="price").exact
    assert large.search("", k=5).exact
    assert large.search("shoe", k=1000).exact, "more than the index can give"


def test_what_the_index_lost_to_stock_is_searched_exactly(
    large: PostgresCatalog, place: str, home: Path
) -> None:
    """The index knows texts; when most of the near ones are sold out, all are scored."""
    gone = [p.model_copy(update={"stock": 0}) for p in large.products(range(len(large)))][20:]
    update_at(place, home=home, products=gone)
    with open_catalog(place, home) as after:
        found = after.search("blue running shoe", k=10, mode="dense")
        assert found.hits == after.search("blue running shoe", k=10, mode="dense", exact=True).hits
        assert found.filtered == after.facts().count <= 20


def test_updates_are_found_at_once(large: PostgresCatalog, place: str, home: Path) -> None:
    renamed = large.get(["item-9"])[0].model_copy(
        update={"title": "violet harpsichord", "stock": 3}
    )
    update_at(place, home=home, products=[renamed], delete=["item-10"])
    after = large.latest()
    for mode in MODES:
        assert after.search("violet harpsichord", k=1, mode=mode).hits[0].id == "item-9"
    assert large.search("violet harpsichord", k=1, mode="lexical").hits == (), "the old version"
    found = {hit.id for hit in after.search("ankle boot", k=300, mode="dense").hits}
    assert "item-10" not in found
    after.close()


def test_equal_items_on_a_server(
    postgres_url: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.catalog.postgres_index.SERVER_FLAT_ROWS", 300)
    same = {"title": "Plain mug", "price": 9.99, "currency": "GBP"}
    source = write_jsonl(tmp_path / "s.jsonl", [{"id": f"p{n}", **same} for n in range(400)])
    place = f"{postgres_url}#equal"
    build_at(source, place, home=home, encoder="hashing", progress=False)
    with open_catalog(place, home) as catalog:
        assert catalog.manifest["index"]["recall@10"] == 1
        first, later = (catalog.search("plain mug", k=20, offset=n) for n in (0, 20))
        assert len({hit.id for hit in (*first.hits, *later.hits)}) == 40


def test_vectors_that_a_graph_does_not_serve_are_all_scored(
    postgres_url: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.catalog.postgres_index.SERVER_FLAT_ROWS", 30)
    monkeypatch.setattr("tools.catalog.postgres_index.ServerIndex.search", lambda *_: [])
    source = write_jsonl(tmp_path / "p.jsonl", make_records(80))
    build_at(source, f"{postgres_url}#flat", home=home, encoder="hashing", progress=False)
    with open_catalog(f"{postgres_url}#flat", home) as catalog:
        assert catalog.manifest["index"] == {"kind": "flat"}
        assert catalog.search("shoe").exact
