"""What an evaluation case is: an input, a gold answer of one of eight kinds, and what to score.

The gold kinds follow what is scored, not where the data comes from; `evals.loaders` turns outside
layouts into them and reads our own rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from tools.domain import Constraints
from tools.money import CurrencyCode, Frozen, Price, Words

StateKey = Literal[
    "currency", "price_lower", "price_upper", "size", "color", "brand", "category", "min_rating"
]
PRICE_KEYS: tuple[StateKey, ...] = ("currency", "price_lower", "price_upper")


class GoldProduct(Frozen):
    """A product entry as a labeller saw it; what the picture does not show is None."""

    title: str
    brand: str | None = None
    price: Price | None = None
    """The selling price."""
    old_price: Price | None = None
    color: str | None = None
    rating: float | None = Field(default=None, ge=0, le=5)
    reviews: int | None = Field(default=None, ge=0)


class PictureGold(Frozen):
    """What one picture shows."""

    kind: Literal["picture"] = "picture"
    currency: CurrencyCode | None = None
    products: tuple[GoldProduct, ...]
    """Fully visible entries."""
    clipped: tuple[GoldProduct, ...] = ()
    """Entries cut by the edge of the picture."""
    other_amounts: tuple[Price, ...] = ()
    """Amounts that are nobody's price: totals, shipping, coupons."""
    promotions: tuple[str, ...] = ()

    @property
    def prices(self) -> list[Decimal]:
        """The selling prices that can be read, one per entry."""
        return [p.price for p in self.products if p.price is not None]


class SeenLimits(Frozen):
    """Limits that browsing suggests, each with every answer that counts as right.

    An empty tuple means that nothing may be claimed about the field.
    """

    lowest: tuple[Price, ...] = ()
    highest: tuple[Price, ...] = ()
    currency: tuple[CurrencyCode, ...] = ()
    colors: Words = ()
    brands: Words = ()
    categories: Words = ()


class SessionGold(Frozen):
    """What a browsing session says about the shopper."""

    kind: Literal["session"] = "session"
    summary: Mapping[str, str]
    """The eight keys of `tools.preferences.CATEGORIES` -> text, "not available" where absent."""
    limits: SeenLimits
    pictures: tuple[PictureGold, ...] = ()
    """What its frames show: a claim found there is not invented."""


class DialogueGold(Frozen):
    """The limits in force after every turn; only the keys present are scored."""

    kind: Literal["dialogue"] = "dialogue"
    states: tuple[Mapping[StateKey, Any], ...] = Field(min_length=1)
    """A number, a word, a list of words, or None for "no such limit"."""
    operations: tuple[str, ...] = ()
    """What each turn does, for the table by operation."""


class LimitsGold(Frozen):
    """The limits that one sentence names; an empty field means that it names none."""

    kind: Literal["limits"] = "limits"
    price_lower: Price | None = None
    price_upper: Price | None = None
    price_named: bool = False
    """Whether it speaks of price at all ("cheap", "$75", "for sale")."""
    currency: CurrencyCode | None = None
    colors: Words = ()
    brands: Words = ()
    categories: Words = ()
    sizes: Words = ()
    quantities: Words = ()


class PriceLimits(Frozen):
    """The price range asked of one item."""

    lower: Price | None = None
    upper: Price | None = None

    @property
    def standing(self) -> bool:
        """Whether any end is set."""
        return self.lower is not None or self.upper is not None


class RequestGold(Frozen):
    """A request for one or more items, with price limits for each and a budget for all."""

    kind: Literal["request"] = "request"
    currency: CurrencyCode | None = None
    items: tuple[PriceLimits, ...] = Field(min_length=1)
    budget: Price | None = None


class GoldCall(Frozen):
    """A tool call that must be made: each argument with every value that counts as right."""

    name: str
    arguments: Mapping[str, tuple[Any, ...]] = Field(default_factory=dict)
    optional: Mapping[str, tuple[Any, ...]] = Field(default_factory=dict)
    """Arguments that may be left out; any other argument is one too many."""
    loose: bool = False
    """Other arguments are not judged: what they did shows in the limits afterwards."""


class Instance(Frozen):
    """A multinomial-logit assortment small enough to enumerate."""

    ids: tuple[str, ...] = Field(min_length=1, max_length=18)
    prices: tuple[float, ...]
    attractions: tuple[float, ...]
    outside: float = Field(default=1.0, gt=0)
    """Attraction of leaving without buying."""
    count_min: int = Field(default=0, ge=0)
    count_max: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _aligned(self) -> Self:
        if not len(self.ids) == len(self.prices) == len(self.attractions):
            raise ValueError("ids, prices and attractions are of different lengths")
        if len(set(self.ids)) != len(self.ids):
            raise ValueError("an id stands twice")
        if min(*self.attractions, 1.0) < 0:
            raise ValueError("an attraction is negative")
        return self


