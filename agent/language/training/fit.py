"""Fits the heads to examples, and judges them on files of phrases that they were not fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.language.operations.classifier import Encode, Features, features
from agent.language.operations.labels import HEADS
from agent.language.training.examples import COPIES, Example

_INVERSE_PENALTY = 8.0


def fit_heads(
    examples: Sequence[Example], rows: Sequence[Features]
) -> dict[str, NDArray[np.float32]]:
    """Weights of every head, shape (labels, features + 1), by penalised maximum likelihood."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    weights = {}
    for head, labels in HEADS.items():
        places = [i for i, e in enumerate(examples) if head in e.labels]
        found: Any = LogisticRegression(C=_INVERSE_PENALTY, max_iter=3000).fit(
            csr_matrix(np.stack([rows[i] for i in places])),
            [labels.index(examples[i].labels[head]) for i in places],
        )
        full = np.zeros((len(labels), found.coef_.shape[1] + 1), np.float32)
        full[:, -1] = -1e3  # an operation without an example is never chosen
        full[found.classes_] = np.hstack([found.coef_, found.intercept_[:, None]])
        weights[head] = full
    return weights


def feature_rows(examples: Sequence[Example], encode: Encode) -> list[Features]:
    """The features of every example; the last copy of a template goes without its embedding."""
    kept = lru_cache(maxsize=None)(encode)
    return [
        features(
            e.view,
            e.current,
            e.understood,
            None if e.copy == COPIES - 1 else kept,
            wish="wish" in e.labels,
        )
        for e in examples
    ]
