from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from agent.capture.guard import Guard, set_pause
from agent.capture.session import Outcome, Plan, Stop
from agent.capture.store import FrameStore
from agent.capture.watch import watch
from tools.errors import InputError


def draw(file: Path, grey: int) -> Path:
    Image.new("RGB", (60, 40), (grey, 10, 10)).save(file)
    return file


def watched(
    folder: Path, home: Path, meanwhile: Callable[[], object], plan: Plan | None = None
) -> tuple[Outcome, list[str]]:
    worker = threading.Thread(target=meanwhile)
    guard = Guard(redact=False, pause=home / "paused")
    with FrameStore(home / "f.sqlite", only_checked=True) as store:
        worker.start()
        outcome = watch(folder, store, guard, plan or Plan(seconds=4), Stop())
        worker.join()
        names = [frame.name for frame in store.session("last")] if outcome.kept else []
    return outcome, names


def test_only_whole_files_are_taken_in_the_order_in_which_they_appear(tmp_path: Path) -> None:
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    draw(folder / "0.png", 20)

    def meanwhile() -> None:
        time.sleep(0.5)
        # Renamed into place when it is whole.
        draw(folder / ".1.png.tmp.png", 60).rename(folder / "1.png")
        # Written bit by bit over more than a second.
        data = draw(tmp_path / "2.png", 120).read_bytes()
        with (folder / "2.png").open("wb") as out:
            for at in range(0, len(data), len(data) // 4):
                out.write(data[at : at + len(data) // 4])
                out.flush()
                time.sleep(0.3)
        (folder / "notes.txt").write_text("no picture")

    outcome, names = watched(folder, home, meanwhile)
    assert names == ["0.png", "1.png", "2.png"]
    assert (outcome.frames, outcome.kept, outcome.stopped) == (3, 3, "time")
    assert outcome.warnings == []


def test_repeats_are_dropped_and_bad_files_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    draw(folder / "1.png", 50)
    draw(folder / "2.png", 50)
    (folder / "3.png").write_text("<html>not a picture</html>")
    (folder / "4.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    outcome, names = watched(folder, tmp_path / "home", lambda: None, Plan(seconds=2))
    assert names == ["1.png"]
    assert (outcome.frames, outcome.kept, outcome.dropped) == (2, 1, 1)
    assert dict(outcome.refused) == {"not_a_picture": 1, "truncated": 1}
    assert {Path(w.file or "").name for w in outcome.warnings} == {"3.png", "4.jpg"}


def test_a_file_that_is_written_anew_is_a_new_picture(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    draw(folder / "screen.png", 50)

    def meanwhile() -> None:
        time.sleep(1.8)
        draw(tmp_path / "new.png", 150).rename(folder / "screen.png")

    _, names = watched(folder, tmp_path / "home", meanwhile)
    assert names == ["screen.png", "screen.png"]


def test_paused_files_wait_and_count_ends(tmp_path: Path) -> None:
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    for n in range(4):
        draw(folder / f"{n}.png", 40 * n + 20)
    set_pause(home, True)

    def meanwhile() -> None:
        time.sleep(1.6)
        set_pause(home, False)

    outcome, names = watched(folder, home, meanwhile, Plan(seconds=20, count=3))
    assert names == ["0.png", "1.png", "2.png"]
    assert outcome.stopped == "count"


def test_no_folder_is_one_sentence(tmp_path: Path) -> None:
    with FrameStore(tmp_path / "f.sqlite") as store, pytest.raises(InputError, match="no folder"):
        watch(tmp_path / "none", store, Guard(), Plan(), Stop())


def test_a_store_that_fails_keeps_what_it_has(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(40):
        Image.effect_noise((120, 90), 20 + n).save(folder / f"{n}.png")
    with FrameStore(tmp_path / "f.sqlite") as store:
        pages = store._db.run("PRAGMA page_count")[0][0]
        store._db.run(f"PRAGMA max_page_count = {pages + 40}")
        outcome = watch(folder, store, Guard(redact=False), Plan(seconds=20), Stop())
    assert outcome.stopped == "failed"
    assert outcome.warnings[-1].code == "store_failed"
    assert 1 <= outcome.kept < 40
    with FrameStore(tmp_path / "f.sqlite") as store:
        assert len(store.session("last")) == outcome.kept
