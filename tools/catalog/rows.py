"""A shop's file as a stream of raw rows: CSV, TSV, JSON Lines and the feeds of `feeds.py`.

Rows come one at a time, so a file never has to fit into memory. A line that cannot be read at all
comes as a `BadRow` in its place and the reading goes on.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tools.catalog.feeds import parquet_names, read_json, read_parquet, read_xml
from tools.errors import CatalogError

MAX_FIELD = 1_000_000
"""Characters that one field may hold; a longer one makes the row unusable."""
# A gzip of real product text shrinks some 3 to 10 times; a bomb, a thousand times.
_MAX_RATIO = 200
_FREE_BYTES = 64 << 20
_LINE_LIMIT = 16 << 20
# Characters that stray quotes may have read twice; a file made of such quotes would never end.
_AGAIN_LIMIT = 64 << 20

_SIGNATURES = {
    b"PK\x03\x04": "a zip archive",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf": "a 7z archive",
}


@dataclass(frozen=True)
class RawRow:
    """One record of the file: the line it starts on (from 1) and its fields."""

    line: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class BadRow:
    """A record that could not be read at all, and why."""

    line: int
    reason: str


class _Bounded(io.RawIOBase):
    """A gzip stream that refuses to blow up: stops when it grows far beyond what it came from."""

    def __init__(self, path: Path) -> None:
        self._limit = max(_FREE_BYTES, path.stat().st_size * _MAX_RATIO)
        self._stream = gzip.open(path, "rb")  # noqa: SIM115
        self._read = 0
        self._path = path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise CatalogError(f"{self._path} is a damaged gzip file: {error}") from None
        self._read += len(data)
        if self._read > self._limit:
            raise CatalogError(
                f"{self._path} unpacks to more than {_MAX_RATIO} times its size and is refused"
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _open(path: Path) -> IO[bytes]:
    if not path.exists():
        raise CatalogError(f"there is no file {path}")
    if path.is_dir():
        raise CatalogError(f"{path} is a folder, not a file of products")
    with path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith(b"\x1f\x8b"):
        return io.BufferedReader(_Bounded(path), 1 << 20)
    for signature, what in _SIGNATURES.items():
        if head.startswith(signature):
            raise CatalogError(f"{path} is {what}, not a file of products")
    return path.open("rb", buffering=1 << 20)


def _lines(stream: IO[bytes]) -> Iterator[str]:
    # Bytes that are no UTF-8 become lone surrogates, which `read_rows` turns into bad rows: one
    # broken line must not cost the file.
    first = True
    while line := stream.readline(_LINE_LIMIT):
        if first:
            line, first = line.removeprefix(b"\xef\xbb\xbf"), False
            if line.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise CatalogError("the file is UTF-16; save it as UTF-8")
        yield line.decode("utf-8", "surrogateescape")


def _surrogates(text: str) -> bool:
    return any("\udc80" <= c <= "\udcff" for c in text) if not text.isascii() else False


def kind_of(path: Path) -> str:
    """`parquet`, `xml`, `json`, `jsonl` or `csv`, by content and, in doubt, by name.

    Raises:
        CatalogError: the file is missing, a folder, or something else altogether.
    """
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in {".gz", ".gzip"}]
    with _open(path) as stream:
        head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise CatalogError(f"{path} is empty")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head[:1] == b"<":
        return "xml"
    if suffixes and suffixes[-1] in {".jsonl", ".ndjson"}:
        return "jsonl"
    if head[:1] == b"[":
        return "json"
    if head[:1] != b"{":
        return "csv"
    # One record a line, or one document over many lines.
    first = head.partition(b"\n")[0].strip()
    whole_record = first.endswith(b"}") and first.count(b"{") == first.count(b"}")
    listed = re.match(rb'\{\s*"(products|items|data|entries|results|feed)"\s*:\s*\[', head)
    return "jsonl" if not listed and (whole_record or len(first) == len(head)) else "json"


def column_names(path: Path) -> list[str]:
    """The columns of a file: the header of a CSV, the keys of the first records of JSON Lines.

    Raises:
        CatalogError: the file cannot be read or has no header.
    """
    kind = kind_of(path)
    if kind == "parquet":
        return parquet_names(path)
    if kind == "csv":
        with _open(path) as stream:
            return _header(path, _lines(stream))[0]
    names: dict[str, None] = {}
    for count, row in enumerate(read_rows(path)):
        if isinstance(row, RawRow):
            names.update(dict.fromkeys(row.fields))
        if count >= 1000:
            break
    return list(names)


def _header(path: Path, lines: Iterator[str]) -> tuple[list[str], str]:
    first = next(lines, "")
    delimiter = max(",\t;|", key=lambda d: (first.count(d), d == ","))
    if _surrogates(first):
        raise CatalogError(f"the header of {path} is not UTF-8 text")
    try:
        names = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    except csv.Error as error:
        raise CatalogError(f"the header of {path} is not readable as CSV: {error}") from None
    if not any(names):
        raise CatalogError(f"{path} has no header line")
    return names, delimiter


def read_rows(path: Path) -> Iterator[RawRow | BadRow]:
    """Every record of the file in order.

    Raises:
        CatalogError: the file as a whole cannot be read.
    """
    kind = kind_of(path)
    if kind == "parquet":
        yield from _checked(read_parquet(path))
        return
    with _open(path) as stream:
        if kind == "jsonl":
            yield from _read_jsonl(stream)
        elif kind == "csv":
            yield from _read_csv(path, stream)
        else:
            yield from _checked((read_xml if kind == "xml" else read_json)(path, stream))


def _checked(records: Iterator[tuple[int, Any]]) -> Iterator[RawRow | BadRow]:
    for line, record in records:
        if not isinstance(record, dict):
            yield BadRow(line, "not a JSON object")
        elif broken := _unusable([v for v in record.values() if isinstance(v, str)]):
            yield BadRow(line, broken)
        else:
            yield RawRow(line, record)


class _Record:
    """The lines that a CSV reader takes, those of the record it is at kept for a second reading."""

    def __init__(self, lines: Iterator[str], number: int) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.number = number
        """Of the line where the record begins, from 1."""
        self._taken: list[str] = []
        self.ended = False
        """Whether the file ended in the middle of the record."""
        self._left = _AGAIN_LIMIT

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._again.popleft() if self._again else next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        self._taken.append(line)
        return line

    def strays(self, delimiter: str) -> bool:
        """Whether the record goes over several lines only by a quote that closes in no field."""
        if len(self._taken) < 2:
            return False
        try:
            list(csv.reader(self._taken, delimiter=delimiter, strict=True))
        except csv.Error:
            return True
        return False

    def follow(self) -> None:
        """The record is done; the next one begins."""
        self.number += len(self._taken)
        self._taken.clear()

    def give_back(self) -> None:
        """Only the record's first line is done; the others are to be read again."""
        self.ended = False
        self._left -= sum(map(len, self._taken[1:]))
        if self._left > 0:
            self._again.extendleft(reversed(self._taken[1:]))
            del self._taken[1:]
        self.follow()


