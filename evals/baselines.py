"""Floors to compare with: what a few regular expressions reach."""

from __future__ import annotations

import re
from decimal import Decimal

from evals.cases import Case
from evals.traces import AskedRange, DialogueTrace, RequestTrace, Trace
from tools.domain import Constraints
from tools.errors import InputError

_SIGNS = {"$": "USD", "£": "GBP", "€": "EUR"}
_NAMES = {"dollar": "USD", "buck": "USD", "pound": "GBP", "euro": "EUR", "peso": "PHP"}
_AMOUNT = r"[$£€`]?\s?(\d[\d,]*(?:\.\d+)?)"
_BETWEEN = re.compile(rf"(?:between|from)\s+{_AMOUNT}\s+(?:and|to)\s+{_AMOUNT}")
_UPPER = re.compile(
    rf"(?:under|below|less than|no more than|up to|at most|budget\D{{0,20}})\s*{_AMOUNT}"
)
_LOWER = re.compile(rf"(?:over|above|more than|at least)\s*{_AMOUNT}")
_HIGHER = re.compile(rf"{_AMOUNT}\s+(?:higher|more)")


class RegexBaseline:
    """Price limits by four patterns; knows no colours, no brands and nothing vague."""

    name = "regex"

    def run(self, case: Case) -> Trace:
        """Follow the turns of a dialogue, or read the amounts of a request."""
        lower: Decimal | None = None
        upper: Decimal | None = None
        currency: str | None = None
        states = []
        for text in case.texts:
            low = text.casefold()
            currency = _currency(low) or currency
            if found := _BETWEEN.search(low):
                lower, upper = sorted(map(_number, found.groups()))
            elif (found := _HIGHER.search(low)) and upper is not None:
                upper += _number(found.group(1))
            elif found := _UPPER.search(low):
                upper = _number(found.group(1))
            elif found := _LOWER.search(low):
                lower = _number(found.group(1))
            if lower is not None and upper is not None and lower > upper:
                lower = None
            state = Constraints.of("said", price_lower=lower, price_upper=upper, currency=currency)
            states.append(state)
        if case.gold.kind == "dialogue":
            return DialogueTrace(case=case.id, states=tuple(states))
        if case.gold.kind == "request":
            asked = AskedRange(lower=lower, upper=upper, currency=currency)
            return RequestTrace(case=case.id, items=(asked,))
        raise InputError(f"the regex baseline does not run cases of kind {case.gold.kind!r}")


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _currency(text: str) -> str | None:
    for sign, code in _SIGNS.items():
        if sign in text:
            return code
    return next((code for name, code in _NAMES.items() if name in text), None)
