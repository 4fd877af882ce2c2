"""Latent-class MNL by expectation-maximisation (Dempster, Laird and Rubin 1977; Bhat 1997).

Each person belongs to one of K classes with coefficients of its own. The expectation step weighs
every person's choices by how likely each class is; the maximisation step is K weighted MNL fits.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats
from tools.assortment.choice_sets import ChoiceSets
from tools.assortment.estimate import fit_mnl

_ROUNDS = 500
# Keeps a class that has shrunk to a few people from separating; far below what data say.
_RIDGE = 1e-6


@dataclass(frozen=True, eq=False)
class ClassFit:
    """An estimated mixture.

    Attributes:
        names: of the coefficients, shape (k,).
        shares: of the classes, largest first, shape (K,).
        coef, se: coefficients and standard errors (outer product of scores), shape (K, k).
        loglik, loglik_null, n_obs, converged, iterations, seconds, warnings: as for `Fit`.
        history: log-likelihood after every round; it never falls.
    """

    names: tuple[str, ...]
    shares: Floats
    coef: Floats
    se: Floats
    loglik: float
    loglik_null: float
    n_obs: float
    converged: bool
    iterations: int
    seconds: float
    history: tuple[float, ...]
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values; coefficients are called `class1.cost` and so on."""
        coef: dict[str, float] = {}
        se: dict[str, float | None] = {}
        for k, (line, errors) in enumerate(zip(self.coef, self.se, strict=True), 1):
            for name, value, error in zip(self.names, line, errors, strict=True):
                coef[f"class{k}.{name}"] = float(value)
                se[f"class{k}.{name}"] = float(error) if np.isfinite(error) else None
        return {
            "model": "latent_class",
            "shares": self.shares.tolist(),
            "coef": coef,
            "se": se,
            "loglik": self.loglik,
            "loglik_null": self.loglik_null,
            "n_obs": self.n_obs if self.n_obs != int(self.n_obs) else int(self.n_obs),
            "converged": self.converged,
            "iterations": self.iterations,
            "seconds": self.seconds,
            "warnings": list(self.warnings),
        }


def fit_latent_classes(
    sets: ChoiceSets, classes: int, seed: int = 1, starts: int = 3, tolerance: float = 1e-8
) -> ClassFit:
    """The best mixture over several starts.

    Args:
        sets: the choices; `person` says which belong together.
        classes: number of classes K.
        seed, starts: of the random first coefficients, and how many.
        tolerance: rise of the log-likelihood per choice below which a round ends the search.

    Raises:
        InstanceError: as `fit_mnl`.
    """
    begin = time.perf_counter()
    whole = fit_mnl(sets)
    rng = np.random.default_rng(seed)
    runs = []
    for _ in range(starts if classes > 1 else 1):
        noise = rng.normal(0.0, 1.0, (classes, whole.coef.size))
        first = whole.coef + (noise * np.abs(whole.coef) * 0.5 if classes > 1 else 0.0)
        runs.append(_run(sets, first, tolerance))
    shares, coef, history, converged = max(runs, key=lambda run: run[2][-1])
    order = np.argsort(-shares, kind="stable")
    shares, coef = shares[order], coef[order]
    warnings = [] if converged else ["the estimation did not converge"]
    if shares.min() < 0.01:
        warnings.append("a class holds less than 1 % of the people: fewer classes may do")
    return ClassFit(
        sets.names,
        shares,
        coef,
        _errors(sets, shares, coef),
        history[-1],
        whole.loglik_null,
        float(sets.weight.sum()),
        converged,
        len(history),
        time.perf_counter() - begin,
        tuple(history),
        tuple(warnings),
    )


def _by_person(sets: ChoiceSets, coef: Floats) -> Floats:
    """Log-likelihood of each person's choices under each class, shape (people, K)."""
    people = int(sets.person.max()) + 1
    out = np.zeros((people, len(coef)))
    for k, beta in enumerate(coef):
        logs = sets.weight * sets.log_shares(beta)[sets.chosen]
        out[:, k] = np.bincount(sets.person, weights=logs, minlength=people)
    return out


def _posterior(sets: ChoiceSets, shares: Floats, coef: Floats) -> tuple[Floats, float]:
    """(chance of each class for each person, log-likelihood)."""
    joint = _by_person(sets, coef) + np.log(np.maximum(shares, 1e-300))
    top = joint.max(axis=1, keepdims=True)
    total = np.exp(joint - top).sum(axis=1, keepdims=True)
    return np.exp(joint - top) / total, float((top + np.log(total)).sum())


def _run(
    sets: ChoiceSets, coef: Floats, tolerance: float
) -> tuple[Floats, Floats, list[float], bool]:
    shares = np.full(len(coef), 1.0 / len(coef))
    posterior, loglik = _posterior(sets, shares, coef)
    history = [loglik]
    for _ in range(_ROUNDS):
        shares = posterior.mean(axis=0)
        coef = np.stack(
            [
                fit_mnl(sets, _RIDGE, sets.weight * posterior[sets.person, k]).coef
                for k in range(len(shares))
            ]
        )
        posterior, loglik = _posterior(sets, shares, coef)
        history.append(loglik)
        if history[-1] - history[-2] <= tolerance * sets.situations:
            return shares, coef, history, True
    return shares, coef, history, False


def _errors(sets: ChoiceSets, shares: Floats, coef: Floats) -> Floats:
    """Standard errors from the outer product of the people's scores (Berndt et al. 1974)."""
    posterior, _ = _posterior(sets, shares, coef)
    people, classes = posterior.shape
    size = coef.shape[1]
    scores = np.zeros((people, classes * size + classes - 1))
    for k, beta in enumerate(coef):
        p = np.exp(sets.log_shares(beta))
        mean = np.add.reduceat(sets.x * p[:, None], sets.start, axis=0)
        residual = (sets.x[sets.chosen] - mean) * sets.weight[:, None]
        for j in range(size):
            per_person = np.bincount(sets.person, weights=residual[:, j], minlength=people)
            scores[:, k * size + j] = per_person * posterior[:, k]
        if k:
            scores[:, classes * size + k - 1] = posterior[:, k] - shares[k]
    variance = np.diag(np.linalg.pinv(scores.T @ scores, hermitian=True))
    own = np.maximum(variance[: classes * size], 0.0)
    return np.asarray(np.sqrt(own)).reshape(classes, size)
