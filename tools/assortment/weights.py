"""One attraction per item from transactions with offered sets.

Maximum likelihood of v_i with v0 = 1, concave in u = ln v. A Gamma prior of `prior` pseudo-
purchases draws each weight towards an anchor: the weight that all items would share, or what its
attributes predict. So an item that was never bought keeps a finite weight, and an item that was
never offered has its anchor. Without a prior a never-bought item has weight 0, its exact maximum
likelihood estimate (compare Hunter 2004 and Vulcano, van Ryzin and Ratliff 2012).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.assortment.arrays import Floats, Ints, Mask, finite, not_negative
from tools.assortment.models import MNL
from tools.errors import InstanceError

NOBODY = -1
"""The choice of a visitor who bought nothing."""
DENSE = 1500
"""Up to this number of items the full information matrix gives the standard errors."""


@dataclass(frozen=True, eq=False)
class ItemWeights:
    """Estimated attractions.

    Attributes:
        v: shape (n,), relative to leaving at 1; 0 for a never-bought item without a prior.
        se: standard error of ln v, shape (n,); infinite where v is 0.
        loglik: log-likelihood of the transactions at v (the prior left out).
        n_obs: visits.
        bought, offered: purchases of and visits with each item, shape (n,).
        outside_observed: visits without a purchase were recorded; otherwise the level of v rests
            on an assumed purchase rate.
        converged, iterations, gradient, seconds: how the estimation went; the gradient is the
            largest absolute entry, per visit.
        warnings: what a reader should know.
    """

    v: Floats
    se: Floats
    loglik: float
    n_obs: float
    bought: Floats
    offered: Floats
    outside_observed: bool
    converged: bool
    iterations: int
    gradient: float
    seconds: float
    warnings: tuple[str, ...] = ()

    @property
    def model(self) -> MNL:
        """The choice model."""
        return MNL(self.v, 1.0)

    @property
    def utilities(self) -> Floats:
        """ln v, shape (n,); minus infinity where v is 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.v)


@dataclass(frozen=True, eq=False)
class _Data:
    incidence: Any  # sparse, distinct offers x items
    visits: Floats  # per distinct offer
    bought: Floats
    left: float
    n: int


def fit_item_weights(
    offers: Sequence[Sequence[int] | Ints],
    purchases: Sequence[int] | Ints,
    counts: npt.ArrayLike | None = None,
    *,
    n: int | None = None,
    prior: float = 1.0,
    attributes: npt.ArrayLike | None = None,
    purchase_rate: float = 0.3,
) -> ItemWeights:
    """Attractions of n items from shop transactions.

    Args:
        offers: per record the positions of the items on offer.
        purchases: per record the position bought, or -1 for nothing.
        counts: how often each record occurred; 1 each by default.
        n: number of items; by default one more than the largest position.
        prior: pseudo-purchases per item; 0 for plain maximum likelihood.
        attributes: shape (n, k); with them the prior's anchor is exp(a + attributes · b), fitted to
            the same data, which is how a new item gets its weight.
        purchase_rate: assumed share of visits with a purchase where only purchases were recorded.

    Raises:
        InstanceError: an item was bought that was not on offer, a position is out of range, there
            are no records, or a number is not finite.
    """
    begin = time.perf_counter()
    if prior < 0 or not np.isfinite(prior):
        raise InstanceError("the prior is a number of pseudo-purchases, at least 0")
    data = _collect(offers, purchases, counts, n)
    warnings: list[str] = []
    observed = data.left > 0
    base = 1.0 if observed else 0.0
    if not observed:
        warnings.append(
            "no visit without a purchase was recorded; the level of the weights assumes that "
            f"{purchase_rate:.0%} of the visits end in a purchase"
        )
    anchor = _shared_weight(data, base)
    if attributes is not None and prior > 0:
        anchor_v = _from_attributes(data, finite(attributes, "attributes"), base, anchor)
    else:
        anchor_v = np.full(data.n, anchor)
    exposure = np.asarray(data.incidence.T @ data.visits).ravel()
    if prior > 0:
        alive = np.ones(data.n, np.bool_)
    else:
        alive = data.bought > 0
        for item in np.flatnonzero(~alive & (exposure > 0))[:20]:
            warnings.append(
                f"item {item} was offered {exposure[item]:g} times and never bought: its maximum "
                "likelihood weight is 0; a prior keeps it finite"
            )
    u, iterations, gradient, converged = _maximise(data, base, prior, anchor_v, alive)
    v = np.zeros(data.n)
    v[alive] = np.exp(u)
    loglik = _loglik(data, v, base)
    se = _errors(data, v, base, prior, anchor_v, alive)
    if not observed:
        mean = float(data.visits @ (data.incidence @ v)) / float(data.visits.sum())
        v = v * (purchase_rate / (1.0 - purchase_rate) / mean)
    if not converged:
        warnings.append("the estimation did not converge")
    return ItemWeights(
        v,
        se,
        loglik,
        float(data.visits.sum()),
        data.bought,
        exposure,
        observed,
        converged,
        iterations,
        gradient,
        time.perf_counter() - begin,
        tuple(warnings),
    )


