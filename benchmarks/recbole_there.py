"""Runs scripts where RecBole 1.2.1 lives, for the benchmarks that set it beside ours.

It lives in an environment of its own (`pip install recbole==1.2.1 'pandas<3'`) and is no
dependency of this project.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any


def run_there(python: Path, script: str, told: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run a script in RecBole's environment, on one thread.

    Args:
        python: the interpreter of the environment that holds RecBole.
        script: finds `told` as JSON in its first argument and prints a line "RESULT {...}".
        told: what it is told.
        folder: where it runs.

    Returns:
        What stands in that line.
    """
    done = subprocess.run(
        [str(python), "-c", script, json.dumps(told)],
        capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
    )  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
            return found
    raise SystemExit(f"RecBole gave no result:\n{done.stderr[-3000:]}")
