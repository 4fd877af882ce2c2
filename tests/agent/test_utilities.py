from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from agent.utilities import fit_utilities
from tools.errors import CatalogError

IDS = ("a", "b", "c", "d")


def write(path: Path, *rows: str, header: str = "transaction,offered,bought") -> Path:
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_what_is_bought_more_often_has_the_higher_utility(tmp_path: Path) -> None:
    rows = [f"{i},a b c,{'a' if i % 4 else 'b'}" for i in range(80)]
    rows += [f"{i},a b c," for i in range(80, 120)]
    file = write(tmp_path / "visits.csv", *rows)
    utilities, meta = fit_utilities(file, IDS)
    assert utilities.shape == (4,)
    assert np.isfinite(utilities).all(), "never bought and never offered stay finite"
    assert utilities[0] > utilities[1] > utilities[2]
    assert (meta["visits"], meta["purchases"]) == (120, 80)
    assert meta["converged"]
    assert meta["data"] == "visits.csv"
    assert meta["data_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert meta["fitted"].endswith("+00:00")


def test_products_of_another_shop_are_passed_over(tmp_path: Path) -> None:
    file = write(tmp_path / "visits.csv", "1,a b zzz,a", "2,a zzz,zzz", "3,a b,")
    _, meta = fit_utilities(file, IDS)
    assert meta["unknown_products"] == 2
    assert meta["purchases"] == 1


@pytest.mark.parametrize(
    ("rows", "header", "fault"),
    [
        (("1,a b,c",), "transaction,offered,bought", "line 2: 'c' was bought, not offered"),
        (("1,x y,x",), "transaction,offered,bought", "no visit with products of this catalogue"),
        (("1,a,a",), "transaction,shown,bought", "no column 'offered'"),
        ((), "transaction,offered,bought", "no visit"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, rows: tuple[str, ...], header: str, fault: str
) -> None:
    with pytest.raises(CatalogError, match=fault):
        fit_utilities(write(tmp_path / "visits.csv", *rows, header=header), IDS)