def _collect(
    offers: Sequence[Sequence[int] | Ints],
    purchases: Sequence[int] | Ints,
    counts: npt.ArrayLike | None,
    n: int | None,
) -> _Data:
    from scipy.sparse import csr_array

    bought_items = np.asarray(purchases)
    records = len(offers)
    if not records:
        raise InstanceError("there are no transactions")
    if bought_items.shape != (records,) or bought_items.dtype.kind not in "iu":
        raise InstanceError("purchases need one whole number per offer (-1 for nothing)")
    count = np.ones(records) if counts is None else not_negative(counts, "counts", (records,))
    if not count.sum() > 0:
        raise InstanceError("the counts of the transactions add up to 0")
    seen: dict[bytes, int] = {}
    sets: list[Ints] = []
    of = np.empty(records, np.int64)
    for place, offer in enumerate(offers):
        items = np.unique(np.asarray(offer, dtype=np.int64))
        if items.size and items[0] < 0:
            raise InstanceError(f"offer {place} names item {items[0]}")
        if bought_items[place] != NOBODY and not (items == bought_items[place]).any():
            raise InstanceError(
                f"transaction {place}: item {bought_items[place]} was chosen but not offered"
            )
        key = items.tobytes()
        if key not in seen:
            seen[key] = len(sets)
            sets.append(items)
        of[place] = seen[key]
    largest = max((int(items[-1]) for items in sets if items.size), default=-1)
    size = largest + 1 if n is None else n
    if largest >= size:
        raise InstanceError(f"an offer names item {largest}, but there are {size} items")
    lengths = [items.size for items in sets]
    incidence = csr_array(
        (
            np.ones(sum(lengths)),
            np.concatenate([*sets, np.zeros(0, np.int64)]),
            np.concatenate([[0], np.cumsum(lengths)]),
        ),
        shape=(len(sets), size),
    )
    visits: Floats = np.bincount(of, weights=count, minlength=len(sets)).astype(np.float64)
    is_bought = bought_items >= 0
    bought: Floats = np.bincount(
        bought_items[is_bought], weights=count[is_bought], minlength=size
    ).astype(np.float64)
    return _Data(incidence, visits, bought, float(count[~is_bought].sum()), size)


