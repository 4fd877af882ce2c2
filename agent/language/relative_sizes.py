"""Sizes named by their distance from the one in force: "one size up", "two sizes smaller"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.changes import WantValues

_COUNTS = {"one": 1, "a": 1, "1": 1, "the next": 1, "next": 1, "two": 2, "2": 2, "a couple of": 2,
           "three": 3, "3": 3, "half a": 0.5, "a half": 0.5}  # fmt: skip
_PATTERN = re.compile(
    r"\b(?:(?P<count>one|a couple of|half a|a half|a|1|the next|next|two|2|three|3) )?"
    r"(?:sizes? (?P<one>up|down|bigger|larger|smaller)|(?P<two>bigger|larger|smaller) sizes?)\b"
    r"|\bsize (?P<three>up|down)\b"
    r"|\b(?:too |a bit |slightly |much |way )?(?P<tight>tight|small|loose|big|large)(?: for me)?"
    r",? (?:so |can i get |get me |show me )*(?:a |the )?(?:next )?size (?P<four>up|down)\b"
)
_NAMED = re.compile(r"\bsize (\d{1,2}(?:\.5)?|x{0,3}[sl]|m|small|medium|large)\b")
_LETTERS = ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "4xl", "5xl")
_NAMES = ("extra small", "small", "medium", "large", "extra large", "extra extra large")
_UPWARDS = frozenset(("up", "bigger", "larger"))


def relative_size(
    low: str, current: Sequence[str], sold: Sequence[str]
) -> tuple[WantValues | None, str] | None:
    """(the change, or a question where it cannot be told) of a turn that shifts the size.

    Args:
        low: the turn in lower case.
        current: the sizes in force.
        sold: the shop's sizes, whose order gives the step between numbers.

    Returns:
        None when the turn shifts no size.
    """
    match = _PATTERN.search(low)
    if match is None:
        return None
    way = next(w for w in match.group("one", "two", "three", "four") if w)
    step = _COUNTS.get(match.group("count") or "one", 1)
    named = _NAMED.search(low)
    if named:
        current = (named.group(1),)  # "size 12, actually one size up"
    if not current:
        return None, "Which size do you take now?"
    moved = [_moved(size, step if way in _UPWARDS else -step, sold) for size in current]
    if any(size is None for size in moved):
        return None, "Which size would you like?"
    return WantValues(field="sizes", values=tuple(s for s in moved if s)), ""


def _moved(size: str, step: float, sold: Sequence[str]) -> str | None:
    low = size.casefold()
    for scale in (_LETTERS, _NAMES):
        if low in scale and step == int(step):
            place = scale.index(low) + int(step)
            found = scale[place] if 0 <= place < len(scale) else None
            return found.upper() if found and size.isupper() else found
    number = _number(low)
    if number is None:
        return None
    if step != int(step):
        return f"{number + step:g}"
    scale_sold = sorted({n for s in sold if (n := _number(s.casefold())) is not None})
    if number in scale_sold:
        place = scale_sold.index(number) + int(step)
        return f"{scale_sold[place]:g}" if 0 <= place < len(scale_sold) else None
    return f"{number + step:g}" if number + step > 0 else None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,2}(\.5)?", text) else None
