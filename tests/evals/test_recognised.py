"""A picture of a suite goes through OCR once, whatever was read before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.reader.ocr import Line, LineReader
from evals.pictures import frames_of
from evals.recognised import with_lines


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Heights of the pictures that were read, one line found on each."""
    seen: list[int] = []

    def once(self: LineReader, rgb: object) -> list[Line]:
        assert self._last is None, "every picture starts anew"
        self._last = (rgb, [])  # type: ignore[assignment]
        seen.append(rgb.shape[0])  # type: ignore[attr-defined]
        return [Line("£30", 1, 2, 30, 14, 0.75, (4.5, 12.25, 20.0))]

    monkeypatch.setattr(LineReader, "read", once)
    return seen


def test_lines_are_kept_by_picture(tmp_path: Path, read: list[int]) -> None:
    frames = frames_of(["demo:dresses/03", "demo:dresses/04"], tmp_path)
    first = with_lines(frames, tmp_path)
    again = with_lines(list(reversed(frames)), tmp_path)
    assert len(read) == 2
    assert [f.digest for f in again] == [f.digest for f in reversed(first)]
    assert (
        again[0].lines == first[1].lines == (Line("£30", 1, 2, 30, 14, 0.75, (4.5, 12.25, 20.0)),)
    )


def test_another_banner_is_another_picture(tmp_path: Path, read: list[int]) -> None:
    names = ["demo:dresses/03", "demo:dresses/03 + BUY", "demo:dresses/03 + SELL"]
    with_lines(frames_of(names, tmp_path), tmp_path)
    assert len(read) == 3
