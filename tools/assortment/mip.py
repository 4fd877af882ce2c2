"""Proof for mixed MNL and for fixed costs: one mixed-integer linear program (HiGHS in scipy).

With y_k = 1 / D_k and z_ki = x_i y_k the expected reward is linear; the products are held by their
McCormick envelopes (McCormick 1976), which are exact for 0/1 x once the ends of y_k are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats, Mask
from tools.assortment.local import Segments


@dataclass(frozen=True, eq=False)
class Window:
    """What is known beforehand: ends of the denominators per segment, and items decided already."""

    low: Floats
    high: Floats
    out: Mask
    inside: Mask

    @classmethod
    def whole(cls, s: Segments) -> Window:
        """Nothing is known but the size limit."""
        most = s.n
        for line, upper in zip(s.a, s.hi, strict=True):
            if (line == 1).all() and np.isfinite(upper):
                most = min(most, int(upper))
        high = s.d0 + np.sort(s.v, axis=1)[:, ::-1][:, :most].sum(axis=1)
        none = np.zeros(s.n, np.bool_)
        return cls(s.d0.copy(), high, none, none)


def prove(s: Segments, window: Window, deadline: float | None) -> tuple[Mask | None, float, bool]:
    """(best choice found or None, bound on its value, whether the program was solved to the end).

    No choice and solved to the end means that no set keeps the rows within the window.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, hstack, vstack

    free = np.flatnonzero(~(window.out | window.inside))
    f, segments = free.size, s.w.size
    v, r = s.v[:, free], s.r[free]
    held = window.inside
    d0 = s.d0 + s.v[:, held].sum(axis=1)
    n0 = s.n0 + (s.v[:, held] * s.r[held]).sum(axis=1)
    y_low, y_high = 1.0 / window.high, 1.0 / np.maximum(window.low, d0)
    y_high = np.maximum(y_high, y_low)
    # Columns: x (f), y (K), z (K f).
    columns = f + segments + segments * f
    cost = np.zeros(columns)
    cost[:f] = s.cost[free]
    cost[f : f + segments] = -s.w * n0
    cost[f + segments :] = -(s.w[:, None] * v * r).ravel()
    scale = float(np.abs(cost).max(initial=0.0)) or 1.0
    blocks: list[Any] = []
    lower: list[Floats] = []
    upper: list[Floats] = []

    def add(matrix: Any, low: Floats, high: Floats) -> None:
        blocks.append(matrix)
        lower.append(low)
        upper.append(high)

    each = np.arange(f)
    for k in range(segments):
        y, z = f + k, f + segments + k * f + each
        one = np.zeros(f)
        # d0 y + sum v z = 1
        add(
            coo_array(
                (np.append(v[k], d0[k]), (np.zeros(f + 1, int), np.append(z, y))),
                shape=(1, columns),
            ),
            np.ones(1),
            np.ones(1),
        )
        # Tighter ends where an item is in or out (notes of Mendez-Diaz et al. 2014).
        in_high = np.minimum(y_high[k], 1.0 / (d0[k] + v[k]))
        rows3 = np.concatenate([each, each, each])
        for x_coef, y_coef, low, high in (
            (-in_high, one, -np.inf, one),  # z <= x / (d0 + v)
            (np.full(f, -y_low[k]), one, one, np.inf),  # z >= ylow x
            (np.full(f, -y_low[k]), -one - 1.0, -np.inf, np.full(f, -y_low[k])),
            (np.full(f, -y_high[k]), -one - 1.0, np.full(f, -y_high[k]), np.inf),
        ):
            matrix = coo_array(
                (
                    np.concatenate([x_coef, y_coef, np.ones(f)]),
                    (rows3, np.concatenate([each, np.full(f, y), z])),
                ),
                shape=(f, columns),
            )
            add(
                matrix,
                np.broadcast_to(np.asarray(low, float), (f,)),
                np.broadcast_to(np.asarray(high, float), (f,)),
            )
    if s.a.shape[0]:
        shift = s.a[:, held].sum(axis=1)
        unit = np.maximum(np.abs(s.a).max(axis=1), 1e-12)
        a = csr_array(s.a[:, free] / unit[:, None])
        rest = csr_array((s.a.shape[0], columns - f))
        add(hstack([a, rest]), (s.lo - shift) / unit, (s.hi - shift) / unit)
        # Count rows times y_k, on z, tighten the relaxation a lot.
        whole = [(s.a[m] >= 0).all() for m in range(s.a.shape[0])]
        for m in np.flatnonzero(whole):
            top = (s.hi[m] - shift[m]) / unit[m]
            if not np.isfinite(top):
                continue
            line = s.a[m, free] / unit[m]
            for k in range(segments):
                z = f + segments + k * f + each
                add(
                    coo_array(
                        (np.append(line, -top), (np.zeros(f + 1, int), np.append(z, f + k))),
                        shape=(1, columns),
                    ),
                    np.full(1, -np.inf),
                    np.zeros(1),
                )
    limits = Bounds(
        np.concatenate([np.zeros(f), y_low, np.zeros(segments * f)]),
        np.concatenate([np.ones(f), y_high, np.repeat(y_high, f)]),
    )
    options: dict[str, Any] = {"mip_rel_gap": 1e-9}
    if deadline is not None:
        options["time_limit"] = max(deadline, 0.01)
    solver: Any = milp
    found = solver(
        cost / scale,
        integrality=np.concatenate([np.ones(f), np.zeros(columns - f)]),
        bounds=limits,
        constraints=LinearConstraint(
            vstack(blocks).tocsr(), np.concatenate(lower), np.concatenate(upper)
        )
        if blocks
        else (),
        options=options,
    )
    constant = -float(s.cost[held].sum()) - s.fixed
    done = found.status in (0, 2)
    bound = np.inf
    if found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
        bound = -float(found.mip_dual_bound) * scale + constant
    if found.x is None:
        return None, (-np.inf if found.status == 2 else bound), done
    choice = held.copy()
    choice[free[found.x[:f] > 0.5]] = True
    return choice, bound, done
