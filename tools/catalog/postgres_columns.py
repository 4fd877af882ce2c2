"""The filter columns of a catalogue on a server, in arrays for what needs all products."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Columns, Members
from tools.catalog.postgres_schema import folded
from tools.catalog.vocabulary import FIELDS, Field, Vocabulary

if TYPE_CHECKING:
    from tools.catalog.postgres_filters import Part
    from tools.catalog.postgres_schema import Cursor


def load_columns(
    cursor: Cursor, where: Part, vocabulary: Vocabulary, rows: int, utilities: dict[str, Any]
) -> Columns:
    """The columns of all products that meet a condition, in order of place.

    Args:
        cursor: inside a snapshot.
        where: on `p`.
        vocabulary: whose codes are used.
        rows: how many there are.
        utilities: the manifest's entry.
    """
    from tools.catalog.utilities import utilities_from_ratings

    codes = {f: {folded(v): c for c, v in enumerate(vocabulary.values(f))} for f in FIELDS}
    starts: dict[Field, array[int]] = {f: array("q", [0]) for f in FIELDS}
    members: dict[Field, array[int]] = {f: array("i") for f in FIELDS}
    floats = np.full((4, rows), np.nan)
    ints = np.full((2, rows), -1, np.int64)
    query = (
        "SELECT p.price, p.list_price, p.rating, p.fitted, p.reviews, p.stock, p.brand, p.colors, "
        f"p.categories, p.sizes FROM products p WHERE {where[0]} ORDER BY p.place"
    )
    # Streamed, so that the driver does not hold all rows beside the arrays.
    for row, held in enumerate(cursor.stream(query, where[1], size=2000)):
        for i in range(4):
            if held[i] is not None:
                floats[i, row] = held[i]
        for i in range(2):
            if held[4 + i] is not None:
                ints[i, row] = held[4 + i]
        brand, *lists = held[6:]
        for field, values in zip(FIELDS, ([brand] if brand else [], *lists), strict=True):
            members[field].extend(codes[field][v] for v in values)
            starts[field].append(len(members[field]))
    utility: NDArray[np.float64] = floats[3]
    if utilities["source"] != "transactions":
        utility, _ = utilities_from_ratings(floats[2], ints[0])
    return Columns(
        price=floats[0],
        list_price=floats[1],
        rating=floats[2],
        reviews=ints[0],
        stock=ints[1],
        utility=utility,
        members={
            f: Members(np.array(starts[f], np.int64), np.array(members[f], np.int32))
            for f in FIELDS
        },
    )
