"""From a choice file to parameters: what `interarec choice fit` does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats
from tools.assortment.choice_files import (
    Transactions,
    guess_layout,
    header,
    read_choice_sets,
    read_table,
    read_transactions,
)
from tools.assortment.choice_sets import ChoiceSets
from tools.assortment.choice_spec import Spec
from tools.assortment.estimate import fit_mnl
from tools.assortment.mixture import fit_latent_classes
from tools.assortment.weights import ItemWeights, fit_item_weights, loglik_of


@dataclass(frozen=True, eq=False)
class FileFit:
    """An estimate with what is needed to draw or store it.

    Attributes:
        report: plain values: coef, se, loglik, n_obs, seconds and more.
        shares: alternative -> (observed share of choices, share the model predicts).
    """

    report: dict[str, Any]
    shares: dict[str, tuple[float, float]]


def fit_file(path: Path, spec: Spec) -> FileFit:
    """Estimate the model that a specification describes from a choice file.

    Raises:
        InstanceError: the file or the specification cannot be used, or no estimate exists.
    """
    columns = header(path)
    layout = guess_layout(columns, spec)
    if layout == "transactions":
        words = [spec.offered, spec.chosen or "", "chosen", "bought", "purchased"]
        table = read_table(path, tuple(w for w in words if w in columns))
        return _fit_transactions(*read_transactions(table, spec), spec)
    sets = read_choice_sets(read_table(path), spec, layout)
    if spec.classes > 1:
        mixture = fit_latent_classes(sets, spec.classes)
        report = mixture.to_json()
        predicted = sum(
            share * np.exp(sets.log_shares(beta))
            for share, beta in zip(mixture.shares, mixture.coef, strict=True)
        )
    else:
        fit = fit_mnl(sets, spec.ridge)
        report = fit.to_json()
        predicted = np.exp(sets.log_shares(fit.coef))
    report["layout"] = layout
    return FileFit(report, _shares(sets, np.asarray(predicted)))


def _shares(sets: ChoiceSets, predicted: Floats) -> dict[str, tuple[float, float]]:
    heavy = np.repeat(sets.weight, sets.lengths)
    total = float(sets.weight.sum())
    k = len(sets.alternatives)
    model = np.bincount(sets.alternative, weights=predicted * heavy, minlength=k) / total
    data = np.bincount(sets.alternative[sets.chosen], weights=sets.weight, minlength=k) / total
    return {name: (float(data[i]), float(model[i])) for i, name in enumerate(sets.alternatives)}


def _fit_transactions(train: Transactions, test: Transactions | None, spec: Spec) -> FileFit:
    n = len(train.items)
    fit = fit_item_weights(train.offers, train.purchases, train.counts, n=n, prior=spec.prior)
    coef: dict[str, float | None] = {}
    se: dict[str, float | None] = {}
    for name, u, error in zip(train.items, fit.utilities, fit.se, strict=True):
        coef[name] = float(u) if np.isfinite(u) else None
        se[name] = float(error) if np.isfinite(error) else None
    warnings = [w for w in fit.warnings if not w.startswith("item ")]
    for k in np.flatnonzero((fit.v == 0) & (fit.offered > 0)):
        warnings.append(
            f"item {train.items[k]} was offered {fit.offered[k]:g} times and never bought: its "
            "maximum likelihood weight is 0 (utility minus infinity); a prior keeps it finite"
        )
    report: dict[str, Any] = {
        "model": "mnl_items",
        "coef": coef,
        "se": se,
        "v": {"0": 1.0} | dict(zip(train.items, fit.v.tolist(), strict=True)),
        "loglik": fit.loglik,
        "n_obs": int(fit.n_obs) if fit.n_obs == int(fit.n_obs) else fit.n_obs,
        "prior": spec.prior,
        "outside_observed": fit.outside_observed,
        "converged": fit.converged,
        "iterations": fit.iterations,
        "gradient": fit.gradient,
        "seconds": fit.seconds,
        "warnings": warnings,
        "layout": "transactions",
    }
    if test is not None:
        value = loglik_of(fit.v, test.offers, test.purchases, test.counts)
        report["loglik_test"] = value if np.isfinite(value) else None
        report["n_test"] = int(test.counts.sum())
    return FileFit(report, _item_shares(train, fit))


def _item_shares(data: Transactions, fit: ItemWeights) -> dict[str, tuple[float, float]]:
    predicted = np.zeros(len(data.items))
    base = 1.0 if fit.outside_observed else 0.0
    for offer, count in zip(data.offers, data.counts, strict=True):
        below = base + float(fit.v[offer].sum())
        if below > 0:
            predicted[offer] += count * fit.v[offer] / below
    total = float(data.counts.sum())
    return {
        name: (float(fit.bought[k] / total), float(predicted[k] / total))
        for k, name in enumerate(data.items)
    }
