"""The text lines of suites' pictures, recognised once: every picture goes through OCR by itself.

What is kept is what OCR gave and nothing that is concluded from it: a change of the reader's
rules is felt without a picture being recognised again. A picture's lines depend on no other
picture, so that cases may be run in any order and in several processes.
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
        frames: of a case.
        home: lines are kept below it, by the picture, the OCR's code and its models.
    """
    return [replace(frame, lines=_lines(frame, home / "evals" / "lines")) for frame in frames]


def _lines(frame: Frame, kept: Path) -> tuple[Line, ...]:
    from agent.reader.ocr import Line

    file = kept / f"{sha256(f'{frame.digest} {_recogniser()}'.encode()).hexdigest()[:32]}.json"
    if file.is_file():
        held: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        return tuple(Line(**line | {"centers": tuple(line["centers"])}) for line in held)
    reader = _reader()
    reader.forget()
    lines = reader.read(frame.rgb())
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps([asdict(line) for line in lines]), encoding="utf-8")
    os.replace(part, file)
    return tuple(lines)


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
