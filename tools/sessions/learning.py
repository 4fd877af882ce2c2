"""What validation decides for the hybrid: how to blend, or which part to answer as.

The bar is every single part on the same rows, with viewed items kept and removed. The blend has to
hold it in Recall@20, Recall@50 and MRR@50 (nowhere significantly below the best part) and in the
product of the last two; else the hybrid answers as the part that does best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.data import Ints, SessionData, Sessions
from tools.sessions.features import Candidates, with_target, within_session
from tools.sessions.metrics import Bootstrap, better, chains, recall, reciprocal_rank
from tools.sessions.rows import Floats
from tools.sessions.softmax import Softmax
from tools.sessions.trees import FEWEST_FOR_TREES, Trees, trees_installed

Ranks = NDArray[np.float64]

LEARNERS: dict[str, type[Softmax] | type[Trees]] = {"linear": Softmax, "trees": Trees}
MEASURES = ((recall, 20), (recall, 50), (reciprocal_rank, 50))
CUT = 50
FOLDS = 4
FEWEST_ROWS = 20
FALLBACKS = ("knn+rules", "text recent")
"""The parts of which one answers when there are too few rows to learn anything from."""
RESAMPLES = 500


@dataclass
class Decision:
    """How the hybrid answers.

    Attributes:
        blend: learners whose scores are added up, by name.
        part: the single part that answers instead, None for the blend.
        viewed_removed: leave out what the session holds.
        notes: what was found on the way.
    """

    blend: dict[str, Softmax | Trees] = field(default_factory=dict)
    part: str | None = None
    viewed_removed: bool = False
    notes: dict[str, Any] = field(default_factory=dict)


def decide(
    found: Candidates, rows: Sessions, names: Sequence[str], learner: str | None, seed: int
) -> Decision:
    """Learn to order the candidates, crosswise, and compare with every part alone.

    Args:
        found: candidates of the rows, judged by parts that never saw them.
        rows: with targets.
        names: of the features.
        learner: "linear", "trees" or "both"; None chooses.
        seed: of the halves and the intervals.
    """
    targets = rows.targets
    usable = int((np.diff(with_target(found, targets)[1]) > 0).sum())
    notes: dict[str, Any] = {"rows learned from": len(rows), "with a target": usable}
    notes["candidates per session"] = round(len(found.items) / max(1, len(rows)), 1)
    single: dict[tuple[str, bool], Ranks] = {}
    for part in single_parts(names):
        score = alone(part, found, names)
        single[part, False] = ranks_of(score, found, targets)
        single[part, True] = _without_viewed(score, found, targets, names)
    if usable < FEWEST_ROWS:
        known = [p for p in single if p[0] in FALLBACKS]
        part, removed = max(known, key=lambda p: _quality(single[p]))
        notes["answers as"] = f"{part}: too few rows to learn from"
        return Decision({}, part, removed, notes)
    tried = ["linear"]
    if learner is not None:
        tried = ["linear", "trees"] if learner == "both" else [learner]
    elif usable >= FEWEST_FOR_TREES and trees_installed():
        tried = ["linear", "trees"]
    group = chains(rows)
    scores = _crosswise(found, targets, tried, group, seed)
    ranks = {name: ranks_of(score, found, targets) for name, score in scores.items()}
    best = learner or _best(ranks)
    gone = _without_viewed(scores[best], found, targets, names)
    decision = Decision(viewed_removed=_quality(gone) > _quality(ranks[best]), notes=notes)
    chosen = gone if decision.viewed_removed else ranks[best]
    draw = Bootstrap.of(group, seed=seed, resamples=RESAMPLES)
    for measure, cut in MEASURES:
        rival = max(single, key=lambda p: measure(single[p], cut).mean())
        apart = better(chosen, single[rival], draw, measure, cut)
        notes[f"{measure.__name__}@{cut} against {rival[0]}"] = [round(x, 5) for x in apart]
        if apart[2] < 0:
            decision.part, decision.viewed_removed = rival
    strongest = max(single, key=lambda p: _quality(single[p]))
    if decision.part is None and _quality(single[strongest]) > _quality(chosen):
        decision.part, decision.viewed_removed = strongest
    notes["learner"] = best
    notes["answers as"] = decision.part or "the blend"
    for name in tried if best == "both" else [best]:
        decision.blend[name] = LEARNERS[name]()
        decision.blend[name].fit(found, targets, seed)
    shown = ranks | {part: own for (part, removed), own in single.items() if not removed}
    notes["validation"] = {
        name: [round(float(measure(r, cut).mean()), 4) for measure, cut in MEASURES]
        for name, r in shown.items()
    }
    return decision


def single_parts(names: Sequence[str]) -> dict[str, int]:
    """Which feature is a single part's own score."""
    columns = {n.removesuffix(": of best"): i for i, n in enumerate(names) if "of best" in n}
    columns |= {n.removesuffix(": z"): i for i, n in enumerate(names) if n.endswith(": z")}
    plain = ("popularity", "text recent", "text last", "words")
    return columns | {n: i for i, n in enumerate(names) if n in plain}


