from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from agent.demo.shop import VERSION, products, write_catalog
from agent.demo.words import CURRENCIES, Currency, hex_of, load_range, shelf_of
from tools.catalog.columns import guess_columns
from tools.colors import BASIC, basic_color
from tools.domain import Quantity

# The products of each version; a change to them without a new VERSION would leave people with a
# catalogue built from the old ones.
DIGESTS = {
    "3": {"GBP": "65b10d5651af5a98", "INR": "8a97e56b8015fd5d"},
}


def digest(currency: Currency, folder: Path) -> str:
    write_catalog(currency, folder / "products.jsonl")
    return hashlib.sha256((folder / "products.jsonl").read_bytes()).hexdigest()[:16]


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_catalogue_is_the_one_of_its_version(currency: Currency, tmp_path: Path) -> None:
    assert digest(currency, tmp_path) == DIGESTS[VERSION][currency]


@pytest.mark.parametrize(
    ("currency", "least", "most"), [("GBP", 2_300, 2_600), ("INR", 1_200, 1_600)]
)
def test_the_catalogue_is_plausible(currency: Currency, least: int, most: int) -> None:
    items = products(currency)
    assert least <= len(items) <= most
    assert len({item.id for item in items}) == len(items)
    for item in items:
        assert item.price
        assert item.price.amount > 0
        assert item.price.currency == currency
        assert item.list_price is None or item.on_sale
        assert item.brand
        assert item.colors[0] in BASIC
        assert 2 <= len(item.categories) <= 3
        assert "{" not in item.title + item.description
        assert item.description.endswith(".")
        assert item.stock is not None
    titles = [(item.title, item.brand) for item in items]
    assert len(set(titles)) > 0.98 * len(titles)
    assert 0.3 < sum(item.on_sale for item in items) / len(items) < 0.8


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_shade_is_a_word_for_its_colour(currency: Currency) -> None:
    for item in products(currency):
        shade = item.attributes.get("shade")
        if isinstance(shade, str):
            assert basic_color(shade) == item.colors[0]
            assert hex_of(shade).startswith("#")
            assert shade in item.title


def test_no_brand_or_category_is_a_colour_word() -> None:
    # A brand named after a colour would make every one of its products look that colour.
    for group in load_range().brands.values():
        for brands in group.values():
            assert not [brand for brand in brands if basic_color(brand)]


@pytest.mark.parametrize("currency", CURRENCIES)
def test_more_of_the_same_phone_costs_more(currency: Currency) -> None:
    phones: dict[object, dict[float, float]] = {}
    for item in products(currency):
        if item.categories[-1] == "Mobile Phones" and item.price:
            storage, ram = item.attributes["storage"], item.attributes["ram"]
            assert isinstance(storage, Quantity)
            assert isinstance(ram, Quantity)
            key = (item.brand, item.attributes["model"], ram.number)
            phones.setdefault(key, {})[storage.number] = float(item.price.amount)
    several = [prices for prices in phones.values() if len(prices) > 1]
    assert several
    for prices in several:
        ordered = [price for _, price in sorted(prices.items())]
        assert ordered == sorted(ordered)


def test_the_shelves_cover_what_real_shops_show() -> None:
    wanted = {
        "GBP": {"Dresses", "Mobile Phones", "Sofas", "Table Lamps", "Headphones", "Laptops"},
        "INR": {"Sarees", "Back Covers & Cases", "Mobile Phones", "Earbuds", "Televisions"},
    }
    for currency in CURRENCIES:
        assert wanted[currency] <= {item.categories[-1] for item in products(currency)}
        assert all(shelf_of(item.categories[-1]) for item in products(currency))


def test_the_ends_of_the_first_session_are_on_the_shelf() -> None:
    prices = {item.id: str(item.price) for item in products("GBP")}
    assert (prices["G00001"], prices["G00002"]) == ("£18", "£144")


def test_the_file_has_the_columns_of_a_catalogue(tmp_path: Path) -> None:
    file = tmp_path / "shop" / "products.jsonl"
    assert write_catalog("INR", file, pictures=True) == len(products("INR"))
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    columns = {name for row in rows for name in row}
    assert set(guess_columns(sorted(columns)).values()) == columns
    assert all(isinstance(row["price"], float) and row["currency"] == "INR" for row in rows)
    assert all((file.parent / row["image"]).is_file() for row in rows)
    assert "price" in columns
    assert write_catalog("INR", file) == len(rows)
    assert "image" not in json.loads(file.read_text("utf-8").splitlines()[0])
