"""Learning to order candidates: a softmax regression, boosted trees, and the two together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import MissingExtra
from tools.sessions.data import Ints
from tools.sessions.features import Candidates, Floats, group_max

FEWEST_FOR_TREES = 400
"""Sessions with a known target that trees are learned from at least; below, they overfit."""


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
        # Unlike a BLAS product, this is the same to the last bit alone and within a batch.
        score: Floats = np.einsum("ij,j->i", features, folded)
        return score - np.float32(self.mean @ folded)

    def state(self) -> dict[str, NDArray[Any]]:
        """What was learned."""
        return {"weights": self.weights, "mean": self.mean, "scale": self.scale}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what `state` gave."""
        self.weights, self.mean, self.scale = state["weights"], state["mean"], state["scale"]


class Trees:
    """LambdaMART (Burges 2010) as LightGBM's lambdarank, one thread, deterministic.

    Args:
        rounds: trees.
        leaves: of each tree.
        rate: learning rate.
    """

    name = "trees"

    def __init__(self, rounds: int = 120, leaves: int = 15, rate: float = 0.08) -> None:
        self.rounds = rounds
        self.leaves = leaves
        self.rate = rate

    def fit(self, found: Candidates, targets: Ints, seed: int = 0) -> None:
        """Learn to put the targets before the other candidates.

        Raises:
            MissingExtra: LightGBM is not installed.
        """
        lightgbm = _lightgbm()
        features, offsets, hit = with_target(found, targets)
        settings = {
            "objective": "lambdarank",
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": 200,
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "lambdarank_truncation_level": 50,
            "max_bin": 127,
            "verbose": -1,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": seed,
        }
        learned = lightgbm.train(
            settings,
            lightgbm.Dataset(features, hit.astype(np.int32), group=np.diff(offsets)),
            self.rounds,
        )
        self._take(learned.model_to_string().encode())

    def _take(self, text: bytes) -> None:
        self.text = text
        self.booster = _lightgbm().Booster(model_str=text.decode())

    def predict(self, features: Floats) -> Floats:
        """Scores whose order counts, float32 [pairs]."""
        if not len(features):
            return np.zeros(0, np.float32)
        told = self.booster.predict(features, num_threads=1, validate_features=False)
        return np.asarray(told, np.float32)

    def state(self) -> dict[str, NDArray[Any]]:
        """What was learned: LightGBM's own text format, as bytes."""
        return {"trees": np.frombuffer(self.text, np.uint8)}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what `state` gave."""
        self._take(state["trees"].tobytes())


def trees_installed() -> bool:
    """Whether LightGBM is there."""
    from importlib.util import find_spec

    return find_spec("lightgbm") is not None


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtra("the hybrid's trees", "sessions") from error
    return lightgbm


def with_target(
    found: Candidates, targets: Ints
) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """Only the sessions whose target is among the candidates: features, offsets, hits."""
    rows = found.rows
    hit = found.items == targets[rows]
    held = np.bincount(rows, hit, minlength=len(targets)) > 0
    kept = held[rows]
    sizes = np.diff(found.offsets)[held]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return found.features[kept], offsets, hit[kept]


def within_session(score: Floats, found: Candidates) -> Floats:
    """Scores with mean 0 and spread 1 over the candidates of each session."""
    rows = found.rows
    n = len(found.offsets) - 1
    size = np.maximum(np.diff(found.offsets), 1)
    mean = np.bincount(rows, score, minlength=n) / size
    apart = score - mean[rows]
    spread = np.sqrt(np.bincount(rows, apart**2, minlength=n) / size)
    return (apart / np.maximum(spread[rows], 1e-9)).astype(np.float32)
