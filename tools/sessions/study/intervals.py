"""What a picture every few seconds would have caught of sessions that hold no times.

How long each page was in view is drawn at random. The times of a page follow a Weibull law whose
shape is below 1: many pages are left at once, and who stays, stays (Liu, White and Dumais,
"Understanding Web Browsing Behaviors through Weibull Analysis of Dwell Time", SIGIR 2010). The
mean is a setting, not a measurement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.sessions.data import Sessions

EVERY = (2, 4, 6)
"""Seconds from one picture to the next, as in the question that the paper's authors left open."""
SHAPE = 0.7
MEAN_SECONDS = 15.0


@dataclass(frozen=True)
class Caught:
    """What was caught of some sessions.

    Attributes:
        sessions: with only the views of which there is a picture, and the same targets.
        pictures: taken of a session, on average.
        share: of all views, those of which there is a picture.
    """

    sessions: Sessions
    pictures: float
    share: float


def caught(
    sessions: Sessions, every: float, *, mean: float = MEAN_SECONDS, seed: int = 0
) -> Caught:
    """Take a picture every so many seconds, from a random moment of the first interval on.

    Args:
        sessions: views in order; each is a page of its own, left for the next one.
        every: seconds between pictures.
        mean: seconds that a page is in view, on average.
        seed: of the times in view, which are the same for every interval, and of the first moment.
    """
    draw = np.random.default_rng(seed)
    seconds = mean / math.gamma(1 + 1 / SHAPE) * draw.weibull(SHAPE, len(sessions.items))
    left = np.concatenate([[0.0], np.cumsum(seconds)])
    opened = left[sessions.offsets[:-1]]
    first = opened + draw.random(len(sessions)) * every
    row = np.repeat(np.arange(len(sessions)), sessions.lengths)
    # How many moments first + n * every, n >= 0, lie before a page is opened and before it is left.
    before, after = (
        np.maximum(np.ceil((t - first[row]) / every), 0) for t in (left[:-1], left[1:])
    )
    count: NDArray[np.float64] = after - before
    there = count > 0
    offsets = np.concatenate([[0], np.cumsum(there)])[sessions.offsets].astype(np.int64)
    return Caught(
        Sessions(sessions.items[there], offsets, sessions.targets),
        float(count.sum() / max(1, len(sessions))),
        float(there.mean()) if len(there) else 0.0,
    )
