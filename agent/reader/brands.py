"""Brands: the catalogue's, the page's own (filter panel, "by X"), then the title's first words.

A title's first word counts as a brand only with evidence: an unusual spelling, a known name, or
the page naming it elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from agent.reader.categories import categories_in
from agent.reader.layout import Piece
from agent.reader.lexicon import BUTTON, FILTER_HEADINGS, NOISE
from agent.reader.vocabulary import read_vocabulary
from tools.colors import basic_color


@cache
def _known() -> dict[str, str]:
    return {fold(maker): maker for maker in read_vocabulary("brands")["makers"]}


def known_maker(text: str) -> bool:
    """Whether a text is nothing but the name of a well-known maker."""
    return fold(text) in _known()


@cache
def _lines() -> dict[str, str]:
    return dict(read_vocabulary("brands")["lines"])


@cache
def _generic() -> frozenset[str]:
    return frozenset(read_vocabulary("brands")["ordinary"])


def fold(text: str) -> str:
    """The text for comparing: lower case, marks and repeated spaces removed."""
    return re.sub(r"\s+", " ", re.sub(r"[®™©'’`.]", "", text)).strip().casefold()


def page_brands(pieces: Sequence[Piece]) -> list[str]:
    """The brands that the page names: filter panel under "Brands", "Visit the X Store", "by X"."""
    found: list[str] = []
    headings = [
        p
        for p in pieces
        if re.fullmatch(r"(?i)\W*(brands?|marken?|marcas?|marka(lar)?|marques?)\W*", p.text)
    ]
    for heading in headings:
        below = [
            p for p in pieces
            if 0 <= p.left - heading.left + 8 < 60
            and heading.bottom - 2 <= p.top < heading.bottom + 420
        ]  # fmt: skip
        last = heading.bottom
        for p in sorted(below, key=lambda p: p.top):
            if p.top - last > 2.2 * p.height or FILTER_HEADINGS.match(p.text):
                break
            last = p.bottom
            name = re.sub(r"\s*\(\d+\)$|^[^\w]+", "", p.text).strip()
            if (
                len(name) >= 2
                and not BUTTON.match(name)
                and not NOISE.search(name)
                and len(name) < 26
            ):
                found.append(name)
    found.extend(maker for p in pieces if (maker := named_in(p.text)))
    # A table of facts: "Marke" with the maker on its right.
    for label in pieces:
        if re.fullmatch(r"(?i)\W*(brand|marke|marca|manufacturer|hersteller)\W*", label.text):
            right = [
                p for p in pieces
                if abs(p.middle - label.middle) < 0.6 * label.height
                and 0 < p.left - label.right < 320
            ]  # fmt: skip
            if right:
                found.append(min(right, key=lambda p: p.left).text.strip(" :"))
    return list(dict.fromkeys(found))


def named_in(text: str) -> str | None:
    """The maker that a line names: "Visit the X Store", "by X®", "Brand: X", "Designed by X"."""
    match = _STORE.search(text) or _BY.search(text)
    if match is None or re.fullmatch(r"(?i)(amazon|sponsored|date|price|name)", match.group(1)):
        return None
    return match.group(1).strip()


_STORE = re.compile(
    r"(?:visit the|besuche den|visita (?:la|lo)|visite la boutique)\s+(.{2,30}?)[\s-]+(?:store|"
    r"shop)\b",
    re.I,
)
_BY = re.compile(
    r"^(?:designed by|see more by|more from|brand\s*:|marke\s*:|marca\s*:|marka\s*:|by|by:)\s+"
    r"([A-Z0-9][\w&'.\- ]{1,28}?)\s*[®™]?$",
    re.I,
)


def brand_of(title: str, named: Iterable[str], known: Iterable[str] = ()) -> str | None:
    """The brand of a product by its title; None rather than a guess.

    Args:
        title: the title as printed.
        named: brands that the page or the session names.
        known: brands of the catalogue.
    """
    from rapidfuzz import fuzz

    plain = fold(title)
    if not plain:
        return None
    candidates = {fold(b): b for b in (*_known().values(), *named, *known) if len(fold(b)) >= 2}
    start = plain[: max(24, 3)]
    hits = []
    for key, brand in candidates.items():
        if match := re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", plain):
            hits.append((match.start(), -len(key), brand))
    # "X for Realme Narzo" is X's, not Realme's; a maker stands before the first preposition.
    limit = re.search(r"\b(for|compatible|fits|für|para|pour)\b", plain)
    hits = [h for h in hits if (limit is None or h[0] < limit.start()) and h[0] < 60]
    # A collaboration ("Off-White x Nike") is known by its last name.
    if len(hits) > 1 and re.search(r"\bx\b|×", plain):
        together = re.search(r"^(.{2,24}?)\s[x×]\s(.+)$", plain)
        if together:
            later = [h for h in hits if h[0] >= together.start(2)]
            if later:
                return min(later)[2]
    if hits and min(hits)[0] == 0:
        return min(hits)[2]
    leading = _leading_name(title)
    if leading:
        for key, brand in candidates.items():
            if len(key) >= 5 and fuzz.ratio(fold(leading), key) >= 88:
                return brand
    # A name in capitals that opens the title is the maker; a later name is what the thing fits.
    if leading and leading.isupper():
        return leading
    if hits and min(hits)[0] <= len(start):
        return min(hits)[2]
    for line, maker in _lines().items():
        if re.match(rf"(the )?{line}\b", plain) or (
            re.search(rf"\b{line}\b", plain) and limit is None
        ):
            return maker
    return leading or (min(hits)[2] if hits else None)


def _leading_name(title: str) -> str | None:
    """The first word (or words) of a title when its spelling shows that it is a name."""
    words = re.findall(r"[^\s,|(]+", title)
    if len(words) < 3:
        return None
    name: list[str] = []
    for word in words[:3]:
        bare = re.sub(r"[®™]", "", word)
        capitals = sum(c.isupper() for c in bare)
        letters = sum(c.isalpha() for c in bare)
        odd = letters >= 3 and (
            (capitals == letters and not name)
            or bool(re.search(r"[a-z][A-Z]", bare))
            or bool(re.search(r"^[A-Z]{2,}[a-z]", bare) and capitals >= 3)
            or ("®" in word or "™" in word)
        )  # fmt: skip
        generic = (
            bare.casefold() in _generic()
            or bool(categories_in(bare))
            or basic_color(bare) is not None
        )
        if name:
            if (
                capitals == letters >= 3
                and len(name) < 2
                and not generic
                and not re.search(r"\d", bare)
            ):
                name.append(bare)
            break
        if generic or re.search(r"^\d", bare):
            return None
        if odd:
            name.append(bare)
            continue
        # A capitalised word that is no ordinary one, first in a long title: likely the maker.
        # Marketplaces print such titles: many words, with numbers or commas.
        long = len(words) >= 9 or (len(words) >= 7 and re.search(r"[\d,|]", title))
        if long and re.fullmatch(r"[A-Z][a-z]{3,}", bare) and not _ordinary(bare):
            name.append(bare)
            break
        if (
            re.fullmatch(r"[a-z]{4,}", bare)
            and len(words) >= 4
            and not _ordinary(bare)
            and any(w[:1].isupper() for w in words[1:3])
        ):
            name.append(bare)
            break
        return None
    return " ".join(name) or None


def _ordinary(word: str) -> bool:
    low = word.casefold()
    suffixes = (
        "ing",
        "ed",
        "ly",
        "able",
        "ful",
        "less",
        "ive",
        "ic",
        "al",
        "ous",
        "er",
        "ion",
        "ness",
        "ment",
        "y",
    )
    return low in _generic() or low.endswith(suffixes) or bool(categories_in(low))
