"""Encoding over a real Ray of two processes on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.catalog.conftest import make_records, write_jsonl
from tools.catalog import Catalog, build_catalog
from tools.catalog.embedding import prepare_encoder
from tools.catalog.ray_encode import EncoderSpec, Workers
from tools.errors import CatalogError


# Ray leaves its own sockets and files to the collector when it shuts down.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning",
                            "ignore::FutureWarning",
                            "ignore::pytest.PytestUnraisableExceptionWarning")  # fmt: skip
def test_workers_encode_what_one_process_encodes(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "p.jsonl", make_records(300))
    alone = build_catalog(
        source, tmp_path / "alone", encoder="hashing", home=tmp_path / "one", progress=False
    )
    home = tmp_path / "two"
    report = build_catalog(
        source, tmp_path / "crew", encoder="hashing", home=home, progress=False, workers=2
    )
    assert report.encoded == alone.encoded > 0
    with Catalog.open(tmp_path / "alone") as one, Catalog.open(tmp_path / "crew") as two:
        rows = np.arange(len(one))
        assert np.array_equal(one.vectors.take(rows), two.vectors.take(rows))
    again = build_catalog(source, tmp_path / "again", encoder="hashing", home=home, progress=False)
    assert again.encoded == 0, "what workers encoded is in the cache"
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    prepared = prepare_encoder("hashing", home)
    other = EncoderSpec("hashing", "full", "", "", str(home), "another model")
    with (
        Workers(other, 1) as crew,
        pytest.raises(CatalogError, match=r"worker failed|another model"),
    ):
        crew.encode(["a lamp"])
    assert prepared.digest != "another model"
