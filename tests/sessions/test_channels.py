"""Two channels: the file, the made-up world, and the Latent Feature model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import Tensor

from tests.support.command import answered, refused, run
from tools.errors import SessionError
from tools.sessions.conversations import (
    BOTH,
    CHAT,
    NEITHER,
    WEB,
    Timelines,
    on_one_line,
    read_turns,
)
from tools.sessions.data import Sessions, Turns
from tools.sessions.layout import read_layout
from tools.sessions.neural import latent
from tools.sessions.neural.latent import LatentFeature, LatentNetwork, late_fusion, row_weights
from tools.sessions.neural.training import TrainingDiverged
from tools.sessions.registry import create
from tools.sessions.two_channels import World
from tools.text import HashingEncoder

Weights = NDArray[np.float32]
SMALL: dict[str, Any] = {
    "latent": 16,
    "state": 24,
    "hidden": 24,
    "batch": 64,
    "epochs": 30,
    "lr": 0.01,
}


def test_views_and_turns_stand_in_their_order() -> None:
    views = Sessions.from_rows([[5, 6], [], [7]], [1, 2, 3])
    said = Turns.of([0, 0, 1, 0], [0, 1, 0, 9], np.eye(4, dtype=np.float32), 3)
    sessions = replace(views, said=said)
    line = on_one_line(sessions)
    assert line.items.tolist() == [-1, 5, -1, 6, -1, -1, 7]
    assert line.vectors[line.turns[line.turns >= 0]].argmax(axis=1).tolist() == [0, 1, 3, 2]
    assert line.offsets.tolist() == [0, 5, 6, 7]
    assert line.channels.tolist() == [BOTH, CHAT, WEB]
    assert line.only(WEB).items.tolist() == [5, 6, 7]
    assert line.only(CHAT).channels.tolist() == [CHAT, CHAT, NEITHER]
    assert line.take(np.array([2, 0])).items.tolist() == [7, -1, 5, -1, 6, -1]
    # Rows keep their chat when they are taken out, and steps still tell the place of a turn when
    # a view is left out.
    assert on_one_line(sessions.take(np.array([1]))).turns.tolist() == [0]
    assert on_one_line(sessions.slice(1, 3)).items.tolist() == [-1, 7]
    gone = sessions.mapped(np.array([0, 1, 2, 3, 4, -1, 6, 7], np.int32))
    assert on_one_line(gone).items.tolist() == [-1, -1, 6, -1, -1, 7]
    assert on_one_line(views).channels.tolist() == [WEB, NEITHER, WEB]
    with pytest.raises(SessionError, match="session 3 of 3"):
        Turns.of([3], [0], np.ones((1, 2), np.float32), 3)


@pytest.mark.parametrize("kind", ["text", "embedding"])
def test_the_file_is_read(kind: str, tmp_path: Path) -> None:
    words = {"text": ["a red dress", "cheaper"], "embedding": ["1 0", "0 1"]}[kind]
    lines = [f"session,step,{kind}", f"0,1,{words[0]}", f"1,0,{words[1]}"]
    (tmp_path / "conversations_train.csv").write_text("\n".join(lines))
    said = read_turns(tmp_path, "train", 2, HashingEncoder())
    assert said is not None
    line = on_one_line(replace(Sessions.from_rows([[4], []], [1, 2]), said=said))
    assert line.items.tolist() == [4, -1, -1]
    assert line.vectors.shape == (2, 2 if kind == "embedding" else HashingEncoder().dimension)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("session,text\n0,a", "no column step"),
        ("session,step,text\n0,a", "line 2: 2 fields, not 3"),
        ("session,step,text\n7,0,a", "line 2: there is no such session"),
        ("session,step,text\n0,x,a", "line 2: no session, step"),
        ("session,step,embedding\n0,0,1 b", "something else than numbers"),
        ("session,step,embedding\n0,0,1 2\n0,0,1", "different lengths"),
        ("session,step,embedding\n0,0,1 nan", "not finite"),
    ],
)
def test_bad_files_are_refused(text: str, says: str, tmp_path: Path) -> None:
    assert read_turns(tmp_path, "test", 1, HashingEncoder()) is None
    (tmp_path / "conversations_test.csv").write_text(text)
    with pytest.raises(SessionError, match=says):
        read_turns(tmp_path, "test", 1, HashingEncoder())


def test_the_chances_of_the_world_are_right() -> None:
    world = World(seed=3)
    rows = world.draw(20_000, 1)
    chances = world.chances(rows)
    assert np.allclose(chances.sum(axis=1), 1)
    # Calibrated: of the items given a chance of about p, a share of about p was wanted.
    wanted = np.zeros_like(chances, bool)
    wanted[np.arange(len(rows)), rows.targets] = True
    for low in (0.02, 0.2, 0.5, 0.8):
        some = (chances > low) & (chances < low + 0.1)
        error = 4 / np.sqrt(some.sum())
        assert abs(chances[some].mean() - wanted[some].mean()) < error


def test_a_missing_channel_is_a_zero_vector_and_both_help() -> None:
    world = World(kinds=3, needs=3, dimension=6, view_holds=0.9, turn_holds=0.95, noise=0.2)
    train, valid, test = world.draw(900, 1), world.draw(200, 2), world.draw(400, 3)
    model = LatentFeature(**SMALL)
    report = model.fit_lines(train, valid, world.n_items, seed=1)
    assert report.best_epoch >= 1
    scores = model.line_scores(test)
    assert np.isfinite(scores).all()
    first = scores.argmax(axis=1) == test.targets
    by = {c: first[test.channels == c].mean() for c in (BOTH, WEB, CHAT)}
    assert by[BOTH] > by[WEB] + 0.2
    assert by[BOTH] > by[CHAT] + 0.2
    best = (world.chances(test).argmax(axis=1) == test.targets)[test.channels == BOTH].mean()
    assert by[BOTH] <= best + 0.05
    # Rows without any step are answered, all alike.
    empty = model.line_scores(test.only(CHAT).take(test.channels == WEB))
    assert np.allclose(empty, empty[0])


TINY: dict[str, Any] = {"latent": 8, "state": 8, "hidden": 8, "batch": 32, "epochs": 4}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two items, viewed or asked for; what is asked for comes next, whatever was viewed."""
    made = tmp_path / "data"
    made.mkdir()
    for part, rows in (("train", 60), ("valid", 20), ("test", 20)):
        wanted = ["ab"[i % 2] for i in range(rows)]
        sessions = [f"{'ba'[i % 3 % 2]},{item}" for i, item in enumerate(wanted)]
        said = [f"{i},1,{'1 0' if item == 'a' else '0 1'}" for i, item in enumerate(wanted)]
        (made / f"sessions_{part}.csv").write_text("\n".join(["prev_items,next_item", *sessions]))
        (made / f"conversations_{part}.csv").write_text(
            "\n".join(["session,step,embedding", *said])
        )
    return made


