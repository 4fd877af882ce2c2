"""Putting data into prompts so that it stays data."""

from __future__ import annotations

import json


def as_data(text: str) -> str:
    """Text in which no tag can be opened or closed."""
    return text.replace("<", "‹").replace(">", "›")


def as_json(value: object) -> str:
    """Compact JSON in which no tag can be opened or closed."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return plain.replace("<", "\\u003c").replace(">", "\\u003e")
