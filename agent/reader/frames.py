"""One frame's text and pixels put together into a FrameReading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agent.reader import page
from agent.reader.brands import brand_of, fold, named_in, page_brands
from agent.reader.cards import Entry, add_drawn_ratings, build_entries
from agent.reader.categories import categories_in, category_of_title, department_of
from agent.reader.colors import color_of_picture
from agent.reader.currency import page_currency
from agent.reader.facts import find_facts
from agent.reader.layout import Paragraph, Piece, paragraphs_of, pieces_of
from agent.reader.lexicon import NOISE, OTHER_BEFORE, is_suspicious
from agent.reader.ocr import Line, Pixels
from agent.reader.pictures import Region, captioned, locate_pictures, picture_mask
from agent.reader.prices import Seen, find_amounts
from agent.reader.promotions import find_promotions
from agent.reader.ratings import find_ratings
from tools.colors import basic_color, find_colors
from tools.preferences import Box, FrameReading, SeenProduct

_WORN = frozenset({"clothing", "shoes", "accessories"})


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
    amounts = [_in_context(a, pieces, edge, width, height) for a in find_amounts(pieces, rgb)]
    currency = page_currency([a.sign for a in amounts if a.sign], texts)
    paragraphs = [
        p
        for p in paragraphs_of(_without_amounts(pieces, amounts))
        if not (edge and p.right <= edge + 6) and not _is_browser(p, height)
    ]
    ratings = [r for r in find_ratings(pieces, rgb) if not (edge and r.right <= edge)]
    entries, others = build_entries(amounts, paragraphs, pieces, ratings, typical)
    entries = [e for e in entries if not _is_chrome(e, height, width)]
    mask = picture_mask(rgb, pieces)
    entries += captioned(mask, entries, paragraphs, typical)
    add_drawn_ratings(entries, rgb)
    pictures = locate_pictures(mask, entries, width, height)
    entries, pictures = _with_evidence(entries, pictures)
    titles = {e.title.text for e in entries if e.title is not None}
    priced = sum(e.price is not None for e in entries)
    main = _main_entry(entries, pictures, typical)
    kind = page.kind_of_page(pieces, len(entries), priced, main is not None, width)
    named = [*page_brands(pieces), *session_brands]
    choices = page.find_choices(pieces)
    query = page.find_search_query(pieces, rgb, width, height)
    crumbs = page.find_breadcrumbs(pieces, height)
    products = []
    for index, (entry, picture) in enumerate(zip(entries, pictures, strict=True)):
        opened = kind == "detail" and entry is main
        products.append(
            _product(
                entry,
                picture,
                rgb,
                pieces,
                currency,
                named,
                known_brands,
                choices,
                opened=opened,
                basket=kind in ("cart", "checkout") and _in_basket(entry, entries, width),
                only=len(entries) == 1,
                context=[*crumbs, query or ""],
                index=index,
            )  # fmt: skip
        )
    return FrameReading(
        digest=digest,
        kind=kind,
        products=tuple(products),
        currency=currency,
        search_query=query,
        active_filters=tuple(
            [f"{name}: {value}" for name, value, _ in choices if kind == "detail"]
            + list(page.find_filter_chips(pieces, height))
        ),
        breadcrumbs=crumbs,
        headings=page.find_headings(pieces, typical, titles),
        promotions=find_promotions(pieces, width),
        specifications=find_facts(
            [p.title for p in products if p.opened or p.in_basket],
            _of_main(main, pieces) if kind == "detail" else (),
        ),
        other_amounts=tuple(sorted({o.value for o in others})),
        suspicious_text=tuple(suspicious),
    )


def _in_context(seen: Seen, pieces: Sequence[Piece], edge: float, width: int, height: int) -> Seen:
    """The role an amount gets from what stands around it: filter column, page head, row label."""
    if seen.role == "other":
        return seen
    piece = pieces[seen.piece]
    if edge and seen.right <= edge + 4:
        return replace(seen, role="other", marked=True)
    # The basket in the page's head, with or without its count.
    head = min(0.14 * height, 150)
    if (
        seen.top < head
        and width >= 700
        and seen.size < 24
        and (seen.right > 0.8 * width or (seen.left > 0.6 * width and seen.value == 0))
    ):
        return replace(seen, role="other", marked=True)
    if seen.marked:
        return seen
    label = _row_label(seen, piece, pieces, edge)
    if _under_total(piece, pieces):
        return replace(seen, role="other", marked=True)
    if label and OTHER_BEFORE.search(label.lower()):
        return replace(seen, role="other", marked=True)
    return seen


def _under_total(piece: Piece, pieces: Sequence[Piece]) -> bool:
    """Whether an amount stands in the "Total" column of a table, whose head is above it."""
    for head in pieces:
        if not re.fullmatch(
            r"(?i)\W*((sub-?|line )?total|summe|gesamt|amount|toplam)\W*", head.text
        ):
            continue
        if not 0 < piece.top - head.top < 700 or abs(head.center - piece.center) > 70:
            continue
        if any(
            abs(p.middle - head.middle) < head.height
            and re.fullmatch(
                r"(?i)\W*(unit )?(price|preis|precio|preço|prix|qty|quantity|item|product)s?\W*",
                p.text,
            )
            for p in pieces
        ):
            return True
    return False


def _row_label(seen: Seen, piece: Piece, pieces: Sequence[Piece], edge: float) -> str:
    """The text that labels a lone amount: left of it on its row, or the line it continues."""
    if re.search(r"[^\W\d_]{4,}", piece.text[: seen.start].replace("Included in price", "")):
        return ""
    row = [
        p for p in pieces
        if p is not piece and p.right <= piece.left + 4 and p.right > edge + 4
        and abs(p.middle - piece.middle) < 0.5 * piece.height and piece.left - p.right < 420
    ]  # fmt: skip
    label = ""
    if row:
        nearest = max(row, key=lambda p: p.right)
        # A notice below the price of the card on the left belongs to that card.
        foreign = any(
            abs(q.left - nearest.left) < 2 * nearest.height
            and 0 < nearest.middle - q.middle < 4 * nearest.height
            and re.search(r"\d[.,]?\d{2}", q.text)
            for q in pieces
        )
        if not foreign and not re.search(r"\d[.,]\d{2}", nearest.text):
            label = nearest.text
            first = min(row, key=lambda p: p.left)
            if len(nearest.text) < 14 and piece.left - first.left < 500:
                label = f"{first.text} {label}"
    above = [
        p for p in pieces
        if p is not piece and abs(p.left - piece.left) < 1.6 * piece.height
        and -0.4 * piece.height < piece.top - p.bottom < 0.45 * piece.height
    ]  # fmt: skip
    over = max(above, key=lambda p: p.bottom).text if above else ""
    if re.search(r"(?i)\b(for|of|up to|over|from)$|warranty|protection plan|insurance", over):
        return f"{label} {over} over"
    return label if len(label) < 90 else ""


def _without_amounts(pieces: Sequence[Piece], amounts: Sequence[Seen]) -> list[Piece]:
    """Pieces that are more than an amount; they can be titles."""
    spans: dict[int, int] = {}
    for a in amounts:
        if a.shaped:
            spans[a.piece] = spans.get(a.piece, 0) + a.end - a.start
    kept = []
    for i, p in enumerate(pieces):
        letters = sum(c.isalpha() for c in p.text)
        if i in spans and letters < 12:
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
    return entry.bottom < 0.09 * height and entry.rating is None


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


def _in_basket(entry: Entry, entries: Sequence[Entry], width: int) -> bool:
    """Suggestions beside or below the basket are not in it."""
    first = min(entries, key=lambda e: (e.top, e.left))
    return entry.left < first.left + 0.35 * width


def _product(
    entry: Entry, picture: Region | None, rgb: Pixels, pieces: Sequence[Piece],
    currency: str | None, named: Sequence[str], known: Sequence[str],
    choices: Sequence[tuple[str, str, Piece]], *, opened: bool, basket: bool, only: bool,
    context: Sequence[str], index: int,
) -> SeenProduct:  # fmt: skip
    height, width = rgb.shape[:2]
    title, by = clean_title(entry.title) if entry.title is not None else ("", None)
    label = _brand_line(entry, pieces)
    brand = by or _named_beside(entry, pieces, named) or label
    brand = brand or (brand_of(title, named, known) if title else None)
    near = [
        (name, value) for name, value, where in choices
        if opened or only or (entry.top - 12 < where.middle < entry.bottom + 160
            and abs(where.left - entry.left) < 0.25 * width)
    ]  # fmt: skip
    category = category_of_title(title) if title else None
    if category is None:
        said = [c for text in context if text and (c := category_of_title(text))]
        category = said[0] if said else None
    color = next((basic_color(v) for n, v in near if page.is_color_choice(n, v)), None)
    color = color or color_word(title)
    if color is None and picture is not None:
        crop = rgb[int(picture.top) : int(picture.bottom), int(picture.left) : int(picture.right)]
        worn = category is not None and department_of(category) in _WORN
        found = color_of_picture(crop, worn=worn)
        color = found[0] if found else None
    price, old = entry.price, entry.old
    rating = entry.rating
    parts = [entry.top, entry.bottom]
    clipped = entry.bottom >= height - 3 or entry.right >= width - 1
    if picture is not None and picture.top <= 1 and parts[0] > picture.bottom:
        clipped = clipped or False
    return SeenProduct(
        title=title,
        price=price.value if price is not None else None,
        list_price=old.value if old is not None and price is not None else None,
        currency=currency if price is not None else None,
        brand=brand,
        color=color,
        category=category,
        sizes=tuple(v for n, v in near if re.match(r"size|größe|tamanho|taille|talla|beden", n)),
        rating=min(5.0, rating.value) if rating is not None and rating.value is not None else None,
        reviews=rating.reviews if rating is not None else None,
        opened=opened,
        in_basket=basket,
        clipped=clipped,
        box=_box(entry, picture, width, height),
    )


def _box(entry: Entry, picture: Region | None, width: int, height: int) -> Box:
    left, top, right, bottom = entry.left, entry.top, entry.right, entry.bottom
    if picture is not None:
        left, top = min(left, picture.left), min(top, picture.top)
        right, bottom = max(right, picture.right), max(bottom, picture.bottom)
    return Box(
        left=max(0, int(left)), top=max(0, int(top)), right=min(width, int(right)),
        bottom=min(height, int(bottom)),
    )  # fmt: skip


def clean_title(paragraph: Paragraph) -> tuple[str, str | None]:
    """The title without a "by X" line, and X."""
    kept, brand = [], None
    for piece in paragraph.pieces:
        match = re.match(r"^(?:by|von|par)\s+(.{2,30}?)\s*[®™]?$", piece.text.strip())
        if match and kept:
            brand = match.group(1)
            continue
        kept.append(piece.text.strip())
    if brand is None:
        return re.sub(r"\s+", " ", paragraph.text).strip(), None
    return re.sub(r"\s+", " ", " ".join(kept)).strip(), brand


def color_word(title: str) -> str | None:
    """The colour that a title names: a plain term, or a shade in brackets or after a dash.

    Words that are also brands or materials ("natural", "stone", "Orange") count only where a
    variant is named: in brackets, after a dash or comma, or beside a second colour word.
    """
    loose = {
        "natural", "stone", "sand", "rose", "gold", "golden", "silver", "titanium", "steel", "copper",
        "ocean", "forest", "sky", "snow", "pearl", "honey", "lemon", "cherry", "peach", "apricot",
        "mint", "lime", "olive", "coffee", "chocolate", "oak", "walnut", "teak", "mahogany", "bronze",
        "linen", "cream", "denim", "brick", "wine", "plum", "salmon", "coral", "rust", "slate", "jade",
        "ruby", "sapphire", "emerald", "canary", "hunter", "moss", "sage", "ash", "chalk", "jet",
        "onyx", "raven", "hazel", "orchid", "eggplant", "raspberry", "mocha", "espresso", "caramel",
        "rainbow", "multi", "orange", "steel", "rouge", "blush", "platinum", "graphite", "midnight",
        "rosa", "lila", "heather", "amber", "saffron", "tan", "starlight", "champagne", "ebony",
        "brass", "camel", "mustard", "cinza", "rot", "oatmeal", "pistachio", "colorful", "assorted",
    }  # fmt: skip
    variant = " ".join(
        part
        for pair in re.findall(r"[(\[]([^)\]]*)[)\]]|\s[-–|,]\s?([^-–|(]+)$", title)
        for part in pair
    )
    for _, term in reversed(list(find_colors(variant))):
        return term
    terms = [(w, t) for w, t in find_colors(title) if w.casefold() not in loose]
    if not terms:
        tail = re.search(r",\s*([A-Za-z ]{3,24})$", title)
        return basic_color(tail.group(1)) if tail else None
    return terms[-1][1] if len({t for _, t in terms}) == 1 else terms[0][1]


def _named_beside(entry: Entry, pieces: Sequence[Piece], named: Sequence[str]) -> str | None:
    """A maker named right under the title ("See more by X"), or alone on a line next to it."""
    if entry.title is None:
        return None
    first, last = entry.title.pieces[0], entry.title.pieces[-1]
    names = {fold(n): n for n in named}
    for p in pieces:
        below = -0.3 * last.height < p.top - last.bottom < 2.2 * last.height
        above = -0.3 * first.height < first.top - p.bottom < 4 * first.height
        if abs(p.left - first.left) > 4 * first.height:
            continue
        if below and abs(p.left - first.left) < 12 and (maker := named_in(p.text)):
            return maker
        if (below or above) and fold(p.text) in names:
            return names[fold(p.text)]
    return None


def _brand_line(entry: Entry, pieces: Sequence[Piece]) -> str | None:
    """A short line in another style right above (or as first line of) the title, as fashion shops do."""
    if entry.title is None or entry.price is None:
        return None
    first = entry.title.pieces[0]
    for p in pieces:
        gap = first.top - p.bottom
        if not (-0.2 * first.height <= gap <= 0.8 * first.height) or abs(p.left - first.left) > 6:
            continue
        if p.text == first.text or len(p.text) > 24 or len(p.text.split()) > 3:
            continue
        if NOISE.search(p.text) or re.search(r"[\d%$€£₹★|:]", p.text) or categories_in(p.text):
            continue
        other_style = (
            p.ink is not None
            and first.ink is not None
            and (
                max(abs(a - b) for a, b in zip(p.ink.color, first.ink.color, strict=True)) > 50
                or p.ink.weight > 1.2 * first.ink.weight
            )
        )
        darker = (
            p.ink is not None and first.ink is not None and p.ink.contrast >= first.ink.contrast - 5
        )
        if other_style and darker and p.text[:1].isupper() and p.size < 1.6 * first.size:
            return p.text.strip()
    return None
