"""Sessions without pictures: what a simulated shopper's screens hold, as if all were read well.

A frame named ``visit:SEED/NUMBER`` stands for the whole visit; the summary and the limits are then
made from its readings, with the prompts and the model under test.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from evals.traces import SessionTrace
from tools.errors import CaseError

if TYPE_CHECKING:
    from agent.context import Context
    from evals.cases import Case
    from evals.shoppers import Shopper

_VISIT = re.compile(r"visit:(\d+)/(\d+)")


def is_visit(case: Case) -> bool:
    """Whether the case is made from a visit."""
    return len(case.frames) == 1 and case.frames[0].startswith("visit:")


def shopper_of(name: str) -> Shopper:
    """The shopper of a visit.

    Raises:
        CaseError: the name is not understood.
    """
    from evals.shoppers import shoppers

    found = _VISIT.fullmatch(name)
    if found is None:
        raise CaseError(f"{name!r} is not visit:SEED/NUMBER")
    seed, number = int(found[1]), int(found[2])
    return shoppers(number + 1, seed)[number]


def visit_trace(case: Case, context: Context, prompts: Path | None) -> SessionTrace:
    """What is concluded from a visit.

    Raises:
        ModelUnavailable: the model did not answer with limits.
    """
    from agent.models.vision import only_asked
    from agent.nodes.decompose import limits_of, vocabulary_of
    from agent.reader import collect_evidence, summarize_readings
    from prompts import load

    shopper = shopper_of(case.frames[0])
    evidence = collect_evidence(shopper.readings)
    summary = summarize_readings(shopper.readings, evidence)
    summary = only_asked(summary, load("summarize", prompts))
    catalog = context.catalog(context.market_for(shopper.taste.currency))
    limits, _ = limits_of(
        context.chat, summary, evidence, vocabulary=vocabulary_of(catalog), prompts=prompts
    )
    return SessionTrace(case=case.id, summary=summary, evidence=evidence, constraints=limits)
