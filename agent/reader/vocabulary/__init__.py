"""The reader's word lists, one YAML file each: what is sold, and who makes it."""

from __future__ import annotations

from importlib import resources
from typing import Any


def read_vocabulary(name: str) -> Any:
    """The content of `name`.yaml in this folder, as plain lists and mappings."""
    import yaml

    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text("utf-8")
    return yaml.safe_load(text)
