"""Updates against a brute-force model, and against kill -9 in the middle."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.catalog.conftest import make_records, write_jsonl
from tests.catalog.kills import kill_writers, whole
from tools.catalog import Catalog, build_catalog, update_catalog
from tools.domain import Constraints, Money, Product
from tools.errors import CatalogError


@pytest.fixture
def folder(tmp_path: Path, home: Path) -> Path:
    source = write_jsonl(tmp_path / "products.jsonl", make_records(60))
    build_catalog(source, tmp_path / "catalog", encoder="hashing", home=home, progress=False)
    return tmp_path / "catalog"


def _gbp(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="GBP")


def test_prices_and_stock_change_at_once_and_encode_nothing(
    folder: Path, home: Path, tmp_path: Path
) -> None:
    changes = tmp_path / "changes.csv"
    changes.write_text("sku,price,quantity\nitem-3,1.25,0\nitem-4,2.50,7\nnew,5,1\nitem-5,-1,1\n")
    old = Catalog.open(folder)
    before = old.get(["item-3", "item-4"])
    report = update_catalog(folder, upsert=changes, home=home)
    assert (report.added, report.changed, report.encoded) == (0, 2, 0)
    assert report.reasons == {"no title": 1, "the price is not above zero": 1}
    assert old.get(["item-3", "item-4"]) == before, "the old reader is undisturbed"
    new = old.latest()
    assert new.version == report.version != old.version
    three, four = new.get(["item-3", "item-4"])
    assert three.price == _gbp("1.25")
    assert (three.stock, four.stock) == (0, 7)
    assert three.title == before[0].title
    assert three.attributes == before[0].attributes
    assert not new.available[new.rows_of(["item-3"])[0]]
    assert new.facts().price_lower == Decimal("2.5")
    embeddings = new.path_of("embeddings.npy")
    assert embeddings == old.path_of("embeddings.npy"), "no vector was written again"
    assert new.latest() is new


def test_deleting_upserting_and_refusing(folder: Path, home: Path, tmp_path: Path) -> None:
    lamp = Product(id="lamp", title="A brass lamp", price=_gbp("9"), brand="Nimbus")
    report = update_catalog(folder, products=[lamp], delete=["item-0", "absent"], home=home)
    assert (report.rows, report.added, report.deleted, report.encoded) == (60, 1, 1, 1)
    assert report.unknown_deletions == ("absent",)
    catalog = Catalog.open(folder)
    assert catalog.search("brass lamp", k=1).hits[0].id == "lamp"
    assert catalog.row_of("item-0") is None
    with pytest.raises(CatalogError, match="no price in GBP"):
        update_catalog(folder, products=[Product(id="x", title="y")], home=home)
    with pytest.raises(CatalogError, match="empty"):
        update_catalog(folder, delete=list(catalog.ids), home=home)
    assert Catalog.open(folder).version == catalog.version
    nothing = update_catalog(folder, products=[lamp], home=home)
    assert nothing.version == catalog.version, "no change, no new version"


def test_the_last_product_of_a_brand_takes_its_word_along(folder: Path, home: Path) -> None:
    only = Product(id="solo", title="A kite", price=_gbp("9"), brand="Zephyr", colors=("Mauve",))
    update_catalog(folder, products=[only], home=home)
    catalog = Catalog.open(folder)
    assert catalog.vocabulary().match("brand", "zephyr") == ("Zephyr",)
    assert "Zephyr" in catalog.vocabulary().brands
    update_catalog(folder, delete=["solo"], home=home)
    words = Catalog.open(folder).vocabulary()
    assert words.match("brand", "zephyr") == ()
    assert "Zephyr" not in words.brands
    assert words.match("color", "mauve") == ()


def test_fitted_utilities_stay_with_their_products(tmp_path: Path, home: Path) -> None:
    source = write_jsonl(tmp_path / "p.jsonl", make_records(5))
    sales = tmp_path / "sales.csv"
    sales.write_text("x")
    build_catalog(
        source, tmp_path / "c", encoder="hashing", home=home, progress=False, transactions=sales,
        fit_utilities=lambda _path, ids: (np.arange(len(ids), dtype=float), {}),
    )  # fmt: skip
    fresh = Product(id="fresh", title="A new thing", price=_gbp("3"))
    changed = (
        Catalog.open(tmp_path / "c").get(["item-4"])[0].model_copy(update={"title": "Renamed"})
    )
    update_catalog(tmp_path / "c", products=[fresh, changed], delete=["item-1"], home=home)
    catalog = Catalog.open(tmp_path / "c")
    found = dict(zip(catalog.ids, catalog.utilities.tolist(), strict=True))
    assert found == {"item-0": 0, "item-2": 2, "item-3": 3, "item-4": 4, "fresh": 2}
    assert catalog.utility_meta["unfitted"] == 1


_IDS = [f"p{i}" for i in range(12)]
_products = st.builds(
    lambda i, noun, brand, price, colors, stock, gb: Product(
        id=i,
        title=f"{noun} by hand",
        brand=brand,
        price=Money(amount=Decimal(price) / 100, currency="GBP"),
        colors=tuple(colors),
        stock=stock,
        attributes={} if gb is None else {"storage": gb},
    ),
    st.sampled_from(_IDS),
    st.sampled_from(["lamp", "kettle", "rug", "drum", "atlas"]),
    st.sampled_from([None, "Nimbus", "Kestrel"]),
    st.integers(1, 9999),
    st.lists(st.sampled_from(["Red", "Navy"]), max_size=2, unique=True),
    st.sampled_from([None, 0, 4]),
    st.sampled_from([None, "64 gigs", "128 gigs"]),
)


class Updates(RuleBasedStateMachine):
    """Random upserts, deletions and searches; the model is a dictionary."""

    workplace: Path
    steps: ClassVar[list[int]]

    @initialize(first=_products)
    def build(self, first: Product) -> None:
        self.folder = self.workplace / f"c{time.monotonic_ns()}"
        record = json.loads(first.model_dump_json()) | {"price": str(first.price.amount)}  # type: ignore[union-attr]
        source = write_jsonl(self.workplace / "one.jsonl", [record | {"currency": "GBP"}])
        build_catalog(source, self.folder, encoder="hashing", home=self.workplace, progress=False)
        self.model = {first.id: first}
        self.catalog = Catalog.open(self.folder)

    @rule(
        products=st.lists(_products, max_size=4), gone=st.lists(st.sampled_from(_IDS), max_size=4)
    )
    def update(self, products: list[Product], gone: list[str]) -> None:
        self.steps.append(len(products) + len(gone))
        after = {i: p for i, p in self.model.items() if i not in gone}
        after.update({p.id: p for p in products})
        if not after:
            return
        report = update_catalog(self.folder, products=products, delete=gone, home=self.workplace)
        assert report.rows == len(after)
        self.model = after

    @rule(
        noun=st.sampled_from(["lamp", "kettle", "rug", "drum", "atlas", ""]),
        brand=st.sampled_from([None, "Nimbus", "Kestrel"]),
        most=st.integers(1, 9999),
    )
    def search(self, noun: str, brand: str | None, most: int) -> None:
        """What is found under limits is what a walk over the dictionary finds."""
        self.steps.append(1)
        limits: dict[str, Any] = {"price_upper": Decimal(most) / 100, "currency": "GBP"}
        if brand:
            limits["brands"] = [brand]
        found = self.catalog.search(noun, Constraints.of("said", **limits), k=50)
        met = {
            i: p
            for i, p in self.model.items()
            if p.stock != 0
            and p.price is not None
            and p.price.amount <= limits["price_upper"]
            and brand in (None, p.brand)
        }
        assert {hit.id for hit in found.hits} == set(met)
        assert found.filtered == len(met)
        named = [p.title.startswith(noun) for p in (met[hit.id] for hit in found.hits)]
        assert named == sorted(named, reverse=True), "what is called so comes first"
        facts = self.catalog.facts(Constraints.of("said", **limits))
        assert facts.count == len(met)
        prices = [p.price.amount for p in met.values() if p.price]
        assert facts.price_lower == (min(prices) if prices else None)

    @invariant()
    def nothing_is_stale_or_missing(self) -> None:
        if not hasattr(self, "model"):
            return
        self.catalog = catalog = self.catalog.latest()
        assert set(catalog.ids) == set(self.model)
        held = {p.id: p for p in catalog.products(range(len(catalog)))}
        assert held == self.model
        priced = {i: p.price for i, p in held.items() if p.price}
        assert catalog.prices.tolist() == [float(priced[i].amount) for i in catalog.ids]
        in_stock = {i for i, p in self.model.items() if p.stock != 0}
        for noun in ("lamp", "kettle"):
            found = {h.id: h.score for h in catalog.search(noun, k=50).hits}
            assert set(found) == in_stock
            named = {i for i in in_stock if self.model[i].title.startswith(noun)}
            others = [s for i, s in found.items() if i not in named]
            assert all(found[i] > max(others, default=-1) for i in named)
        for field, words in (("brands", ["Nimbus"]), ("colors", ["blue"])):
            limits: dict[str, Any] = {field: words}
            mask = catalog.matching(Constraints.of("said", **limits))
            met = {catalog.ids[row] for row in np.flatnonzero(mask)}
            assert met == {
                i
                for i in in_stock
                if (
                    self.model[i].brand == "Nimbus"
                    if field == "brands"
                    else "Navy" in self.model[i].colors
                )
            }
        summary = catalog.vocabulary().attributes
        counted = sum("storage" in p.attributes for p in self.model.values())
        assert (summary["storage"].count if "storage" in summary else 0) == counted


def test_random_updates_agree_with_a_dictionary(tmp_path_factory: pytest.TempPathFactory) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    class Here(Updates):
        workplace = tmp_path_factory.mktemp("machine")
        steps: ClassVar[list[int]] = []

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert sum(Here.steps) > 1000, "upserts, deletions and searches"


def test_thirty_kills_leave_one_whole_version_each(folder: Path, home: Path) -> None:
    seen: set[str] = set()
    for _ in kill_writers(str(folder), home, times=30):
        with Catalog.open(folder) as catalog:
            seen |= whole(catalog)
    assert len(seen) > 10, "the updates were under way when they were killed"
    update_catalog(folder, delete=["item-50"], home=home)
    assert len(Catalog.open(folder)) == 59
