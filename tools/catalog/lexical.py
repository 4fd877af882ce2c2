"""Words of titles, counted: BM25 over an inverted index in numpy arrays.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009,
with the idf of Lucene, ln(1 + (N - df + 0.5) / (df + 0.5)), which is never negative. What a word
adds to a row is computed when the index is written, as in Lù, "BM25S", 2024, so that a query only
adds it up. benchmarks/catalog_lexical.py measures it beside bm25s and tantivy.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog.arrays import Members
from tools.catalog.words import SynonymTable, fold, forgivable_slips, stems
from tools.errors import CatalogError

LEXICON = "lexicon.npz"
CODES = "lexicon_codes.npy"
WORDS = "words.json"
LEXICON_FILES = (LEXICON, CODES, WORDS)
K1, B = 1.2, 0.75
# What a word counts that was only found by forgiving a slip of spelling.
MISSPELT = 0.8
# What a synonym out of the shop's own list counts beside the word that was asked for.
SYNONYM = 0.9
MAX_WORDS = 64


@dataclass(frozen=True)
class RowWords:
    """The words of every row, in order, repeated as often as they occur, its title's first."""

    members: Members
    title_lengths: NDArray[np.int32]
    """Words of every row's title, shape (n,)."""

    def followed_by(self, other: RowWords) -> RowWords:
        """These rows, then the others; the codes must mean the same."""
        lengths = np.concatenate([self.title_lengths, other.title_lengths])
        return RowWords(self.members.followed_by(other.members), lengths)

    def take(self, rows: NDArray[np.int64]) -> RowWords:
        """Some rows, in the order asked."""
        return RowWords(self.members.take(rows), self.title_lengths[rows])


class LexiconWriter:
    """Gathers the words of texts as they come.

    Args:
        words: words that have codes already, in code order; new ones come after them.
    """

    def __init__(self, words: Sequence[str] = ()) -> None:
        self._codes = {word: code for code, word in enumerate(words)}
        self._starts = array("q", [0])
        self._members = array("i")
        self._titles = array("i")

    def add(self, text: str, title: str | None = None) -> None:
        """The next row's text, which begins with its title (None: it is all title)."""
        codes = self._codes
        for word in stems(text):
            self._members.append(codes.setdefault(word, len(codes)))
        self._starts.append(len(self._members))
        self._titles.append(len(fold(text if title is None else title).split()))

    @property
    def words(self) -> list[str]:
        """All words in code order."""
        return list(self._codes)

    def rows(self) -> RowWords:
        """What was gathered."""
        members = Members(np.array(self._starts, np.int64), np.array(self._members, np.int32))
        return RowWords(members, np.array(self._titles, np.int32))


def save_lexicon(words: Sequence[str], rows: RowWords, folder: Path) -> None:
    """Write the words, the rows' words and the inverted index."""
    members = rows.members
    n, lengths = len(members.starts) - 1, np.diff(members.starts)
    row = np.repeat(np.arange(n, dtype=np.int64), lengths)
    place = np.arange(len(row)) - np.repeat(members.starts[:-1], lengths)
    late = place >= rows.title_lengths[row]
    # One entry for each pair of word and row; sorting puts an occurrence in the title first.
    keys = ((members.codes.astype(np.int64) * n + row) << 1) | late
    del row, place, late
    keys.sort()
    pairs = keys >> 1
    first = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)])
    counts = np.diff(np.append(first, len(pairs))).astype(np.float32)
    in_title = (keys[first] & 1) == 0
    pairs = pairs[first]
    del keys
    posted, held_by = pairs // max(n, 1), (pairs % max(n, 1)).astype(np.int32)
    word_starts = np.searchsorted(posted, np.arange(len(words) + 1)).astype(np.int64)
    mean = float(lengths.mean()) if n else 0.0
    norm = (K1 * (1 - B + B * lengths / (mean or 1.0))).astype(np.float32)
    weights = np.repeat(_idf(n, np.diff(word_starts)), np.diff(word_starts))
    weights *= counts * np.float32(K1 + 1) / (counts + norm[held_by])
    with (folder / LEXICON).open("wb") as stream:
        np.savez(
            stream,
            starts=members.starts,
            title_lengths=rows.title_lengths,
            word_starts=word_starts,
            rows=held_by,
            weights=weights,
            in_title=in_title,
        )
    np.save(folder / CODES, members.codes)
    (folder / WORDS).write_text(json.dumps(list(words), ensure_ascii=False), "utf-8")