def _read_csv(path: Path, stream: IO[bytes]) -> Iterator[RawRow | BadRow]:
    lines = _lines(stream)
    names, delimiter = _header(path, lines)
    csv.field_size_limit(_LINE_LIMIT)
    record = _Record(lines, number=2)
    reader = csv.reader(record, delimiter=delimiter)
    while True:
        line, reason = record.number, None
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            values, reason = [], f"not readable as CSV: {error}"
        if record.ended or (len(values) != len(names) and record.strays(delimiter)):
            reason = "a quote that is opened and never closed"
        if reason:
            # What a stray quote swallowed are rows of their own.
            record.give_back()
            reader = csv.reader(record, delimiter=delimiter)
            yield BadRow(line, reason)
            continue
        record.follow()
        if not values:
            continue
        if len(values) > len(names):
            yield BadRow(line, f"{len(values)} fields under a header of {len(names)}")
        elif reason := _unusable(values):
            yield BadRow(line, reason)
        else:
            yield RawRow(line, dict(zip(names, values, strict=False)))


def _unusable(values: list[str]) -> str | None:
    for value in values:
        if len(value) > MAX_FIELD:
            return f"a field of {len(value)} characters"
        if _surrogates(value):
            return "not UTF-8 text"
    return None


def _no_constant(name: str) -> Any:
    # Kept as text: the price check then refuses it with the same words as in a CSV.
    return name


def _read_jsonl(stream: IO[bytes]) -> Iterator[RawRow | BadRow]:
    for number, text in enumerate(_lines(stream), 1):
        if not text.strip():
            continue
        if len(text) > MAX_FIELD * 4:
            yield BadRow(number, f"a record of {len(text)} characters")
            continue
        if _surrogates(text):
            yield BadRow(number, "not UTF-8 text")
            continue
        try:
            record = json.loads(text, parse_constant=_no_constant)
        except RecursionError:
            yield BadRow(number, "not readable as JSON: nested too deeply")
            continue
        except ValueError as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "a number too long"
            yield BadRow(number, f"not readable as JSON: {reason}")
            continue
        if not isinstance(record, dict):
            yield BadRow(number, "not a JSON object")
        elif broken := _unusable([v for v in record.values() if isinstance(v, str)]):
            yield BadRow(number, broken)
        else:
            yield RawRow(number, record)
