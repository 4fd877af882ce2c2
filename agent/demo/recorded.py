"""The recorded browsing sessions that ship with InteraRec: pictures, and what they show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.errors import InputError

SESSIONS = Path(__file__).parent / "sessions"


def session_names() -> tuple[str, ...]:
    """The recorded sessions, the one that `interarec demo` shows first in front."""
    found = sorted(folder.name for folder in SESSIONS.iterdir() if folder.is_dir())
    return tuple(sorted(found, key=lambda name: name != "dresses"))


def session_frames(name: str) -> list[Path]:
    """The pictures of one session in order. Raises InputError for an unknown name."""
    return sorted(_folder(name).glob("*.jpg"))


def session_story(name: str) -> dict[str, Any]:
    """What the shopper did, which products each picture shows, and what a summary must hold.

    Keys: `name`, `title`, `shopper`, `currency`, `gold` (the facts a good summary holds) and
    `frames`, each with `file`, `did`, `page` and `products` (id, role, whether it is clipped by
    the window, box in pixels, and the printed facts). Raises InputError for an unknown name.
    """
    story: dict[str, Any] = json.loads((_folder(name) / "session.json").read_text("utf-8"))
    return story


def _folder(name: str) -> Path:
    if name not in session_names():
        raise InputError(f"there is no session {name!r}; there are: {', '.join(session_names())}")
    return SESSIONS / name
