"""A saved model with its vocabulary: item ids in, ranked item ids out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tools.errors import SessionError
from tools.sessions.data import SessionData, Sessions
from tools.sessions.protocol import SessionModel
from tools.sessions.registry import load_model

VOCABULARY = "vocabulary.json"


@dataclass(frozen=True)
class Ranked:
    """What `Ranker.rank` gives.

    Attributes:
        items: (item id, score), best first.
        unknown: viewed ids that the model does not know; they were left out.
        model: its name.
        viewed_removed: whether viewed items were left out of the list.
    """

    items: list[tuple[str, float]]
    unknown: list[str]
    model: str
    viewed_removed: bool


class Ranker:
    """A fitted model, ready to answer by item id.

    Args:
        model: fitted.
        item_ids: its vocabulary.
        viewed_removed: leave viewed items out, as validation decided.
    """

    def __init__(self, model: SessionModel, item_ids: list[str], viewed_removed: bool) -> None:
        self.model = model
        self.item_ids = item_ids
        self.viewed_removed = viewed_removed
        self._index = {item: i for i, item in enumerate(item_ids)}

    @classmethod
    def open(cls, folder: Path) -> Ranker:
        """The model that `interarec session train` kept in a folder.

        Raises:
            SessionError: there is none, or a file is missing, altered or cut short.
        """
        model = load_model(folder)
        return cls(model, *read_vocabulary(folder))

    def rank(self, viewed: Sequence[str], k: int, among: Sequence[str] | None = None) -> Ranked:
        """The k items most likely next.

        Args:
            viewed: item ids, oldest first; may be empty.
            k: length of the list.
            among: only these items, None for all.
        """
        known = [self._index[v] for v in viewed if v in self._index]
        rows = Sessions.from_rows([known])
        wide = k if among is None else len(self.item_ids)
        best = self.model.score(rows, wide, remove_viewed=self.viewed_removed)
        allowed = None if among is None else {self._index.get(a) for a in among}
        items = [
            (self.item_ids[i], float(s))
            for i, s in zip(best.ids[0].tolist(), best.scores[0].tolist(), strict=True)
            if i >= 0 and (allowed is None or i in allowed)
        ]
        unknown = [v for v in viewed if v not in self._index]
        return Ranked(items[:k], unknown, self.model.name, self.viewed_removed)


def write_vocabulary(folder: Path, item_ids: list[str], viewed_removed: bool) -> None:
    """Keep the vocabulary beside a saved model."""
    told = {"viewed_removed": viewed_removed, "item_ids": item_ids}
    (folder / VOCABULARY).write_text(json.dumps(told), "utf-8")


def read_vocabulary(folder: Path) -> tuple[list[str], bool]:
    """The item ids of a saved model, and whether it leaves out viewed items.

    Raises:
        SessionError: the file is missing or damaged.
    """
    path = folder / VOCABULARY
    try:
        told = json.loads(path.read_text("utf-8"))
        return [str(i) for i in told["item_ids"]], bool(told["viewed_removed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SessionError(f"{path} cannot be read: {error}") from None


def renumbered(data: SessionData, item_ids: list[str]) -> SessionData:
    """The data with the indices of another vocabulary; items outside it become unknown."""
    index = {item: i for i, item in enumerate(item_ids)}
    table = np.array([index.get(i, -1) for i in data.item_ids], np.int32)
    return replace(
        data,
        item_ids=item_ids,
        n_train_items=min(data.n_train_items, len(item_ids)),
        train=data.train.mapped(table),
        valid=data.valid.mapped(table),
        test=data.test.mapped(table),
        products=None,
    )
