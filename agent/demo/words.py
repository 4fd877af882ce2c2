"""The demo shop's range as written in `range.yaml`, in typed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, field_validator

Currency = Literal["GBP", "INR"]
CURRENCIES: tuple[Currency, ...] = ("GBP", "INR")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Shelf(_Row):
    """One type of product: how it is named, priced, sized and drawn."""

    categories: tuple[str, ...]
    names: Mapping[Currency, tuple[str, ...]] = {}
    """The categories where a currency's shop words them otherwise."""
    count: Mapping[Currency, int]
    price: Mapping[Currency, float]
    """The median price of a middling brand."""
    spread: float
    """Standard deviation of the logarithm of what is left to chance in the price."""
    brands: str
    sizes: str | None
    shape: str
    colors: tuple[str, ...]
    words: Mapping[str, Mapping[str, float]]
    """Placeholder -> the words for it, each with its factor on the price."""
    units: Mapping[str, str] = {}
    by_model: tuple[str, ...] = ()
    """Placeholders that are the same for all products of one brand and model."""
    title: tuple[str, ...]
    title_by_model: bool = False
    """Whether the titles name the colour themselves."""
    gender: str | None = None
    about: tuple[str, ...]
    no_shade: bool = False
    """The colour is that of the packing and is not part of the name."""

    @field_validator("words", mode="before")
    @classmethod
    def _factors(cls, words: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        return {
            key: dict.fromkeys(map(str, options), 1.0) if isinstance(options, list) else options
            for key, options in words.items()
        }

    def path(self, currency: Currency) -> tuple[str, ...]:
        """The categories from the widest to the narrowest, as that shop words them."""
        return self.names.get(currency, self.categories)


class Extra(_Row):
    """A product written out by hand."""

    id: str
    title: str
    brand: str
    price: float
    list_price: float | None = None
    color: str
    shade: str
    type: str
    sizes: tuple[str, ...] = ()
    rating: float
    reviews: int
    stock: int
    words: Mapping[str, str]
    description: str


class Range(_Row):
    """Everything the demo shop sells, by type."""

    shades: Mapping[str, Mapping[str, str]]
    """Basic colour -> shade as printed -> RGB in hex."""
    brands: Mapping[str, Mapping[Currency, Mapping[str, tuple[float, float]]]]
    """Group -> currency -> brand -> (factor on the price, stars above the mean)."""
    sizes: Mapping[str, Mapping[Currency, tuple[str, ...]]]
    extra: Mapping[Currency, Sequence[Extra]]
    types: Mapping[str, Shelf]


@cache
def load_range() -> Range:
    """The range as shipped."""
    text = resources.files("agent.demo").joinpath("range.yaml").read_text("utf-8")
    return Range.model_validate(yaml.safe_load(text))


@cache
def shelf_of(category: str) -> Shelf:
    """The shelf whose narrowest category has this name in either shop."""
    for shelf in load_range().types.values():
        if category in {shelf.path(currency)[-1] for currency in CURRENCIES}:
            return shelf
    raise KeyError(category)


@cache
def hex_of(shade: str) -> str:
    """The RGB colour of a shade, in hex."""
    return next(table[shade] for table in load_range().shades.values() if shade in table)
