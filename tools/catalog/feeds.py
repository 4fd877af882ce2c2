"""Raw rows from XML feeds, JSON documents and Parquet files, one at a time."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from tools.errors import CatalogError

_CHUNK = 1 << 16
_MAX_RECORD = 8 << 20
_ITEMS = frozenset({"item", "entry", "product"})
_LIST_START = re.compile(r'"(?:products|items|data|entries|results|feed)"\s*:\s*\[')


class _FeedReader:
    """Gathers the children of every item of a feed into a flat dictionary.

    Document types are refused, so that no entity is ever expanded.
    """

    def __init__(self) -> None:
        self.ready: deque[tuple[int, dict[str, Any]]] = deque()
        self._item: dict[str, Any] | None = None
        self._path: list[str] = []
        self._item_depth = 0
        self._text: list[str] = []
        self._line = 0
        self._size = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _doctype(self, *_: object) -> None:
        raise CatalogError("an XML feed with a document type is refused")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        self._path.append(name)
        if len(self._path) > 64:
            raise CatalogError("the XML feed is nested too deeply")
        if self._item is None:
            if name in _ITEMS and len(self._path) > 1:
                self._item, self._item_depth = {}, len(self._path)
                self._line, self._size = self.parser.CurrentLineNumber, 0
        elif len(self._path) == self._item_depth + 1 and "href" in attributes:
            self._keep(name, attributes["href"])
        self._text = []

    def _characters(self, data: str) -> None:
        if self._item is not None:
            self._size += len(data)
            if self._size > _MAX_RECORD:
                raise CatalogError(f"the item on line {self._line} of the XML feed is too large")
            self._text.append(data)

    def _end(self, _tag: str) -> None:
        depth, name = len(self._path), self._path.pop()
        text, self._text = "".join(self._text).strip(), []
        if self._item is None:
            return
        if depth == self._item_depth:
            self.ready.append((self._line, self._item))
            self._item = None
        elif depth == self._item_depth + 1 and text:
            self._keep(name, text)
        elif depth == self._item_depth + 2 and self._path[-1] == "product_detail":
            self._detail(name, text)

    def _keep(self, name: str, text: str) -> None:
        assert self._item is not None
        held = self._item.get(name)
        if held is None:
            self._item[name] = text
        else:
            self._item[name] = [*(held if isinstance(held, list) else [held]), text]

    def _detail(self, name: str, text: str) -> None:
        # product_detail: section_name, attribute_name, attribute_value, in this order.
        assert self._item is not None
        details = self._item.setdefault("attributes", [])
        if name == "attribute_name":
            details.append({"name": text})
        elif name == "attribute_value" and details:
            details[-1]["value"] = text


def read_xml(path: Path, stream: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, fields) of every item of an RSS, Atom or plain product feed.

    Field names lose their namespace ("g:price" is `price`); what is repeated becomes a list, what
    is nested (shipping, tax) is left out, save for product details, which become attributes.

    Raises:
        CatalogError: no well-formed XML, or it declares a document type.
    """
    reader = _FeedReader()
    try:
        while chunk := stream.read(_CHUNK):
            reader.parser.Parse(chunk, False)
            while reader.ready:
                yield reader.ready.popleft()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise CatalogError(f"{path} is not well-formed XML: {error}") from None
    yield from reader.ready


def read_json(path: Path, stream: IO[bytes]) -> Iterator[tuple[int, Any]]:
    """(line, record) of a JSON document: a list of records, or an object that holds one.

    Raises:
        CatalogError: it is no such document.
    """
    decoder = json.JSONDecoder(parse_constant=lambda name: name)
    buffer, line, started = "", 1, False
    while True:
        chunk = stream.read(_CHUNK)
        buffer += chunk.decode("utf-8", "surrogateescape") if chunk else ""
        if not started:
            buffer = buffer.lstrip("\ufeff \t\r\n")
            match = re.match(r"\[", buffer) or _LIST_START.search(buffer)
            if match:
                line += buffer.count("\n", 0, match.end())
                buffer, started = buffer[match.end() :], True
            elif not chunk:
                raise CatalogError(f"{path} holds no list of products")
            elif len(buffer) > _MAX_RECORD:
                raise CatalogError(f"{path} holds no list of products near its beginning")
            else:
                continue
        while True:
            skipped = re.match(r"[\s,]*", buffer)
            assert skipped is not None
            line += buffer.count("\n", 0, skipped.end())
            buffer = buffer[skipped.end() :]
            if buffer.startswith("]"):
                return
            try:
                record, end = decoder.raw_decode(buffer)
            except RecursionError:
                raise CatalogError(f"{path} is nested too deeply on line {line}") from None
            except ValueError:
                if not chunk or len(buffer) > _MAX_RECORD:
                    raise CatalogError(f"{path} is not readable as JSON at line {line}") from None
                break
            if end == len(buffer) and chunk:
                break  # A number at the end of the chunk may go on in the next.
            yield line, record
            line += buffer.count("\n", 0, end)
            buffer = buffer[end:]
        if not chunk:
            raise CatalogError(f"{path} ends in the middle of its list")


def parquet_names(path: Path) -> list[str]:
    """The columns of a Parquet file.

    Raises:
        CatalogError: it cannot be read.
    """
    return [str(name) for name in _parquet(path).schema_arrow.names]


def read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row number from 1, fields) of a Parquet file, a few thousand rows in memory at a time.

    Raises:
        CatalogError: it cannot be read.
    """
    import pyarrow as pa

    number = 0
    try:
        for batch in _parquet(path).iter_batches(batch_size=2048):
            for record in batch.to_pylist():
                number += 1
                yield number, record
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0][:200]
        raise CatalogError(f"{path} is damaged after row {number}: {first}") from None


def _parquet(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0][:200]
        raise CatalogError(f"{path} cannot be read as Parquet: {first}") from None
