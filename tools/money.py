"""Currency-safe money, and the small types that money and words are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from tools.errors import CurrencyMismatch

# An amount above this is a parsing accident in any currency; it also keeps floats exact to a cent.
MAX_AMOUNT = Decimal("1e12")


@cache
def known_currencies() -> frozenset[str]:
    """The ISO 4217 codes of currencies in use or of record, from the Unicode CLDR (babel)."""
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def _currency(code: str) -> str:
    code = code.strip().upper()
    if code not in known_currencies():
        raise ValueError(f"{code!r} is not an ISO 4217 currency code")
    return code


def _amount(value: object) -> Decimal:
    try:
        # str() first, so that the float 0.1 is ten cents and not 0.1000000000000000055...
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not an amount of money") from None
    if not amount.is_finite():
        raise ValueError("an amount of money is a finite number")
    if abs(amount) > MAX_AMOUNT:
        raise ValueError(f"an amount of money lies within {MAX_AMOUNT:f}")
    return amount


def _positive(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("an amount of money here is not negative")
    return value


def _words(value: object) -> object:
    if value is None:
        return ()
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, Iterable):
        return value
    seen: dict[str, str] = {}
    for word in value:
        clean = re.sub(r"\s+", " ", str(word)).strip()
        if clean:
            seen.setdefault(clean.casefold(), clean)
    return tuple(seen.values())


CurrencyCode = Annotated[str, AfterValidator(_currency)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Price = Annotated[Decimal, BeforeValidator(_amount), AfterValidator(_positive)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
"""Distinct words or phrases in order of first mention, white space folded, case kept."""


class Frozen(BaseModel):
    """Base of the shared words: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Money(Frozen):
    """An amount in one currency; amounts of different currencies never compare."""

    amount: Amount
    currency: CurrencyCode

    def _other(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._other(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._other(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._other(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._other(other)

    def __add__(self, other: Money) -> Money:
        return Money(amount=self.amount + self._other(other), currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(amount=self.amount - self._other(other), currency=self.currency)

    def __str__(self) -> str:
        return show_money(self.amount, self.currency)


def show_money(amount: Decimal | float, currency: str | None) -> str:
    """The amount as a shopper reads it, for example ``£1,299`` or ``€12.50``.

    Whole amounts lose their empty cents. Without a currency the bare number is given.
    """
    from babel.numbers import format_currency, format_decimal

    number = Decimal(str(amount))
    if currency is None:
        return str(format_decimal(number, locale="en"))
    shown = str(format_currency(number, currency, locale="en"))
    return re.sub(r"\.0+$", "", shown)
