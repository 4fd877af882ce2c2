"""The files of a catalogue: checked before use, replaced in one step, never unpickled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.catalog.conftest import make_records, write_jsonl
from tools.catalog import Catalog, build_catalog, layout
from tools.errors import CatalogError


@pytest.fixture
def copy(shop_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_folder, tmp_path / "copy"))


def test_unknown_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="absent"):
        Catalog.open(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CatalogError, match="not a catalogue"):
        Catalog.open(tmp_path / "empty")


@pytest.mark.parametrize(
    "name",
    [
        "products.sqlite",
        "columns.npz",
        "vocabulary.json",
        "embeddings.npy",
        "lexicon.npz",
        "words.json",
    ],
)
def test_an_altered_file_is_refused_by_name(copy: Path, name: str) -> None:
    path = copy / "v000001" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(CatalogError, match=f"{name} was altered"):
        Catalog.open(copy)
    path.write_bytes(bytes(content) + b"x")
    with pytest.raises(CatalogError, match=f"{name} was altered"):
        Catalog.open(copy, verify=False)
    path.unlink()
    with pytest.raises(CatalogError, match=f"{name} is missing"):
        Catalog.open(copy)


def test_an_altered_encoder_is_refused(copy: Path) -> None:
    path = next(copy.glob("encoder-*/encoder.json"))
    path.write_text(path.read_text().replace("256", "257"))
    with pytest.raises(CatalogError, match=r"encoder\.json was altered"):
        Catalog.open(copy)


@pytest.mark.parametrize("key", ["currency", "rows", "files", "encoder", "format"])
def test_an_altered_manifest_is_refused(copy: Path, key: str) -> None:
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest[key] = "EUR"
    path.write_text(json.dumps(manifest))
    with pytest.raises(CatalogError, match=r"manifest\.json"):
        Catalog.open(copy)
    path.write_text("{")
    with pytest.raises(CatalogError, match="JSON"):
        Catalog.open(copy)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "v000001/../../x", "other/file"])
def test_a_manifest_cannot_point_outside(copy: Path, name: str) -> None:
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    path.write_text(json.dumps(layout.seal(manifest)))
    with pytest.raises(CatalogError, match="outside the catalogue"):
        Catalog.open(copy)


def test_a_pickle_in_disguise_is_not_loaded(copy: Path) -> None:
    path = copy / "v000001" / "embeddings.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"].update(layout.describe_files(copy, ["v000001/embeddings.npy"]))
    (copy / "manifest.json").write_text(json.dumps(layout.seal(manifest)))
    with pytest.raises(CatalogError, match="cannot be read"):
        Catalog.open(copy)


def _build(folder: Path, home: Path, records: list[dict[str, Any]]) -> None:
    source = write_jsonl(folder.parent / "products.jsonl", records)
    build_catalog(source, folder, encoder="hashing", home=home, progress=False)


def test_a_rebuild_replaces_in_one_step_and_old_readers_go_on(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "catalog"
    _build(folder, home, make_records(20))
    old = Catalog.open(folder)
    for seed in (1, 2, 3):
        _build(folder, home, make_records(30, seed))
    assert len(old) == 20
    assert len(old.search("shoe", k=100).hits) == old.available.sum()
    assert old.product(3).id == "item-3"
    assert old.facts().count == old.available.sum()
    old.close()
    with Catalog.open(folder) as new:
        assert len(new) == 30
    assert len(list(folder.glob("v*"))) == 2, "the version in force and the one before it"


def test_a_writer_that_died_leaves_no_trace(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "catalog"
    _build(folder, home, make_records(20))
    version = Catalog.open(folder).version
    (folder / "v000002").mkdir()
    (folder / "v000002" / "products.sqlite").write_bytes(b"half")
    (folder / "manifest.json.new").write_text("{")
    assert Catalog.open(folder).version == version
    _build(folder, home, make_records(25))
    with Catalog.open(folder) as catalog:
        assert len(catalog) == 25


def test_two_writers_do_not_meet(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "catalog"
    with layout.writing(folder), pytest.raises(CatalogError, match="another process"):
        _build(folder, home, make_records(5))


def test_a_failing_build_leaves_the_old_catalogue(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "catalog"
    _build(folder, home, make_records(20))
    version = Catalog.open(folder).version

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("tools.catalog.arrays.save_columns", fail)
    with pytest.raises(OSError, match="disk full"):
        _build(folder, home, make_records(25))
    assert Catalog.open(folder).version == version
    assert [p.name for p in folder.glob("v*")] == ["v000001"]


def test_the_version_names_the_content(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "catalog"
    _build(folder, home, make_records(20))
    first = Catalog.open(folder).version
    assert len(first) == 64
    _build(folder, home, make_records(20, seed=8))
    assert Catalog.open(folder).version != first
