"""The utilities u_i of a catalogue whose shop brought no transactions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Elasticities of sales with respect to the number of reviews and to their mean, from the
# meta-analysis of You, Vadakkepatt and Joshi, Journal of Marketing 79(2), 2015 (0.236 and 0.417).
# In a multinomial logit, a utility of e * ln(x) has an elasticity of e * (1 - share), about e.
VOLUME_ELASTICITY = 0.236
VALENCE_ELASTICITY = 0.417


def utilities_from_ratings(
    rating: NDArray[np.float64], reviews: NDArray[np.int64]
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """u_i = 0.236 ln((1 + n_i) / (1 + n)) + 0.417 ln(r_i / m), or zeros where nothing is known.

    n_i is the number of reviews, n its median; r_i the mean rating drawn towards the catalogue's
    mean m as if n (at least 1) reviews of m came on top (a Bayesian average); an item without a
    rating has r_i = m, one without a review count n_i = n when the shop counts for no item, else 0.

    Args:
        rating: 0 to 5, NaN where not known.
        reviews: counts, -1 where not known.

    Returns:
        The utilities (n,), and what to say about them: `source` is "ratings" or "equal".
    """
    counted, rated = reviews >= 0, np.isfinite(rating) & (rating > 0)
    if not counted.any() and not rated.any():
        return np.zeros(len(rating)), {
            "source": "equal",
            "formula": "u = 0 for every item: neither transactions nor ratings are known",
        }
    counts = np.where(counted, reviews, 0).astype(float)
    median = float(np.median(counts[counted])) if counted.any() else 0.0
    prior = max(median, 1.0)
    # A rating without a count says as much as one at the median.
    weight = np.where(counted, counts, prior) * rated
    mean = 1.0
    if rated.any():
        mean = float(np.average(rating[rated], weights=np.maximum(weight[rated], 1e-9)))
    drawn = (prior * mean + weight * np.where(rated, rating, 0.0)) / (prior + weight)
    utility = VALENCE_ELASTICITY * np.log(drawn / mean)
    if counted.any():
        utility = utility + VOLUME_ELASTICITY * np.log((1 + counts) / (1 + median))
    return utility, {
        "source": "ratings",
        "formula": "u = 0.236 ln((1+n)/(1+median n)) + 0.417 ln(r/mean r), r a Bayesian average "
        "(elasticities: You, Vadakkepatt and Joshi 2015)",
        "median_reviews": median,
        "mean_rating": round(mean, 4) if rated.any() else None,
    }
