"""Reads a prompt file, checks it, and fills its placeholders.

A prompt is one YAML file: `name`, `version`, `purpose`, `placeholders` (a line on each) and the
`system` and `user` texts, in which ``{{word}}`` stands for a value given at run time. Values are
data: they are put in once and never searched for placeholders again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tools.errors import PromptError

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Prompt(BaseModel):
    """One versioned prompt: texts with named placeholders."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    purpose: str = Field(min_length=1)
    placeholders: Mapping[str, str] = Field(default_factory=dict)
    system: str = Field(min_length=1)
    user: str = ""

    @model_validator(mode="after")
    def _placeholders_agree(self) -> Self:
        used = used_placeholders(self)
        if unknown := sorted(used - set(self.placeholders)):
            raise ValueError(f"the placeholder {unknown[0]!r} is used but not described")
        if unused := sorted(set(self.placeholders) - used):
            raise ValueError(f"the placeholder {unused[0]!r} is described but not used")
        return self

    @property
    def digest(self) -> str:
        """First 12 hex digits of the SHA-256 of what the model is told; travels in traces."""
        return hashlib.sha256(f"{self.system}\0{self.user}".encode()).hexdigest()[:12]

    @property
    def stamp(self) -> str:
        """Name, version and digest, as written into traces and results."""
        return f"{self.name}@{self.version}:{self.digest}"

    def render(self, **values: object) -> tuple[str, str]:
        """The (system, user) texts with every placeholder filled.

        Raises:
            PromptError: a placeholder is missing, or a value has no placeholder.
        """
        if missing := sorted(set(self.placeholders) - set(values)):
            raise PromptError(f"prompt {self.name!r}: no value for the placeholder {missing[0]!r}")
        if extra := sorted(set(values) - set(self.placeholders)):
            raise PromptError(f"prompt {self.name!r} has no placeholder {extra[0]!r}")

        def fill(text: str) -> str:
            return _PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), text)

        return fill(self.system), fill(self.user)


def used_placeholders(prompt: Prompt) -> set[str]:
    """The names of the placeholders in the prompt's texts."""
    return set(_PLACEHOLDER.findall(prompt.system + prompt.user))


def available() -> tuple[str, ...]:
    """The names of the prompts that are shipped."""
    return tuple(
        sorted(f.name.removesuffix(".yaml") for f in files("prompts").iterdir() if _is_prompt(f))
    )


def load(name: str, folder: Path | None = None) -> Prompt:
    """The prompt of that name, from `folder` if it holds one, else as shipped.

    Raises:
        PromptError: there is none, or its file is not a valid prompt.
    """
    own = folder / f"{name}.yaml" if folder else None
    source = own if own and own.is_file() else files("prompts") / f"{name}.yaml"
    if name not in available() and not (own and own.is_file()):
        raise PromptError(f"there is no prompt {name!r}; there are {', '.join(available())}")
    return parse(source.read_text(encoding="utf-8"), where=str(source))


@lru_cache(maxsize=64)
def parse(text: str, where: str) -> Prompt:
    """A prompt from the text of its file; `where` names the file in errors.

    Raises:
        PromptError: the text is not YAML, or not a valid prompt.
    """
    import yaml

    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise PromptError(f"{where}, line {line}: not valid YAML") from None
    try:
        return Prompt.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "prompt"
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise PromptError(f"{where}, {field}: {reason}") from None


def _is_prompt(entry: Traversable) -> bool:
    return entry.is_file() and entry.name.endswith(".yaml")
