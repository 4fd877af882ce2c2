"""What every network of this package shares: the item table, and scores as inner products."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.sessions.neural.batches import Batch
from tools.sessions.neural.softmax import linear_cross_entropy


class Network(nn.Module, ABC):
    """Turns prefixes of sessions into vectors; an item's score is its vector's inner product.

    With `normalize` both sides are unit vectors and the product is multiplied by `scale`, which
    keeps popular items from winning by length alone (NISER: Gupta et al., "NISER: Normalized Item
    and Session Representations to Handle Popularity Bias", 2019).

    Args:
        n_items: size of the vocabulary.
        dim: length of the item vectors.
        dropout: share of the item vectors' entries that is dropped on the way in.
        normalize: score by scaled cosine.
        scale: the factor on the cosine.
        sparse: whether a look-up gives a sparse gradient (for the sampled softmax).
    """

    rows: Literal["whole", "prefixes"] = "whole"
    """Whether one row of a batch is a whole session or one prefix (see `batches`)."""

    def __init__(
        self,
        n_items: int,
        *,
        dim: int = 64,
        dropout: float = 0.25,
        normalize: bool = False,
        scale: float = 16.0,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        self.n_items, self.dim = n_items, dim
        self.normalize, self.scale = normalize, scale
        self.items = nn.Embedding(n_items, dim, sparse=sparse)
        self.drop = nn.Dropout(dropout)
        # Vectors of about unit length. Started at Xavier's size, which shrinks with the catalogue,
        # the scores stay level for the first epochs and some networks stop at popularity
        # (GRU4Rec on 2,625 sessions, 30 epochs: validation MRR@20 .068 with this, .038 with that).
        nn.init.normal_(self.items.weight, std=1 / math.sqrt(dim))

    @abstractmethod
    def represent(self, batch: Batch) -> Tensor:
        """(n, dim): one vector for each pair of the batch, made from its prefix alone."""

    def vectors(self, items: Tensor) -> Tensor:
        """The vectors of some items as the network sees them on the way in."""
        found: Tensor = self.items(items)
        return F.normalize(found, dim=-1) if self.normalize else found

    def outputs(self, candidates: Tensor | None = None) -> Tensor:
        """(m, dim): the vectors that are scored against, of all items or of some."""
        table: Tensor = self.items.weight if candidates is None else self.items(candidates)
        return F.normalize(table, dim=-1) if self.normalize else table

    def represented(self, batch: Batch) -> Tensor:
        """`represent`, made comparable with `outputs`: their inner product is the score."""
        rows = self.represent(batch)
        return F.normalize(rows, dim=-1) * self.scale if self.normalize else rows

    def forward(
        self,
        batch: Batch,
        candidates: Tensor | None = None,
        place: Tensor | None = None,
        correction: Tensor | None = None,
    ) -> Tensor:
        """The mean loss of the batch: over all items, or over candidates (`CandidateSampler`)."""
        targets = batch.targets if place is None else place
        return linear_cross_entropy(
            self.represented(batch), self.outputs(candidates), targets, correction
        )


def uniform_(module: nn.Module, dim: int) -> None:
    """Every parameter uniform in +-1/sqrt(dim), as the graph models of this field start."""
    bound = 1 / math.sqrt(dim)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-bound, bound)
