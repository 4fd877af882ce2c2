"""Utilities of a catalogue from the shop's transactions: the file meets the estimator here."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.errors import CatalogError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

COLUMNS = ("offered", "bought")


def fit_utilities(
    transactions: Path, ids: tuple[str, ...]
) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """The u_i of a multinomial logit model with one weight per item, v_0 = 1.

    The file is CSV with the columns `offered` (product ids, separated by blanks) and `bought` (an
    id, or empty where the visitor left). Products that the catalogue does not hold are passed
    over; a purchase of one counts as leaving.

    Args:
        transactions: the file.
        ids: the catalogue's products in row order.

    Returns:
        Utilities of shape (n,), and for the catalogue's manifest when and from what data they were
        fitted, with figures of the fit.

    Raises:
        CatalogError: the file has not those columns, or nothing usable in it.
    """
    from tools.assortment import fit_item_weights

    row_of = {product_id: row for row, product_id in enumerate(ids)}
    offers: list[list[int]] = []
    purchases: list[int] = []
    unknown = 0
    with transactions.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if missing := [c for c in COLUMNS if c not in (reader.fieldnames or ())]:
            raise CatalogError(f"{transactions} has no column {missing[0]!r}")
        for record in reader:
            named = (record["offered"] or "").split()
            rows = [row_of[i] for i in named if i in row_of]
            unknown += len(named) - len(rows)
            bought = (record["bought"] or "").strip()
            if bought and bought not in named:
                raise CatalogError(
                    f"{transactions}, line {reader.line_num}: {bought!r} was bought, not offered"
                )
            if rows:
                offers.append(rows)
                purchases.append(row_of.get(bought, -1))
    if not offers:
        raise CatalogError(f"{transactions} holds no visit with products of this catalogue")
    fit = fit_item_weights(offers, purchases, n=len(ids))
    return fit.utilities, {
        "fitted": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": transactions.name,
        "data_sha256": sha256(transactions.read_bytes()).hexdigest(),
        "visits": len(offers),
        "purchases": sum(row >= 0 for row in purchases),
        "unknown_products": unknown,
        "loglik": fit.loglik,
        "converged": fit.converged,
        "warnings": list(fit.warnings),
    }
