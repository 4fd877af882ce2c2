"""What the grammar understood of a turn."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from tools.changes import Change
from tools.domain import CurrencyCode, Frozen, Price, Words
from tools.refining import Order

Intent = Literal[
    "recommend",
    "what_if",
    "facts",
    "details",
    "explain",
    "compare",
    "refine",
    "search",
    "smalltalk",
    "other",
]
"""What the turn is about.

`recommend`: a first or new wish; `what_if`: limits in force are pushed around; `facts`: a
question about the shop (`about` holds what it is limited to); `details`: what an item that was
shown is like; `explain`: why this, why not that;
`compare`: items set side by side; `refine`: the recommendation in another order, or more like one
of its items; `search`: a plain look-up; `smalltalk`: greetings and thanks; `other`:
nothing that the shop can act on, such as a question about the program's own instructions.
"""


class ShownItem(Frozen):
    """An item that the conversation has shown, as far as words can point at it."""

    id: str
    title: str = ""
    brand: str | None = None
    price: Price | None = None
    currency: CurrencyCode | None = None
    colors: Words = ()
    categories: Words = ()
    sizes: Words = ()
    turn: int = 0
    """The turn that showed it; "the second one" counts within the newest turn."""


class Wish(Frozen):
    """One of the things that a turn asks for, with the price limits named beside it."""

    text: str
    price_lower: Decimal | None = None
    price_upper: Decimal | None = None
    currency: CurrencyCode | None = None


class Understanding(Frozen):
    """What one turn asks for."""

    intent: Intent
    changes: tuple[Change, ...] = ()
    """In the order in which they apply; empty when a question has to be asked first."""
    question: str | None = None
    """One clarifying question, when the turn is vague or contradicts itself."""
    vague: bool = False
    """Whether the question asks for what the turn left open, not about what cannot be."""
    about: tuple[Change, ...] = ()
    """Limits that a `facts`, `explain` or `compare` turn speaks of without setting them."""
    item_refs: Words = ()
    """Ids of shown items that the turn points at, in the order of mention."""
    order: Order | None = None
    """The order that the recommendation is asked in."""
    like: bool = False
    """Whether more like the item pointed at is asked for."""
    search_text: str = ""
    """The wish for a product that remains without limits and politeness."""
    explain: Literal["why", "why_not"] | None = None
    wishes: tuple[Wish, ...] = ()
    """The separate things asked for, when one turn names several with limits of their own."""
    budget_total: Decimal | None = None
    """An amount for everything together, when the turn names one beside several wishes."""
