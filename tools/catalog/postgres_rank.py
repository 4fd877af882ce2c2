"""Ranking on the server: the scores of `ranking.py` as one statement, over all that is allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.lexical import K1, MAX_PHRASE, MAX_WORDS, MISSPELT, SYNONYM, B
from tools.catalog.ranking import AKIN, FITTING
from tools.catalog.search import DENSE_WEIGHT, POOL, Sort, diverse
from tools.catalog.utilities import VALENCE_ELASTICITY, VOLUME_ELASTICITY
from tools.catalog.words import SynonymTable, stems

if TYPE_CHECKING:
    from tools.catalog.postgres_filters import Part
    from tools.catalog.postgres_schema import Cursor

Ranked = list[tuple[str, float]]
"""Ids with scores, best first."""

# BM25 of every text that says something of what is asked. A term counts by the best of its
# alternatives, an alternative only where all the words that it needs are held.
_LEXICAL = """
WITH lexical AS (
  SELECT text, sum(score) AS score FROM (
    SELECT text, term, max(score) AS score FROM (
      SELECT s.text, w.term, sum(w.gain * s.times * %s::float8 /
             (s.times + %s::float8 * (%s::float8 + %s::float8 * s.length))) AS score
      FROM unnest(%s::int[], %s::int[], %s::int[], %s::text[], %s::float8[])
           AS w(term, alternative, needed, word, gain)
      JOIN postings s ON s.word = w.word
      GROUP BY s.text, w.term, w.alternative, w.needed HAVING count(*) >= w.needed
    ) alternatives GROUP BY text, term
  ) terms GROUP BY text
)
"""


@dataclass
class Asked:
    """What a query's words add to the texts that hold them, and how they were spelt."""

    mean_length: float
    entries: list[tuple[int, int, int, str, float]] = field(default_factory=list)
    """(term, alternative, words that it needs, word, gain)."""
    ideal: float = 0.0
    """What a text of mean length that holds every word once would score."""
    spelling: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Words:
    """The words of one version, scored as `tools.catalog.lexical` does.

    Args:
        rows: products of the version.
        words: words of all their texts.
        version: its number.
        synonyms: the shop's own.
    """

    def __init__(self, rows: int, words: int, version: int, synonyms: SynonymTable) -> None:
        self._rows = rows
        self._mean = words / rows if rows else 1.0
        self._version = version
        self._synonyms = synonyms
        self._all: dict[str, int] | None = None
        self._held: dict[str, int] = {}

    def look_up(self, cursor: Cursor, text: str) -> Asked:
        """What the first 64 distinct words or phrases of a query add."""
        asked = Asked(self._mean or 1.0)
        phrases = self._phrases(text)
        self._learn(cursor, [word for phrase in phrases for word in phrase.split()])
        for term, phrase in enumerate(phrases):
            others = [
                words
                for other in (self._synonyms(phrase)[1:] if phrase in self._synonyms else ())
                if self._all_held(cursor, words := other.split())
            ]
            if others:
                self._add_best(cursor, asked, term, phrase.split(), others)
            else:
                for nth, word in enumerate(phrase.split()):
                    self._add_word(cursor, asked, term * MAX_PHRASE + nth, word)
        return asked

    def _phrases(self, text: str) -> list[str]:
        words = stems(text)
        found: dict[str, None] = {}
        start = 0
        while start < len(words) and len(found) < MAX_WORDS:
            phrase, length = words[start], 1
            for longer in range(min(MAX_PHRASE, len(words) - start), 0, -1):
                together = " ".join(words[start : start + longer])
                if together in self._synonyms:
                    phrase, length = together, longer
                    break
            start += length
            found[phrase] = None
        return list(found)

    def _learn(self, cursor: Cursor, words: Sequence[str]) -> None:
        """How many products of the version hold each of some words."""
        fresh = [w for w in dict.fromkeys(words) if w not in self._held]
        if not fresh:
            return
        if len(self._held) > 10_000:
            self._held.clear()
        rows = cursor.execute(
            "SELECT s.word, count(*) FROM postings s JOIN products p ON p.text = s.text "
            "WHERE s.word = ANY(%s) AND p.born <= %s AND (p.died IS NULL OR p.died > %s) "
            "GROUP BY s.word",
            (fresh, self._version, self._version),
        )
        self._held.update(dict.fromkeys(fresh, 0))
        self._held.update(rows.fetchall())

    def _all_held(self, cursor: Cursor, words: Sequence[str]) -> bool:
        """Whether one product holds all of some words."""
        row = cursor.execute(
            "SELECT 1 FROM postings s JOIN products p ON p.text = s.text "
            "WHERE s.word = ANY(%s) AND p.born <= %s AND (p.died IS NULL OR p.died > %s) "
            "GROUP BY p.key HAVING count(DISTINCT s.word) = %s LIMIT 1",
            (list(words), self._version, self._version, len(set(words))),
        ).fetchone()
        return row is not None

    def _idf(self, word: str) -> float:
        held = self._held[word]
        return math.log1p((self._rows - held + 0.5) / (held + 0.5))

    def _add_word(self, cursor: Cursor, asked: Asked, term: int, word: str) -> None:
        used, weight = [word], 1.0
        if not self._held[word]:
            used, weight = self._near(cursor, word), MISSPELT
            if used:
                asked.spelling[word] = tuple(used)
        asked.entries += [(term, 0, 0, w, weight * self._idf(w)) for w in used]
        # A word that nobody uses says that the perfect answer is not here.
        asked.ideal += max(map(self._idf, used)) if used else math.log1p(2 * self._rows + 1)

    def _add_best(
        self, cursor: Cursor, asked: Asked, term: int, own: list[str], others: list[list[str]]
    ) -> None:
        self._learn(cursor, [word for words in others for word in words])
        said = [own] if self._all_held(cursor, own) else others
        ideal = max(sum(map(self._idf, words)) for words in said)
        asked.entries += [(term * MAX_PHRASE, 0, 0, w, self._idf(w)) for w in own if self._held[w]]
        for number, words in enumerate(others, 1):
            # A rare synonym, or one of several words, says no more than what was asked for.
            share = SYNONYM * ideal / sum(map(self._idf, words))
            asked.entries += [
                (term * MAX_PHRASE, number, len(words), w, share * self._idf(w)) for w in words
            ]
        asked.ideal += ideal

    def _near(self, cursor: Cursor, word: str) -> list[str]:
        """Words of the version within a slip or two of one that it does not hold."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        if not allowed or any(c.isdigit() for c in word):
            return []
        if self._all is None:
            rows = cursor.execute("SELECT word, code FROM words")
            self._all = {w: code for w, code in rows if w.isalpha()}
        close = process.extract(
            word, list(self._all), scorer=OSA.distance, score_cutoff=allowed, limit=None
        )
        self._learn(cursor, [spelling for spelling, _, _ in close])
        held = [(spelling, distance) for spelling, distance, _ in close if self._held[spelling]]
        best = min((distance for _, distance in held), default=0)
        nearest = [spelling for spelling, distance in held if distance == best]
        return sorted(nearest, key=self._all.__getitem__)[:4]


def rank(
    cursor: Cursor,
    where: Part,
    vector: NDArray[np.float32] | None,
    words: Asked | None,
    utilities: Mapping[str, Any],
    *,
    sort: Sort,
    k: int,
    offset: int,
    diversity: float,
) -> Ranked:
    """One page of the products that meet a condition, by (BM25 + 0.4 cosine) / 1.4.

    Args:
        cursor: inside a snapshot.
        where: what is allowed, on `p`.
        vector: of the query; None: words alone, or nothing was asked.
        words: of the query; None: the vector alone, or nothing was asked.
        utilities: the manifest's entry, by which products come when nothing was asked.
        sort: another order than relevance.
        k: products on the page.
        offset: products before it.
        diversity: 0 to 1.
    """
    if vector is None and words is None:
        return _of_most_utility(cursor, where, utilities, sort, k, offset, diversity)
    before, given, columns, joins = _compared(vector, words)
    condition, values = where
    if vector is None:
        condition = f"{condition} AND x.score > 0"
    score, scoring = _score(vector, words)
    scored = (
        f"SELECT p.id, p.place, p.price, p.list_price, p.rating, t.embedding, {columns} "
        f"FROM products p JOIN texts t ON t.text = p.text {joins} WHERE {condition}"
    )
    pool = max(k + offset, POOL)
    if sort != "relevance":
        rows = cursor.execute(
            f"{before}{',' if before else 'WITH'} scored AS (SELECT p.*, {score} AS score "
            f"FROM ({scored}) p), ranked AS (SELECT p.*, "
            "row_number() OVER (ORDER BY score DESC, place) AS nth, "
            "max(words) OVER () AS most, max(score) OVER () AS best FROM scored p) "
            "SELECT p.id, p.score FROM ranked p WHERE p.score >= %s * p.best "
            "AND (p.nth <= %s OR (p.words > 0 AND p.words >= %s * p.most)) "
            f"ORDER BY {_SORTED[sort]}, CASE WHEN p.nth <= %s THEN p.nth END NULLS LAST, p.place "
            "LIMIT %s OFFSET %s",
            [*_in_order(given, scoring, values), FITTING, pool, FITTING, pool, k, offset],
        )
        return [(i, float(value)) for i, value in rows]
    limit, skip = (pool, 0) if diversity else (k, offset)
    embedding = ", p.embedding" if diversity else ""
    found = cursor.execute(
        f"{before} SELECT p.id, {score} AS score{embedding} FROM ({scored}) p "
        "ORDER BY score DESC, p.place LIMIT %s OFFSET %s",
        [*_in_order(given, scoring, values), limit, skip],
    ).fetchall()
    return _page(found, k, offset, diversity)


def _of_most_utility(  # noqa: PLR0917  (what `rank` was given)
    cursor: Cursor,
    where: Part,
    utilities: Mapping[str, Any],
    sort: Sort,
    k: int,
    offset: int,
    diversity: float,
) -> Ranked:
    """What is shown when nothing was asked."""
    utility, values = _utility(utilities)
    spread = diversity > 0 and sort == "relevance"
    order = f"{utility} DESC, p.place"
    if sort != "relevance":
        order = f"{_SORTED[sort]}, {order}"
    limit, skip = (POOL, 0) if spread else (k, offset)
    embedding = ", t.embedding" if spread else ""
    join = "JOIN texts t ON t.text = p.text" if spread else ""
    found = cursor.execute(
        f"SELECT p.id, 0.0::float8{embedding} FROM products p {join} WHERE {where[0]} "
        f"ORDER BY {order} LIMIT %s OFFSET %s",
        [*where[1], *values, limit, skip],
    ).fetchall()
    return _page(found, k, offset, diversity if spread else 0.0)


def _page(found: Sequence[tuple[Any, ...]], k: int, offset: int, diversity: float) -> Ranked:
    """The page of ranked rows, which was cut already unless they are to be unlike each other."""
    ranked = [(row[0], float(row[1])) for row in found]
    if not diversity or not ranked:
        return ranked
    scores = np.array([score for _, score in ranked], np.float32)
    # Not so unlike the others that it is unlike what was asked, as in `ranking.Ranker.page`.
    fitting = int(np.count_nonzero(scores >= AKIN * scores[0]))
    pool = min(POOL, max(fitting, k + offset))
    near = np.array([floats(row[2]) for row in found[:pool]], np.float32)
    chosen = diverse(near, scores[:pool], k + offset, diversity)
    return [ranked[i] for i in chosen[offset : offset + k].tolist()]


def floats(vector: Any) -> NDArray[np.float32]:
    """A vector as pgvector's driver gives it, as an array."""
    held = vector.to_numpy() if hasattr(vector, "to_numpy") else vector
    return np.asarray(held, np.float32)


