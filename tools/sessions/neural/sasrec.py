"""SASRec: causal self-attention over the session.

Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.errors import SessionError
from tools.sessions.neural.batches import Batch
from tools.sessions.neural.network import Network


class _Block(nn.Module):
    """Attention over what came before, then two dense layers; each added to what came in."""

    def __init__(self, dim: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.merge = nn.Linear(dim, dim)
        self.inner_norm = nn.LayerNorm(dim)
        self.feed = nn.Sequential(
            nn.Linear(dim, inner), nn.GELU(), nn.Dropout(dropout), nn.Linear(inner, dim)
        )
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        rows, width, dim = x.shape
        parts = self.qkv(self.norm(x)).view(rows, width, 3, self.heads, dim // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(
            q, k, v, is_causal=True, dropout_p=self.dropout if self.training else 0.0
        )
        x = x + self.drop(self.merge(seen.transpose(1, 2).reshape(rows, width, dim)))
        out: Tensor = x + self.drop(self.feed(self.inner_norm(x)))
        return out


class SASRecNetwork(Network):
    """Item and position vectors, blocks of causal attention, a last normalisation.

    Padding stands on the right, where no earlier step can see it, so that no mask is needed
    beside the causal one. The normalisation stands before each part of a block.

    Args:
        n_items: size of the vocabulary.
        max_length: positions that have a vector.
        heads: of the attention.
        layers: blocks.
        inner: width of the dense layers.
        kwargs: of `Network`; `dropout` also holds inside the blocks.
    """

    def __init__(
        self,
        n_items: int,
        *,
        max_length: int,
        heads: int = 2,
        layers: int = 2,
        inner: int = 256,
        **kwargs: Any,
    ) -> None:
        super().__init__(n_items, **kwargs)
        if self.dim % heads:
            raise SessionError(f"dim ({self.dim}) has to be a multiple of heads ({heads})")
        self.positions = nn.Embedding(max_length, self.dim)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.blocks = nn.ModuleList(
            _Block(self.dim, heads, inner, self.drop.p) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(self.dim)

    def represent(self, batch: Batch) -> Tensor:
        """See `Network.represent`."""
        place = torch.arange(batch.items.shape[1], device=batch.items.device)
        x = self.drop(self.vectors(batch.items) * self.dim**0.5 + self.positions(place))
        for block in self.blocks:
            x = block(x)
        found: Tensor = self.norm(x)[batch.row, batch.step]
        return found
