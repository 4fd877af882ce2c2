"""Typed changes of the limits, and how they are applied: the domain half of every what-if.

A turn of the conversation, read by a model or by the grammar in `agent.language`, becomes a list
of `Change`; `apply_changes` turns the limits in force into the next ones. No language model is
involved, and nothing here knows a catalogue.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tools.change_types import (
    Change,
    ChangeList,
    CountItems,
    DropValues,
    ExcludeValues,
    Family,
    LimitAttribute,
    LimitGroup,
    MinimumRating,
    OnlyValues,
    OnSale,
    RequireItems,
    Reset,
    Restore,
    SetPrice,
    ShiftPrice,
    SwapItem,
    ValueField,
    WantValues,
    change_schema,
)
from tools.change_work import FAMILY_FIELDS, Match, Work
from tools.domain import Constraints, build

__all__ = [
    "FAMILY_FIELDS",
    "Change",
    "ChangeList",
    "CountItems",
    "DropValues",
    "ExcludeValues",
    "Family",
    "LimitAttribute",
    "LimitGroup",
    "Match",
    "MinimumRating",
    "OnSale",
    "OnlyValues",
    "RequireItems",
    "Reset",
    "Restore",
    "SetPrice",
    "ShiftPrice",
    "SwapItem",
    "ValueField",
    "WantValues",
    "apply_changes",
    "change_schema",
    "freed_families",
    "remembered",
]


def apply_changes(
    current: Constraints,
    changes: Sequence[Change],
    *,
    turn: int,
    history: Sequence[Constraints] = (),
    currency: str | None = None,
    match: Match | None = None,
) -> Constraints:
    """The limits after some changes, in order; each limit set is `said` in this turn.

    Args:
        current: the limits in force.
        changes: what the shopper wants changed.
        turn: number of this turn; later turns beat earlier ones.
        history: the limits after every earlier turn, oldest first, for undo and "back to".
        currency: of amounts named without one, when no limit has set it yet.
        match: turns the shopper's words into catalogue values, for the provenance.

    Raises:
        InputError: a change is impossible (a negative budget, a lower limit above the upper one,
            a shift of a limit that does not stand, amounts in two currencies); one sentence.
    """
    work = Work(current, turn, tuple(history), currency, match)
    for change in _joined(changes):
        work.apply(change)
    return work.state


RECENT = 24
"""Earlier limits that an undo can go back to, one by one."""


def remembered(history: Sequence[Constraints], limits: Constraints) -> list[Constraints]:
    """The earlier limits worth keeping once `limits` are in force, oldest first.

    Those that "back to the first ..." can mean (for every family the first that the shopper said,
    and the very first of all) and the last `RECENT`; so a long conversation carries no more than a
    short one. Limits that a turn left as they were stand once.
    """
    states = [*history, limits] if not history or history[-1] != limits else list(history)
    first: set[int] = {0}
    seen: set[str] = set()
    for number, state in enumerate(states):
        said = {f for f, origin in state.provenance.items() if origin.source == "said"}
        if said - seen:
            first.add(number)
            seen |= said
    recent = range(max(0, len(states) - RECENT), len(states))
    return [states[number] for number in sorted(first | set(recent))]


def freed_families(
    before: Collection[str], changes: Sequence[Change], after: Constraints
) -> tuple[str, ...]:
    """The families that the shopper has let go of and not spoken of since ("any colour").

    What is seen later about such a family is no limit: nobody is asking for it.

    Args:
        before: the families freed in earlier turns.
        changes: this turn's changes.
        after: the limits after them.
    """
    freed = set(before)
    for change in changes:
        if isinstance(change, Reset):
            freed |= set(FAMILY_FIELDS) if change.family is None else {change.family}
        elif isinstance(change, DropValues) and not change.values:
            freed.add(change.field)
    standing = set(after.standing())
    return tuple(f for f in FAMILY_FIELDS if f in freed and not standing & {*FAMILY_FIELDS[f]})


def _joined(changes: Sequence[Change]) -> list[Change]:
    """Adjacent price settings as one, so that a range may pass through no impossible state."""
    out: list[Change] = []
    for change in changes:
        last = out[-1] if out else None
        if (
            isinstance(change, SetPrice)
            and isinstance(last, SetPrice)
            and change.soft == last.soft
            and None in (change.currency, last.currency, *({change.currency} ^ {last.currency}))
        ):
            merged = last.model_dump() | change.model_dump(exclude_none=True)
            out[-1] = build(SetPrice, merged)
        else:
            out.append(change)
    return out
