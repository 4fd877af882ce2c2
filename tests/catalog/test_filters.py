"""Every filter of `Constraints` against a plain reading of the products themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.conftest import BRANDS, COLORS
from tools.catalog import Catalog, build_catalog
from tools.catalog.units import find_quantities, to_base
from tools.catalog.words import stem
from tools.colors import basic_color
from tools.domain import AttributeLimit, Constraints, Product, Quantity
from tools.errors import CatalogError

_CATEGORIES = {
    "shoes": {"Shoes", "Running Shoes"},
    "Running Shoes": {"Running Shoes"},
    "smartphone": {"Smartphones"},
    "mobile phone": {"Smartphones"},
    "dress": {"Dresses"},
    "desk lamp": {"Desk Lamps"},
    "Fashion": {"Fashion"},
}
_UNITS = {"GB": Decimal(1), "MB": Decimal("0.001"), "TB": Decimal(1000)}


def _storage(product: Product) -> Decimal | None:
    value = product.attributes.get("storage")
    return Decimal(str(value.number)) if isinstance(value, Quantity) else None


def _brand_hit(product: Product, word: str) -> bool:
    if product.brand is None:
        return product.title.startswith(word)
    return product.brand == word


def _color_hit(product: Product, word: str) -> bool:
    if not product.colors:
        said = product.title.lower().replace("-", " ").split()
        return set(word.lower().replace("-", " ").split()) <= set(said)
    for color in product.colors:
        if color.casefold() == word.casefold():
            return True
        whole = word in ("blue", "green", "white", "red", "black")
        if whole and basic_color(color) == word:
            return True
    return False


def _category_hit(product: Product, word: str) -> bool:
    return bool(_CATEGORIES[word] & set(product.categories))


def meets(product: Product, limits: Constraints) -> bool:
    """The meaning of the limits, item by item, written apart from the catalogue's code."""
    price = product.price
    assert price is not None
    attributes = product.attributes
    checks = [
        product.stock != 0,
        limits.price_lower is None or price.amount >= limits.price_lower,
        limits.price_upper is None or price.amount <= limits.price_upper,
        not limits.brands or any(_brand_hit(product, w) for w in limits.brands),
        not limits.colors or any(_color_hit(product, w) for w in limits.colors),
        not limits.categories or any(_category_hit(product, w) for w in limits.categories),
        not limits.sizes or bool(set(limits.sizes) & set(product.sizes)),
        limits.min_rating is None
        or (product.rating is not None and product.rating >= limits.min_rating),
        limits.on_sale is None or product.on_sale == limits.on_sale,
        product.id not in limits.must_exclude,
        not any(_brand_hit(product, w) for w in limits.exclude.brands),
        not any(_color_hit(product, w) for w in limits.exclude.colors),
        not any(_category_hit(product, w) for w in limits.exclude.categories),
        not product.sizes or bool(set(product.sizes) - set(limits.exclude.sizes)),
    ]
    for limit in limits.attributes:
        if limit.name == "material":
            checks.append(attributes.get("material") in limit.values)
        else:
            held, factor = _storage(product), _UNITS[limit.unit]
            checks.append(
                held is not None
                and (limit.lower is None or held >= Decimal(str(limit.lower)) * factor)
                and (limit.upper is None or held <= Decimal(str(limit.upper)) * factor)
            )
    return all(checks)


_storage_limits = st.builds(
    lambda low, unit: AttributeLimit(
        name="storage", lower=float(Decimal(low) / _UNITS[unit]), unit=unit
    ),
    st.sampled_from([64, 100, 128, 256, 300]),
    st.sampled_from(list(_UNITS)),
)
_materials = (
    st.lists(st.sampled_from(["cotton", "leather", "steel"]), min_size=1, unique=True)
    .map(lambda values: AttributeLimit(name="Material", values=tuple(values)))
    .map(lambda limit: limit.model_copy(update={"name": "material"}))
)


def _some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=3, unique=True)


_words = {
    "brands": _some(list(BRANDS)),
    "colors": _some([*COLORS, "blue", "green", "white"]),
    "categories": _some(list(_CATEGORIES)),
    "sizes": _some(["S", "M", "L", "XL"]),
}