def test_the_same_seed_gives_the_same_model_and_it_can_be_kept(
    folder: Path, tmp_path: Path
) -> None:
    data = read_layout(folder, chat=HashingEncoder())
    one, two = LatentFeature(**TINY), LatentFeature(**TINY)
    for model in (one, two):
        model.fit(data, seed=5)
    assert np.array_equal(one.scores(data.test), two.scores(data.test))
    one.save(tmp_path / "model")
    again = LatentFeature.load(tmp_path / "model")
    assert np.array_equal(again.scores(data.test), one.scores(data.test))
    # Without a chat the screens alone are answered, and as well without its columns.
    silent = read_layout(folder).test
    assert np.isfinite(again.scores(silent)).all()
    assert not np.array_equal(again.scores(silent), again.scores(data.test))
    with pytest.raises(SessionError, match="needs conversations_train"):
        LatentFeature().fit(read_layout(folder))
    stored = tmp_path / "model" / "arrays.safetensors"
    stored.write_bytes(stored.read_bytes()[:50])
    with pytest.raises(SessionError, match="digest"):
        LatentFeature.load(tmp_path / "model")


def test_an_interrupted_fit_ends_where_a_whole_one_ends(folder: Path, tmp_path: Path) -> None:
    data = read_layout(folder, chat=HashingEncoder())
    whole, part, rest = (LatentFeature(**TINY | {"epochs": n}) for n in (4, 2, 4))
    whole.fit(data, seed=3)
    part.fit(data, seed=3, checkpoint=tmp_path)
    assert rest.fit(data, seed=3, checkpoint=tmp_path).epochs == 4
    assert np.array_equal(whole.scores(data.test), rest.scores(data.test))
    with pytest.raises(SessionError, match="other data, settings or seed"):
        LatentFeature(**TINY).fit(data, seed=4, checkpoint=tmp_path)


