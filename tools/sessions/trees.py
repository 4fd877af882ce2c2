"""Learning to order candidates: boosted trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import MissingExtra
from tools.sessions.data import Ints
from tools.sessions.features import Candidates, with_target
from tools.sessions.rows import Floats

FEWEST_FOR_TREES = 400
"""Sessions with a known target that trees are learned from at least; below, they overfit."""


MOST_LEAVES = 32
"""Of a tree: they are bits of one word when candidates are judged."""


@dataclass(frozen=True)
class Forest:
    """Trees as flat arrays for `tools.sessions.kernels.walk`; leaves stand from left to right.

    Attributes:
        starts: first node and first leaf of every tree, int64 [trees + 1, 2].
        feature: tested by each node, int64.
        threshold: float32; a larger value goes to the right.
        kept: by node the leaves that are not on its left, as bits, uint32.
        value: by leaf, float64.
    """

    starts: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: Floats
    kept: NDArray[np.uint32]
    value: NDArray[np.float64]

    @classmethod
    def of(cls, text: str) -> Forest:
        """From LightGBM's text format; every split numerical, no value missing."""
        features: list[int] = []
        thresholds: list[float] = []
        kept: list[int] = []
        values: list[float] = []
        starts = [(0, 0)]
        told: dict[str, list[str]] = {}
        for line in text.partition("end of trees")[0].splitlines():
            key, _, entries = line.partition("=")
            told[key] = entries.split()
            if key != "leaf_value":
                continue
            if int(told["num_leaves"][0]) > 1:
                features += map(int, told["split_feature"])
                thresholds += map(float, told["threshold"])
                left, right = (
                    [int(c) for c in told[f"{side}_child"]] for side in ("left", "right")
                )
                masks, order = _masks(left, right)
                kept += masks
            else:
                order = [0]
            values += [float(entries.split()[leaf]) for leaf in order]
            starts.append((len(features), len(values)))
        exact = np.array(thresholds)
        rounded = exact.astype(np.float32)
        # A single-precision value is beyond the exact threshold as it is beyond this one.
        above = rounded > exact
        rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
        return cls(
            np.array(starts, np.int64),
            np.array(features, np.int64),
            rounded,
            np.array(kept, np.uint32),
            np.array(values),
        )

    def predict(self, features: Floats) -> Floats:
        """The sum of the trees' leaves, float32 [rows]."""
        from tools.sessions.kernels import walk

        told = np.zeros(len(features))
        columns = np.ascontiguousarray(features.T)
        walk(columns, self.starts, self.feature, self.threshold, self.kept, self.value, told)
        return told.astype(np.float32)


def _masks(left: list[int], right: list[int]) -> tuple[list[int], list[int]]:
    """By node the leaves not on its left, as bits; and the leaves from left to right."""
    order: list[int] = []
    masks = [0] * len(left)

    def visit(child: int) -> None:
        if child < 0:
            order.append(~child)
            return
        before = len(order)
        visit(left[child])
        struck = (1 << len(order)) - (1 << before)
        masks[child] = 0xFFFFFFFF ^ struck
        visit(right[child])

    visit(0)
    return masks, order


class Trees:
    """LambdaMART (Burges 2010) as LightGBM's lambdarank, one thread, deterministic.

    Args:
        rounds: trees.
        leaves: of each tree.
        rate: learning rate.
    """

    name = "trees"

    def __init__(self, rounds: int = 120, leaves: int = 15, rate: float = 0.08) -> None:
        if leaves > MOST_LEAVES:
            raise ValueError(f"a tree has at most {MOST_LEAVES} leaves, not {leaves}")
        self.rounds = rounds
        self.leaves = leaves
        self.rate = rate

    def fit(self, found: Candidates, targets: Ints, seed: int = 0) -> None:
        """Learn to put the targets before the other candidates.

        Raises:
            MissingExtra: LightGBM is not installed.
        """
        lightgbm = _lightgbm()
        features, offsets, hit = with_target(found, targets)
        settings = {
            "objective": "lambdarank",
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": 200,
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "lambdarank_truncation_level": 50,
            "max_bin": 127,
            "verbose": -1,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": seed,
        }
        learned = lightgbm.train(
            settings,
            lightgbm.Dataset(features, hit.astype(np.int32), group=np.diff(offsets)),
            self.rounds,
        )
        self._take(learned.model_to_string().encode())

    def _take(self, text: bytes) -> None:
        self.text = text
        self.forest = Forest.of(text.decode())

    def predict(self, features: Floats) -> Floats:
        """Scores whose order counts, float32 [pairs]."""
        return self.forest.predict(features)

    def state(self) -> dict[str, NDArray[Any]]:
        """What was learned: LightGBM's own text format, as bytes."""
        return {"trees": np.frombuffer(self.text, np.uint8)}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what `state` gave."""
        self._take(state["trees"].tobytes())


def trees_installed() -> bool:
    """Whether LightGBM is there."""
    from importlib.util import find_spec

    return find_spec("lightgbm") is not None


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtra("the hybrid's trees", "sessions") from error
    return lightgbm
