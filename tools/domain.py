"""The words that everything shares: money, products, limits and where each limit came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, Field, ValidationError, model_validator

from tools.errors import InputError
from tools.money import (
    Amount,
    CurrencyCode,
    Frozen,
    Money,
    Price,
    Words,
    known_currencies,
    show_money,
)

__all__ = [
    "FAMILIES",
    "FIELDS",
    "SET_FIELDS",
    "Amount",
    "AttributeLimit",
    "AttributeValue",
    "Constraints",
    "CurrencyCode",
    "Exclusions",
    "Frozen",
    "GroupLimit",
    "Money",
    "Price",
    "Product",
    "Provenance",
    "Quantity",
    "Source",
    "Strength",
    "Words",
    "build",
    "known_currencies",
    "show_money",
]

Source = Literal["assumed", "seen", "said"]
"""Where a limit comes from, weakest first: a default, the screen, the shopper."""
Strength = Literal["soft", "hard"]
"""A hard limit is never broken; a soft one only makes an item more or less attractive."""

_RANK: Mapping[Source, int] = {"assumed": 0, "seen": 1, "said": 2}


class Quantity(Frozen):
    """A number with its unit, for example 128 GB; the unit may be empty (3 bedrooms)."""

    number: float = Field(allow_inf_nan=False)
    unit: str = ""


AttributeValue = str | Quantity | tuple[str, ...]


class Product(Frozen):
    """One thing the shop sells."""

    id: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1)
    price: Money | None = None
    """The selling price; None only in a catalogue that carries no prices at all."""
    list_price: Money | None = None
    """The struck-through price, when the shop shows one."""
    brand: str | None = None
    colors: Words = ()
    categories: Words = ()
    """From the widest to the narrowest: ("Fashion", "Women", "Dresses")."""
    sizes: Words = ()
    attributes: Mapping[str, AttributeValue] = Field(default_factory=dict)
    rating: float | None = Field(default=None, ge=0, le=5)
    reviews: int | None = Field(default=None, ge=0)
    description: str = ""
    image: str | None = None
    url: str | None = None
    stock: int | None = Field(default=None, ge=0)
    """Pieces left; None when the shop does not say, which counts as available."""

    @property
    def on_sale(self) -> bool:
        """Whether it sells below its list price."""
        return bool(self.price and self.list_price and self.list_price > self.price)


class AttributeLimit(Frozen):
    """A wish about one attribute: one of some values, or a numeric range in a unit."""

    name: str
    values: Words = ()
    lower: float | None = Field(default=None, allow_inf_nan=False)
    upper: float | None = Field(default=None, allow_inf_nan=False)
    unit: str = ""

    @model_validator(mode="after")
    def _has_a_meaning(self) -> Self:
        if not self.values and self.lower is None and self.upper is None:
            raise ValueError(f"the limit on {self.name!r} names neither values nor a range")
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise ValueError(f"the limit on {self.name!r} has its lower end above its upper end")
        return self


class GroupLimit(Frozen):
    """How many items of one group the set may or must hold.

    With `value` None the limit holds for every value of the attribute ("at most one per brand").
    """

    attribute: Literal["brand", "color", "category", "size"]
    value: str | None = None
    minimum: int = Field(default=0, ge=0)
    maximum: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("a group limit has its minimum above its maximum")
        if self.value is None and self.minimum:
            raise ValueError("a minimum names the group that it holds for")
        return self


class Provenance(Frozen):
    """Where one limit came from and how hard it is."""

    source: Source
    strength: Strength = "hard"
    turn: int = 0
    """Turn of the conversation in which it was set; later beats earlier."""
    note: str = ""
    """A remark the message may repeat, for example how a thin price range was widened."""
    matched: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """The shopper's own word -> the catalogue values used for it; no values: not carried."""

    def beats(self, other: Provenance) -> bool:
        """Whether this replaces `other`: said over seen, later over earlier."""
        return (_RANK[self.source], self.turn) >= (_RANK[other.source], other.turn)


