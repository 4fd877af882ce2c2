"""What every test runs under: no real model, no tracing, no network but loopback."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import postgres

__all__ = ["postgres"]  # a fixture, lazy like any other

os.environ["INTERAREC_MODEL_CALLS"] = "loopback"
os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
for variable in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
    os.environ.pop(variable, None)

_connect = socket.socket.connect


def _only_loopback(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise AssertionError(f"a test tried to reach {host}")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    socket.socket.connect = _only_loopback  # type: ignore[assignment,method-assign]
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo shop's catalogues, built once a run.

    Encoders and encoded texts are taken over from the working folder's own home, if it has any:
    they are addressed by content, so only time can differ.
    """
    from agent.demo.catalogs import demo_catalogs

    home = tmp_path_factory.mktemp("home")
    cache = Path(__file__).parents[1] / ".interarec" / "encoders"
    if cache.is_dir():
        shutil.copytree(cache, home / "encoders")
    demo_catalogs(home)
    return home


@pytest.fixture(autouse=True)
def _clean_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into the developer's own `.interarec`, or reads the settings there."""
    for name in list(os.environ):
        if name.startswith("INTERAREC_") and name != "INTERAREC_MODEL_CALLS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("INTERAREC_HOME", str(tmp_path / "home"))
