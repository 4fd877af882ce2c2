"""Words of titles, counted: BM25 over an inverted index in numpy arrays.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009,
with the idf of Lucene, ln(1 + (N - df + 0.5) / (df + 0.5)), which is never negative. Scores are a
sparse sum over the query's words, as in Lù, "BM25S", 2024, but computed when asked, so that an
update has to touch nothing but the counts.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Members
from tools.catalog.words import stems
from tools.errors import CatalogError

LEXICON = "lexicon.npz"
WORDS = "words.json"
K1, B = 1.2, 0.75
# What a word counts that was only found by forgiving a slip of spelling.
_MISSPELT = 0.8
_MAX_WORDS = 64


class LexiconWriter:
    """Gathers the words of texts as they come.

    Args:
        words: words that have codes already, in code order; new ones come after them.
    """

    def __init__(self, words: Sequence[str] = ()) -> None:
        self._codes = {word: code for code, word in enumerate(words)}
        self._starts = array("q", [0])
        self._members = array("i")

    def add(self, text: str) -> None:
        """The next row's text."""
        codes = self._codes
        for word in stems(text):
            self._members.append(codes.setdefault(word, len(codes)))
        self._starts.append(len(self._members))

    @property
    def words(self) -> list[str]:
        """All words in code order."""
        return list(self._codes)

    def members(self) -> Members:
        """The words of every row, in order, repeated as often as they occur."""
        return Members(np.array(self._starts, np.int64), np.array(self._members, np.int32))


def save_lexicon(words: Sequence[str], members: Members, folder: Path) -> None:
    """Write the words, the rows' words and the inverted index."""
    n = len(members.starts) - 1
    rows = np.repeat(np.arange(n, dtype=np.int64), np.diff(members.starts))
    # One entry for each pair of word and row, with the number of times it occurs.
    pairs, counts = np.unique(members.codes.astype(np.int64) * n + rows, return_counts=True)
    posted = (pairs // n).astype(np.int64)
    with (folder / LEXICON).open("wb") as stream:
        np.savez(
            stream,
            starts=members.starts,
            codes=members.codes,
            word_starts=np.searchsorted(posted, np.arange(len(words) + 1)).astype(np.int64),
            rows=(pairs % n).astype(np.int32),
            counts=np.minimum(counts, 65535).astype(np.uint16),
        )
    (folder / WORDS).write_text(json.dumps(list(words), ensure_ascii=False), "utf-8")


@dataclass
class Lexicon:
    """The inverted index of one version."""

    words: list[str]
    members: Members
    word_starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.uint16]
    forgiving: bool = True
    """Whether words that no title holds are taken for near ones that some do."""
    _remembered: dict[str, list[tuple[int, float]]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, index: Path, names: Path, rows: int) -> Lexicon:
        """Read what `save_lexicon` wrote.

        Raises:
            CatalogError: an array is missing or does not fit.
        """
        with np.load(index, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        words = json.loads(names.read_text("utf-8"))
        try:
            members = Members(arrays["starts"], arrays["codes"])
            found = cls(words, members, arrays["word_starts"], arrays["rows"], arrays["counts"])
        except KeyError as missing:
            raise CatalogError(f"{index} lacks {missing}") from None
        if len(members.starts) != rows + 1 or len(found.word_starts) != len(words) + 1:
            raise CatalogError(f"{index} does not fit its catalogue")
        return found

    def without_spelling(self) -> Lexicon:
        """The same index, which takes words as they are written (to measure what spelling adds)."""
        return replace(self, forgiving=False, _remembered={})

    @cached_property
    def _code(self) -> dict[str, int]:
        return {word: code for code, word in enumerate(self.words)}

    @cached_property
    def _norm(self) -> NDArray[np.float32]:
        lengths = np.diff(self.members.starts).astype(np.float32)
        mean = float(lengths.mean()) or 1.0
        return np.asarray(K1 * (1 - B + B * lengths / mean), np.float32)

    def _alternatives(self, word: str) -> list[tuple[int, float]]:
        """Codes that a query's word stands for, with what each counts."""
        if word not in self._remembered:
            if len(self._remembered) > 10_000:
                self._remembered.clear()
            self._remembered[word] = self._look_up(word)
        return self._remembered[word]

    def _look_up(self, word: str) -> list[tuple[int, float]]:
        code = self._code.get(word)
        if code is not None and self.word_starts[code] < self.word_starts[code + 1]:
            return [(code, 1.0)]
        return [(self._code[near], _MISSPELT) for near in self._near(word)]

    def _near(self, word: str) -> list[str]:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if not self.forgiving:
            return []
        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        if not allowed:
            return []
        close: list[tuple[str, Any, Any]] = process.extract(
            word, self.words, scorer=OSA.distance, score_cutoff=allowed, limit=8
        )
        best = min((distance for _, distance, _ in close), default=0)
        # Words that lost their last product keep a code and must not be offered.
        return [
            spelling
            for spelling, distance, code in close
            if distance == best and self.word_starts[code] < self.word_starts[code + 1]
        ][:4]

    def holding(self, wanted: Collection[str]) -> list[int]:
        """Rows that hold all of some words (as `tools.catalog.words.stems` gives them)."""
        held: NDArray[np.int32] | None = None
        for word in wanted:
            code = self._code.get(word)
            if code is None:
                return []
            rows = self.rows[self.word_starts[code] : self.word_starts[code + 1]]
            held = rows if held is None else np.intersect1d(held, rows, assume_unique=True)
        return [] if held is None else [int(row) for row in held]

    def spelling(self, query: str) -> dict[str, tuple[str, ...]]:
        """Words of a query that no title holds -> the near ones that are used for them."""
        found: dict[str, tuple[str, ...]] = {}
        for word in list(dict.fromkeys(stems(query)))[:_MAX_WORDS]:
            codes = self._alternatives(word)
            if codes and codes[0][1] < 1:
                found[word] = tuple(self.words[code] for code, _ in codes)
        return found

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 of every row, as a share of what a row of mean length with all words once scores.

        About 0 to 1; a short title that says nothing else may pass 1.

        Args:
            query: any text; its first 64 distinct words count.

        Returns:
            Shape (n,); zeros when no word is known.
        """
        n = len(self.members.starts) - 1
        total = np.zeros(n, np.float32)
        ideal = 0.0
        for word in list(dict.fromkeys(stems(query)))[:_MAX_WORDS]:
            best = np.float32(0)
            alternatives = self._alternatives(word)
            for code, weight in alternatives:
                start, end = self.word_starts[code], self.word_starts[code + 1]
                rows, counts = self.rows[start:end], self.counts[start:end].astype(np.float32)
                idf = np.float32(np.log1p((n - (end - start) + 0.5) / (end - start + 0.5)))
                total[rows] += weight * idf * counts * (K1 + 1) / (counts + self._norm[rows])
                best = max(best, idf)
            # A word that nobody uses says that the perfect answer is not here.
            ideal += float(best) if alternatives else float(np.log1p(2 * n + 1))
        return total / np.float32(ideal) if ideal else total
