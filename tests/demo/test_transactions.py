from __future__ import annotations

import csv
import math
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize

from agent.demo.shop import products
from agent.demo.transactions import OFFERED, transactions, truth, write_transactions
from agent.demo.words import CURRENCIES, Currency

Floats = npt.NDArray[np.float64]


def test_visits_are_the_same_every_time() -> None:
    assert list(islice(transactions("GBP"), 300)) == list(islice(transactions("GBP"), 300))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_visit_is_to_one_shelf_and_ends_in_one_of_its_items_or_none(currency: Currency) -> None:
    known = {item.id: item for item in products(currency)}
    bought_any = 0
    for number, offered, bought in islice(transactions(currency), 3_000):
        assert number >= 1
        assert 1 <= len(set(offered)) == len(offered) <= OFFERED[1]
        assert len({known[key].categories for key in offered}) == 1
        assert all(known[key].stock for key in offered)
        assert bought is None or bought in offered
        bought_any += bought is not None
    assert 0.4 < bought_any / 3_000 < 0.65


def test_the_file_has_its_three_columns(tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    assert write_transactions("INR", file, 50) == 50
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    wanted = [
        {"transaction": str(n), "offered": " ".join(ids), "bought": bought or ""}
        for n, ids, bought in transactions("INR", 50)
    ]
    assert rows == wanted


def test_the_truth_can_be_estimated_from_the_visits() -> None:
    """Maximum likelihood on the visits gives the model's coefficients back."""
    model, items = truth("GBP"), products("GBP")
    brands = sorted(model.taste)
    # Constant and all brand tastes together are one too many: the first brand is the base.
    features: Floats = np.array(
        [
            [
                1.0,
                float(item.price.amount) / model.medians[item.categories] if item.price else 0,
                (item.rating or 4.0) - 4.0,
                math.log10(1 + (item.reviews or 0)),
                float(item.on_sale),
                *(float(item.brand == brand) for brand in brands[1:]),
            ]
            for item in items
        ]
    )
    place = {item.id: at for at, item in enumerate(items)}
    visits = list(transactions("GBP", 6_000))
    offered = np.full((len(visits), OFFERED[1]), -1)
    bought = np.full(len(visits), -1)
    for row, (_, ids, chosen) in enumerate(visits):
        offered[row, : len(ids)] = [place[key] for key in ids]
        bought[row] = place[chosen] if chosen else -1
    present = offered >= 0

    def loss(beta: Floats) -> tuple[float, Floats]:
        utility = features @ beta
        weight = np.where(present, np.exp(utility[offered]), 0.0)
        total = 1 + weight.sum(axis=1)
        likelihood = np.where(bought >= 0, utility[bought], 0.0) - np.log(total)
        share = np.bincount(
            offered[present], (weight / total[:, None])[present], minlength=len(items)
        )
        count = np.bincount(bought[bought >= 0], minlength=len(items))
        return -float(likelihood.sum()), features.T @ (share - count)

    found = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B")
    assert found.success
    base = model.taste[brands[0]]
    wanted = [
        model.constant + base,
        model.price_per_median,
        model.stars,
        model.log_reviews,
        model.sale,
        *(model.taste[brand] - base for brand in brands[1:]),
    ]
    # Standard errors from the inverse of the Fisher information at the truth.
    weight = np.where(present, np.exp((features @ np.array(wanted))[offered]), 0.0)
    chance = weight / (1 + weight.sum(axis=1))[:, None]
    inside = features[offered]
    mean = (chance[:, :, None] * inside).sum(axis=1)
    information = np.einsum("vo,voi,voj->ij", chance, inside, inside, optimize=True)
    information -= mean.T @ mean
    error = np.sqrt(np.diag(np.linalg.inv(information)))
    assert error[1] < 0.1  # the price coefficient is known to six per cent
    assert (np.abs(found.x - wanted) < 4 * error).all()
