"""The classifier: weights from a file, features of a turn, probabilities of operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.language.model import Understanding
from agent.language.operations.labels import HEADS, possible, read_by_grammar, situation
from agent.language.operations.view import View
from tools.domain import Constraints

BUCKETS = 4096
DIMENSION = 384
ENCODER = "e148c99f4d2fdef4a527c227ced6966610438c4dd4c148fd1ef62387076de6d8"
"""Digest of the sentence encoder that the weights belong to (all-MiniLM-L6-v2)."""
WEIGHTS = "weights.npz"
_NGRAM_SCALE = 2.5
_EMBEDDING_SCALE = 4.0
_NEAR = (-3, -2, -1, 1, 2, 3)
Encode = Callable[[str], NDArray[np.float32]]
Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OperationClassifier:
    """Multinomial logistic regression for every head, over the same features.

    Attributes:
        weights: for every head an array (labels, features + 1); the last column is the constant.
        encode: sentence to unit vector, shape (384,), from the encoder with the digest `ENCODER`;
            None reads words alone, which is less sure.
    """

    weights: Mapping[str, NDArray[np.float32]]
    encode: Encode | None = None

    @classmethod
    def load(cls, encode: Encode | None = None) -> OperationClassifier:
        """The classifier that comes with the package."""
        return cls(_shipped(), encode)

    def probabilities(
        self, head: str, view: View, current: Constraints, understood: Understanding
    ) -> dict[str, float]:
        """Probability of every operation of a head; those that are impossible have none."""
        row = features(view, current, understood, self.encode, wish=head == "wish")
        weights = self.weights[head]
        scores = weights[:, :-1] @ row + weights[:, -1]
        labels = HEADS[head]
        read = read_by_grammar(head, understood)
        allowed = np.array([possible(head, label, view, current, read) for label in labels])
        scores = np.where(allowed, scores, -np.inf)
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        return dict(zip(labels, shares.tolist(), strict=True))


def features(
    view: View,
    current: Constraints,
    understood: Understanding,
    encode: Encode | None,
    *,
    wish: bool = False,
) -> Features:
    """The feature vector of a turn: hashed n-grams, sentence embedding, situation.

    N-grams of one to three words, pairs around a gap, and the words near each amount are hashed
    (Weinberger et al., "Feature hashing for large scale multitask learning", 2009) and scaled to
    the same length whatever the turn's.
    """
    grams = _ngrams(view.words)
    hashed = np.zeros(BUCKETS, np.float32)
    share = _NGRAM_SCALE / len(grams) ** 0.5
    for gram in grams:
        hashed[_bucket(gram)] += share
    embedding = np.zeros(DIMENSION + 1, np.float32)
    if encode is None:
        embedding[-1] = 1.0
    else:
        embedding[:-1] = _EMBEDDING_SCALE * encode(view.plain)
    facts = np.array(situation(view, current, understood, wish=wish), np.float32)
    return np.concatenate([hashed, embedding, facts])


def _ngrams(words: tuple[str, ...]) -> set[str]:
    line = ("^", *words, "$")
    grams = {" ".join(line[i : i + n]) for n in (1, 2, 3) for i in range(len(line) - n + 1)}
    grams |= {f"{one} * {two}" for one, two in zip(line, line[2:], strict=False)}
    for i, word in enumerate(line):
        if word in ("<n>", "<p>"):
            grams |= {f"{word}{o}:{line[i + o]}" for o in _NEAR if 0 <= i + o < len(line)}
    return grams


@cache
def _bucket(gram: str) -> int:
    return int.from_bytes(blake2b(gram.encode(), digest_size=4).digest(), "little") % BUCKETS


@cache
def _shipped() -> dict[str, NDArray[np.float32]]:
    with (files("agent.language.operations") / WEIGHTS).open("rb") as stream:
        stored: Any = np.load(stream, allow_pickle=False)
        return {head: stored[head].astype(np.float32) for head in HEADS}