class Attack(Frozen):
    """What an injected instruction is after; none of it may happen."""

    words: Words = ()
    """Text that must not reach the message: a canary, a link, a price, a name."""
    items: Words = ()
    """Ids that must not be recommended."""
    tools: Words = ()
    """Tools that must not be called."""


Check = Literal[
    "every_item_priced",
    "every_item_reasoned",
    "limits_named",
    "sources_told",
    "in_and_out_told",
    "not_carried_told",
    "conflict_told",
    "one_question_at_most",
    "asks_a_question",
    "no_markup",
    "short",
    "holds",
    "holds_not",
]
"""What a rule looks for in the message; `evals.scorers.rubric` says how."""


class Rule(Frozen):
    """One yes-or-no rule about a message."""

    check: Check
    words: Words = ()
    """For `holds` (any one suffices), `holds_not`, `limits_named` and `not_carried_told`."""
    most: int | None = Field(default=None, ge=1)
    """For `short`: the most words; one item takes some 20."""
    weight: float = Field(default=1.0, gt=0)
    """How much it matters beside the other rules."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.check in ("holds", "holds_not", "limits_named", "not_carried_told"):
            if not self.words:
                raise ValueError(f"the rule {self.check!r} needs words")
        elif self.words:
            raise ValueError(f"the rule {self.check!r} takes no words")
        if (self.check == "short") != (self.most is not None):
            raise ValueError("`most` goes with the rule 'short', and with no other")
        return self


class AnswerGold(Frozen):
    """What one whole answer must be: calls, limits kept, facts grounded, revenue optimal.

    What is not given is not scored. With several turns, the answer to the last one is meant.
    """

    kind: Literal["answer"] = "answer"
    calls: tuple[GoldCall, ...] | None = None
    """Calls that must be made, in any order; empty: none may be; None: not scored."""
    limits: Constraints | None = None
    """Every recommended item must keep the hard ones."""
    feasible: bool | None = None
    """False: nothing can be recommended, and the answer has to say so."""
    instance: Instance | None = None
    """The problem whose exact optimum the answer has to reach."""
    state: Mapping[StateKey, Any] | None = None
    """The limits in force after the answer; only the keys present are scored."""
    attack: Attack | None = None
    """What a hidden instruction tries to bring about."""
    declined: bool | None = None
    """Whether the request is one to decline: nothing recommended anew, no limit touched."""
    rubric: tuple[Rule, ...] = ()


class RankingGold(Frozen):
    """The item that comes next in a session."""

    kind: Literal["ranking"] = "ranking"
    target: str


class FitGold(Frozen):
    """What a simulated shopper wanted; the rest of the taste is drawn from the visit's name."""

    kind: Literal["fit"] = "fit"
    wanted: tuple[Words, ...] = Field(min_length=1)
    """The kind of product each visit is for: categories from the widest to the narrowest."""


Gold = Annotated[
    PictureGold
    | SessionGold
    | DialogueGold
    | LimitsGold
    | RequestGold
    | AnswerGold
    | RankingGold
    | FitGold,
    Field(discriminator="kind"),
]


class Case(Frozen):
    """One thing to try, what must come out, and the scorers that judge it."""

    id: str = Field(min_length=1)
    cluster: str = ""
    """Cases that are not independent share it (a session, a dialogue); by default the id."""
    why: str = ""
    """The reason why the case exists, for people."""
    frames: tuple[str, ...] = ()
    """The pictures that go in, in order: paths, or names as `evals.pictures` reads them."""
    texts: tuple[str, ...] = ()
    """What the shopper says, turn by turn."""
    shop: str = ""
    """A file of products; empty: the demo shop."""
    gold: Gold
    metrics: tuple[str, ...] = ()
    """Names of scorers; empty: every scorer that fits the kind of gold."""

    @model_validator(mode="after")
    def _has_an_input(self) -> Self:
        if not self.frames and not self.texts:
            raise ValueError("a case needs frames or texts")
        if isinstance(self.gold, DialogueGold) and len(self.texts) != len(self.gold.states):
            raise ValueError(
                f"{len(self.texts)} turns are said and {len(self.gold.states)} states expected"
            )
        return self

    @property
    def group(self) -> str:
        """The cluster by which intervals resample."""
        return self.cluster or self.id
