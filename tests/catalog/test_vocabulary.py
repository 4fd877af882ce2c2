"""Which catalogue values a shopper's word stands for."""

from __future__ import annotations

import pytest

from tools.catalog import Vocabulary
from tools.catalog.units import find_quantities, parse_quantity, to_base
from tools.catalog.words import close_spelling, singular
from tools.errors import CatalogError

WORDS = Vocabulary(
    {
        "brand": [
            ("Marks & Spencer", 9), ("Adidas", 8), ("L'Oréal Paris", 7), ("HP Inc.", 6),
            ("Samsung Electronics", 5), ("Sealed Unit Parts Co., Inc.", 4), ("3M", 3),
        ],
        "color": [
            ("Navy", 9), ("Sky Blue", 8), ("Blue", 7), ("Black/White", 6), ("Off-White", 5),
            ("Grey", 4), ("Midnight Green", 3), ("Stormtrooper", 1),
        ],
        "category": [
            ("Shoes", 30), ("Running Shoes", 9), ("Shoe Care", 8), ("Boots & Wellies", 7),
            ("Televisions", 6), ("Jackets for Women", 5), ("Smartphones", 4), ("Dresses", 3),
            ("Light Bulbs", 2),
        ],
        "size": [
            ("M", 9), ("XL", 8), ("UK 8", 7), ("42", 6), ("EU 42", 5), ("One Size", 4),
            ("8 Years", 2),
        ],
    },
    {},
)  # fmt: skip


@pytest.mark.parametrize(
    ("field", "word", "values"),
    [
        ("brand", "adidas", {"Adidas"}),
        ("brand", "ADIDSA", {"Adidas"}),
        ("brand", "marks and spencer", {"Marks & Spencer"}),
        ("brand", "loreal", {"L'Oréal Paris"}),
        ("brand", "l'oreal", {"L'Oréal Paris"}),
        ("brand", "hp", {"HP Inc."}),
        ("brand", "samsung", {"Samsung Electronics"}),
        ("brand", "sealed unit parts", {"Sealed Unit Parts Co., Inc."}),
        ("brand", "3n", set()),
        ("brand", "Nike", set()),
        ("brand", "", set()),
        ("color", "navy", {"Navy"}),
        ("color", "blue", {"Navy", "Sky Blue", "Blue"}),
        ("color", "azure", {"Navy", "Sky Blue", "Blue"}),
        ("color", "gray", {"Grey"}),
        ("color", "white", {"Black/White"}),
        ("color", "off white", {"Off-White"}),
        ("color", "green", {"Midnight Green"}),
        ("color", "stormtrooper", {"Stormtrooper"}),
        ("color", "purple", set()),
        ("category", "shoe", {"Shoes", "Running Shoes"}),
        ("category", "running shoes", {"Running Shoes"}),
        ("category", "trainers", {"Running Shoes"}),
        ("category", "wellies", {"Boots & Wellies"}),
        ("category", "boot", {"Boots & Wellies"}),
        ("category", "jacket", {"Jackets for Women"}),
        ("category", "TV", {"Televisions"}),
        ("category", "mobile phones", {"Smartphones"}),
        ("category", "dreses", {"Dresses"}),
        ("category", "care", {"Shoe Care"}),
        ("category", "men's running shoes", {"Running Shoes"}),
        ("category", "gaming laptop", set()),
        ("category", "tractor", set()),
        ("size", "medium", {"M"}),
        ("size", "extra large", {"XL"}),
        ("size", "size 42", {"42"}),
        ("size", "8", {"UK 8", "8 Years"}),
        ("size", "free size", {"One Size"}),
        ("size", "XS", set()),
    ],
)
def test_words_find_their_values(field: str, word: str, values: set[str]) -> None:
    assert set(WORDS.match(field, word)) == values
    assert set(WORDS.match({"category": "categories"}.get(field, field + "s"), word)) == values


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(CatalogError, match="'flavour'"):
        WORDS.match("flavour", "mint")


def test_every_value_finds_itself() -> None:
    for field in ("brand", "color", "category", "size"):
        for value in WORDS.values(field):
            assert value in WORDS.match(field, value)
            assert value in WORDS.match(field, value.upper())


def test_a_vocabulary_survives_its_file_form() -> None:
    again = Vocabulary.from_json(WORDS.to_json())
    assert again.to_json() == WORDS.to_json()
    assert again.brands[0] == "Marks & Spencer"


def test_a_shops_own_synonyms_count() -> None:
    own = Vocabulary({"category": [("Beinkleider", 1)]}, {}, [("trousers", "Beinkleider")])
    assert own.match("category", "trouser") == ("Beinkleider",)


@pytest.mark.parametrize(
    ("plural", "one"),
    [("dresses", "dress"), ("shoes", "shoe"), ("batteries", "battery"), ("glass", "glass"),
     ("watches", "watch"), ("boxes", "box"), ("bus", "bus"), ("128gbs", "128gbs")],
)  # fmt: skip
def test_singulars(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_spelling_forgives_little_in_short_words() -> None:
    assert close_spelling("nkie", ["nike", "fila"]) == ["nike"]
    assert close_spelling("red", ["bed", "rad"]) == []
    assert close_spelling("samsnug", ["samsung"]) == ["samsung"]
    assert close_spelling("iphone15", ["iphone14"]) == []


def test_units_meet_in_their_base() -> None:
    quantity = parse_quantity("5.5 inch")
    assert quantity is not None
    kind, factor = to_base(quantity.unit)
    assert kind == "length"
    assert quantity.number * factor == pytest.approx(0.1397)
    assert to_base("TB")[1] == 1000 * to_base("gb")[1]
    assert to_base("bedrooms") == to_base("") == ("", 1.0)
    assert to_base("furlongs") == ("furlongs", 1.0)
    assert parse_quantity("100% cotton") is None
    found = find_quantities('Drill 1,200 W with 2 batteries, 15" case, 3-piece')
    assert [(q.number, q.unit) for q in found] == [(1200, "W"), (15, '"'), (3, "piece")]