def _idf(n: int, holding: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.log1p((n - holding + 0.5) / (holding + 0.5)).astype(np.float32)


@dataclass
class Lexicon:
    """The inverted index of one version."""

    words: list[str]
    row_words: RowWords
    word_starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    """The rows that hold a word, word after word, each in order."""
    weights: NDArray[np.float32]
    """What the word adds to that row's BM25."""
    in_title: NDArray[np.bool_]
    """Whether it is the row's title that holds it."""
    forgiving: bool = True
    """Whether words that no title holds are taken for near ones that some do."""
    synonyms: SynonymTable = field(default_factory=lambda: SynonymTable(()), repr=False)
    """The shop's own groups of phrases that mean one thing."""
    _remembered: dict[str, list[tuple[int, float]]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(
        cls, paths: Mapping[str, Path], rows: int, synonyms: Iterable[Sequence[str]] = ()
    ) -> Lexicon:
        """Read what `save_lexicon` wrote.

        Args:
            paths: of `LEXICON_FILES`.
            rows: of the catalogue.
            synonyms: the shop's own groups of phrases that mean one thing.

        Raises:
            CatalogError: an array is missing or does not fit.
        """
        index = paths[LEXICON]
        with np.load(index, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        words = json.loads(paths[WORDS].read_text("utf-8"))
        try:
            # Mapped, since only an update reads them.
            codes = np.asarray(np.load(paths[CODES], mmap_mode="r", allow_pickle=False))
            row_words = RowWords(Members(arrays["starts"], codes), arrays["title_lengths"])
            found = cls(
                words,
                row_words,
                arrays["word_starts"],
                arrays["rows"],
                arrays["weights"],
                arrays["in_title"],
                synonyms=SynonymTable(synonyms),
            )
        except KeyError as missing:
            raise CatalogError(f"{index} lacks {missing}") from None
        except ValueError as error:
            raise CatalogError(f"{paths[CODES]} cannot be read: {error}") from None
        if (
            len(row_words.members.starts) != rows + 1
            or len(found.word_starts) != len(words) + 1
            or row_words.members.starts[-1] != len(codes)
        ):
            raise CatalogError(f"{index} does not fit its catalogue")
        return found

    def without_spelling(self) -> Lexicon:
        """The same index, which takes words as they are written (to measure what spelling adds)."""
        return replace(self, forgiving=False, _remembered={})

    def __len__(self) -> int:
        return len(self.row_words.title_lengths)

    @cached_property
    def _code(self) -> dict[str, int]:
        return {word: code for code, word in enumerate(self.words)}

    @cached_property
    def _idf(self) -> NDArray[np.float32]:
        return _idf(len(self), np.diff(self.word_starts))

    def _holding(self, code: int) -> slice:
        return slice(int(self.word_starts[code]), int(self.word_starts[code + 1]))

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
        return [(self._code[near], MISSPELT) for near in self._near(word)]

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        """Words that may be meant by a misspelt one: no number, and some product holds them."""
        found: dict[int, list[str]] = {}
        # Words that lost their last product keep a code and must not be offered.
        for code in np.flatnonzero(np.diff(self.word_starts)).tolist():
            word = self.words[code]
            if word.isalpha():
                found.setdefault(len(word), []).append(word)
        return found

    def _near(self, word: str) -> list[str]:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        allowed = forgivable_slips(word) if self.forgiving else 0
        if not allowed:
            return []
        close: list[tuple[str, Any, Any]] = []
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            close += process.extract(
                word,
                self._by_length.get(length, []),
                scorer=OSA.distance,
                score_cutoff=allowed,
                limit=8,
            )
        best = min((distance for _, distance, _ in close), default=0)
        nearest = [spelling for spelling, distance, _ in close if distance == best]
        return sorted(nearest, key=lambda w: self._code[w])[:4]

    def titles_holding(self, wanted: Collection[str]) -> NDArray[np.int64]:
        """Rows whose titles hold all of some words (as `tools.catalog.words.stems` gives them)."""
        postings = []
        for word in wanted:
            code = self._code.get(word)
            if code is None:
                return np.empty(0, np.int64)
            held = self._holding(code)
            postings.append(self.rows[held][self.in_title[held]])
        return _common(postings).astype(np.int64)

    def titles_measuring(self, units: Collection[str]) -> NDArray[np.int64]:
        """Rows whose titles may state a quantity in one of some units, and a few more.

        Args:
            units: as they are written; one that is no word (an inch mark) takes in every number.
        """
        stemmed = {word for unit in units for word in stems(unit)[-1:]}
        glued = tuple(stemmed)
        bare = any(not stems(unit) for unit in units)
        codes = [
            code
            for code, word in enumerate(self.words)
            if word in stemmed
            or (word[0].isdigit() and (word.endswith(glued) or (bare and word[-1].isdigit())))
        ]
        held = [self.rows[h][self.in_title[h]] for h in map(self._holding, codes)]
        return np.unique(np.concatenate([*held, np.empty(0, np.int32)])).astype(np.int64)

    def _terms(self, query: str) -> list[tuple[str, list[list[int]]]]:
        """Words, or phrases of the shop's synonyms, each with the codes of its held synonyms."""
        found: list[tuple[str, list[list[int]]]] = []
        for phrase in self.synonyms.phrases(query, MAX_WORDS):
            others = self.synonyms(phrase)[1:] if phrase in self.synonyms else ()
            coded = [[self._code.get(word, -1) for word in other.split()] for other in others]
            found.append((phrase, [codes for codes in coded if len(self._rows_of_all(codes))]))
        return found

    def _rows_of_all(self, codes: Sequence[int]) -> NDArray[np.int32]:
        """Rows that hold all of some words; -1 is a word that none holds."""
        if min(codes) < 0:
            return np.empty(0, np.int32)
        return _common([self.rows[self._holding(code)] for code in codes])

    def spelling(self, query: str) -> dict[str, tuple[str, ...]]:
        """Words of a query that no title holds -> the near ones that are used for them."""
        found: dict[str, tuple[str, ...]] = {}
        for phrase, synonyms in self._terms(query):
            for word in [] if synonyms else phrase.split():
                codes = self._alternatives(word)
                if codes and codes[0][1] < 1:
                    found[word] = tuple(self.words[code] for code, _ in codes)
        return found

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 of every row, as a share of what a row of mean length with all words once scores.

        About 0 to 1; a short title that says nothing else may pass 1.

        Args:
            query: any text; its first 64 distinct words count, or synonyms of the shop's own list.

        Returns:
            Shape (n,); zeros when no word is known.
        """
        total = np.zeros(len(self), np.float32)
        ideal = 0.0
        for phrase, synonyms in self._terms(query):
            if synonyms:
                ideal += self._add_best(total, phrase, synonyms)
            else:
                ideal += sum(self._add_word(total, word) for word in phrase.split())
        if ideal:
            total *= np.float32(1 / ideal)
        return total

    def _add_word(self, total: NDArray[np.float32], word: str) -> float:
        """Add what a word counts in every row; what it counts in the ideal one."""
        alternatives = self._alternatives(word)
        for code, weight in alternatives:
            held = self._holding(code)
            np.add.at(total, self.rows[held], self.weights[held] * np.float32(weight))
        if alternatives:
            return max(float(self._idf[code]) for code, _ in alternatives)
        # A word that nobody uses says that the perfect answer is not here.
        return float(np.log1p(2 * len(self) + 1))

    def _add_best(
        self, total: NDArray[np.float32], phrase: str, synonyms: Sequence[Sequence[int]]
    ) -> float:
        """Add, for every row, the phrase or the synonym that counts most in it."""
        best = np.zeros(len(self), np.float32)
        own = [self._code.get(word, -1) for word in phrase.split()]
        for code in own:
            if code >= 0:
                held = self._holding(code)
                np.add.at(best, self.rows[held], self.weights[held])
        said = [own] if len(self._rows_of_all(own)) else synonyms
        ideal = max(self._ideal(codes) for codes in said)
        for codes in synonyms:
            rows = self._rows_of_all(codes)
            worth = np.zeros(len(rows), np.float32)
            for code in codes:
                held = self._holding(code)
                worth += self.weights[held][np.searchsorted(self.rows[held], rows)]
            # A rare synonym, or one of several words, says no more than what was asked for.
            worth *= np.float32(SYNONYM * ideal / self._ideal(codes))
            best[rows] = np.maximum(best[rows], worth)
        total += best
        return ideal

    def _ideal(self, codes: Sequence[int]) -> float:
        return float(self._idf[list(codes)].sum())


def _common(postings: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """The rows that are in all of some postings, each of them in order."""
    found, *others = sorted(postings, key=len) or [np.empty(0, np.int32)]
    for other in others:
        if not len(other):
            return np.empty(0, np.int32)
        places = np.minimum(np.searchsorted(other, found), len(other) - 1)
        found = found[other[places] == found]
    return found