def test_a_loss_that_is_no_number_keeps_the_best_weights(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = read_layout(folder, chat=HashingEncoder())
    good = LatentFeature(**TINY | {"epochs": 2})
    good.fit(data, seed=1)
    real = latent._weighted

    def poisoned(network: LatentNetwork, rows: Timelines, weights: Weights) -> Tensor:
        calls.append(len(rows))
        # Two steps an epoch.
        return real(network, rows, weights) * (float("nan") if len(calls) == 5 else 1)

    calls: list[int] = []
    monkeypatch.setattr(latent, "_loss", lambda network, rows, weights: -len(calls))
    monkeypatch.setattr(latent, "_weighted", poisoned)
    model = LatentFeature(**TINY)
    with pytest.raises(TrainingDiverged, match=r"epoch 3.*epoch 2 are kept"):
        model.fit(data, seed=1)
    assert np.array_equal(model.scores(data.test), good.scores(data.test))


def test_the_commands_offer_it(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    base = ("--data", folder, "--json")
    settings = [part for key, value in SMALL.items() for part in ("--set", f"{key}={value}")]
    told = answered(
        run("session", "train", "--model", "latent", "--out", out, *settings,
            "--set", "encoder=hashing", *base, home=tmp_path)
    )  # fmt: skip
    assert told["model"] == "latent"
    judged = answered(
        run("session", "evaluate", "--model", out, "--against", "popularity", *base, home=tmp_path)
    )
    # What was asked for comes next, and only the chat tells it.
    assert judged["with_viewed"]["mrr@20"] == 1
    assert judged["against"]["popularity"]["mrr@20"] < 0.8
    ranked = answered(run("session", "rank", "a", "--model", out, "--json", home=tmp_path))
    assert {item["id"] for item in ranked["items"]} <= {"a", "b"}
    for part in folder.glob("conversations_*"):
        part.unlink()
    done = run("session", "train", "--model", "latent", "--out", out, "--data", folder,
               home=tmp_path)  # fmt: skip
    assert "conversations_train" in refused(done)


def test_bad_usage_is_told(folder: Path) -> None:
    with pytest.raises(SessionError, match="no such setting"):
        create("latent", nope=1)
    with pytest.raises(SessionError, match="lr takes a value like"):
        create("latent", lr="x")
    with pytest.raises(SessionError, match="all locales"):
        read_layout(folder, locale="UK", chat=HashingEncoder())
    data = read_layout(folder, chat=HashingEncoder())
    model = LatentFeature(**TINY)
    model.fit(data)
    wide = Turns.of([0], [0], np.ones((1, 3), np.float32), len(data.test))
    with pytest.raises(SessionError, match="3 numbers a turn, the model knows 2"):
        model.scores(replace(data.test, said=wide))


def test_weights_and_late_fusion_follow_the_channels() -> None:
    rows = World().draw(200, 4)
    weights = row_weights(rows)
    chat, web = rows.channels == CHAT, rows.channels == WEB
    assert set(weights[chat]) == {2.0}
    assert set(weights[web]) == {1.0}
    assert np.allclose(weights[rows.channels == BOTH], weights[chat | web].mean())
    ones, twos = np.ones((200, 3), np.float32), np.full((200, 3), 2, np.float32)
    fused = late_fusion(ones, twos, rows)
    assert set(fused[web].ravel()) == {1.0}
    assert set(fused[chat].ravel()) == {2.0}
    assert set(fused[rows.channels == BOTH].ravel()) == {1.5}
    with pytest.raises(SessionError, match="not been fitted"):
        LatentFeature().line_scores(rows)
