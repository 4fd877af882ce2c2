"""GRU4Rec: a recurrent network reads the session; its state after every click is a prediction.

Hidasi, Karatzoglou, Baltrunas and Tikk, "Session-based Recommendations with Recurrent Neural
Networks", ICLR 2016; dropout on the item vectors as Tan, Xu and Liu, "Improved Recurrent Neural
Networks for Session-based Recommendations", DLRS 2016.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from tools.sessions.neural.batches import Batch
from tools.sessions.neural.network import Network


class GRU4RecNetwork(Network):
    """Item vectors, a GRU, and a dense layer back to the space of the items.

    Args:
        n_items: size of the vocabulary.
        hidden: size of the GRU's state.
        layers: GRUs stacked on each other.
        out_dropout: share of the state that is dropped before the dense layer.
        kwargs: of `Network`.
    """

    def __init__(
        self,
        n_items: int,
        *,
        hidden: int = 64,
        layers: int = 1,
        out_dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(n_items, **kwargs)
        self.gru = nn.GRU(self.dim, hidden, num_layers=layers, batch_first=True)
        for name, weight in self.gru.named_parameters():
            if name.startswith("weight"):
                nn.init.xavier_uniform_(weight)
            else:
                nn.init.zeros_(weight)
        self.out_drop = nn.Dropout(out_dropout)
        self.dense = nn.Linear(hidden, self.dim)

    def represent(self, batch: Batch) -> Tensor:
        """See `Network.represent`."""
        states, _ = self.gru(self.drop(self.vectors(batch.items)))
        found: Tensor = self.dense(self.out_drop(states[batch.row, batch.step]))
        return found
