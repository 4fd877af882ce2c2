"""Learning to order candidates with a softmax regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.data import Ints
from tools.sessions.features import Candidates, group_max, with_target
from tools.sessions.rows import Floats


class Softmax:
    """Multinomial logit over the candidates of a session (McFadden 1974), linear in the features.

    Args:
        penalty: weight of half the squared length of the coefficients (features standardised);
            with few sessions at least one over their number, as if each were drawn from N(0, 1).
    """

    name = "linear"

    def __init__(self, penalty: float = 0.003) -> None:
        self.penalty = penalty

    def fit(self, found: Candidates, targets: Ints, seed: int = 0) -> None:
        """Maximise the likelihood of the targets among the candidates that hold them."""
        from scipy.optimize import minimize

        features, offsets, hit = with_target(found, targets)
        self.mean = features.mean(axis=0)
        self.scale = 1 / (features.std(axis=0) + 1e-6)
        x = (features - self.mean) * self.scale
        rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        n = max(1, len(offsets) - 1)
        penalty = max(self.penalty, 1 / n)

        def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            score = x @ weights.astype(np.float32)
            best = group_max(score, offsets)
            grown = np.exp(score - best[rows])
            total = np.bincount(rows, grown, minlength=n)
            value = (np.log(total) + best).sum() - score[hit].sum()
            slope = x.T @ (grown / total[rows] - hit).astype(np.float32)
            grown_penalty = penalty / 2 * float(weights @ weights)
            return float(value) / n + grown_penalty, slope / n + penalty * weights

        start = np.zeros(x.shape[1])
        if len(offsets) < 2:
            self.weights = start
            return
        found_best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150})
        self.weights = np.asarray(found_best.x)

    def predict(self, features: Floats) -> Floats:
        """Log-odds up to a constant of the session, float32 [pairs]."""
        folded = (self.weights * self.scale).astype(np.float32)
        # Unlike a BLAS product, this is the same to the last bit alone and within a batch, once
        # the features stand in the same order.
        score: Floats = np.einsum("ij,j->i", np.ascontiguousarray(features), folded)
        return score - np.float32(self.mean @ folded)

    def state(self) -> dict[str, NDArray[Any]]:
        """What was learned."""
        return {"weights": self.weights, "mean": self.mean, "scale": self.scale}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what `state` gave."""
        self.weights, self.mean, self.scale = state["weights"], state["mean"], state["scale"]
