"""SR-GNN: the session as a graph of its items, read by a gated graph network.

Wu, Tang, Zhu, Wang, Xie and Tan, "Session-based Recommendation with Graph Neural Networks", AAAI
2019; the gated cell is that of Li, Tarlow, Brockschmidt and Zemel, "Gated Graph Sequence Neural
Networks", ICLR 2016.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from tools.sessions.neural.batches import Batch
from tools.sessions.neural.network import Network, uniform_


def session_graphs(items: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The graphs of a padded batch of sessions, all at once.

    The nodes of a session are its distinct items in the order of their first view.

    Args:
        items: (rows, width) int64, padded on the right.
        lengths: (rows,) int64.

    Returns:
        nodes: (rows, most) int64, the item of each node; 0 where there is none.
        alias: (rows, width) int64, the node of each view; 0 at padding.
        arcs: (2, rows, most, most) float. `arcs[0]` weighs what flows in along the arcs that end
            in a node, `arcs[1]` along those that start there; a node's weights add up to 1, or
            to 0 where it has no such arc. An arc that was taken twice weighs twice.
    """
    rows, width = items.shape
    device = items.device
    column = torch.arange(width, device=device)
    real = column < lengths[:, None]
    same = (items[:, :, None] == items[:, None, :]) & real[:, None, :]
    first = same.to(torch.uint8).argmax(dim=2)  # the earliest view of the same item
    new = (first == column) & real
    number = new.cumsum(dim=1) - 1
    alias = number.gather(1, first).masked_fill(~real, 0)
    most = int(number.max()) + 1
    nodes = items.new_zeros((rows, most))
    row = torch.arange(rows, device=device)[:, None].expand(rows, width)
    nodes[row[new], alias[new]] = items[new]

    step = real[:, 1:]
    origin, goal = alias[:, :-1][step], alias[:, 1:][step]
    where = (row[:, 1:][step] * most + origin) * most + goal
    count = torch.bincount(where, minlength=rows * most * most)
    counts = count.view(rows, most, most).to(torch.float32)
    leaving = counts / counts.sum(dim=2, keepdim=True).clamp(min=1)
    arriving = counts.transpose(1, 2) / counts.sum(dim=1)[:, :, None].clamp(min=1)
    return nodes, alias, torch.stack([arriving, leaving])


def of_like_length(lengths: Tensor) -> list[Tensor]:
    """The rows, in groups whose lengths differ by less than a factor of two.

    Args:
        lengths: (rows,) int64, at least 1.

    Returns:
        One int64 tensor of rows for each group that has any, the shortest first.
    """
    group = torch.floor(torch.log2(lengths.double())).long()
    return [torch.nonzero(group == each).squeeze(1) for each in sorted(set(group.tolist()))]


class SRGNNNetwork(Network):
    """Gated graph layers, then the last item beside an attention over all views.

    Args:
        n_items: size of the vocabulary.
        layers: rounds of the gated graph network.
        out_dropout: share of the joined vector that is dropped before the last dense layer.
        kwargs: of `Network`.
    """

    rows: Literal["whole", "prefixes"] = "prefixes"

    def __init__(
        self, n_items: int, *, layers: int = 1, out_dropout: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(n_items, **kwargs)
        dim = self.dim
        self.layers = layers
        self.along = nn.Linear(dim, 2 * dim)
        self.gates_of_flow = nn.Linear(2 * dim, 3 * dim)
        self.gates_of_state = nn.Linear(dim, 3 * dim)
        self.of_last = nn.Linear(dim, dim)
        self.of_view = nn.Linear(dim, dim)
        self.weigh = nn.Linear(dim, 1, bias=False)
        self.out_drop = nn.Dropout(out_dropout)
        self.join = nn.Linear(2 * dim, dim)
        uniform_(self, dim)

    def represent(self, batch: Batch) -> Tensor:
        """See `Network.represent`; every row is one prefix."""
        # A graph's cost grows with the square of its batch's longest session.
        parts = of_like_length(batch.lengths)
        found = [self._sessions(batch.items[rows], batch.lengths[rows]) for rows in parts]
        return torch.cat(found)[torch.cat(parts).argsort()]

    def _sessions(self, items: Tensor, lengths: Tensor) -> Tensor:
        nodes, alias, arcs = session_graphs(items[:, : int(lengths.max())], lengths)
        states = self.drop(self.vectors(nodes))
        for _ in range(self.layers):
            states = self._flow(states, arcs)
        views = states.gather(1, alias[..., None].expand(-1, -1, self.dim))
        last = views[torch.arange(len(lengths), device=lengths.device), lengths - 1]
        fit = torch.sigmoid(self.of_last(last)[:, None] + self.of_view(views))
        column = torch.arange(views.shape[1], device=views.device)
        weight = self.weigh(fit).squeeze(-1).masked_fill(column >= lengths[:, None], 0.0)
        purpose = (weight[:, None] @ views).squeeze(1)
        found: Tensor = self.join(self.out_drop(torch.cat([last, purpose], dim=1)))
        return found

    def _flow(self, states: Tensor, arcs: Tensor) -> Tensor:
        incoming, outgoing = self.along(states).chunk(2, dim=2)
        flow = torch.cat([arcs[0] @ incoming, arcs[1] @ outgoing], dim=2)
        reset, update, fresh = self.gates_of_flow(flow).chunk(3, dim=2)
        was_reset, was_update, was_fresh = self.gates_of_state(states).chunk(3, dim=2)
        keep = torch.sigmoid(update + was_update)
        candidate = torch.tanh(fresh + torch.sigmoid(reset + was_reset) * was_fresh)
        return torch.lerp(states, candidate, keep)
