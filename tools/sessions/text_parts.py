"""What the items' texts say of candidates, and which items they propose, session by session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import csr_arrays, csr_from
from tools.sessions.features import write_places
from tools.sessions.nearest import Nearest
from tools.sessions.rows import NOTHING, Csr, Floats, Index, Row, Sums, first_of
from tools.sessions.single import Views

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from tools.text import Vectors

VECTOR_KINDS = {"text recent": 0.7, "text last": 0.0, "text mean": 1.0}
"""Queries in the space of the vectors, and the weight of a view against the one after it."""
WORD_KINDS = {"words": 0.7, "words last": 0.0}
PROPOSING = ("text recent", "text last", "words")
"""Queries whose nearest items become candidates."""


@dataclass(frozen=True)
class Asked:
    """One session in the space of the texts.

    Attributes:
        vectors: unit vectors, [vector kinds, dimension]; zero where nothing viewed has a text.
        words: for every kind of words the weights by word.
    """

    vectors: Floats
    words: list[Row]


class TextParts:
    """Cosines with what a session viewed, by vectors and by words.

    Args:
        vectors: unit vectors of the items, [n_items, dimension]; zero without a text.
        words: tf-idf of the items' words, rows at length 1, CSR [n_items, words].
        first_pass: see `Nearest`.
    """

    def __init__(
        self,
        vectors: Vectors,
        words: csr_array,
        first_pass: dict[str, NDArray[Any]] | None = None,
    ) -> None:
        self.nearest = Nearest(vectors, first_pass)
        self.words = words
        self.by_item, self.by_word = Csr(words), Csr(words.T.tocsr())
        kinds = [*VECTOR_KINDS, *WORD_KINDS]
        self.feature_names = [f"{k}{end}" for k in kinds for end in ("", ": below best", ": place")]

    def asked(self, views: Views) -> Asked:
        """What a session viewed, as queries."""
        vectors = [self._vector(*views.weights(decay)) for decay in VECTOR_KINDS.values()]
        words = [self._words(*views.weights(decay)) for decay in WORD_KINDS.values()]
        return Asked(np.stack(vectors), words)

    def _vector(self, items: Index, weights: Floats) -> Floats:
        query = weights @ self.nearest.vectors[items]
        unit: Floats = query / np.maximum(np.linalg.norm(query), np.float32(1e-12))
        return unit

    def _words(self, items: Index, weights: Floats) -> Row:
        if not len(items):
            return NOTHING
        shares: Floats = weights / weights.sum()
        return self.by_item.weighted(items, shares, Sums(self.by_item.width))

    def first(self, asked: Asked, k: int) -> Index:
        """The items that each proposing query puts first, k at most of each; some may repeat."""
        vectors = dict(zip(VECTOR_KINDS, asked.vectors, strict=True))
        words = dict(zip(WORD_KINDS, asked.words, strict=True))
        found = [self._first_by_words(words[name], k) for name in PROPOSING if name in words]
        # A session of one view asks the same thing twice.
        queries = {v.tobytes(): v for name, v in vectors.items() if name in PROPOSING}
        found += self.nearest.first(np.stack(list(queries.values())), k)
        return np.concatenate(found)

    def _first_by_words(self, query: Row, k: int) -> Index:
        from tools.sessions.kernels import add_rows

        told = np.zeros(self.by_word.width, np.float32)
        held = self.by_word
        add_rows(held.starts, held.columns, held.data, query.items, query.values, told)
        first = first_of(told, k)
        return first[told[first] > 0]

    def columns(self, asked: Asked, items: Index) -> Floats:
        """Features of candidates: value, distance from the best, place, [3 * kinds, items].

        Args:
            asked: a session.
            items: what is judged.
        """
        from tools.sessions.kernels import row_products

        kinds = len(VECTOR_KINDS) + len(WORD_KINDS)
        features = np.empty((3 * kinds, len(items)), np.float32)
        value = features[0::3]
        value[: len(VECTOR_KINDS)] = self.nearest.cosines(asked.vectors, items)
        held = self.by_item
        weight = np.zeros(held.width, np.float32)
        for row, query in zip(value[len(VECTOR_KINDS) :], asked.words, strict=True):
            weight[query.items] = query.values
            row_products(held.starts, held.columns, held.data, items, weight, row)
            weight[query.items] = 0
        if len(items):
            features[1::3] = value - value.max(axis=1, keepdims=True)
        write_places(value, features[2::3])
        return features

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, to be kept."""
        kept = {"vectors": self.nearest.vectors, "words.width": np.array([self.by_item.width])}
        return kept | self.nearest.arrays() | csr_arrays("words", self.words)

    @classmethod
    def restored(cls, arrays: dict[str, NDArray[Any]]) -> TextParts:
        """What `arrays` gave."""
        words = csr_from("words", arrays, int(arrays["words.width"][0]))
        return cls(arrays["vectors"], words, arrays)