def _shared_weight(data: _Data, base: float) -> float:
    """The weight that all items would have if they were alike."""
    sizes = np.asarray(data.incidence.sum(axis=1)).ravel()
    total = float(data.bought.sum())
    if base == 0.0 or total == 0.0:
        return 1.0 if base == 0.0 else 1.0 / max(float(data.visits @ sizes), 1.0)
    low, high = 1e-12, 1e12
    for _ in range(200):
        middle = float(np.sqrt(low * high))
        if float(data.visits @ (sizes * middle / (base + sizes * middle))) < total:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def _from_attributes(data: _Data, x: Floats, base: float, anchor: float) -> Floats:
    from scipy.optimize import minimize

    if x.shape[0] != data.n or x.ndim != 2:
        raise InstanceError(f"attributes need one line per item ({data.n})")
    spread = x.std(axis=0)
    z = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)

    def loss(beta: Floats) -> tuple[float, Floats]:
        u = np.clip(np.log(anchor) + beta[0] + z @ beta[1:], -50, 50)
        v = np.exp(u)
        below = np.maximum(base + data.incidence @ v, 1e-300)
        share = v * (data.incidence.T @ (data.visits / below))
        value = float(data.visits @ np.log(below)) - float(data.bought @ u)
        slope = share - data.bought
        # One pseudo-observation per attribute keeps a separating attribute finite.
        return value + 0.5 * float(beta @ beta), np.concatenate([[slope.sum()], z.T @ slope]) + beta

    found = minimize(loss, np.zeros(1 + z.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(np.exp(np.clip(np.log(anchor) + found.x[0] + z @ found.x[1:], -50, 50)))


def _maximise(
    data: _Data, base: float, prior: float, anchor: Floats, alive: Mask
) -> tuple[Floats, int, float, bool]:
    """(ln v of the items alive, steps, largest gradient per visit, converged)."""
    incidence = data.incidence[:, np.flatnonzero(alive)]
    bought, pull = data.bought[alive] + prior, prior / anchor[alive]
    visits = float(data.visits.sum())
    u = np.log(anchor[alive])

    def derivatives(u: Floats) -> tuple[float, Floats, Floats, Floats]:
        v = np.exp(u)
        below = np.maximum(base + incidence @ v, 1e-300)
        rate = incidence.T @ (data.visits / below)
        value = float(bought @ u) - float(data.visits @ np.log(below)) - float(pull @ v)
        return value, bought - v * (rate + pull), v, below

    value, gradient, v, below = derivatives(u)
    steps = 0
    while steps < 1000:
        steps += 1
        step = _step(incidence, data.visits, v, below, pull, gradient, base)
        step = np.clip(step, -3.0, 3.0)
        rise = float(gradient @ step)
        size = 1.0
        while True:
            now = derivatives(u + size * step)
            if now[0] >= value + 1e-4 * size * rise or size < 1e-8:
                break
            size *= 0.5
        if size < 1e-8:
            break
        u = u + size * step
        done = rise <= 1e-18 * max(1.0, abs(value))
        value, gradient, v, below = now
        if done:
            break
    largest = float(np.abs(gradient).max(initial=0.0)) / visits
    return u, steps, largest, largest < 1e-7


def _step(  # noqa: PLR0917
    incidence: Any,
    visits: Floats,
    v: Floats,
    below: Floats,
    pull: Floats,
    gradient: Floats,
    base: float,
) -> Floats:
    """Newton's step, dense for few items and by conjugate gradients for many."""
    diagonal = v * (incidence.T @ (visits / below)) + pull * v
    heavy = visits / below**2
    if v.size <= DENSE:
        information = _information(incidence, heavy, v, diagonal)
        if base == 0.0 and not pull.any():
            # Only ratios are identified: the common level is held.
            information += np.ones_like(information) * diagonal.mean()
        return np.asarray(np.linalg.lstsq(information, gradient, rcond=None)[0])
    from scipy.sparse.linalg import LinearOperator, cg

    def times(d: Floats) -> Floats:
        return np.asarray(diagonal * d - v * (incidence.T @ (heavy * (incidence @ (v * d)))))

    operator: Any = LinearOperator((v.size, v.size), matvec=times, dtype=np.float64)
    inverse: Any = LinearOperator(
        (v.size, v.size), matvec=lambda d: d / np.maximum(diagonal, 1e-300), dtype=np.float64
    )
    return np.asarray(cg(operator, gradient, rtol=1e-6, maxiter=500, M=inverse)[0])


def _information(incidence: Any, heavy: Floats, v: Floats, diagonal: Floats) -> Floats:
    from scipy.sparse import diags_array

    scaled = incidence @ diags_array(v)
    shared: Floats = np.asarray((scaled.T @ diags_array(heavy) @ scaled).todense())
    return np.asarray(np.diag(diagonal) - shared)


def _errors(  # noqa: PLR0917
    data: _Data, v: Floats, base: float, prior: float, anchor: Floats, alive: Mask
) -> Floats:
    se = np.full(data.n, np.inf)
    incidence = data.incidence[:, np.flatnonzero(alive)]
    mine = v[alive]
    below = np.maximum(base + incidence @ mine, 1e-300)
    diagonal = mine * (incidence.T @ (data.visits / below)) + prior / anchor[alive] * mine
    heavy = data.visits / below**2
    if mine.size <= DENSE:
        information = _information(incidence, heavy, mine, diagonal)
        variance = np.diag(np.linalg.pinv(information, hermitian=True))
    else:
        # For many items the items' own terms dominate; the rest is a lower-order correction.
        own = diagonal - mine**2 * (incidence.power(2).T @ heavy)
        variance = 1.0 / np.maximum(own, 1e-300)
    se[alive] = np.sqrt(np.maximum(variance, 0.0))
    return se


def _loglik(data: _Data, v: Floats, base: float) -> float:
    below = np.maximum(base + data.incidence @ v, 1e-300)
    bought = data.bought > 0
    with np.errstate(divide="ignore"):
        logs = np.log(v[bought])
    return float(data.bought[bought] @ logs) - float(data.visits @ np.log(below))


def loglik_of(
    v: Floats,
    offers: Sequence[Sequence[int] | Ints],
    purchases: Sequence[int] | Ints,
    counts: npt.ArrayLike | None = None,
) -> float:
    """Log-likelihood of other transactions under weights v (v0 = 1).

    Raises:
        InstanceError: as `fit_item_weights`.
    """
    return _loglik(_collect(offers, purchases, counts, v.size), v, 1.0)
