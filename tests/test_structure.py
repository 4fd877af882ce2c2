"""How the packages hang together: what imports what, and what a help text may load."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.support.command import ROOT

HEAVY = ("langgraph", "torch", "ortools", "faiss", "sentence_transformers", "onnxruntime", "cv2",
         "rapidocr", "numba", "scipy", "openai", "langchain_core", "numpy")  # fmt: skip


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from agent.cli import app\n"
        "try:\n"
        "    app(['--help'])\n"
        "except SystemExit:\n"
        "    pass\n"
        f"loaded = [m for m in {HEAVY!r} if m in sys.modules]\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr


def test_packages_are_those_of_this_repository() -> None:
    import agent
    import evals
    import prompts
    import tools

    for package in (agent, evals, prompts, tools):
        assert Path(package.__file__ or "").is_relative_to(ROOT)


def test_imports_run_one_way() -> None:
    floors = {
        "tools": ("agent", "evals", "prompts"),
        "prompts": ("agent", "evals"),
        "agent": ("evals", "tests"),
        "evals": ("tests",),
        "tools/catalog": ("tools.assortment", "tools.sessions", "tools.scenario", "tools.toolset"),
        "tools/assortment": ("tools.catalog", "tools.sessions", "tools.scenario", "tools.toolset"),
        "tools/sessions": ("tools.catalog", "tools.assortment", "tools.scenario", "tools.toolset"),
    }
    for folder, forbidden in floors.items():
        for file in (ROOT / folder).rglob("*.py"):
            imported = re.findall(r"^\s*(?:from|import) ([\w.]+)", file.read_text("utf-8"), re.M)
            for name in imported:
                assert not any(name == f or name.startswith(f"{f}.") for f in forbidden), (
                    f"{file} imports {name}"
                )
