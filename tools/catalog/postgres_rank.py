"""Ranking on the server: the scores of `ranking.py`, over all that is allowed or that is near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.catalog.postgres_filters import Part, both
from tools.catalog.postgres_index import ServerIndex
from tools.catalog.postgres_words import Asked
from tools.catalog.ranking import FITTING, akin
from tools.catalog.search import DENSE_WEIGHT, POOL, Sort, Wanted, diverse
from tools.catalog.utilities import VALENCE_ELASTICITY, VOLUME_ELASTICITY

if TYPE_CHECKING:
    from tools.catalog.postgres_schema import Cursor

Ranked = list[tuple[str, float]]
"""Ids with scores, best first."""
# What the index misses may be a little nearer than what it found.
_MISSED = 0.02
# Texts whose words are asked for; where more of them may be among the best, all are scored.
_MOST_SAYING = 5000
_SORTED: Mapping[Sort, str] = {
    "price": "p.price ASC NULLS LAST",
    "-price": "p.price DESC NULLS LAST",
    "rating": "p.rating DESC NULLS LAST",
    "discount": "CASE WHEN p.list_price > p.price THEN 1 - p.price / p.list_price END "
    "DESC NULLS LAST",
}


@dataclass(frozen=True)
class Query:
    """What is asked: a vector, words, both, or neither."""

    vector: NDArray[np.float32] | None
    words: Asked | None
    among: Sequence[int] | None = None
    """The texts of all products that are allowed, where they are few."""

    @property
    def before(self) -> Part:
        """What comes before a statement, with its parameters."""
        return ("", []) if self.words is None else self.words.scores(self.among)

    @property
    def scored(self) -> tuple[str, list[Any]]:
        """Products `p` with columns `words` and `cosine`, up to the condition."""
        cosine = "NULL::float8" if self.vector is None else "-(t.embedding <#> %s)"
        near: list[Any] = [] if self.vector is None else [self.vector]
        words, joins, ideal = "0.0::float8", "", []
        if self.words is not None:
            words, ideal = "coalesce(x.score, 0) / %s::float8", [self.words.ideal or 1.0]
            joins = "LEFT JOIN lexical x ON x.text = p.text"
        return (
            "SELECT p.id, p.place, p.price, p.list_price, p.rating, t.embedding, "
            f"{words} AS words, {cosine} AS cosine "
            f"FROM products p JOIN texts t ON t.text = p.text {joins} WHERE",
            [*ideal, *near],
        )

    @property
    def score(self) -> tuple[str, list[Any]]:
        """The score of those columns."""
        if self.vector is None:
            return "p.words", []
        if self.words is None:
            return "p.cosine", []
        return "(p.words + %s::float8 * p.cosine) / %s::float8", [DENSE_WEIGHT, 1 + DENSE_WEIGHT]


def rank(  # noqa: PLR0917  (what is asked, of what)
    cursor: Cursor,
    where: Part,
    query: Query,
    utilities: Mapping[str, Any],
    wanted: Wanted,
    index: ServerIndex | None = None,
) -> tuple[Ranked, bool]:
    """One page of the products that meet a condition, by (BM25 + 0.4 cosine) / 1.4.

    Args:
        cursor: inside a snapshot.
        where: what is allowed, on `p`.
        query: what is asked.
        utilities: the manifest's entry, by which products come when nothing was asked.
        wanted: which page, in which order.
        index: may say which texts are near; only where nothing but stock is a condition.

    Returns:
        The page, and whether nothing better can have been passed over.
    """
    if query.vector is None and query.words is None:
        return _of_most_utility(cursor, where, utilities, wanted), True
    if wanted.sort != "relevance":
        return _in_order(cursor, where, query, wanted), True
    if index is not None and query.vector is not None:
        found = _from_candidates(cursor, where, query, query.vector, wanted, index)
        if found is not None:
            return found, False
    condition, values = where
    if query.vector is None:
        condition = f"{condition} AND x.score > 0"
    # Only a diverse choice is made here, of more than the page; else the server cuts the page.
    limit, skip = (max(wanted.end, POOL), 0) if wanted.diversity else (wanted.k, wanted.offset)
    before, scored, score = query.before, query.scored, query.score
    embedding = ", p.embedding" if wanted.diversity else ""
    rows = cursor.execute(
        f"{before[0]} SELECT p.id, {score[0]} AS score{embedding} "
        f"FROM ({scored[0]} {condition}) p ORDER BY score DESC, p.place LIMIT %s OFFSET %s",
        [*before[1], *score[1], *scored[1], *values, limit, skip],
    ).fetchall()
    return _page(rows, wanted), True


def _in_order(cursor: Cursor, where: Part, query: Query, wanted: Wanted) -> Ranked:
    """A page of what suits nearly as well as the best, in another order than relevance."""
    condition, values = where
    if query.vector is None:
        condition = f"{condition} AND x.score > 0"
    before, scored, score = query.before, query.scored, query.score
    pool = max(wanted.end, POOL)
    rows = cursor.execute(
        f"{before[0]}{',' if before[0] else 'WITH'} scored AS (SELECT p.*, {score[0]} AS score "
        f"FROM ({scored[0]} {condition}) p), ranked AS (SELECT p.*, "
        "row_number() OVER (ORDER BY score DESC, place) AS nth, "
        "max(words) OVER () AS most, max(score) OVER () AS best FROM scored p) "
        "SELECT p.id, p.score FROM ranked p WHERE p.score >= %s * p.best "
        "AND (p.nth <= %s OR (p.words > 0 AND p.words >= %s * p.most)) "
        f"ORDER BY {_SORTED[wanted.sort]}, CASE WHEN p.nth <= %s THEN p.nth END NULLS LAST, "
        "p.place LIMIT %s OFFSET %s",
        [*before[1], *score[1], *scored[1], *values,
         FITTING, pool, FITTING, pool, wanted.k, wanted.offset],
    )  # fmt: skip
    return [(i, float(value)) for i, value in rows]


def _from_candidates(  # noqa: PLR0917  (what `rank` was given)
    cursor: Cursor,
    where: Part,
    query: Query,
    vector: NDArray[np.float32],
    wanted: Wanted,
    index: ServerIndex,
) -> Ranked | None:
    """What scoring all gives, but for what the index misses; None where that is to be done.

    As `ranking._from_candidates`: a product that holds no word of the query can only be among the
    best if it is among the nearest, and one that does only if its words and the largest cosine
    together reach the last score found so far (Fagin, Lotem and Naor, 2003).
    """
    count = max(wanted.end, POOL) if wanted.diversity else wanted.end
    near, largest = index.nearest(cursor, vector, count)
    if not near:
        return None
    said = _saying(cursor, query, near)
    first = near.union(islice(said, 2 * count + POOL))
    scored = _scored(cursor, where, query, first, said)
    # Some of the near texts are no product's any more, or of one that is sold out.
    if sum(product.text in near for product in scored) < count:
        return None
    last = sorted((product.score for product in scored), reverse=True)[count - 1]
    reach = DENSE_WEIGHT * min(1.0, largest + _MISSED)
    least = (1 + DENSE_WEIGHT) * last - reach
    if len(said) >= _MOST_SAYING and list(said.values())[_MOST_SAYING - 1] >= least:
        return None
    rest = {text for text, share in said.items() if share >= least} - first
    if rest:
        scored += _scored(cursor, where, query, rest, said)
    best = sorted(scored, key=lambda product: (-product.score, product.place))[:count]
    if not wanted.diversity:
        return [(product.id, product.score) for product in best[wanted.page]]
    vectors: dict[int, Any] = dict(
        cursor.execute(
            "SELECT text, embedding FROM texts WHERE text = ANY(%s)",
            ([product.text for product in best],),
        ).fetchall()
    )
    return _page([(product.id, product.score, vectors[product.text]) for product in best], wanted)


def _saying(cursor: Cursor, query: Query, near: set[int]) -> dict[int, float]:
    """BM25, as a share of its ideal, of the texts that say most of what is asked, and of others.

    Args:
        cursor: inside a snapshot.
        query: what is asked.
        near: the others; those that say nothing of it do not come back.

    Returns:
        Text -> share, the largest first; all texts where there are fewer than `_MOST_SAYING`.
    """
    if query.words is None:
        return {}
    before, given = query.before
    rows = cursor.execute(
        f"{before} SELECT text, score / %s::float8 AS share FROM lexical WHERE text = ANY(%s) "
        "UNION (SELECT text, score / %s::float8 FROM lexical ORDER BY score DESC LIMIT %s) "
        "ORDER BY share DESC",
        [*given, ideal := query.words.ideal or 1.0, list(near), ideal, _MOST_SAYING],
    )
    return dict(rows.fetchall())


class _Scored(NamedTuple):
    id: str
    place: int
    text: int
    score: float


def _scored(
    cursor: Cursor, where: Part, query: Query, texts: set[int], said: Mapping[int, float]
) -> list[_Scored]:
    """The products of some texts that meet a condition, with their scores."""
    condition, values = both([where, ("p.text = ANY(%s)", [list(texts)])])
    rows = cursor.execute(
        "SELECT p.id, p.place, p.text, -(t.embedding <#> %s) FROM products p "
        f"JOIN texts t ON t.text = p.text WHERE {condition}",
        [query.vector, *values],
    ).fetchall()
    if query.words is None:
        return [_Scored(*row) for row in rows]
    total = 1 + DENSE_WEIGHT
    return [
        _Scored(i, place, text, (said.get(text, 0.0) + DENSE_WEIGHT * cosine) / total)
        for i, place, text, cosine in rows
    ]


def _of_most_utility(
    cursor: Cursor, where: Part, utilities: Mapping[str, Any], wanted: Wanted
) -> Ranked:
    """What is shown when nothing was asked."""
    utility, values = _utility(utilities)
    spread = wanted.diversity > 0 and wanted.sort == "relevance"
    order = f"{utility} DESC, p.place"
    if wanted.sort != "relevance":
        order = f"{_SORTED[wanted.sort]}, {order}"
    limit, skip = (POOL, 0) if spread else (wanted.k, wanted.offset)
    embedding = ", t.embedding" if spread else ""
    join = "JOIN texts t ON t.text = p.text" if spread else ""
    found = cursor.execute(
        f"SELECT p.id, 0.0::float8{embedding} FROM products p {join} WHERE {where[0]} "
        f"ORDER BY {order} LIMIT %s OFFSET %s",
        [*where[1], *values, limit, skip],
    ).fetchall()
    return _page(found, wanted if spread else replace(wanted, diversity=0.0))


def _page(found: Sequence[tuple[Any, ...]], wanted: Wanted) -> Ranked:
    """The page of ranked rows, which was cut already unless they are to be unlike each other."""
    ranked = [(row[0], float(row[1])) for row in found]
    if not wanted.diversity or not ranked:
        return ranked
    scores = np.array([score for _, score in ranked], np.float32)
    pool = akin(scores, wanted.end)
    near = np.array([floats(row[2]) for row in found[:pool]], np.float32)
    chosen = diverse(near, scores[:pool], wanted.end, wanted.diversity)
    return [ranked[i] for i in chosen[wanted.page].tolist()]


def floats(vector: Any) -> NDArray[np.float32]:
    """A vector as pgvector's driver gives it, as an array."""
    held = vector.to_numpy() if hasattr(vector, "to_numpy") else vector
    return np.asarray(held, np.float32)


def _utility(described: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """u_i as an expression (`tools.catalog.utilities`)."""
    if described["source"] == "transactions":
        return "p.fitted", []
    if described["source"] == "equal":
        return "0.0::float8", []
    prior, mean = described["prior"], described["mean"]
    count = "coalesce(p.reviews, 0)::float8"
    weight = "(CASE WHEN p.rating > 0 THEN coalesce(p.reviews::float8, %s::float8) ELSE 0 END)"
    drawn = (
        f"((%s::float8 * %s::float8 + {weight} * coalesce(p.rating, 0)) / (%s::float8 + {weight}))"
    )
    text = f"%s::float8 * ln({drawn} / %s::float8)"
    values = [VALENCE_ELASTICITY, prior, mean, prior, prior, prior, mean]
    if described["counted"]:
        text += f" + %s::float8 * ln((1 + {count}) / (1 + %s::float8))"
        values += [VOLUME_ELASTICITY, described["median"]]
    return f"({text})", values