_SORTED: Mapping[Sort, str] = {
    "price": "p.price ASC NULLS LAST",
    "-price": "p.price DESC NULLS LAST",
    "rating": "p.rating DESC NULLS LAST",
    "discount": "CASE WHEN p.list_price > p.price THEN 1 - p.price / p.list_price END "
    "DESC NULLS LAST",
}


def _compared(
    vector: NDArray[np.float32] | None, words: Asked | None
) -> tuple[str, tuple[list[Any], list[Any]], str, str]:
    """What comes before the statement, parameters there and in its columns, columns, joins."""
    cosine = "NULL::float8" if vector is None else "-(t.embedding <#> %s)"
    near: list[Any] = [] if vector is None else [vector]
    if words is None:
        return "", ([], near), f"0.0::float8 AS words, {cosine} AS cosine", ""
    entries: list[list[Any]] = [list(part) for part in zip(*words.entries, strict=True)]
    before = [K1 + 1, K1, 1 - B, B / words.mean_length, *(entries or [[]] * 5)]
    columns = f"coalesce(x.score, 0) / %s::float8 AS words, {cosine} AS cosine"
    joins = "LEFT JOIN lexical x ON x.text = p.text"
    return _LEXICAL, (before, [words.ideal or 1.0, *near]), columns, joins


def _score(vector: NDArray[np.float32] | None, words: Asked | None) -> tuple[str, list[Any]]:
    """The score of columns `words` and `cosine`, and its parameters."""
    if vector is None:
        return "p.words", []
    if words is None:
        return "p.cosine", []
    return "(p.words + %s::float8 * p.cosine) / %s::float8", [DENSE_WEIGHT, 1 + DENSE_WEIGHT]


def _in_order(
    before: tuple[list[Any], list[Any]], scoring: list[Any], values: list[Any]
) -> list[Any]:
    """Parameters as the statement has them: what comes before, score, columns, condition."""
    return [*before[0], *scoring, *before[1], *values]


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
