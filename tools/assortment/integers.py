"""Rows with decimal coefficients as whole-number rows, for solvers that count in integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.assortment.arrays import Floats, Ints

_DECIMALS = 6
_LARGE = 1e9


@dataclass(frozen=True, eq=False)
class IntegerRow:
    """lower <= coef · x <= upper in whole numbers (an end may be None).

    Every 0/1 vector that keeps the decimal row keeps this one; the converse holds when `exact`.
    """

    lower_coef: Ints
    lower: int | None
    upper_coef: Ints
    upper: int | None
    exact: bool


def decimal_scale(values: Floats) -> float | None:
    """The smallest power of ten (up to 10^6) that makes all values whole, None if there is none."""
    largest = float(np.abs(values).max(initial=0.0))
    for power in range(_DECIMALS + 1):
        scale = 10.0**power
        if largest * scale > 1e12:
            return None
        scaled = values * scale
        if (np.abs(scaled - np.round(scaled)) <= 1e-9 * np.maximum(1.0, np.abs(scaled))).all():
            return scale
    return None


def integer_row(coef: Floats, lower: float, upper: float) -> IntegerRow:
    """The whole-number form of lower <= coef · x <= upper; infinite ends become None."""
    scale = decimal_scale(coef)
    exact = scale is not None
    if scale is None:
        scale = _LARGE / max(float(np.abs(coef).max(initial=0.0)), 1e-300)
        low_coef = np.ceil(coef * scale).astype(np.int64)
        high_coef = np.floor(coef * scale).astype(np.int64)
    else:
        low_coef = high_coef = np.round(coef * scale).astype(np.int64)
    slack = 1e-9 * max(1.0, float(np.abs(coef).sum()) if coef.size < 64 else 1.0) * scale
    limit = 2.0**60
    return IntegerRow(
        low_coef,
        None if lower * scale < -limit else int(np.ceil(lower * scale - slack)),
        high_coef,
        None if upper * scale > limit else int(np.floor(upper * scale + slack)),
        exact,
    )
