"""What shoppers said beside what they viewed: two channels on one line of time.

The file `conversations_{train,valid,test}.csv(.gz)` stands beside the sessions of the same part. A
row is one turn of a chat: `session`, the number of the row in the sessions file, from 0; `step`,
how many items had been viewed before it was said; and `text`, or `embedding`, numbers between
blanks. Sessions may have no turn, and a session row may have no view: a channel may be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.errors import SessionError
from tools.sessions.data import UNKNOWN, Ints, Offsets, Sessions, Turns, picked
from tools.sessions.tables import Table, find_part
from tools.text import Vectors

if TYPE_CHECKING:
    from tools.text import TextEncoder

WEB, CHAT, BOTH, NEITHER = "web only", "chat only", "both", "neither"


@dataclass(frozen=True)
class Timelines:
    """Rows of steps in compressed form, each step an item viewed or a turn of the chat.

    Attributes:
        items: int32 [steps], the item of a view; `UNKNOWN` for a turn and for an unknown item.
        turns: int64 [steps], row of `vectors` for a turn, -1 for a view.
        vectors: float32 [turns, dimension], what was said.
        offsets: int64 [rows + 1]; row i is the steps offsets[i] to offsets[i + 1] - 1.
        targets: int32 [rows], the item that came next.
    """

    items: Ints
    turns: NDArray[np.int64]
    vectors: Vectors
    offsets: Offsets
    targets: Ints

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def channels(self) -> NDArray[np.str_]:
        """Which channels each row has: WEB, CHAT, BOTH or NEITHER."""
        said = self._counts(self.turns >= 0) > 0
        viewed = self._counts(self.turns < 0) > 0
        return np.select([said & viewed, viewed, said], [BOTH, WEB, CHAT], NEITHER)

    def _counts(self, what: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.diff(np.concatenate([[0], np.cumsum(what)])[self.offsets])

    def only(self, channel: str) -> Timelines:
        """The same rows with the steps of one channel: WEB or CHAT."""
        kept = self.turns < 0 if channel == WEB else self.turns >= 0
        offsets = np.concatenate([[0], np.cumsum(kept)])[self.offsets].astype(np.int64)
        return Timelines(self.items[kept], self.turns[kept], self.vectors, offsets, self.targets)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Timelines:
        """The named rows (indices or a mask), in that order."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else np.asarray(rows, np.int64)
        offsets, at = picked(self.offsets, index)
        return Timelines(self.items[at], self.turns[at], self.vectors, offsets, self.targets[index])


def on_one_line(sessions: Sessions, dimension: int = 1) -> Timelines:
    """Views and turns in the order in which they happened.

    A turn at step s stands before the view number s (from 0); more steps than there are views
    means after the last.

    Args:
        sessions: the views, the targets, and what was said.
        dimension: of the vectors where nothing was read of what was said.
    """
    said = sessions.said
    if said is None:
        none = np.zeros((0, dimension), np.float32)
        said = Turns.of([], [], none, len(sessions))
    view_row, row = sessions.row_of, said.row_of
    view_place = np.arange(len(sessions.items)) - sessions.offsets[:-1][view_row]
    place = np.minimum(said.steps, sessions.lengths[row])
    rows = np.concatenate([view_row, row])
    places = np.concatenate([2 * view_place + 1, 2 * place])
    order = np.lexsort((np.arange(len(rows)), places, rows))
    items = np.concatenate([sessions.items, np.full(len(row), UNKNOWN, np.int32)])[order]
    turns = np.concatenate([np.full(len(view_row), -1), np.arange(len(row))]).astype(np.int64)
    offsets = np.searchsorted(rows[order], np.arange(len(sessions) + 1)).astype(np.int64)
    return Timelines(items.astype(np.int32), turns[order], said.vectors, offsets, sessions.targets)


def read_turns(folder: Path, part: str, rows: int, encoder: TextEncoder) -> Turns | None:
    """The chat beside the sessions of one part; None where the folder has no such file.

    Args:
        folder: in the layout (`tools.sessions.layout`).
        part: train, valid or test.
        rows: of that part's sessions file.
        encoder: for a file with texts.

    Raises:
        SessionError: the file lacks a column, or a row of it makes no sense.
    """
    path = find_part(folder, f"conversations_{part}")
    if path is None:
        return None
    table = Table.open(path)
    kind = "embedding" if table.place("embedding") is not None else "text"
    columns = table.needs("session", "step", kind)
    of: list[int] = []
    step: list[int] = []
    said: list[str] = []
    for number, line in table.rows():
        session, place, words = (line[c] for c in columns)
        try:
            of.append(int(session))
            step.append(int(place))
        except ValueError:
            raise SessionError(f"{path}, line {number}: no session, step and {kind}") from None
        if step[-1] < 0 or not 0 <= of[-1] < rows:
            raise SessionError(f"{path}, line {number}: there is no such session or step")
        said.append(words)
    return Turns.of(of, step, _vectors(said, kind, path, encoder), rows)


def _vectors(said: list[str], kind: str, path: Path, encoder: TextEncoder) -> Vectors:
    if kind == "text":
        if not said:
            return np.zeros((0, encoder.dimension), np.float32)
        return np.asarray(encoder.encode(said), np.float32)
    try:
        rows = [np.array(words.split(), np.float32) for words in said]
    except ValueError:
        raise SessionError(f"{path}: an embedding holds something else than numbers") from None
    if len({len(row) for row in rows}) > 1:
        raise SessionError(f"{path}: embeddings of different lengths")
    vectors = np.stack(rows) if rows else np.zeros((0, 1), np.float32)
    if not np.isfinite(vectors).all():
        raise SessionError(f"{path}: an embedding holds a number that is not finite")
    return vectors
