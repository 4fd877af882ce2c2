"""The real encoder: exported once, near the full model, and never torch to answer a query."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tools import text
from tools.catalog import Catalog
from tools.catalog.embedding import PreparedEncoder, agreement
from tools.errors import CatalogError
from tools.text import HashingEncoder, model_folder, open_query_encoder, plain_text

_COLD = """
import json, sys
from tools.catalog import Catalog
from tools.catalog.embedding import PreparedEncoder, agreement
from tools.domain import Constraints
after_import = sorted(sys.modules)
with Catalog.open(sys.argv[1]) as catalog:
    facts = catalog.facts(Constraints.of("said", price_upper=200))
    before_query = sorted(sys.modules)
    hits = [h.id for h in catalog.search("something to run in", k=3).hits]
print(json.dumps([after_import, before_query, sorted(sys.modules), facts.count, hits]))
"""
_HEAVY = {"torch", "sentence_transformers", "transformers", "onnx", "sklearn"}


def test_a_query_imports_no_torch(real_folder: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-W", "error", "-c", _COLD, str(real_folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    imported, opened, asked, count, hits = json.loads(outcome.stdout)
    lazy = _HEAVY | {"faiss", "onnxruntime", "tokenizers", "pyarrow", "scipy"}
    assert not lazy & set(imported)
    assert not lazy & set(opened), "facts and filters need no index and no encoder"
    assert not _HEAVY & set(asked)
    assert "onnxruntime" in asked
    assert count > 0
    assert len(hits) == 3


def test_meaning_is_found_not_only_words(real_folder: Path) -> None:
    with Catalog.open(real_folder) as catalog:
        for query, kind in (
            ("mobile telephone", "Smartphones"),
            ("footwear for jogging", "Running Shoes"),
            ("something to wear to a party", "Dresses"),
        ):
            found = catalog.get([h.id for h in catalog.search(query, k=3).hits])
            assert kind in found[0].categories, query


def test_agreement_with_the_full_model_is_measured_and_kept(real_folder: Path) -> None:
    with Catalog.open(real_folder) as catalog:
        agreed = catalog.manifest["encoder"]["agreement"]
    assert agreed["texts"] == 60
    assert 0.98 < agreed["min_cosine"] <= agreed["mean_cosine"] <= 1


def test_agreement_is_measured_with_the_prefix_that_texts_have(tmp_path: Path) -> None:
    encoder, texts = HashingEncoder(), ["a rug", "a desk lamp"]
    encoder.save(tmp_path)
    stored = encoder.encode([f"passage: {text}" for text in texts])
    made = PreparedEncoder(
        "m", "0", encoder.dimension, "full", tmp_path, tmp_path / "c", lambda: encoder, "passage: "
    )
    assert agreement(texts, stored, made)["min_cosine"] == 1
    assert agreement(texts, stored, replace(made, text_prefix=""))["min_cosine"] < 0.9


def test_long_and_odd_queries(real_folder: Path) -> None:
    with Catalog.open(real_folder) as catalog:
        for query in ("shoe " * 4000, "x" * 20_000, "\ud800", "靴"):
            assert len(catalog.search(query, k=2).hits) == 2


def test_vectors_have_unit_length_whatever_the_batch(real_folder: Path) -> None:
    folder = next(real_folder.glob("encoder-*"))
    encoder = open_query_encoder(folder).encoder
    texts = ["rug", "a rather longer title of a desk lamp with a switch", "red shoe " * 300]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([t]) for t in texts])
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)
    # Dynamic quantisation scales by batch, so a text is near itself, not equal to itself.
    assert (np.einsum("ij,ij->i", together, alone) > 0.97).all()


def test_a_wheel_with_other_weights_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other weights")
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(text, "find_spec", lambda _name: spec)
    with pytest.raises(CatalogError, match="not those of all-MiniLM-L6-v2"):
        model_folder()


def test_weights_that_are_a_pickle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(CatalogError, match="safetensors"):
        model_folder(tmp_path)


def test_hashing_knows_spelling() -> None:
    near, far, query = HashingEncoder().encode(["running shoe", "desk lamp", "runing shoes"])
    assert query @ near > 0.3
    assert query @ far < 0.2


def test_plain_text_is_bounded_and_clean() -> None:
    assert plain_text(" a\x00\tb\n ") == "a b"
    assert len(plain_text("x" * 10**6)) == 20_000
