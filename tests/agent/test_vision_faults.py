"""Every row of the table of what goes wrong when a model reads screens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.faults import row_id, rows_of
from tests.agent.vision_faults import FAULTS, Fault, faults_of, run
from tools.catalog import Catalog


@pytest.mark.parametrize(("fault", "mode"), rows_of(FAULTS), ids=row_id)
def test_screens_are_read_or_it_is_said_why_not(
    fault: Fault, mode: str, catalog: Catalog, tmp_path: Path
) -> None:
    assert faults_of(fault, run(fault, mode, catalog, tmp_path)) == []