@st.composite
def limits_strategy(draw: st.DrawFn) -> Constraints:
    fields: dict[str, Any] = {}
    low, high = sorted(draw(st.tuples(st.integers(0, 320), st.integers(0, 320))))
    if draw(st.booleans()):
        fields["price_lower"] = low
    if draw(st.booleans()):
        fields["price_upper"] = high
    for name, words in _words.items():
        if draw(st.booleans()):
            fields[name] = draw(words)
    fields["exclude"] = {
        name: draw(words) for name, words in _words.items() if draw(st.integers(0, 3)) == 0
    }
    if draw(st.booleans()):
        fields["min_rating"] = draw(st.sampled_from([1.0, 2.5, 4.0]))
    if draw(st.integers(0, 3)) == 0:
        fields["on_sale"] = draw(st.booleans())
    if draw(st.integers(0, 2)) == 0:
        fields["attributes"] = draw(st.lists(st.one_of(_storage_limits, _materials), max_size=2))
    if draw(st.booleans()):
        fields["must_exclude"] = draw(_some([f"item-{i}" for i in range(60)]))
    return Constraints.of("said", **fields)


@settings(max_examples=300, deadline=None)
@given(limits_strategy())
def test_masks_mean_what_the_limits_say(shop: Catalog, limits: Constraints) -> None:
    products = _all_products(shop)
    expected = [meets(product, limits) for product in products]
    assert shop.matching(limits).tolist() == expected
    facts = shop.facts(limits)
    assert facts.count == sum(expected)
    prices = [p.price.amount for p, ok in zip(products, expected, strict=True) if ok and p.price]
    assert facts.price_lower == (min(prices) if prices else None)
    assert facts.price_upper == (max(prices) if prices else None)


_PRODUCTS: dict[str, list[Product]] = {}


def _all_products(shop: Catalog) -> list[Product]:
    if shop.version not in _PRODUCTS:
        _PRODUCTS[shop.version] = shop.products(range(len(shop)))
    return _PRODUCTS[shop.version]


def test_products_come_back_as_they_went_in(shop: Catalog, records: list[dict[str, Any]]) -> None:
    for product, record in zip(_all_products(shop), records, strict=True):
        assert (product.id, product.title) == (record["id"], record["title"])
        assert product.price is not None
        assert product.price.amount == Decimal(str(record["price"]))
        assert list(product.sizes) == record["sizes"]


def test_hard_and_soft_limits_are_kept_apart(shop: Catalog) -> None:
    hard = Constraints.of("said", brands=["Kestrel"])
    soft = Constraints.of("seen", "soft", colors=["red"], min_rating=4)
    both = hard.merged_with(soft)
    brand = np.array([_brand_hit(p, "Kestrel") for p in _all_products(shop)])
    assert (shop.matching(both) == (brand & shop.available)).all()
    share = shop.soft_relevance(both)
    expected = [(_color_hit(p, "red") + ((p.rating or 0) >= 4)) / 2 for p in _all_products(shop)]
    assert share.tolist() == expected
    assert shop.soft_relevance(hard).tolist() == [1] * len(shop)
    assert shop.matching(both, None).sum() < shop.matching(both).sum()


def test_a_foreign_currency_is_shown_not_applied(shop: Catalog) -> None:
    limits = Constraints.of("said", price_upper=10, currency="EUR")
    assert shop.matching(limits).sum() == shop.available.sum()
    assert "EUR" in shop.unapplied(limits)["price_upper"]
    assert shop.search("shoe", limits).warnings


def test_what_the_shop_does_not_carry_matches_nothing(shop: Catalog) -> None:
    for field, word in (("brands", "Zzyzx"), ("categories", "tractor"), ("colors", "purple")):
        wanted: dict[str, Any] = {field: [word]}
        limits = Constraints.of("said", **wanted)
        assert not shop.matching(limits).any()
        assert shop.matched(limits) == {field: {word: ()}}


@pytest.fixture
def bare(tmp_path: Path, home: Path) -> Iterator[Catalog]:
    """A shop that says everything in its titles."""
    path = tmp_path / "bare.csv"
    path.write_text(
        "id,title\n1,Claw hammer 16 oz fibreglass\n2,Green garden hose 15 m\n3,Hammers of Thor\n"
        "4,Memory card 128GB\n5,Memory card 64 GB\n"
    )
    build_catalog(path, tmp_path / "bare", encoder="hashing", home=home, progress=False)
    with Catalog.open(tmp_path / "bare") as catalog:
        yield catalog


def test_titles_speak_where_columns_are_silent(bare: Catalog) -> None:
    def ids(**fields: Any) -> list[str]:
        mask = bare.matching(Constraints.of("said", **fields))
        return [i for i, ok in zip(bare.ids, mask, strict=True) if ok]

    assert ids(categories=["hammer"]) == ["1", "3"]
    assert ids(colors=["green"]) == ["2"]
    assert ids(exclude={"colors": ["green"]}) == ["1", "3", "4", "5"]
    card = AttributeLimit(name="storage", lower=100, unit="GB")
    assert ids(attributes=[card]) == ["4"]
    assert ids(attributes=[AttributeLimit(name="capacity", upper=0.1, unit="TB")]) == ["5"]


