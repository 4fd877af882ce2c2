"""A picture of a suite goes through OCR once in every session that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.reader.ocr import Line, LineReader
from evals.pictures import frames_of
from evals.recognised import with_lines

DRESSES = ["demo:dresses/01", "demo:dresses/02", "demo:dresses/03"]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every picture that was read: whether another came before it."""
    seen: list[bool] = []

    def once(self: LineReader, rgb: object) -> list[Line]:
        seen.append(self._last is not None)
        self._last = (rgb, [])  # type: ignore[assignment]
        return [Line(f"£{len(seen)}", 1, 2, 30, 14, 0.75, (4.5, 12.25, 20.0))]

    monkeypatch.setattr(LineReader, "read", once)
    return seen


def texts(names: list[str], home: Path) -> list[str]:
    frames = with_lines(frames_of(names, home), home)
    return [line.text for frame in frames for line in frame.lines or ()]


def test_a_session_is_read_in_order_and_once(tmp_path: Path, read: list[bool]) -> None:
    whole = texts(DRESSES, tmp_path)
    assert read == [False, True, True]
    assert texts(DRESSES, tmp_path) == whole
    assert texts(DRESSES[:2], tmp_path) == whole[:2]  # the beginning of a session that was read
    assert len(read) == 3
    (frame,) = with_lines(frames_of(DRESSES[:1], tmp_path), tmp_path)
    assert frame.lines == (Line("£1", 1, 2, 30, 14, 0.75, (4.5, 12.25, 20.0)),)


def test_what_came_before_and_what_is_drawn_over_count(tmp_path: Path, read: list[bool]) -> None:
    texts(DRESSES, tmp_path)
    texts(DRESSES[2:], tmp_path)
    assert read == [False, True, True, False]
    texts([f"{DRESSES[0]} + BUY"], tmp_path)
    texts([f"{DRESSES[0]} + SELL"], tmp_path)
    assert len(read) == 6
