from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.sessions.neural.support import NAMES, SMALL, ring
from tools.errors import SessionError
from tools.sessions.data import Sessions
from tools.sessions.metrics import reciprocal_rank, target_ranks
from tools.sessions.neural import training
from tools.sessions.neural.batches import warm
from tools.sessions.neural.checkpoint import FILE
from tools.sessions.neural.models import GRU4Rec, NeuralModel
from tools.sessions.neural.training import TrainingDiverged
from tools.sessions.neural.validation import validation_mrr
from tools.sessions.registry import create, load_model

DROPPING = SMALL | {"dropout": 0.3, "epochs": 6}


def make(name: str = "gru4rec", **settings: Any) -> NeuralModel:
    model = create(name, preset="paper", **{**DROPPING, **settings})
    assert isinstance(model, NeuralModel)
    return model


def weights(model: NeuralModel) -> dict[str, torch.Tensor]:
    assert model.network is not None
    return model.network.state_dict()


def same(one: NeuralModel, other: NeuralModel) -> bool:
    mine, theirs = weights(one), weights(other)
    return mine.keys() == theirs.keys() and all(torch.equal(mine[k], theirs[k]) for k in mine)


@pytest.mark.parametrize("loss", ["full", "sampled"])
@pytest.mark.parametrize("name", NAMES)
def test_a_seed_decides_everything(name: str, loss: str) -> None:
    data = ring()
    models = [make(name, epochs=2, loss=loss, negatives=5) for _ in range(3)]
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    for model, seed in zip(models, (7, 7, 8), strict=True):
        model.fit(data, seed=seed)
    assert torch.equal(before, torch.random.get_rng_state()), "the caller's numbers are left alone"
    assert same(models[0], models[1])
    assert not same(models[0], models[2])


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_model_scores_the_same(name: str, tmp_path: Path) -> None:
    data = ring()
    model = make(name, epochs=2)
    model.fit(data)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.name == name
    np.testing.assert_array_equal(again.scores(data.test), model.scores(data.test))
    assert not list(tmp_path.rglob("*.pt")) + list(tmp_path.rglob("*.pkl"))


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    model = make(epochs=1)
    model.fit(ring())
    model.save(tmp_path)
    path = tmp_path / "arrays.safetensors"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(SessionError, match="digest"):
        load_model(tmp_path)


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("settings", [{}, {"loss": "sampled"}, {"lr_decay": 0.5, "lr": 0.2}])
@pytest.mark.parametrize("name", ["gru4rec", "srgnn"])
def test_a_resumed_run_ends_bit_for_bit_where_an_uninterrupted_one_ends(
    name: str, settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ring()
    straight = make(name, **settings)
    report = straight.fit(data, seed=3)
    real = training._Run._epoch

    def stop_in_the_fourth(self: Any, module: Any, epoch: int) -> float:
        loss = real(self, module, epoch)
        if epoch == 4:
            raise Interrupted
        return loss

    monkeypatch.setattr(training._Run, "_epoch", stop_in_the_fourth)
    with pytest.raises(Interrupted):
        make(name, **settings).fit(data, seed=3, checkpoint=tmp_path)
    monkeypatch.undo()
    resumed = make(name, **settings)
    again = resumed.fit(data, seed=3, checkpoint=tmp_path)
    assert same(straight, resumed)
    told = [{k: row[k] for k in ("epoch", "loss", "metric")} for row in again.history]
    assert told == [{k: row[k] for k in ("epoch", "loss", "metric")} for row in report.history]
    # A third sitting finds the run finished and trains no more.
    monkeypatch.setattr(training._Run, "_epoch", stop_in_the_fourth)
    assert make(name, **settings).fit(data, seed=3, checkpoint=tmp_path).epochs == report.epochs


def test_a_checkpoint_of_another_run_or_cut_short_is_refused(tmp_path: Path) -> None:
    data = ring()
    make(epochs=1).fit(data, checkpoint=tmp_path)
    with pytest.raises(SessionError, match="other data, settings or seed"):
        make(epochs=1).fit(data, seed=1, checkpoint=tmp_path)
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(SessionError, match="no whole checkpoint"):
        make(epochs=1).fit(data, checkpoint=tmp_path)


def _poison(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    real = training._Run._epoch

    def poisoned(self: Any, module: Any, epoch: int) -> float:
        if epoch == at:
            with torch.no_grad():
                self.network.items.weight[0, 0] = float("nan")
        return real(self, module, epoch)

    monkeypatch.setattr(training._Run, "_epoch", poisoned)


def test_a_loss_that_is_no_number_stops_and_leaves_the_best_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ring()
    good = make(epochs=2)
    kept = good.fit(data).best_epoch
    _poison(monkeypatch, at=3)
    model = make(epochs=6)
    with pytest.raises(
        TrainingDiverged, match=f"stopped in epoch 3.*epoch {kept} are kept"
    ) as told:
        model.fit(data, checkpoint=tmp_path)
    assert told.value.kept_epoch == kept
    assert same(model, good)
    model.save(tmp_path / "saved")
    np.testing.assert_array_equal(
        load_model(tmp_path / "saved").scores(data.test), good.scores(data.test)
    )


def test_a_loss_that_is_no_number_at_once_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _poison(monkeypatch, at=1)
    model = make()
    with pytest.raises(TrainingDiverged, match="nothing to keep"):
        model.fit(ring())
    with pytest.raises(SessionError, match="not been fitted"):
        model.scores(ring().test)


def test_a_rate_beyond_reason_is_told_from_the_loss() -> None:
    with pytest.raises(TrainingDiverged, match="lower lr"):
        make(lr=1e38).fit(ring())


def test_training_stops_when_validation_stops_rising() -> None:
    data = ring()
    report = make(epochs=200, patience=3, lr=0.05).fit(data)
    assert report.epochs < 200
    assert report.epochs - report.best_epoch == 3
    best = max(row["metric"] for row in report.history)
    assert report.metric == best == report.history[report.best_epoch - 1]["metric"]


def test_without_validation_rows_the_last_epoch_is_kept() -> None:
    data = ring()
    none = type(data)(data.item_ids, 12, data.train, data.valid.slice(0, 0), data.test)
    report = make(epochs=4).fit(none)
    assert (report.epochs, report.best_epoch, report.metric) == (4, 4, None)


def test_nothing_to_learn_from_is_said() -> None:
    lonely = Sessions.from_rows([[0], [1], []], [-1, -1, 2])
    data = ring()
    with pytest.raises(SessionError, match="no training session"):
        make().fit(type(data)(data.item_ids, 12, lonely, data.valid, data.test))


def test_the_validation_score_is_that_of_the_evaluation() -> None:
    """Viewed items in and out, repeats, cold targets, and ties."""
    data = ring()
    model = make(epochs=1)
    model.fit(data)
    assert model.network is not None
    with torch.no_grad():  # two items that no score can tell apart
        model.network.items.weight[4] = model.network.items.weight[5]
    rows = [[0, 1, 0], [4], [3], [2, 2, 2], [], [12, 3], [5, 6]]
    sessions = Sessions.from_rows(rows, [0, 5, 4, 3, 1, 4, 12])
    sums = validation_mrr(model.network, warm(sessions, 12), 50)
    for way, removed in enumerate((False, True)):
        ranks = target_ranks(model.score(sessions, 13, remove_viewed=removed), sessions.targets)
        assert float(sums[way]) == pytest.approx(reciprocal_rank(ranks, 20).sum())


def test_settings_are_checked() -> None:
    with pytest.raises(SessionError, match="no such setting"):
        create("gru4rec", window=2)
    with pytest.raises(SessionError, match="lr takes a value like"):
        create("gru4rec", lr="fast")
    with pytest.raises(SessionError, match="no preset 'best'"):
        create("gru4rec", preset="best")
    assert make(lr=1).training.lr == 1.0


def test_the_catalogue_decides_the_softmax() -> None:
    settings = make().training
    assert not settings.sampled(training.FULL_SOFTMAX_ITEMS)
    assert settings.sampled(training.FULL_SOFTMAX_ITEMS + 1)


@pytest.mark.parametrize(
    ("name", "key", "value", "says"),
    [
        ("gru4rec", "batch", 0, "batch has to be 1 or more"),
        ("gru4rec", "lr", -1, "lr cannot be -1"),
        ("gru4rec", "lr_decay", 2, "lr_decay cannot be 2"),
        ("gru4rec", "dropout", 1.0, "dropout cannot be 1"),
        ("narm", "out_dropout", -0.1, "out_dropout cannot be -0.1"),
        ("gru4rec", "loss", "half", "loss is one of auto, full, sampled"),
        ("hrm", "inner", "min", "inner is one of max, average"),
        ("gru4rec", "normalize", 1, "normalize takes a value like"),
        ("latent", "epochs", 0, "epochs has to be 1 or more"),
    ],
)
def test_settings_out_of_range_are_refused(name: str, key: str, value: Any, says: str) -> None:
    with pytest.raises(SessionError, match=says):
        create(name, **{key: value})


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_makes_a_model(name: str) -> None:
    for preset in ("paper", "tuned"):
        model = create(name, preset=preset)
        assert isinstance(model, NeuralModel)
        assert model.settings["dim"] == 64


WORKER = """
import json, sys
from tests.sessions.neural.support import SMALL, ring
from tools.sessions.neural.models import GRU4Rec
from tools.sessions.neural.training import is_first_process
import torch, torch.distributed as dist
torch.set_num_threads(1)
model = GRU4Rec(preset="paper", **{**SMALL, "epochs": 4, "batch": 16, "loss": sys.argv[1]})
report = model.fit(ring(rows=120), seed=1)
tensors = model.network.state_dict().values()
sums = torch.tensor([float(sum(w.double().abs().sum() for w in tensors))])
both = [torch.zeros_like(sums) for _ in range(2)]
dist.all_gather(both, sums)
if is_first_process():
    print(json.dumps({"losses": [r["loss"] for r in report.history], "metric": report.metric,
                      "sums": [float(b) for b in both]}))
dist.destroy_process_group()
"""


@pytest.mark.parametrize("loss", ["full", "sampled"])
def test_two_processes_learn_the_same_weights_together(loss: str, tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(WORKER)
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
         str(tmp_path / "worker.py"), loss],
        cwd=root, env=_plain_environment(root), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["sums"][0] == told["sums"][1]
    assert told["losses"][-1] < told["losses"][0]
    alone = GRU4Rec(preset="paper", **{**SMALL, "epochs": 4, "batch": 16, "loss": loss})
    assert told["metric"] == pytest.approx(alone.fit(ring(rows=120), seed=1).metric, abs=0.35)


def _plain_environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}


@pytest.mark.parametrize("name", ["sasrec", "srgnn"])
def test_a_session_of_ten_thousand_items_is_learned_from(name: str) -> None:
    """It is read in pieces of `max_length`, so that a batch stays small."""
    data = ring()
    long = Sessions.from_rows([[i % 12 for i in range(10_000)], [3, 4]], [4, 5])
    model = make(name, epochs=1, batch=512, lr=0.005)
    report = model.fit(type(data)(data.item_ids, 12, long, data.valid, data.test))
    assert np.isfinite(report.history[0]["loss"])
    assert np.isfinite(model.scores(long)[:, :12]).all()
