"""What tests of turns share."""

from __future__ import annotations

import pytest

from tests.support.shop import small_catalog
from tools.catalog import Catalog


@pytest.fixture(scope="package")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The small shop, for reading only."""
    return small_catalog(tmp_path_factory.mktemp("shop"))
