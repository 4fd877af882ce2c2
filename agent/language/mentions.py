"""Values that a turn names, and the changes that they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.language.symbols import Symbol
from tools.changes import (
    Change,
    DropValues,
    ExcludeValues,
    LimitAttribute,
    OnlyValues,
    WantValues,
)
from tools.domain import Constraints

Mode = Literal["want", "add", "only", "exclude", "drop", "forget"]


@dataclass(slots=True)
class Mention:
    """A value that a turn names, and what is said of it."""

    place: int
    field: str
    word: str
    mode: Mode
    soft: bool
    name: str = ""
    """Of the attribute, for attribute values."""
    number: float | None = None
    unit: str = ""


def to_changes(
    mentions: Sequence[Mention], symbols: Sequence[Symbol], current: Constraints
) -> list[tuple[int, Change]]:
    """The changes that mentions ask for, each with its place in the text.

    Values of one field and mode become one change; a correction ("red, no wait, blue") drops what
    was said before it in the same turn.
    """
    groups: dict[tuple[str, str], list[Mention]] = {}
    out: list[tuple[int, Change]] = []
    for mention in mentions:
        if mention.field == "attributes" and mention.name:
            out.append((mention.place, _attribute(mention)))
            continue
        key = (mention.field, mention.mode)
        held = groups.setdefault(key, [])
        if held and _corrected(symbols, held[-1].place, mention.place):
            held.clear()
        held.append(mention)
    for (field, mode), held in groups.items():
        values = tuple(m.word for m in held)
        soft = all(m.soft for m in held)
        place = held[-1 if mode == "want" else 0].place
        change: Change
        if mode == "only":
            change = OnlyValues(field=field, values=values)  # type: ignore[arg-type]
        elif mode == "exclude":
            change = ExcludeValues(field=field, values=values, soft=soft)  # type: ignore[arg-type]
        elif mode in ("drop", "forget"):
            wanted = {v.casefold() for v in (current.value(field) if field != "attributes" else ())}
            if mode == "forget" and not wanted & {v.casefold() for v in values}:
                change = ExcludeValues(field=field, values=values)  # type: ignore[arg-type]
            else:
                change = DropValues(field=field, values=values)  # type: ignore[arg-type]
        elif mode == "add" and _refused(values, current.value(f"exclude.{field}")):
            # "Pink is fine after all" takes a refusal back; it asks for nothing.
            change = DropValues(field=field, values=values)  # type: ignore[arg-type]
        else:
            add = mode == "add"
            change = WantValues(field=field, values=values, add=add, soft=soft)  # type: ignore[arg-type]
        out.append((place, change))
    return out


def _refused(values: Sequence[str], refused: Sequence[object]) -> bool:
    names = {str(v).casefold() for v in refused}
    return all(v.casefold() in names for v in values)


def _corrected(symbols: Sequence[Symbol], first: int, second: int) -> bool:
    return any(symbols[k].has("CORRECT") for k in range(first + 1, second))


def _attribute(mention: Mention) -> LimitAttribute:
    exclude = mention.mode in ("exclude", "forget", "drop")
    if mention.number is not None:
        return LimitAttribute(
            name=mention.name,
            lower=mention.number,
            upper=mention.number,
            unit=mention.unit,
            exclude=exclude,
            soft=mention.soft,
        )
    return LimitAttribute(
        name=mention.name, values=(mention.word,), exclude=exclude, soft=mention.soft
    )
