"""The hybrid: candidates of every part, ordered by what validation taught, never without a net.

How it learns, all on training and validation rows:

1. the parts are fitted on the training sessions and judge the candidates of the validation rows
   (and, where these are few, of training rows, fold by fold, fitted on the other folds);
2. a softmax regression, boosted trees, and the mean of both are learned on one half of these rows
   and tried on the other, crosswise; the best is kept;
3. if the best single part does better on the same rows, the hybrid steps back and answers as that
   part does (`tools.sessions.learning`);
4. the parts are fitted again on training and validation sessions together.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from tools.errors import SessionError
from tools.sessions.candidates import Parts, under
from tools.sessions.data import UNKNOWN, Ints, SessionData, Sessions, joined, stitched
from tools.sessions.features import Candidates, group_max, together
from tools.sessions.learning import LEARNERS, Decision, alone, decide, folds, mean, viewed
from tools.sessions.protocol import NO_OPINION, FitReport, Scores, SessionModel, TopK, stacked
from tools.sessions.rows import Floats
from tools.sessions.storage import MANIFEST, read_model, write_model
from tools.sessions.text import encoder_named, item_texts, item_vectors, word_matrix
from tools.sessions.text_parts import TextParts

MOST_ROWS = 8_000
"""Validation rows that are learned from; more change little and take longer."""


class Hybrid:
    """Blend of session-kNN, item-kNN, rules, popularity, text and whatever else is given.

    Args:
        width: places of each part that become candidates.
        others: further models to take in: names ("srgnn"), fitted on the training sessions, or
            folders of models that `interarec session train` kept, trained on the same data.
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
        self.decision = Decision()

    @property
    def viewed_removed(self) -> bool:
        """Whether validation favours lists without what the session holds."""
        return self.decision.viewed_removed

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
        names = self.parts.feature_names
        self.decision = decide(found, rows, names, self.learner, seed)
        if self.refit:
            both = stitched([data.train, data.valid])
            self.parts.learn(both.sequences(), data.n_items)
        seconds = time.perf_counter() - begun
        return FitReport(seconds, seconds, notes=self.decision.notes)

    def _fit_others(self, data: SessionData, seed: int, progress: bool) -> dict[str, SessionModel]:
        from tools.sessions.registry import create, load_model
        from tools.sessions.serve import read_vocabulary

        models: dict[str, SessionModel] = {}
        for name in self.others:
            if Path(name, MANIFEST).is_file():
                model = load_model(Path(name))
                if read_vocabulary(Path(name))[0] != data.item_ids:
                    raise SessionError(f"{name} was trained on other items than {data.name}")
            else:
                model = create(name)
                model.fit(data, seed=seed, progress=progress)
            models[model.name] = model
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
        some = [] if self.others else folds(data, MOST_ROWS - len(data.valid), rng)
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
        return together(found, len(self.parts.feature_names)), joined([*rows, valid])

    def _batches(self) -> int:
        """Sessions asked at once: the scores of other models are dense."""
        return max(1, min(500, 10_000_000 // self.parts.n_items)) if self.others else 500

    def _candidates(self, sessions: Sessions, progress: bool = False) -> Candidates:
        from tqdm import tqdm

        found = []
        with tqdm(total=len(sessions), desc="candidates", disable=not progress) as bar:
            for batch in sessions.batches(self._batches()):
                found.append(self.parts.candidates(batch))
                bar.update(len(batch))
        return together(found, len(self.parts.feature_names))

    def judge(self, found: Candidates) -> Floats:
        """The score of every candidate, float32 [pairs].

        Where a lone part answers, -inf stands for what it has no score of; where it has none for
        the whole session, the items' popularity.
        """
        if self.decision.part is not None:
            score = alone(self.decision.part, found, self.parts.feature_names)
            popularity = found.features[:, self.parts.feature_names.index("popularity")]
            # Of a new shopper, say, a lone part may have no opinion at all.
            silent = group_max(score, found.offsets) == NO_OPINION
            return np.where(silent[found.rows], popularity, score)
        return mean([b.predict(found.features) for b in self.decision.blend.values()], found)

    def scores(self, sessions: Sessions) -> Scores:
        """See `SessionModel.scores`; -inf for what is no candidate."""
        dense = np.full((len(sessions), self.parts.n_items), -np.inf, np.float32)
        start = 0
        for batch in sessions.batches(self._batches()):
            found = self.parts.candidates(batch)
            dense[start + found.rows, found.items] = self.judge(found)
            start += len(batch)
        return dense

    def score(self, sessions: Sessions, k: int, *, remove_viewed: bool = False) -> TopK:
        """See `SessionModel.score`."""
        lists = []
        for batch in sessions.batches(self._batches()):
            found = self.parts.candidates(batch)
            score = self.judge(found)
            if remove_viewed:
                score = np.where(viewed(found, self.parts.feature_names), -np.inf, score)
            lists.append(_ranked(score, found, k))
        return stacked(lists, k)

    def rerank(self, sessions: Sessions, items: Sequence[Ints]) -> TopK:
        """Order given candidates; every other item stays out.

        Args:
            sessions: rows over the vocabulary of the fit.
            items: for every row its candidates, each item once.

        Raises:
            ValueError: there are more or fewer lists than rows, or an item is no item of the fit.
        """
        if any(len(own) and not 0 <= own.min() <= own.max() < self.parts.n_items for own in items):
            raise ValueError(f"items to order must stand from 0 to {self.parts.n_items - 1}")
        found = self.parts.candidates(sessions, [np.sort(own) for own in items])
        return _ranked(self.judge(found), found, max((len(own) for own in items), default=0))

    def save(self, folder: Path) -> None:
        """See `SessionModel.save`; other models stand in folders of their own beside it."""
        arrays = {f"parts/{k}": v for k, v in self.parts.arrays().items()}
        for name, learned in self.decision.blend.items():
            arrays.update({f"blend/{name}/{k}": v for k, v in learned.state().items()})
        settings = {
            "width": self.width,
            "others": list(self.parts.others),
            "encoder": self.encoder,
            "refit": self.refit,
            "learner": self.learner,
            "blend": list(self.decision.blend),
            "part": self.decision.part,
            "viewed_removed": self.decision.viewed_removed,
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
        model.decision = Decision({}, kept["part"], kept["viewed_removed"])
        for name in kept["blend"]:
            learned = LEARNERS[name]()
            learned.restore(under(f"blend/{name}/", arrays))
            model.decision.blend[name] = learned
        return model


def _ranked(score: Floats, found: Candidates, k: int) -> TopK:
    ids = np.full((len(found.offsets) - 1, k), UNKNOWN, np.int32)
    best = np.full(ids.shape, NO_OPINION, np.float32)
    for row, (start, end) in enumerate(pairwise(found.offsets)):
        # Items rise, so that a stable order leaves equal ones in the order of the index.
        order = start + np.argsort(-score[start:end], kind="stable")[:k]
        order = order[score[order] > NO_OPINION]
        ids[row, : len(order)], best[row, : len(order)] = found.items[order], score[order]
    return TopK(ids, best)
