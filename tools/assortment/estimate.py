"""Maximum likelihood for MNL with attributes (McFadden 1974), by Newton's method."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats
from tools.assortment.choice_sets import ChoiceSets
from tools.errors import InstanceError

_STEPS = 100
SUSPICIOUS = 8.0
"""A coefficient per standard deviation beyond this makes the data be tested for separation."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Estimated coefficients.

    Attributes:
        names, coef, se: coefficients and their standard errors (inverse of the information; NaN
            where a ridge takes the place of data).
        covariance: shape (coefficients, coefficients).
        loglik: log-likelihood at `coef`, without any ridge; loglik_null: all shares equal.
        n_obs: choices, weights counted.
        converged: the gradient vanished; iterations: Newton steps taken.
        gradient: largest absolute entry of the gradient at the end, per choice.
        seconds: time taken.
        warnings: what a reader should know.
    """

    names: tuple[str, ...]
    coef: Floats
    se: Floats
    covariance: Floats
    loglik: float
    loglik_null: float
    n_obs: float
    converged: bool
    iterations: int
    gradient: float
    seconds: float
    warnings: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Plain values by coefficient name."""
        return {
            "model": "mnl",
            "coef": dict(zip(self.names, self.coef.tolist(), strict=True)),
            "se": {
                name: (value if np.isfinite(value) else None)
                for name, value in zip(self.names, self.se.tolist(), strict=True)
            },
            "loglik": self.loglik,
            "loglik_null": self.loglik_null,
            "n_obs": self.n_obs if self.n_obs != int(self.n_obs) else int(self.n_obs),
            "converged": self.converged,
            "iterations": self.iterations,
            "gradient": self.gradient,
            "seconds": self.seconds,
            "warnings": list(self.warnings),
        }


def fit_mnl(sets: ChoiceSets, ridge: float = 0.0, weight: Floats | None = None) -> Fit:
    """Coefficients that maximise the likelihood of the choices.

    Args:
        sets: the choices.
        ridge: weight of a penalty ridge/2 · (coef · standard deviation of its attribute)^2; 0 for
            plain maximum likelihood.
        weight: takes the place of the situations' own weights (for mixtures).

    Raises:
        InstanceError: coefficients cannot be told apart, or the data are separated: some direction
            of coefficients predicts every choice ever better and no finite estimate exists. The
            message names the coefficients.
    """
    begin = time.perf_counter()
    w = sets.weight if weight is None else weight
    # Attributes are centred within situations and brought to one scale: Newton then converges
    # alike for prices in cents and for 0/1 constants.
    spread = _within(sets, w)
    scale = np.where(spread > 0, spread, 1.0)
    _check_varies(sets, spread)
    scaled = ChoiceSets(
        sets.x / scale,
        sets.start,
        sets.chosen,
        w,
        sets.names,
        sets.person,
        sets.alternative,
        sets.alternatives,
    )
    beta = np.zeros(len(sets.names))
    value, gradient, information = _derivatives(scaled, beta, ridge)
    null = value
    _check_told_apart(sets.names, information)
    converged, checked, iterations = False, False, 0
    while iterations < _STEPS:
        iterations += 1
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        decrement = float(gradient @ step)
        if decrement <= 1e-18 * max(1.0, abs(value)):
            converged = True
            break
        size = 1.0
        while size > 1e-10:
            trial = beta + size * step
            now, next_gradient, next_information = _derivatives(scaled, trial, ridge)
            if now >= value + 1e-4 * size * decrement or (
                decrement < 1e-9 and now >= value - 1e-9 * abs(value)
            ):
                break
            size *= 0.5
        else:
            converged = decrement <= 1e-8
            break
        flat = abs(now - value) <= 1e-14 * abs(value) and decrement < 1e-10
        beta, value, gradient, information = trial, now, next_gradient, next_information
        if flat:
            converged = True
            break
        if np.abs(beta).max() > SUSPICIOUS and not ridge and not checked:
            checked = True
            _check_separated(sets, scale)
    if not (converged or checked or ridge):
        _check_separated(sets, scale)
    covariance = np.linalg.pinv(information)
    total = float(w.sum())
    plain, _, _ = _derivatives(scaled, beta, 0.0)
    return Fit(
        sets.names,
        beta / scale,
        np.sqrt(np.maximum(np.diag(covariance), 0.0)) / scale,
        covariance / np.outer(scale, scale),
        plain,
        null,
        total,
        converged,
        iterations,
        float(np.abs(gradient).max()) / max(total, 1e-300),
        time.perf_counter() - begin,
        () if converged else ("the estimation did not converge",),
    )


