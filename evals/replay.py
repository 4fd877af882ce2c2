"""Answers of hosted models, kept by content: CI replays, and a missing answer fails.

The key is the SHA-256 of the model's name, its parameters, the tools on offer and the messages with
their picture bytes; ids of messages and the server's address take no part. Files are plain JSON, so
that a recording can be reviewed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from langchain_core.caches import RETURN_VAL_TYPE, BaseCache
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration

from tools.errors import RunStopped

Mode = Literal["replay", "record"]

_PARAMETERS = ("model_name", "model", "temperature", "max_tokens", "max_completion_tokens", "seed")


class NotRecorded(RunStopped):
    """A call that the replay cache holds no answer for."""


class ReplayCache(BaseCache):
    """Model answers in a folder, one JSON file each.

    Args:
        folder: is made when the first answer is recorded.
        mode: ``replay`` refuses calls that are not there; ``record`` lets them out and keeps them.
        told: what the answers belong to (case, model and prompts), for the error message.
    """

    def __init__(self, folder: Path, mode: Mode = "replay", told: str = "") -> None:
        self.folder, self.mode, self.told = folder, mode, told
        self.replayed = self.recorded = 0

    def lookup(self, prompt: str, llm_string: str) -> RETURN_VAL_TYPE | None:
        """The recorded answer.

        Raises:
            NotRecorded: there is none, and calls are not let out.
        """
        path = self._path(prompt, llm_string)
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            if self.mode == "record":
                return None
            told = f" for {self.told}" if self.told else ""
            raise NotRecorded(
                f"{path}: no recorded answer{told}; was the cache made with another prompt or "
                "model? record with --record"
            ) from None
        except (OSError, ValueError):
            raise NotRecorded(f"{path}: the recorded answer is damaged") from None
        self.replayed += 1
        return [ChatGeneration(message=AIMessage.model_validate(m)) for m in held["answers"]]

    def update(self, prompt: str, llm_string: str, return_val: RETURN_VAL_TYPE) -> None:
        """Keeps an answer, whole or not at all."""
        path = self._path(prompt, llm_string)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        held = {"answers": [_plain(generation) for generation in return_val]}
        part.write_text(json.dumps(held, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(part, path)
        self.recorded += 1

    def clear(self, **kwargs: Any) -> None:
        """Recordings are reviewed files; delete the folder to forget them."""
        raise NotImplementedError

    def _path(self, prompt: str, llm_string: str) -> Path:
        key = call_key(prompt, llm_string)
        return self.folder / key[:2] / f"{key}.json"


def call_key(prompt: str, llm_string: str) -> str:
    """64 hex digits that name a call by its content.

    Args:
        prompt: the messages, as langchain serialises them.
        llm_string: model and parameters, as langchain serialises them.
    """
    model, _, arguments = llm_string.partition("---")
    told = [_without_ids(json.loads(prompt)), _parameters(model), arguments]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _parameters(model: str) -> Any:
    try:
        given = json.loads(model).get("kwargs", {})
    except ValueError:
        return model
    return {name: given.get(name) for name in _PARAMETERS}


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_ids(v) for k, v in value.items() if not _is_message_id(k, v)}
    if isinstance(value, list):
        return [_without_ids(part) for part in value]
    return value


def _is_message_id(key: str, value: Any) -> bool:
    # langchain writes a class's path under the same key, as a list.
    return key == "id" and not isinstance(value, list)


def _plain(generation: Any) -> dict[str, Any]:
    message: AIMessage = generation.message
    kept = message.model_dump(
        mode="json", include={"content", "tool_calls", "usage_metadata", "response_metadata"}
    )
    return {**kept, "type": "ai"}


def recorded(folder: Path) -> Sequence[Path]:
    """The recordings in a folder."""
    return sorted(folder.glob("??/*.json"))
