"""Two channels: the file, the made-up world, and the Latent Feature model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.errors import SessionError
from tools.sessions.conversations import BOTH, CHAT, NEITHER, WEB, on_one_line, read_conversations
from tools.sessions.data import Sessions
from tools.sessions.neural.latent import (
    LatentFeature,
    LatentSettings,
    late_fusion,
    row_weights,
)
from tools.sessions.two_channels import World
from tools.text import HashingEncoder

SMALL = LatentSettings(latent=16, state=24, hidden=24, batch=64, epochs=30, lr=0.01)


def test_views_and_turns_stand_in_their_order() -> None:
    sessions = Sessions.from_rows([[5, 6], [], [7]], [1, 2, 3])
    vectors = np.eye(4, dtype=np.float32)
    line = on_one_line(sessions, [0, 0, 1, 0], [0, 1, 0, 9], vectors)
    assert line.items.tolist() == [-1, 5, -1, 6, -1, -1, 7]
    assert line.turns.tolist() == [0, -1, 1, -1, 3, 2, -1]
    assert line.offsets.tolist() == [0, 5, 6, 7]
    assert line.channels.tolist() == [BOTH, CHAT, WEB]
    assert line.only(WEB).items.tolist() == [5, 6, 7]
    assert line.only(CHAT).channels.tolist() == [CHAT, CHAT, NEITHER]
    assert line.take(np.array([2, 0])).items.tolist() == [7, -1, 5, -1, 6, -1]
    with pytest.raises(SessionError, match="session 3 of 3"):
        on_one_line(sessions, [3], [0], vectors[:1])


@pytest.mark.parametrize("kind", ["text", "embedding"])
def test_the_file_is_read(kind: str, tmp_path: Path) -> None:
    said = {"text": ["a red dress", "cheaper"], "embedding": ["1 0", "0 1"]}[kind]
    lines = [f"session,step,{kind}", f"0,1,{said[0]}", f"1,0,{said[1]}"]
    (tmp_path / "conversations_train.csv").write_text("\n".join(lines))
    line = read_conversations(
        tmp_path, "train", Sessions.from_rows([[4], []], [1, 2]), HashingEncoder()
    )
    assert line.items.tolist() == [4, -1, -1]
    assert line.vectors.shape == (2, 2 if kind == "embedding" else HashingEncoder().dimension)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "no conversations_test"),
        ("session,text\n0,a", "needs the columns"),
        ("session,step,text\n7,0,a", "line 2: there is no such session"),
        ("session,step,text\n0,x,a", "line 2: no session, step"),
        ("session,step,embedding\n0,0,1 b", "something else than numbers"),
        ("session,step,embedding\n0,0,1 2\n0,0,1", "different lengths"),
        ("session,step,embedding\n0,0,1 nan", "not finite"),
    ],
)
def test_bad_files_are_refused(text: str | None, says: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "conversations_test.csv").write_text(text)
    with pytest.raises(SessionError, match=says):
        read_conversations(tmp_path, "test", Sessions.from_rows([[1]], [1]), HashingEncoder())


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
    model = LatentFeature(SMALL)
    report = model.fit(train, valid, world.n_items, seed=1)
    assert report.best_epoch >= 1
    scores = model.scores(test)
    assert np.isfinite(scores).all()
    first = scores.argmax(axis=1) == test.targets
    by = {c: first[test.channels == c].mean() for c in (BOTH, WEB, CHAT)}
    assert by[BOTH] > by[WEB] + 0.2
    assert by[BOTH] > by[CHAT] + 0.2
    best = (world.chances(test).argmax(axis=1) == test.targets)[test.channels == BOTH].mean()
    assert by[BOTH] <= best + 0.05
    # Rows without any step are answered, all alike.
    empty = model.scores(test.only(CHAT).take(test.channels == WEB))
    assert np.allclose(empty, empty[0])


def test_the_same_seed_gives_the_same_model_and_it_can_be_kept(tmp_path: Path) -> None:
    world = World()
    train, test = world.draw(100, 1), world.draw(20, 2)
    settings = LatentSettings(latent=8, state=8, hidden=8, batch=32, epochs=2)
    one, two = LatentFeature(settings), LatentFeature(settings)
    for model in (one, two):
        model.fit(train, test, world.n_items, seed=5)
    assert np.array_equal(one.scores(test), two.scores(test))
    one.save(tmp_path / "model")
    again = LatentFeature.load(tmp_path / "model")
    assert np.array_equal(again.scores(test), one.scores(test))
    stored = tmp_path / "model" / "arrays.safetensors"
    stored.write_bytes(stored.read_bytes()[:50])
    with pytest.raises(SessionError, match="digest"):
        LatentFeature.load(tmp_path / "model")


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
        LatentFeature().scores(rows)
