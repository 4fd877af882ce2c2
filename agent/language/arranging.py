"""Another order for what is shown ("cheapest first"), and more of the same kind of thing."""

from __future__ import annotations

import re

from tools.refining import Order

_FIRST = r"(first|at the top|on top|to the top|up top|up front)"
_SORT = (
    r"(sort|order|rank|arrange|list|organi[sz]e|reorder|re-order)\w* "
    r"(it |them |these |those |this |that |the \w+ |everything )?"
    r"(by|on|according to|from|in order of) (the )?"
)
_ORDERS: tuple[tuple[Order, re.Pattern[str]], ...] = (
    (
        "dearest",
        re.compile(
            rf"\b(most expensive|dearest|priciest|highest price|highest priced|costliest)"
            rf"( ones?| items?)? {_FIRST}|{_SORT}(highest|descending|high|most expensive|dearest)|"
            rf"{_SORT}price,? (descending|high to low|highest first|from high|downwards)|"
            r"\b(high|highest) to (low|lowest)\b|\bprice descending\b"
        ),
    ),
    (
        "cheapest",
        re.compile(
            rf"\b(cheapest|lowest price|lowest priced|least expensive|most affordable)"
            rf"( ones?| items?)? {_FIRST}|{_SORT}(price|cost|cheap\w*|low\w*|asc\w*|least)|"
            r"\b(low|lowest) to (high|highest)\b|\bprice ascending\b|\b(sort|order) price\b"
        ),
    ),
    (
        "best_rated",
        re.compile(
            rf"\b(best|highest|top)[- ](rated|reviewed|rating|ratings)( ones?| items?)? {_FIRST}|"
            rf"{_SORT}(rating|ratings|stars|score|review score|best rated)"
        ),
    ),
    (
        "most_reviewed",
        re.compile(
            rf"\b(most reviewed|most reviews|most popular)( ones?| items?)? {_FIRST}|"
            rf"{_SORT}(number of reviews|reviews|review count|popularity|most reviews)"
        ),
    ),
    (
        "biggest_saving",
        re.compile(
            rf"\b(biggest|largest|best) (discount|discounts|saving|savings|reduction|deal|deals) "
            rf"{_FIRST}|{_SORT}(discount|saving|savings|reduction|biggest (discount|saving))"
        ),
    ),
    ("likeliest", re.compile(rf"\bbest (match|fit|matches) {_FIRST}|{_SORT}(relevance|match|fit)")),
)
_LIKE = re.compile(
    r"\b(more|others?|something|anything|ones?|things?|items?|alternatives?|similar)\b.{0,20}"
    r"\b(like|similar to|along the lines of|close to|in the style of|resembling)\b|^similar to\b"
)


def asked_order(low: str) -> Order | None:
    """The order that a turn asks for, if it asks for one; `low` is its lower-case text."""
    return next((order for order, pattern in _ORDERS if pattern.search(low)), None)


def asks_for_alike(low: str) -> bool:
    """Whether a turn asks for things like one that it points at."""
    return _LIKE.search(low) is not None
