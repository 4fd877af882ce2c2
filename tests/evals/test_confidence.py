"""Confidence beside right and wrong, in numbers that can be reckoned by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from evals.cases import SeenLimits, SessionGold
from evals.scorers.confidence import calibration_error, confidence, sure_and_right
from evals.traces import SessionTrace
from tools.preferences import CATEGORIES, Category, PreferenceSummary


def test_the_calibration_error_is_the_weighted_gap_of_the_bins() -> None:
    # Bin .8: four of mean .8, two right: gap .3; bin .3: two of .35, one right: gap .15.
    pairs = [(0.8, True), (0.8, True), (0.8, False), (0.8, False), (0.35, True), (0.35, False)]
    assert calibration_error(pairs) == pytest.approx((4 * 0.3 + 2 * 0.15) / 6)
    assert calibration_error([(1.0, True)] * 3) == 0
    assert calibration_error([(1.0, False)]) == 1


def test_filled_categories_count_and_open_ones_are_told_apart() -> None:
    told = dict.fromkeys(CATEGORIES, "not available") | {
        "brand_preference": "Aster", "lowest_price": "£30", "comparisons": "two dresses",
    }  # fmt: skip
    gold = SessionGold(summary=told, limits=SeenLimits(lowest=(Decimal(30),)))
    summary = PreferenceSummary(
        brand_preference=Category(text="Aster", values=("Aster",), confidence=0.9),
        lowest_price=Category(text="£35", values=("35",), confidence=0.6),
    )
    trace = SessionTrace(case="x", summary=summary)
    assert sorted(sure_and_right(gold, trace)) == [(0.6, False), (0.9, True)]
    scores = confidence(gold, trace)
    assert scores["confidence_right"] == 0.5
    assert scores["confidence_brier"] == pytest.approx((0.1**2 + 0.6**2) / 2)
    assert scores["not_sure"] == pytest.approx(1 / 3)