def alone(part: str, found: Candidates, names: Sequence[str]) -> Floats:
    """A single part's score of every candidate; -inf where it has none."""
    column = single_parts(names)[part]
    score = found.features[:, column]
    return score if names[column].endswith(": z") else np.where(score > 0, score, -np.inf)


def viewed(found: Candidates, names: Sequence[str]) -> NDArray[np.bool_]:
    """Which candidates the session holds already."""
    seen: NDArray[np.bool_] = found.features[:, list(names).index("viewed")] > 0
    return seen


def folds(
    data: SessionData, most: int, rng: np.random.Generator
) -> list[tuple[Sessions, Sessions]]:
    """Training sessions of all folds but one, and rows to ask from that one; FOLDS times."""
    train = data.train
    most = min(most, len(train))
    if most < FEWEST_ROWS or len(train) < 2 * FOLDS:
        return []
    fold = rng.permutation(len(train)) % FOLDS
    parts = []
    for number in range(FOLDS):
        asked = train.take(fold == number)
        if data.prefix_rows:
            asked = asked.prefixes()
        share = most // FOLDS
        if len(asked) > share:
            asked = asked.take(np.sort(rng.choice(len(asked), share, replace=False)))
        parts.append((train.take(fold != number), asked))
    return parts


def mean(scores: list[Floats], found: Candidates) -> Floats:
    """The sum of standard scores within each session; one alone as it is."""
    if len(scores) == 1:
        return scores[0]
    summed: Floats = np.sum([within_session(s, found) for s in scores], axis=0, dtype=np.float32)
    return summed


def ranks_of(score: Floats, found: Candidates, targets: Ints) -> Ranks:
    """Places of the targets among the candidates, ties against them; inf where they are none."""
    rows = found.rows
    hit = found.items == targets[rows]
    own = np.full(len(targets), np.inf)
    own[rows[hit]] = score[hit]
    rank = np.bincount(rows, score >= own[rows], minlength=len(targets)).astype(float)
    rank[~np.isfinite(own)] = np.inf
    return rank


def _without_viewed(score: Floats, found: Candidates, targets: Ints, names: Sequence[str]) -> Ranks:
    seen = viewed(found, names)
    ranks = ranks_of(np.where(seen, -np.inf, score), found, targets)
    rows = found.rows
    lost = seen & (found.items == targets[rows])
    ranks[rows[lost]] = np.inf
    return ranks


def _crosswise(
    found: Candidates, targets: Ints, names: list[str], group: NDArray[np.int64], seed: int
) -> dict[str, Floats]:
    """Scores of every row by learners that never saw it: each half on the other."""
    groups = int(group.max(initial=0)) + 1
    half = (np.random.default_rng(seed).permutation(groups) % 2)[group]
    scores = {name: np.zeros(len(found.items), np.float32) for name in names}
    for side in (0, 1):
        shown, other = _rows(found, half != side), half == side
        pairs = other[found.rows]
        for name in names:
            learned = LEARNERS[name]()
            learned.fit(shown, targets[half != side], seed)
            scores[name][pairs] = learned.predict(found.features[pairs])
    if len(names) == 2:
        scores["both"] = mean(list(scores.values()), found)
    return scores


def _rows(found: Candidates, kept: NDArray[np.bool_]) -> Candidates:
    pairs = kept[found.rows]
    sizes = np.diff(found.offsets)[kept]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Candidates(offsets, found.items[pairs], found.features[pairs])


def _best(ranks: Mapping[str, Ranks]) -> str:
    """The learner with the best mean of `MEASURES`, each over the best of it."""
    totals = dict.fromkeys(ranks, 0.0)
    for measure, cut in MEASURES:
        means = {name: float(measure(r, cut).mean()) for name, r in ranks.items()}
        top = max(means.values()) or 1.0
        for name, value in means.items():
            totals[name] += value / top
    return max(totals, key=lambda name: totals[name])


def _quality(ranks: Ranks) -> float:
    if not len(ranks):
        return 0.0
    return float(recall(ranks, CUT).mean() * reciprocal_rank(ranks, CUT).mean())
