"""Sessions without pictures: what a simulated shopper's screens hold, as if all were read well.

A frame named ``visit:SEED/NUMBER`` stands for the whole first visit of a shopper, and
``visit:SEED/NUMBER/VISIT`` for a later one; the summary, the limits and the recommendation are then
made from its readings, with the prompts and the model under test.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from evals.traces import FitTrace, SessionTrace
from tools.errors import CaseError

if TYPE_CHECKING:
    from agent.context import Context
    from evals.cases import Case
    from evals.shoppers import Shopper
    from tools.catalog import Catalog
    from tools.domain import Constraints
    from tools.preferences import Evidence, PreferenceSummary

_VISIT = re.compile(r"visit:(\d+)/(\d+)(?:/([1-9]\d*))?")


def is_visit(case: Case) -> bool:
    """Whether the case is made from visits."""
    return bool(case.frames) and all(name.startswith("visit:") for name in case.frames)


@lru_cache(maxsize=256)
def shopper_of(name: str) -> Shopper:
    """The shopper of a visit.

    Raises:
        CaseError: the name is not understood.
    """
    from evals.shoppers import shopper

    found = _VISIT.fullmatch(name)
    if found is None:
        raise CaseError(f"{name!r} is not visit:SEED/NUMBER or visit:SEED/NUMBER/VISIT")
    return shopper(int(found[1]), int(found[2]), int(found[3] or 1))


def visit_trace(case: Case, context: Context, prompts: Path | None) -> SessionTrace:
    """What is concluded from a visit.

    Raises:
        ModelUnavailable: the model did not answer with limits.
    """
    from agent.models.vision import only_asked
    from agent.reader import collect_evidence, summarize_readings
    from prompts import load

    shopper = shopper_of(case.frames[0])
    evidence = collect_evidence(shopper.readings)
    summary = summarize_readings(shopper.readings, evidence)
    summary = only_asked(summary, load("summarize", prompts))
    catalog = _catalog(context, shopper)
    limits = _seen(context, catalog, prompts, summary, evidence)
    return SessionTrace(case=case.id, summary=summary, evidence=evidence, constraints=limits)


def fit_trace(case: Case, context: Context, prompts: Path | None) -> FitTrace:
    """What is recommended after each visit, by every objective and by plainer ways.

    Raises:
        ModelUnavailable: the model did not answer with limits.
    """
    from functools import partial

    from evals.fit import Visit, recommendations

    chosen: dict[str, list[tuple[str, ...]]] = {}
    for name in case.frames:
        shopper = shopper_of(name)
        catalog = _catalog(context, shopper)
        visit = Visit(shopper, shopper.readings, shopper.shown, rendered=False)
        found = recommendations(visit, catalog, limits_of=partial(_seen, context, catalog, prompts))
        for way, ids in found.items():
            chosen.setdefault(way, []).append(ids)
    return FitTrace(
        case=case.id,
        visits=case.frames,
        chosen={way: tuple(sets) for way, sets in chosen.items()},
    )


def _catalog(context: Context, shopper: Shopper) -> Catalog:
    return context.catalog(context.market_for(shopper.taste.currency))


def _seen(
    context: Context,
    catalog: Catalog,
    prompts: Path | None,
    summary: PreferenceSummary,
    evidence: Evidence,
) -> Constraints:
    from agent.nodes.decompose import limits_of, vocabulary_of

    limits, _ = limits_of(
        context.chat, summary, evidence, vocabulary=vocabulary_of(catalog), prompts=prompts
    )
    return limits
