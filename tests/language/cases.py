"""Reads the corpora: one turn a line, with the limits before and after."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.language import SimpleVocabulary, Understanding, parse
from tools.changes import apply_changes
from tools.domain import Constraints

VOCABULARY = SimpleVocabulary(
    brands=[
        "Nike", "Adidas", "Puma", "Sony", "Bosch", "IKEA", "Philips", "Samsung", "Under Armour",
    ],
    colors=["Black", "White", "Navy", "Red", "Green", "Blue", "Grey", "Cream", "Light Blue"],
    categories=["Dresses", "Shoes", "Running Shoes", "Jackets", "Headphones"],
    sizes=["S", "M", "L", "XL", "8", "9", "10"],
    attributes={"material": ["cotton", "leather"], "feature": ["waterproof"]},
)  # fmt: skip
VALUES: dict[str, Any] = {
    "colors": ["red"], "brands": ["Nike"], "sizes": ["M"], "price_upper": 80, "currency": "GBP",
}  # fmt: skip
FIRST: dict[str, Any] = {
    "colors": ["blue"], "brands": ["Puma"], "sizes": ["S"], "price_upper": 50, "currency": "GBP",
}  # fmt: skip
STATES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "A": ({}, {}),
    "P": ({"price_upper": 50, "currency": "GBP"}, {"price_upper": 80, "currency": "GBP"}),
    "R": (
        {"price_lower": 10, "price_upper": 60, "currency": "GBP"},
        {"price_lower": 20, "price_upper": 80, "currency": "GBP"},
    ),
    "V": (FIRST, VALUES),
}
"""Name -> (what was said first, what is in force)."""

NAMES = {
    "lower": "price_lower", "upper": "price_upper", "cur": "currency", "colors": "colors",
    "brands": "brands", "sizes": "sizes", "xcolors": "exclude.colors",
    "xbrands": "exclude.brands", "count_min": "count_min", "count_max": "count_max",
    "rating": "min_rating", "sale": "on_sale",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One line of a corpus."""

    state: str
    turn: str
    expected: tuple[tuple[str, str], ...]
    asks: bool


def cases(name: str) -> Iterator[Case]:
    """The cases of one corpus file."""
    path = Path(__file__).parent / "corpus" / name
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        state, rest = line.split(": ", 1)
        turn, outcome = rest.rsplit(" ->", 1)
        words = shlex.split(outcome)
        pairs = tuple(tuple(w.split("=", 1)) for w in words if "=" in w)
        yield Case(state, turn, pairs, "ask" in words)  # type: ignore[arg-type]


def before(case: Case) -> tuple[Constraints, Constraints]:
    """(the limits said first, the limits in force)."""
    first, now = STATES[case.state]
    return Constraints.of("said", turn=1, **first), Constraints.of("said", turn=2, **now)


def understand(case: Case) -> Understanding:
    """The reading of one case."""
    return parse(case.turn, vocabulary=VOCABULARY, current=before(case)[1])


def outcome(case: Case) -> dict[str, Any]:
    """Every limit after the turn, by the short names of the corpora; "ask" when asked back."""
    first, now = before(case)
    read = understand(case)
    after = apply_changes(now, read.changes, turn=3, history=[first, now])
    return {short: _plain(after.value(path)) for short, path in NAMES.items()} | {
        "ask": read.question is not None
    }


def wanted(case: Case) -> dict[str, Any]:
    """What `outcome` has to be."""
    _, now = before(case)
    state = {short: _plain(now.value(path)) for short, path in NAMES.items()}
    for short, text in case.expected:
        if text == "-":
            state[short] = None
        elif short in ("lower", "upper", "rating", "count_min", "count_max"):
            state[short] = Decimal(text)
        elif short == "cur":
            state[short] = text
        elif short == "sale":
            state[short] = True
        else:
            state[short] = tuple(sorted(v.casefold() for v in text.split(",")))
    return state | {"ask": case.asks}


def differs(case: Case) -> str:
    """What is wrong with the outcome of a case, or nothing."""
    got, want = outcome(case), wanted(case)
    wrong = {
        name: (got[name], want[name])
        for name in want
        if got[name] != want[name] and want[name] != ("any",)
    }
    return "; ".join(f"{name}: got {g}, want {w}" for name, (g, w) in wrong.items())


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(sorted(str(v).casefold() for v in value)) or None
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return Decimal(str(value))
