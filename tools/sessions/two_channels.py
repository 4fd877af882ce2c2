"""Made-up shoppers who browse and chat, with the exact chances of what each wants.

What a shopper wants is an item, which is a kind and a need. Screens tell the kind (a view is of the
wanted kind with a known chance), turns of the chat tell the need (the vector of a need, or with a
known chance of another, in Gaussian noise). So each channel alone can settle only half of the
question, and the best possible ranking by either or both is known exactly by Bayes' rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.sessions.conversations import BOTH, CHAT, WEB, Timelines, on_one_line
from tools.sessions.data import Sessions, Turns

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """How the shoppers are.

    Attributes:
        kinds, needs: their numbers; there are kinds * needs items.
        dimension: of the vector of a turn.
        view_holds: chance that a view is of the wanted kind.
        turn_holds: chance that a turn tells the wanted need.
        noise: standard deviation of every entry of a turn's vector.
        views, turns: most of them in one row; at least one, evenly.
        both, web: shares of rows with both channels and with screens alone; the rest only chat.
        seed: of the needs' vectors and of the kinds' popularity.
    """

    kinds: int = 6
    needs: int = 4
    dimension: int = 16
    view_holds: float = 0.6
    turn_holds: float = 0.75
    noise: float = 0.35
    views: int = 4
    turns: int = 3
    both: float = 0.5
    web: float = 0.25
    seed: int = 0

    @property
    def n_items(self) -> int:
        """Item kind * needs + need is wanted by who wants that kind and that need."""
        return self.kinds * self.needs

    def vectors(self) -> Floats:
        """Unit vector of every need, [needs, dimension]."""
        drawn = np.random.default_rng(self.seed).normal(size=(self.needs, self.dimension))
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))

    def popularity(self) -> Floats:
        """Chance of every kind, [kinds]: falling like 1 / rank (Zipf)."""
        weights = 1 / np.arange(1, self.kinds + 1)
        return np.asarray(weights / weights.sum())

    def draw(self, rows: int, seed: int) -> Timelines:
        """That many shoppers."""
        rng = np.random.default_rng([self.seed, seed])
        kind = rng.choice(self.kinds, rows, p=self.popularity())
        need = rng.integers(self.needs, size=rows)
        has = rng.choice([BOTH, WEB, CHAT], rows, p=[self.both, self.web, 1 - self.both - self.web])
        views = np.where(has == CHAT, 0, rng.integers(1, self.views + 1, rows))
        turns = np.where(has == WEB, 0, rng.integers(1, self.turns + 1, rows))
        seen = self._other(np.repeat(kind, views), self.kinds, self.view_holds, rng)
        items = seen * self.needs + rng.integers(self.needs, size=len(seen))
        offsets = np.concatenate([[0], np.cumsum(views)]).astype(np.int64)
        wanted = (kind * self.needs + need).astype(np.int32)
        of = np.repeat(np.arange(rows), turns)
        said = self._other(np.repeat(need, turns), self.needs, self.turn_holds, rng)
        vectors = self.vectors()[said] + self.noise * rng.normal(size=(len(said), self.dimension))
        step = rng.integers(0, views[of] + 1)
        order = np.lexsort((step, of))
        chat = Turns.of(of[order], step[order], vectors[order].astype(np.float32), rows)
        return on_one_line(Sessions(items.astype(np.int32), offsets, wanted, chat))

    def _other(
        self, wanted: NDArray[np.int64], n: int, holds: float, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        other = (wanted + rng.integers(1, n, len(wanted))) % n
        return np.where(rng.random(len(wanted)) < holds, wanted, other)

    def chances(self, rows: Timelines) -> Floats:
        """P(item wanted | the row's steps), exactly, [rows, items]."""
        at = np.repeat(np.arange(len(rows)), np.diff(rows.offsets))
        kind = np.tile(np.log(self.popularity()), (len(rows), 1))
        need = np.zeros((len(rows), self.needs))
        viewed = rows.turns < 0
        table = self._table(self.kinds, self.view_holds)
        np.add.at(kind, at[viewed], np.log(table[:, rows.items[viewed] // self.needs].T))
        said = rows.vectors[rows.turns[~viewed]].astype(float)
        apart = ((said[:, None] - self.vectors()) ** 2).sum(axis=2) / (2 * self.noise**2)
        likely = np.exp(apart.min(axis=1, keepdims=True) - apart)
        told = likely @ self._table(self.needs, self.turn_holds).T
        np.add.at(need, at[~viewed], np.log(told))
        log = (kind[:, :, None] + need[:, None]).reshape(len(rows), -1)
        chance = np.exp(log - log.max(axis=1, keepdims=True))
        return np.asarray(chance / chance.sum(axis=1, keepdims=True))

    @staticmethod
    def _table(n: int, holds: float) -> Floats:
        """P(shown | wanted), [wanted, shown]."""
        table = np.full((n, n), (1 - holds) / (n - 1))
        np.fill_diagonal(table, holds)
        return table
