"""The command line as tests run it: in this process or in one of its own, and what it leaves."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(*args: str | Path, home: Path, text: str = "", cwd: Path = ROOT, **env: str) -> Done:
    """A command as its console script runs it, in this process: imports are paid once."""
    from agent.cli import main

    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["interarec", *map(str, args)])
        patch.setattr(sys, "stdin", io.StringIO(text))
        for name, value in {"INTERAREC_HOME": str(home), **env}.items():
            patch.setenv(name, value)
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
    return Done(code, out.getvalue(), err.getvalue())


def run_process(*args: str | Path, home: Path) -> Done:
    """A command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "agent", *map(str, args)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "INTERAREC_HOME": str(home)},
        timeout=300,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def refused(done: Done) -> str:
    """The one clear line of a refusal: exit code 2, nothing on stdout, no traceback."""
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


def answered(done: Done, codes: Sequence[int] = (0,)) -> dict[str, Any]:
    """The one JSON object of an answer."""
    assert done.returncode in codes, (done.returncode, done.stderr)
    (line,) = done.stdout.splitlines()
    value: dict[str, Any] = json.loads(line)
    return value
