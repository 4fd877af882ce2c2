"""The rows of a catalogue on a server, for what a local catalogue reads from its files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Columns
from tools.catalog.filters import Filters
from tools.catalog.postgres_filters import in_titles
from tools.catalog.postgres_schema import storable
from tools.catalog.postgres_server import Snapshot
from tools.catalog.vocabulary import Vocabulary
from tools.domain import Product

if TYPE_CHECKING:
    from tools.catalog.lexical import Lexicon
    from tools.catalog.store import ProductReader


class ServerFilters(Filters):
    """Masks over the rows of a catalogue on a server; titles are asked of the server.

    Args:
        snapshot: the version.
        columns: gives its filter columns; called when one of them is first read.
        vocabulary: of the version.
        currency: of the catalogue.
        priced: whether it has prices.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        columns: Callable[[], Columns],
        vocabulary: Vocabulary,
        *,
        currency: str | None,
        priced: bool,
    ) -> None:
        self._snapshot = snapshot
        super().__init__(
            cast("Columns", _Late(columns)),
            vocabulary,
            cast("ProductReader", ServerReader(snapshot)),
            cast("Lexicon", None),
            currency=currency,
            priced=priced,
        )

    def __len__(self) -> int:
        return self._snapshot.rows

    def in_titles(self, word: str) -> NDArray[np.bool_]:
        """Rows whose titles hold all words of a phrase."""
        mask = np.zeros(len(self), bool)
        where, given = self._snapshot.where(in_titles(word))
        with self._snapshot.reading() as cursor:
            rows = cursor.execute(f"SELECT p.place FROM products p WHERE {where}", given)
            places = [place for (place,) in rows]
        mask[self._snapshot.rows_at(places)] = True
        return mask

    def _title_quantities(self, kind: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The quantities of one kind in the titles: their rows, and numbers in base units."""
        where, given = self._snapshot.where(("q.kind = %s", [kind]))
        with self._snapshot.reading() as cursor:
            found = cursor.execute(
                "SELECT p.place, q.number FROM products p, "
                "unnest(p.quantity_kinds, p.quantity_numbers) q(kind, number) "
                f"WHERE {where} ORDER BY 1",
                given,
            ).fetchall()
        rows = self._snapshot.rows_at([place for place, _ in found])
        return rows, np.array([number for _, number in found], np.float64)


class _Late:
    """The filter columns, loaded when one of them is first read."""

    def __init__(self, load: Callable[[], Columns]) -> None:
        self._load = load

    def __getattr__(self, name: str) -> Any:
        return getattr(self._load(), name)


class ServerReader:
    """Products by row, as `store.ProductReader` reads them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def _at(self, what: str, rows: Sequence[int]) -> list[Any]:
        places = self._snapshot.places[np.asarray(rows, np.int64)].tolist()
        held = dict(self._snapshot.products(what, ("p.place = ANY(%s)", [places])))
        return [held[place] for place in places]

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Id -> row, for those that are there."""
        found = self._snapshot.products("p.id", ("p.id = ANY(%s)", [storable(ids)]))
        rows = self._snapshot.rows_at([place for place, _ in found])
        return {i: int(row) for (_, i), row in zip(found, rows, strict=True)}

    def products(self, rows: Sequence[int]) -> list[Product]:
        """The products of some rows, in the order asked."""
        return [Product.model_validate_json(data) for data in self._at("p.data", rows)]

    def ids(self) -> tuple[str, ...]:
        """All ids in row order."""
        return tuple(i for _, i in self._snapshot.products("p.id"))

    def ids_of(self, rows: Sequence[int]) -> list[str]:
        """The ids of some rows, in the order asked."""
        return self._at("p.id", rows)

    def titles(self) -> Iterator[str]:
        """All titles in row order."""
        return (json.loads(data)["title"] for _, data in self._snapshot.products("p.data"))

    def attribute(self, name: str) -> Iterator[tuple[int, str | None, float | None, str | None]]:
        """(row, text, number in base units, kind of unit) of every entry of one attribute."""
        where, given = self._snapshot.where(("a.name = %s", [name]))
        with self._snapshot.reading() as cursor:
            found = cursor.execute(
                "SELECT p.place, a.text, a.number, a.kind FROM attributes a "
                f"JOIN products p ON p.attrs = a.attrs WHERE {where} ORDER BY p.place",
                given,
            ).fetchall()
        rows = self._snapshot.rows_at([place for place, *_ in found]).tolist()
        for row, (_, text, number, kind) in zip(rows, found, strict=True):
            yield row, text, number, kind

    def close(self) -> None:
        """Nothing is held."""
