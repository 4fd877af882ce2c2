"""Summaries stored beside the sessions, as `interarec session dataset` writes them.

`summaries_test.csv(.gz)` has a row for every session row and kind of summary: `session`, the
number of the row in the sessions file from 0; `view`, what the summary was made from (`page`,
`product`, or `page@0.5` for a page shown at half its size); and `text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.errors import SessionError
from tools.sessions.tables import Table, find_part

if TYPE_CHECKING:
    from tools.text import TextEncoder, Vectors

WORDS = (8, 16, 32, 64)
"""Lengths to which summaries are cut to see what their length is worth."""


def read_summaries(folder: Path, part: str, rows: int) -> dict[str, list[str]]:
    """View -> the text of every row, "" where none is stored; empty when there is no file.

    Raises:
        SessionError: the file lacks a column, or names a row that is not there.
    """
    path = find_part(folder, f"summaries_{part}")
    if path is None:
        return {}
    table = Table.open(path)
    columns = table.needs("session", "view", "text")
    found: dict[str, list[str]] = {}
    for number, line in table.rows():
        session, view, text = (line[c] for c in columns)
        try:
            found.setdefault(view, [""] * rows)[_row(session, rows)] = text
        except ValueError:
            raise SessionError(f"{path}, line {number}: no such session") from None
    return found


def _row(text: str, rows: int) -> int:
    row = int(text)
    if not 0 <= row < rows:
        raise ValueError
    return row


def as_queries(texts: Sequence[str], encoder: TextEncoder) -> Vectors:
    """Unit vectors of summaries, zero where there is none, [texts, dimension]."""
    vectors = np.zeros((len(texts), encoder.dimension), np.float32)
    filled = [i for i, text in enumerate(texts) if text.strip()]
    if filled:
        vectors[filled] = encoder.encode([texts[i] for i in filled])
    return vectors


def cut(text: str, words: int) -> str:
    """The first so many words."""
    return " ".join(text.split()[:words])
