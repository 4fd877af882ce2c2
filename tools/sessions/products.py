"""What the products file tells of every item, in the order of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Products:
    """Columns of the products file, one entry per item of the vocabulary.

    Attributes:
        columns: column name to values; "" where the file has nothing or no such product.
        listed: which items the products file names, bool [items].
    """

    columns: dict[str, list[str]]
    listed: NDArray[np.bool_]

    def take(self, order: NDArray[np.integer]) -> Products:
        """The entries of the named items, in that order."""
        return Products(
            {name: [values[i] for i in order] for name, values in self.columns.items()},
            self.listed[order],
        )

    def texts(self, columns: tuple[str, ...] = ("title", "brand", "keywords")) -> list[str]:
        """One text per item: the named columns that the file has, joined by a blank."""
        kept = [self.columns[c] for c in columns if c in self.columns]
        if not kept:
            return [""] * len(self.listed)
        return [" ".join(part for part in parts if part) for parts in zip(*kept, strict=True)]
