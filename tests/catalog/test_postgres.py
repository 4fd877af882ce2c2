"""A catalogue on a real Postgres server, against the local one of the same products."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalog.conftest import BRANDS, COLORS, make_records, write_jsonl
from tools.catalog import Catalog, UpdateReport, layout, open_catalog, update_catalog, write_report
from tools.catalog.opening import build_at, update_at
from tools.catalog.postgres import PostgresCatalog
from tools.catalog.postgres_schema import Address
from tools.domain import AttributeLimit, Constraints, Money, Product
from tools.errors import CatalogError


@pytest.fixture(scope="session")
def server(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture(scope="session")
def served(
    server: str, tmp_path_factory: pytest.TempPathFactory, home: Path, records: list[dict[str, Any]]
) -> Iterator[PostgresCatalog]:
    source = write_jsonl(tmp_path_factory.mktemp("served") / "p.jsonl", records)
    place = f"{server}#same"
    build_at(source, place, home=home, encoder="hashing", progress=False)
    with PostgresCatalog.open(place, home=home) as catalog:
        yield catalog


def _money(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="GBP")


_limits = st.fixed_dictionaries(
    {},
    optional={
        "price_lower": st.integers(1, 200),
        "price_upper": st.integers(200, 300),
        "brands": st.lists(st.sampled_from([*BRANDS, "nimbus", "unknown"]), max_size=2),
        "colors": st.lists(st.sampled_from([*COLORS, "blue", "mauve"]), max_size=2),
        "categories": st.lists(
            st.sampled_from(["shoes", "men's running shoes", "phone", "desk lamp", "hammer"]),
            max_size=2,
        ),
        "sizes": st.lists(st.sampled_from(["S", "medium", "L"]), max_size=2),
        "min_rating": st.sampled_from([1.5, 4.0]),
        "on_sale": st.booleans(),
        "must_exclude": st.just(("item-3", "item-5", "nul\0")),
        "attributes": st.sampled_from(
            [
                (AttributeLimit(name="material", values=("cotton",)),),
                (AttributeLimit(name="storage", lower=128, unit="GB"),),
                (AttributeLimit(name="storage", values=("64 gb",)),),
                (AttributeLimit(name="length", lower=1, unit="m"),),
                (AttributeLimit(name="nowhere", values=("lamp",)),),
            ]
        ),
        "exclude": st.fixed_dictionaries(
            {},
            optional={
                "sizes": st.just(("S", "M")),
                "colors": st.just(("blue",)),
                "brands": st.just(("Kestrel",)),
                "categories": st.just(("boots",)),
                "attributes": st.just((AttributeLimit(name="material", values=("steel",)),)),
            },
        ),
    },
)
_asked = st.sampled_from(
    ["", "blue running shoe", "smartphon 128", "fjordal lamp", "qwertz", "!!!", "model 17"]
)


@given(
    fields=_limits,
    query=_asked,
    mode=st.sampled_from(["hybrid", "dense", "lexical"]),
    sort=st.sampled_from(["relevance", "price", "-price", "rating", "discount"]),
    offset=st.sampled_from([0, 7]),
)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_server_finds_what_the_local_catalogue_finds(  # noqa: PLR0917
    shop: Catalog, served: PostgresCatalog, fields: dict[str, Any], query: str, mode: Any,
    sort: Any, offset: int,
) -> None:  # fmt: skip
    limits = Constraints.of("said", **fields, currency="GBP")
    assert np.array_equal(served.matching(limits), shop.matching(limits))
    assert served.count(limits) == shop.matching(limits).sum()
    there_facts, here_facts = (c.facts(limits).model_dump() for c in (served, shop))
    means = [f.pop("mean_rating") for f in (there_facts, here_facts)]
    assert means[0] == means[1] or means[0] == pytest.approx(means[1], abs=0.0011)  # A rounding.
    assert there_facts | {"catalog": ""} == here_facts | {"catalog": ""}
    here = shop.search(query, limits, k=20, mode=mode, sort=sort, offset=offset)
    there = served.search(query, limits, k=20, mode=mode, sort=sort, offset=offset)
    assert (there.filtered, there.exact) == (here.filtered, here.exact)
    assert there.spelling == here.spelling
    assert there.warnings == here.warnings
    scores = {h.id: h.score for h in shop.search(query, limits, k=400, mode=mode).hits}
    assert len(there.hits) == len(here.hits)
    for ours, theirs in zip(there.hits, here.hits, strict=True):
        # The server adds in double precision: only products a rounding apart may change places.
        assert ours.score == pytest.approx(theirs.score, abs=2e-5)
        assert ours.id == theirs.id or scores[ours.id] == pytest.approx(scores[theirs.id], abs=2e-5)


def test_everything_else_agrees_too(shop: Catalog, served: PostgresCatalog, tmp_path: Path) -> None:
    assert served.ids == shop.ids
    assert served.get(["item-7", "item-3"]) == shop.get(["item-7", "item-3"])
    assert served.products([5, 2]) == shop.products([5, 2])
    np.testing.assert_allclose(served.utilities, shop.utilities, atol=1e-12)
    np.testing.assert_allclose(served.similarity("a lamp"), shop.similarity("a lamp"), atol=1e-6)
    assert served.vocabulary().to_json() == shop.vocabulary().to_json()
    for name in ("brand", "color", "category", "size"):
        assert np.array_equal(served.groups(name)[0], shop.groups(name)[0])
    for word in ("Nimbus", "lamp", "marks & tanner"):
        assert served.names_a_brand(word) == shop.names_a_brand(word)
    like, here = served.more_like("item-9", k=5), shop.more_like("item-9", k=5)
    assert [h.score for h in like.hits] == pytest.approx([h.score for h in here.hits], abs=2e-5)
    apart = served.search("lamp", k=5, diversity=0.7)
    assert [h.id for h in apart.hits] == [
        h.id for h in shop.search("lamp", k=5, diversity=0.7).hits
    ]
    within = ["item-1", "item-2", "absent", "nul\0", "\ud800"]
    assert (
        served.search("x", within=within).filtered == shop.search("x", within=within[:2]).filtered
    )
    write_report(served, tmp_path / "page.html")
    assert "Marks &amp; Tanner" in (tmp_path / "page.html").read_text("utf-8")
    for call in (lambda: served.get(["absent"]), lambda: served.search("x", k=0)):
        with pytest.raises(CatalogError):
            call()


def test_updates_match_and_old_readers_go_on(server: str, tmp_path: Path, home: Path) -> None:
    source = write_jsonl(tmp_path / "p.jsonl", make_records(60))
    place, folder = f"{server}#moving", tmp_path / "local"
    for to in (place, folder):
        build_at(source, to, home=home, encoder="hashing", progress=False)
    before = PostgresCatalog.open(place, home=home)
    held, was = before.get(["item-3"]), before.facts()
    changes = tmp_path / "changes.csv"
    changes.write_text("id,price,quantity\nitem-3,1.25,3\nitem-4,2.50,7\nitem-5,-1,1\n")
    lamp = Product(
        id="lamp", title="A brass lamp of 3 kg", price=_money("9"), brand="Zephyr", rating=4.5,
        reviews=12, colors=("Mauve",), attributes={"material": "brass"},
    )  # fmt: skip
    renamed = before.get(["item-9"])[0].model_copy(update={"title": "A wholly new thing"})
    reports: list[UpdateReport] = [
        update_at(
            to, home=home, upsert=changes, products=[lamp, renamed], delete=["item-0", "absent"]
        )
        for to in (place, folder)
    ]
    there, here = reports
    for name in ("rows", "added", "changed", "deleted", "unknown_deletions", "reasons"):
        assert getattr(there, name) == getattr(here, name)
    assert (there.added, there.changed, there.deleted) == (1, 3, 1)
    assert before.get(["item-3"]) == held, "the old reader is undisturbed"
    assert before.facts() == was
    after, local = before.latest(), Catalog.open(folder)
    assert after.version == there.version != before.version
    assert after.latest() is after
    assert set(after.ids) == set(local.ids)
    assert {p.id: p for p in after.products(range(len(after)))} == {
        p.id: p for p in local.products(range(len(local)))
    }
    facts, own = after.facts().model_dump(), local.facts().model_dump()
    assert facts | {"cheapest": 0, "dearest": 0} == own | {"cheapest": 0, "dearest": 0}
    for query in ("brass lamp", "wholly new", "running shoe"):
        ours = [h.score for h in after.search(query, k=60).hits]
        assert ours == pytest.approx([h.score for h in local.search(query, k=60).hits], abs=2e-5)
    assert dict(zip(after.ids, after.utilities.round(9), strict=True)) == dict(
        zip(local.ids, local.utilities.round(9), strict=True)
    )
    update_at(place, home=home, delete=["lamp"])
    assert after.latest().vocabulary().match("brand", "zephyr") == ()
    assert update_at(place, home=home, products=held).changed == 1
    with pytest.raises(CatalogError, match="empty"):
        update_at(place, home=home, delete=list(after.ids))
    before.close()
    after.close()


def test_a_version_that_was_swept_says_so(
    server: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.catalog.postgres_write.KEPT_SECONDS", -3600)
    place = f"{server}#swept"
    source = write_jsonl(tmp_path / "p.jsonl", make_records(20))
    build_at(source, place, home=home, encoder="hashing", progress=False)
    with PostgresCatalog.open(place, home=home) as old:
        update_at(place, home=home, delete=["item-1"])
        update_at(place, home=home, delete=["item-2"])
        with pytest.raises(CatalogError, match="swept"):
            old.facts()
        new = old.latest()
        assert len(new) == 18
        with new._reading() as cursor:
            kept = cursor.execute("SELECT count(*) FROM products").fetchone()
            texts = cursor.execute("SELECT count(*) FROM texts").fetchone()
        assert kept == (18,)
        assert texts == (18,)


def test_building_again_sweeps_too(
    server: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.catalog.postgres_write.KEPT_SECONDS", -3600)
    place = f"{server}#rebuilt"
    for count in (20, 12):
        source = write_jsonl(tmp_path / "p.jsonl", make_records(count))
        build_at(source, place, home=home, encoder="hashing", progress=False)
        with psycopg.connect(server) as connection:
            connection.execute(
                "INSERT INTO interarec_rebuilt.encoders VALUES (%s, 'f', '', '')", (str(count),)
            )
    update_at(place, home=home, delete=["item-11"])
    update_at(place, home=home, products=[Product(id="z", title="A lamp", price=_money("3"))])
    with PostgresCatalog.open(place, home=home) as catalog, catalog._reading() as cursor:
        for table in ("products", "texts"):
            assert cursor.execute(f"SELECT count(*) FROM {table}").fetchone() == (12,)
        assert cursor.execute("SELECT count(*) FROM versions").fetchone() == (1,)
        held = cursor.execute("SELECT DISTINCT digest FROM encoders").fetchall()
        assert held == [(catalog.manifest["encoder"]["digest"],)]


def test_two_writers_are_kept_apart(server: str, tmp_path: Path, home: Path) -> None:
    from tools.catalog.postgres_write import writing

    place = f"{server}#busy"
    source = write_jsonl(tmp_path / "p.jsonl", make_records(20))
    build_at(source, place, home=home, encoder="hashing", progress=False)
    with (
        writing(Address.of(place)),
        pytest.raises(CatalogError, match="written by another process"),
    ):
        update_at(place, home=home, delete=["item-1"])
    with (
        layout.locked(next((home / "postgres").glob("busy-*.lock")), "x"),
        pytest.raises(CatalogError, match="written by another process"),
    ):
        build_at(source, place, home=home, encoder="hashing", progress=False)
    with PostgresCatalog.open(place, home=home) as catalog:
        counts: list[int] = []
        threads = [
            threading.Thread(target=lambda: counts.append(catalog.search("lamp").filtered))
            for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(counts) == 12
        assert len(set(counts)) == 1


def test_a_failed_update_leaves_the_old_version(
    server: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"{server}#whole"
    source = write_jsonl(tmp_path / "p.jsonl", make_records(20))
    build_at(source, place, home=home, encoder="hashing", progress=False)
    with PostgresCatalog.open(place, home=home) as catalog:

        def broken(*_: Any) -> str:
            raise RuntimeError("in the middle")

        monkeypatch.setattr("tools.catalog.postgres_write.put_in_force", broken)
        with pytest.raises(RuntimeError, match="middle"):
            update_at(place, home=home, delete=["item-1"])
        assert catalog.latest() is catalog
        assert len(catalog.get(["item-1"])) == 1


def test_words_of_a_shopper_never_become_statements(served: PostgresCatalog) -> None:
    for word in ("'; DROP TABLE products; --", "%s %(x)s", "\\x00", "nul\0nul", "\ud800", "$1"):
        limits = Constraints.of("said", brands=[word], categories=[word], colors=[word])
        served.search(word, limits)
        served.facts(Constraints.of("said", attributes=[AttributeLimit(name=word, values=(word,))]))
        assert served.find([word]) == {}
    assert served.facts().count > 0


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("postgresql://u:geheim@127.0.0.1:1/x#y", r"127\.0\.0\.1:1/x#y cannot be used"),
        ("postgresql://u:geheim@h/x#Not-A-Word", "cannot name a catalogue"),
        ("postgresql://u@h/x?passwort=geheim#y", "cannot be used"),
    ],
)
def test_a_server_that_cannot_be_used_is_one_clear_error(place: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message) as raised:
        open_catalog(place)
    assert "geheim" not in str(raised.value)
    assert "geheim" not in repr(Address(place, "y"))


def test_no_catalogue_there_and_one_that_was_altered(
    server: str, tmp_path: Path, home: Path
) -> None:
    with pytest.raises(CatalogError, match="holds no catalogue"):
        open_catalog(f"{server}#nothing")
    place = f"{server}#altered"
    source = write_jsonl(tmp_path / "p.jsonl", make_records(5))
    build_at(source, place, home=home, encoder="hashing", progress=False)
    with psycopg.connect(server) as connection:
        connection.execute(
            "UPDATE interarec_altered.versions SET vocabulary = replace(vocabulary, 'Nim', 'Num')"
        )
    with pytest.raises(CatalogError, match="altered"):
        open_catalog(place, home=home)


def test_fitted_utilities_come_along(server: str, tmp_path: Path, home: Path) -> None:
    place, sales = f"{server}#fitted", tmp_path / "sales.csv"
    sales.write_text("x")
    source = write_jsonl(tmp_path / "p.jsonl", make_records(5))
    build_at(
        source, place, home=home, encoder="hashing", progress=False, transactions=sales,
        fit_utilities=lambda _path, ids: (np.array([-np.inf, 1.0, 2.0, 3.0, 4.0]), {}),
    )  # fmt: skip
    fresh = Product(id="fresh", title="A new thing", price=_money("3"))
    update_at(place, home=home, products=[fresh], delete=["item-1"])
    with PostgresCatalog.open(place, home=home) as catalog:
        found = dict(zip(catalog.ids, catalog.utilities.tolist(), strict=True))
        assert found == {"item-0": -np.inf, "item-2": 2, "item-3": 3, "item-4": 4, "fresh": 3}
        assert catalog.search("", k=1).hits[0].id == "item-4"
        assert catalog.utility_meta["unfitted"] == 1


def test_synonyms_of_the_shop_count_as_they_do_locally(
    server: str, tmp_path: Path, home: Path
) -> None:
    synonyms = tmp_path / "synonyms.txt"
    synonyms.write_text("kicks, running shoe\nglow, desk lamp, light\n")
    source = write_jsonl(tmp_path / "p.jsonl", make_records(80))
    place, folder = f"{server}#synonyms", tmp_path / "local"
    for to in (place, folder):
        build_at(source, to, home=home, encoder="hashing", progress=False, synonyms=synonyms)
    with PostgresCatalog.open(place, home=home) as there, Catalog.open(folder) as here:
        for query in ("red kicks", "glow", "desk lamp", "kicks glow nonsuch"):
            ours, theirs = there.search(query, k=20), here.search(query, k=20)
            assert [h.score for h in ours.hits] == pytest.approx(
                [h.score for h in theirs.hits], abs=2e-5
            )
            assert ours.spelling == theirs.spelling
    update_catalog(folder, delete=["item-1"], home=home)
