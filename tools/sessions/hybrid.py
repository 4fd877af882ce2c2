"""The hybrid: candidates of every part, ordered by what validation taught, never without a net.

How it learns, all on training and validation rows:

1. the parts are fitted on the training sessions and judge the candidates of the validation rows
   (and, where these are few, of training rows, fold by fold, fitted on the other folds);
2. a softmax regression, boosted trees, and the mean of both are learned on one half of these rows
   and tried on the other, crosswise; the best is kept;
3. if the best single part does better on the same rows, significantly so in Recall@20, Recall@50
   or MRR@50, the hybrid steps back and answers as that part does;
4. the parts are fitted again on training and validation sessions together.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import SessionError
from tools.sessions.candidates import Parts, under
from tools.sessions.data import Ints, SessionData, Sessions, joined, stitched
from tools.sessions.features import Candidates, Floats, with_target, within_session
from tools.sessions.metrics import Bootstrap, better, chains, recall, reciprocal_rank
from tools.sessions.protocol import FitReport, Scores, SessionModel, TopK, stacked
from tools.sessions.softmax import Softmax
from tools.sessions.storage import read_model, write_model
from tools.sessions.text import encoder_named, item_texts, item_vectors, word_matrix
from tools.sessions.text_parts import TextParts
from tools.sessions.trees import FEWEST_FOR_TREES, Trees, trees_installed

MOST_ROWS = 8_000
"""Validation rows that are learned from; more change little and take longer."""

LEARNERS: dict[str, type[Softmax] | type[Trees]] = {"linear": Softmax, "trees": Trees}
MEASURES = ((recall, 20), (recall, 50), (reciprocal_rank, 50))
"""What the learner is chosen by, and what no single part may do significantly better in."""
CUT = 50
FOLDS = 4
FEWEST_ROWS = 20
FALLBACK = "knn+rules"
"""The part that answers when there are too few validation rows to learn anything from."""


class Hybrid:
    """Blend of session-kNN, item-kNN, rules, popularity, text and whatever else is given.

    Args:
        width: places of each part that become candidates.
        others: names of further models to take in ("srgnn"), fitted on the training sessions.
        encoder: of item texts, see `tools.sessions.text.encoder_named`.
        cache: a folder for text vectors.
        refit: fit the parts on training and validation sessions in the end.
        learner: "linear", "trees" or "both"; None chooses on validation.
    """

    name = "hybrid"

    def __init__(
        self,
        *,
        width: int = 100,
        others: tuple[str, ...] | list[str] = (),
        encoder: str | None = None,
        cache: Path | None = None,
        refit: bool = True,
        learner: str | None = None,
    ) -> None:
        if learner not in {None, "linear", "trees", "both"}:
            raise SessionError(f"the learner is linear, trees or both, not {learner!r}")
        self.width = width
        self.others = tuple(others)
        self.encoder = encoder
        self.cache = cache
        self.refit = refit
        self.learner = learner
        self.blend: dict[str, Softmax | Trees] = {}
        self.part: str | None = None
        self.viewed_removed = False

    def fit(self, data: SessionData, *, seed: int = 0, progress: bool = False) -> FitReport:
        """See the module and `SessionModel.fit`."""
        begun = time.perf_counter()
        models = self._fit_others(data, seed, progress)
        parts = None
        if data.products is not None and any(data.products.texts()):
            texts = item_texts(data.products)
            encoder = encoder_named(self.encoder)
            vectors = item_vectors(texts, encoder, cache=self.cache, progress=progress)
            parts = TextParts(vectors, word_matrix(texts))
        self.parts = Parts(self.width, models, parts)
        found, rows = self._examples(data, seed, progress)
        notes = self._learn(found, rows, seed)
        if self.refit:
            both = stitched([data.train, data.valid])
            self.parts.learn(both.sequences(), data.n_items)
        seconds = time.perf_counter() - begun
        return FitReport(seconds, seconds, notes=notes)

    def _fit_others(self, data: SessionData, seed: int, progress: bool) -> dict[str, SessionModel]:
        from tools.sessions.registry import create

        models = {}
        for name in self.others:
            models[name] = create(name)
            models[name].fit(data, seed=seed, progress=progress)
        return models

    def _examples(
        self, data: SessionData, seed: int, progress: bool
    ) -> tuple[Candidates, Sessions]:
        """Rows with candidates judged by parts that never saw them.

        The validation rows; and where these are few, training rows as well, judged by parts
        fitted on the other folds. Other models are too dear to fit by fold, so with them the
        validation rows have to do.
        """
        rng = np.random.default_rng(seed)
        some = [] if self.others else _folds(data, MOST_ROWS - len(data.valid), rng)
        found, rows = [], []
        for learned, asked in some:
            self.parts.learn(learned.sequences(), data.n_items)
            found.append(self._candidates(asked, progress))
            rows.append(asked)
        self.parts.learn(data.train.sequences(), data.n_items)
        valid = data.valid
        if len(valid) > MOST_ROWS:
            valid = valid.take(np.sort(rng.choice(len(valid), MOST_ROWS, replace=False)))
        found.append(self._candidates(valid, progress))
        return _stacked(found), joined([*rows, valid])

    def _learn(self, found: Candidates, rows: Sessions, seed: int) -> dict[str, Any]:
        targets = rows.targets
        usable = int((np.diff(with_target(found, targets)[1]) > 0).sum())
        notes: dict[str, Any] = {"rows learned from": len(rows), "with a target": usable}
        notes["candidates per session"] = round(len(found.items) / max(1, len(rows)), 1)
        self.blend, self.part = {}, None
        if usable < FEWEST_ROWS:
            self.part = FALLBACK
            return notes | {"answers as": f"{FALLBACK}: too few rows to learn from"}
        names = ["linear"]
        if self.learner is not None:
            names = ["linear", "trees"] if self.learner == "both" else [self.learner]
        elif usable >= FEWEST_FOR_TREES and trees_installed():
            names = ["linear", "trees"]
        group = chains(rows)
        tried = _crosswise(found, targets, names, group, seed)
        ranks = {name: ranks_of(score, found, targets) for name, score in tried.items()}
        best = self.learner or _best(ranks)
        kept, gone = ranks[best], self._without_viewed(tried[best], found, targets)
        self.viewed_removed = _quality(gone) > _quality(kept)
        single = {}
        for part in self._columns():
            score = self._lone(part, found)
            single[part, False] = ranks_of(score, found, targets)
            single[part, True] = self._without_viewed(score, found, targets)
        chosen = gone if self.viewed_removed else kept
        draw = Bootstrap.of(group, seed=seed, resamples=500)
        for measure, cut in MEASURES:
            rival = max(single, key=lambda p: measure(single[p], cut).mean())
            apart = better(chosen, single[rival], draw, measure, cut)
            about = f"{measure.__name__}@{cut} against {rival[0]}"
            notes[about] = [round(x, 5) for x in apart]
            if apart[2] < 0:
                self.part, self.viewed_removed = rival
        notes["learner"] = best
        notes["answers as"] = self.part or "the blend"
        for name in names if best == "both" else [best]:
            learned = LEARNERS[name]()
            learned.fit(found, targets, seed)
            self.blend[name] = learned
        shown = ranks | {part: single[part, False] for part in self._columns()}
        notes["validation"] = {
            name: [round(float(measure(r, cut).mean()), 4) for measure, cut in MEASURES]
            for name, r in shown.items()
        }
        return notes

    def _without_viewed(
        self, score: Floats, found: Candidates, targets: Ints
    ) -> NDArray[np.float64]:
        seen = found.features[:, self.parts.feature_names.index("viewed")] > 0
        ranks = ranks_of(np.where(seen, -np.inf, score), found, targets)
        rows = found.rows
        lost = seen & (found.items == targets[rows])
        ranks[rows[lost]] = np.inf
        return ranks

    def _columns(self) -> dict[str, int]:
        """Which feature is a single part's own score."""
        names = self.parts.feature_names
        columns = {n.removesuffix(": of best"): i for i, n in enumerate(names) if "of best" in n}
        columns |= {n.removesuffix(": z"): i for i, n in enumerate(names) if n.endswith(": z")}
        plain = ("popularity", "text recent", "text last", "words")
        return columns | {n: names.index(n) for n in plain if n in names}

    def _lone(self, part: str, found: Candidates) -> Floats:
        """A single part's score of every candidate; -inf where it has none."""
        score = found.features[:, self._columns()[part]]
        return score if part in self.others else np.where(score > 0, score, -np.inf)

    def _batches(self, sessions: Sessions) -> int:
        heavy = self.parts.texts is not None or bool(self.others)
        return max(1, min(500, (10_000_000 if heavy else 50_000_000) // self.parts.n_items))

    def _candidates(self, sessions: Sessions, progress: bool = False) -> Candidates:
        from tqdm import tqdm

        found = []
        with tqdm(total=len(sessions), desc="candidates", disable=not progress) as bar:
            for batch in sessions.batches(self._batches(sessions)):
                found.append(self.parts.candidates(batch))
                bar.update(len(batch))
        if not found:
            return self.parts.candidates(sessions)
        return _stacked(found)

    def judge(self, found: Candidates) -> Floats:
        """The score of every candidate, float32 [pairs]; -inf where a lone part has none."""
        if self.part is not None:
            return self._lone(self.part, found)
        return _mean([b.predict(found.features) for b in self.blend.values()], found)

    def scores(self, sessions: Sessions) -> Scores:
        """See `SessionModel.scores`; -inf for what is no candidate."""
        dense = np.full((len(sessions), self.parts.n_items), -np.inf, np.float32)
        start = 0
        for batch in sessions.batches(self._batches(sessions)):
            found = self.parts.candidates(batch)
            dense[start + found.rows, found.items] = self.judge(found)
            start += len(batch)
        return dense

    def score(self, sessions: Sessions, k: int, *, remove_viewed: bool = False) -> TopK:
        """See `SessionModel.score`."""
        lists = []
        for batch in sessions.batches(self._batches(sessions)):
            found = self.parts.candidates(batch)
            score = self.judge(found)
            if remove_viewed:
                seen = found.features[:, self.parts.feature_names.index("viewed")] > 0
                score = np.where(seen, -np.inf, score)
            lists.append(_ranked(score, found, k))
        return stacked(lists, k)

    def rerank(self, sessions: Sessions, items: Sequence[Ints]) -> TopK:
        """Order given candidates; every other item stays out.

        Args:
            sessions: rows over the vocabulary of the fit.
            items: for every row its candidates, each item once.
        """
        n = self.parts.n_items
        key = np.concatenate([row * n + np.sort(own) for row, own in enumerate(items)])
        found = self.parts.candidates(sessions, key.astype(np.int64))
        return _ranked(self.judge(found), found, max(len(own) for own in items))

    def save(self, folder: Path) -> None:
        """See `SessionModel.save`; other models stand in folders of their own beside it."""
        arrays = {f"parts/{k}": v for k, v in self.parts.arrays().items()}
        for name, learned in self.blend.items():
            arrays.update({f"blend/{name}/{k}": v for k, v in learned.state().items()})
        settings = {
            "width": self.width,
            "others": list(self.others),
            "encoder": self.encoder,
            "refit": self.refit,
            "learner": self.learner,
            "blend": list(self.blend),
            "part": self.part,
            "viewed_removed": self.viewed_removed,
        }
        write_model(folder, self.name, settings, arrays)
        for name, model in self.parts.others.items():
            model.save(folder / name)

    @classmethod
    def load(cls, folder: Path) -> Hybrid:
        """See `SessionModel.load`."""
        from tools.sessions.registry import load_model

        kept, arrays, _ = read_model(folder)
        named = ("width", "others", "encoder", "refit", "learner")
        model = cls(**{name: kept[name] for name in named})
        others = {name: load_model(folder / name) for name in kept["others"]}
        model.parts = Parts(model.width, others)
        model.parts.restore(under("parts/", arrays))
        model.part = kept["part"]
        model.viewed_removed = kept["viewed_removed"]
        for name in kept["blend"]:
            learned = LEARNERS[name]()
            learned.restore(under(f"blend/{name}/", arrays))
            model.blend[name] = learned
        return model


def _folds(
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


def _stacked(found: list[Candidates]) -> Candidates:
    sizes = np.concatenate([np.diff(f.offsets) for f in found])
    return Candidates(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([f.items for f in found]),
        np.concatenate([f.features for f in found]),
    )


def _mean(scores: list[Floats], found: Candidates) -> Floats:
    if len(scores) == 1:
        return scores[0]
    summed: Floats = np.sum([within_session(s, found) for s in scores], axis=0, dtype=np.float32)
    return summed


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
        scores["both"] = _mean(list(scores.values()), found)
    return scores


def _rows(found: Candidates, kept: NDArray[np.bool_]) -> Candidates:
    pairs = kept[found.rows]
    sizes = np.diff(found.offsets)[kept]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Candidates(offsets, found.items[pairs], found.features[pairs])


def _best(ranks: Mapping[str, NDArray[np.float64]]) -> str:
    """The learner with the best mean of `MEASURES`, each over the best of it."""
    totals = dict.fromkeys(ranks, 0.0)
    for measure, cut in MEASURES:
        means = {name: float(measure(r, cut).mean()) for name, r in ranks.items()}
        top = max(means.values()) or 1.0
        for name, mean in means.items():
            totals[name] += mean / top
    return max(totals, key=lambda name: totals[name])


def _quality(ranks: NDArray[np.float64]) -> float:
    return float(recall(ranks, CUT).mean() * reciprocal_rank(ranks, CUT).mean())


def ranks_of(score: Floats, found: Candidates, targets: Ints) -> NDArray[np.float64]:
    """Places of the targets among the candidates, ties against them; inf where they are none."""
    rows = found.rows
    hit = found.items == targets[rows]
    own = np.full(len(targets), np.inf)
    own[rows[hit]] = score[hit]
    rank = np.bincount(rows, score >= own[rows], minlength=len(targets)).astype(float)
    rank[~np.isfinite(own)] = np.inf
    return rank


def _ranked(score: Floats, found: Candidates, k: int) -> TopK:
    rows = found.rows
    order = np.lexsort((found.items, -score, rows))
    place = np.arange(len(rows)) - found.offsets[rows[order]]
    near = order[(place < k) & (score[order] > -np.inf)]
    ids = np.full((len(found.offsets) - 1, k), -1, np.int32)
    best = np.full(ids.shape, -np.inf, np.float32)
    kept = place[(place < k) & (score[order] > -np.inf)]
    ids[rows[near], kept] = found.items[near]
    best[rows[near], kept] = score[near]
    return TopK(ids, best)
