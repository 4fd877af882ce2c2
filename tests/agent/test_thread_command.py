"""`interarec chat --stream` and `interarec thread` as their users meet them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command import run


def test_a_streamed_chat_tells_what_happens_line_by_line(demo_home: Path) -> None:
    done = run("chat", "--thread", "s1", "--stream", "--json", home=demo_home, text="under £60\n")
    assert done.returncode == 0, done.stderr
    *events, answer = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "stage_started"
    assert kinds[-1] == "turn_ended"
    assert "tool_called" in kinds
    parts = "".join(e["text"] for e in events if e["event"] == "message_part")
    assert parts == answer["message"]
    assert answer["answered_by"] == ["embedded"]
    plain = run("chat", "--thread", "s2", "--stream", home=demo_home, text="under £60\n")
    assert plain.stdout == answer["message"] + "\n"


def test_threads_are_listed_and_deleted(demo_home: Path) -> None:
    for name in ("t1", "t2"):
        run("chat", "--thread", name, home=demo_home, text="hello\n")
    listed = json.loads(run("thread", "list", "--json", home=demo_home).stdout)["threads"]
    assert {"t1", "t2"} <= {t["name"] for t in listed}
    assert all(t["turns"] >= 1 and t["changed"] for t in listed)
    done = run("thread", "delete", "t1", "--json", home=demo_home)
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"deleted": ["t1"], "unknown": []}
    again = run("thread", "delete", "t1", home=demo_home)
    assert again.returncode == 2
    assert "no conversation t1" in again.stderr
    assert run("thread", "delete", home=demo_home).returncode == 2
    assert run("thread", "delete", "--all", "t2", home=demo_home).returncode == 2
    assert run("thread", "delete", "../x", home=demo_home).returncode == 2
    assert "t2" in run("thread", "list", home=demo_home).stdout
    assert run("thread", "delete", "--all", home=demo_home).returncode == 0
    assert run("thread", "list", home=demo_home).stdout == "No conversation is kept.\n"


def test_a_database_away_is_one_line(demo_home: Path) -> None:
    url = "postgresql://me:secret@127.0.0.1:9/x"
    done = run("thread", "list", home=demo_home, INTERAREC_THREADS_URL=url)
    assert done.returncode == 2
    assert "threads_url" in done.stderr
    assert "secret" not in done.stderr
    assert "secret" not in run("config", home=demo_home, INTERAREC_THREADS_URL=url).stdout
