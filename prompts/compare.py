"""Two versions of a prompt, line by line."""

from __future__ import annotations

from difflib import unified_diff

from prompts.loader import Prompt


def differences(first: Prompt, second: Prompt) -> list[str]:
    """A unified diff of what the model is told; empty when both say the same.

    Args:
        first: the earlier version.
        second: the later one.
    """
    found: list[str] = []
    for part in ("system", "user"):
        found += unified_diff(
            getattr(first, part).splitlines(),
            getattr(second, part).splitlines(),
            f"{first.stamp} {part}",
            f"{second.stamp} {part}",
            lineterm="",
        )
    return found
