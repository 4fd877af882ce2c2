"""Reading the file layout: `sessions_{train,valid,test}.csv(.gz)` and `products.csv(.gz)`.

A row holds `prev_items` (ids separated by blanks, oldest first, or the printed array of the
Amazon-M2 release, KDD Cup 2023) and `next_item`; a `locale` column is understood when present.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.errors import SessionError
from tools.sessions.conversations import read_turns
from tools.sessions.data import UNKNOWN, Ints, Offsets, SessionData, Sessions
from tools.sessions.products import Products
from tools.sessions.tables import Table, find_part

if TYPE_CHECKING:
    from tools.text import TextEncoder

PARTS = ("train", "valid", "test")
VALID_SHARE = 0.1
VALID_MOST = 10_000

_ARRAY_SIGNS = str.maketrans("[]'\",\n", "      ")
_ID_COLUMNS = ("id", "item_id", "product_id", "asin")


@dataclass
class _Rows:
    """Rows as read: views as one flat list of ids."""

    views: list[str] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)


def read_layout(
    folder: Path,
    *,
    locale: str | None = None,
    seed: int = 0,
    name: str | None = None,
    chat: TextEncoder | None = None,
) -> SessionData:
    """Read a folder in the layout.

    Without a file for validation, every tenth training session (at most 10,000, drawn with
    `seed`) is set aside. They are expanded to prefixes when the test rows are nested prefixes of
    one another, so that validation asks what the test asks; only the shape of the test rows is
    looked at for that.

    Args:
        folder: holds `sessions_train.csv(.gz)` at least.
        locale: keep only rows and products of this `locale`.
        seed: of the split.
        name: of the data in reports; the folder's name when not given.
        chat: read `conversations_{train,valid,test}` beside the sessions, too; texts are encoded
            with this.

    Raises:
        SessionError: a file is missing, cannot be read or lacks a column, or nothing is left.
    """
    if not folder.is_dir():
        raise SessionError(f"there is no folder {folder}")
    if chat is not None and locale is not None:
        raise SessionError("conversations count the rows of all locales: leave out --locale")
    notes: dict[str, str] = {}
    read = {part: _read_sessions(find_part(folder, f"sessions_{part}"), locale) for part in PARTS}
    if not read["train"].lengths:
        where = f" of locale {locale!r}" if locale else ""
        raise SessionError(
            f"{folder} holds no training sessions{where} (sessions_train.csv or .csv.gz)"
        )
    products = _read_products(
        find_part(folder, "products") or find_part(folder, "products_train"), locale, notes
    )
    index: dict[str, int] = {}
    for ids in (read["train"].views, read["train"].targets, read["valid"].views,
                read["valid"].targets, products.ids):  # fmt: skip
        for item in dict.fromkeys(ids):
            if item:
                index.setdefault(item, len(index))
    sets = {part: _encoded(read[part], index) for part in PARTS}
    if chat is not None:
        sets = {
            part: replace(rows, said=read_turns(folder, part, len(rows), chat))
            for part, rows in sets.items()
        }
    sets = {part: rows.without_unknown() for part, rows in sets.items()}
    item_ids = list(index)
    data = SessionData(
        item_ids=item_ids,
        n_train_items=len(item_ids),
        train=sets["train"],
        valid=sets["valid"],
        test=sets["test"],
        products=products.ordered(item_ids),
        name=name or folder.resolve().name,
        notes=notes,
    )
    if read["valid"].lengths:
        notes["validation"] = "its own file"
        return data.with_train(data.train)
    return _split(data, seed, notes)


def _encoded(rows: _Rows, index: dict[str, int]) -> Sessions:
    get = index.get
    items: Ints = np.fromiter((get(i, UNKNOWN) for i in rows.views), np.int32, len(rows.views))
    targets: Ints = np.fromiter(
        (get(i, UNKNOWN) for i in rows.targets), np.int32, len(rows.targets)
    )
    offsets: Offsets = np.concatenate([[0], np.cumsum(rows.lengths)]).astype(np.int64)
    return Sessions(items, offsets, targets)


def _split(data: SessionData, seed: int, notes: dict[str, str]) -> SessionData:
    rows = len(data.train)
    size = min(VALID_MOST, max(1, round(VALID_SHARE * rows)))
    if rows < 2:
        return data.with_train(data.train)
    chosen = np.zeros(rows, bool)
    chosen[np.random.default_rng(seed).choice(rows, size, replace=False)] = True
    valid = data.train.take(chosen)
    expanded = nested(data.test)
    if expanded:
        valid = valid.prefixes()
        if len(valid) > VALID_MOST:
            some = np.random.default_rng(seed).choice(len(valid), VALID_MOST, replace=False)
            valid = valid.take(np.sort(some))
    notes["validation"] = (
        f"{size} of {rows} training sessions drawn with seed {seed}"
        + (", expanded to prefixes as the test rows are" if expanded else "")
        + f": {len(valid)} rows"
    )
    data = replace(data, prefix_rows=expanded)
    return data.with_train(data.train.take(~chosen), valid)


def nested(sessions: Sessions) -> bool:
    """Whether most rows longer than one view are another row and one view more."""
    rows = {row.tobytes() for row in sessions}
    longer = [row for row in sessions if len(row) > 1]
    inside = sum(row[:-1].tobytes() in rows for row in longer)
    return bool(longer) and inside > 0.6 * len(longer)


def _read_sessions(path: Path | None, locale: str | None) -> _Rows:
    rows = _Rows()
    if path is None:
        return rows
    table = Table.open(path)
    [prev] = table.needs("prev_items")
    after = table.place("next_item")
    if locale is not None and table.place("locale") is None:
        raise SessionError(f"{path} has no column locale to choose {locale!r} by")
    views: list[list[str]] = []
    for _, line in table.rows(locale):
        text = line[prev]
        if text.startswith("["):
            text = text.translate(_ARRAY_SIGNS)
        views.append(text.split())
        rows.targets.append(line[after].strip() if after is not None else "")
    rows.lengths = [len(v) for v in views]
    rows.views = list(chain.from_iterable(views))
    return rows


@dataclass
class _Products:
    ids: list[str] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)

    def ordered(self, item_ids: list[str]) -> Products | None:
        if not self.ids:
            return None
        place = {item: i for i, item in enumerate(self.ids)}
        rows = [place.get(item) for item in item_ids]
        columns = {
            name: ["" if r is None else values[r] for r in rows]
            for name, values in self.columns.items()
        }
        listed: NDArray[np.bool_] = np.array([r is not None for r in rows], bool)
        return Products(columns, listed)


def _read_products(path: Path | None, locale: str | None, notes: dict[str, str]) -> _Products:
    found = _Products()
    if path is None:
        return found
    table = Table.open(path)
    key = next((table.header.index(c) for c in _ID_COLUMNS if c in table.header), None)
    if key is None:
        raise SessionError(f"{path} has no column id; its columns are {table.header}")
    kept: dict[str, list[str]] = {}
    doubles = 0
    for _, line in table.rows(locale):
        item = line[key].strip()
        if item and item not in kept:
            kept[item] = line
        else:
            doubles += bool(item)
    if doubles and (locale is not None or table.place("locale") is None):
        notes["products"] = f"{doubles} products had an id that came before; the first one counts"
    found.ids = list(kept)
    found.columns = {
        name: [line[c].strip() for line in kept.values()]
        for c, name in enumerate(table.header)
        if c != key
    }
    return found
