from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from tools.sessions.neural import softmax
from tools.sessions.neural.softmax import CandidateSampler, linear_cross_entropy


@pytest.mark.parametrize("size", [0.1, 40.0])
@pytest.mark.parametrize("with_bias", [False, True])
def test_loss_and_gradients_are_those_of_torch(
    size: float, with_bias: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where logits are so large that the exponential alone would overflow."""
    monkeypatch.setattr(softmax, "_PIECE", 16 * 50)
    torch.manual_seed(0)
    rows = (torch.randn(45, 8) * size).requires_grad_()
    table = torch.randn(50, 8).requires_grad_()
    bias = torch.randn(50).requires_grad_() if with_bias else None
    targets = torch.randint(50, (45,))
    inputs = [rows, table] + ([bias] if bias is not None else [])
    logits = rows @ table.T if bias is None else rows @ table.T + bias
    expected = F.cross_entropy(logits, targets)
    theirs = torch.autograd.grad(expected * 3, inputs)
    loss = linear_cross_entropy(rows, table, targets, bias)
    ours = torch.autograd.grad(loss * 3, inputs)
    torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-5)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=2e-4, atol=2e-5)


def test_not_a_number_comes_out_as_such() -> None:
    rows, table = torch.full((2, 3), float("nan")), torch.ones(4, 3)
    assert linear_cross_entropy(rows, table, torch.tensor([0, 1])).isnan()


def test_candidates_hold_every_target_once_and_their_sum_estimates_the_whole() -> None:
    """Over many draws the corrected sum over candidates is the sum over the catalogue."""
    frequency = torch.tensor([50.0, 20, 10, 5, 3, 2, 1, 1, 1, 1] + [0] * 30)
    weight = torch.rand(40, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    sampler = CandidateSampler(frequency, 6)
    generator = torch.Generator().manual_seed(1)
    sums = []
    for _ in range(6000):
        targets = torch.multinomial(frequency, 8, replacement=True, generator=generator)
        candidates, place, correction = sampler.draw(targets, generator)
        assert torch.equal(candidates[place], targets)
        assert (candidates.diff() > 0).all()
        sums.append((weight[candidates] * correction.double().exp()).sum())
    drawn = torch.stack(sums)
    error = drawn.std() / len(drawn) ** 0.5
    assert abs(drawn.mean() - weight.sum()) < 4 * error
    assert error < 0.02 * weight.sum()
