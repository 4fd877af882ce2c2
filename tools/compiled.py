"""Loops compiled to machine code (numba), for what one pass over an array does best."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    """Compile without Python objects and keep the machine code on disk."""
    # Inputs are finite by contract, so NaN-free arithmetic may be assumed; sums may be reordered
    # (that is what lets a loop run in vector instructions).
    fast = {"nnan", "nsz", "reassoc", "contract"}
    return cast(F, numba.njit(cache=True, fastmath=fast, nogil=True)(function))
