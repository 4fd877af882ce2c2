"""GRU4Rec that is told the summary of the session beside the items: summary as a model input.

The other way of using a summary is to put the model's list in another order; `interarec session
study` sets the two side by side. The summary of a prefix is the recency-weighted mean of its items'
text vectors, which stay as they are; a dense layer adds it to what the recurrent network says.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tools.sessions.neural.batches import Batch
from tools.sessions.neural.gru4rec import GRU4RecNetwork
from tools.sessions.neural.models import GRU4Rec, network_settings
from tools.sessions.neural.network import Network
from tools.text import Vectors

DECAY = 0.7


class SummaryGRU4RecNetwork(GRU4RecNetwork):
    """GRU4Rec plus a dense layer over the summary of the prefix.

    Args:
        n_items: size of the vocabulary.
        vectors: (n_items, text dimension), frozen.
        kwargs: of `GRU4RecNetwork`.
    """

    texts: Tensor

    def __init__(self, n_items: int, vectors: Tensor, **kwargs: Any) -> None:
        super().__init__(n_items, **kwargs)
        self.register_buffer("texts", vectors)
        self.summary = nn.Linear(vectors.shape[1], self.dim, bias=False)

    def represent(self, batch: Batch) -> Tensor:
        """See `Network.represent`."""
        told = self.texts[batch.items]
        sums = [told[:, 0]]
        for step in range(1, told.shape[1]):
            sums.append(DECAY * sums[-1] + told[:, step])
        at = torch.stack(sums, dim=1)[batch.row, batch.step]
        summary = nn.functional.normalize(at, dim=-1)
        added: Tensor = super().represent(batch) + self.summary(summary)
        return added


class SummaryGRU4Rec(GRU4Rec):
    """GRU4Rec with the summary as an input; the settings are those of `GRU4Rec`.

    Args:
        vectors: text vectors of all items of the data that it is fitted on, [n_items, dimension].
        settings: of `GRU4Rec`.
    """

    name = "gru4rec"

    def __init__(self, vectors: Vectors, **settings: Any) -> None:
        super().__init__(**settings)
        self.texts = torch.from_numpy(vectors)

    def _network(self, n_items: int, seed: int) -> Network:
        known = network_settings(GRU4RecNetwork)
        chosen = {name: value for name, value in self.settings.items() if name in known}
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return SummaryGRU4RecNetwork(
                n_items,
                self.texts[:n_items].clone(),
                sparse=self.training.sampled(n_items),
                **chosen,
            )
