"""The paper's re-ranking rule, exactly, for comparison with the hybrid.

InteraRec orders the first k items of a next-item model anew by the cosine of the summary's
embedding with that of each item's attributes. Nothing new enters the list, so Recall@k at its own
length cannot change; only a list longer than the cut can raise it.
"""

from __future__ import annotations

import numpy as np

from tools.errors import SessionError
from tools.sessions.protocol import TopK
from tools.text import Vectors


def paper_rerank(lists: TopK, queries: Vectors, vectors: Vectors) -> TopK:
    """Order every list by the cosine of its query with the items' vectors.

    Args:
        lists: ids [sessions, k] of a model; their scores are not used.
        queries: unit vectors of the summaries, [sessions, dimension].
        vectors: unit vectors of the items, [n_items, dimension].

    Returns:
        The same items per row with the cosine as score; ids of -1 stay at the end.

    Raises:
        SessionError: queries and vectors do not fit together.
    """
    if queries.shape[1:] != vectors.shape[1:] or len(queries) != len(lists.ids):
        raise SessionError(
            f"{len(lists.ids)} lists cannot be re-ranked with {queries.shape} queries over "
            f"{vectors.shape} item vectors"
        )
    ids = np.empty_like(lists.ids)
    scores = np.empty_like(lists.scores)
    for row, items in enumerate(lists.ids):
        cosine = vectors[items] @ queries[row]
        cosine[items < 0] = -np.inf
        order = np.argsort(-cosine, kind="stable")
        ids[row], scores[row] = items[order], cosine[order]
    return TopK(ids, scores)
