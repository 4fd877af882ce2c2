"""Choice situations as arrays: what was on offer, with attributes, and what was chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.assortment.arrays import Floats, Ints, Mask, finite, not_negative
from tools.errors import InstanceError


@dataclass(frozen=True, eq=False)
class ChoiceSets:
    """Situations in long form, rows of one situation standing together.

    Attributes:
        x: attributes of each row, shape (rows, coefficients).
        start: first row of each situation, shape (situations,).
        chosen: the row chosen in each situation, shape (situations,).
        weight: how often each situation counts, shape (situations,).
        names: of the coefficients.
        person: who chose, shape (situations,); situations of one person share a latent class.
        alternative: code of the alternative in each row, shape (rows,); only for reports.
    """

    x: Floats
    start: Ints
    chosen: Ints
    weight: Floats
    names: tuple[str, ...]
    person: Ints
    alternative: Ints
    alternatives: tuple[str, ...]

    @classmethod
    def of(  # noqa: PLR0917
        cls,
        x: Floats,
        situation: Ints,
        chosen: Mask,
        names: tuple[str, ...],
        weight: Floats | None = None,
        person: Ints | None = None,
        alternative: Ints | None = None,
        alternatives: tuple[str, ...] = (),
    ) -> ChoiceSets:
        """Sort rows by situation and check them.

        Args:
            x: attributes, shape (rows, coefficients).
            situation: number of the situation of each row.
            chosen: whether the row was the one chosen.
            names: of the coefficients.
            weight: of each row's situation (the chosen row's counts).
            person: of each row.
            alternative, alternatives: code of each row's alternative, and the names.

        Raises:
            InstanceError: no rows, a situation without exactly one chosen row (an alternative was
                chosen that was not on offer, or two were), or numbers that are not finite.
        """
        rows = situation.size
        if not rows:
            raise InstanceError("the choice file holds no usable rows")
        x = finite(x, "attributes", (rows, len(names)))
        order = np.argsort(situation, kind="stable")
        x, situation, chosen = x[order], situation[order], chosen[order]
        start = np.flatnonzero(np.diff(situation, prepend=situation[0] - 1))
        picked = np.add.reduceat(chosen.astype(np.int64), start)
        for place in np.flatnonzero(picked != 1):
            label = situation[start[place]]
            what = (
                "nothing that was on offer" if picked[place] == 0 else "more than one alternative"
            )
            raise InstanceError(f"choice situation {label}: {what} was chosen")
        if weight is None:
            w = np.ones(start.size)
        else:
            w = not_negative(weight, "weights", (rows,))[order][start]
        who = np.arange(start.size) if person is None else person[order][start]
        code = np.zeros(rows, np.int64) if alternative is None else alternative[order]
        return cls(
            x,
            start,
            np.flatnonzero(chosen),
            w,
            names,
            np.unique(who, return_inverse=True)[1].astype(np.int64),
            code,
            alternatives,
        )

    @property
    def situations(self) -> int:
        """Number of choice situations."""
        return int(self.start.size)

    @property
    def lengths(self) -> Ints:
        """Alternatives on offer in each situation."""
        return np.diff(np.append(self.start, self.x.shape[0]))

    def log_shares(self, beta: Floats) -> Floats:
        """Logarithm of the choice probability of every row, shape (rows,)."""
        u = self.x @ beta
        top = np.maximum.reduceat(u, self.start)
        u = u - np.repeat(top, self.lengths)
        total = np.add.reduceat(np.exp(u), self.start)
        return np.asarray(u - np.repeat(np.log(total), self.lengths))
