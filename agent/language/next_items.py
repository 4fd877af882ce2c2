"""Whether a turn asks what other shoppers looked at next."""

from __future__ import annotations

import re

_PEOPLE = r"(other(s| people| shoppers| customers| buyers| visitors)|people|shoppers|customers)"
_LOOK = (
    r"(look(ed|ing)?( at)?|view(ed)?|browsed?|click(ed)?( on)?|go(ne)?|went|see|saw|"
    r"check(ed)?( out)?|buy|bought)"
)
_AFTER = r"(next|after(wards| that| this)?|too|also|as well)"
_ASKED = re.compile(
    "|".join(
        (
            rf"\b{_PEOPLE}\b.{{0,60}}\b{_LOOK}\b.{{0,40}}\b{_AFTER}\b",
            rf"\b{_PEOPLE}\b.{{0,30}}\balso {_LOOK}\b",
            rf"\bwhat (should|shall|could|might|do|did|would|will) (i|we|they) {_LOOK} next\b",
            r"\bwhat (comes|came) next\b|\bnext items?\b|\bwhat(\s+is|'s|s) next\b",
            rf"\b(do|did|would|will) others {_LOOK}\b",
        )
    ),
    re.I,
)
LONGEST = 300
"""Letters of a turn that are looked at."""


def asks_what_comes_next(text: str) -> bool:
    """Whether the turn asks what others looked at next, or what to look at next."""
    return _ASKED.search(" ".join(text[:LONGEST].split())) is not None
