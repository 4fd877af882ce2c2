"""What the counting parts of a hybrid say of one session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.sessions.counting import ItemKNN, SequentialRules
from tools.sessions.data import Sessions
from tools.sessions.neighbours import VSKNN
from tools.sessions.rows import NOTHING, Csr, Floats, Index, Row, Sums, largest

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class Views:
    """The views of one session: each item once, by its last view.

    Attributes:
        items: int64, rising.
        age: how many views came after, int64.
        often: how many views of the item there are, int64.
    """

    def __init__(self, session: Sessions) -> None:
        if len(session) != 1:
            raise ValueError(f"one session is asked at a time, not {len(session)}")
        viewed = session.items.astype(np.int64)
        if len(viewed) < 2:
            self.items, self.age, self.often = viewed, viewed * 0, viewed * 0 + 1
        else:
            # The first occurrence from behind is the last view.
            self.items, self.age, self.often = np.unique(
                viewed[::-1], return_index=True, return_counts=True
            )
        self._weights: dict[float, tuple[Index, Floats]] = {}

    def weights(self, decay: float) -> tuple[Index, Floats]:
        """Items and their weights, as `tools.sessions.counting.view_weights` gives them."""
        if decay not in self._weights:
            if decay == 0:
                kept = self.age == 0
                weight = np.ones(kept.sum(), np.float32)
            else:
                grown = decay**self.age
                kept = grown > 1e-6
                weight = grown[kept].astype(np.float32)
            self._weights[decay] = self.items[kept], weight
        return self._weights[decay]


class Neighbours:
    """Several `VSKNN` over the same training sessions, asked together.

    Args:
        models: by name, all fitted on the same sequences.
    """

    def __init__(self, models: dict[str, VSKNN]) -> None:
        self.models = models
        some = next(iter(models.values()))
        self.held = Csr(some.held)
        self.by_item = Csr(some._by_item)

    def rows(self, views: Views, room: Sums) -> dict[str, Row]:
        """The scores of each model."""
        near = views.age < 1000
        items, age = (
            (views.items, views.age) if near.all() else (views.items[near], views.age[near])
        )
        places, sizes = self.by_item.gather(items)
        if not len(places):
            return dict.fromkeys(self.models, NOTHING)
        sessions, own = self.by_item.columns[places], None
        if len(items) > 1:
            sessions, own = np.unique(sessions, return_inverse=True)

        def like(weight: NDArray[Any]) -> NDArray[np.float64]:
            spread: NDArray[np.float64] = weight.repeat(sizes)
            return spread if own is None else np.bincount(own, spread).astype(np.float64)

        last = 1 - np.frexp(like(2.0**-age))[1]
        found = {}
        for name, model in self.models.items():
            value = like(model.similarity_decay**age) * model._scale[sessions]
            voters, back = sessions, last
            if len(value) > model.neighbours:
                kept = np.sort(largest(value, model.neighbours, late=True))
                value, voters, back = value[kept], sessions[kept], last[kept]
            vote = (value * model.vote_decay**back).astype(np.float32)
            row = self.held.weighted(voters, vote, room)
            found[name] = Row(row.items, row.values * model._idf[row.items])
        return found


class Counted:
    """The counting parts of a hybrid, asked about one session.

    Args:
        counters: session-kNN, item-kNN and rules by name, fitted on the same sequences.
        back: the transpose of the rules.
    """

    def __init__(self, counters: dict[str, Any], back: csr_array) -> None:
        knn = {name: c for name, c in counters.items() if isinstance(c, VSKNN)}
        self.neighbours = Neighbours(knn)
        self.products: dict[str, tuple[Csr, float]] = {}
        for name, counter in counters.items():
            if isinstance(counter, ItemKNN):
                self.products[name] = Csr(counter.similar), counter.decay
            elif isinstance(counter, SequentialRules):
                self.products[name] = Csr(counter.rules), counter.decay
        self.order = [*counters, "back"]
        self.products["back"] = Csr(back), 0.6
        self.n_items = self.products["back"][0].width

    def rows(self, views: Views) -> dict[str, Row]:
        """Each part's scores, in the order of the features, with "knn+rules" at the end."""
        room = Sums(self.n_items)
        found = self.neighbours.rows(views, room)
        for name, (matrix, decay) in self.products.items():
            found[name] = matrix.weighted(*views.weights(decay), room)
        both = found["knn"].over_best().plus(found["rules last"].over_best(), 0.5)
        return {name: found[name] for name in self.order} | {"knn+rules": both}
