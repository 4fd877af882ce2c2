"""Reads cases: our own JSONL and YAML rows, and the layouts of outside data.

Whatever is wrong with a row is said in one line with the file and the row.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.cases import Case
from evals.layouts import DialogueRow, PictureRow, QueryRow, SessionRow, UtteranceRow
from evals.pictures import MADE
from tools.errors import CaseError, InputError

Row = Mapping[str, Any]


def load_cases(path: Path) -> list[Case]:
    """Our own cases, one row each, from `.jsonl`, `.yaml` or `.yml` (a list of rows).

    Paths of frames and shops are relative to the file.

    Raises:
        CaseError: the file cannot be read, or a row is malformed, a duplicate, or names an unknown
            metric or one that does not fit its gold; with the file and the row.
    """
    from evals.scorers import scorers_for

    def build(row: Row) -> Case:
        case = Case.model_validate(row)
        scorers_for(case)
        frames = tuple(f if f.startswith(MADE) else str(path.parent / f) for f in case.frames)
        shop = str(path.parent / case.shop) if case.shop else ""
        return case.model_copy(update={"frames": frames, "shop": shop})

    return _built(path, build)


def load_pictures(folder: Path) -> list[Case]:
    """Single pictures from `labels.jsonl` of a screenshots folder; clusters are the sessions.

    Raises:
        CaseError: the file or a picture is missing, or a row is malformed.
    """
    return _built(folder / "labels.jsonl", lambda row: PictureRow.model_validate(row).case(folder))


def load_sessions(folder: Path) -> list[Case]:
    """Browsing sessions from `sessions.jsonl` and `labels.jsonl` of a screenshots folder.

    Raises:
        CaseError: a file is missing, a row is malformed, or names a frame that is not labelled.
    """
    pictures = {case.id: case for case in load_pictures(folder)}
    return _built(
        folder / "sessions.jsonl", lambda row: SessionRow.model_validate(row).case(pictures)
    )


def load_dialogues(path: Path) -> list[Case]:
    """What-if dialogues: `turns[]` of `user`, `op` and `expected_state`.

    Raises:
        CaseError: the file cannot be read or a row is malformed.
    """
    return _built(path, lambda row: DialogueRow.model_validate(row).case())


def load_queries(path: Path) -> list[Case]:
    """Search queries with labelled spans (`gold.color`, `gold.size_or_uom` …).

    Raises:
        CaseError: the file cannot be read or a row is malformed.
    """
    return _built(path, lambda row: QueryRow.model_validate(row).case())


def load_utterances(path: Path) -> list[Case]:
    """Requests for one or several items with price limits each, some with a budget for all.

    Raises:
        CaseError: the file cannot be read or a row is malformed.
    """
    return _built(path, lambda row: UtteranceRow.model_validate(row).case())


def read_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """(row number from 1, row) of a JSONL or YAML file.

    Raises:
        CaseError: the file cannot be read, is not made of objects, or holds NaN or infinity.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise CaseError(f"{path}: cannot be read: {reason}") from None
    rows = _yaml_rows(path, text) if path.suffix in {".yaml", ".yml"} else _json_rows(path, text)
    empty = True
    for number, row in rows:
        empty = False
        if not isinstance(row, Mapping):
            raise CaseError(f"{path}: row {number}: a row is an object")
        if (place := _not_finite(row)) is not None:
            raise CaseError(f"{path}: row {number}: {place} is not a finite number")
        yield number, row
    if empty:
        raise CaseError(f"{path}: there are no rows")


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    # Not splitlines(): it also breaks at U+2028 and friends, which JSON strings may hold.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            raise CaseError(f"{path}: row {number}: not JSON: {error.msg}") from None


def _yaml_rows(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    import yaml

    try:
        rows = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else "unknown line"
        raise CaseError(f"{path}: {place}: not YAML") from None
    if rows is not None and not isinstance(rows, list):
        raise CaseError(f"{path}: a file of cases is a list of rows")
    yield from enumerate(rows or (), start=1)


def _not_finite(value: Any, place: str = "") -> str | None:
    if isinstance(value, float):
        return None if math.isfinite(value) else place or "a value"
    if isinstance(value, Mapping):
        parts: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    else:
        return None
    found = (_not_finite(part, f"{place}.{key}".lstrip(".")) for key, part in parts)
    return next((f for f in found if f is not None), None)


def _built(path: Path, build: Callable[[Row], Case]) -> list[Case]:
    cases: list[Case] = []
    rows_of: dict[str, int] = {}
    for number, row in read_rows(path):
        try:
            case = build(row)
        except ValidationError as error:
            raise CaseError(f"{path}: row {number}: {_first(error)}") from None
        except InputError as error:
            raise CaseError(f"{path}: row {number}: {error}") from None
        if case.id in rows_of:
            raise CaseError(
                f"{path}: row {number}: the id {case.id!r} already stands in row {rows_of[case.id]}"
            )
        rows_of[case.id] = number
        cases.append(case)
    return cases


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    reason = str(first["msg"]).removeprefix("Value error, ")
    return f"{place}: {reason}" if place else reason
