"""The text lines of suites' pictures, recognised once for every session that shows them.

What is kept is what OCR gave and nothing that is concluded from it: a change of the reader's
rules is felt without a picture being recognised again. Pictures of one case are read in order, as
in the product, where a scrolled page is read by what is new on it; cases know nothing of each
other, so that they may be run in any order and in several processes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.capture.frames import Frame
    from agent.reader.ocr import Line, LineReader


def with_lines(frames: Sequence[Frame], home: Path) -> list[Frame]:
    """The frames with their text.

    Args:
        frames: of a case, in order.
        home: lines are kept below it, by the pictures so far, the OCR's code and its models.
    """
    digests = [frame.digest for frame in frames]
    files = [_file(digests[: n + 1], home) for n in range(len(frames))]
    if all(file.is_file() for file in files):
        return [replace(f, lines=_load(file)) for f, file in zip(frames, files, strict=True)]
    reader = _reader()
    reader.forget()
    read = []
    for frame, file in zip(frames, files, strict=True):
        lines = reader.read(frame.rgb())
        _save(file, lines)
        read.append(replace(frame, lines=tuple(lines)))
    return read


def _file(digests: Sequence[str], home: Path) -> Path:
    key = sha256(" ".join([*digests, _recogniser()]).encode()).hexdigest()
    return home / "evals" / "lines" / f"{key[:32]}.json"


def _load(file: Path) -> tuple[Line, ...]:
    from agent.reader.ocr import Line

    held: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return tuple(Line(**line | {"centers": tuple(line["centers"])}) for line in held)


def _save(file: Path, lines: Sequence[Line]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps([asdict(line) for line in lines]), encoding="utf-8")
    os.replace(part, file)


@cache
def _reader() -> LineReader:
    from agent.reader.ocr import LineReader

    return LineReader()


@cache
def _recogniser() -> str:
    from importlib.metadata import version

    from agent.reader import ocr

    code = Path(ocr.__file__).read_bytes()
    return f"{sha256(code).hexdigest()} {version('rapidocr')} {version('onnxruntime')}"
