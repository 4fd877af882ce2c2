"""The files of one version, open for reading: products, columns, words and vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from tools.catalog import arrays, store
from tools.catalog.arrays import Columns
from tools.catalog.lexical import Lexicon
from tools.catalog.vectors import VectorTable
from tools.catalog.vocabulary import Vocabulary
from tools.domain import Product
from tools.errors import CatalogError


class OpenVersion:
    """What lies in the files of one version.

    Rows are positions 0 to n-1, the same in every array that is given out. The files that were
    opened stay as they are, whatever is built over them meanwhile.

    Args:
        folder: the catalogue.
        manifest: of the version, checked.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.name: str = manifest["name"]
        self.currency: str | None = manifest["currency"]
        self.priced: bool = manifest["priced"]
        self.version: str = manifest["version"]
        self._rows: int = manifest["rows"]
        self._paths = {name.rpartition("/")[2]: folder / name for name in manifest["files"]}
        self._reader = store.ProductReader(self._paths[store.PRODUCTS])
        self._columns = arrays.load_columns(self._paths[store.COLUMNS], self._rows)
        # Mapped now and read when asked for, so that a later version cannot pull the file away.
        self._vectors = VectorTable.open(
            self._paths, self._rows, manifest["dimension"], manifest["index"]
        )
        self._vocabulary = store.load_vocabulary(self._paths[store.VOCABULARY])
        self._lexicon = Lexicon.load(self._paths, self._rows, self._vocabulary.synonyms)

    def close(self) -> None:
        """Let go of the files."""
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return self._rows

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """All ids in row order."""
        return self._reader.ids()

    def row_of(self, product_id: str) -> int | None:
        """The row of an id, None where it is not sold here."""
        return self._reader.rows_of([product_id]).get(product_id)

    def rows_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of some ids, in the order asked.

        Raises:
            CatalogError: ids that are not in the catalogue, by name.
        """
        found = self._reader.rows_of(ids)
        if unknown := [i for i in ids if i not in found]:
            named = ", ".join(repr(i[:80]) for i in unknown[:5])
            raise CatalogError(f"not in the catalogue: {named}")
        return np.array([found[i] for i in ids], np.int64)

    def known_rows(self, ids: Sequence[str]) -> dict[str, int]:
        """Id -> row, for those of some ids that are in the catalogue."""
        return self._reader.rows_of(ids)

    def get(self, ids: Sequence[str]) -> list[Product]:
        """The products of some ids, in the order asked.

        Raises:
            CatalogError: ids that are not in the catalogue, by name.
        """
        return self._reader.products(self.rows_of(ids).tolist())

    def product(self, row: int) -> Product:
        """The product of a row.

        Raises:
            CatalogError: no such row.
        """
        return self.products([row])[0]

    def products(self, rows: Sequence[int]) -> list[Product]:
        """The products of some rows, in the order asked.

        Raises:
            CatalogError: no such row.
        """
        if any(not 0 <= row < self._rows for row in rows):
            raise CatalogError(f"the catalogue has rows 0 to {self._rows - 1}")
        return self._reader.products(rows)

    def path_of(self, name: str) -> Path:
        """Where one of the version's own files lies (`store.PRODUCTS` and so on)."""
        path: Path = self._paths[name]
        return path

    @property
    def columns(self) -> Columns:
        """The filter columns."""
        return self._columns

    @property
    def lexicon(self) -> Lexicon:
        """The index of words."""
        return self._lexicon

    @property
    def vectors(self) -> VectorTable:
        """The unit vectors of all rows."""
        return self._vectors

    @property
    def prices(self) -> NDArray[np.float64]:
        """Selling prices in the catalogue's currency, shape (n,); NaN when it has no prices."""
        return self._columns.price

    @property
    def ratings(self) -> NDArray[np.float64]:
        """Mean ratings, 0 to 5, shape (n,); NaN where there is none."""
        return self._columns.rating

    @property
    def utilities(self) -> NDArray[np.float64]:
        """The u_i of the choice model, shape (n,); see `utility_source`."""
        return self._columns.utility

    @property
    def utility_source(self) -> Literal["transactions", "ratings", "equal"]:
        """Where the utilities come from."""
        source: Literal["transactions", "ratings", "equal"] = self.manifest["utilities"]["source"]
        return source

    @property
    def utility_meta(self) -> Mapping[str, Any]:
        """What else is known of the utilities: the formula, or the fit's figures."""
        return dict(self.manifest["utilities"])

    def weights(self) -> NDArray[np.float64]:
        """exp(u_i), shape (n,): attraction before relevance, against 1 for leaving."""
        return np.exp(self._columns.utility)

    def vocabulary(self) -> Vocabulary:
        """The words the catalogue knows."""
        return self._vocabulary

    def _ids_of(self, rows: NDArray[np.int64]) -> list[str]:
        return self._reader.ids_of(rows.tolist())
