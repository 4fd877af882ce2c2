"""What a page says beside its products: search words, breadcrumbs, active filters, its kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from agent.reader.changes import Pixels
from agent.reader.layout import Piece
from agent.reader.lexicon import ADD_TO_CART, BUTTON, CART_WORDS, FILTER_HEADINGS, NOISE
from tools.colors import basic_color
from tools.preferences import PageKind

_RESULTS = re.compile(
    r"(?:results?(?: found)? for|search results? (?:for)?|showing (?:results )?for|results? for|"
    r"resultados (?:encontrados )?(?:para|por|de)|ergebnisse für|suchergebnisse für|"
    r"résultats pour|"
    r"risultati per|resultaten voor|sonuçlar[ıi]?|you searched for|"
    r"search\s*:)\s*:?\s*[\"“”'‘«]?\s*([^\"“”'»]{2,60}?)\s*[\"“”'’»]?\s*(?:\(\d+\))?$",
    re.I,
)
_QUOTED_RESULTS = re.compile(r"results?\b.{0,30}[\"“]([^\"”]{2,60})[\"”]", re.I)
_PLACEHOLDER = re.compile(
    r"^\W*q?\W*(search|find|what are you|what can we|looking for|o que voc|buscar?|busque|"
    r"pesquis|suche|rechercher|"
    r"cerca|ara\b|ürün|zoek|商品名|検索|type|enter|try|hello|e\.g)|^\W*$",
    re.I,
)
_CRUMB = re.compile(r"\s*[>›»→❯]\s*|\s+/\s+|(?<=[a-z])/(?=\s?[A-Z])")
_CHOICE = re.compile(
    r"^\W*(?:select(?:ed)?\s+|choose\s+)?(colou?r|farbe|cor|couleur|colore|renk|kleur|fabric|"
    r"finish|size|größe|"
    r"tamanho|taille|talla|taglia|beden|maat|storage|style|material|capacity|ram|memory)"
    r"(?: name| familie)?\s*(?:[:\-–—=]|\bis\b)\s*(.{1,48})$",
    re.I,
)  # fmt: skip
_COLOR_LABEL = re.compile(
    r"^(colou?r|farbe|cor|couleur|colore|renk|kleur|fabric|finish|style)", re.I
)
_UNCHOSEN = re.compile(
    r"(?i)^(select|choose|none|n[ãa]o selecionado|please|bitte|auswählen|all|any|-|guide|chart)"
)


def find_search_query(
    pieces: Sequence[Piece], rgb: Pixels | None, width: int, height: int
) -> str | None:
    """The words that were searched for: of the results line, else inside the search box."""
    for piece in pieces:
        match = _RESULTS.search(piece.text) or _QUOTED_RESULTS.search(piece.text)
        if match and piece.top < 0.6 * height:
            words = re.sub(r"(?i)\b(in|at|sort).*$", "", match.group(1)).strip(" .:'\"")
            if 2 <= len(words) <= 60 and not re.search(r"(?i)shipping available|products?$", words):
                return words
    if rgb is None:
        return None
    limit = max(130.0, 0.16 * height)
    start = browser_edge(pieces, height)
    for piece in pieces:
        if piece.middle > limit + start or piece.top < start or piece.on_picture:
            continue
        text = re.sub(r"^[QO]\s?(?=[a-z])|^[🔍⌕]\s*", "", piece.text).strip()
        if len(text) < 3 or sum(c.isalpha() for c in text) < 3 or _PLACEHOLDER.match(piece.text):
            continue
        if _PLACEHOLDER.match(text) or BUTTON.match(text) or re.search(r"https?:|localhost", text):
            continue
        if _in_search_box(piece, pieces, rgb):
            return re.sub(r"\s*[×xX✕]$", "", text)
    return None


def browser_edge(pieces: Sequence[Piece], height: int) -> float:
    """Lower edge of a visible browser's address line; 0 where the picture shows the page alone."""
    return max(
        (
            p.bottom
            for p in pieces
            if p.top < 0.12 * height
            and re.match(r"(https?://)?(localhost|[\w-]+(\.[\w-]+)+)(:\d+)?/\S*$", p.text.strip())
        ),
        default=0.0,
    )