class Exclusions(Frozen):
    """What the shopper does not want, under the same keys as what they want."""

    colors: Words = ()
    brands: Words = ()
    categories: Words = ()
    sizes: Words = ()
    attributes: tuple[AttributeLimit, ...] = ()


# Fields of one family are about one thing: once the shopper has spoken about a family, what was
# merely seen about it no longer counts.
FAMILIES: Mapping[str, str] = {
    "price_lower": "price",
    "price_upper": "price",
    **{
        key: name
        for name in ("colors", "brands", "categories", "sizes", "attributes")
        for key in (name, f"exclude.{name}")
    },
}

SET_FIELDS = ("colors", "brands", "categories", "sizes", "attributes")
FIELDS = (
    "price_lower",
    "price_upper",
    "currency",
    *SET_FIELDS,
    *(f"exclude.{name}" for name in SET_FIELDS),
    "min_rating",
    "on_sale",
    "count_min",
    "count_max",
    "group_limits",
    "must_include",
    "must_exclude",
)
"""Every limit by its path; the order is the one in which limits are shown."""


class Constraints(Frozen):
    """The limits in force, each with its provenance.

    `provenance` has one entry for every field that stands, keyed as in `FIELDS`; a field without
    an entry is refused, so a limit whose origin nobody knows cannot exist.
    """

    price_lower: Price | None = None
    price_upper: Price | None = None
    currency: CurrencyCode | None = None
    colors: Words = ()
    brands: Words = ()
    categories: Words = ()
    sizes: Words = ()
    attributes: tuple[AttributeLimit, ...] = ()
    exclude: Exclusions = Exclusions()
    min_rating: float | None = Field(default=None, ge=0, le=5)
    on_sale: bool | None = None
    count_min: int | None = Field(default=None, ge=0, le=1000)
    count_max: int | None = Field(default=None, ge=1, le=1000)
    group_limits: tuple[GroupLimit, ...] = ()
    must_include: Words = ()
    must_exclude: Words = ()
    provenance: Mapping[str, Provenance] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        pairs: tuple[tuple[str, Any, Any], ...] = (
            ("price", self.price_lower, self.price_upper),
            ("count", self.count_min, self.count_max),
        )
        for name, low, high in pairs:
            if low is not None and high is not None and low > high:
                raise ValueError(f"the lower {name} limit ({low}) is above the upper one ({high})")
        forced = {i.casefold() for i in self.must_include}
        if both := sorted(forced & {i.casefold() for i in self.must_exclude}):
            raise ValueError(f"item {both[0]!r} is both demanded and refused")
        standing = set(self.standing())
        if missing := sorted(standing - set(self.provenance)):
            raise ValueError(f"the limit {missing[0]!r} does not say where it comes from")
        if extra := sorted(set(self.provenance) - standing):
            raise ValueError(f"provenance is given for {extra[0]!r}, which is not a standing limit")
        return self

    @classmethod
    def of(
        cls, source: Source, strength: Strength = "hard", turn: int = 0, **fields: Any
    ) -> Constraints:
        """Limits that all come from one place; `exclude` may be given as a mapping.

        Raises:
            InputError: a value is out of range, inconsistent or of an unknown field.
        """
        origin = Provenance(source=source, strength=strength, turn=turn)
        exclude = fields.get("exclude") or {}
        if isinstance(exclude, Exclusions):
            exclude = exclude.model_dump(exclude_defaults=True)
        flat = fields | {f"exclude.{name}": value for name, value in dict(exclude).items()}
        standing = {f: origin for f in FIELDS if flat.get(f) not in (None, (), [], "")}
        return build(cls, {**fields, "provenance": standing})

    def value(self, field: str) -> Any:
        """What stands under a path of `FIELDS`, `exclude.colors` included."""
        if field.startswith("exclude."):
            return getattr(self.exclude, field.removeprefix("exclude."))
        return getattr(self, field)

    def standing(self) -> tuple[str, ...]:
        """The paths of the limits that are set, in the order of `FIELDS`."""
        return tuple(field for field in FIELDS if self.value(field) not in (None, ()))

    def replace(self, changes: Mapping[str, Any], provenance: Mapping[str, Provenance]) -> Self:
        """A copy with some limits set (or cleared, where the value is None or empty).

        Args:
            changes: path of `FIELDS` -> new value.
            provenance: path -> provenance, for every change that sets something.

        Raises:
            InputError: the outcome is inconsistent.
        """
        fields: dict[str, Any] = {f: self.value(f) for f in FIELDS} | dict(changes)
        kept = {**self.provenance, **provenance}
        data: dict[str, Any] = {"exclude": {}, "provenance": {}}
        for field, value in fields.items():
            if value in (None, (), []):
                continue
            data["provenance"][field] = kept.get(field)
            if field.startswith("exclude."):
                data["exclude"][field.removeprefix("exclude.")] = value
            else:
                data[field] = value
        return build(type(self), data)

    def only(self, *fields: str, strength: Strength | None = None) -> Self:
        """A copy that keeps just these paths, or just the limits of one strength."""
        wanted = set(fields or FIELDS)
        dropped = {
            f: None
            for f in self.standing()
            if f not in wanted or (strength and self.provenance[f].strength != strength)
        }
        return self.replace(dropped, {})

    def as_soft(self, *fields: str) -> Self:
        """A copy in which these limits (all, when none is named) are soft."""
        named = set(fields or FIELDS)
        softened = {
            f: p.model_copy(update={"strength": "soft"})
            for f, p in self.provenance.items()
            if f in named
        }
        return self.replace({}, softened)

    def merged_with(self, newer: Constraints) -> Self:
        """These limits overlaid by newer ones, field by field.

        Said beats seen, later beats earlier; and once a family (price, colours, brands …) holds
        something said, what was only seen about it is dropped. A said category that differs from
        the seen one means another thing is being looked for: all that was seen becomes soft.

        Raises:
            InputError: the outcome is inconsistent (two said limits that exclude each other).
        """
        held = self
        if self._turns_to_another_category(newer):
            held = held.as_soft(*(f for f, p in held.provenance.items() if p.source == "seen"))
        said = {
            FAMILIES.get(f, f)
            for c in (held, newer)
            for f, p in c.provenance.items()
            if p.source == "said"
        }
        outcome: dict[str, Any] = dict.fromkeys(held.standing())
        provenance: dict[str, Provenance] = {}
        for c in (held, newer):
            for field in c.standing():
                origin = c.provenance[field]
                if origin.source != "said" and FAMILIES.get(field, field) in said:
                    continue
                if field in provenance and not origin.beats(provenance[field]):
                    continue
                outcome[field], provenance[field] = c.value(field), origin
        return held.replace(outcome, provenance)

    def _turns_to_another_category(self, newer: Constraints) -> bool:
        origin = newer.provenance.get("categories")
        mine = self.provenance.get("categories")
        if not (origin and mine) or origin.source != "said" or mine.source == "said":
            return False
        return not (
            {c.casefold() for c in newer.categories} & {c.casefold() for c in self.categories}
        )

    def to_json(self) -> dict[str, Any]:
        """The form of the command line: plain numbers, `null` where no limit stands."""
        plain = self.model_dump(mode="json", exclude={"provenance"})
        for field in ("price_lower", "price_upper"):
            value = getattr(self, field)
            plain[field] = None if value is None else float(value)
        plain["provenance"] = {
            f: p.model_dump(mode="json", exclude_defaults=True, include={"note", "matched"})
            | {"source": p.source, "strength": p.strength}
            for f, p in self.provenance.items()
        }
        return plain


M = TypeVar("M", bound=BaseModel)


def build(model: type[M], data: Mapping[str, Any]) -> M:
    """`model.model_validate(data)`, with the failure put into one sentence.

    Raises:
        InputError: the data does not fit; the message names the first field at fault.
    """
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise InputError(f"{place}: {reason}" if place else reason) from None
