"""One frame's text and pixels put together into a FrameReading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agent.reader import page
from agent.reader.brands import fold, page_brands
from agent.reader.cards import Entry, add_drawn_ratings, build_entries
from agent.reader.changes import Pixels
from agent.reader.context import in_context
from agent.reader.currency import page_currency
from agent.reader.facts import find_facts
from agent.reader.ground import page_ground, picture_mask
from agent.reader.layout import Paragraph, Piece, paragraphs_of, pieces_of
from agent.reader.lexicon import SUGGESTIONS, is_suspicious
from agent.reader.ocr import Line
from agent.reader.pictures import Region, captioned, locate_pictures
from agent.reader.prices import Seen, find_amounts
from agent.reader.products import PageFacts, make_product, maker_lines
from agent.reader.promotions import find_promotions
from agent.reader.ratings import find_ratings, is_star_line
from tools.preferences import FrameReading


def read_frame(
    digest: str,
    lines: Sequence[Line],
    rgb: Pixels,
    known_brands: Sequence[str] = (),
    session_brands: Sequence[str] = (),
) -> FrameReading:
    """Everything that the lines and the pixels of one frame tell.

    Args:
        digest: the frame's name.
        lines: its text lines.
        rgb: its pixels, shape (height, width, 3).
        known_brands: brands of the catalogue.
        session_brands: brands that earlier frames of the session named.
    """
    height, width = rgb.shape[:2]
    suspicious = [line.text for line in lines if is_suspicious(line.text)]
    pieces = pieces_of([line for line in lines if not is_suspicious(line.text)], rgb)
    if not pieces:
        return FrameReading(digest=digest, suspicious_text=tuple(suspicious))
    typical = float(np.median([p.size for p in pieces]))
    texts = [p.text for p in pieces]
    edge = page.panel_edge(pieces, width)
    beside_panel = [p for p in pieces if not (edge and p.right <= edge + 4)]
    query = page.find_search_query(beside_panel, rgb, width, height)
    chips = page.find_filter_chips(pieces, height)
    amounts = [
        replace(a, role="other") if page.is_chip(pieces[a.piece].text)
        else in_context(a, pieces, edge, width, height)
        for a in find_amounts(pieces, rgb)
    ]  # fmt: skip
    currency = page_currency([a.sign for a in amounts if a.sign], texts)
    paragraphs = [
        p
        for p in paragraphs_of(_without_amounts(pieces, amounts))
        if not (edge and p.right <= edge + 6)
        and not _is_browser(p, height)
        and not (query and fold(p.text).strip(" “”\"'") == fold(query))
    ]
    ratings = [r for r in find_ratings(pieces, rgb) if not (edge and r.right <= edge)]
    entries, others = build_entries(amounts, paragraphs, pieces, ratings, typical)
    entries = [e for e in entries if not _is_chrome(e, height, width)]
    mask = picture_mask(rgb, pieces_of(lines))
    entries += captioned(mask, entries, paragraphs, typical)
    add_drawn_ratings(entries, rgb)
    pictures = locate_pictures(mask, entries, width, height)
    entries, pictures = _with_evidence(entries, pictures)
    entries, pictures = _in_reading_order(entries, pictures, typical)
    titles = {e.title.text for e in entries if e.title is not None}
    priced = sum(e.price is not None for e in entries)
    main = _main_entry(entries, pictures, typical)
    kind = page.kind_of_page(pieces, len(entries), priced, main is not None, width)
    named = [*page_brands(pieces), *session_brands]
    choices = page.find_choices(pieces)
    crumbs = page.find_breadcrumbs([p for p in pieces if not _in_titles(p, entries)], height)
    facts = PageFacts(
        rgb=rgb,
        ground=page_ground(rgb),
        pieces=pieces,
        currency=currency,
        named=named,
        known=known_brands,
        choices=choices,
        context=[*crumbs, query or ""],
        labels=maker_lines(entries, pieces, [*named, *known_brands]),
    )
    in_cart = kind in ("cart", "checkout")
    products = [
        make_product(
            entry,
            picture,
            facts,
            opened=kind == "detail" and entry is main,
            basket=in_cart and _in_basket(entry, entries, pieces, width),
            only=len(entries) == 1,
        )
        for entry, picture in zip(entries, pictures, strict=True)
    ]
    return FrameReading(
        digest=digest,
        kind=kind,
        products=tuple(products),
        currency=currency,
        search_query=query,
        active_filters=tuple(
            [f"{name}: {value}" for name, value, _ in choices if kind == "detail"] + list(chips)
        ),
        breadcrumbs=crumbs,
        headings=page.find_headings(pieces, typical, titles),
        promotions=find_promotions(pieces, width),
        specifications=find_facts(
            [p.title for p in products if p.opened or p.in_basket],
            _of_main(main, pieces)
            if kind == "detail"
            else _under_titles(
                [e for e, p in zip(entries, products, strict=True) if p.in_basket], pieces
            ),
        ),
        other_amounts=tuple(sorted({o.value for o in others})),
        suspicious_text=tuple(suspicious),
    )


def _in_reading_order(
    entries: Sequence[Entry], pictures: Sequence[Region | None], typical: float
) -> tuple[list[Entry], list[Region | None]]:
    """Rows from top to bottom, each from left to right."""
    rows: list[list[tuple[Entry, Region | None]]] = []
    for pair in sorted(zip(entries, pictures, strict=True), key=lambda p: p[0].top):
        if rows and pair[0].top - rows[-1][0][0].top < 3 * typical:
            rows[-1].append(pair)
        else:
            rows.append([pair])
    ordered = [pair for row in rows for pair in sorted(row, key=lambda p: p[0].left)]
    return [e for e, _ in ordered], [p for _, p in ordered]


def _in_titles(piece: Piece, entries: Sequence[Entry]) -> bool:
    return any(e.title is not None and piece in e.title.pieces for e in entries)


def _without_amounts(pieces: Sequence[Piece], amounts: Sequence[Seen]) -> list[Piece]:
    """Pieces that are more than an amount; they can be titles."""
    spans: dict[int, int] = {}
    for a in amounts:
        if a.shaped:
            spans[a.piece] = spans.get(a.piece, 0) + a.end - a.start
    kept = []
    for i, p in enumerate(pieces):
        letters = sum(c.isalpha() for c in p.text)
        if (i in spans and letters < 12) or is_star_line(p.text):
            continue
        kept.append(p)
    return kept


def _is_browser(paragraph: Paragraph, height: int) -> bool:
    """Browser tabs, the address line and the desktop's bar are not part of the page."""
    text = paragraph.text
    return bool(
        (
            paragraph.top < 0.12 * height
            and re.search(r"\.(com|in|de|uk|org|net|io|app|dev|br|fr)(/|$)|localhost|https?:", text)
        )
        or re.search(r"^\d{1,2}:\d{2}(\s?[AP]M)?$|^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}$", text)
    )


