"""What-ifs: the stated difference against fresh solves, and the laws that optima obey.

The laws hold for any dialogue, so these scorers need no gold beyond the case itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from evals.cases import AnswerGold, DialogueGold, Instance
from evals.scorers.answers import judge_grounding
from evals.scorers.assortment import broken_limits, enumerate_optimum, revenue_of
from evals.scorers.base import Figure, Judgement, Scorer
from evals.traces import AnswerTrace, Compared, DialogueTrace
from tools.domain import Constraints, Product

_CLOSE = 1e-6
"""Relative difference of two optima that is rounding."""


def _same(stated: float | None, solved: float | None) -> bool:
    if stated is None or solved is None:
        return stated is solved
    return math.isclose(stated, solved, rel_tol=_CLOSE, abs_tol=_CLOSE)


def _faults(compared: Compared) -> list[str]:
    faults = []
    for name in ("in", "out"):
        stated, solved = getattr(compared, f"items_{name}"), getattr(compared, f"solved_{name}")
        if set(stated) != set(solved):
            faults.append(f"items {name}: stated {sorted(stated)}, solved {sorted(solved)}")
    for name in ("before", "after"):
        one, two = getattr(compared, f"revenue_{name}"), getattr(compared, f"solved_{name}")
        if not _same(one, two):
            faults.append(f"revenue {name}: stated {one}, solved {two}")
    return faults


def _add_compared(
    found: Judgement, compared: Sequence[Compared], name: str = "difference_true"
) -> None:
    faults = [_faults(one) for one in compared]
    if faults:
        found.add(name, sum(not f for f in faults), len(faults))
        found.misses += [f"what-if: {fault}" for of_one in faults for fault in of_one]


def _add_monotone(
    found: Judgement, answers: Sequence[AnswerTrace], name: str = "wider_not_worse"
) -> None:
    pairs = [
        (a.optimum, a.optimum_wider)
        for a in answers
        if a.optimum is not None and a.optimum_wider is not None
    ]
    if pairs:
        kept = [wider >= narrow * (1 - _CLOSE) for narrow, wider in pairs]
        found.add(name, sum(kept), len(kept))
        found.misses += [
            f"a wider budget gives {wider}, less than {narrow}"
            for (narrow, wider), ok in zip(pairs, kept, strict=True)
            if not ok
        ]


def _add_exact(
    found: Judgement, answers: Sequence[AnswerTrace], name: str = "optimum_exact"
) -> None:
    """The solver's optimum, and the revenue that the answer claims, against every set."""
    tried = [(a, a.small) for a in answers if a.small is not None and a.optimum is not None]
    faults = [fault for answer, small in tried if (fault := _inexact(answer, small))]
    if tried:
        found.add(name, len(tried) - len(faults), len(tried))
        found.misses += faults


def _inexact(answer: AnswerTrace, small: Instance) -> str:
    best = enumerate_optimum(small)
    if not _same(answer.optimum, best):
        return f"the optimum found is {answer.optimum}, of all sets the best has {best}"
    ids = {item.id for item in answer.items}
    if ids and ids <= set(small.ids) and not _same(answer.value, revenue_of(small, ids)):
        return f"revenue stated {answer.value}, its set has {revenue_of(small, ids)}"
    return ""


def as_disclosed(limits: Constraints) -> Constraints:
    """The limits in the catalogue's values that the answer says it used for the shopper's words."""
    fields: dict[str, tuple[str, ...]] = {}
    for path, origin in limits.provenance.items():
        if path in ("colors", "brands", "categories", "sizes") and origin.matched:
            own = getattr(limits, path)
            found = (value for word in own for value in (*origin.matched.get(word, ()), word))
            fields[path] = tuple(dict.fromkeys(found))
    kept = {path: limits.provenance[path] for path in fields}
    return limits.replace(fields, kept) if fields else limits


def broken_for(item: Product, answer: AnswerTrace) -> list[str]:
    """The hard limits in force that an item breaks, of those the answer does not set aside."""
    if answer.limits is None:
        return []
    limits = as_disclosed(answer.limits)
    found = broken_limits(item, limits)
    if limits.price_lower is None and limits.price_upper is None:
        # The currency of a budget that was let go of limits nothing.
        found = [path for path in found if path != "currency"]
    return [path for path in found if path not in answer.set_aside]


def _judge_dialogue(gold: DialogueGold, trace: DialogueTrace) -> Judgement:
    found = Judgement()
    if not trace.answers:
        return found
    _add_compared(found, [c for answer in trace.answers for c in answer.compared])
    _add_monotone(found, trace.answers)
    _add_exact(found, trace.answers)
    broken = [
        f"turn {turn}: {item.id} breaks {', '.join(paths)}"
        for turn, answer in enumerate(trace.answers, start=1)
        for item in answer.items
        if (paths := broken_for(item, answer))
    ]
    found.check("limits_kept", not broken)
    found.misses += broken
    ungrounded = [
        f"turn {turn}: {miss}"
        for turn, answer in enumerate(trace.answers, start=1)
        for miss in judge_grounding(AnswerGold(), answer).misses
    ]
    found.check("turns_grounded", not ungrounded)
    found.misses += ungrounded
    return found


dialogue_laws = Scorer(
    "dialogue_laws",
    DialogueGold,
    DialogueTrace,
    _judge_dialogue,
    {
        "difference_true": Figure("what-if: difference as two solves find it", 1.0, hard=True),
        "wider_not_worse": Figure("a wider budget is never worse", 1.0, hard=True, by_state=True),
        "optimum_exact": Figure(
            "optimum as trying every set finds it", 1.0, hard=True, by_state=True
        ),
        "limits_kept": Figure("dialogues in which every item keeps the limits", 1.0, hard=True),
        "turns_grounded": Figure("dialogues in which every turn is grounded", 1.0, hard=True),
    },
)


def _judge_answer(gold: AnswerGold, trace: AnswerTrace) -> Judgement:
    found = Judgement()
    _add_compared(found, trace.compared, "answer_difference_true")
    _add_monotone(found, [trace], "answer_wider_not_worse")
    _add_exact(found, [trace], "answer_optimum_exact")
    # Of everything that a model writes, this alone shows what the check had to mend.
    found.check("message_kept", not trace.rewritten, "a message failed the check")
    return found


answer_laws = Scorer(
    "answer_laws",
    AnswerGold,
    AnswerTrace,
    _judge_answer,
    {
        "answer_difference_true": Figure(
            "what-if of one answer as two solves find it", 1.0, hard=True
        ),
        "answer_wider_not_worse": Figure(
            "one answer: wider is never worse", 1.0, hard=True, by_state=True
        ),
        "answer_optimum_exact": Figure(
            "optimum of one answer as every set finds it", 1.0, hard=True, by_state=True
        ),
        "message_kept": Figure("messages that pass the check as written", 0.95),
    },
)
