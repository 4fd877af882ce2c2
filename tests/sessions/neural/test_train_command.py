from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from agent.commands.session_train import train
from tests.sessions.neural.support import ring
from tools.errors import SessionError
from tools.sessions.neural.models import NeuralModel
from tools.sessions.neural.training import TrainingDiverged
from tools.sessions.registry import load_model

app = typer.Typer()
app.command()(train)
SMALL = ["--set", "dim=16", "--set", "lr=1e-2", "--set", "batch=64", "--preset", "paper"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The ring in the file layout, with a train file only."""
    data = ring()
    lines = ["prev_items,next_item"]
    for row, target in zip(data.train, data.train.targets, strict=True):
        lines.append(f"{' '.join(f'a{i}' for i in row)},a{target}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sessions_train.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "data"


def run(folder: Path, out: Path, *more: str) -> str:
    arguments = ["--data", str(folder), "--out", str(out), *more]
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("model", ["gru4rec", "srgnn"])
def test_a_model_is_trained_saved_and_told(folder: Path, tmp_path: Path, model: str) -> None:
    out = tmp_path / "out"
    told = json.loads(run(folder, out, "--model", model, "--epochs", "3", "--json", *SMALL))
    assert told["epochs"] == 3
    assert len(told["history"]) == 3
    assert told["metric"] > 0
    made = load_model(out)
    assert isinstance(made, NeuralModel)
    assert (made.name, made.settings["lr"], made.settings["dim"]) == (model, 0.01, 16)
    assert not (out / "checkpoint").exists()


def test_a_model_that_only_counts_is_trained_by_the_same_command(
    folder: Path, tmp_path: Path
) -> None:
    run(folder, tmp_path / "out", "--model", "popularity")
    assert load_model(tmp_path / "out").name == "popularity"


def test_progress_is_told_on_stderr(folder: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(folder), "--out", str(tmp_path / "o"), "--model", "hrm"]
    result = CliRunner().invoke(app, [*arguments, "--epochs", "1", *SMALL])
    assert "valid MRR@20" in result.stderr
    assert "loss" in result.stderr


def test_divergence_keeps_the_best_model(folder: Path, tmp_path: Path) -> None:
    import torch

    from tools.sessions.neural import training

    real = training._Run._epoch
    out = tmp_path / "out"

    def poisoned(self: training._Run, module: torch.nn.Module, epoch: int) -> float:
        if epoch == 2:
            with torch.no_grad():
                self.network.items.weight.fill_(float("nan"))
        return real(self, module, epoch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training._Run, "_epoch", poisoned)
        with pytest.raises(TrainingDiverged, match="epoch 1 are kept"):
            run(folder, out, "--model", "gru4rec", *SMALL)
    assert load_model(out).name == "gru4rec"


def test_bad_words_are_refused_in_one_sentence(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(SessionError, match="no model is called 'gru5rec'"):
        run(folder, out, "--model", "gru5rec")
    with pytest.raises(SessionError, match="name=value"):
        run(folder, out, "--model", "gru4rec", "--set", "lr")
    with pytest.raises(SessionError, match="no such setting"):
        run(folder, out, "--model", "gru4rec", "--set", "speed=3")
    with pytest.raises(SessionError, match="lr takes a value like"):
        run(folder, out, "--model", "gru4rec", "--set", "lr=fast")
    with pytest.raises(SessionError, match="there is no folder"):
        run(folder / "nowhere", out, "--model", "gru4rec")