def _is_chrome(entry: Entry, height: int, width: int) -> bool:
    """An "entry" in the page's head is the basket or a banner."""
    return entry.bottom < min(0.09 * height, 90.0) and entry.rating is None


def _with_evidence(
    entries: list[Entry], pictures: list[Region | None]
) -> tuple[list[Entry], list[Region | None]]:
    """Leave out what has no title, unless a picture and a rating, or a neighbour, speak for it."""
    pairs = list(zip(entries, pictures, strict=True))
    untitled = [e for e, p in pairs if e.title is None and p is not None and e.price is not None]

    def stands(entry: Entry, picture: Region | None) -> bool:
        if entry.title is not None:
            return True
        row = [e for e in untitled if e is not entry and abs(e.top - entry.top) < 12]
        return picture is not None and (entry.rating is not None or bool(row))

    kept = [(e, p) for e, p in pairs if stands(e, p)]
    return [e for e, _ in kept], [p for _, p in kept]


def _main_entry(
    entries: Sequence[Entry], pictures: Sequence[Region | None], typical: float
) -> Entry | None:
    """The product that the page is about: by far the largest title type or picture."""
    if not entries:
        return None
    if len(entries) == 1:
        e, p = entries[0], pictures[0]
        big = p is not None and p.area > 60_000
        return e if big or (e.title is not None and e.title.size > 1.25 * typical) else None
    sizes = [e.title.size if e.title is not None else 0.0 for e in entries]
    order = sorted(range(len(entries)), key=lambda i: -sizes[i])
    first, second = order[0], order[1]
    if sizes[first] > 1.3 * max(sizes[second], 0.8 * typical):
        return entries[first]
    areas = [p.area if p is not None else 0.0 for p in pictures]
    widest = max(range(len(entries)), key=areas.__getitem__)
    rest = max((a for i, a in enumerate(areas) if i != widest), default=0.0)
    return entries[widest] if areas[widest] > 90_000 and areas[widest] > 3.0 * rest else None


def _of_main(main: Entry | None, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of a product page below its title: description and choices."""
    if main is None or main.title is None:
        return []
    top, left = main.title.top, main.title.left
    return [p for p in pieces if p.top > top and p.left > left - 40]


def _under_titles(entries: Sequence[Entry], pieces: Sequence[Piece]) -> list[Piece]:
    """The lines below the titles of a basket, which say what variant was chosen."""
    found = []
    for title in (e.title for e in entries if e.title is not None):
        height = title.pieces[-1].height
        found += [
            p for p in pieces
            if 0 <= p.top - title.bottom + 0.5 * height < 5 * height
            and abs(p.left - title.left) < height
        ]  # fmt: skip
    return found


def _in_basket(entry: Entry, entries: Sequence[Entry], pieces: Sequence[Piece], width: int) -> bool:
    """Whether an entry of a basket page lies in the basket: suggestions do not."""
    if entry.price is None:
        return False
    first = min(entries, key=lambda e: (e.top, e.left))
    if entry.left >= first.left + 0.35 * width:
        return False
    return not any(
        p.bottom < entry.top + 8 and p.left < entry.right + 60 and SUGGESTIONS.search(p.text)
        for p in pieces
    )
