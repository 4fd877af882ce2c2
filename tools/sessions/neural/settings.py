"""What a person may set of a network or its training, checked by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.errors import SessionError

CHOICES = {
    "loss": ("auto", "full", "sampled"),
    "inner": ("max", "average"),
    "outer": ("max", "average"),
}
"""Settings in words and what they may say; `inner` is a number for SASRec and a word for HRM."""


def chosen(given: Mapping[str, Any], standard: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with the values given, each of its standard value's kind and in its range.

    Raises:
        SessionError: a value is of another kind or out of range; the sentence says which.
    """
    return dict(standard) | {key: _checked(key, given[key], standard[key]) for key in given}


def _checked(key: str, value: Any, standard: Any) -> Any:
    kind = type(standard)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:
        raise SessionError(f"{key} takes a value like {standard!r}, not {value!r}")
    if kind is str and key in CHOICES and value not in CHOICES[key]:
        raise SessionError(f"{key} is one of {', '.join(CHOICES[key])}, not {value!r}")
    if kind is int and value < 1:
        raise SessionError(f"{key} has to be 1 or more, not {value}")
    if kind is float and not _fits(key, value):
        raise SessionError(f"{key} cannot be {value:g}")
    return value


def _fits(key: str, value: float) -> bool:
    if key.endswith("dropout"):
        return 0 <= value < 1
    if key == "weight_decay":
        return value >= 0
    return 0 < value <= 1 if key == "lr_decay" else value > 0
