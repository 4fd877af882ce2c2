"""Reading the file layout: `sessions_{train,valid,test}.csv(.gz)` and `products.csv(.gz)`.

A row holds `prev_items` (ids separated by blanks, oldest first, or the printed array of the
Amazon-M2 release, KDD Cup 2023) and `next_item`; a `locale` column is understood when present.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.errors import SessionError
from tools.sessions.data import UNKNOWN, Ints, Offsets, SessionData, Sessions
from tools.sessions.products import Products

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
    folder: Path, *, locale: str | None = None, seed: int = 0, name: str | None = None
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

    Raises:
        SessionError: a file is missing, cannot be read or lacks a column, or nothing is left.
    """
    if not folder.is_dir():
        raise SessionError(f"there is no folder {folder}")
    notes: dict[str, str] = {}
    rows = {part: _read_sessions(find_part(folder, f"sessions_{part}"), locale) for part in PARTS}
    if not rows["train"].lengths:
        where = f" of locale {locale!r}" if locale else ""
        raise SessionError(
            f"{folder} holds no training sessions{where} (sessions_train.csv or .csv.gz)"
        )
    table = _read_products(
        find_part(folder, "products") or find_part(folder, "products_train"), locale, notes
    )
    index: dict[str, int] = {}
    for ids in (rows["train"].views, rows["train"].targets, rows["valid"].views,
                rows["valid"].targets, table.ids):  # fmt: skip
        for item in dict.fromkeys(ids):
            if item:
                index.setdefault(item, len(index))
    sets = {part: _encoded(rows[part], index) for part in PARTS}
    item_ids = list(index)
    data = SessionData(
        item_ids=item_ids,
        n_train_items=len(item_ids),
        train=sets["train"],
        valid=sets["valid"],
        test=sets["test"],
        products=table.ordered(item_ids),
        name=name or folder.resolve().name,
        notes=notes,
    )
    if rows["valid"].lengths:
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
    kept = items >= 0
    if not kept.all():
        offsets = np.concatenate([[0], np.cumsum(kept)])[offsets].astype(np.int64)
    return Sessions(items[kept], offsets, targets)


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


def find_part(folder: Path, stem: str) -> Path | None:
    """The file of that name in a folder, plain or gzipped; None where there is none."""
    for ending in (".csv", ".csv.gz"):
        if (folder / f"{stem}{ending}").is_file():
            return folder / f"{stem}{ending}"
    return None


def read_lines(path: Path) -> Iterator[list[str]]:
    """The fields of every line of a CSV file, gzipped or not.

    Raises:
        SessionError: it cannot be read.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig")
        yield from csv.reader(io.StringIO(text, newline=""))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise SessionError(f"{path} cannot be read: {error}") from None


def _read_sessions(path: Path | None, locale: str | None) -> _Rows:
    rows = _Rows()
    if path is None:
        return rows
    lines = read_lines(path)
    header = [h.strip() for h in next(lines, [])]
    if "prev_items" not in header:
        raise SessionError(f"{path} has no column prev_items; its columns are {header}")
    prev = header.index("prev_items")
    after = header.index("next_item") if "next_item" in header else None
    place = header.index("locale") if "locale" in header else None
    if locale is not None and place is None:
        raise SessionError(f"{path} has no column locale to choose {locale!r} by")
    views: list[list[str]] = []
    for number, line in enumerate(lines, 2):
        if not line:
            continue
        if len(line) != len(header):
            raise SessionError(f"{path}, line {number}: {len(line)} fields, not {len(header)}")
        if locale is not None and place is not None and line[place] != locale:
            continue
        text = line[prev]
        if text.startswith("["):
            text = text.translate(_ARRAY_SIGNS)
        views.append(text.split())
        rows.targets.append(line[after].strip() if after is not None else "")
    rows.lengths = [len(v) for v in views]
    rows.views = list(chain.from_iterable(views))
    return rows


@dataclass
class _Table:
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


def _read_products(path: Path | None, locale: str | None, notes: dict[str, str]) -> _Table:
    table = _Table()
    if path is None:
        return table
    lines = read_lines(path)
    header = [h.strip().lower() for h in next(lines, [])]
    key = next((header.index(c) for c in _ID_COLUMNS if c in header), None)
    if key is None:
        raise SessionError(f"{path} has no column id; its columns are {header}")
    place = header.index("locale") if "locale" in header else None
    kept: dict[str, list[str]] = {}
    doubles = 0
    for number, line in enumerate(lines, 2):
        if not line:
            continue
        if len(line) != len(header):
            raise SessionError(f"{path}, line {number}: {len(line)} fields, not {len(header)}")
        if locale is not None and place is not None and line[place] != locale:
            continue
        item = line[key].strip()
        if item and item not in kept:
            kept[item] = line
        else:
            doubles += bool(item)
    if doubles and (locale is not None or place is None):
        notes["products"] = f"{doubles} products had an id that came before; the first one counts"
    table.ids = list(kept)
    table.columns = {
        name: [line[c].strip() for line in kept.values()]
        for c, name in enumerate(header)
        if c != key
    }
    return table
