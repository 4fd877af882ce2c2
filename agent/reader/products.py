"""An entry of the page made into a SeenProduct: title, maker, colour, chosen variant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.reader import page
from agent.reader.brands import brand_of, fold, known_maker, named_in
from agent.reader.cards import Entry
from agent.reader.categories import categories_in, category_of_title, department_of
from agent.reader.changes import Pixels
from agent.reader.color_words import chosen_color, color_word
from agent.reader.colors import color_of_picture
from agent.reader.layout import BOLDER, Paragraph, Piece, stroke_width
from agent.reader.lexicon import BUTTON, NOISE
from agent.reader.pictures import Region
from tools.colors import basic_color
from tools.preferences import Box, SeenProduct

_WORN = frozenset({"clothing"})
"""Pictures of shoes and bags seldom show people, and tan leather has the colour of skin."""


@dataclass(frozen=True)
class PageFacts:
    """What a page says beside an entry that helps to describe it."""

    rgb: Pixels
    ground: tuple[int, int, int]
    """The colour of the page around its cards."""
    pieces: Sequence[Piece]
    currency: str | None
    named: Sequence[str]
    """Brands that the page or the session names."""
    known: Sequence[str]
    """Brands of the catalogue."""
    choices: Sequence[tuple[str, str, Piece]]
    """What was chosen on the page: (name, value, where)."""
    context: Sequence[str]
    """Trail of departments and search words, which tell a category where no title does."""
    labels: Mapping[int, str]
    """id of an entry -> the maker printed on a line of its own above its title."""


def make_product(
    entry: Entry,
    picture: Region | None,
    facts: PageFacts,
    *,
    opened: bool,
    basket: bool,
    only: bool,
) -> SeenProduct:
    """The product that an entry shows.

    Args:
        entry: title, prices and rating.
        picture: where its picture stands.
        facts: the page around it.
        opened: it is the page's own product.
        basket: it lies in the basket.
        only: it is the page's only entry, so every choice on the page is about it.
    """
    height, width = facts.rgb.shape[:2]
    title, by = clean_title(entry.title) if entry.title is not None else ("", None)
    brand = by or _named_beside(entry, facts.pieces, facts.named) or facts.labels.get(id(entry))
    if brand is None and entry.title is not None:
        brand = bold_start(entry.title.pieces[0], facts.rgb)
    brand = brand or (brand_of(title, facts.named, facts.known) if title else None)
    near = [
        (name, value) for name, value, where in facts.choices
        if opened or only or (
            entry.top - 12 < where.middle < entry.bottom + 160
            and abs(where.left - entry.left) < 0.25 * width
        )
    ]  # fmt: skip
    category = category_of_title(title) if title else None
    if category is None:
        said = [c for text in facts.context if text and (c := category_of_title(text))]
        category = said[0] if said else None
    price, old, rating = entry.price, entry.old, entry.rating
    return SeenProduct(
        title=title,
        price=price.value if price is not None else None,
        list_price=old.value if old is not None and price is not None else None,
        currency=facts.currency if price is not None else None,
        brand=brand,
        color=_color(title, category, picture, facts, near),
        category=category,
        sizes=tuple(v for n, v in near if re.match(r"size|größe|tamanho|taille|talla|beden", n)),
        rating=min(5.0, rating.value) if rating is not None and rating.value is not None else None,
        reviews=rating.reviews if rating is not None else None,
        opened=opened,
        in_basket=basket,
        clipped=_is_cut(entry, width, height),
        box=_box(entry, picture, width, height),
    )


def _is_cut(entry: Entry, width: int, height: int) -> bool:
    """Whether the edge of the picture cuts the entry, or hides what would follow its title."""
    if entry.bottom >= height - 3 or entry.right >= width - 1:
        return True
    line = entry.title.pieces[-1].height if entry.title is not None else 0.0
    return entry.price is None and entry.rating is None and entry.bottom > height - 0.8 * line


def _color(
    title: str,
    category: str | None,
    picture: Region | None,
    facts: PageFacts,
    choices: Sequence[tuple[str, str]],
) -> str | None:
    """The colour by what was chosen, else by the title, else by the picture."""
    chosen = next((chosen_color(v) for n, v in choices if page.is_color_choice(n, v)), None)
    if chosen := chosen or color_word(title):
        return chosen
    if picture is None:
        return None
    rows = slice(int(picture.top), int(picture.bottom))
    crop = facts.rgb[rows, int(picture.left) : int(picture.right)]
    worn = category is not None and department_of(category) in _WORN
    found = color_of_picture(crop, worn=worn, ground=facts.ground)
    return found[0] if found else None


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
    kept: list[str] = []
    brand: str | None = None
    for piece in paragraph.pieces:
        match = re.match(r"^(?:by|von|par)\s+(.{2,30}?)\s*[®™]?$", piece.text.strip())
        if match and kept:
            brand = match.group(1)
            continue
        kept.append(piece.text.strip())
    if brand is None:
        return re.sub(r"\s+", " ", paragraph.text).strip(), None
    return re.sub(r"\s+", " ", " ".join(kept)).strip(), brand


def bold_start(piece: Piece, rgb: Pixels) -> str | None:
    """The words in bold that open a title set in regular type, as some shops print the maker."""
    words = list(re.finditer(r"\S+", piece.text))
    if len(words) < 3:
        return None
    strokes = []
    for word in words:
        left, right = piece.span(word.start(), word.end())
        strokes.append(stroke_width(rgb, left, piece.top, right, piece.bottom))
    for count in range(1, min(3, len(words) - 1)):
        bold, rest = strokes[:count], strokes[count:]
        usual = sorted(rest)[len(rest) // 2]
        if min(bold) > 1.15 * max(rest) and min(bold) > 1.22 * usual > 0:
            name = " ".join(w.group() for w in words[:count])
            plain = not (categories_in(name) or basic_color(name) or re.search(r"[\d%:]", name))
            return name if plain and len(name) > 1 else None
    return None


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


def maker_lines(
    entries: Sequence[Entry], pieces: Sequence[Piece], named: Sequence[str]
) -> dict[int, str]:
    """The maker that stands on a line of its own above the title, as fashion shops print it.

    A bold or dark line counts for itself; a pale one only where several entries of the page have
    such lines and the lines differ (else it is the name of a department or a badge).

    Returns:
        id of the entry -> maker.
    """
    strong: dict[int, str] = {}
    weak: dict[int, str] = {}
    for entry in entries:
        for p in _lines_above(entry, pieces):
            text = p.text.strip()
            first = entry.title.pieces[0] if entry.title is not None else p
            if known_maker(text) or fold(text) in {fold(n) for n in named}:
                strong[id(entry)] = text
            elif entry.price is not None and _stands_out(p, first):
                strong.setdefault(id(entry), text)
            elif entry.price is not None:
                weak.setdefault(id(entry), text)
    distinct = len({fold(t) for t in weak.values()})
    if len(weak) >= 2 and distinct >= 0.6 * len(weak) and not strong:
        return weak
    return strong


def _lines_above(entry: Entry, pieces: Sequence[Piece]) -> Iterator[Piece]:
    if entry.title is None:
        return
    first = entry.title.pieces[0]
    for p in pieces:
        gap = first.top - p.bottom
        if not -0.3 * first.height <= gap <= 0.8 * first.height or p.middle > first.top:
            continue
        centred = abs(p.center - first.center) < 6
        text = p.text.strip()
        if not (abs(p.left - first.left) <= 6 or centred) or p.on_picture or len(text) > 24:
            continue
        plain = not (NOISE.search(text) or BUTTON.match(text) or re.search(r"[\d%$€£₹★|:>/]", text))
        if plain and len(text.split()) <= 3 and not categories_in(text) and text[:1].isupper():
            yield p


def _stands_out(line: Piece, title: Piece) -> bool:
    """Whether a line is darker or bolder than the title under it."""
    if line.ink is None or title.ink is None or line.size > 1.6 * title.size:
        return False
    other = max(abs(a - b) for a, b in zip(line.ink.color, title.ink.color, strict=True)) > 50
    # Strokes grow with the type: above a large title they are compared for their size.
    larger = title.size / line.size if title.size > 1.25 * line.size else 1.0
    bold = line.ink.stroke * larger > BOLDER * title.ink.stroke
    return (other or bold) and line.ink.contrast >= title.ink.contrast - 5