def _within(sets: ChoiceSets, w: Floats) -> Floats:
    mean = np.add.reduceat(sets.x, sets.start, axis=0) / sets.lengths[:, None]
    centred = sets.x - np.repeat(mean, sets.lengths, axis=0)
    heavy = np.repeat(w, sets.lengths)
    return np.asarray(np.sqrt((centred**2 * heavy[:, None]).sum(axis=0) / max(heavy.sum(), 1e-300)))


def _check_varies(sets: ChoiceSets, spread: Floats) -> None:
    top = np.abs(sets.x).max(axis=0)
    for k in np.flatnonzero(spread <= 1e-12 * np.maximum(top, 1e-300)):
        raise InstanceError(
            f"coefficient {sets.names[k]!r} cannot be estimated: its attribute never differs "
            "between the alternatives of a choice"
        )


def _check_told_apart(names: tuple[str, ...], information: Floats) -> None:
    values, vectors = np.linalg.eigh(information)
    if values[0] <= 1e-10 * values[-1]:
        part = np.abs(vectors[:, 0])
        involved = [names[k] for k in np.flatnonzero(part > 0.1 * part.max())]
        raise InstanceError(
            "these coefficients cannot be told apart by the data: " + ", ".join(involved)
        )


def _check_separated(sets: ChoiceSets, scale: Floats) -> None:
    """Raise when some direction of coefficients predicts every choice at least as well for ever.

    That is a linear program (Albert and Anderson 1984): d with (x_chosen - x_other) d >= 0 for all
    alternatives not chosen, and more than 0 for some.
    """
    from scipy.optimize import linprog

    x = sets.x / scale
    apart = np.repeat(x[sets.chosen], sets.lengths, axis=0) - x
    apart = apart[np.repeat(sets.weight > 0, sets.lengths)]
    solver: Any = linprog
    found = solver(
        -apart.sum(axis=0), -apart, np.zeros(len(apart)), bounds=(-1.0, 1.0), method="highs"
    )
    if found.status != 0 or -found.fun <= 1e-6:
        return
    involved = [sets.names[k] for k in np.flatnonzero(np.abs(found.x) > 1e-6)]
    raise InstanceError(
        "the choices are separated, so no finite estimate exists for: "
        + ", ".join(involved)
        + " (an alternative that is never or always chosen?); a ridge keeps them finite"
    )


def _derivatives(sets: ChoiceSets, beta: Floats, ridge: float) -> tuple[float, Floats, Floats]:
    """(penalised log-likelihood, gradient, information)."""
    log_p = sets.log_shares(beta)
    heavy = np.repeat(sets.weight, sets.lengths)
    p = np.exp(log_p)
    value = float(sets.weight @ log_p[sets.chosen]) - 0.5 * ridge * float(beta @ beta)
    weighted = p * heavy
    gradient = sets.weight @ sets.x[sets.chosen] - weighted @ sets.x - ridge * beta
    mean = np.add.reduceat(sets.x * p[:, None], sets.start, axis=0)
    information = (sets.x * weighted[:, None]).T @ sets.x
    information -= (mean * sets.weight[:, None]).T @ mean
    information[np.diag_indices_from(information)] += ridge
    return value, gradient, information
