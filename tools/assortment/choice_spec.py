"""How to read a choice file and what the utilities are made of: the YAML of `choice fit --spec`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.domain import build
from tools.errors import InstanceError

Expression = str | float
Coefficients = list[str] | dict[str, Expression]
"""Columns by name, or coefficient name -> expression over columns."""


class Spec(BaseModel):
    """A specification. Every part is optional; docs/assortment.md shows examples.

    Attributes:
        layout: `long` (a row per alternative), `wide` (a row per choice) or `transactions`
            (offered items and the one bought); guessed from the columns when not given.
        where: rows to keep, an expression.
        choice, alternative: long: columns of the situation's number and the alternative's name.
        chosen: long: column that marks the chosen row; wide: column with the chosen alternative;
            transactions: column with the item bought.
        weight, person: columns with a weight, and with who chose.
        reference: alternative without a constant.
        alternatives: wide: names, or name -> value in the column `chosen`.
        generic: coefficients shared by all alternatives; in wide files `{alt}` in an expression
            stands for the alternative's name.
        by_alternative: each with a coefficient for every alternative (ivt_air, ivt_bus …).
        case: facts about who chooses: a coefficient for every alternative but the reference.
        constants: one constant for every alternative but the reference (asc_bus …).
        utilities: alternative -> {coefficient: expression}, added to the above.
        availability: alternative -> expression, or one expression with `{alt}`.
        offered, count: transactions: columns with the items on offer and how often it happened.
        outside: transactions: how "bought nothing" is written among items.
        prior: transactions: pseudo-purchases per item.
        ridge: penalty on coefficients; 0 for plain maximum likelihood.
        classes: latent classes; 1 for plain MNL.
    """

    model_config = ConfigDict(extra="forbid")

    layout: Literal["long", "wide", "transactions"] | None = None
    where: str | None = None
    choice: str = "choice"
    alternative: str = "alternative"
    chosen: str | None = None
    weight: str | None = None
    person: str | None = None
    reference: str | None = None
    alternatives: list[str] | dict[str, str | int | float] | None = None
    generic: Coefficients | None = None
    by_alternative: Coefficients = Field(default_factory=list)
    case: Coefficients = Field(default_factory=list)
    constants: bool = False
    utilities: dict[str, dict[str, Expression]] = Field(default_factory=dict)
    availability: str | dict[str, Expression] | None = None
    offered: str = "offered"
    count: str = "count"
    outside: str | None = None
    prior: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    ridge: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    classes: int = Field(default=1, ge=1, le=20)


def read_spec(path: Path | None) -> Spec:
    """The specification in a YAML file; the default one without a file.

    Raises:
        InstanceError: the file cannot be read or is no YAML.
        InputError: a field is unknown or has a wrong value; the message names it.
    """
    if path is None:
        return Spec()
    import yaml

    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InstanceError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, yaml.YAMLError):
        raise InstanceError(f"{path} is not YAML") from None
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise InstanceError(f"{path} must hold fields with values")
    return build(Spec, data)


def terms(part: Coefficients) -> dict[str, Expression]:
    """Coefficient name -> expression."""
    return part if isinstance(part, dict) else {name: name for name in part}
