"""The README's commands run as they stand, and the demo needs no network."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT, run


def _readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:sh|console|bash)\n(.*?)```", text, re.S)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    found = []
    for line in lines:
        words = re.split(r"\s+#\s", line)[0].removeprefix("$ ").strip()
        if match := re.search(r"(?:\.venv/bin/)?interarec .*", words):
            found.append(match.group(0).removeprefix(".venv/bin/"))
    return found


def test_the_demo_runs_where_there_is_no_network_at_all(demo_home: Path, tmp_path: Path) -> None:
    """In a network namespace without interfaces, not even loopback is up."""
    page = tmp_path / "page.html"
    command = ["unshare", "--net", "--map-root-user"]
    command += [sys.executable, "-m", "agent", "demo", "--session", "sarees", "--report", str(page)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "INTERAREC_HOME": str(demo_home)},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Recommended" in done.stdout
    assert page.stat().st_size < 5_000_000


def test_the_readme_shows_commands() -> None:
    assert len(_readme_commands()) >= 6


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like a clone to the README's commands; what they write stays there."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("agent", "examples", "prompts"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.mark.parametrize("command", dict.fromkeys(_readme_commands()))
def test_every_readme_command_runs(command: str, demo_home: Path, clone: Path) -> None:
    words = shlex.split(command.split(" | ", maxsplit=1)[0])[1:]
    done = run(*words, home=demo_home, cwd=clone, text="something green under £60\n")
    assert done.returncode in (0, 3), done.stderr
    assert done.stdout
