"""What is wrong with a prompt of one's own, beside the shipped one of the same name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prompts.loader import Prompt, available, load, parse, used_placeholders
from tools.errors import PromptError

_TAG = re.compile(r"</?([a-z_]+)>")
_NAMED = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
"""What code knows by name: categories, tools, fields."""
_LONG = 8000
"""Characters from which a prompt costs more than it can be worth in every call."""


@dataclass(frozen=True)
class Finding:
    """One thing to mend (``error``) or to look at (``warning``)."""

    file: str
    line: int
    """From 1; 0 where it concerns the whole file."""
    level: Literal["error", "warning"]
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.level}: {self.message}"


def read(path: Path) -> Prompt:
    """The prompt in a file.

    Raises:
        PromptError: the file cannot be read, or is not a valid prompt.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise PromptError(f"{path}: cannot be read: {reason}") from None
    return parse(text, where=str(path))


def lint_file(path: Path) -> list[Finding]:
    """Everything that is found in one prompt file, errors first."""
    try:
        prompt = read(path)
    except PromptError as error:
        message = _without_place(str(error), path)
        return [Finding(str(path), _line_of_placeholder(path, message), "error", message)]
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [
        Finding(str(path), _line_of(lines, near), level, message)
        for level, message, near in _faults(prompt, path)
    ]
    return sorted(found, key=lambda f: (f.level, f.line))


_Fault = tuple[Literal["error", "warning"], str, str]
"""Level, message, and a text near which the fault lies."""


def _faults(prompt: Prompt, path: Path) -> Iterator[_Fault]:
    if prompt.name != path.stem:
        yield "error", f"the file is called {path.stem!r} and the prompt {prompt.name!r}", "name:"
    text = prompt.system + prompt.user
    for tag in dict.fromkeys(_TAG.findall(text)):
        if text.count(f"<{tag}>") != text.count(f"</{tag}>"):
            yield "error", f"the tag <{tag}> is not opened as often as it is closed", f"{tag}>"
    if len(text) > _LONG:
        yield "warning", f"{len(text):,} characters go out with every call", ""
    if prompt.name not in available():
        yield "error", f"no step uses a prompt {prompt.name!r}", "name:"
        return
    yield from _beside(prompt, load(prompt.name))


def _beside(prompt: Prompt, shipped: Prompt) -> Iterator[_Fault]:
    given = set(shipped.placeholders)
    for name in sorted(set(prompt.placeholders) - given):
        known = ", ".join(sorted(given)) or "none"
        yield "error", f"no step fills the placeholder {name!r}; filled are: {known}", name
    for name in sorted(given - set(prompt.placeholders)):
        yield "warning", f"the model is not told {name!r}, which the shipped prompt tells", ""
    for name in sorted(_fenced(shipped) & used_placeholders(prompt) - _fenced(prompt)):
        yield "error", f"{name!r} is data and stands outside the tags that mark it so", "{{" + name
    for name in dict.fromkeys(_NAMED.findall(shipped.system + shipped.user)):
        if name not in prompt.system + prompt.user:
            yield "warning", f"{name!r}, which the shipped prompt names, is not named", ""
    if prompt.digest != shipped.digest and prompt.version <= shipped.version:
        yield (
            "warning",
            f"the words differ from version {shipped.version} as shipped; raise the version",
            "version:",
        )


def _fenced(prompt: Prompt) -> set[str]:
    """The placeholders that stand inside a tag of their own."""
    inside = re.findall(r"<([a-z_]+)>\{\{\s*(\w+)\s*\}\}</\1>", prompt.system + prompt.user)
    return {name for _, name in inside}


def _line_of(lines: list[str], near: str) -> int:
    if not near:
        return 0
    return next((i for i, line in enumerate(lines, start=1) if near in line), 0)


def _line_of_placeholder(path: Path, message: str) -> int:
    """The line that uses the placeholder which a message is about; 0 where there is none."""
    named = re.search(r"placeholder '(\w+)'", message)
    if named is None:
        return 0
    lines = path.read_text(encoding="utf-8").splitlines()
    used = re.compile(r"\{\{\s*" + named[1] + r"\s*\}\}|^\s+" + named[1] + ":")
    return next((i for i, line in enumerate(lines, start=1) if used.search(line)), 0)


def _without_place(message: str, path: Path) -> str:
    return message.removeprefix(str(path)).lstrip(",: ")
