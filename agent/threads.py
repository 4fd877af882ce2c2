"""Names of threads: they match a strict pattern, and never become a path."""

from __future__ import annotations

import re

from tools.errors import InputError

_THREAD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")


def check_thread(name: str) -> str:
    """The name, if it is one.

    Raises:
        InputError: it holds anything but letters, digits, '.', '_', ':' and '-'.
    """
    if not _THREAD.fullmatch(name):
        raise InputError(
            "a thread's name has 1 to 100 letters, digits, '.', '_', ':' or '-', "
            "and begins with a letter or digit"
        )
    return name
