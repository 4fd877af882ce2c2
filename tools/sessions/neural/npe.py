"""NPE: a rectified sum of the viewed items, plus the shopper's rectified preference.

Nguyen and Takasu, "NPE: Neural Personalized Embedding for Collaborative Filtering", IJCAI 2018.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.sessions.neural.batches import Batch
from tools.sessions.neural.network import Network


class NPENetwork(Network):
    """relu(preference) + relu(offset + sum of the context vectors), against rectified items.

    Sessions carry no shopper, so one preference vector is shared by all of them. The offset is not
    in the paper: without it, training from vectors this small stops near popularity.

    Args:
        n_items: size of the vocabulary.
        tied: whether an item as context has the same vector as an item to recommend; the paper
            keeps two tables, which needs more data.
        kwargs: of `Network`.
    """

    def __init__(self, n_items: int, *, tied: bool = True, **kwargs: Any) -> None:
        super().__init__(n_items, **kwargs)
        self.context: nn.Embedding | None = None
        if not tied:
            self.context = nn.Embedding(n_items, self.dim, sparse=self.items.sparse)
            nn.init.xavier_normal_(self.context.weight)
        # Xavier's size (Glorot and Bengio, AISTATS 2010), smaller than the other networks': with
        # the offset it was the best of those tried.
        nn.init.xavier_normal_(self.items.weight)
        std = math.sqrt(2 / (n_items + self.dim))
        self.preference = nn.Parameter(torch.randn(self.dim) * std)
        self.offset = nn.Parameter(torch.randn(self.dim) * std)

    def represent(self, batch: Batch) -> Tensor:
        """See `Network.represent`."""
        viewed = self.vectors(batch.items) if self.context is None else self.context(batch.items)
        # Padding stands on the right, so that a sum up to a step never meets it.
        context = self.offset + viewed.cumsum(dim=1)[batch.row, batch.step]
        preference = self.drop(F.relu(self.preference).expand_as(context))
        found: Tensor = preference + self.drop(F.relu(context))
        return found

    def outputs(self, candidates: Tensor | None = None) -> Tensor:
        """See `Network.outputs`."""
        table = self.items.weight if candidates is None else self.items(candidates)
        return F.normalize(F.relu(table), dim=-1) if self.normalize else F.relu(table)
