"""Every row of the table of what goes wrong when a model reads screens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.llm_faults import shop
from tests.agent.vision_faults import FAULTS, Fault, faults_of, run
from tools.catalog import Catalog

ROWS = [(fault, mode) for fault in FAULTS for mode in fault.modes]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return shop(tmp_path_factory.mktemp("shop"))


@pytest.mark.parametrize(("fault", "mode"), ROWS, ids=[f"{f.name}-{m}" for f, m in ROWS])
def test_screens_are_read_or_it_is_said_why_not(
    fault: Fault, mode: str, catalog: Catalog, tmp_path: Path
) -> None:
    assert faults_of(fault, run(fault, mode, catalog, tmp_path)) == []