def _in_search_box(piece: Piece, pieces: Sequence[Piece], rgb: Pixels) -> bool:
    """Whether the text stands at the left in a long empty box with edges all around it."""
    height, width = rgb.shape[:2]
    y = int(min(height - 2, max(0, piece.top + 1)))
    left, right = int(piece.left), int(min(width - 1, piece.right))
    ground = np.median(rgb[int(piece.top) : int(piece.bottom) + 1, left : right + 1], axis=(0, 1))
    row = np.abs(rgb[y].astype(int) - ground).max(axis=1) > 8
    start, end = left, right
    while start > 0 and not row[start - 1]:
        start -= 1
    while end < width - 1 and not row[end + 1]:
        end += 1
    if start <= 2 or end >= width - 3 or not 150 <= end - start <= 0.8 * width:
        return False
    if end - right < 60 or left - start > max(70.0, 0.2 * (end - start)):
        return False
    if any(
        p is not piece and start < p.center < end and abs(p.middle - piece.middle) < piece.height
        and len(p.text) > 3
        for p in pieces
    ):  # fmt: skip
        return False
    tall = []
    for share in (0.35, 0.6, 0.85):
        x = int(right + share * (end - right))
        column = np.abs(rgb[:, x].astype(int) - ground).max(axis=1) > 8
        up = down = int(piece.middle)
        while up > 0 and not column[up - 1]:
            up -= 1
        while down < height - 1 and not column[down + 1]:
            down += 1
        tall.append((up, down))
    ups, downs = [t[0] for t in tall], [t[1] for t in tall]
    if max(ups) - min(ups) > 4 or max(downs) - min(downs) > 4:
        return False
    high = downs[0] - ups[0]
    return 18 <= high <= 80 and ups[0] <= piece.top + 0.3 * piece.height


def find_breadcrumbs(pieces: Sequence[Piece], height: int) -> tuple[str, ...]:
    """The trail of departments above the content, widest first; empty where there is none."""
    for piece in pieces:
        text = piece.text.strip()
        if piece.top > max(460, 0.45 * height) or not _CRUMB.search(text) or len(text) > 160:
            continue
        if re.search(r"\.\w{2,4}/|https?:|localhost|\d/\d|www\.", text):
            continue
        parts = [p.strip(" .") for p in _CRUMB.split(text) if p.strip(" .")]
        parts = [p for p in parts if not re.match(r"(?i)(sku|home(page)?$|item)\b", p)]
        rooted = bool(re.search(r"(?i)^home(page)?\b", text)) and bool(parts)
        named = all(2 <= len(p) <= 48 and p[0].isupper() for p in parts)
        other = re.search(r"(?i)\b(off|sign in|terms|shop items)\b|\d+%", text)
        if (rooted or len(parts) >= 2) and named and not other:
            return tuple(parts)
    return ()


def find_choices(pieces: Sequence[Piece]) -> tuple[tuple[str, str, Piece], ...]:
    """What was chosen on the page as (name, value, where): "Colour: Deep Green", "Size: M"."""
    found = []
    for piece in pieces:
        match = _CHOICE.match(piece.text.strip())
        if match and not _UNCHOSEN.match(match.group(2).strip()):
            found.append((match.group(1).lower(), match.group(2).strip(), piece))
    return tuple(found)


def is_color_choice(name: str, value: str) -> bool:
    """Whether a choice names a colour."""
    return bool(_COLOR_LABEL.match(name)) and basic_color(value) is not None


_CHIP = re.compile(
    r"^(?:[×✕✖]\s*)?([\w&'’.\- :₹$€£–]{2,32}?)\s*[×✕✖]$|^[×✕✖]\s*([\w&'’.\- :]{2,32})$"
)


def is_chip(text: str) -> bool:
    """Whether a piece is a removable filter ("£18–£144 ×")."""
    return bool(_CHIP.match(text.strip()))


def find_filter_chips(pieces: Sequence[Piece], height: int) -> tuple[str, ...]:
    """Filters in force that are shown as removable chips ("Brand: Nike ×")."""
    found = []
    for piece in pieces:
        match = _CHIP.match(piece.text.strip())
        if match and 60 < piece.top < 0.5 * height:
            text = (match.group(1) or match.group(2)).strip()
            if not BUTTON.match(text) and not re.search(r"\d{2}:\d{2}|\.com|clear", text, re.I):
                found.append(text)
    return tuple(dict.fromkeys(found))


