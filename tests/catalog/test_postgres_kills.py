"""Kill -9 of whoever updates a catalogue on a server, and of the server itself."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalog.conftest import GIVEN_SERVER, make_records, write_jsonl
from tests.catalog.kills import ROWS, kill_writers, rename, whole
from tests.support.postgres import Postgres, running_postgres
from tools.catalog import open_catalog
from tools.catalog.opening import build_at, update_at
from tools.errors import CatalogError


def _build(place: str, tmp_path: Path, home: Path) -> str:
    source = write_jsonl(tmp_path / "products.jsonl", make_records(ROWS))
    build_at(source, place, home=home, encoder="hashing", progress=False)
    return place


def test_killed_writers_leave_one_whole_version_each(
    postgres_url: str, tmp_path: Path, home: Path
) -> None:
    place = _build(f"{postgres_url}#killed", tmp_path, home)
    seen: set[str] = set()
    with open_catalog(place, home) as old:
        for _ in kill_writers(place, home, times=10):
            with open_catalog(place, home) as catalog:
                seen |= whole(catalog)
            assert whole(old) == set(), "an old reader is undisturbed"
    assert len(seen) > 4, "the updates were under way when they were killed"
    assert update_at(place, home=home, delete=["item-50"]).rows == ROWS - 1


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that a test may kill, which nobody does to one that was given by its address."""
    if GIVEN_SERVER:
        pytest.skip("kills its server")
    with running_postgres() as server:
        yield server


def test_a_killed_server_comes_back_with_one_whole_version(
    own_server: Postgres, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.catalog.postgres_server.POOL_SECONDS", 2)
    place = _build(f"{own_server.new_database()}#killed", tmp_path, home)
    draw, seen, said = random.Random(5), set(), []
    with open_catalog(place, home) as old:
        for turn in range(6):
            start = time.monotonic()
            rename(place, home, 100 * turn)
            took = time.monotonic() - start
            running = threading.Event()

            def write(first: int = 100 * turn + 1, running: threading.Event = running) -> None:
                try:
                    for number in range(first, first + 99):
                        running.set()
                        rename(place, home, number)
                except CatalogError as error:
                    said.append(str(error))

            writer = threading.Thread(target=write)
            writer.start()
            running.wait()
            time.sleep(draw.uniform(0.2, 1.5) * took)
            own_server.stop(kill=True)
            writer.join()
            own_server.start()
            with open_catalog(place, home) as catalog:
                seen |= whole(catalog)
            assert whole(old) == set(), "an old reader goes on where the server does"
    assert len(seen) > 3
    assert len(said) == 6, "every writer was told"
    for reason in said:
        assert re.search("cannot be used|could not be written|does not answer", reason)
        assert "\n" not in reason