def test_a_phrase_narrows_the_category_it_ends_with(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "shoes.csv"
    path.write_text(
        "id,title,category\n1,Women's trail runner,Running Shoes\n"
        "2,Men's trail runner,Running Shoes\n"
        "3,Men's shirt,Shirts\n4,Road runner,Women > Running Shoes\n"
    )
    build_catalog(path, tmp_path / "c", encoder="hashing", home=home, progress=False)
    with Catalog.open(tmp_path / "c") as catalog:

        def ids(word: str) -> list[str]:
            mask = catalog.matching(Constraints.of("said", categories=[word]))
            return [i for i, ok in zip(catalog.ids, mask, strict=True) if ok]

        assert ids("running shoes") == ["1", "2", "4"]
        assert ids("men's running shoes") == ["2"]
        assert ids("womens running shoes") == ["1", "4"]
        assert ids("waterproof running shoes") == []
        assert ids("kids running shoes") == ["1", "2", "4"], "the shop names no children"


def test_groups_for_caps(shop: Catalog) -> None:
    codes, names = shop.groups("brand")
    products = _all_products(shop)
    assert [names[c] if c >= 0 else None for c in codes] == [p.brand for p in products]
    codes, names = shop.groups("color")
    assert [names[c] if c >= 0 else None for c in codes] == [
        basic_color(p.colors[0]) if p.colors else None for p in products
    ]
    codes, names = shop.groups("category")
    assert [names[c] for c in codes] == [p.categories[-1] for p in products]
    codes, names = shop.groups("sizes")
    assert [names[c] if c >= 0 else None for c in codes] == [
        p.sizes[0] if len(p.sizes) == 1 else None for p in products
    ]
    with pytest.raises(CatalogError, match="'flavour'"):
        shop.groups("flavour")


def test_codes_carry_the_shops_own_words(shop: Catalog) -> None:
    codes = shop.codes("sizes")
    products = _all_products(shop)
    assert [codes.of(row) for row in range(len(shop))] == [p.sizes for p in products]
    mask = codes.mask(["M", "absent"])
    assert mask.tolist() == ["M" in p.sizes for p in products]


def test_quantities_in_titles_are_found_however_they_are_written(
    tmp_path: Path, home: Path
) -> None:
    titles = [
        "phone 128GB black", "phone 64 GB", "disk 1 TB", "disk 2tb usb", 'tv 43" led', "tv 43-inch",
        "tv 109 cm", "flat with 3 bedrooms", "3 bedroom flat", "5-bedroom villa", "flat, 1 bed",
        "cable 1.5m", "cable 2 m", "pack of 128", "gb flag", "rug 3 x 5 ft", "mat 40 in x 20 in",
        "fan 50W", "jug 1,5 l", "jug 2L", "juice 16 fl oz", "room of 20 m²", "cotton 95%",
    ]  # fmt: skip
    source = tmp_path / "sizes.csv"
    lines = [json.dumps({"id": str(n), "title": t}) for n, t in enumerate(titles)]
    source.with_suffix(".jsonl").write_text("\n".join(lines))
    build_catalog(
        source.with_suffix(".jsonl"), tmp_path / "c", encoder="hashing", home=home, progress=False
    )
    with Catalog.open(tmp_path / "c") as catalog:
        for unit in ("gb", "tb", "inch", "cm", "ft", "m", "bedrooms", "w", "l", "fl oz", "m²", "%"):
            kind, factor = to_base(unit)
            for low in (0.0, 1.0, 3.0, 43.0, 100.0):
                limit = AttributeLimit(name="size", lower=low, unit=unit)
                mask = catalog.matching(Constraints.of("said", attributes=[limit]))
                expected = [
                    any(
                        (to_base(q.unit)[0] or stem(q.unit)) == (kind or stem(unit))
                        and q.number * to_base(q.unit)[1] >= low * factor * (1 - 1e-9)
                        for q in find_quantities(title)
                    )
                    for title in titles
                ]
                assert mask.tolist() == expected, (unit, low)
        bedrooms = AttributeLimit(name="bedrooms", lower=3, unit="bedrooms")
        found = catalog.matching(Constraints.of("said", attributes=[bedrooms]))
        assert {titles[row] for row in np.flatnonzero(found)} == {
            "flat with 3 bedrooms", "3 bedroom flat", "5-bedroom villa"
        }  # fmt: skip
