"""The array types of this package and the checks at its door."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.errors import InstanceError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LARGEST = 1e100
"""No utility, price or coefficient is beyond; products of two of them and sums stay finite."""


def finite(values: npt.ArrayLike, name: str, shape: tuple[int, ...] | None = None) -> Floats:
    """`values` as contiguous float64, all finite and within `LARGEST`.

    Args:
        values: anything numpy reads as numbers.
        name: how the error message calls them.
        shape: the shape demanded, if any.

    Raises:
        InstanceError: not numbers, not finite, beyond `LARGEST`, or of another shape; the first
            bad place is named.
    """
    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InstanceError(f"{name} must be numbers") from None
    if shape is not None and array.shape != shape:
        raise InstanceError(f"{name} has shape {array.shape}, expected {shape}")
    # min and max carry a NaN along, so two reductions test every entry without a temporary.
    if array.size and not (array.min() >= -LARGEST and array.max() <= LARGEST):
        place = int(np.flatnonzero(~(np.abs(array.ravel()) <= LARGEST))[0])
        value = array.ravel()[place]
        beyond = f" and within {LARGEST:g}" if np.isfinite(value) else ""
        raise InstanceError(f"{name}[{place}] is {value}; it must be finite{beyond}")
    return array


def not_negative(values: npt.ArrayLike, name: str, shape: tuple[int, ...] | None = None) -> Floats:
    """Like `finite`, and no entry below zero.

    Raises:
        InstanceError: as `finite`, or an entry is negative.
    """
    array = finite(values, name, shape)
    if array.size and array.min() < 0:
        place = int(np.flatnonzero(array.ravel() < 0)[0])
        raise InstanceError(f"{name}[{place}] is {array.ravel()[place]:g}; it must not be negative")
    return array


def positions(items: npt.ArrayLike, name: str, n: int | None = None) -> Ints:
    """Distinct item positions, sorted.

    Raises:
        InstanceError: not whole numbers, negative, or at least `n`.
    """
    array = np.asarray(items)
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise InstanceError(f"{name} must be a list of item positions")
    array = np.unique(array.astype(np.int64))
    if array[0] < 0 or (n is not None and array[-1] >= n):
        wrong = int(array[0] if array[0] < 0 else array[-1])
        raise InstanceError(f"{name} names item {wrong}, but there are {n} items")
    return array
