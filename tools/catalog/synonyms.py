"""The shop's own file of synonyms."""

from __future__ import annotations

from pathlib import Path

from tools.catalog.values import clean
from tools.errors import CatalogError


def read_synonyms(path: Path) -> list[list[str]]:
    """The groups of a synonyms file: a group a line, its phrases between commas, "#" for remarks.

    Raises:
        CatalogError: it cannot be read, or a line holds one phrase only.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise CatalogError(f"the synonyms in {path} cannot be read") from None
    groups = []
    for number, line in enumerate(lines, 1):
        phrases = [clean(p) for p in line.partition("#")[0].split(",")]
        phrases = [p for p in phrases if p]
        if len(phrases) == 1:
            raise CatalogError(f"{path}, line {number}: a group needs two phrases or more")
        if phrases:
            groups.append(phrases)
    return groups
