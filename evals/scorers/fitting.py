"""Whether what is recommended suits a simulated shopper with a hidden taste (`evals.fit`)."""

from __future__ import annotations

from evals.cases import FitGold
from evals.fit import ENOUGH_FIT, OBJECTIVES, OTHERS, PLACES, Score, score_visit
from evals.scorers.base import Figure, Judgement, Scorer
from evals.traces import FitTrace
from evals.visits import shopper_of

WAYS = (*OBJECTIVES, *OTHERS)
"""Ways to recommend, those of the engine first."""


def scores_of(trace: FitTrace) -> dict[str, list[Score]]:
    """Way to recommend -> a score per visit of the shopper."""
    found: dict[str, list[Score]] = {}
    for number, name in enumerate(trace.visits):
        shopper = shopper_of(name)
        chosen = {way: sets[number] for way, sets in trace.chosen.items()}
        for way, one in score_visit(shopper, shopper.shown, chosen).items():
            found.setdefault(way, []).append(one)
    return found


def _judge(gold: FitGold, trace: FitTrace) -> Judgement:
    found = Judgement()
    scores = scores_of(trace)
    for way in WAYS:
        mine = scores.get(way, [])
        key = way.replace(" ", "_")
        kinds = [
            shopper_of(name).taste.kind == wanted
            for name, wanted in zip(trace.visits, gold.wanted, strict=False)
        ]
        right = sum(s.right_kind for s, known in zip(mine, kinds, strict=False) if known)
        # A shopper who is given nothing is not served: empty places are misses.
        found.add(f"fit_{key}", right, sum(s.items for s in mine) or PLACES)
        found.add(f"hits_{key}", sum(s.hits for s in mine), PLACES * len(gold.wanted))
        if mine:
            found.add(f"regret_{key}", sum(s.regret for s in mine), len(mine))
    for number, one in enumerate(scores.get("balanced", ()), start=1):
        if one.right_kind < one.items or not one.items:
            found.misses.append(
                f"visit {number}: {one.right_kind} of {one.items} of the wanted kind"
            )
        if not one.hits:
            found.misses.append(f"visit {number}: none of the withheld products")
    return found


fitting = Scorer(
    "fitting",
    FitGold,
    FitTrace,
    _judge,
    {
        **{
            f"fit_{way.replace(' ', '_')}": Figure(
                f"of the wanted kind, {way}", ENOUGH_FIT if way == "balanced" else None
            )
            for way in WAYS
        },
        **{f"hits_{way.replace(' ', '_')}": Figure(f"hit rate, {way}") for way in WAYS},
        **{
            f"regret_{way.replace(' ', '_')}": Figure(f"taste regret, {way}", low_is_good=True)
            for way in WAYS
        },
    },
)
