"""Short facts about a product: memory, measures, materials, chosen variants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.reader.layout import Piece
from agent.reader.lexicon import BUTTON, NOISE
from agent.reader.promotions import is_offer

MOST = 10
LONGEST = 48

_FACT = re.compile(
    r"(?<![\w.,])\d+(?:[.,]\d+)?\s?-?\s?(?:gb|tb|mb|mah|mp|hz|khz|ghz|w|kw|v|kg|g|ml|l|oz|lbs?|"
    r"cm|mm|"
    r"inch(?:es)?|in|ft|\"|″|''|megapixels?|cores?|threads?|bit|bedrooms?|bds?|ba|baths?|sqft|"
    r"sq ft|pieces|"
    r"pcs|pack|sheets|hours?|cups?|seater|doors?|miles|km|pdfs?|years?)(?![\w])|"
    r"\b\d{1,3}\s?%\s?(?:cotton|polyester|wool|silk|leather|baumwolle|algodão|algodón|elastane|"
    r"viscose|linen)|"
    r"\b(?:bluetooth|usb-?c?|wi-?fi|hdmi|ddr|pcie|android|ios|windows)\s?v?\d+(?:\.\d+)?\b|"
    r"\b[45]g\b|\bip[x6]\d?\d?\b|"
    r"\b(?:amoled|oled|anc|noise[- ]cancell?ing|waterproof|water[- ]resistant|stainless steel|"
    r"cotton|polyester|"
    r"leather|velvet|wooden|wood grain|digital download|instant download|upholstered|reversible|"
    r"portable|"
    r"wireless|laceless|organic|vegan|machine washable|solid wood|chipset|charging cable|"
    r"slim fit|"
    r"regular fit|long sleeves?|short sleeves?|high[- ]waist(?:ed)?|knee[- ]length|recycled)\b",
    re.I,
)  # fmt: skip
_SEPARATORS = re.compile(r"\s*[|;•·()\[\]]\s*|,\s+|\s[-–]\s|\.\s+(?=[A-Z])|\s&\s|,(?=[A-Z])")
_NAME = re.compile(
    r"^(material|fabric|style|pattern|occasion|sleeves?|length|fit|neck(line)?|storage|ram|memory|"
    r"screen( size)?|display( size)?|battery|camera|processor|connectivity|resolution|weight|width|"
    r"height|depth|dimensions|capacity|power|finish|frame material|number of .{3,16}|model( name)?|"
    r"operating system|network|year|scent|skin type|item form|country of origin|seats?|"
    r"material(ien)?|maße|gewicht|duft|materiale|tamanho|tecido|malzeme)\s*:?$",
    re.I,
)
_NOT_A_FACT = re.compile(
    r"\b(emi|off|offer|cashback|delivery|return|warranty|ratings?|reviews?)\b", re.I
)


def find_facts(titles: Sequence[str], pieces: Sequence[Piece]) -> tuple[str, ...]:
    """The facts in some titles and, given the pieces of a product's own page, in its description.

    A fact is the phrase between two separators that holds a measure, a material or a feature
    ("120Hz Eye Comfort Display"), cut down to the words around it where the phrase is long.
    """
    found: dict[str, str] = {}
    for name, value in _rows(pieces):
        found.setdefault(re.sub(r"\W", "", f"{name}{value}").casefold(), f"{name}: {value}")
    texts = [*titles, *(p.text for p in pieces if _tells(p))]
    for text in texts:
        for phrase in _SEPARATORS.split(text):
            if not _FACT.search(phrase) or _NOT_A_FACT.search(phrase):
                continue
            value = _around(re.sub(r"\s+", " ", phrase).strip(" .:+"))
            key = re.sub(r"\W", "", value).casefold()
            if value and not any(key in other or other in key for other in found):
                found[key] = value
    return tuple(found.values())[:MOST]


def _rows(pieces: Sequence[Piece]) -> Iterator[tuple[str, str]]:
    """The rows of a table of facts: a known name, and the piece on its right."""
    for label in pieces:
        if not _NAME.match(label.text.strip()):
            continue
        right = [
            p for p in pieces
            if abs(p.middle - label.middle) < 0.5 * label.height
            and 0 < p.left - label.right < 300 and len(p.text) <= LONGEST
        ]  # fmt: skip
        if right:
            yield label.text.strip(" :"), min(right, key=lambda p: p.left).text.strip(" :")


def _tells(piece: Piece) -> bool:
    text = piece.text
    return not (
        piece.on_picture
        or BUTTON.match(text)
        or NOISE.search(text)
        or is_offer(text)
        or re.search(r"[$€£₹]\s?\d", text)
    )


def _around(phrase: str) -> str:
    """The phrase, or four words on both sides of its fact where it is too long to be one."""
    match = _FACT.search(phrase)
    if match is None:
        return ""
    # A network stands in names of phones; it says nothing about the words around it.
    if re.fullmatch(r"(?i)[45]g", match.group(0)):
        return match.group(0).upper()
    if len(phrase) <= LONGEST:
        return phrase
    before = phrase[: match.start()].split()[-2:]
    after = phrase[match.end() :].split()[:3]
    return " ".join([*before, match.group(0), *after])
