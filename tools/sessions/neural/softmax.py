"""Softmax cross-entropy over a whole catalogue, its gradients made on the way forward.

The usual chain (logits, log-softmax, negative log-likelihood, and all of it backwards) walks a
matrix of rows x items some eight times. Here the rows are taken in pieces that stay in the
processor's cache: logits, exponential in place, row sums, and at once the two products that are
the gradients. Nothing of size rows x items outlives its piece.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

# 4 MB of logits: small enough for the cache, tall enough for the products to run at full speed.
_PIECE = 1 << 20
# exp(60) summed over ten million items is still far from the largest float32.
_SAFE_EXPONENT = 60.0


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, table: Tensor, targets: Tensor, bias: Tensor | None
    ) -> Tensor:
        n, n_items = len(rows), len(table)
        step = max(16, min(n, _PIECE // max(1, n_items)))
        d_rows = torch.empty_like(rows)
        d_table = torch.zeros_like(table)
        d_bias = torch.zeros_like(bias) if bias is not None else None
        loss = torch.zeros((), dtype=torch.float64, device=rows.device)
        # No logit exceeds this, so that most often no row needs its maximum taken away first.
        bound = float(rows.norm(dim=1).max() * table.norm(dim=1).max())
        if bias is not None:
            bound += float(bias.abs().max())
        shifted = not bound < _SAFE_EXPONENT
        buffer = rows.new_empty((step, n_items))
        for at in range(0, n, step):
            part, wanted = rows[at : at + step], targets[at : at + step]
            logits = buffer[: len(part)]
            if bias is None:
                torch.mm(part, table.T, out=logits)
            else:
                torch.addmm(bias, part, table.T, out=logits)
            own = logits.gather(1, wanted[:, None])
            if shifted:
                top = logits.amax(dim=1, keepdim=True)
                logits.sub_(top)
                own = own - top
            total = logits.exp_().sum(dim=1, keepdim=True)
            loss += (total.log() - own).sum(dtype=torch.float64)
            torch.mm(logits, table, out=d_rows[at : at + step])
            d_rows[at : at + step].div_(total)
            d_table.addmm_(logits.T, part / total)
            if d_bias is not None:
                d_bias.addmv_(logits.T, total.reciprocal().squeeze(1))
        d_rows.sub_(table[targets])
        d_table.index_add_(0, targets, rows, alpha=-1)
        if d_bias is not None:
            d_bias.index_add_(0, targets, torch.ones_like(rows[:, 0]), alpha=-1)
        ctx.save_for_backward(d_rows.div_(n), d_table.div_(n))
        ctx.d_bias = None if d_bias is None else d_bias.div_(n)
        return (loss / n).to(rows.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        d_rows, d_table = ctx.saved_tensors
        by = grads[0]
        d_bias = None if ctx.d_bias is None else ctx.d_bias * by
        return d_rows * by, d_table * by, None, d_bias


def linear_cross_entropy(
    rows: Tensor, table: Tensor, targets: Tensor, bias: Tensor | None = None
) -> Tensor:
    """The mean of -log softmax(rows @ table.T + bias)[target].

    Args:
        rows: (n, d) float, one representation per prefix.
        table: (m, d) float, one vector per item.
        targets: (n,) int64, the index of the item that came next.
        bias: (m,) float added to every row's logits.

    Returns:
        A scalar; differentiable once in `rows`, `table` and `bias`. Deterministic on the CPU.
    """
    loss: Tensor = _LinearCrossEntropy.apply(rows, table, targets, bias)  # type: ignore[no-untyped-call]
    return loss


class CandidateSampler:
    """Draws the items that stand for the whole catalogue in a sampled softmax.

    The items that come next in the batch are joined with `n_negatives` items drawn uniformly and
    without repeats (mixed negative sampling, Yang et al. 2020). Each candidate's logit is lowered
    by the log of its chance to be a candidate, so that the sum over candidates is an unbiased
    estimate of the sum over the catalogue (Horvitz and Thompson 1952; as the correction of Bengio
    and Senecal 2008).

    Args:
        frequency: (n_items,) how often each item comes next in the training data.
        n_negatives: uniformly drawn candidates per batch.
    """

    def __init__(self, frequency: Tensor, n_negatives: int) -> None:
        self.n_negatives = min(n_negatives, len(frequency))
        self._share = frequency.double() / frequency.sum().clamp(min=1)

    def draw(self, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Candidates for one batch.

        Returns:
            The candidates' indices (m,), sorted and unique; the place of each target among them
            (n,); and the correction to add to the logits (m,).
        """
        n_items = len(self._share)
        # Floyd-like rejection is slower than a few repeats: repeats are merged, and the chance of
        # being drawn at least once is used below.
        drawn = torch.randint(n_items, (self.n_negatives,), generator=generator)
        drawn = drawn.to(targets.device)
        candidates, place = torch.unique(torch.cat([targets, drawn]), return_inverse=True)
        n = len(targets)
        missed = (1 - self._share[candidates.cpu()]).pow(n) * (1 - 1 / n_items) ** self.n_negatives
        correction = -torch.log1p(-missed).to(torch.float32).to(targets.device)
        return candidates, place[:n], correction
