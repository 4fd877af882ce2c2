"""The words of a query on the server: BM25 as `lexical.py` has it, as one statement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.catalog.lexical import K1, MAX_WORDS, MISSPELT, SYNONYM, B
from tools.catalog.postgres_filters import Part, in_force
from tools.catalog.words import MAX_PHRASE, SynonymTable, forgivable_slips

if TYPE_CHECKING:
    from tools.catalog.postgres_schema import Cursor

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
      JOIN postings s ON s.word = w.word {among}
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

    def scores(self, among: Sequence[int] | None) -> Part:
        """The beginning of a statement: `lexical`, texts with their raw scores.

        Args:
            among: the only texts that count, where they are so few that looking up their words
                costs less than scoring all; None scores all.
        """
        entries: list[list[Any]] = [list(part) for part in zip(*self.entries, strict=True)]
        given = [K1 + 1, K1, 1 - B, B / self.mean_length, *(entries or [[]] * 5)]
        if among is None:
            return _LEXICAL.format(among=""), given
        return _LEXICAL.format(among="AND s.text = ANY(%s)"), [*given, list(among)]


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
        phrases = self._synonyms.phrases(text, MAX_WORDS)
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

    def _learn(self, cursor: Cursor, words: Sequence[str]) -> None:
        """How many products of the version hold each of some words."""
        fresh = [w for w in dict.fromkeys(words) if w not in self._held]
        if not fresh:
            return
        if len(self._held) > 10_000:
            self._held.clear()
        shown, version = in_force(self._version)
        rows = cursor.execute(
            "SELECT s.word, count(*) FROM postings s JOIN products p ON p.text = s.text "
            f"WHERE s.word = ANY(%s) AND {shown} GROUP BY s.word",
            [fresh, *version],
        )
        self._held.update(dict.fromkeys(fresh, 0))
        self._held.update(rows.fetchall())

    def _all_held(self, cursor: Cursor, words: Sequence[str]) -> bool:
        """Whether one product holds all of some words."""
        shown, version = in_force(self._version)
        row = cursor.execute(
            "SELECT 1 FROM postings s JOIN products p ON p.text = s.text "
            f"WHERE s.word = ANY(%s) AND {shown} "
            "GROUP BY p.key HAVING count(DISTINCT s.word) = %s LIMIT 1",
            [list(words), *version, len(set(words))],
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

        allowed = forgivable_slips(word)
        if not allowed:
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
