"""The validation score that training stops by, quick enough to be had after every epoch."""

from __future__ import annotations

import torch
from torch import Tensor

from tools.sessions.data import Sessions
from tools.sessions.neural.batches import scoring_batches
from tools.sessions.neural.network import Network

CUT = 20
_CELLS = 1 << 20


@torch.inference_mode()
def validation_mrr(network: Network, valid: Sessions, max_length: int, cut: int = CUT) -> Tensor:
    """Sums of reciprocal ranks up to `cut`, with viewed items left in and with them taken out.

    Items with the target's own score count as ranked before it. A target that the network has no
    vector for, and a session without an item, count as missed.

    Returns:
        (2,) float64; divide by `len(valid)` for the MRR of each way.
    """
    network.eval()
    table = network.outputs()
    sums = torch.zeros(2, dtype=torch.float64)
    for _, made in scoring_batches(valid, max_length):
        batch = made.to(table.device)
        rows = network.represented(batch)
        known = (batch.targets >= 0) & (batch.targets < network.n_items)
        step = max(1, _CELLS // network.n_items)
        for at in range(0, len(rows), step):
            part = slice(at, at + step)
            use = known[part]
            if not use.any():
                continue
            targets = batch.targets[part][use]
            scores = rows[part][use] @ table.T
            own = scores.gather(1, targets[:, None])
            rank = (scores >= own).sum(dim=1)
            items = batch.items[part][use]
            seen = torch.arange(items.shape[1], device=items.device)
            real = seen < batch.lengths[part][use][:, None]
            again = (items[:, :, None] == items[:, None, :]).tril(-1).any(dim=2)
            before = (scores.gather(1, items) >= own) & real & ~again
            repeat = ((items == targets[:, None]) & real).any(dim=1)
            fresh = torch.where(repeat, cut + 1, rank - before.sum(dim=1))
            for way, place in enumerate((rank, fresh)):
                sums[way] += (1 / place[place <= cut].double()).sum().cpu()
    return sums
