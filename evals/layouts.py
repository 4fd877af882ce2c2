"""The rows of outside data as they are laid out, and the case that each becomes.

Fields that are not needed are ignored; a needed one that is missing or of the wrong type is an
error of validation, which `evals.loaders` reports with the file and the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from evals.cases import (
    Case,
    DialogueGold,
    GoldProduct,
    LimitsGold,
    PictureGold,
    PriceLimits,
    RequestGold,
    SeenLimits,
    SessionGold,
    StateKey,
)
from tools.errors import CaseError
from tools.money import CurrencyCode, Price
from tools.preferences import CATEGORIES, NOT_AVAILABLE

_SUMMARY_KEYS = {"user_reviews_and_testimonials": "user_reviews"}


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class OtherAmount(_Row):
    """An amount on a picture that is nobody's price."""

    amount: Price


class PictureRow(_Row):
    """One line of `labels.jsonl`."""

    id: str
    file: str
    session: str | None
    currency: CurrencyCode | None
    products: tuple[GoldProduct, ...]
    clipped_products: tuple[Mapping[str, Any], ...]
    other_amounts: tuple[OtherAmount, ...]
    promotions: tuple[str, ...]

    def case(self, folder: Path) -> Case:
        """The reading of this picture.

        Raises:
            CaseError: the picture is not there.
        """
        picture = folder / self.file
        if not picture.is_file():
            raise CaseError(f"there is no picture {picture}")
        gold = PictureGold(
            currency=self.currency,
            products=self.products,
            clipped=tuple(GoldProduct.model_validate(dict(p)) for p in self.clipped_products),
            other_amounts=tuple(o.amount for o in self.other_amounts),
            promotions=self.promotions,
        )
        return Case(id=self.id, cluster=self.session or self.id, frames=(str(picture),), gold=gold)


class SessionLimits(_Row):
    """The gold constraints of a session."""

    lowest_price: Price | None
    highest_price: Price | None
    currency: CurrencyCode | None
    color: str | None
    brand: str | None
    category: str | None


class AcceptedLimits(_Row):
    """Other answers that count as right."""

    lowest_price: tuple[Price, ...] = ()
    highest_price: tuple[Price, ...] = ()
    currency: tuple[CurrencyCode, ...] = ()
    color: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    category: tuple[str, ...] = ()


class SessionRow(_Row):
    """One line of `sessions.jsonl`."""

    session_id: str
    frames: tuple[str, ...] = Field(min_length=1)
    summary: Mapping[str, str]
    constraints: SessionLimits
    accept: AcceptedLimits

    def case(self, pictures: Mapping[str, Case]) -> Case:
        """The conclusions from this session.

        Raises:
            CaseError: a frame is not labelled, or the summary lacks one of the eight categories.
        """
        if unknown := [f for f in self.frames if f not in pictures]:
            raise CaseError(f"frame {unknown[0]!r} is not in labels.jsonl")
        golds = [pictures[f].gold for f in self.frames]
        gold = SessionGold(
            summary=self._categories(),
            limits=SeenLimits(
                lowest=self._right("lowest_price"),
                highest=self._right("highest_price"),
                currency=self._right("currency"),
                colors=self._right("color"),
                brands=self._right("brand"),
                categories=self._right("category"),
            ),
            pictures=tuple(g for g in golds if isinstance(g, PictureGold)),
        )
        frames = tuple(pictures[f].frames[0] for f in self.frames)
        return Case(id=self.session_id, frames=frames, gold=gold)

    def _categories(self) -> dict[str, str]:
        found = {key.casefold().replace(" ", "_"): text for key, text in self.summary.items()}
        found = {_SUMMARY_KEYS.get(key, key): text for key, text in found.items()}
        if wrong := sorted(set(found) ^ set(CATEGORIES)):
            raise CaseError(f"the summary misses or adds the category {wrong[0]!r}")
        return {key: found[key].strip() or NOT_AVAILABLE for key in CATEGORIES}

    def _right(self, key: str) -> tuple[Any, ...]:
        answers = (getattr(self.constraints, key), *getattr(self.accept, key))
        return tuple(dict.fromkeys(a for a in answers if a is not None))


class TurnRow(_Row):
    """One turn of a what-if dialogue."""

    user: str
    op: str = ""
    expected_state: Mapping[StateKey, Any]


class DialogueRow(_Row):
    """One what-if dialogue."""

    id: str
    turns: tuple[TurnRow, ...] = Field(min_length=1)

    def case(self) -> Case:
        """The dialogue, its states and what each turn does."""
        return Case(
            id=self.id,
            texts=tuple(turn.user for turn in self.turns),
            gold=DialogueGold(
                states=tuple(turn.expected_state for turn in self.turns),
                operations=tuple(turn.op for turn in self.turns),
            ),
        )


class QuerySpans(_Row):
    """The labelled spans of a search query."""

    price_lower: Price | None
    price_upper: Price | None
    price_span: tuple[str, ...] = ()
    currency: CurrencyCode | None = None
    color: tuple[str, ...] = ()
    brand_or_creator: tuple[str, ...] = ()
    product_type: tuple[str, ...] = ()
    size_or_uom: tuple[str, ...] = ()
    quantity: tuple[str, ...] = ()


class QueryRow(_Row):
    """One search query."""

    id: str
    text: str
    gold: QuerySpans

    def case(self) -> Case:
        """The query and the limits that its spans name."""
        spans = self.gold
        gold = LimitsGold(
            price_lower=spans.price_lower,
            price_upper=spans.price_upper,
            price_named=bool(spans.price_span),
            currency=spans.currency,
            colors=spans.color,
            brands=spans.brand_or_creator,
            categories=spans.product_type,
            sizes=spans.size_or_uom,
            quantities=spans.quantity,
        )
        return Case(id=self.id, texts=(self.text,), gold=gold)


class ItemRow(_Row):
    """One item of a shopping request."""

    price_lower: Price | None
    price_upper: Price | None
    currency: CurrencyCode | None


class RequestItems(_Row):
    """The items of a request and the budget for all of them."""

    items: tuple[ItemRow, ...] = Field(min_length=1)
    budget: Price | None = None


class UtteranceRow(_Row):
    """One request for one or several items."""

    id: str
    text: str
    intent: str = ""
    gold: RequestItems

    def case(self) -> Case:
        """The request and its price limits."""
        gold = RequestGold(
            currency=self.gold.items[0].currency,
            items=tuple(
                PriceLimits(lower=i.price_lower, upper=i.price_upper) for i in self.gold.items
            ),
            budget=self.gold.budget,
        )
        return Case(id=self.id, why=self.intent, texts=(self.text,), gold=gold)
