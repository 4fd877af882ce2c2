"""NARM: what the session does now, and what it is after.

Li, Ren, Chen, Ren, Lian and Ma, "Neural Attentive Session-based Recommendation", CIKM 2017.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tools.sessions.neural.batches import Batch
from tools.sessions.neural.network import Network


class NARMNetwork(Network):
    """A GRU's last state, beside an attention of that state over all states before it.

    Args:
        n_items: size of the vocabulary.
        hidden: size of the GRU's state.
        out_dropout: share of the joined vector that is dropped before the bilinear decoder.
        kwargs: of `Network`.
    """

    def __init__(
        self, n_items: int, *, hidden: int = 64, out_dropout: float = 0.5, **kwargs: Any
    ) -> None:
        super().__init__(n_items, **kwargs)
        self.gru = nn.GRU(self.dim, hidden, batch_first=True, bias=False)
        self.of_state = nn.Linear(hidden, hidden, bias=False)
        self.of_last = nn.Linear(hidden, hidden, bias=False)
        self.weigh = nn.Linear(hidden, 1, bias=False)
        self.out_drop = nn.Dropout(out_dropout)
        self.decode = nn.Linear(2 * hidden, self.dim, bias=False)
        for layer in (self.of_state, self.of_last, self.weigh, self.decode):
            nn.init.xavier_normal_(layer.weight)

    def represent(self, batch: Batch) -> Tensor:
        """See `Network.represent`."""
        states, _ = self.gru(self.drop(self.vectors(batch.items)))
        last = states[batch.row, batch.step]
        # (pairs, width): how much each state of the pair's row matters to its last state
        fit = torch.sigmoid(self.of_state(states)[batch.row] + self.of_last(last)[:, None])
        weight = self.weigh(fit).squeeze(-1)
        column = torch.arange(states.shape[1], device=states.device)
        weight = weight.masked_fill(column[None] > batch.step[:, None], 0.0)
        purpose = (weight[:, None] @ states[batch.row]).squeeze(1)
        found: Tensor = self.decode(self.out_drop(torch.cat([purpose, last], dim=1)))
        return found
