"""The sentence encoder that the classifier's weights belong to, where a shop or HOME has it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from agent.language.operations.classifier import ENCODER, Encode

if TYPE_CHECKING:
    from tools.catalog import Catalog


def find_encoder(catalogs: Iterable[Catalog], home: Path | None = None) -> Encode | None:
    """Text to unit vector with all-MiniLM-L6-v2, loaded when it is first asked.

    Args:
        catalogs: the first one that was built with that model lends its encoder.
        home: where an encoder lies once a catalogue was built there; none: it is not looked for.

    Returns:
        None where there is none: turns are then read by their words alone.
    """
    for catalog in catalogs:
        if catalog.manifest["encoder"]["digest"] == ENCODER:
            return catalog.text_vector
    if home is None:
        return None
    from tools.catalog.embedding import query_folder

    folder = query_folder(home, ENCODER)
    if not (folder / "encoder.json").is_file():
        return None
    from tools.text import open_query_encoder

    return open_query_encoder(folder)
