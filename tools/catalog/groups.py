"""The values of one field over all rows, and the one group of every row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Members
from tools.catalog.vocabulary import Field, color_terms


@dataclass(frozen=True)
class Codes:
    """The values of one field over all rows; `values[code]` is the shop's own word."""

    values: tuple[str, ...]
    members: Members = field(repr=False)

    def of(self, row: int) -> tuple[str, ...]:
        """The values of one row, in the product's order."""
        return tuple(self.values[c] for c in self.members.of(row))

    def mask(self, values: Iterable[str]) -> NDArray[np.bool_]:
        """Rows that carry one of some values (as spelt in `values`)."""
        table = {value: code for code, value in enumerate(self.values)}
        return self.members.any_of([table[v] for v in values if v in table], len(self.values))


def one_group_each(codes: Codes, named: Field) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """One group per row: group numbers (n,), -1 for none, and the groups' names.

    A row's group is its brand; its first colour's basic term (or the shop's word where it has
    none); its narrowest category; its only size (a row in several sizes has none).
    """
    if named == "category":
        return codes.members.last(), codes.values
    first = codes.members.first()
    if named == "size":
        first = np.where(np.diff(codes.members.starts) == 1, first, -1).astype(np.int32)
    if named != "color":
        return first, codes.values
    terms = [(color_terms(value) or (value,))[0] for value in codes.values]
    names = tuple(dict.fromkeys(terms))
    number = {term: i for i, term in enumerate(names)}
    table = np.array([number[t] for t in terms] + [-1], np.int32)
    return table[first], names