def panel_edge(pieces: Sequence[Piece], width: int) -> float:
    """Right edge of the filter column at the left of a listing; 0 where there is none."""
    if width < 600:
        # A phone has no room for a column of filters beside a listing.
        return 0.0
    headings = [
        p
        for p in pieces
        if FILTER_HEADINGS.match(p.text)
        and not p.text.rstrip().endswith(")")
        and p.left < 0.18 * width
        and p.right < 0.34 * width
        and p.top > 60
    ]
    if len(headings) < 2 and not any(
        re.match(r"(?i)\W*(categories|category|department|カテゴリ検索|brands?)\W*$", p.text)
        for p in headings
    ):
        return 0.0
    left = min(p.left for p in headings)
    column = [
        p for p in pieces
        if left - 12 <= p.left <= left + 0.06 * width and p.top > min(h.top for h in headings) - 4
        and p.right < 0.34 * width
    ]  # fmt: skip
    if len(column) < 4:
        return 0.0
    edge = max(p.right for p in column)
    # The counts behind the filters stand in a column of their own.
    counts = [
        p.right for p in pieces
        if re.fullmatch(r"\(?\d{1,5}\)?", p.text.strip()) and edge - 20 < p.left < edge + 170
        and any(abs(p.middle - q.middle) < 0.5 * q.height for q in column)
    ]  # fmt: skip
    return max([edge, *counts]) if len(counts) >= 3 else edge


def find_headings(pieces: Sequence[Piece], typical: float, titles: set[str]) -> tuple[str, ...]:
    """Headings of the page: lines in large type that are no product's title."""
    found = []
    for p in sorted(pieces, key=lambda p: -p.size):
        text = p.text.strip()
        if p.size < 1.35 * typical or len(text) > 60 or sum(c.isalpha() for c in text) < 3:
            continue
        if (
            text in titles
            or BUTTON.match(text)
            or (NOISE.search(text) and not re.search(r"(?i)seller|featured", text))
        ):
            continue
        if re.search(r"[$€£₹]\s?\d|\d[.,]\d{2}|%", text):
            continue
        found.append(text)
    return tuple(dict.fromkeys(found))[:6]


def kind_of_page(
    pieces: Sequence[Piece], products: int, priced: int, large_title: bool, width: int
) -> PageKind:
    """Whether the page lists products, shows one, is a basket, a checkout or none of these."""
    texts = [p.text.strip() for p in pieces]
    cart = [t for t in texts if CART_WORDS.search(t)]
    heading = [
        p for p in pieces
        if re.match(
            r"(?i)^\W*(your |my |the )?(shopping )?(cart|bag|basket|trolley)\W*(\(.*\))?$|"
            r"^meu carrinho$|"
            r"^your shopping (cart|bag|basket)$|\d+ items? in your (cart|bag|basket)|"
            r"^(mon panier|warenkorb|sepetim|mi carrito|carrello)$|カート$",
            p.text.strip(),
        ) and p.left < 0.6 * width and p.size > 14 and (p.top > 55 or p.size > 20)
    ]  # fmt: skip
    checkout = any(
        re.search(
            r"(?i)^\W*(checkout|payment|billing (details|address)|shipping address|"
            r"place your order)\W*$",
            t,
        )
        for t in texts
    )
    removes = sum(
        bool(
            re.match(
                r"(?i)^\W*(remove|delete|save for later|qty\b.*|quantity\s*:?.*:?|"
                r"quantidade:?|entfernen|excluir)\W*\d*\W*$",
                t,
            )
        )
        for t in texts
    )
    totals = any(
        re.search(
            r"(?i)\b(sub-?total|grand total|order total|total amount|valor total|gesamtsumme|"
            r"price details|items? total)",
            t,
        )
        for t in texts
    )
    if heading or (len(set(cart)) >= 2 and (totals or removes >= 2)) or (totals and removes >= 1):
        return "checkout" if checkout and not heading and removes == 0 else "cart"
    if checkout and totals:
        return "checkout"
    adds = sum(bool(ADD_TO_CART.search(t)) for t in texts)
    if not products:
        return "other"
    results = any(
        re.search(r"(?i)\bresults? (for|found)\b|^\W*[\d,. -]+ of .{0,12}\d results|\bsort by\b", t)
        for t in texts
    )
    if results and products >= 2:
        return "listing"
    if large_title and (priced <= 2 or adds in (1, 2)):
        return "detail"
    return "listing" if products >= 2 else ("detail" if adds == 1 or large_title else "listing")
