"""A catalogue that is open for reading: what is asked of it under limits, in words, in figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.catalog import layout
from tools.catalog.facts import CatalogFacts, price_facts, value_facts
from tools.catalog.filters import Filters
from tools.catalog.groups import Codes, one_group_each
from tools.catalog.ranking import Ranker
from tools.catalog.results import SearchHit, SearchResult
from tools.catalog.search import Mode, Sort, Wanted
from tools.catalog.vectors import Rows
from tools.catalog.version import OpenVersion
from tools.catalog.vocabulary import field_name
from tools.domain import Constraints, Strength
from tools.errors import CatalogError
from tools.text import plain_text

_WORD_FIELDS = ("brands", "colors", "categories", "sizes")


class Catalog(OpenVersion):
    """A catalogue on disk; opened by `Catalog.open`.

    Rows are positions 0 to n-1, the same in every array that is given out. An open catalogue
    keeps showing the version that it opened, whatever is built over it meanwhile.
    """

    @classmethod
    def open(cls, folder: str | Path, verify: bool = True) -> Catalog:
        """Open the version in force.

        Args:
            folder: the catalogue.
            verify: check every file against its digest first (about a second per gigabyte).

        Raises:
            CatalogError: no catalogue there, or one that was altered; the file is named.
        """
        path = Path(folder)
        # A writer may replace and sweep between reading the manifest and opening the files.
        for _ in range(3):
            manifest = layout.read_manifest(path, verify)
            try:
                return cls(path, manifest)
            except FileNotFoundError:
                continue
        raise CatalogError(f"{path} is being replaced faster than it can be opened")

    def latest(self) -> Catalog:
        """This catalogue, or the newer version when one was put in force since.

        Only files that this one does not hold already are checked against their digests.

        Raises:
            CatalogError: the newer version cannot be used.
        """
        for _ in range(3):
            manifest = layout.read_manifest(self.folder, verified=self.manifest["files"])
            if manifest["version"] == self.version:
                return self
            try:
                return Catalog(self.folder, manifest)
            except FileNotFoundError:
                continue
        raise CatalogError(f"{self.folder} is being replaced faster than it can be opened")

    @property
    def available(self) -> NDArray[np.bool_]:
        """Rows that are not out of stock, shape (n,)."""
        return self._filters.available

    @cached_property
    def _filters(self) -> Filters:
        return Filters(
            self._columns,
            self._vocabulary,
            self._reader,
            self._lexicon,
            currency=self.currency,
            priced=self.priced,
        )

    def matching(
        self, constraints: Constraints, strength: Strength | None = "hard"
    ) -> NDArray[np.bool_]:
        """Rows that are in stock and meet every limit of a strength (None: of both).

        Price limits are passed over in a catalogue without prices or in another currency; see
        `unapplied`. Exclusion by size refuses a product only when no other size is left.
        """
        return self._filters.matching(constraints, strength)

    def count(self, constraints: Constraints) -> int:
        """How many rows are in stock and meet every hard limit."""
        return int(np.count_nonzero(self.matching(constraints)))

    def meets(self, constraints: Constraints, path: str) -> NDArray[np.bool_]:
        """Rows that meet the one limit under a path of `FIELDS`, stock aside.

        Raises:
            CatalogError: the limit does not stand, or does not select single items.
        """
        if path not in self._filters.applied(constraints):
            raise CatalogError(f"no limit on {path!r} selects items here")
        return self._filters.one(constraints, path)

    def applied(
        self, constraints: Constraints, strength: Strength | None = None
    ) -> tuple[str, ...]:
        """The paths of the limits that select single items here."""
        return self._filters.applied(constraints, strength)

    def unapplied(self, constraints: Constraints) -> dict[str, str]:
        """Path -> one sentence why that limit is shown, not applied."""
        return self._filters.unapplied(constraints)

    def soft_relevance(self, constraints: Constraints) -> NDArray[np.float64]:
        """Share of the soft limits that each row meets, in [0, 1]; ones when there are none."""
        return self._filters.soft_relevance(constraints)

    def matched(self, constraints: Constraints) -> dict[str, dict[str, tuple[str, ...]]]:
        """Path -> word of the limit -> the catalogue's values used for it (none: not carried)."""
        return {
            path: {word: self._vocabulary.match(name, word) for word in constraints.value(path)}
            for path in constraints.standing()
            if (name := path.removeprefix("exclude.")) in _WORD_FIELDS
        }

    def codes(self, name: str) -> Codes:
        """The values of `brand`, `color`, `category` or `size` over all rows.

        Raises:
            CatalogError: another name.
        """
        named = field_name(name)
        return Codes(self._vocabulary.values(named), self._columns.members[named])

    def groups(self, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """One group per row for "at most k of each": group numbers (n,), -1 for none, and names.

        A row's group is its brand; its first colour's basic term (or the shop's word where it has
        none); its narrowest category; its only size (a row in several sizes has none).

        Raises:
            CatalogError: an unknown name.
        """
        return one_group_each(self.codes(name), field_name(name))

    def names_a_brand(self, word: str) -> bool:
        """Whether a word in a text means the brand, and not something else of that name.

        It does when nine in ten products whose titles say it are of that brand ("3D" is a brand in
        few shops, but stands in many titles).
        """
        saying = self._filters.in_titles(word)
        if not saying.any():
            return bool(self._vocabulary.match("brand", word))
        return bool((self.group("brand", word) & saying).sum() >= 0.9 * saying.sum())

    def group(self, name: str, value: str) -> NDArray[np.bool_]:
        """Rows that carry what a shopper's word means in a field (see `Vocabulary.match`)."""
        return self._filters.word(name, value)

    @cached_property
    def _encode(self) -> Any:
        from tools.text import open_query_encoder

        folder = self.folder / self.manifest["encoder"]["folder"]
        if not (folder / "encoder.json").is_file():
            raise CatalogError(f"{self.folder} was built anew with another encoder; open it again")
        return open_query_encoder(folder)

    @cached_property
    def _ranker(self) -> Ranker:
        return Ranker(self._vectors, self._lexicon, self._columns, self.text_vector)

    def text_vector(self, text: str) -> NDArray[np.float32]:
        """The unit vector of a text, shape (dimension,), by the catalogue's own encoder.

        The encoder is opened when a text is first asked for.
        """
        vector: NDArray[np.float32] = self._encode(text)
        return vector

    def similarity(self, text: str) -> NDArray[np.float32]:
        """Cosine of every row to a text, shape (n,); zeros for an empty text."""
        if not plain_text(text):
            return np.zeros(self._rows, np.float32)
        return self._vectors.products(self.text_vector(text))

    def search(
        self,
        query: str | None,
        constraints: Constraints | None = None,
        k: int = 20,
        within: Sequence[str] | None = None,
        *,
        mode: Mode = "hybrid",
        sort: Sort = "relevance",
        offset: int = 0,
        diversity: float = 0.0,
        exact: bool = False,
        allowed: NDArray[np.bool_] | None = None,
    ) -> SearchResult:
        """The products that suit a query best, among those that meet the hard limits.

        Args:
            query: what is looked for; None or empty gives the products of the highest utility.
            constraints: limits; only hard ones filter, and none is relaxed.
            k: how many, 1 to 1000.
            within: only among these ids; unknown ones are passed over.
            mode: by words and meaning together, by meaning alone, or by words alone (then only
                products that hold at least one of the words are found).
            sort: another order. With a query, it orders what suits it nearly as well as the best
                (three quarters of its score); without one, all that meet the limits.
            offset: how many to pass over, for the next page.
            diversity: 0 to 1, how much a product's likeness to better ones counts against it.
            exact: never by the approximate index that a catalogue of more than 1e5 products has;
                under any limit the search is exact in any case.
            allowed: mask of the rows (n,) that may be found at all, besides the limits.

        Raises:
            CatalogError: a number is out of range, or an unknown mode or order.
        """
        wanted = Wanted(k, offset, mode, sort, diversity, exact)
        text = plain_text(query or "")
        return self._search(text, constraints or Constraints(), wanted, within, allowed)

    def _search(
        self,
        text: str,
        constraints: Constraints,
        wanted: Wanted,
        within: Sequence[str] | None,
        allowed: NDArray[np.bool_] | None,
    ) -> SearchResult:
        mask = self.matching(constraints)
        if within is not None:
            mask &= self._filters.rows_of(within)
        if allowed is not None:
            mask &= allowed
        # Never an approximate index under a filter, however much it lets through.
        free = within is None and self._free(constraints, mask)
        page = self._ranker.page(text, mask, wanted, approximate=free and not wanted.exact)
        spelling = self._lexicon.spelling(text) if text and wanted.mode != "dense" else {}
        return self._result(page, mask, constraints, spelling)

    def more_like(
        self,
        product_id: str,
        constraints: Constraints | None = None,
        k: int = 20,
        *,
        offset: int = 0,
        exact: bool = False,
    ) -> SearchResult:
        """The products nearest in meaning to one of them, which is left out.

        Raises:
            CatalogError: it is not in the catalogue, or a number is out of range.
        """
        wanted = Wanted(k, offset, "dense", exact=exact)
        return self._more_like(product_id, constraints or Constraints(), wanted)

    def _more_like(self, product_id: str, constraints: Constraints, wanted: Wanted) -> SearchResult:
        row = self.rows_of([product_id])
        mask = self.matching(constraints)
        free = self._free(constraints, mask)
        mask[row] = False
        rows, scores, certain = self._vectors.top(
            self._vectors.take(row)[0], wanted.end, mask, approximate=free and not wanted.exact
        )
        return self._result((rows[wanted.offset :], scores[wanted.offset :], certain), mask,
                            constraints, {})  # fmt: skip

    def _free(self, constraints: Constraints, mask: NDArray[np.bool_]) -> bool:
        unlimited = not self._filters.applied(constraints, "hard")
        return unlimited and bool((mask == self.available).all())

    def _result(
        self,
        page: tuple[Rows, NDArray[np.float32], bool],
        mask: NDArray[np.bool_],
        constraints: Constraints,
        spelling: Mapping[str, tuple[str, ...]],
    ) -> SearchResult:
        rows, scores, exact = page
        return SearchResult(
            hits=tuple(
                SearchHit(p, round(float(s), 6))
                for p, s in zip(self._ids_of(rows), scores, strict=True)
            ),
            exact=exact,
            filtered=int(np.count_nonzero(mask)),
            warnings=tuple(dict.fromkeys(self.unapplied(constraints).values())),
            spelling=spelling,
        )

    def facts(self, constraints: Constraints | None = None) -> CatalogFacts:
        """Counts, price range, cheapest, dearest and values of what meets the hard limits."""
        constraints = constraints or Constraints()
        mask = self.matching(constraints)
        rows = np.flatnonzero(mask)
        figures, cheapest, dearest = price_facts(self._columns, rows)
        paths = self._filters.applied(constraints, "hard")
        meeting = np.ones(self._rows, bool)
        for path in paths:
            meeting &= self._filters.one(constraints, path)
        ratings = self.ratings[rows]
        rated = np.isfinite(ratings)
        return CatalogFacts(
            catalog=self.name,
            count=len(rows),
            out_of_stock=int(np.count_nonzero(meeting & ~self.available)),
            currency=self.currency,
            cheapest=tuple(self._ids_of(cheapest)),
            dearest=tuple(self._ids_of(dearest)),
            on_sale=int(np.count_nonzero(self._filters.on_sale[rows])),
            rated=int(rated.sum()),
            mean_rating=round(float(ratings[rated].mean()), 3) if rated.any() else None,
            warnings=tuple(dict.fromkeys(self.unapplied(constraints).values())),
            **figures,
            **value_facts(self._columns, self._vocabulary, mask),
        )
