"""Assortment optimisation: choice models, exact solvers, explanations, estimation.

The package knows nothing of catalogues or language models: numpy arrays in, typed results out.
"""

from __future__ import annotations

from tools.assortment.conflicts import conflicts
from tools.assortment.explain import confidence, explain_limits, resample, why_not
from tools.assortment.models import MNL, ChoiceModel, MixedMNL, NestedLogit
from tools.assortment.problem import Problem
from tools.assortment.results import (
    Confidence,
    Conflicts,
    FrontierPoint,
    LimitCost,
    Relaxation,
    Solved,
    WhyNot,
)
from tools.assortment.rules import (
    Allowed,
    EachGroupMax,
    Exclude,
    GroupLimit,
    Implies,
    Include,
    Linear,
    NotTogether,
    Rule,
    SizeLimit,
)
from tools.assortment.solve import frontier, solve
from tools.assortment.weights import ItemWeights, fit_item_weights

__all__ = [
    "MNL",
    "Allowed",
    "ChoiceModel",
    "Confidence",
    "Conflicts",
    "EachGroupMax",
    "Exclude",
    "FrontierPoint",
    "GroupLimit",
    "Implies",
    "Include",
    "ItemWeights",
    "LimitCost",
    "Linear",
    "MixedMNL",
    "NestedLogit",
    "NotTogether",
    "Problem",
    "Relaxation",
    "Rule",
    "SizeLimit",
    "Solved",
    "WhyNot",
    "confidence",
    "conflicts",
    "explain_limits",
    "fit_item_weights",
    "frontier",
    "resample",
    "solve",
    "why_not",
]
