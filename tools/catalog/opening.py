"""A catalogue wherever it lies: in a folder, or on a Postgres server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.catalog.build import build_catalog
from tools.catalog.build_report import BuildReport
from tools.catalog.catalog import Catalog
from tools.catalog.changes import UpdateReport
from tools.catalog.postgres_schema import is_postgres
from tools.catalog.update import update_catalog


def open_catalog(place: str | Path, home: Path | None = None) -> Catalog:
    """Open the version in force.

    Args:
        place: a folder, or `postgresql://…/database#shop`.
        home: where the query encoder of a catalogue on a server is kept; else `INTERAREC_HOME`.

    Raises:
        CatalogError: no catalogue there, or one that cannot be used.
        MissingExtra: the place is a server and its driver is not installed.
    """
    if not is_postgres(place):
        return Catalog.open(place)
    from tools.catalog.postgres import PostgresCatalog

    return PostgresCatalog.open(str(place), home=home)


def build_at(source: Path, place: str | Path, *, home: Path, **how: Any) -> BuildReport:
    """Make a catalogue in a folder or on a server; `how` as `build_catalog` takes it.

    Raises:
        CatalogError: nothing usable came of it; a catalogue that was there stays in force.
        MissingExtra: a part that is needed is not installed.
    """
    if not is_postgres(place):
        return build_catalog(source, Path(place), home=home, **how)
    from tools.catalog.postgres_build import build_postgres

    return build_postgres(source, str(place), home=home, **how)


def update_at(place: str | Path, *, home: Path, **how: Any) -> UpdateReport:
    """Change a catalogue in a folder or on a server; `how` as `update_catalog` takes it.

    Raises:
        CatalogError: the catalogue or the file cannot be used, or nothing would be left.
    """
    if not is_postgres(place):
        return update_catalog(Path(place), home=home, **how)
    from tools.catalog.postgres_write import update_postgres

    return update_postgres(str(place), home=home, **how)
