"""Ends of a session: signals, a browser that dies, bad usage. Each with a browser of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.capture.browser import find_chromium, open_browser
from agent.capture.guard import Guard
from agent.capture.run import Capture
from agent.capture.session import Plan, Stop
from agent.capture.store import FrameStore
from tests.capture.site import site
from tests.capture.test_capture import PAGE, bytes_below
from tools.errors import InputError

pytest.importorskip("playwright", reason="the capture extra is not installed")
pytestmark = pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium here")


def test_a_browser_that_dies_keeps_what_was_captured(tmp_path: Path) -> None:
    one = {"/": PAGE.format(title="t", body="x")}
    store = FrameStore(tmp_path / "f.sqlite")
    with site(one) as address, store, open_browser() as own:
        assert own.pid

        class Killing(Stop):
            looks = 0

            @property
            def asked(self) -> bool:
                Killing.looks += 1
                if Killing.looks == 6:
                    os.kill(own.pid or 0, signal.SIGKILL)
                return False

            @asked.setter
            def asked(self, _: bool) -> None:
                pass

        run = Capture(own, store, Guard(redact=False), Plan(0.2, seconds=30))
        outcome = run.run(address + "/", Killing())
        assert outcome.stopped == "failed"
        assert [w.code for w in outcome.warnings] == ["browser_died"]
        assert outcome.kept == len(store.session("last")) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_cleanly_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with site({"/": PAGE.format(title="t", body="<h1>Here</h1>")}) as address:
        home = tmp_path / "home"
        command = [
            sys.executable,
            "-m",
            "agent",
            "capture",
            address + "/",
            "--every",
            "200ms",
            "--json",
        ]
        run = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "INTERAREC_HOME": str(home)},
            start_new_session=True,
        )
        end = time.monotonic() + 60
        while time.monotonic() < end and b"JFIF" not in bytes_below(home):
            time.sleep(0.2)
        time.sleep(1)
        os.killpg(run.pid, number)  # as a terminal does: to the whole group
        out, err = run.communicate(timeout=60)
    told = json.loads(out)
    assert run.returncode == 0, err
    assert told["stopped"] == "interrupted"
    assert told["kept"] == 1
    assert told["frames"] == told["kept"] + told["dropped"]
    assert "Traceback" not in err
    with FrameStore(home / "frames.sqlite") as store:
        assert len(store.session("last")) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give one of"),
        (["https://a.com", "--watch", "."], "give one of"),
        (["file:///etc/passwd"], "not the address of a web page"),
        (["javascript:alert(1)"], "not the address"),
        (["http://a.com", "--every", "often"], "length of time"),
        (["http://a.com", "--every", "0"], "length of time"),
        (["http://a.com", "--for", "-1s"], "length of time"),
        (["http://a.com", "--format", "gif"], "no format"),
        (["http://a.com", "--browse", "nowhere"], "no script"),
        (["--watch", "nowhere"], "no folder"),
        (["http://a.com", "--headed"], "display"),
    ],
)
def test_bad_usage_is_one_line(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from agent.cli import main

    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "argv", ["interarec", "capture", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert len(shown.err.strip().splitlines()) == 1
    assert shown.out == ""


def test_a_missing_browser_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no browser"), open_browser(executable=tmp_path / "none"):
        pass
