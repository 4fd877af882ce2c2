from __future__ import annotations

import io
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.capture.frames import Frame
from agent.capture.gate import admit
from agent.capture.store import FrameStore
from tools.errors import InputError, InteraRecError


def picture(seed: int, name: str = "shot") -> Frame:
    noise = np.random.default_rng(seed).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG")
    return admit(out.getvalue(), f"{name}-{seed}.png")


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_what_is_put_is_given_back(tmp_path: Path) -> None:
    frame = picture(1)
    with FrameStore(tmp_path / "deep" / "frames.sqlite") as store:
        assert store.put(frame) == frame.digest
        assert store.get(frame.digest) == frame
        assert store.contains(frame.digest)
        assert not store.contains("0" * 64)
    with FrameStore(tmp_path / "deep" / "frames.sqlite") as store:
        assert store.get(frame.digest) == frame


def test_the_same_picture_is_kept_once(tmp_path: Path) -> None:
    with FrameStore(tmp_path / "frames.sqlite") as store:
        for name in ("one", "two"):
            store.put(picture(1, name))
        assert len(store) == 1
        assert store.get(picture(1).digest).name == "two-1.png"


def test_an_unknown_picture_is_an_input_error(tmp_path: Path) -> None:
    with FrameStore(tmp_path / "frames.sqlite") as store, pytest.raises(InputError):
        store.get("f" * 64)


def test_old_frames_are_swept_on_open_and_on_put(tmp_path: Path) -> None:
    now = 1_000_000.0
    path = tmp_path / "frames.sqlite"
    day = timedelta(hours=24)
    with FrameStore(path, day, clock=lambda: now) as store:
        store.put(picture(1))
        now += 20 * 3600
        store.put(picture(2))
        now += 5 * 3600
        assert not store.contains(picture(1).digest)  # too old, though not swept yet
        assert len(store) == 2
        store.put(picture(3))
        assert len(store) == 2
    now += 20 * 3600
    with FrameStore(path, day, clock=lambda: now) as store:
        assert len(store) == 1
        assert store.contains(picture(3).digest)


def test_a_put_anew_starts_the_time_anew(tmp_path: Path) -> None:
    now = 0.0
    with FrameStore(tmp_path / "f.sqlite", timedelta(hours=1), clock=lambda: now) as store:
        store.put(picture(1))
        now = 3000
        store.put(picture(1))
        now = 6000
        assert store.contains(picture(1).digest)


@pytest.mark.parametrize("how", ["delete", "sweep"])
def test_a_deleted_picture_leaves_no_byte(tmp_path: Path, how: str) -> None:
    now = 0.0
    gone = picture(1, "secret-name")
    probe = gone.data[100:140]
    with FrameStore(tmp_path / "frames.sqlite", clock=lambda: now) as store:
        store.put(gone)
        now = 23 * 3600
        store.put(picture(2))
        assert probe in bytes_on_disk(tmp_path)
        now = 25 * 3600
        assert (store.delete(gone.digest) if how == "delete" else store.sweep() == 1) is True
        # While the store is open: the log, too, must be clean.
        left = bytes_on_disk(tmp_path)
        assert probe not in left
        assert gone.digest.encode() not in left
        assert b"secret-name" not in left
        assert store.get(picture(2).digest) == picture(2)
        assert not store.delete(gone.digest)


def test_a_log_that_a_reader_holds_is_emptied_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.capture.places.BUSY_SECONDS", 0.05)
    path = tmp_path / "frames.sqlite"
    gone = picture(1)
    with FrameStore(path) as store:
        store.put(gone)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM frames").fetchone()
        store.delete(gone.digest)
        reader.close()
        store.contains(gone.digest)
        assert gone.data[100:140] not in bytes_on_disk(tmp_path)


def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    with FrameStore(tmp_path / "frames.sqlite") as store:
        store.put(picture(1))
        for file in tmp_path.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file


def test_threads_share_one_store(tmp_path: Path) -> None:
    frames = [picture(seed) for seed in range(24)]
    with FrameStore(tmp_path / "frames.sqlite") as store:
        threads = [
            threading.Thread(target=lambda part=part: [store.put(f) for f in part])
            for part in (frames[:8], frames[8:16], frames[16:])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [store.get(f.digest) for f in frames] == frames


def test_two_stores_share_one_file(tmp_path: Path) -> None:
    with FrameStore(tmp_path / "f.sqlite") as one, FrameStore(tmp_path / "f.sqlite") as other:
        one.put(picture(1))
        other.put(picture(2))
        assert len(one) == len(other) == 2


def test_a_killed_writer_loses_nothing_that_was_put(tmp_path: Path) -> None:
    path = tmp_path / "frames.sqlite"
    script = f"""
import sys
from pathlib import Path
from tests.capture.test_store import FrameStore, picture
store = FrameStore(Path({str(path)!r}))
for seed in range(10_000):
    print(store.put(picture(seed)), flush=True)
"""
    writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    told = [writer.stdout.readline().strip() for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    told += [line.strip() for line in writer.stdout if line.endswith("\n")]
    writer.stdout.close()
    writer.wait()
    with FrameStore(path) as store:
        assert all(store.get(digest).digest == digest for digest in told)
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def test_a_damaged_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "frames.sqlite"
    path.write_bytes(b"this is no database, " * 300)
    with pytest.raises(InteraRecError, match=r"frames\.sqlite"):
        FrameStore(path)


def test_a_place_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        FrameStore(tmp_path / "file" / "frames.sqlite")
