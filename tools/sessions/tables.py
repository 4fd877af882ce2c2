"""CSV files of a folder in the layout: found by name, plain or gzipped, read row by row."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.errors import SessionError


def find_part(folder: Path, stem: str) -> Path | None:
    """The file of that name in a folder, plain or gzipped; None where there is none."""
    for ending in (".csv", ".csv.gz"):
        if (folder / f"{stem}{ending}").is_file():
            return folder / f"{stem}{ending}"
    return None


@dataclass(frozen=True)
class Table:
    """A CSV file with a header.

    Attributes:
        path: of the file.
        header: names of the columns, lower case.
        lines: the header's line and those after it, as fields.
    """

    path: Path
    header: list[str]
    lines: Iterator[list[str]] = field(repr=False)

    @classmethod
    def open(cls, path: Path) -> Table:
        """The file, gzipped or not, with the header read.

        Raises:
            SessionError: it cannot be read.
        """
        lines = _lines(path)
        return cls(path, [name.strip().lower() for name in next(lines, [])], lines)

    def place(self, column: str) -> int | None:
        """Where a column stands; None where there is none of that name."""
        return self.header.index(column) if column in self.header else None

    def needs(self, *columns: str) -> list[int]:
        """Where these columns stand.

        Raises:
            SessionError: one of them is missing.
        """
        missing = [name for name in columns if name not in self.header]
        if missing:
            raise SessionError(
                f"{self.path} has no column {missing[0]}; its columns are {self.header}"
            )
        return [self.header.index(name) for name in columns]

    def rows(self, locale: str | None = None) -> Iterator[tuple[int, list[str]]]:
        """The number of every line and its fields; empty lines are passed over.

        Args:
            locale: only rows with this value in the column `locale`, if there is such a column.

        Raises:
            SessionError: a line has more or fewer fields than the header, or cannot be read.
        """
        place = self.place("locale")
        for number, line in enumerate(self.lines, 2):
            if not line:
                continue
            if len(line) != len(self.header):
                raise SessionError(
                    f"{self.path}, line {number}: {len(line)} fields, not {len(self.header)}"
                )
            if locale is None or place is None or line[place] == locale:
                yield number, line


def _lines(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig")
        yield from csv.reader(io.StringIO(text, newline=""))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise SessionError(f"{path} cannot be read: {error}") from None
